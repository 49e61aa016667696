//! Whether a message names a service that must not be sold.
//!
//! A name counts as whole words. One that is an ordinary word too, or has four letters at most,
//! counts only where it can hardly be anything else: spelled as its service spells itself, and in
//! capitals, at the front as a sender, or right beside a word for "code".
//!
//! Invariant: a message that names the service it was ordered for is never held against it.

use std::collections::HashMap;

/// How a name of a denied service counts in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// Wherever it stands as a word.
    Always,
    /// Only where it can hardly be anything else.
    Exactly,
    /// Never.
    Never,
}

/// A single word of so many letters is too short to count anywhere.
const SHORT: usize = 4;
/// Capitals of fewer letters than this are no name.
const FEWEST_CAPITALS: usize = 3;
/// Names have at most so many words.
const MOST_WORDS: usize = 5;
/// An SMS is never longer; a mail may be.
const LONGEST_BYTES: usize = 20_000;
/// Beside one of these a word is the name of a sender.
const CODE_WORDS: [&str; 9] = [
    "code",
    "kode",
    "otp",
    "pin",
    "verification",
    "verifikasi",
    "passcode",
    "account",
    "akun",
];

/// A name of a denied service.
#[derive(Clone, Debug)]
struct Name {
    key: String,
    shown: String,
    /// As its service spells itself, where that matters.
    spelled: Option<String>,
}

/// The names of all denied services, by their words in lower case.
#[derive(Clone, Debug, Default)]
pub struct DeniedNames {
    names: HashMap<String, Name>,
}

/// A denied service that a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub name: String,
}

/// A word of a text, with its place.
struct Token<'t> {
    text: &'t str,
    start: usize,
    lower: String,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = 0;
    for part in text.split(|c: char| !c.is_alphanumeric()) {
        if !part.is_empty() {
            found.push(Token {
                text: part,
                start: rest,
                lower: part.to_lowercase(),
            });
        }
        // Each separator is one character, of any length.
        rest += part.len();
        rest += text[rest..].chars().next().map_or(0, char::len_utf8);
    }
    found
}

