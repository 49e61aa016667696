//! The commands of users, and the lists of commands that Telegram shows.
//!
//! Invariant: admin commands are listed in the admins' own chats only.

use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};
use teloxide::utils::command::BotCommands;

use crate::bot::api::{Api, ApiError};
use crate::bot::html::plain;
use crate::bot::i18n::Lang;
use crate::domain::id::UserId;

/// What users can send. What follows the word is ignored: people write `/buy whatsapp`.
#[derive(Clone, Debug, PartialEq, Eq, BotCommands)]
#[command(rename_rule = "lowercase")]
pub(crate) enum Command {
    /// The main menu.
    Start(String),
    /// Buy a number.
    Buy(String),
    /// One's orders.
    Orders(String),
    /// One's wallet.
    Wallet(String),
    /// Choose a language.
    Language(String),
    /// How everything works.
    Help(String),
    /// Stop what one was doing.
    Cancel(String),
}

fn user_commands(lang: &Lang) -> Vec<BotCommand> {
    vec![
        BotCommand::new("buy", plain!(lang, "command-buy")),
        BotCommand::new("orders", plain!(lang, "command-orders")),
        BotCommand::new("wallet", plain!(lang, "command-wallet")),
        BotCommand::new("language", plain!(lang, "command-language")),
        BotCommand::new("help", plain!(lang, "command-help")),
        BotCommand::new("cancel", plain!(lang, "command-cancel")),
        BotCommand::new("start", plain!(lang, "command-start")),
    ]
}

fn admin_commands(lang: &Lang) -> Vec<BotCommand> {
    let mut commands = vec![
        BotCommand::new("topup", plain!(lang, "command-topup")),
        BotCommand::new("prices", plain!(lang, "command-prices")),
    ];
    commands.extend(user_commands(lang));
    commands
}

/// Sets the lists. An admin who never wrote to the bot has no chat yet and is skipped.
pub(crate) async fn set_lists(api: &Api, admins: &[UserId]) -> Result<(), ApiError> {
    for lang in [None].into_iter().chain(Lang::all().iter().map(Some)) {
        let commands = user_commands(lang.unwrap_or(Lang::of(None)));
        let scope = BotCommandScope::AllPrivateChats;
        api.set_commands(commands, scope, lang.map(Lang::tag))
            .await?;
        for admin in admins {
            let commands = admin_commands(lang.unwrap_or(Lang::of(None)));
            let scope = BotCommandScope::Chat {
                chat_id: Recipient::Id(ChatId(admin.0)),
            };
            match api.set_commands(commands, scope, lang.map(Lang::tag)).await {
                Ok(()) => {}
                Err(ApiError::Unreachable | ApiError::Refused(_)) => {
                    log::info!("admin {admin} has not written to the bot yet: no command list");
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::AdminCommand;

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
            for command in admin_commands(lang) {
                let text = format!("/{}", command.command);
                let known =
                    Command::parse(&text, "b").is_ok() || AdminCommand::parse(&text, "b").is_ok();
                assert!(known, "{text}");
                assert!((3..=256).contains(&command.description.chars().count()));
            }
        }
    }
}
