//! `/providers`: how each upstream stands, and what admins decide about it.
//!
//! Invariant: a button says what it makes true, so that pressing it twice, or two admins pressing
//! it, changes nothing more.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::or_refusal;
use crate::bot::callback::Callback;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::i18n::countdown;
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::domain::id::ProviderId;
use crate::shop::ShopError;
use crate::shop::standing::{DecisionChange, StandingView};

/// Priorities beyond this say nothing more.
const HIGHEST_PRIORITY: i64 = 1_000;

/// The command.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let arguments = arguments.trim();
    if arguments.is_empty() {
        return Ok(board(look, &context.shop.standings()));
    }
    let (provider, change) = match read(arguments) {
        Ok(read) => read,
        Err(word) => {
            let word = cut(word, 64);
            let text = html!(look.lang, "providers-unreadable", word = word.as_ref());
            return Ok(with_usage(look, text));
        }
    };
    match context.shop.decide(guest.user.id, &provider, change).await {
        Ok(_) => Ok(board(look, &context.shop.standings())),
        Err(ShopError::NotSold) => {
            let text = html!(
                look.lang,
                "providers-unknown",
                provider = cut(provider.as_str(), 64).as_ref()
            );
            Ok(with_usage(look, text))
        }
        Err(refused) => Err(refused),
    }
}

/// Lets an upstream sell, or keeps it from selling.
pub(crate) async fn on_selling(
    press: &Press,
    provider: &ProviderId,
    is_on: bool,
) -> Result<(), BotError> {
    let look = &press.guest.look;
    let shop = &press.context.shop;
    let change = DecisionChange {
        is_on: Some(is_on),
        ..DecisionChange::default()
    };
    let decided = shop.decide(press.guest.user.id, provider, change).await;
    let toast = match (&decided, is_on) {
        (Ok(_), true) => plain!(look.lang, "toast-provider-on", provider = provider.as_str()),
        (Ok(_), false) => plain!(
            look.lang,
            "toast-provider-off",
            provider = provider.as_str()
        ),
        (Err(_), _) => String::new(),
    };
    if !toast.is_empty() {
        press.toast(&toast);
    }
    press.ack();
    let screen = decided.map(|_| board(look, &shop.standings()));
    press.show(or_refusal(&press.guest, screen)?);
    Ok(())
}

/// Reads `set <upstream> [on|off] [priority=…] [low=…]`; the word that means nothing otherwise.
fn read(text: &str) -> Result<(ProviderId, DecisionChange), &str> {
    let mut words = text.split_whitespace();
    match words.next() {
        Some("set") => {}
        Some(word) => return Err(word),
        None => return Err(text),
    }
    let provider = words.next().ok_or(text)?;
    let mut change = DecisionChange::default();
    for word in words {
        if !read_word(word, &mut change) {
            return Err(word);
        }
    }
    if change == DecisionChange::default() {
        return Err(text);
    }
    Ok((ProviderId::from(provider), change))
}

/// `false` for a word that means nothing or that says again what was said.
fn read_word(word: &str, change: &mut DecisionChange) -> bool {
    match word.split_once('=') {
        None => match word {
            "on" => change.is_on.replace(true).is_none(),
            "off" => change.is_on.replace(false).is_none(),
            _ => false,
        },
        Some(("priority", value)) => value
            .parse()
            .ok()
            .filter(|priority: &i64| priority.unsigned_abs() <= HIGHEST_PRIORITY.unsigned_abs())
            .is_some_and(|priority| change.priority.replace(priority).is_none()),
        Some(("low", value)) => Decimal::from_str_exact(value)
            .ok()
            .filter(|low| !low.is_sign_negative())
            .is_some_and(|low| change.low_balance.replace(low).is_none()),
        Some(_) => false,
    }
}

/// All upstreams.
fn board(look: &Look, standings: &[StandingView]) -> Screen {
    let mut text = html!(look.lang, "providers-board");
    let mut keyboard = look.keyboard();
    for standing in standings {
        text = text.paragraph(block(look, standing));
        let provider = &standing.provider;
        let is_on = !standing.decision.is_on;
        let label = if is_on {
            plain!(
                look.lang,
                "button-provider-on",
                provider = provider.as_str()
            )
        } else {
            plain!(
                look.lang,
                "button-provider-off",
                provider = provider.as_str()
            )
        };
        let provider = provider.clone();
        keyboard = keyboard.wide(&label, Callback::Selling { provider, is_on });
    }
    keyboard.under(text.paragraph(html!(look.lang, "providers-usage")))
}

