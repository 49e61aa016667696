//! `/prices` and `/rates`: looking, changing, the history.
//!
//! Invariant: nothing changes but by a Confirm under its preview; what a button or a typed answer
//! asks for leads to that preview and no further.

pub(super) mod draft_view;
mod history_view;
mod names;
mod rates_view;
mod typed;
mod views;

use chrono::TimeDelta;

use super::or_refusal;
use crate::bot::callback::OperatorTag;
use crate::bot::callback::pricing::{Part, Place, PricingPress, ScopeTag};
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::domain::id::{Nonce, ProviderId};
use crate::domain::money::Money;
use crate::domain::pricing::Scope;
use crate::domain::pricing::promotion::Off;
use crate::domain::role::Role;
use crate::shop::catalogue::NOWHERE;
use crate::shop::prices::browse::Dimension;
use crate::shop::prices::draft::Applied;
use crate::shop::prices::{MarkupChange, Wish};
use crate::shop::{Shop, ShopError};

use typed::ChangeError;

/// Parts of a scope on one page.
const FACETS_PER_PAGE: usize = 8;
/// Rules, promotions and changes on one page.
const ROWS_PER_PAGE: usize = 6;

/// `/prices`.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let arguments = arguments.trim();
    if arguments.is_empty() {
        return Ok(views::board(look, &context.shop.price_board().await?));
    }
    let wish = match typed::read(arguments, look.currency) {
        Ok(wish) => wish,
        Err(ChangeError::Unreadable(word)) => {
            let word = cut(&word, 64);
            let text = html!(look.lang, "prices-unreadable", word = word.as_ref());
            return Ok(views::with_usage(look, text));
        }
        Err(ChangeError::NothingGiven) => {
            let text = html!(look.lang, "prices-nothing-given");
            return Ok(views::with_usage(look, text));
        }
        Err(ChangeError::Markup(error)) => return Err(error.into()),
    };
    preview(context, guest, wish).await
}

/// `/rates`.
pub(super) async fn on_rates(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let wish = match *words {
        [] => return Ok(rates_view::board(look, &context.shop.rates().await?)),
        ["set", currency, rate] => typed::read_rate(rate).map(|rate| Wish::Rate {
            currency: currency.to_owned(),
            rate,
        }),
        ["reset", currency] => Some(Wish::ForgetRate(currency.to_owned())),
        _ => None,
    };
    match wish {
        Some(wish) => preview(context, guest, wish).await,
        None => {
            let word = cut(arguments.trim(), 64);
            let text = html!(look.lang, "rates-unreadable", word = word.as_ref());
            Ok(rates_view::with_usage(look, text))
        }
    }
}

/// What a wish would do, or why it cannot be.
async fn preview(context: &Context, guest: &Guest, wish: Wish) -> Result<Screen, ShopError> {
    let look = &guest.look;
    match context.shop.draft_price(guest.user.id, wish).await {
        Ok(draft) => Ok(draft_view::draft(look, &draft, false)),
        // The shop sells nothing under a name that it does not know.
        Err(ShopError::NotSold) => {
            let text = html!(look.lang, "prices-unknown");
            Ok(views::with_usage(look, text))
        }
        Err(refused) => Err(refused),
    }
}

/// A press of one of these buttons.
pub(crate) async fn on_press(press: &Press, pricing: PricingPress) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    dialogue::no_question(&context.shop, guest.chat()).await?;
    let screen = if let PricingPress::Apply { nonce } = &pricing {
        apply(press, nonce).await
    } else {
        screen_of(context, guest, pricing).await
    };
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

/// Lets a draft take effect, once, or shows it again.
async fn apply(press: &Press, nonce: &Nonce) -> Result<Screen, ShopError> {
    let (guest, look) = (&press.guest, &press.guest.look);
    let applied = press.context.shop.set_price(guest.user.id, nonce).await;
    let toast = match &applied {
        Ok(Applied::Set(set)) if !set.is_new => Some(plain!(look.lang, "toast-prices-already")),
        Ok(Applied::Again(_)) => Some(plain!(look.lang, "toast-prices-again")),
        Ok(Applied::Set(_)) | Err(_) => None,
    };
    if let Some(toast) = toast {
        press.toast(&toast);
    }
    press.ack();
    Ok(match applied? {
        Applied::Set(set) => draft_view::done(look, &set),
        Applied::Again(draft) => draft_view::draft(look, &draft, true),
    })
}

