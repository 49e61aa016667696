//! Phone numbers in one form: international, digits only, without `+`.
//!
//! Invariant: a number that is already international is left as it is.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// The facts about countries, one row each: id, ISO codes, English name, dialling code, aliases.
const COUNTRIES: &str = include_str!("../../../data/countries.tsv");

/// How many digits an international number has.
const LENGTH: RangeInclusive<usize> = 7..=15;

/// What is asked of a country here.
struct Country {
    /// In the sms-activate numbering.
    id: &'static str,
    /// Its two letters.
    iso: &'static str,
    /// In English and otherwise, in lower case.
    names: Vec<String>,
    dial_code: &'static str,
}

static DIALLED: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let rows = COUNTRIES.lines().skip(1);
    rows.filter_map(country).collect()
});

/// `None` where the row knows no dialling code.
fn country(row: &'static str) -> Option<Country> {
    let mut columns = row.split('\t');
    let id = columns.next()?;
    let iso = columns.next()?;
    let english = columns.nth(1)?;
    let dial_code = columns.next()?;
    let aliases = columns.next().unwrap_or_default();
    let names = [english].into_iter().chain(aliases.split(';'));
    let is_plain = !dial_code.is_empty() && dial_code.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| Country {
        id,
        iso,
        names: names.map(str::to_lowercase).collect(),
        dial_code,
    })
}

/// The dialling code of a country by its id in the sms-activate numbering, which many hosts share.
#[must_use]
pub fn dial_code_by_id(id: &str) -> Option<&'static str> {
    dial_code(|country| country.id == id)
}

/// The dialling code of a country by its English name or one of its other names, in any case.
#[must_use]
pub fn dial_code_by_name(name: &str) -> Option<&'static str> {
    let name = name.trim().to_lowercase();
    if name.is_empty() {
        return None;
    }
    dial_code(|country| country.names.contains(&name))
}

/// The dialling code of a country by its two letters, in any case.
#[must_use]
pub fn dial_code_by_iso(letters: &str) -> Option<&'static str> {
    let letters = letters.trim().to_uppercase();
    if letters.len() != 2 {
        return None;
    }
    dial_code(|country| country.iso == letters)
}

fn dial_code(is_wanted: impl Fn(&Country) -> bool) -> Option<&'static str> {
    let found = DIALLED.iter().find(|country| is_wanted(country))?;
    Some(found.dial_code)
}

/// Writes a number in international form: `0812…` in Indonesia becomes `62812…`.
///
/// `dial` is the country's dialling code where it is known. Without it a leading zero followed by
/// an 8 is read as an Indonesian mobile number, because the hosts that write numbers this way are
/// Indonesian. `None` when too few or too many digits are left to be a phone number, and where
/// anything else than what groups digits stands between them: without the digits that a host
/// masked it would be somebody else's.
#[must_use]
pub fn international(raw: &str, dial: Option<&str>) -> Option<String> {
    let groups = |c: char| c.is_whitespace() || matches!(c, '+' | '-' | '.' | '(' | ')' | '/');
    if !raw.chars().all(|c| c.is_ascii_digit() || groups(c)) {
        return None;
    }
    let digits = digits(raw);
    let full = if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if let Some(rest) = digits.strip_prefix('0') {
        match dial {
            Some(dial) => format!("{dial}{rest}"),
            None if rest.starts_with('8') => format!("62{rest}"),
            None => digits,
        }
    } else if dial == Some("62") && digits.starts_with('8') && digits.len() <= 12 {
        format!("62{digits}")
    } else if dial == Some("91") && digits.len() == 10 {
        // Indian numbers have ten digits at home, none of them a leading zero.
        format!("91{digits}")
    } else if dial == Some("1") && digits.len() == 10 {
        // So have those of North America.
        format!("1{digits}")
    } else {
        digits
    };
    // The trunk zero sometimes stays behind the dialling code: 6208… is 628….
    let full = match full.strip_prefix("620") {
        Some(rest) if dial.is_none_or(|dial| dial == "62") => format!("62{rest}"),
        _ => full,
    };
    LENGTH.contains(&full.len()).then_some(full)
}

/// Whether a text has as many digits as a phone number, whatever stands between them.
#[must_use]
pub fn may_be_number(text: &str) -> bool {
    LENGTH.contains(&digits(text).len())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("081234500001", Some("62"), Some("6281234500001"))]
    #[case("6281234500001", Some("62"), Some("6281234500001"))]
    #[case("+62 812-3450-0001", Some("62"), Some("6281234500001"))]
    #[case("81234500001", Some("62"), Some("6281234500001"))]
    #[case("006281234500001", Some("62"), Some("6281234500001"))]
    #[case("62081234500001", Some("62"), Some("6281234500001"))]
    #[case("081234500001", None, Some("6281234500001"))]
    #[case("6281234500001", None, Some("6281234500001"))]
    #[case("79001234567", Some("7"), Some("79001234567"))]
    #[case("0123456789", Some("60"), Some("60123456789"))]
    #[case("916300123456", Some("91"), Some("916300123456"))]
    #[case("6300123456", Some("91"), Some("916300123456"))]
    #[case("9163001234", Some("91"), Some("919163001234"))]
    #[case("(202) 555-0142", Some("1"), Some("12025550142"))]
    #[case("12025550142", Some("1"), Some("12025550142"))]
    #[case("8613800000000", None, Some("8613800000000"))]
    #[case("-", None, None)]
    #[case("", Some("62"), None)]
    #[case("12345", None, None)]
    #[case("0812****0001", Some("62"), None)]
    #[case("62812xxxx50001", None, None)]
    #[case("call 081234500001", Some("62"), None)]
    #[case("0812\u{fffd}34500001", Some("62"), None)]
    #[case("1234567890123456789", None, None)]
    fn numbers_become_international(
        #[case] raw: &str,
        #[case] dial: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(international(raw, dial).as_deref(), expected);
    }

    #[rstest]
    #[case("6", Some("62"))]
    #[case("0", Some("7"))]
    #[case("nowhere", None)]
    fn dialling_codes_by_id(#[case] id: &str, #[case] code: Option<&str>) {
        assert_eq!(dial_code_by_id(id), code);
    }

    #[rstest]
    #[case("US", Some("1"))]
    #[case(" id ", Some("62"))]
    #[case("ZZ", None)]
    #[case("33", None)]
    #[case("", None)]
    fn dialling_codes_by_letters(#[case] letters: &str, #[case] code: Option<&str>) {
        assert_eq!(dial_code_by_iso(letters), code);
    }

    #[rstest]
    #[case("Indonesia", Some("62"))]
    #[case(" RUSSIA ", Some("7"))]
    #[case("Wonderland", None)]
    #[case("", None)]
    fn dialling_codes_by_name(#[case] name: &str, #[case] code: Option<&str>) {
        assert_eq!(dial_code_by_name(name), code);
    }

    proptest! {
        #[test]
        fn the_form_is_stable(raw in any::<String>(), digits in "[0-9+ -]{0,20}") {
            for raw in [raw, digits] {
                if let Some(number) = international(&raw, Some("62")) {
                    prop_assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
                }
                let _ = international(&raw, None);
            }
        }
    }
}
