//! Messages to many, as the admin who sends one sees them.
//!
//! Invariant: before anything leaves, the admin reads how many get it.

use crate::bot::callback::Callback;
use crate::bot::callback::broadcasting::Broadcasting;
use crate::bot::html::{Html, html, plain};
use crate::bot::i18n::{Lang, countdown};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::domain::audience::Audience;
use crate::domain::id::Nonce;
use crate::shop::broadcast::{BroadcastState, BroadcastView, PER_SECOND, Steer};

fn name(look: &Look, audience: &Audience) -> String {
    match audience {
        Audience::All => plain!(look.lang, "label-audience-all"),
        Audience::Active => plain!(look.lang, "label-audience-active"),
        Audience::Funded => plain!(look.lang, "label-audience-funded"),
        Audience::Language(tag) => match Lang::exactly(tag) {
            Some(lang) => plain!(lang, "language-name"),
            None => tag.clone(),
        },
    }
}

/// To whom it may go, with the number of each.
pub(crate) fn audiences(look: &Look, nonce: &Nonce, sizes: &[(Audience, u64)]) -> Screen {
    let mut keyboard = look.keyboard();
    for (audience, size) in sizes.iter().filter(|(_, size)| *size > 0) {
        let label = format!("{} · {}", name(look, audience), look.lang.count(*size));
        let (nonce, audience) = (nonce.clone(), audience.clone());
        let press = Broadcasting::Preview { nonce, audience };
        keyboard = keyboard.wide(&label, Callback::Broadcast(press));
    }
    keyboard
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(html!(look.lang, "broadcast-audience"))
}

/// The last look before it leaves.
pub(crate) fn confirm(look: &Look, nonce: &Nonce, audience: &Audience, size: u64) -> Screen {
    let lang = look.lang;
    let count = lang.count(size);
    let seconds = i64::try_from(size / u64::from(PER_SECOND)).unwrap_or(i64::MAX / 1_000);
    let text = html!(
        lang,
        "broadcast-confirm",
        audience = name(look, audience),
        count = count.clone(),
        time = countdown(chrono::TimeDelta::seconds(seconds.max(1)))
    );
    let (key, to) = (nonce.clone(), audience.clone());
    look.keyboard()
        .wide(
            &plain!(lang, "button-broadcast-send", count = count),
            Callback::Broadcast(Broadcasting::Send {
                nonce: key,
                audience: to,
            }),
        )
        .wide(
            &plain!(lang, "button-broadcast-other"),
            Callback::Broadcast(Broadcasting::Audiences {
                nonce: nonce.clone(),
            }),
        )
        .wide(&plain!(lang, "button-admin-discard"), Callback::Discard)
        .under(text)
}

/// How far it is, with what can be done about it.
pub(crate) fn card(look: &Look, view: &BroadcastView) -> Screen {
    let lang = look.lang;
    let title = match view.state {
        BroadcastState::Running => html!(lang, "broadcast-running"),
        BroadcastState::Paused => html!(lang, "broadcast-paused"),
        BroadcastState::Done => html!(lang, "broadcast-done"),
        BroadcastState::Cancelled => html!(lang, "broadcast-cancelled"),
        BroadcastState::OriginalGone => html!(lang, "broadcast-original-gone"),
    };
    let mut text = title.paragraph(numbers(look, view));
    let steer = |steer| Callback::Broadcast(Broadcasting::Steer { id: view.id, steer });
    if view.is_over {
        return Screen::plain(text);
    }
    let mut keyboard = look.keyboard();
    match view.state {
        BroadcastState::Running => {
            let left = countdown(view.left());
            text = text.line(html!(lang, "broadcast-left", time = left));
            let pause = plain!(lang, "button-broadcast-pause");
            keyboard = keyboard.wide(&pause, steer(Steer::Pause));
        }
        BroadcastState::Paused => {
            let resume = plain!(lang, "button-broadcast-resume");
            keyboard = keyboard.wide(&resume, steer(Steer::Resume));
        }
        BroadcastState::Done | BroadcastState::Cancelled | BroadcastState::OriginalGone => {
            return Screen::plain(text);
        }
    }
    let cancel = plain!(lang, "button-broadcast-cancel");
    keyboard.wide(&cancel, steer(Steer::Cancel)).under(text)
}

/// The numbers of a broadcast, so far or in the end; those that are nought are left out.
fn numbers(look: &Look, view: &BroadcastView) -> Html {
    let lang = look.lang;
    let count = |number: i64| lang.count(u64::try_from(number).unwrap_or(0));
    let mut text = html!(
        lang,
        "broadcast-progress",
        delivered = count(view.delivered),
        total = count(view.total),
        audience = name(look, &view.audience)
    );
    if view.blocked > 0 {
        let blocked = count(view.blocked);
        text = text.line(html!(lang, "broadcast-blocked", count = blocked));
    }
    if view.failed > 0 {
        let failed = count(view.failed);
        text = text.line(html!(lang, "broadcast-failed", count = failed));
    }
    if view.declined > 0 {
        let declined = count(view.declined);
        text = text.line(html!(lang, "broadcast-declined", count = declined));
    }
    text
}

/// What stands under each copy.
pub(crate) fn under_copy(look: &Look) -> Screen {
    let stop = Broadcasting::News {
        on: false,
        in_settings: false,
    };
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-news-stop"),
            Callback::Broadcast(stop),
        )
        .under(Html::default())
}
