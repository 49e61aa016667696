//! What the simulated OTPGet sells: (name, price in rupees, numbers in stock).
//!
//! Invariant: a country's id is `type/number`, and its services are numbered from 101 on, each
//! number used once. Mailboxes have no such ids: an offer of theirs is `server:domain:service`.

use rust_decimal::Decimal;

use super::super::catalogue::{Catalogue, Country};
use super::super::rental::{Area, Place};

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

/// The mailboxes that server 1 sells at its domains: (offer, name, price, addresses).
const GMAIL_SERVICES: &[(&str, &str, u32, u64)] = &[
    ("1:gmail.com:tg", "Telegram", 38, 410),
    ("1:gmail.com:fb", "Facebook", 22, 900),
    ("1:gmail.com:ig", "Instagram", 24, 0),
];
const OUTLOOK_SERVICES: &[(&str, &str, u32, u64)] = &[
    ("1:outlook.com:tg", "Telegram", 9, 2_300),
    ("1:outlook.com:fb", "Facebook", 6, 5_200),
];
/// And those that server 2 sells for sites.
const GMAIL_SITES: &[(&str, &str, u32, u64)] = &[
    ("2:gmail.com:telegram.com", "telegram.com", 31, 120),
    ("2:gmail.com:facebook.com", "facebook.com", 19, 75),
];
const HOTMAIL_SITES: &[(&str, &str, u32, u64)] = &[
    ("2:hotmail.com:telegram.com", "telegram.com", 8, 640),
    ("2:hotmail.com:instagram.com", "instagram.com", 7, 380),
];

/// What the activations' handler sells, and the mailboxes.
pub(in super::super) fn with_mailboxes() -> Catalogue {
    let domain = |id, prefix| Country {
        id,
        code: "",
        name: "",
        prefix,
        operators: &["any"],
    };
    let mut catalogue = catalogue();
    catalogue.add_named(domain("mail1-gmail", "@gmail.com"), GMAIL_SERVICES);
    catalogue.add_named(domain("mail1-outlook", "@outlook.com"), OUTLOOK_SERVICES);
    catalogue.add_named(domain("mail2-gmail", "@gmail.com"), GMAIL_SITES);
    catalogue.add_named(domain("mail2-hotmail", "@hotmail.com"), HOTMAIL_SITES);
    catalogue
}

/// Hours and prices in rupees.
const SHORT_AND_LONG: &[(u32, u32)] = &[
    (12, 60),
    (24, 95),
    (168, 310),
    (720, 840),
    (4_320, 4_200),
    (8_640, 7_600),
];
const LONG: &[(u32, u32)] = &[(720, 780), (4_320, 3_900), (8_640, 7_200)];
/// Area code, name, numbers, months at least.
const CITIES: &[(&str, &str, u64, u32)] = &[
    ("202", "Washington, DC", 3_338, 0),
    ("212", "New York, NY", 41, 1),
    ("415", "San Francisco, CA", 0, 1),
];
const MOBILE: &[(&str, &str, u64, u32)] = &[("", "Mobile", 212, 0)];

/// Where numbers are for rent.
pub(in super::super) fn rental_places() -> Vec<Place> {
    vec![
        place(
            1,
            ("US", "United States", "1202555"),
            SHORT_AND_LONG,
            CITIES,
        ),
        place(
            1,
            ("GB", "United Kingdom", "44770090"),
            SHORT_AND_LONG,
            MOBILE,
        ),
        place(2, ("US", "United States", "1415555"), LONG, CITIES),
        place(2, ("NL", "Netherlands", "3197010"), LONG, MOBILE),
    ]
}

fn place(
    server: u8,
    country: (&'static str, &'static str, &'static str),
    prices: &[(u32, u32)],
    areas: &[(&'static str, &'static str, u64, u32)],
) -> Place {
    let (country_code, name, prefix) = country;
    let prices = prices.iter();
    let areas = areas.iter();
    Place {
        server,
        country_code,
        name,
        prefix,
        prices: prices
            .map(|(hours, price)| (*hours, Decimal::from(*price)))
            .collect(),
        areas: areas
            .map(|(code, title, left, min_month)| Area {
                code,
                title,
                left: *left,
                min_month: *min_month,
            })
            .collect(),
    }
}
