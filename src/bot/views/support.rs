//! Support: what a user wrote, for those who may answer, and the answer.
//!
//! Invariant: what somebody wrote is quoted, and so escaped.

use crate::bot::callback::Callback;
use crate::bot::callback::desk::DeskPress;
use crate::bot::callback::trust::TrustPress;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::{Picture, Screen};
use crate::bot::views::Look;
use crate::bot::views::stars::person;
use crate::shop::account::User;
use crate::shop::support::{Letter, SupportView};

/// A caption under a picture has 1024 units at most, with what stands above it.
const QUOTED_UNITS: usize = 800;

/// What shall be written?
pub(crate) fn ask(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "support-ask"))
}

/// It is on its way.
pub(crate) fn sent(look: &Look) -> Screen {
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-support-more"),
            Callback::Trust(TrustPress::Support),
        )
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "support-sent"))
}

fn with_letter(text: Html, letter: &Letter) -> Html {
    if letter.text.trim().is_empty() {
        return text;
    }
    text.line(Html::quote(&cut(letter.text.trim(), QUOTED_UNITS)))
}

fn with_picture(screen: Screen, letter: &Letter) -> Screen {
    match &letter.picture {
        Some(picture) => screen.with_picture(Picture::Known {
            file_id: picture.file_id.clone(),
            is_photo: picture.is_photo,
        }),
        None => screen,
    }
}

/// What a user wrote, for those who may answer; once it is answered, by whom.
pub(crate) fn paper(
    look: &Look,
    view: &SupportView,
    user: &User,
    answered_by: Option<&User>,
) -> Screen {
    let lang = look.lang;
    let text = html!(
        lang,
        "support-paper",
        name = person(user),
        id = Html::code(&user.id.to_string())
    );
    let mut text = with_letter(text, &view.letter);
    let card = Callback::Desk(DeskPress::User { id: user.id });
    let card = (plain!(lang, "button-user-card"), card);
    let screen = if let Some(admin) = answered_by {
        text = text.line(html!(lang, "support-answered", who = person(admin)));
        look.keyboard().wide(&card.0, card.1).under(text)
    } else {
        text = text.line(html!(lang, "support-how"));
        let answer = Callback::Trust(TrustPress::Answer { id: view.id });
        look.keyboard()
            .row([
                (plain!(lang, "button-support-answer").as_str(), answer),
                (card.0.as_str(), card.1),
            ])
            .under(text)
    };
    with_picture(screen, &view.letter)
}

/// The same in the place where it stands already.
pub(crate) fn closed(paper: Screen, view: &SupportView) -> Screen {
    if view.letter.picture.is_some() {
        paper.in_caption()
    } else {
        paper
    }
}

/// What shall be answered?
pub(crate) fn ask_answer(look: &Look, view: &SupportView, user: &User) -> Screen {
    let text = html!(look.lang, "support-ask-answer", name = person(user));
    Screen::plain(with_letter(text, &view.letter))
}

/// The answer is on its way.
pub(crate) fn answered(look: &Look, is_first: bool) -> Screen {
    Screen::plain(if is_first {
        html!(look.lang, "support-answer-sent")
    } else {
        html!(look.lang, "support-answer-added")
    })
}

/// The answer, for the user.
pub(crate) fn answer(look: &Look, view: &SupportView) -> Screen {
    let text = with_letter(html!(look.lang, "support-answer"), &view.letter);
    let screen = look
        .keyboard()
        .wide(
            &plain!(look.lang, "button-support-more"),
            Callback::Trust(TrustPress::Support),
        )
        .under(text);
    with_picture(screen, &view.letter)
}
