//! Makes text from an upstream fit for a log line or a screen.
//!
//! Invariant: what comes out holds neither the key, in any spelling a host could echo it in, nor
//! a run of digits that could be a code or a phone number.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// The longest text that is passed on, in characters.
const MAX_CHARS: usize = 160;

/// So many digits could be a code; a status code is shorter.
const MIN_SECRET_DIGITS: usize = 4;

/// Strikes the key and long numbers, puts the text on one line and shortens it.
#[must_use]
pub fn clean(text: &str, key: &SecretString) -> String {
    // What a break tears apart must not be whole again once the break is gone.
    let text = strike_numbers(&strike_key(&one_line(text), key.expose_secret()));
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn strike_key(text: &str, key: &str) -> String {
    let key = key.trim();
    if key.is_empty() {
        return text.to_owned();
    }
    let form: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    let mut percent = String::new();
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            percent.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(percent, "%{byte:02X}");
        }
    }
    let escaped = key.replace('/', "\\/");
    let base64 = STANDARD_NO_PAD.encode(key);
    let base64_in_url = URL_SAFE_NO_PAD.encode(key);
    [key, &form, &percent, &escaped, &base64, &base64_in_url]
        .iter()
        .fold(text.to_owned(), |text, needle| strike(&text, needle))
}

/// Replaces every occurrence, upper or lower case.
fn strike(text: &str, needle: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let needle = needle.to_ascii_lowercase();
    let mut struck = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, found) in lower.match_indices(&needle) {
        struck.push_str(&text[rest..at]);
        struck.push_str("[key]");
        rest = at + found.len();
    }
    struck.push_str(&text[rest..]);
    struck
}

/// Replaces every number of four digits or more, also where it is written in groups.
fn strike_numbers(text: &str) -> String {
    let mut struck = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        let in_run =
            c.is_numeric() || (!run.is_empty() && matches!(c, ' ' | '-' | '.' | '(' | ')'));
        if in_run {
            run.push(c);
            continue;
        }
        flush(&mut struck, &mut run);
        struck.push(c);
    }
    struck.pop();
    struck
}

fn flush(struck: &mut String, run: &mut String) {
    let number = run.trim_end_matches(|c: char| !c.is_numeric());
    let digits = number.chars().filter(|c| c.is_numeric()).count();
    if digits >= MIN_SECRET_DIGITS {
        struck.push_str("[number]");
    } else {
        struck.push_str(number);
    }
    struck.push_str(&run[number.len()..]);
    run.clear();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Saldo tidak cukup", "Saldo tidak cukup")]
    #[case("HTTP 502", "HTTP 502")]
    #[case("number 0812-3450-0001 is busy", "number [number] is busy")]
    #[case("+62 812 3450 0001.", "+[number].")]
    #[case("code:1234", "code:[number]")]
    #[case("key a/b+C d is bad", "key [key] is bad")]
    #[case("key A/B+c D is bad", "key [key] is bad")]
    #[case("?api_key=a%2Fb%2BC+d&x", "?api_key=[key]&x")]
    #[case("?api_key=a%2fb%2bC%20d&x", "?api_key=[key]&x")]
    #[case("\"a\\/b+C d\"", "\"[key]\"")]
    #[case("Basic YS9iK0MgZA==", "Basic [key]==")]
    #[case("two\n\nlines\t.", "two lines .")]
    #[case("0812\n3450\n0001", "[number]")]
    #[case("12\r\n34", "[number]")]
    #[case("key a/b+C\0\nd", "key [key]")]
    fn texts_are_cleaned(#[case] text: &str, #[case] expected: &str) {
        let key = SecretString::from("a/b+C d");
        assert_eq!(clean(text, &key), expected);
    }

    #[test]
    fn a_long_text_is_cut_after_the_key_is_struck() {
        let key = SecretString::from("secret-key");
        let text = format!("{}secret-key", "x".repeat(MAX_CHARS - 3));
        let cleaned = clean(&text, &key);
        assert!(!cleaned.contains("sec"), "{cleaned}");
        assert_eq!(cleaned.chars().count(), MAX_CHARS + 1);
    }

    proptest! {
        #[test]
        fn nothing_survives(before in any::<String>(), after in any::<String>(), digits in "[0-9]{4,20}") {
            let key = SecretString::from("kQ7zLw9d");
            let cleaned = clean(&format!("{before}kQ7zLw9d {digits}{after}"), &key);
            prop_assert!(!cleaned.contains("kQ7zLw9d"));
            prop_assert!(!cleaned.contains(&digits));
        }
    }
}
