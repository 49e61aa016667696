//! Invented SMS: texts as the services word them, with codes that nobody ever received.
//!
//! Invariant: the same order's n-th SMS is always the same text, and two neighbouring ones differ.

/// The invented text of an order's `nth` SMS (from 0).
pub(super) fn invented(service: &str, order: u64, nth: usize) -> String {
    let six = digits(order, nth, 100_000);
    let name = service.to_lowercase();
    let knows = |word: &str| name.contains(word);
    if knows("whatsapp") {
        let (left, right) = six.split_at(3);
        format!("Kode WhatsApp Anda: {left}-{right}\nJangan bagikan kode ini")
    } else if knows("telegram") {
        let five = digits(order, nth, 10_000);
        format!("Telegram code: {five}\n\nDo not give this code to anyone.")
    } else if knows("google") || knows("gmail") {
        format!("G-{six} is your Google verification code.")
    } else if knows("gojek") || knows("gopay") {
        let four = digits(order, nth, 1_000);
        format!("JANGAN KASIH KODE INI KE SIAPA PUN, termasuk pihak {service}. Kode OTP: {four}")
    } else if knows("shopee") {
        format!("[SHOPEE] JANGAN BERIKAN KODE VERIFIKASI {six} KE SIAPA PUN.")
    } else if knows("facebook") || knows("instagram") {
        format!("<#> {six} is your {service} code. Don't share it.")
    } else {
        format!("{six} adalah kode verifikasi {service} kamu. Berlaku 5 menit.")
    }
}

/// The code in an SMS as VirtuSIM's site shows it: the first run of four or more digits, a dash
/// in its middle left out.
pub(super) fn code_in(text: &str) -> Option<String> {
    text.split(|character: char| !(character.is_ascii_digit() || character == '-'))
        .map(|word| word.replace('-', ""))
        .find(|word| word.len() >= 4)
}

fn digits(order: u64, nth: usize, lowest: u64) -> String {
    let nth = u64::try_from(nth).unwrap_or(0);
    let mixed = order
        .wrapping_mul(48_271)
        .wrapping_add(nth.wrapping_mul(7_919).wrapping_add(12_345));
    (lowest + mixed % (lowest * 9)).to_string()
}

#[cfg(test)]
mod tests {
    use super::{code_in, invented};

    #[test]
    fn every_text_carries_its_code() {
        for service in [
            "WhatsApp", "Telegram", "Google", "Gojek", "Shopee", "Facebook", "Dana",
        ] {
            let first = code_in(&invented(service, 1_000_001, 0));
            assert!(first.is_some(), "{service}");
            assert_ne!(
                first,
                code_in(&invented(service, 1_000_001, 1)),
                "{service}"
            );
            assert_ne!(
                first,
                code_in(&invented(service, 1_000_002, 0)),
                "{service}"
            );
        }
        assert_eq!(code_in("Kode: 123-456"), Some("123456".to_owned()));
        assert_eq!(code_in("no code here, just 42"), None);
    }
}
