//! QRIS, Indonesia's payment code: from the static text that a merchant has to one with an amount.
//!
//! The text is EMVCo's: fields of two digits for the tag, two for the length, and the value; the
//! last is a CRC-16 over everything before its own value. Invariant: what is not understood to the
//! last character is refused, and what is written carries a right checksum.

use crate::domain::money::Money;

/// The field that says whether the code is for one payment.
const INITIATION: &str = "01";
const ONE_PAYMENT: &str = "12";
const CURRENCY: &str = "53";
const RUPIAH: &str = "360";
const AMOUNT: &str = "54";
const COUNTRY: &str = "58";
const MERCHANT: &str = "59";
const CHECKSUM: &str = "63";
/// The checksum's tag and length, which it covers itself.
const CHECKSUM_HEAD: &str = "6304";

/// Why a text is no QRIS of a merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrisError {
    /// A field breaks off, or is no field.
    #[error("it is not made of whole fields; copy it once more from the QR code")]
    NotFields,
    /// The checksum is wrong or missing.
    #[error("its checksum is wrong; copy it once more from the QR code")]
    Checksum,
    /// It is not in rupiah, or not Indonesian.
    #[error("it is no Indonesian code in rupiah")]
    NotIndonesian,
    /// It lacks the merchant, or has an amount already.
    #[error("it is not the static code of a merchant")]
    NotStatic,
}

/// A merchant's static code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticQris {
    /// All fields but the checksum, in their order.
    fields: Vec<(String, String)>,
}

impl StaticQris {
    /// Reads the text of a merchant's QR code.
    ///
    /// # Errors
    /// [`QrisError`].
    pub fn read(text: &str) -> Result<Self, QrisError> {
        let text = text.trim();
        let (covered, sum) = text
            .len()
            .checked_sub(4)
            .and_then(|at| text.split_at_checked(at))
            .ok_or(QrisError::NotFields)?;
        let mut fields = fields(text)?;
        let last = fields.pop().ok_or(QrisError::NotFields)?;
        let is_right =
            last.0 == CHECKSUM && sum.eq_ignore_ascii_case(&checksum(covered.as_bytes()));
        if !is_right || fields.iter().any(|(tag, _)| tag == CHECKSUM) {
            return Err(QrisError::Checksum);
        }
        let qris = Self { fields };
        if qris.value(CURRENCY) != Some(RUPIAH) || qris.value(COUNTRY) != Some("ID") {
            return Err(QrisError::NotIndonesian);
        }
        let starts = qris.fields.first().is_some_and(|(tag, _)| tag == "00");
        if !starts || qris.value(MERCHANT).is_none() || qris.value(AMOUNT).is_some() {
            return Err(QrisError::NotStatic);
        }
        Ok(qris)
    }

    fn value(&self, tag: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| known == tag)
            .map(|(_, value)| value.as_str())
    }

    /// The merchant's name.
    #[must_use]
    pub fn merchant(&self) -> &str {
        self.value(MERCHANT).unwrap_or_default()
    }

    /// The text of a code for one payment of so many rupiah.
    #[must_use]
    pub fn with_amount(&self, amount: Money) -> String {
        let mut fields: Vec<(String, String)> = self
            .fields
            .iter()
            .filter(|(tag, _)| tag != INITIATION)
            .cloned()
            .collect();
        fields.push((INITIATION.to_owned(), ONE_PAYMENT.to_owned()));
        fields.push((AMOUNT.to_owned(), amount.as_minor().to_string()));
        // Two digits each, so the order of words is that of numbers.
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut text = String::new();
        for (tag, value) in fields {
            text.push_str(&format!("{tag}{:02}{value}", value.len()));
        }
        text.push_str(CHECKSUM_HEAD);
        let sum = checksum(text.as_bytes());
        text + &sum
    }
}

/// The fields of a text, in their order.
fn fields(text: &str) -> Result<Vec<(String, String)>, QrisError> {
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(QrisError::NotFields);
    }
    let mut fields = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (head, after) = rest.split_at_checked(4).ok_or(QrisError::NotFields)?;
        if !head.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(QrisError::NotFields);
        }
        let (tag, length) = head.split_at(2);
        let length: usize = length.parse().map_err(|_| QrisError::NotFields)?;
        let (value, after) = after
            .split_at_checked(length)
            .filter(|(value, _)| !value.is_empty())
            .ok_or(QrisError::NotFields)?;
        fields.push((tag.to_owned(), value.to_owned()));
        rest = after;
    }
    Ok(fields)
}