fn with_usage(look: &Look, text: Html) -> Screen {
    Screen::plain(text.paragraph(html!(look.lang, "providers-usage")))
}

fn block(look: &Look, standing: &StandingView) -> Html {
    let lang = look.lang;
    let mut text = head(look, standing);
    text = text.line(match &standing.balance {
        Some((balance, read_at)) => html!(
            lang,
            "providers-balance",
            balance = look.cost(balance.amount, &balance.currency),
            ago = ago(look, *read_at)
        ),
        None if standing.tells_balance => html!(lang, "providers-no-balance"),
        None => html!(lang, "providers-tells-no-balance"),
    });
    if let Some(hours) = standing.hours_left {
        text = text.line(html!(
            lang,
            "low-balance-lasts",
            hours = lang.decimal(hours)
        ));
    }
    if let Some(low) = standing.decision.low_balance.filter(|low| !low.is_zero()) {
        // As it is typed: a point that groups digits would be read as one before decimals.
        let low = low.normalize().to_string();
        text = text.line(html!(lang, "providers-warns", low = low));
    }
    if standing.waits_for_proof {
        text = text.line(html!(lang, "providers-in-doubt"));
    }
    if standing.held_back > 0 {
        text = text.line(html!(
            lang,
            "providers-held-back",
            offers = standing.held_back
        ));
    }
    text = with_cancels(look, text, standing);
    text = text.line(match standing.freshness.oldest {
        Some(at) => html!(lang, "providers-read", ago = ago(look, at)),
        None => html!(lang, "providers-never-read"),
    });
    let stale = standing.freshness.stale;
    if stale > 0 {
        text = text.line(html!(lang, "providers-stale", countries = stale));
    }
    let health = &standing.health;
    text.line(if health.calls == 0 {
        html!(lang, "providers-no-calls")
    } else {
        html!(
            lang,
            "providers-calls",
            calls = health.calls,
            troubles = health.troubles,
            median = health.median.as_millis().to_string(),
            slow = health.slow.as_millis().to_string()
        )
    })
}

fn with_cancels(look: &Look, text: Html, standing: &StandingView) -> Html {
    let cancels = standing.cancels;
    if cancels.bought == 0 {
        return text;
    }
    let text = text.line(html!(
        look.lang,
        "providers-cancels",
        cancelled = i64::from(cancels.cancelled),
        bought = i64::from(cancels.bought),
        percent = i64::from(cancels.percent())
    ));
    match standing.cancel_limit_exceeded {
        Some(limit) => text.line(html!(
            look.lang,
            "providers-last-resort",
            limit = i64::from(limit)
        )),
        None => text,
    }
}

fn head(look: &Look, standing: &StandingView) -> Html {
    let provider = standing.provider.as_str();
    match standing.health.resting_until {
        _ if !standing.decision.is_on => html!(look.lang, "providers-off", provider = provider),
        Some(until) => html!(
            look.lang,
            "providers-resting",
            provider = provider,
            wait = countdown(until - look.now)
        ),
        None => html!(
            look.lang,
            "providers-on",
            provider = provider,
            priority = standing.decision.priority
        ),
    }
}

fn ago(look: &Look, at: DateTime<Utc>) -> String {
    look.lang.ago(at, look.now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_decision_is_read_as_typed() {
        let (provider, change) = read("set virtusim off priority=-2 low=50000.5").unwrap();
        assert_eq!(provider.as_str(), "virtusim");
        assert_eq!(change.is_on, Some(false));
        assert_eq!(change.priority, Some(-2));
        assert_eq!(change.low_balance, Some("50000.5".parse().unwrap()));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, word) in [
            ("get", "get"),
            ("set", "set"),
            ("set virtusim", "set virtusim"),
            ("set virtusim maybe", "maybe"),
            ("set virtusim on off", "off"),
            ("set virtusim priority=high", "priority=high"),
            ("set virtusim priority=1001", "priority=1001"),
            ("set virtusim low=-1", "low=-1"),
            ("set virtusim low=", "low="),
            ("set virtusim colour=red", "colour=red"),
        ] {
            assert_eq!(read(text).unwrap_err(), word, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(set )?\\PC{0,80}") {
            let _ = read(&text);
        }
    }
}
