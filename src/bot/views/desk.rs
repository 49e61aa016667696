//! What users read of what an admin did at the desk.
//!
//! Invariant: the admin's own words are shown as they are, and as theirs.

use crate::bot::callback::Callback;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::shop::goodwill::GoodwillError;
use crate::shop::notice::AdminWord;

/// Far under Telegram's limit with everything around it.
const WORDS_UNITS: usize = 3_000;

/// A word of an admin.
pub(crate) fn word(look: &Look, word: &AdminWord) -> Screen {
    match word {
        AdminWord::GivenBack {
            order,
            amount,
            available,
            reason,
        } => {
            let text = html!(
                look.lang,
                "given-back",
                order = order.to_string(),
                amount = look.money(*amount),
                available = look.money(*available)
            );
            let reason = html!(look.lang, "move-memo", memo = cut(reason, 500).as_ref());
            look.keyboard()
                .wide(&plain!(look.lang, "button-wallet"), Callback::Wallet)
                .under(text.line(reason))
        }
        AdminWord::Text { text } => {
            let quoted = Html::quote(&cut(text, WORDS_UNITS));
            let text = html!(look.lang, "admin-writes").paragraph(quoted);
            Screen::plain(text.paragraph(html!(look.lang, "admin-writes-answer")))
        }
    }
}

/// Why an order's money is not given back.
pub(crate) fn refusal(look: &Look, error: &GoodwillError) -> Html {
    match error {
        GoodwillError::NothingPaid => html!(look.lang, "refused-nothing-paid"),
        GoodwillError::MoreThanPaid(most) => {
            html!(
                look.lang,
                "refused-more-than-paid",
                most = look.money(*most)
            )
        }
        GoodwillError::NoReason => html!(look.lang, "refused-no-reason"),
    }
}
