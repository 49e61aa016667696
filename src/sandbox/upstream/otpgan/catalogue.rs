//! What the simulated OTPGan sells: (slug, name, price in rupiah, numbers in stock).
//!
//! Invariant: a slug is there once.

use super::super::catalogue::{Catalogue, Country};

const INDONESIA: &[(&str, &str, u32, u64)] = &[
    ("wa", "WhatsApp", 3_900, 1_900),
    ("tg", "Telegram", 5_900, 850),
    ("ig", "Instagram", 1_150, 4_100),
    ("fb", "Facebook", 1_100, 5_200),
    ("go", "Google", 1_900, 1_700),
    ("ka", "Shopee", 1_050, 6_000),
    ("ni", "Gojek", 1_200, 3_800),
    ("jg", "Grab", 1_250, 3_500),
    ("lf", "TikTok", 1_300, 2_900),
    ("xd", "Tokopedia", 950, 4_700),
    ("fr", "DANA", 1_450, 2_200),
    ("xh", "OVO", 1_400, 2_400),
];

/// Everything it sells.
pub(in super::super) fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let indonesia = Country {
        id: "6",
        code: "ID",
        name: "Indonesia",
        prefix: "62899",
        operators: &["AXIS", "TSEL", "ISAT", "XL", "TRI"],
    };
    catalogue.add_named(indonesia, INDONESIA);
    catalogue
}