fn joined(tokens: &[Token<'_>]) -> String {
    let words: Vec<&str> = tokens.iter().map(|token| token.lower.as_str()).collect();
    words.join(" ")
}

/// The words of a name, in lower case.
pub(super) fn words(name: &str) -> String {
    joined(&tokens(name))
}

impl DeniedNames {
    /// Adds a name of a service.
    pub(super) fn add(&mut self, key: &str, shown: &str, name: &str, counts: Option<Counts>) {
        let words = words(name);
        let is_number = !words.chars().any(char::is_alphabetic);
        let is_short = !words.contains(' ') && words.chars().count() <= SHORT;
        let exactly = match counts {
            Some(Counts::Never) => return,
            Some(Counts::Always) => false,
            Some(Counts::Exactly) => true,
            None => is_short,
        };
        if is_number || words.is_empty() {
            return;
        }
        let name = Name {
            key: key.to_owned(),
            shown: shown.to_owned(),
            spelled: exactly.then(|| name.trim().to_owned()),
        };
        self.names.entry(words).or_insert(name);
    }

    /// The denied services that a message names, each once. `sender` is who sent it, where that is
    /// known.
    #[must_use]
    pub fn named_in(&self, text: &str, sender: Option<&str>) -> Vec<Named> {
        let text = &text[..text.floor_char_boundary(LONGEST_BYTES)];
        let tokens = tokens(text);
        let mut found: Vec<Named> = Vec::new();
        let mut note = |name: &Name| {
            let named = Named {
                key: name.key.clone(),
                name: name.shown.clone(),
            };
            if !found.contains(&named) {
                found.push(named);
            }
        };
        if let Some(name) = sender.and_then(|sender| self.names.get(&words(sender))) {
            note(name);
        }
        for at in 0..tokens.len() {
            for count in 1..=MOST_WORDS.min(tokens.len() - at) {
                let here = &tokens[at..at + count];
                let Some(name) = self.names.get(&joined(here)) else {
                    continue;
                };
                let is_meant = match &name.spelled {
                    None => true,
                    Some(spelled) => is_meant(text, &tokens, [at, at + count], spelled),
                };
                if is_meant {
                    note(name);
                }
            }
        }
        found
    }
}

/// Whether the words `from..to` can hardly be anything but the name that is spelled so.
fn is_meant(text: &str, tokens: &[Token<'_>], [from, to]: [usize; 2], spelled: &str) -> bool {
    let start = tokens[from].start;
    let last = &tokens[to - 1];
    let end = last.start + last.text.len();
    if &text[start..end] != spelled {
        return false;
    }
    let letters = spelled.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = spelled.chars().filter(|c| c.is_uppercase()).count();
    if letters >= FEWEST_CAPITALS && capitals == letters {
        return true;
    }
    let before = &text[..start];
    let is_front = !before.chars().any(char::is_alphanumeric);
    let is_titled = text[end..].starts_with([':', ']', '>', ')', '*']);
    let is_code = |token: &Token<'_>| CODE_WORDS.contains(&token.lower.as_str());
    let is_space = |gap: &str| gap.chars().all(|c| c == ' ');
    let next = tokens.get(to);
    let beside_next = next.is_some_and(|it| is_code(it) && is_space(&text[end..it.start]));
    let previous = from.checked_sub(1).and_then(|at| tokens.get(at));
    let beside_previous = previous.is_some_and(|it| {
        let gap = &text[it.start + it.text.len()..start];
        is_code(it) && is_space(gap)
    });
    is_front && is_titled || beside_next || beside_previous
}

/// Whether a message names a service by one of its names, as whole words.
#[must_use]
pub fn is_named<'n>(text: &str, mut names: impl Iterator<Item = &'n str>) -> bool {
    let text = format!(" {} ", words(text));
    names.any(|name| {
        let name = words(name);
        !name.is_empty() && text.contains(&format!(" {name} "))
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::market::Market;

    fn named(text: &str) -> Vec<String> {
        let names = Market::shipped().denied_names();
        let found = names.named_in(text, None);
        found.into_iter().map(|named| named.name).collect()
    }

    #[test]
    fn a_message_of_a_denied_service_is_known() {
        for (text, name) in [
            ("Your PayPal code is 123456", "PayPal"),
            ("PAYPAL: 123456 is your security code", "PayPal"),
            ("[Binance] Verification code: 481902", "Binance"),
            (
                "Kode OTP DANA kamu 4819. Jangan berikan ke siapa pun",
                "DANA",
            ),
            ("4819 adalah kode OVO Anda", "OVO"),
            ("Your Wise code is 481902", "Wise"),
            ("[Wise] 481902", "Wise"),
            ("<#> Maya: 481902", "Maya"),
            ("Kode Flip Anda 4819", "Flip"),
            ("Telegram code 48190", "Telegram"),
            ("Kode Bank Jago 4819", "Jago"),
            ("Your Cash App code: 481-902", "Cash App"),
            (
                "Gunakan 4819 untuk masuk ke Livin' by Mandiri",
                "Livin' by Mandiri",
            ),
        ] {
            assert!(
                named(text).contains(&name.to_owned()),
                "{text}: {:?}",
                named(text)
            );
        }
    }

    #[test]
    fn a_message_of_anything_else_is_left_alone() {
        for text in [
            "Your WhatsApp code is 123-456. Don't share it with anyone, not even your bank",
            "Jangan berikan kode ini, dana Anda bisa hilang. Ada kami di sini.",
            "Dana bantuan cair",
            "G-1688 is your Google verification code",
            "1688",
            "Will you come? Any other day is fine, contact us",
            "Be wise: never share this code with others",
            "Hi Maya, code 481902",
            "Chase your dreams. Flip the page. Square one.",
            "Go pay your bill with code 481902",
            "Your Shopee code is 4819. Pay later, wallet or credit, as you like",
            "Kode Grab 4819. Buka pintu, link aja di sini",
            "Danamon? paypalace. telegramme. dentist. okxyz",
            "",
        ] {
            assert_eq!(named(text), [] as [String; 0], "{text}");
        }
    }

    #[test]
    fn a_sender_s_name_is_enough() {
        let names = Market::shipped().denied_names();
        for sender in ["wise", "DANA", "PayPal"] {
            assert_eq!(names.named_in("4819", Some(sender)).len(), 1, "{sender}");
        }
        assert!(names.named_in("4819", Some("+62811")).is_empty());
    }
}
