//! The main menu, help, settings, and the short answers to what cannot be served.
//!
//! Invariant: none of them shows or moves money.

use crate::bot::callback::Callback;
use crate::bot::callback::broadcasting::Broadcasting;
use crate::bot::callback::mailing::Mailing;
use crate::bot::callback::renting::Renting;
use crate::bot::html::{Html, html, plain};
use crate::bot::i18n::Lang;
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::shop::front::Front;

fn main_keyboard(look: &Look) -> Keyboard {
    let mut others = Vec::new();
    if look.rents {
        others.push((
            plain!(look.lang, "button-rent"),
            Callback::Rent(Renting::Countries { page: 0 }),
        ));
    }
    if look.mails {
        others.push((
            plain!(look.lang, "button-email"),
            Callback::Mail(Mailing::Services { page: 0 }),
        ));
    }
    look.keyboard()
        .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
        .columns(2, others)
        .row([
            (
                plain!(look.lang, "button-orders").as_str(),
                Callback::Orders { page: 0 },
            ),
            (
                plain!(look.lang, "button-wallet").as_str(),
                Callback::Wallet,
            ),
        ])
        .row([
            (
                plain!(look.lang, "button-settings").as_str(),
                Callback::Settings,
            ),
            (plain!(look.lang, "button-help").as_str(), Callback::Help),
        ])
}

/// The answer to /start.
pub(crate) fn greeting(look: &Look, first_name: &str, front: &Front) -> Screen {
    let name = crate::bot::html::cut(first_name, 64);
    let text = html!(look.lang, "greeting", name = name.as_ref());
    main_keyboard(look).under(with_front(look, text, front))
}

/// The main menu.
pub(crate) fn menu(look: &Look, front: &Front) -> Screen {
    main_keyboard(look).under(with_front(look, html!(look.lang, "menu"), front))
}

/// A text under what stands over the shop's door.
fn with_front(look: &Look, text: Html, front: &Front) -> Html {
    let mut over = Html::default();
    if let Some(why) = &front.closed {
        over = over.paragraph(html!(look.lang, "menu-closed"));
        if let Some(why) = why {
            over = over.line(Html::quote(why));
        }
    }
    if let Some(announcement) = &front.announcement {
        over = over.paragraph(html!(
            look.lang,
            "menu-announcement",
            text = announcement.as_str()
        ));
    }
    over.paragraph(text)
}

/// After /cancel.
pub(crate) fn cancelled(look: &Look) -> Screen {
    main_keyboard(look).under(html!(look.lang, "nothing-left-open"))
}

/// How everything works.
pub(crate) fn help(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "help"))
}

/// Settings: the language, and whether news come.
pub(crate) fn settings(look: &Look, wants_news: bool) -> Screen {
    let news = if wants_news {
        plain!(look.lang, "button-news-on")
    } else {
        plain!(look.lang, "button-news-off")
    };
    let switch = Callback::Broadcast(Broadcasting::News {
        on: !wants_news,
        in_settings: true,
    });
    let languages = Lang::all()
        .iter()
        .map(|lang| {
            let name = plain!(lang, "language-name");
            let label = if lang.tag() == look.lang.tag() {
                format!("✓ {name}")
            } else {
                name
            };
            let tag = lang.tag().to_owned();
            (label, Callback::Language { tag })
        })
        .collect();
    let reminders = look.rents.then(|| {
        let callback = Callback::Rent(Renting::Reminders);
        (plain!(look.lang, "button-reminders"), callback)
    });
    look.keyboard()
        .columns(2, languages)
        .wide(&news, switch)
        .columns(1, reminders.into_iter().collect())
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "settings"))
}

/// A button of an older form, or of something that is over.
pub(crate) fn outdated(look: &Look) -> Screen {
    main_keyboard(look).under(html!(look.lang, "outdated"))
}

/// A command that does not exist (for this user).
pub(crate) fn unknown_command(look: &Look) -> Screen {
    main_keyboard(look).under(html!(look.lang, "unknown-command"))
}

/// A command that was forwarded, or came out of another bot.
pub(crate) fn passed_on_command(look: &Look) -> Screen {
    main_keyboard(look).under(html!(look.lang, "passed-on-command"))
}

/// A sticker, a photo, a voice message.
pub(crate) fn only_text(look: &Look) -> Screen {
    main_keyboard(look).under(html!(look.lang, "only-text"))
}

/// A command in a group.
pub(crate) fn only_private(lang: &'static Lang, bot_name: &str) -> Screen {
    Screen::plain(html!(lang, "only-private", bot = bot_name))
}

/// Something broke on our side.
pub(crate) fn broken(look: &Look, incident: &str) -> Screen {
    main_keyboard(look).under(html!(look.lang, "broken", incident = Html::code(incident)))
}
