//! The tree of handlers.
//!
//! Invariant: only private chats are served, and commands in one's own words only; what matches
//! nothing gets a friendly answer in a private chat and silence elsewhere.

use std::sync::Arc;

use teloxide::dispatching::{HandlerExt, UpdateFilterExt, UpdateHandler};
use teloxide::dptree;
use teloxide::types::{CallbackQuery, InlineQuery, Me, Message, Update};

use crate::admin::{self, AdminCommand};
use crate::bot::command::Command;
use crate::bot::context::{Context, user_id};
use crate::bot::error::BotError;
use crate::bot::guard::guarded;
use crate::bot::handler::{inline, message, payment, press};

/// The whole tree. It needs an `Arc<Context>`.
pub(crate) fn schema() -> UpdateHandler<BotError> {
    let private = dptree::filter(is_from_private_chat)
        .branch(
            dptree::filter(is_command)
                .filter(is_passed_on)
                .endpoint(message::on_passed_on_command),
        )
        .branch(
            dptree::filter(is_from_staff)
                .filter_command::<AdminCommand>()
                .endpoint(admin::on_command),
        )
        .branch(
            dptree::entry()
                .filter_command::<Command>()
                .endpoint(message::on_command),
        )
        .branch(dptree::filter(is_command).endpoint(message::on_unknown_command))
        .branch(dptree::filter(is_text).endpoint(message::on_text))
        .branch(dptree::filter(is_content).endpoint(message::on_other));
    let group = dptree::filter(is_from_member_of_group)
        .filter_command::<Command>()
        .endpoint(message::on_group_command);
    guarded(
        dptree::entry()
            .branch(
                Update::filter_message()
                    .filter(is_not_ours)
                    .branch(
                        dptree::filter(|message: Message| is_paid(&message))
                            .endpoint(payment::on_payment),
                    )
                    .branch(
                        dptree::filter(|message: Message| is_refunded(&message))
                            .endpoint(payment::on_refund),
                    )
                    .branch(private)
                    .branch(group),
            )
            .branch(Update::filter_pre_checkout_query().endpoint(payment::on_pre_checkout))
            .branch(
                Update::filter_inline_query()
                    .filter(is_asked_by_human)
                    .endpoint(inline::on_query),
            )
            .branch(
                Update::filter_callback_query()
                    .filter(is_press_by_human)
                    .endpoint(press::on_press),
            ),
    )
}

/// A private chat has the number of the one who writes in it.
fn is_from_private_chat(message: Message) -> bool {
    let from = message.from.as_ref().filter(|from| !from.is_bot);
    message.chat.is_private()
        && message.sender_chat.is_none()
        && from.and_then(user_id).map(|user| user.0) == Some(message.chat.id.0)
}

fn is_from_staff(message: Message, context: Arc<Context>) -> bool {
    message
        .from
        .as_ref()
        .and_then(user_id)
        .is_some_and(|user| context.shop.role(user).is_some())
}

/// Forwarded, or taken from another bot: nobody wrote that to us.
fn is_passed_on(message: Message) -> bool {
    message.forward_origin().is_some() || message.via_bot.is_some()
}

/// Not a channel, not an anonymous admin, not somebody who writes as a channel.
fn is_from_member_of_group(message: Message) -> bool {
    (message.chat.is_group() || message.chat.is_supergroup())
        && message.sender_chat.is_none()
        && !is_passed_on(message.clone())
        && message.from.as_ref().is_some_and(|from| !from.is_bot)
}

fn is_command(message: Message) -> bool {
    message.text().is_some_and(|text| text.starts_with('/'))
}

fn is_text(message: Message) -> bool {
    message.text().is_some()
}

/// Wherever it was made: who paid gets the money.
pub(crate) fn is_paid(message: &Message) -> bool {
    message.successful_payment().is_some()
}

/// Whether it says that money went back.
pub(crate) fn is_refunded(message: &Message) -> bool {
    matches!(
        message.kind,
        teloxide::types::MessageKind::RefundedPayment(_)
    )
}

/// What a person sent; service messages ("pinned a message") want no answer.
fn is_content(message: Message) -> bool {
    matches!(message.kind, teloxide::types::MessageKind::Common(_))
}

/// What was chosen of our own inline results says nothing new.
fn is_not_ours(message: Message, me: Me) -> bool {
    message.via_bot.is_none_or(|bot| bot.id != me.id)
}

fn is_asked_by_human(query: InlineQuery) -> bool {
    !query.from.is_bot
}

fn is_press_by_human(query: CallbackQuery) -> bool {
    !query.from.is_bot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_needs_the_context_and_nothing_else() {
        dptree::type_check(
            schema().sig(),
            &dptree::di::DependencyMap::new(),
            &[
                dptree::Type::of::<Arc<Context>>(),
                dptree::Type::of::<Update>(),
                dptree::Type::of::<teloxide::types::Me>(),
            ],
        );
    }
}
