//! The commands of users, and the lists of commands that Telegram shows.
//!
//! Invariant: admin commands are listed in the admins' own chats only.

use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};
use teloxide::utils::command::BotCommands;

use crate::admin::AdminCommand;
use crate::bot::api::{Api, ApiError};
use crate::bot::context::Context;
use crate::bot::html::plain;
use crate::bot::i18n::Lang;
use crate::domain::id::UserId;
use crate::domain::role::Role;

/// What users can send. What follows the word is ignored: people write `/buy whatsapp`.
#[derive(Clone, Debug, PartialEq, Eq, BotCommands)]
#[command(rename_rule = "lowercase")]
pub(crate) enum Command {
    /// The main menu.
    Start(String),
    /// Buy a number.
    Buy(String),
    /// Rent a number.
    Rent(String),
    /// Get a mailbox.
    Email(String),
    /// One's orders.
    Orders(String),
    /// One's wallet.
    Wallet(String),
    /// Invite others.
    Invite(String),
    /// Choose a language.
    Language(String),
    /// How everything works.
    Help(String),
    /// Redeem a voucher.
    Voucher(String),
    /// Trouble with a payment.
    Paysupport(String),
    /// Stop what one was doing.
    Cancel(String),
}

fn user_commands(lang: &Lang) -> Vec<BotCommand> {
    vec![
        BotCommand::new("buy", plain!(lang, "command-buy")),
        BotCommand::new("rent", plain!(lang, "command-rent")),
        BotCommand::new("email", plain!(lang, "command-email")),
        BotCommand::new("orders", plain!(lang, "command-orders")),
        BotCommand::new("wallet", plain!(lang, "command-wallet")),
        BotCommand::new("invite", plain!(lang, "command-invite")),
        BotCommand::new("language", plain!(lang, "command-language")),
        BotCommand::new("voucher", plain!(lang, "command-voucher")),
        BotCommand::new("paysupport", plain!(lang, "command-paysupport")),
        BotCommand::new("help", plain!(lang, "command-help")),
        BotCommand::new("cancel", plain!(lang, "command-cancel")),
        BotCommand::new("start", plain!(lang, "command-start")),
    ]
}

/// The commands of somebody with a role, and then those of everybody.
fn staff_commands(lang: &Lang, role: Role) -> Vec<BotCommand> {
    let all = [
        BotCommand::new("topup", plain!(lang, "command-topup")),
        BotCommand::new("prices", plain!(lang, "command-prices")),
        BotCommand::new("rates", plain!(lang, "command-rates")),
        BotCommand::new("services", plain!(lang, "command-services")),
        BotCommand::new("announce", plain!(lang, "command-announce")),
        BotCommand::new("maintenance", plain!(lang, "command-maintenance")),
        BotCommand::new("providers", plain!(lang, "command-providers")),
        BotCommand::new("doubts", plain!(lang, "command-doubts")),
        BotCommand::new("deduct", plain!(lang, "command-deduct")),
        BotCommand::new("refund", plain!(lang, "command-refund")),
        BotCommand::new("stats", plain!(lang, "command-stats")),
        BotCommand::new("user", plain!(lang, "command-user")),
        BotCommand::new("order", plain!(lang, "command-order")),
        BotCommand::new("export", plain!(lang, "command-export")),
        BotCommand::new("find", plain!(lang, "command-find")),
        BotCommand::new("recovery", plain!(lang, "command-recovery")),
        BotCommand::new("broadcast", plain!(lang, "command-broadcast")),
        BotCommand::new("audit", plain!(lang, "command-audit")),
        BotCommand::new("backup", plain!(lang, "command-backup")),
        BotCommand::new("role", plain!(lang, "command-role")),
    ];
    let may = |command: &BotCommand| {
        AdminCommand::parse(&format!("/{}", command.command), "")
            .is_ok_and(|command| command.least_role() <= role)
    };
    let mut commands: Vec<_> = all.into_iter().filter(may).collect();
    commands.extend(user_commands(lang));
    commands
}

/// The languages that Telegram is told, `None` for everybody else.
fn languages() -> impl Iterator<Item = (&'static Lang, Option<&'static str>)> {
    let named = Lang::all()
        .iter()
        .map(|lang| (lang, lang.tag().split('-').next()));
    [(Lang::of(None), None)].into_iter().chain(named)
}

/// Sets the lists for all users, then for those with a role.
pub(crate) async fn set_lists(api: &Api, staff: &[(UserId, Role)]) -> Result<(), ApiError> {
    for (lang, tag) in languages() {
        let scope = BotCommandScope::AllPrivateChats;
        api.set_commands(user_commands(lang), scope, tag).await?;
    }
    for (user, role) in staff {
        match set_staff_lists(api, *user, *role).await {
            Ok(()) => {}
            Err(ApiError::Unreachable | ApiError::Refused(_)) => {
                log::info!("user {user} has not written to the bot yet: no command list");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sets the lists of somebody with a role; possible once they wrote to the bot.
async fn set_staff_lists(api: &Api, user: UserId, role: Role) -> Result<(), ApiError> {
    for (lang, tag) in languages() {
        api.set_commands(staff_commands(lang, role), scope_of(user), tag)
            .await?;
    }
    Ok(())
}

fn scope_of(user: UserId) -> BotCommandScope {
    BotCommandScope::Chat {
        chat_id: Recipient::Id(ChatId(user.0)),
    }
}

/// Shows somebody the commands of their role, in the background: a comfort that nothing waits for.
pub(crate) fn list_for(context: &Context, user: UserId, role: Option<Role>) {
    let api = context.api.clone();
    tokio::spawn(async move {
        let listed = match role {
            Some(role) => set_staff_lists(&api, user, role).await,
            None => {
                let mut taken = Ok(());
                for (_, tag) in languages() {
                    taken = taken.and(api.delete_commands(scope_of(user), tag).await);
                }
                taken
            }
        };
        if let Err(error) = listed {
            log::info!("user {user} has no command list of their role yet: {error}");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_as_people_type_them() {
        for (text, expected) in [
            ("/start", Some(Command::Start(String::new()))),
            ("/start ref123", Some(Command::Start("ref123".into()))),
            ("/BUY", None),
            ("/buy@numshop_bot", Some(Command::Buy(String::new()))),
            ("/buy@other_bot", None),
            ("/topup 1 2", None),
            ("buy", None),
        ] {
            assert_eq!(Command::parse(text, "numshop_bot").ok(), expected, "{text}");
        }
    }

    #[test]
    fn every_listed_command_exists() {
        for lang in Lang::all() {
            for command in staff_commands(lang, Role::Owner) {
                let text = format!("/{}", command.command);
                let known =
                    Command::parse(&text, "b").is_ok() || AdminCommand::parse(&text, "b").is_ok();
                assert!(known, "{text}");
                assert!((3..=256).contains(&command.description.chars().count()));
            }
        }
    }
}
