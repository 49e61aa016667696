//! The terms and what is said about privacy: the operator's own text, or the one that comes with
//! the shop.
//!
//! Invariant: the version changes with the text, so nobody is held to words that they never saw.

use std::collections::BTreeMap;

use crate::bot::callback::OperatorTag;
use crate::bot::html::{Html, html};
use crate::bot::i18n::Lang;

/// The operator's own texts, each by the tag of its language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Papers {
    /// The terms.
    pub terms: BTreeMap<String, String>,
    /// What is said about privacy.
    pub privacy: BTreeMap<String, String>,
}

/// The text in a language, or in another one; `None` where the operator wrote none.
fn own(texts: &BTreeMap<String, String>, lang: &Lang) -> Option<Html> {
    let mut any = texts.values();
    let text = texts.get(lang.tag()).or_else(|| any.next());
    text.map(|text| Html::text(text.trim()))
}

impl Papers {
    /// The version of the terms: of what they say, in all languages.
    #[must_use]
    pub fn terms_version(&self) -> String {
        let texts = Lang::all().iter().map(|lang| self.terms(lang));
        let all: Vec<String> = texts.map(|text| text.as_str().to_owned()).collect();
        format!("{:08x}", OperatorTag::of(&all.join("\n")).0)
    }

    /// The terms.
    pub(crate) fn terms(&self, lang: &Lang) -> Html {
        own(&self.terms, lang).unwrap_or_else(|| {
            html!(lang, "terms-title")
                .paragraph(html!(lang, "terms-sold"))
                .paragraph(html!(lang, "terms-yours"))
                .paragraph(html!(lang, "terms-never"))
                .paragraph(html!(lang, "terms-misuse"))
                .paragraph(html!(lang, "terms-numbers"))
                .paragraph(html!(lang, "terms-money"))
                .paragraph(html!(lang, "terms-rest"))
        })
    }

    /// What is said about privacy.
    pub(crate) fn privacy(&self, lang: &Lang) -> Html {
        own(&self.privacy, lang).unwrap_or_else(|| {
            html!(lang, "privacy-title")
                .paragraph(html!(lang, "privacy-kept"))
                .paragraph(html!(lang, "privacy-why"))
                .paragraph(html!(lang, "privacy-long"))
                .paragraph(html!(lang, "privacy-who"))
                .paragraph(html!(lang, "privacy-rights"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Telegram's limit for a message.
    const LONGEST_UNITS: usize = 4_096;

    #[test]
    fn the_shop_s_own_papers_fit_in_a_message() {
        let papers = Papers::default();
        for lang in Lang::all() {
            for text in [papers.terms(lang), papers.privacy(lang)] {
                let units = text.to_plain().encode_utf16().count();
                assert!((500..LONGEST_UNITS - 500).contains(&units), "{units}");
            }
        }
    }

    #[test]
    fn other_words_are_another_version_and_markup_is_none() {
        let with = |text: &str| Papers {
            terms: [("en".to_owned(), text.to_owned())].into(),
            ..Papers::default()
        };
        let versions = [
            Papers::default().terms_version(),
            with("Be kind.").terms_version(),
            with("Be <b>kind</b>.").terms_version(),
        ];
        assert_ne!(versions[0], versions[1]);
        assert_ne!(versions[1], versions[2]);
        assert_eq!(with("Be kind.").terms_version(), versions[1]);
        let own = with("Be <b>kind</b>.");
        for lang in Lang::all() {
            assert_eq!(own.terms(lang).to_plain(), "Be <b>kind</b>.");
        }
    }
}
