//! Finding a service by what somebody typed.
//!
//! Invariant: what is meant exactly comes before what only begins like it, and that before what
//! is near it by a typo; each word is looked at once, without a look at the offers.

use crate::domain::market::spelling::normalise;

/// How near a word is; less is nearer. A typo costs one more than [`Nearness::TYPO`] each.
struct Nearness;

impl Nearness {
    const EXACT: usize = 0;
    const BEGINS_NAME: usize = 1;
    const BEGINS_ALIAS: usize = 2;
    const IN_NAME: usize = 3;
    const IN_ALIAS: usize = 4;
    const TYPO: usize = 10;
}

/// What somebody typed.
pub(super) struct Wanted {
    text: String,
    length: usize,
    letters: u64,
    /// How many typos are forgiven.
    allowed: usize,
}

impl Wanted {
    /// `None` where nothing was typed that a name could hold.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = normalise(text);
        let length = text.chars().count();
        let allowed = match length {
            0 => return None,
            1..=2 => 0,
            3..=5 => 1,
            6..=9 => 2,
            _ => 3,
        };
        Some(Self {
            letters: letters(&text),
            length,
            allowed,
            text,
        })
    }
}

/// What a service can be found by.
#[derive(Debug)]
pub(super) struct Words {
    /// The name first, then its aliases.
    names: Vec<Word>,
    code: String,
}

#[derive(Debug)]
struct Word {
    text: String,
    length: usize,
    letters: u64,
}

impl Words {
    /// Aliases are normalised.
    pub(super) fn of(name: &str, code: &str, aliases: &[&str]) -> Self {
        let name = normalise(name);
        let aliases = aliases.iter().filter(|alias| **alias != name);
        let names = aliases.map(|alias| (*alias).to_owned());
        let names = std::iter::once(name.clone()).chain(names);
        Self {
            names: names.map(Word::of).collect(),
            code: normalise(code),
        }
    }

    /// How far the nearest of the words is, or `None` if none is near.
    pub(super) fn distance(&self, wanted: &Wanted) -> Option<usize> {
        if self.code == wanted.text {
            return Some(Nearness::EXACT);
        }
        let name = self.names.iter().take(1).map(|name| (name, true));
        let aliases = self.names.iter().skip(1).map(|alias| (alias, false));
        name.chain(aliases)
            .filter_map(|(word, is_name)| word.distance(wanted, is_name))
            .min()
    }
}

impl Word {
    fn of(text: String) -> Self {
        Self {
            length: text.chars().count(),
            letters: letters(&text),
            text,
        }
    }

    fn distance(&self, wanted: &Wanted, is_name: bool) -> Option<usize> {
        // A letter that the word does not have costs a typo, however the rest fits.
        let missing = (wanted.letters & !self.letters).count_ones();
        if usize::try_from(missing).is_ok_and(|missing| missing > wanted.allowed) {
            return None;
        }
        if missing == 0 {
            let choose = |in_name, in_alias| Some(if is_name { in_name } else { in_alias });
            if self.text == wanted.text {
                return Some(Nearness::EXACT);
            }
            if self.text.starts_with(&wanted.text) {
                return choose(Nearness::BEGINS_NAME, Nearness::BEGINS_ALIAS);
            }
            if self.text.contains(&wanted.text) {
                return choose(Nearness::IN_NAME, Nearness::IN_ALIAS);
            }
        }
        if wanted.allowed == 0 || self.length + wanted.allowed < wanted.length {
            return None;
        }
        // What is being typed is often the beginning of a name, so both are cut to one length.
        let beginning = self.text.chars().take(wanted.length).collect::<String>();
        let mut typos = strsim::osa_distance(&wanted.text, &beginning);
        if self.length > wanted.length && self.length <= wanted.length + wanted.allowed {
            typos = typos.min(strsim::osa_distance(&wanted.text, &self.text));
        }
        (typos <= wanted.allowed).then_some(Nearness::TYPO + typos)
    }
}

/// Which letters a text has, one bit each; letters beyond `a`–`z` and digits share the rest.
fn letters(text: &str) -> u64 {
    text.chars().fold(0, |set, c| {
        let bit = match c {
            'a'..='z' => u32::from(c) - u32::from('a'),
            '0'..='9' => 26 + u32::from(c) - u32::from('0'),
            other => 36 + u32::from(other) % 28,
        };
        set | 1 << bit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(typed: &str) -> Option<usize> {
        let words = Words::of("WhatsApp Business", "wa", &["whatsapp", "greenchat"]);
        words.distance(&Wanted::of(typed)?)
    }

    #[test]
    fn exact_words_come_before_beginnings_and_these_before_typos() {
        for (typed, expected) in [
            ("WA", Some(0)),
            ("whats app", Some(0)),
            ("whatsappb", Some(1)),
            ("green", Some(2)),
            ("business", Some(3)),
            ("chat", Some(4)),
            ("watsapp", Some(11)),
            ("whatspap", Some(11)),
            ("whastappp", Some(12)),
            ("grennchat", Some(11)),
            ("telegram", None),
            ("w", Some(1)),
            ("xy", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(distance(typed), expected, "{typed}");
        }
    }
}
