//! What a voucher looks like.
//!
//! Invariant: a code has 80 random bits; however people write it, it reads back the same.

use std::fmt;

use crate::domain::id::Nonce;

/// How many letters a code has.
const LETTERS: usize = 16;
/// People read and type in groups.
const GROUP: usize = 4;

/// A code, in small letters without dashes.
#[derive(Clone, PartialEq, Eq)]
pub struct VoucherCode(String);

/// Whoever knows the code has the money, so it is shown to nobody by accident.
impl fmt::Debug for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VoucherCode(…)")
    }
}

impl VoucherCode {
    /// A fresh one.
    #[must_use]
    pub fn random() -> Self {
        Self(Nonce::random().0)
    }

    /// Reads what somebody typed where a code is expected: in any case, with or without dashes and
    /// spaces; `None` for what can be no code.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > 64 {
            return None;
        }
        let code: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let is_ours = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
        (code.len() == LETTERS && code.bytes().all(is_ours)).then_some(Self(code))
    }

    /// Reads a message that is a code and nothing else: written as we show it, so that no name of
    /// a service is taken for one.
    #[must_use]
    pub fn read_message(text: &str) -> Option<Self> {
        let code = Self::read(text)?;
        let shown = code.to_string();
        text.trim().eq_ignore_ascii_case(&shown).then_some(code)
    }

    /// As it is kept and put into links.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As people see it: `ABCD-EFGH-IJKL-MNOP`.
impl fmt::Display for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.chars().enumerate() {
            if at > 0 && at.is_multiple_of(GROUP) {
                f.write_str("-")?;
            }
            write!(f, "{}", letter.to_ascii_uppercase())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_reads_back_however_it_is_written() {
        let code = VoucherCode::random();
        let shown = code.to_string();
        assert_eq!(shown.len(), LETTERS + 3);
        for text in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            format!(" {shown}\n"),
            code.as_str().to_owned(),
        ] {
            assert_eq!(VoucherCode::read(&text), Some(code.clone()), "{text}");
        }
        assert_eq!(
            VoucherCode::read_message(&format!(" {shown} ")),
            Some(code.clone())
        );
        assert_eq!(VoucherCode::read_message(code.as_str()), None);
        assert_eq!(format!("{code:?}"), "VoucherCode(…)");
    }

    #[test]
    fn other_words_are_no_code() {
        for text in [
            "",
            "WhatsApp",
            "abcd-efgh-ijkl-mno",
            "abcd-efgh-ijkl-mnopq",
            "abcd-efgh-ijkl-mno1",
            "abcd-efgh-ijkl-mnoé",
        ] {
            assert_eq!(VoucherCode::read(text), None, "{text}");
        }
        // As a message this is the name of something; behind /voucher it is a wrong code.
        assert_eq!(VoucherCode::read_message("internationalise"), None);
        assert!(VoucherCode::read("internationalise").is_some());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
            let _ = VoucherCode::read_message(&text);
        }
    }
}
