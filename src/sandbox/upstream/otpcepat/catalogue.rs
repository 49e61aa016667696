//! What the simulated OTPCepat sells: (name, price in rupiah, numbers in stock).
//!
//! Invariant: Indonesia comes first under its disguise, and a service is in a country's list once.

use super::super::catalogue::{Catalogue, Country};

const INDONESIA: &[(&str, u32, u64)] = &[
    ("Flip", 99, 4_100),
    ("Whatsapp", 3_150, 2_700),
    ("Telegram", 5_600, 1_150),
    ("Go-Jek", 850, 6_300),
    ("Shopee / ShopeePay", 800, 9_400),
    ("Tokopedia", 650, 8_800),
    ("Grab", 900, 5_900),
    ("Tiktok", 1_000, 5_200),
    ("Instagram", 780, 7_700),
    ("Facebook", 760, 9_100),
    ("Google / Gmail / Youtube", 1_500, 2_900),
    ("OVO", 1_050, 4_700),
    ("Dana", 1_200, 4_000),
    ("Link Aja", 950, 4_500),
    ("Lazada", 600, 7_300),
    ("BukaLapak", 520, 6_100),
    ("Blibli", 580, 5_600),
    ("Traveloka", 640, 4_900),
    ("Maxim", 600, 5_100),
    ("Line", 1_250, 2_300),
    ("Discord", 990, 3_600),
    ("Twitter / X", 700, 5_800),
    ("Netflix", 1_200, 2_200),
    ("Steam", 1_100, 2_500),
    ("Any Apps", 750, 15_000),
];

const RUSSIA: &[(&str, u32, u64)] = &[
    ("Whatsapp", 16_900, 90),
    ("Telegram", 19_400, 60),
    ("VK", 4_200, 800),
];

const MALAYSIA: &[(&str, u32, u64)] = &[
    ("Whatsapp", 13_200, 320),
    ("Telegram", 16_700, 180),
    ("Shopee / ShopeePay", 4_800, 640),
    ("Grab", 4_500, 590),
    ("Google / Gmail / Youtube", 5_900, 310),
];

const PHILIPPINES: &[(&str, u32, u64)] = &[
    ("Whatsapp", 10_800, 710),
    ("Telegram", 12_900, 450),
    ("GCash", 8_100, 280),
    ("Facebook", 2_600, 1_300),
];

const VIETNAM: &[(&str, u32, u64)] = &[
    ("Whatsapp", 9_900, 830),
    ("Telegram", 11_400, 520),
    ("Zalo", 5_300, 410),
    ("Tiktok", 2_400, 990),
];

const INDIA: &[(&str, u32, u64)] = &[
    ("Whatsapp", 8_700, 1_250),
    ("Telegram", 10_200, 900),
    ("Flipkart", 2_100, 1_700),
    ("Paytm", 3_300, 860),
];

const SPECIAL: &[(&str, u32, u64)] = &[
    ("Whatsapp Premium", 6_500, 400),
    ("Telegram Fresh", 9_800, 250),
    ("OpenAI / ChatGPT", 2_900, 700),
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
    let indonesian: &[&str] = &["telkomsel", "indosat", "axis", "xl", "three", "smartfren"];
    let mut catalogue = Catalogue::default();
    let wakanda = country("6", "ID", "Wakanda (Indo)", "62899", indonesian);
    catalogue.add(wakanda, 1, INDONESIA);
    let russia = country("0", "RU", "Russia", "7999", &["mts", "beeline"]);
    catalogue.add(russia, 1_001, RUSSIA);
    let malaysia = country("7", "MY", "Malaysia", "60199", &["maxis", "celcom"]);
    catalogue.add(malaysia, 2_001, MALAYSIA);
    let philippines = country("4", "PH", "Philippines", "63999", &["globe", "smart"]);
    catalogue.add(philippines, 3_001, PHILIPPINES);
    let vietnam = country("10", "VN", "Vietnam", "84999", &["viettel", "vinaphone"]);
    catalogue.add(vietnam, 4_001, VIETNAM);
    let india = country("22", "IN", "India", "91999", &["airtel", "jio"]);
    catalogue.add(india, 5_001, INDIA);
    catalogue.add_special(9_001, SPECIAL);
    catalogue
}
