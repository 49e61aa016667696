//! What a simulated host of the family sells: (code, name, price in hundredths of a cent, numbers
//! in stock).
//!
//! Invariant: Indonesia comes first, a service has the same code and name in every country, and
//! an offer's id is `country:code`.

use super::super::catalogue::{Catalogue, Country};

const INDONESIA: &[(&str, &str, u32, u64)] = &[
    ("wa", "Whatsapp", 2_850, 1_204),
    ("tg", "Telegram", 4_300, 611),
    ("go", "Google,youtube,Gmail", 1_200, 2_077),
    ("fb", "facebook", 775, 3_310),
    ("ig", "Instagram+Threads", 725, 4_018),
    ("ka", "Shopee", 600, 5_920),
    ("ot", "Any other", 900, 8_000),
    ("kc", "Vinted", 900, 310),
];

const RUSSIA: &[(&str, &str, u32, u64)] = &[
    ("wa", "Whatsapp", 11_000, 40),
    ("tg", "Telegram", 12_500, 0),
];

const MALAYSIA: &[(&str, &str, u32, u64)] =
    &[("wa", "Whatsapp", 8_100, 95), ("tg", "Telegram", 9_900, 77)];

const PHILIPPINES: &[(&str, &str, u32, u64)] = &[
    ("wa", "Whatsapp", 6_400, 380),
    ("fb", "facebook", 1_050, 900),
];

const VIETNAM: &[(&str, &str, u32, u64)] = &[("wa", "Whatsapp", 5_950, 512)];

const INDIA: &[(&str, &str, u32, u64)] = &[
    ("wa", "Whatsapp", 5_400, 640),
    ("tg", "Telegram", 6_600, 410),
];

/// Everything it sells.
pub(in super::super) fn catalogue() -> Catalogue {
    let country = |id, code, name, prefix, operators| Country {
        id,
        code,
        name,
        prefix,
        operators,
    };
    let mut catalogue = Catalogue::default();
    let indonesian: &[&str] = &["telkomsel", "indosat", "axis", "three"];
    let indonesia = country("6", "ID", "Indonesia", "62896", indonesian);
    catalogue.add_coded(indonesia, INDONESIA);
    let russia = country("0", "RU", "Russia", "7998", &["mts", "megafon"]);
    catalogue.add_coded(russia, RUSSIA);
    let malaysia = country("7", "MY", "Malaysia", "60198", &["maxis", "digi"]);
    catalogue.add_coded(malaysia, MALAYSIA);
    let philippines = country("4", "PH", "Philippines", "63998", &["globe", "smart"]);
    catalogue.add_coded(philippines, PHILIPPINES);
    let vietnam = country("10", "VN", "Vietnam", "84998", &["viettel", "mobifone"]);
    catalogue.add_coded(vietnam, VIETNAM);
    let india = country("22", "IN", "India", "91998", &["airtel", "jio"]);
    catalogue.add_coded(india, INDIA);
    catalogue
}
