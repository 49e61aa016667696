//! Messages: commands, typed names of services, and what we cannot read.
//!
//! Invariant: each message gets one answer.

use std::sync::Arc;

use teloxide::types::{Me, Message, User};

use crate::bot::ban::Errand;
use crate::bot::command::{self, Command};
use crate::bot::context::{Context, Guest, visitor};
use crate::bot::dialogue;
use crate::bot::error::BotError;
use crate::bot::handler::wallet::Answer;
use crate::bot::handler::{
    account, browse, invite, mailbox, orders, press, rental, support, transfer, trust, wallet,
};
use crate::bot::i18n::Lang;
use crate::bot::keyboard::Screen;
use crate::bot::link::Start;
use crate::bot::views::menu;

async fn guest(
    context: &Context,
    message: &Message,
    errand: Errand<'_>,
) -> Result<Option<Guest>, BotError> {
    match &message.from {
        Some(from) => Ok(Some(context.enter(from, errand).await?)),
        None => Ok(None),
    }
}

fn reply(context: &Context, guest: &Guest, screen: Screen) {
    drop(context.sender.reply(guest.chat(), screen));
}

/// Before anything else of somebody is known: through whose link they come.
async fn note_invitation(
    context: &Context,
    from: &User,
    command: &Command,
) -> Result<(), BotError> {
    if let Command::Start(payload) = command
        && let Some(Start::Invite(code)) = Start::decode(payload.trim())
    {
        context.shop.enter_invited(&visitor(from), &code).await?;
    }
    Ok(())
}

/// A user's command.
pub(crate) async fn on_command(
    context: Arc<Context>,
    message: Message,
    command: Command,
) -> Result<(), BotError> {
    let Some(from) = &message.from else {
        return Ok(());
    };
    note_invitation(&context, from, &command).await?;
    let guest = context.enter(from, Errand::Command(&command)).await?;
    let (shop, look) = (&context.shop, &guest.look);
    let screen = match command {
        Command::Start(payload) => {
            list_commands(&context, &guest);
            match Start::decode(payload.trim()) {
                Some(Start::Service(service)) => {
                    browse::places(&context, &guest, service, 0).await?
                }
                Some(Start::Shop) => browse::begin(&context, &guest).await?,
                Some(Start::Voucher(code)) => {
                    let text = code.as_str();
                    wallet::redeem(&context, &guest, text, message.id.0).await?;
                    return Ok(());
                }
                Some(Start::Stars) => wallet::stars_offers(&context, &guest).await?,
                Some(Start::Invite(_)) | None => {
                    menu::greeting(look, &guest.user.first_name, &shop.front())
                }
            }
        }
        Command::Buy(name) if !name.trim().is_empty() => {
            browse::search(&context, &guest, &name).await?
        }
        Command::Buy(_) => browse::begin(&context, &guest).await?,
        Command::Email(text) => mailbox::begin(&context, &guest, &text).await?,
        Command::Rent(text) => rental::begin(&context, &guest, &text).await?,
        Command::Orders(_) => orders::list(&context, &guest, 0).await?,
        Command::Invite(_) => invite::show(&context, &guest).await?,
        Command::Wallet(_) => wallet::wallet(&context, &guest).await?,
        Command::Voucher(text) if text.trim().is_empty() => {
            wallet::ask_voucher(&context, &guest).await?
        }
        Command::Voucher(text) => {
            wallet::redeem(&context, &guest, &text, message.id.0).await?;
            return Ok(());
        }
        Command::Paysupport(text) => wallet::pay_support(&context, &guest, text.trim()).await?,
        Command::Support(text) => support::begin(&context, &guest, &text).await?,
        Command::Mydata(_) => account::my_data(&context, &guest).await?,
        Command::Deleteme(_) => account::farewell(&context, &guest).await?,
        Command::Terms(_) => trust::terms(&context, &guest, None).await?,
        Command::Privacy(_) => trust::privacy(&context, &guest),
        Command::Language(_) => press::settings(&context, &guest).await?,
        Command::Help(_) => menu::help(look),
        Command::Cancel(_) => {
            dialogue::forget(shop, guest.chat()).await?;
            menu::cancelled(look)
        }
    };
    reply(&context, &guest, screen);
    Ok(())
}

/// A list can be set only once its owner wrote to the bot: at the latest it is now.
fn list_commands(context: &Context, guest: &Guest) {
    if let Some(role) = context.shop.role(guest.user.id) {
        command::list_for(context, guest.user.id, Some(role));
    }
}

/// A command that we do not have; for users, those of admins too.
pub(crate) async fn on_unknown_command(
    context: Arc<Context>,
    message: Message,
) -> Result<(), BotError> {
    if let Some(guest) = guest(&context, &message, Errand::Other).await? {
        reply(&context, &guest, menu::unknown_command(&guest.look));
    }
    Ok(())
}

/// A command in the words of somebody else: whoever passes it on may not know what it does.
pub(crate) async fn on_passed_on_command(
    context: Arc<Context>,
    message: Message,
) -> Result<(), BotError> {
    if let Some(guest) = guest(&context, &message, Errand::Other).await? {
        reply(&context, &guest, menu::passed_on_command(&guest.look));
    }
    Ok(())
}

/// A typed name of a service, or the answer to a question.
pub(crate) async fn on_text(context: Arc<Context>, message: Message) -> Result<(), BotError> {
    if let (Some(guest), Some(text)) = (
        guest(&context, &message, Errand::Words).await?,
        message.text(),
    ) {
        if let Some(screen) = support::on_message(&context, &guest, &message).await? {
            reply(&context, &guest, screen);
            return Ok(());
        }
        let screen = match wallet::answer(&context, &guest, text, message.id.0).await? {
            Answer::Screen(screen) => screen,
            Answer::Done => return Ok(()),
            Answer::None => browse::search(&context, &guest, text).await?,
        };
        reply(&context, &guest, screen);
    }
    Ok(())
}

/// The proof of a payment, or a sticker, a photo, a voice message.
pub(crate) async fn on_other(context: Arc<Context>, message: Message) -> Result<(), BotError> {
    if let Some(guest) = guest(&context, &message, Errand::Words).await? {
        let mut screen = support::on_message(&context, &guest, &message).await?;
        if screen.is_none() {
            screen = transfer::picture(&context, &guest, &message).await?;
        }
        let screen = screen.unwrap_or_else(|| menu::only_text(&guest.look));
        reply(&context, &guest, screen);
    }
    Ok(())
}

/// A command in a group: codes do not belong there.
pub(crate) async fn on_group_command(
    context: Arc<Context>,
    message: Message,
    me: Me,
) -> Result<(), BotError> {
    let language = message
        .from
        .as_ref()
        .and_then(|from| from.language_code.as_deref());
    let screen = menu::only_private(Lang::of(language), me.username());
    drop(context.sender.reply(message.chat.id.0, screen));
    Ok(())
}
