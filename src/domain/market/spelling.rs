//! How names are compared.
//!
//! Invariant: two names are one exactly if their normalised forms are equal.

/// Letters and digits only, in lower case: `Whats-App ` and `whatsapp` are one word.
#[must_use]
pub fn normalise(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What stands between a name and its price.
const SEPARATORS: [&str; 6] = [" - ", " – ", " — ", " | ", ": ", " ("];
/// Words and signs of currencies that upstreams write behind names.
const CURRENCIES: [&str; 17] = [
    "pkr", "rs", "idr", "rp", "usd", "inr", "rub", "eur", "rupees", "rupiah", "₨", "$", "€", "£",
    "₽", "₹", "¥",
];

/// The name without a price behind it: `WhatsApp - 60 PKR` is `WhatsApp`. A tail counts as a
/// price only if it is a number and a currency, so `Pakistan - Server 2` stays as it is.
#[must_use]
pub fn without_price(name: &str) -> &str {
    let name = name.trim();
    for separator in SEPARATORS {
        if let Some((head, tail)) = name.rsplit_once(separator)
            && is_price(tail)
            && head.chars().any(char::is_alphanumeric)
        {
            return head.trim_end();
        }
    }
    name
}

fn is_price(tail: &str) -> bool {
    let tail = tail.to_lowercase();
    let is_digit = |c: char| c.is_ascii_digit();
    let word: String = tail
        .chars()
        .filter(|c| {
            !is_digit(*c) && !c.is_whitespace() && !matches!(c, '.' | ',' | ')' | '/' | '-')
        })
        .collect();
    tail.contains(is_digit) && CURRENCIES.contains(&word.as_str())
}
