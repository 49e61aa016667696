//! Services, announcements and maintenance on the admins' screens.
//!
//! Invariant: what is true now stands above the buttons, and each button says what it makes true.

use crate::bot::callback::Callback;
use crate::bot::callback::shopkeeping::Shopkeeping;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::domain::product::Product;
use crate::shop::Page;
use crate::shop::faces::FaceView;
use crate::shop::front::{AnnouncementDraft, Front};

fn press(what: Shopkeeping) -> Callback {
    Callback::Shopkeeping(what)
}

/// A service as it is called here, with a sign for what is sold of it and for what is decided.
fn label(face: &FaceView) -> String {
    let name = cut(face.shown_as.as_deref().unwrap_or(&face.name), 32);
    let product = match face.product {
        Product::Activation => "",
        Product::Rental | Product::Renewal => "⏳ ",
        Product::Mailbox => "✉️ ",
    };
    let pinned = if face.pinned_since.is_some() {
        "📌 "
    } else {
        ""
    };
    let hidden = if face.is_hidden || face.is_hidden_by_service {
        "🙈 "
    } else {
        ""
    };
    format!("{hidden}{pinned}{product}{name}")
}

/// What was decided about services, or what a text found.
pub(super) fn services(look: &Look, text: Option<&str>, page: &Page<FaceView>) -> Screen {
    let lang = look.lang;
    let buttons = page.rows.iter().map(|face| {
        let service = Shopkeeping::Service { id: face.id };
        (label(face), press(service))
    });
    let text_above = match (text, page.rows.is_empty()) {
        (None, true) => html!(lang, "services-none"),
        (None, false) => html!(lang, "services-decided"),
        (Some(text), true) => html!(lang, "services-not-found", text = cut(text, 40).as_ref()),
        (Some(text), false) => html!(lang, "services-found", text = cut(text, 40).as_ref()),
    };
    let keyboard = look.keyboard().columns(2, buttons.collect());
    let keyboard = match text {
        None => keyboard.pager(page.page, page.pages, |page| {
            press(Shopkeeping::Services { page })
        }),
        Some(_) => keyboard.wide(
            &plain!(lang, "button-back"),
            press(Shopkeeping::Services { page: 0 }),
        ),
    };
    keyboard.under(text_above.paragraph(html!(lang, "services-type")))
}

/// One service.
pub(super) fn service(look: &Look, face: &FaceView) -> Screen {
    let lang = look.lang;
    let mut text = Html::bold(&label(face));
    if face.shown_as.is_some() {
        text = text.line(html!(lang, "service-own-name", name = face.name.as_str()));
    }
    text = text.line(html!(lang, "service-routes", routes = face.routes));
    if face.is_denied {
        text = text.line(html!(lang, "service-denied"));
    }
    if face.is_hidden {
        text = text.line(html!(lang, "service-hidden"));
    } else if face.is_hidden_by_service {
        text = text.line(html!(lang, "service-hidden-with"));
    }
    if let Some(since) = face.pinned_since {
        text = text.line(html!(
            lang,
            "service-pinned",
            ago = lang.ago(since, look.now)
        ));
    }
    let id = face.id;
    let hide = if face.is_hidden {
        plain!(lang, "button-service-show")
    } else {
        plain!(lang, "button-service-hide")
    };
    let pin = if face.pinned_since.is_some() {
        plain!(lang, "button-service-unpin")
    } else {
        plain!(lang, "button-service-pin")
    };
    let (hidden, pinned) = (!face.is_hidden, face.pinned_since.is_none());
    let mut names = vec![(
        plain!(lang, "button-service-rename"),
        press(Shopkeeping::Rename { id }),
    )];
    if face.shown_as.is_some() {
        names.push((
            plain!(lang, "button-service-own-name"),
            press(Shopkeeping::OwnName { id }),
        ));
    }
    look.keyboard()
        .row([
            (hide.as_str(), press(Shopkeeping::Hide { id, on: hidden })),
            (pin.as_str(), press(Shopkeeping::Pin { id, on: pinned })),
        ])
        .columns(2, names)
        .wide(
            &plain!(lang, "button-back"),
            press(Shopkeeping::Services { page: 0 }),
        )
        .under(text)
}

/// Asks for another name.
pub(super) fn ask_name(look: &Look, face: &FaceView) -> Screen {
    let id = face.id;
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-back"),
            press(Shopkeeping::Service { id }),
        )
        .under(html!(look.lang, "service-ask-name", name = label(face)))
}

/// What stands on the main menu.
pub(super) fn announcement(look: &Look, front: &Front) -> Screen {
    let lang = look.lang;
    match &front.announcement {
        None => Screen::plain(html!(lang, "announce-none")),
        Some(text) => look
            .keyboard()
            .wide(
                &plain!(lang, "button-announce-off"),
                press(Shopkeeping::EndAnnouncement),
            )
            .under(html!(lang, "announce-now").paragraph(Html::quote(text))),
    }
}

/// An announcement before its Confirm.
pub(super) fn announcement_draft(look: &Look, draft: &AnnouncementDraft) -> Screen {
    let lang = look.lang;
    let mut text = html!(lang, "announce-draft").paragraph(Html::quote(&draft.text));
    if draft.is_cut {
        text = text.paragraph(html!(lang, "announce-cut"));
    }
    let nonce = draft.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(lang, "button-announce"),
            press(Shopkeeping::Announce { nonce }),
        )
        .wide(&plain!(lang, "button-admin-discard"), Callback::Discard)
        .under(text)
}

/// Whether the shop sells, under what was wrong with what was typed.
pub(super) fn maintenance_under(look: &Look, front: &Front, wrong: Option<Html>) -> Screen {
    let lang = look.lang;
    let state = match &front.closed {
        None => html!(lang, "maintenance-off"),
        Some(None) => html!(lang, "maintenance-on"),
        Some(Some(why)) => html!(lang, "maintenance-on").paragraph(Html::quote(why)),
    };
    let text = match wrong {
        Some(wrong) => wrong.paragraph(state),
        None => state,
    };
    let on = front.closed.is_none();
    let label = if on {
        plain!(lang, "button-maintenance-on")
    } else {
        plain!(lang, "button-maintenance-off")
    };
    look.keyboard()
        .wide(&label, press(Shopkeeping::Maintenance { on }))
        .under(text.paragraph(html!(lang, "maintenance-usage")))
}
