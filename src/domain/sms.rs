//! Finding the code in an SMS.
//!
//! Invariant: the text itself is never changed; the code is a part of it or of its digits.

/// The code in an SMS text, or `None` where nothing looks like one.
///
/// Codes are 4 to 8 digits, sometimes written `123-456`, `123 456` or `G-123456`. A text with
/// several candidates gives the one that stands nearest behind a word for "code"; a phone number,
/// a year or an amount of money is no candidate unless it is the only one. A text that is longer
/// than any SMS is not looked through to its end.
#[must_use]
pub fn extract_code(text: &str) -> Option<String> {
    let text = &text[..text.floor_char_boundary(LONGEST_SMS_BYTES)];
    let candidates = candidates(text);
    let best = candidates
        .iter()
        .min_by_key(|candidate| (candidate.penalty(text), candidate.start))?;
    Some(best.digits.clone())
}

/// Ten parts of an SMS are about 1,500 characters.
const LONGEST_SMS_BYTES: usize = 4_000;

struct Candidate {
    start: usize,
    end: usize,
    digits: String,
}

const CODE_WORDS: [&str; 9] = [
    "code", "kode", "otp", "pin", "verif", "token", "passcode", "код", "password",
];

impl Candidate {
    /// Lower is better.
    fn penalty(&self, text: &str) -> usize {
        let before = text[..self.start].to_lowercase();
        let after = text[self.end..].to_lowercase();
        let nearest = CODE_WORDS
            .iter()
            .filter_map(|word| {
                let behind = before.rfind(word).map(|at| before.len() - at);
                let ahead = after.find(word).map(|at| at + word.len() + 8);
                behind.into_iter().chain(ahead).min()
            })
            .min()
            .unwrap_or(500)
            .min(500);
        let money = before.trim_end().ends_with("rp") || before.trim_end().ends_with(['$', '€']);
        let year = self.digits.len() == 4
            && (self.digits.starts_with("20") || self.digits.starts_with("19"));
        nearest + usize::from(money) * 1_000 + usize::from(year) * 40
    }
}

/// Runs of 4 to 8 digits, where one dash or space may stand between two groups of three or four.
fn candidates(text: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (index, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_ascii_digit(), start) {
            (true, None) => start = Some(index),
            (false, Some(from)) => {
                runs.push((from, index));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    let mut index = 0;
    while let Some(&(from, to)) = runs.get(index) {
        index += 1;
        if let Some(&(next_from, next_to)) = runs.get(index) {
            let gap = &text[to..next_from];
            let paired = to - from == next_to - next_from && matches!(to - from, 3 | 4);
            if paired && (gap == "-" || gap == " ") {
                let digits = format!("{}{}", &text[from..to], &text[next_from..next_to]);
                found.push(Candidate {
                    start: from,
                    end: next_to,
                    digits,
                });
                index += 1;
                continue;
            }
        }
        let after_plus = text[..from].ends_with('+');
        if (4..=8).contains(&(to - from)) && !after_plus {
            found.push(Candidate {
                start: from,
                end: to,
                digits: text[from..to].to_owned(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_without_end_is_not_searched_without_end() {
        let text = "code 1234. ".to_owned() + &"56789a".repeat(100_000);
        assert_eq!(extract_code(&text).as_deref(), Some("1234"));
        assert_eq!(extract_code(&"ö".repeat(3_000)), None);
    }

    #[test]
    fn codes_are_found_where_people_see_them() {
        let cases = [
            (
                "Your WhatsApp code: 481-902. Don't share it",
                Some("481902"),
            ),
            ("G-204911 is your Google verification code.", Some("204911")),
            (
                "<#> 7312 adalah kode OTP Anda. Berlaku 5 menit",
                Some("7312"),
            ),
            ("Kode verifikasi 55 10 tidak ada", None),
            ("Rp50000 dipotong. Kode OTP: 918273", Some("918273")),
            ("Use 123 456 to log in", Some("123456")),
            ("Telegram code 40912", Some("40912")),
            ("In 2026 your code is 8841", Some("8841")),
            ("Call +628990001111 for help, PIN 6612", Some("6612")),
            ("Hello", None),
            ("", None),
            ("123456", Some("123456")),
            ("код: 334455", Some("334455")),
        ];
        for (text, code) in cases {
            assert_eq!(extract_code(text).as_deref(), code, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_made_of_the_texts_digits(text in "\\PC{0,80}") {
            if let Some(code) = extract_code(&text) {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                prop_assert!(digits.contains(&code));
            }
        }

        #[test]
        fn the_only_number_is_the_code(code in "[1-9][0-9]{3,7}") {
            let text = format!("Code {code}.");
            prop_assert_eq!(extract_code(&text), Some(code));
        }
    }
}
