//! What is sealed opens with its key at its place, and with nothing else anywhere else.

use proptest::prelude::*;

use super::*;
use crate::store::entity::{orders, sms};

const HERE: Place<'_> = Place {
    table: "orders",
    column: "number",
    row: "7",
};

fn keys(text: &str) -> Keys {
    Keys::parse(&text.into()).unwrap()
}

fn fresh() -> Keys {
    Keys::parse(&new_key()).unwrap()
}

proptest! {
    #[test]
    fn any_text_opens_again(text in "[\\s\\S]{0,300}") {
        let keys = fresh();
        let value = keys.seal(HERE, &text).unwrap();
        prop_assert!(value.starts_with(&keys.prefix().unwrap()));
        prop_assert!(text.is_empty() || text.len() < 4 || !value.contains(&text));
        prop_assert_eq!(keys.open(HERE, value).unwrap(), text);
    }

    #[test]
    fn a_changed_value_does_not_open(text in "[\\s\\S]{1,80}", at in any::<prop::sample::Index>()) {
        let keys = fresh();
        let value = keys.seal(HERE, &text).unwrap();
        let (name, sealed) = value.split_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1;
        let forged = format!("{name}.{}", URL_SAFE_NO_PAD.encode(bytes));
        prop_assert_eq!(keys.open(HERE, forged), Err(SealError::Broken(HERE.to_string())));
    }

    #[test]
    fn a_shortened_value_never_opens_as_something_else(text in "[\\s\\S]{1,80}", left in any::<prop::sample::Index>()) {
        let keys = fresh();
        let value = keys.seal(HERE, &text).unwrap();
        let short = value[..left.index(value.len())].to_owned();
        // What is too short to be a value is a text that was never sealed; it holds nothing.
        if let Ok(opened) = keys.open(HERE, short.clone()) {
            prop_assert_eq!(opened, short);
        }
    }

    #[test]
    fn what_was_never_sealed_is_read_as_it_is(text in "\\PC{0,60}") {
        prop_assume!(parts(&text).is_none());
        prop_assert_eq!(fresh().open(HERE, text.clone()).unwrap(), text);
    }
}

#[test]
fn a_value_that_is_moved_does_not_open() {
    let keys = fresh();
    let value = keys.seal(HERE, "628123456789").unwrap();
    for there in [
        Place { row: "8", ..HERE },
        Place {
            column: "label",
            ..HERE
        },
        Place {
            table: "sms",
            ..HERE
        },
    ] {
        let moved = keys.open(there, value.clone());
        assert_eq!(moved, Err(SealError::Broken(there.to_string())));
    }
}

#[test]
fn the_same_text_is_another_value_each_time_and_has_one_mark() {
    let keys = fresh();
    assert_ne!(
        keys.seal(HERE, "123").unwrap(),
        keys.seal(HERE, "123").unwrap()
    );
    assert_eq!(keys.mark("a", "123"), keys.mark("a", "123"));
    assert_ne!(keys.mark("a", "123"), keys.mark("b", "123"));
    assert_ne!(keys.mark("a", "123"), fresh().mark("a", "123"));
}

#[test]
fn another_key_does_not_open_it_and_an_old_one_does() {
    let old_text = new_key();
    let old = Keys::parse(&old_text).unwrap();
    let value = old.seal(HERE, "secret").unwrap();
    let other = fresh();
    let id = old.ids().next().unwrap().to_owned();
    assert_eq!(
        other.open(HERE, value.clone()),
        Err(SealError::Unknown(HERE.to_string(), id))
    );
    let both = keys(&format!(
        "{},{}",
        new_key().expose_secret(),
        old_text.expose_secret()
    ));
    assert_eq!(both.open(HERE, value.clone()).unwrap(), "secret");
    assert!(!value.starts_with(&both.prefix().unwrap()));
    assert_eq!(both.marks("a", "x").len(), 2);
    assert!(both.marks("a", "x").contains(&old.mark("a", "x").unwrap()));
}

#[test]
fn keys_that_cannot_be_used() {
    let one = new_key();
    let one = one.expose_secret();
    for (text, wrong) in [
        ("", SealError::Empty),
        (" , \n", SealError::Empty),
        ("short", SealError::NoKey),
        (&one[1..], SealError::NoKey),
        (&format!("{one}A"), SealError::NoKey),
        (&format!("{one} {one}"), SealError::Twice),
    ] {
        let refused = Keys::parse(&text.into()).unwrap_err();
        assert_eq!(refused, wrong);
        assert!(!refused.to_string().contains(one));
    }
    assert_eq!(keys(&format!("{one}\n")).ids().count(), 1);
    assert!(!format!("{:?}", keys(one)).contains(one));
}

#[test]
fn numbers_are_the_same_however_they_are_typed() {
    for typed in ["+62 812-3456", "(62) 8123456", "628123456"] {
        assert_eq!(normal_number(typed), "628123456");
    }
    assert_eq!(
        normal_number(" Some.One@Mail.example "),
        "some.one@mail.example"
    );
}

#[test]
fn rows_are_sealed_in_their_columns_and_nowhere_else() {
    let keys = fresh();
    let row = sms::Model {
        id: 5,
        order_id: 7,
        text: "Your code is 4711".into(),
        code: Some("4711".into()),
        seen_at_ms: 9,
        sender: None,
        sent_at_ms: Some(8),
        digest: None,
    };
    let sealed = row.clone().sealed(&keys).unwrap();
    assert!(sealed.text.starts_with('k') && sealed.sender.is_none());
    assert_ne!(sealed.code, row.code);
    let other = sms::Model {
        order_id: 8,
        ..sealed.clone()
    };
    assert!(other.opened(&keys).is_err(), "it opens in another order");
    let opened = sealed.opened(&keys).unwrap();
    assert_eq!((opened.text, opened.code), (row.text, row.code));
    assert_eq!(orders::Model::TABLE, "orders");
}
