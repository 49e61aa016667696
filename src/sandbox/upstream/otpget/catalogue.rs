//! What the simulated OTPGet sells: (name, price in rupees, numbers in stock).
//!
//! Invariant: a country's id is `type/number`, and its services are numbered from 101 on, each
//! number used once.

use super::super::catalogue::{Catalogue, Country};

const PAKISTAN: &[(&str, u32, u64)] = &[
    ("WhatsApp", 110, 620),
    ("Telegram", 145, 410),
    ("Facebook", 38, 2_300),
    ("Instagram", 35, 1_900),
    ("Google/Youtube/Gmail", 52, 880),
    ("TikTok", 41, 1_150),
];

const INDONESIA: &[(&str, u32, u64)] = &[("WhatsApp", 92, 340), ("Telegram", 128, 205)];

const MALAYSIA: &[(&str, u32, u64)] = &[("WhatsApp", 268, 88), ("Telegram", 310, 0)];

const VIETNAM: &[(&str, u32, u64)] = &[("WhatsApp", 205, 150), ("Facebook", 44, 730)];

/// Everything the activations' handler sells.
pub(in super::super) fn catalogue() -> Catalogue {
    let country = |id, code, name, prefix| Country {
        id,
        code,
        name,
        prefix,
        // It knows no operators: whatever its suppliers have.
        operators: &["any"],
    };
    let mut catalogue = Catalogue::default();
    catalogue.add(country("1/92", "PK", "Pakistan", "92399"), 101, PAKISTAN);
    catalogue.add(country("1/62", "ID", "Indonesia", "62895"), 201, INDONESIA);
    catalogue.add(country("2/7", "MY", "Malaysia", "60197"), 301, MALAYSIA);
    catalogue.add(country("2/10", "VN", "Vietnam", "84997"), 401, VIETNAM);
    catalogue
}

/// Everything the cheap numbers' handler sells: one offer a server, under the server's number.
pub(in super::super) fn cheap_catalogue() -> Catalogue {
    let server = |id, code, name, prefix| Country {
        id,
        code,
        name,
        prefix,
        operators: &["any"],
    };
    let mut catalogue = Catalogue::default();
    let pakistan = server("1/2", "PK", "Pakistan - Server 2", "92398");
    catalogue.add(pakistan, 2, &[("Pakistan Server 2", 50, 140)]);
    let random = server("1/1", "PK", "Random Facebook - Free", "92397");
    catalogue.add(random, 1, &[("Random Facebook", 0, 12)]);
    let indonesia = server("1/3", "ID", "Indonesia - Server 3", "62894");
    catalogue.add(indonesia, 3, &[("Indonesia Server 3", 64, 75)]);
    catalogue
}
