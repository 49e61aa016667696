//! Who gets through to the handlers: one person who floods the bot keeps nobody else waiting.
//!
//! Invariant: what carries money and what the staff does is never left out; what is left out is
//! answered once and then met with silence; nothing here survives a restart, and what it remembers
//! is bounded.

mod meter;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::DefaultClock;
use teloxide::types::{Update, UpdateKind, User};

use crate::bot::context::{language_of, user_id};
use crate::bot::html::{html, plain};
use crate::bot::i18n::Lang;
use crate::bot::inbox::Door;
use crate::bot::keyboard::Screen;
use crate::bot::schema::{is_paid, is_refunded};
use crate::bot::sender::Sender;
use crate::domain::id::UserId;
use crate::shop::Shop;

use meter::{Bucket, Meter, Traveller, Verdict, Why};

/// How much of what comes is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateSettings {
    /// So many taps or messages of one person a second, in the long run.
    pub per_second: NonZeroU32,
    /// So many of one person at once.
    pub burst: NonZeroU32,
    /// With so many updates of all people under way, nothing new begins but what carries money.
    pub most_under_way: usize,
}

impl GateSettings {
    /// A person may do so much a second, and ten times as much at once.
    #[must_use]
    pub fn per_second(per_second: NonZeroU32) -> Self {
        Self {
            per_second,
            burst: per_second.saturating_mul(BURST_SECONDS),
            most_under_way: MOST_UNDER_WAY,
        }
    }
}

/// A quiet person may do at once what is allowed in so many seconds.
const BURST_SECONDS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// About two seconds of work on a small machine: who waits longer has tapped again by then.
const MOST_UNDER_WAY: usize = 5_000;

/// The one place that decides what the handlers see.
pub(crate) struct Gate {
    shop: Arc<Shop>,
    sender: Sender,
    meter: Meter<DefaultClock>,
}

impl Gate {
    pub(crate) fn new(shop: Arc<Shop>, sender: Sender, settings: GateSettings) -> Self {
        Self {
            shop,
            sender,
            meter: Meter::new(settings, DefaultClock::default()),
        }
    }

    /// The handler of something that was let in has ended.
    pub(crate) fn done(&self) {
        self.meter.done();
    }

    /// One answer to what was left out: a toast over the button, or a message. Nothing waits for it.
    fn tell(&self, update: &Update, from: &User, why: Why) {
        let (shop, sender, from) = (Arc::clone(&self.shop), self.sender.clone(), from.clone());
        let mut query = None;
        if let UpdateKind::CallbackQuery(pressed) = &update.kind {
            query = Some(pressed.id.0.clone());
        }
        tokio::spawn(async move {
            let lang = language_of(&shop, &from).await;
            match (query, user_id(&from)) {
                (Some(query), _) => sender.answer(&query, Some(&toast(lang, why)), true),
                (None, Some(user)) => drop(sender.reply(user.0, screen(lang, why))),
                (None, None) => {}
            }
        });
    }
}

impl Door for Gate {
    fn lets_in(&self, update: &Update) -> bool {
        let from = update.from();
        let traveller = match from {
            Some(from) => traveller(update, from, |user| self.shop.role(user).is_some()),
            // Nobody in particular: there is no one to hold back.
            None => Traveller::Free,
        };
        match self.meter.judge(traveller) {
            Verdict::Through => true,
            Verdict::Left { why, is_told } => {
                if let Some(from) = from.filter(|_| is_told) {
                    self.tell(update, from, why);
                }
                false
            }
        }
    }
}

/// Whom an update comes from, as far as that matters here.
fn traveller(update: &Update, from: &User, is_staff: impl FnOnce(UserId) -> bool) -> Traveller {
    let Some(user) = user_id(from) else {
        return Traveller::Free;
    };
    if carries_money(update) || (!from.is_bot && is_staff(user)) {
        return Traveller::Free;
    }
    let is_inline = matches!(update.kind, UpdateKind::InlineQuery(_));
    Traveller::Metered {
        who: user,
        // Every letter that somebody types is a query: it must not cost them their taps.
        bucket: if is_inline {
            Bucket::Typing
        } else {
            Bucket::Doing
        },
        // In a group everybody would read it, and a query has no room for it.
        can_be_told: !is_inline && update.chat().is_some_and(|chat| chat.is_private()),
    }
}

fn carries_money(update: &Update) -> bool {
    if let UpdateKind::Message(message) = &update.kind {
        return is_paid(message) || is_refunded(message);
    }
    matches!(update.kind, UpdateKind::PreCheckoutQuery(_))
}

fn toast(lang: &'static Lang, why: Why) -> String {
    match why {
        Why::TooFast => plain!(lang, "left-out-too-fast"),
        Why::TooBusy => plain!(lang, "left-out-too-busy"),
    }
}

fn screen(lang: &'static Lang, why: Why) -> Screen {
    Screen::plain(match why {
        Why::TooFast => html!(lang, "left-out-too-fast"),
        Why::TooBusy => html!(lang, "left-out-too-busy"),
    })
}