async fn screen_of(
    context: &Context,
    guest: &Guest,
    pricing: PricingPress,
) -> Result<Screen, ShopError> {
    use PricingPress as P;
    let (shop, look) = (&context.shop, &guest.look);
    match pricing {
        P::Board | P::Apply { .. } => Ok(views::board(look, &shop.price_board().await?)),
        P::Scope(tag) => {
            let scope = scope_of(shop, tag).await?;
            Ok(views::scope(look, &shop.price_scope(&scope).await?))
        }
        P::List { scope, by, page } => list(context, guest, scope, by, page).await,
        P::Ask { scope, part } => {
            let view = shop.price_scope(&scope_of(shop, scope).await?).await?;
            Ok(views::ask(look, &view, scope, part))
        }
        P::Set { scope, part, value } => {
            let value = match part {
                Part::Percent => typed::PartValue::Percent(value.into()),
                Part::Fixed => typed::PartValue::Fixed(Money::minor(value)),
                Part::Step => typed::PartValue::Step(Money::minor(value)),
                Part::Minimum => typed::PartValue::Minimum(Money::minor(value)),
            };
            let scope = scope_of(shop, scope).await?;
            preview(context, guest, markup_wish(scope, value)).await
        }
        P::Remove(tag) => {
            let wish = Wish::RemoveRule(scope_of(shop, tag).await?);
            preview(context, guest, wish).await
        }
        P::Rules { page } => {
            let rules = shop.price_rules(page, ROWS_PER_PAGE).await?;
            Ok(views::rules(look, &rules))
        }
        P::History { page } => {
            let history = shop.price_history(page, ROWS_PER_PAGE).await?;
            Ok(history_view::history(look, &history))
        }
        P::Undo { id } => preview(context, guest, Wish::Undo(id)).await,
        P::Rates => Ok(rates_view::board(look, &shop.rates().await?)),
        P::Rate(currency) => Ok(rates_view::rate(look, &shop.rate(&currency).await?)),
        P::SetRate { currency, rate } => {
            preview(context, guest, Wish::Rate { currency, rate }).await
        }
        P::ForgetRate(currency) => preview(context, guest, Wish::ForgetRate(currency)).await,
        P::Other { .. } | P::OtherOff(_) | P::OtherUntil { .. } | P::OtherRate(_) => {
            ask(context, guest, &pricing).await
        }
        P::Off(_)
        | P::Until { .. }
        | P::Promote { .. }
        | P::EndPromotion(_)
        | P::Promotions { .. } => promotion_screen(context, guest, pricing).await,
    }
}

async fn promotion_screen(
    context: &Context,
    guest: &Guest,
    pricing: PricingPress,
) -> Result<Screen, ShopError> {
    use PricingPress as P;
    let (shop, look) = (&context.shop, &guest.look);
    Ok(match pricing {
        P::Off(tag) => {
            let view = shop.price_scope(&scope_of(shop, tag).await?).await?;
            views::how_much_off(look, &view, tag)
        }
        P::Until { scope, off, start } => {
            let name = shop.scope_name(&scope_of(shop, scope).await?).await?;
            views::until_when(look, &name, scope, off, start)
        }
        P::Promote {
            scope,
            off,
            start,
            days,
        } => {
            let scope = scope_of(shop, scope).await?;
            let starts_at = shop.now() + TimeDelta::days(start.into());
            let wish = Wish::Promote {
                scope,
                off,
                starts_at: (start > 0).then_some(starts_at),
                ends_at: starts_at + TimeDelta::days(days.into()),
            };
            preview(context, guest, wish).await?
        }
        P::EndPromotion(tag) => {
            let wish = Wish::EndPromotion(scope_of(shop, tag).await?);
            preview(context, guest, wish).await?
        }
        P::Promotions { page } => {
            views::promotions(look, &shop.promotions().await?, page, ROWS_PER_PAGE)
        }
        P::Board
        | P::Scope(_)
        | P::List { .. }
        | P::Ask { .. }
        | P::Set { .. }
        | P::Other { .. }
        | P::Remove(_)
        | P::OtherOff(_)
        | P::OtherUntil { .. }
        | P::Rules { .. }
        | P::History { .. }
        | P::Undo { .. }
        | P::Apply { .. }
        | P::Rates
        | P::Rate(_)
        | P::SetRate { .. }
        | P::OtherRate(_)
        | P::ForgetRate(_) => views::board(look, &shop.price_board().await?),
    })
}

fn markup_wish(scope: Scope, value: typed::PartValue) -> Wish {
    let mut change = MarkupChange {
        scope,
        ..MarkupChange::default()
    };
    value.into_change(&mut change);
    Wish::Markup(change)
}

/// The parts of a scope; what is typed next is looked for among all of them.
async fn list(
    context: &Context,
    guest: &Guest,
    tag: ScopeTag,
    by: Dimension,
    page: usize,
) -> Result<Screen, ShopError> {
    let (shop, look) = (&context.shop, &guest.look);
    let scope = scope_of(shop, tag).await?;
    let name = shop.scope_name(&scope).await?;
    let facets = shop.price_facets(&scope, by, page, FACETS_PER_PAGE);
    let again = PricingPress::List {
        scope: tag,
        by,
        page,
    };
    dialogue::ask(shop, guest.chat(), Question::Pricing(again.encode())).await?;
    Ok(views::list(look, &name, tag, by, &facets))
}

