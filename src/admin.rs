//! The admins' commands: topping up wallets and setting prices.
//!
//! Invariant: at every command and every press it is asked again what the user may do
//! (`AdminCommand::least_role`, `Callback::least_role`); nothing is booked or set without a
//! Confirm whose key was made when its button was drawn.

pub(crate) mod alert;
mod backup;
pub(crate) mod broadcast;
pub(crate) mod deduct;
pub(crate) mod desk;
pub(crate) mod doubts;
pub(crate) mod prices;
pub(crate) mod providers;
mod recovery;
pub(crate) mod request;
pub(crate) mod shopkeeping;
pub(crate) mod staff;
pub(crate) mod stars;
pub(crate) mod trust;
mod views;
pub(crate) mod voucher;

use std::sync::Arc;

use teloxide::types::Message;
use teloxide::utils::command::BotCommands;

use crate::bot::ban::Errand;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::refusal;
use crate::domain::id::Nonce;
use crate::domain::role::Role;
use crate::shop::ShopError;
use crate::shop::topup::TopUpError;

/// A memo is a remark, not a letter.
const LONGEST_MEMO_UNITS: usize = 200;

/// What admins can send besides what users can.
#[derive(Clone, Debug, PartialEq, Eq, BotCommands)]
#[command(rename_rule = "lowercase")]
pub(crate) enum AdminCommand {
    /// Top up a user's wallet.
    Topup(String),
    /// Show or change prices.
    Prices(String),
    /// Show or change what currencies are worth.
    Rates(String),
    /// Hide, pin and rename services.
    Services(String),
    /// Put a text on the main menu.
    Announce(String),
    /// Close the shop for a while.
    Maintenance(String),
    /// Show or change upstreams.
    Providers(String),
    /// Show and decide what is not settled with the upstreams.
    Doubts(String),
    /// Take money out of a wallet.
    Deduct(String),
    /// Make, list and close vouchers.
    Voucher(String),
    /// Give Stars back.
    Refund(String),
    /// Freeze a user, a service, an upstream or everything.
    Freeze(String),
    /// Lift a freeze.
    Unfreeze(String),
    /// Show or set what a user may do.
    Limits(String),
    /// What the shop earned, sold and served.
    Stats(String),
    /// Show a user.
    User(String),
    /// Show an order.
    Order(String),
    /// Send the books as tables.
    Export(String),
    /// Find the orders that had a number.
    Find(String),
    /// Show or end the recovery after a backup was put back.
    Recovery(String),
    /// Show or change who runs the shop.
    Role(String),
    /// Show what admins did.
    Audit(String),
    /// Send the message that this replies to to many.
    Broadcast(String),
    /// Copy the database.
    Backup(String),
}

impl AdminCommand {
    /// What somebody must be to send it.
    pub(crate) const fn least_role(&self) -> Role {
        match self {
            Self::Refund(_) | Self::Limits(_) | Self::User(_) | Self::Order(_) | Self::Find(_) => {
                Role::Support
            }
            Self::Topup(_)
            | Self::Prices(_)
            | Self::Rates(_)
            | Self::Services(_)
            | Self::Announce(_)
            | Self::Maintenance(_)
            | Self::Providers(_)
            | Self::Doubts(_)
            | Self::Deduct(_)
            | Self::Voucher(_)
            | Self::Recovery(_)
            | Self::Freeze(_)
            | Self::Unfreeze(_)
            | Self::Stats(_)
            | Self::Export(_)
            | Self::Audit(_)
            | Self::Broadcast(_) => Role::Admin,
            Self::Role(_) | Self::Backup(_) => Role::Owner,
        }
    }
}