/// CRC-16/CCITT-FALSE in four capital hexadecimal digits.
fn checksum(bytes: &[u8]) -> String {
    let mut crc: u16 = 0xFFFF;
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let carries = crc & 0x8000 != 0;
            crc <<= 1;
            if carries {
                crc ^= 0x1021;
            }
        }
    }
    format!("{crc:04X}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An invented merchant's code, its checksum added.
    fn with_checksum(body: &str) -> String {
        let covered = format!("{body}{CHECKSUM_HEAD}");
        let sum = checksum(covered.as_bytes());
        format!("{covered}{sum}")
    }

    const BODY: &str = "00020101021126310017ID.CO.EXAMPLE.WWW0206ABC1235204541153033605802ID5910TOKO NOMOR6007JAKARTA61051011062070703A01";

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        // The check value that catalogues of CRCs give for this one.
        assert_eq!(checksum(b"123456789"), "29B1");
    }

    #[test]
    fn an_amount_is_put_into_a_static_code() {
        let qris = StaticQris::read(&with_checksum(BODY)).unwrap();
        assert_eq!(qris.merchant(), "TOKO NOMOR");
        let text = qris.with_amount(Money::minor(50_123));
        let expected = BODY
            .replace("010211", "010212")
            .replace("5303360", "5303360540550123");
        assert_eq!(text, with_checksum(&expected));
        // It is a whole code again, but no static one.
        assert_eq!(StaticQris::read(&text), Err(QrisError::NotStatic));
    }

    #[test]
    fn what_is_no_static_code_is_refused() {
        let whole = with_checksum(BODY);
        assert_eq!(StaticQris::read(""), Err(QrisError::NotFields));
        assert_eq!(
            StaticQris::read(&whole[..whole.len() - 1]),
            Err(QrisError::NotFields)
        );
        let wrong = format!("{}0000", &whole[..whole.len() - 4]);
        assert_eq!(StaticQris::read(&wrong), Err(QrisError::Checksum));
        let another = whole.replace("JAKARTA", "BANDUNG");
        assert_eq!(StaticQris::read(&another), Err(QrisError::Checksum));
        for (from, to, error) in [
            ("5303360", "5303840", QrisError::NotIndonesian),
            ("5802ID", "5802SG", QrisError::NotIndonesian),
            ("5910TOKO NOMOR", "", QrisError::NotStatic),
            ("5303360", "5303360540510000", QrisError::NotStatic),
            ("000201", "", QrisError::NotStatic),
            ("5802ID", "58021D", QrisError::NotIndonesian),
            ("5802ID", "5800", QrisError::NotFields),
            ("5802ID", "xx02ID", QrisError::NotFields),
        ] {
            let text = with_checksum(&BODY.replace(from, to));
            assert_eq!(StaticQris::read(&text), Err(error), "{from} → {to}");
        }
        let spaced = format!(" {}\n", with_checksum(BODY).to_lowercase());
        assert_eq!(StaticQris::read(&spaced), Err(QrisError::Checksum));
    }

    proptest! {
        #[test]
        fn every_amount_gives_a_whole_code(minor in 1..1_000_000_000_000_i64) {
            let qris = StaticQris::read(&with_checksum(BODY)).unwrap();
            let text = qris.with_amount(Money::minor(minor));
            let (covered, sum) = text.split_at(text.len() - 4);
            prop_assert_eq!(sum, checksum(covered.as_bytes()));
            let read = fields(&text).unwrap();
            let amount = minor.to_string();
            prop_assert!(read.contains(&(AMOUNT.to_owned(), amount)));
            let tags: Vec<_> = read.iter().map(|(tag, _)| tag).collect();
            prop_assert!(tags.is_sorted());
        }

        #[test]
        fn one_wrong_letter_is_seen(at in 0..130_usize, letter in "[0-9A-Z]") {
            let mut text = with_checksum(BODY);
            let at = at % text.len();
            prop_assume!(!text[at..=at].eq_ignore_ascii_case(&letter));
            text.replace_range(at..=at, &letter);
            prop_assert!(StaticQris::read(&text).is_err());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,120}") {
            let _ = StaticQris::read(&text);
        }
    }
}
