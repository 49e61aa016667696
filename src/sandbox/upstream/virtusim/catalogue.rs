//! What the simulated VirtuSIM sells: (name, price in rupiah, numbers in stock).
//!
//! Invariant: Indonesia comes first, and a service is in a country's list once.

use super::super::catalogue::{Catalogue, Country};

const INDONESIA: &[(&str, u32, u64)] = &[
    ("Twitter", 650, 8_179),
    ("WhatsApp", 3_500, 2_264),
    ("Telegram", 5_200, 1_430),
    ("Gojek", 900, 9_812),
    ("Shopee", 750, 12_405),
    ("Tokopedia", 700, 10_338),
    ("Grab", 800, 7_921),
    ("TikTok", 950, 6_604),
    ("Instagram", 850, 8_850),
    ("Facebook", 800, 11_209),
    ("Google", 1_400, 3_377),
    ("GoPay", 1_100, 5_120),
    ("OVO", 1_000, 6_018),
    ("DANA", 1_250, 4_466),
    ("LinkAja", 900, 5_731),
    ("Lazada", 650, 9_046),
    ("Bukalapak", 500, 7_700),
    ("Blibli", 550, 6_942),
    ("Traveloka", 600, 5_833),
    ("Tiket.com", 600, 4_219),
    ("Maxim", 650, 6_127),
    ("inDrive", 700, 5_544),
    ("LINE", 1_300, 2_981),
    ("Discord", 1_050, 4_003),
    ("Microsoft", 600, 7_358),
    ("Yahoo", 550, 6_190),
    ("Amazon", 900, 3_845),
    ("Netflix", 1_150, 2_776),
    ("Steam", 1_200, 3_012),
    ("Tinder", 2_100, 1_688),
    ("Bumble", 1_900, 1_240),
    ("Viber", 850, 2_535),
    ("WeChat", 4_400, 640),
    ("KakaoTalk", 1_600, 912),
    ("OpenAI", 2_800, 1_075),
    ("PayPal", 1_700, 1_953),
    ("Kopi Kenangan", 450, 8_467),
    ("Fore Coffee", 450, 7_281),
    ("Alfagift", 500, 8_034),
    ("KlikIndomaret", 500, 7_619),
    ("Flip", 800, 4_872),
    ("Any other", 700, 20_000),
];

const MALAYSIA: &[(&str, u32, u64)] = &[
    ("WhatsApp", 14_500, 210),
    ("Telegram", 17_800, 155),
    ("Shopee", 5_300, 480),
    ("Grab", 4_900, 512),
    ("TikTok", 4_100, 377),
    ("Google", 6_200, 264),
];

const PHILIPPINES: &[(&str, u32, u64)] = &[
    ("WhatsApp", 11_900, 604),
    ("Telegram", 13_600, 398),
    ("GCash", 8_700, 240),
    ("Lazada", 3_600, 903),
    ("Facebook", 2_900, 1_120),
    ("Google", 4_800, 705),
];

/// Everything it sells.
pub(in super::super) fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let indonesia = Country {
        id: "1",
        code: "ID",
        name: "Indonesia",
        prefix: "62899",
        operators: &["telkomsel", "axis", "indosat"],
    };
    let malaysia = Country {
        id: "2",
        code: "MY",
        name: "Malaysia",
        prefix: "60199",
        operators: &["maxis", "celcom", "digi"],
    };
    let philippines = Country {
        id: "3",
        code: "PH",
        name: "Philippines",
        prefix: "63999",
        operators: &["globe", "smart"],
    };
    catalogue.add(indonesia, 1, INDONESIA);
    catalogue.add(malaysia, 501, MALAYSIA);
    catalogue.add(philippines, 601, PHILIPPINES);
    catalogue
}