/// Asks for what stands on no button.
async fn ask(
    context: &Context,
    guest: &Guest,
    pricing: &PricingPress,
) -> Result<Screen, ShopError> {
    let note = Question::Pricing(pricing.encode());
    dialogue::ask(&context.shop, guest.chat(), note).await?;
    Ok(views::question(&guest.look, pricing))
}

/// A typed answer; `None` where nothing was asked that this could answer.
pub(crate) async fn on_answer(
    context: &Context,
    guest: &Guest,
    note: &str,
    text: &str,
) -> Result<Option<Screen>, BotError> {
    let asked = PricingPress::from_note(note);
    let is_admin = context.shop.role(guest.user.id) >= Some(Role::Admin);
    let Some(asked) = asked.filter(|_| is_admin) else {
        return Ok(None);
    };
    let answered = answer(context, guest, &asked, text.trim()).await;
    or_refusal(guest, answered).map(Some)
}

async fn answer(
    context: &Context,
    guest: &Guest,
    asked: &PricingPress,
    text: &str,
) -> Result<Screen, ShopError> {
    use PricingPress as P;
    let (shop, look) = (&context.shop, &guest.look);
    let wish = match asked {
        P::List { scope, .. } => {
            let hits = shop.price_hits(&scope_of(shop, *scope).await?, text);
            return Ok(views::hits(look, *scope, text, &hits));
        }
        P::Other { scope, part } => match typed::read_part(*part, text, look.currency) {
            Ok(value) => Some(markup_wish(scope_of(shop, *scope).await?, value)),
            Err(ChangeError::Markup(error)) => return Err(error.into()),
            Err(ChangeError::Unreadable(_) | ChangeError::NothingGiven) => None,
        },
        P::OtherOff(scope) => match typed::read_off(text, look.currency) {
            Some(off) => {
                let name = shop.scope_name(&scope_of(shop, *scope).await?).await?;
                return Ok(views::until_when(look, &name, *scope, off, 0));
            }
            None => None,
        },
        P::OtherUntil { scope, off } => match typed::read_times(text) {
            Some((starts_at, ends_at)) => Some(Wish::Promote {
                scope: scope_of(shop, *scope).await?,
                off: *off,
                starts_at,
                ends_at,
            }),
            None => None,
        },
        P::OtherRate(currency) => typed::read_rate(text).map(|rate| Wish::Rate {
            currency: currency.clone(),
            rate,
        }),
        P::Board
        | P::Scope(_)
        | P::Ask { .. }
        | P::Set { .. }
        | P::Remove(_)
        | P::Off(_)
        | P::Until { .. }
        | P::Promote { .. }
        | P::EndPromotion(_)
        | P::Rules { .. }
        | P::Promotions { .. }
        | P::History { .. }
        | P::Undo { .. }
        | P::Apply { .. }
        | P::Rates
        | P::Rate(_)
        | P::SetRate { .. }
        | P::ForgetRate(_) => None,
    };
    match wish {
        Some(wish) => preview(context, guest, wish).await,
        // The question stands: a better answer may follow.
        None => {
            let word = cut(text, 64);
            let text = html!(look.lang, "prices-unreadable", word = word.as_ref());
            let again = views::question(look, asked);
            Ok(Screen {
                text: text.paragraph(again.text),
                ..again
            })
        }
    }
}

/// The scope that a button means.
async fn scope_of(shop: &Shop, tag: ScopeTag) -> Result<Scope, ShopError> {
    let provider = match tag.provider {
        Some(wanted) => {
            let mut ids = shop.providers().map(|provider| provider.id());
            let found = ids.find(|id| OperatorTag::of(id.as_str()) == wanted);
            Some(found.cloned().ok_or(ShopError::NotSold)?)
        }
        None => None,
    };
    let service = match tag.service {
        Some(id) => Some(shop.service_key(id).await?),
        None => None,
    };
    Ok(Scope {
        provider,
        country: tag.place.map(|place| match place {
            Place::Nowhere => NOWHERE.to_owned(),
            Place::Country(country) => country.as_str().to_owned(),
        }),
        service,
    })
}

/// The tag of an upstream's name.
fn tag_of(provider: &ProviderId) -> OperatorTag {
    OperatorTag::of(provider.as_str())
}

/// Common values for something off.
const COMMON_PERCENT_OFF: [u32; 6] = [5, 10, 15, 20, 30, 50];

fn percent_off(percent: u32) -> Off {
    Off::Percent(percent.into())
}
