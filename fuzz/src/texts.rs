//! What is read out of texts without a driver around it: JSON, words, SMS, numbers, buttons; and
//! what becomes of texts in messages.

use std::collections::BTreeSet;

use chrono::FixedOffset;
use numshop::bot::callback::payload::Pressed;
use numshop::bot::html::{Html, cut, toast};
use numshop::domain::sms::extract_code;
use numshop::provider::http::redact;
use numshop::provider::wire::envelope::Envelope;
use numshop::provider::wire::token::Token;
use numshop::provider::wire::{Json, moment, number, sms, whole_currency_price};
use numshop::sandbox::telegram::markup::parse_html;

/// Struck out of every text.
const KEY: &str = "kQ7/zL+w9 dX";
/// A text passed on, in characters, with its ellipsis.
const LONGEST_CLEAN: usize = 161;
const HOUR_SECONDS: i32 = 3_600;

/// What all upstreams' answers are read with.
pub fn wire(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(json) = Json::parse(&text) {
        read(json, text.len());
    }
    if let Ok(envelope) = Envelope::read(&text) {
        let rows = envelope.rows().map_or(0, |rows| rows.len());
        assert!(rows <= text.len(), "more rows than bytes");
        let _ = envelope.fields();
    }
    if let Some(token) = Token::read(&text) {
        assert!(token.text().len() <= text.len() + 1, "a word that grew");
        assert!(token.value().is_none_or(|value| text.contains(value)));
    }
    for dial in [None, Some("62"), Some("91"), Some("7")] {
        if let Some(number) = number::international(&text, dial) {
            let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
            assert!(is_plain && (7..=15).contains(&number.len()), "not a number");
        }
    }
    let _ = (
        number::dial_code_by_id(&text),
        number::dial_code_by_name(&text),
    );
    let _ = FixedOffset::east_opt(7 * HOUR_SECONDS).and_then(|zone| moment(&text, zone));
    if let Some(code) = extract_code(&text) {
        let is_code = code.bytes().all(|byte| byte.is_ascii_digit());
        assert!(is_code && (4..=8).contains(&code.len()), "not a code");
    }
    check_clean(&text);
}

fn read(json: Json<'_>, length: usize) {
    let longest = 3 * length + 1;
    for text in [json.text(), json.raw_text()].into_iter().flatten() {
        assert!(text.len() <= longest, "a text that grew");
    }
    if let Some(text) = sms::sms(json) {
        assert!(text.len() <= 2 * longest, "an SMS that grew");
    }
    let _ = (json.decimal(), json.count(), json.truth());
    let _ = whole_currency_price(json);
    let rows = json.rows().map_or(0, |rows| rows.len());
    let keyed = json.keyed_rows().map_or(0, |rows| rows.len());
    let fields = json.object().map_or(0, |fields| fields.entries().count());
    assert!(
        rows.max(keyed).max(fields) <= length,
        "more rows than bytes"
    );
}

fn check_clean(text: &str) {
    for text in [text.to_owned(), format!("{text}{KEY}{text}")] {
        let clean = redact::clean(&text, &KEY.into());
        assert!(clean.chars().count() <= LONGEST_CLEAN, "too long");
        assert!(
            !clean.to_lowercase().contains(&KEY.to_lowercase()),
            "the key shows"
        );
        assert!(!clean.contains(char::is_control), "not on one line");
        let digits = clean.split(|c: char| !c.is_numeric());
        let longest = digits.map(|run| run.chars().count()).max();
        assert!(longest < Some(4), "a number shows");
    }
}

/// What a button carries.
pub fn bot(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(pressed) = Pressed::decode(&text) {
        let again = Pressed::decode(&pressed.encode());
        assert!(again == Some(pressed), "a button that changes");
    }
}

/// Ways to put outside text into a message.
const DRESSES: [fn(&str) -> Html; 4] = [Html::text, Html::code, Html::bold, Html::quote];

/// Outside text on its way into messages, read as Telegram reads them.
pub fn html(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut shown = BTreeSet::new();
    // As much as a message, a caption, a toast and some labels take.
    for units in [0, 1, 2, 63, 200, 1_024, 4_096] {
        let once = cut(&text, units);
        let twice = cut(&once, units / 2).into_owned();
        check_cut(&text, &once, units);
        check_cut(&once, &twice, units / 2);
        shown.extend([once.into_owned(), twice]);
    }
    for text in &shown {
        for dress in DRESSES {
            check_shown(&dress(text), &kept(text));
        }
    }
    let (mut message, mut expected) = (Html::default(), String::new());
    for (part, dress) in text.split('\n').zip(DRESSES.into_iter().cycle()) {
        if !message.as_str().is_empty() {
            expected.push('\n');
        }
        message = message.line(dress(part));
        expected.push_str(&kept(part));
    }
    check_shown(&message, &expected);
    let once_more = Html::quote(message.as_str()).paragraph(Html::text(&expected));
    check_shown(&once_more, &format!("{}\n\n{expected}", message.as_str()));
    assert!(
        toast(&text).encode_utf16().count() <= 200,
        "a toast that is too long"
    );
}

/// What of a text can be shown.
fn kept(text: &str) -> String {
    let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(is_kept).collect()
}

/// Whether Telegram reads a message, and shows this and nothing else, as we do where it refuses.
fn check_shown(html: &Html, expected: &str) {
    let Ok(styled) = parse_html(html.as_str()) else {
        panic!("Telegram refuses it");
    };
    assert!(styled.text == expected, "Telegram shows something else");
    assert!(html.to_plain() == expected, "a text that changes");
    let units = expected.encode_utf16().count();
    for entity in styled.entities {
        let is_ours = matches!(entity.kind.as_str(), "bold" | "code" | "blockquote");
        assert!(is_ours, "markup from outside: {}", entity.kind);
        assert!(entity.offset + entity.length <= units, "beyond the end");
    }
}

/// Whether a cut text fits, and is the beginning of the whole one.
fn check_cut(whole: &str, cut: &str, units: usize) {
    if cut == whole {
        return;
    }
    let length = cut.encode_utf16().count();
    assert!(length <= units.max(1), "cut too late");
    assert!(length + 1 >= units, "cut too early");
    let begin = cut.strip_suffix('…');
    assert!(
        begin.is_some_and(|begin| whole.starts_with(begin)),
        "not its beginning"
    );
}