/// An admin's command.
pub(crate) async fn on_command(
    context: Arc<Context>,
    message: Message,
    command: AdminCommand,
) -> Result<(), BotError> {
    let Some(from) = &message.from else {
        return Ok(());
    };
    let guest = context.enter(from, Errand::Other).await?;
    let Some(role) = context.shop.role(guest.user.id) else {
        return Ok(());
    };
    let screen = match command {
        command if role < command.least_role() => Ok(Screen::plain(html!(
            guest.look.lang,
            "refused-role-too-low"
        ))),
        AdminCommand::Topup(arguments) => topup(&context, &guest, &arguments).await,
        AdminCommand::Prices(arguments) => prices::on_command(&context, &guest, &arguments).await,
        AdminCommand::Rates(arguments) => prices::on_rates(&context, &guest, &arguments).await,
        AdminCommand::Services(arguments) => {
            shopkeeping::on_services(&context, &guest, &arguments).await
        }
        AdminCommand::Announce(arguments) => {
            shopkeeping::on_announce(&context, &guest, &arguments).await
        }
        AdminCommand::Maintenance(arguments) => {
            shopkeeping::on_maintenance(&context, &guest, &arguments).await
        }
        AdminCommand::Providers(arguments) => {
            providers::on_command(&context, &guest, &arguments).await
        }
        AdminCommand::Doubts(arguments) => doubts::on_command(&context, &guest, &arguments).await,
        AdminCommand::Deduct(arguments) => deduct::on_command(&context, &guest, &arguments).await,
        AdminCommand::Voucher(arguments) => voucher::on_command(&context, &guest, &arguments).await,
        AdminCommand::Refund(arguments) => stars::on_command(&context, &guest, &arguments).await,
        AdminCommand::Freeze(arguments) => trust::freeze(&context, &guest, &arguments).await,
        AdminCommand::Unfreeze(arguments) => trust::unfreeze(&context, &guest, &arguments).await,
        AdminCommand::Limits(arguments) => trust::limits(&context, &guest, &arguments).await,
        AdminCommand::Stats(arguments) => {
            desk::stats::on_command(&context, &guest, &arguments).await
        }
        AdminCommand::User(arguments) => desk::user::on_command(&context, &guest, &arguments).await,
        AdminCommand::Order(arguments) => {
            desk::order::on_command(&context, &guest, &arguments).await
        }
        AdminCommand::Export(arguments) => desk::export::on_command(&context, &guest, &arguments),
        AdminCommand::Find(arguments) => desk::find::on_command(&context, &guest, &arguments).await,
        AdminCommand::Recovery(arguments) => {
            recovery::on_command(&context, &guest, &arguments).await
        }
        AdminCommand::Role(arguments) => staff::on_role(&context, &guest, &arguments).await,
        AdminCommand::Audit(arguments) => staff::on_audit(&context, &guest, &arguments).await,
        AdminCommand::Backup(_) => backup::on_command(&context, &guest).await,
        AdminCommand::Broadcast(_) => broadcast::on_command(&context, &guest, &message).await,
    };
    let screen = or_refusal(&guest, screen)?;
    drop(context.sender.reply(guest.chat(), screen));
    Ok(())
}

/// A refusal as a message; our own fault goes on to the guard.
fn or_refusal(guest: &Guest, screen: Result<Screen, ShopError>) -> Result<Screen, BotError> {
    let refused = match screen {
        Ok(screen) => return Ok(screen),
        Err(refused) => refused,
    };
    match refusal::text(&guest.look, &refused) {
        Some(text) => Ok(Screen::plain(text)),
        None => Err(refused.into()),
    }
}

async fn topup(context: &Context, guest: &Guest, arguments: &str) -> Result<Screen, ShopError> {
    let mut words = arguments.trim().splitn(2, char::is_whitespace);
    let target = words.next().unwrap_or_default();
    let mut rest = words
        .next()
        .unwrap_or_default()
        .trim()
        .splitn(2, char::is_whitespace);
    let amount = rest.next().unwrap_or_default();
    if target.is_empty() || amount.is_empty() {
        return Ok(Screen::plain(html!(guest.look.lang, "topup-usage")));
    }
    let memo = rest.next().map(str::trim).filter(|memo| !memo.is_empty());
    let memo = memo.map(|memo| cut(memo, LONGEST_MEMO_UNITS));
    let draft = context
        .shop
        .draft_topup(guest.user.id, target, amount, memo.as_deref())
        .await?;
    Ok(views::topup_draft(&guest.look, &draft))
}

/// Books a top-up, once.
pub(crate) async fn on_top_up(press: &Press, nonce: &Nonce) -> Result<(), BotError> {
    let guest = &press.guest;
    let booked = press.context.shop.book_topup(guest.user.id, nonce).await;
    if booked.as_ref().is_ok_and(|booked| !booked.is_new) {
        press.toast(&plain!(guest.look.lang, "toast-topup-already"));
    }
    press.ack();
    if let Err(ShopError::TopUp(TopUpError::BookedMeanwhile)) = booked {
        let again = press
            .context
            .shop
            .draft_topup_again(guest.user.id, nonce)
            .await;
        let screen = again.map(|draft| views::topup_draft(&guest.look, &draft));
        press.show(or_refusal(guest, screen)?);
        return Ok(());
    }
    let screen = booked.map(|booked| views::topup_booked(&guest.look, &booked));
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

/// Forgets a draft: its key is simply never used.
#[expect(clippy::unnecessary_wraps, reason = "as every other press")]
pub(crate) fn on_discard(press: &Press) -> Result<(), BotError> {
    let lang = press.guest.look.lang;
    press.toast(&plain!(lang, "admin-discarded"));
    press.show(Screen::plain(html!(lang, "admin-discarded")));
    Ok(())
}
