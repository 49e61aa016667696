//! The spellings that must meet, those that must not, and tables that are refused.

use rstest::rstest;

use super::spelling::{normalise, without_price};
use super::table::TableKind::{Codes, Countries, Operators, Policy, Services};
use super::*;

#[test]
fn the_shipped_tables_are_good() {
    let mut market = Market::default();
    for kind in TableKind::ALL {
        assert_eq!(market.add(kind, kind.shipped()), Ok(()), "{kind:?}");
    }
    assert!(market.services.len() > 900 && market.countries.len() > 200);
    for country in &market.countries {
        assert!(country.names.contains_key("id"), "{}", country.name);
        assert!(!country.name.contains('('), "{}", country.name);
        assert_ne!(country.flag(), "🌐", "{}", country.name);
    }
}

#[test]
fn spellings_of_one_service_meet() {
    let market = Market::shipped();
    for (provider, code, name) in [
        ("virtusim", "1", "WhatsApp"),
        ("virtusim", "1", "Whatsapp"),
        ("virtusim", "1", " WHATS APP "),
        ("hero", "wa", "wa"),
        ("hero", "wa", ""),
        ("otpget", "102", "WhatsApp - 60 PKR"),
        ("otpget", "7", "WhatsApp — ₨50.00"),
        ("otpget", "102", "102"),
        ("otpbuddy", "63f", "whatsapp"),
    ] {
        let found = market.service(provider, code, name);
        assert_eq!(found.key, "wa", "{provider} {code} {name}");
        assert_eq!(found.name, "WhatsApp");
    }
    assert_eq!(market.service("x", "1", "Telegram").key, "tg");
    assert_eq!(
        market.service("x", "wa", "Shopee").name,
        "Shopee",
        "the name wins"
    );
    assert_eq!(market.service("x", "go", "go").name, "Google");
}

#[test]
fn a_code_means_nothing_where_the_numbering_is_not_known() {
    let market = Market::shipped();
    let service = market.service("virtusim", "102", "Zzyx");
    assert_eq!(service.key, "own:zzyx");
    let service = market.service("virtusim", "102", "102");
    assert_eq!(service.key, "own:102");
}

#[test]
fn an_unknown_service_keeps_its_name_without_its_price() {
    let market = Market::shipped();
    let service = market.service("x", "9", " Zzyx Loans 9 ");
    assert_eq!(service.name, "Zzyx Loans 9");
    assert_eq!(service.key, "own:zzyxloans9");
    assert!(service.is_own());
    let priced = market.service("x", "9", "Zzyx Loans 9 - 61.50 PKR");
    assert_eq!(priced, service);
}

#[test]
fn only_a_price_is_taken_off() {
    for (name, bare) in [
        ("WhatsApp - 60 PKR", "WhatsApp"),
        ("Pakistan Server 2 — ₨50.00", "Pakistan Server 2"),
        ("Viber (Rs. 40)", "Viber"),
        ("Line: $0.15", "Line"),
        ("A - B - 5 USD", "A - B"),
        ("Pakistan - Server 2", "Pakistan - Server 2"),
        ("Zara - 1", "Zara - 1"),
        ("Any (PKR)", "Any (PKR)"),
        (" - 5 PKR", "- 5 PKR"),
        ("", ""),
    ] {
        assert_eq!(without_price(name), bare);
    }
    assert_eq!(normalise("Whats-App "), "whatsapp");
}

#[test]
fn countries_and_operators_have_one_name() {
    let market = Market::shipped();
    for name in ["Wakanda (Indo)", "indo", "Indonesia", "ID"] {
        assert_eq!(market.country(name).unwrap().iso2, "ID", "{name}");
    }
    assert_eq!(
        market.country("USA (Virtual)").unwrap().name,
        "United States"
    );
    assert!(market.country("Atlantis").is_none());
    let germany = market.country("Jerman").unwrap();
    assert_eq!(
        (germany.name_in("id"), germany.name_in("en")),
        ("Jerman", "Germany")
    );
    assert_eq!(germany.name_in("fr"), "Germany");
    for spelling in ["TSEL", "telkomsel", "Telkomsel"] {
        assert_eq!(market.operator("ID", spelling), "Telkomsel");
    }
    assert_eq!(market.operator("ID", "novacell"), "novacell");
}

#[test]
fn a_country_that_nobody_knows_gets_no_flag_of_another() {
    assert_eq!(Country::named("ID", "Indonesia").flag(), "🇮🇩");
    assert_eq!(Country::named("XK", "Kosovo").flag(), "🇽🇰");
    for code in own_codes() {
        assert_eq!(Country::named(&code, "Atlantis").flag(), "🌐");
    }
    assert_eq!(own_codes().count(), 14 + 25);
}

#[test]
fn a_table_of_the_operator_adds_and_overrides() {
    let mut market = Market::shipped();
    let services = "code\tname\taliases\tkind\tpopular\n\
        wa\tWA Messenger\tgreen chat;tele\t\t\n\
        zzyx\tZzyx\tzz loans\tbank\t2\n";
    market.add(TableKind::Services, services).unwrap();
    let wa = market.service("x", "1", "whatsapp");
    assert_eq!((wa.key.as_str(), wa.name.as_str()), ("wa", "WA Messenger"));
    assert_eq!((wa.kind.as_str(), wa.popular), ("messenger", Some(1)));
    for alias in ["Green Chat", "tele", "wa messenger"] {
        assert_eq!(market.service("x", "1", alias).key, "wa", "{alias}");
    }
    assert_eq!(market.service("x", "1", "Telegram").key, "tg");
    let zzyx = market.service("x", "1", "ZZ Loans");
    assert_eq!((zzyx.kind.as_str(), zzyx.popular), ("bank", Some(2)));

    let countries =
        "iso2\tname_en\tname_id\taliases\nXA\tAtlantis\tAtlantida\tlost\nID\t\tNusantara\t\n";
    market.add(TableKind::Countries, countries).unwrap();
    assert_eq!(market.country("Lost").unwrap().name_in("id"), "Atlantida");
    let indonesia = market.country("Wakanda (Indo)").unwrap();
    assert_eq!(indonesia.name_in("id"), "Nusantara");
    assert_eq!(
        (indonesia.name.as_str(), indonesia.dial_code.as_str()),
        ("Indonesia", "62")
    );

    market
        .add(
            TableKind::Operators,
            "iso2\toperator\taliases\nXA\tNemo\tcaptain\n",
        )
        .unwrap();
    assert_eq!(market.operator("XA", "CAPTAIN"), "Nemo");
    market
        .add(
            TableKind::Codes,
            "provider\tcode\tservice\nhero\t77\tzzyx\n",
        )
        .unwrap();
    assert_eq!(market.service("hero", "77", "77").key, "zzyx");
}

#[rstest]
#[case(Services, "", 1, "this line names the columns")]
#[case(Services, "code\tnome\n", 1, "`nome` is no column")]
#[case(Services, "name\tkind\n", 1, "no column `code`")]
#[case(Services, "code\tname\nzzyx\n", 2, "`name` is empty")]
#[case(Services, "code\tname\n\n\tZzyx\n", 3, "`code` is empty")]
#[case(Services, "code\tname\nzzyx\tZ\tmore\n", 2, "3 columns")]
#[case(Services, "code\tkind\nwa\twallet\n", 2, "none of the kinds")]
#[case(Services, "code\tpopular\nwa\tvery\n", 2, "no rank")]
#[case(Services, "code\tname\nzzyx\tA\nzzyx\tB\n", 3, "line 2 already")]
#[case(Countries, "iso2\tname_en\nxa\tAtlantis\n", 2, "two capitals")]
#[case(Countries, "iso2\tname_en\nXA\t\n", 2, "`name_en` is empty")]
#[case(Countries, "iso2\tdial_code\nID\t+62\n", 2, "digits only")]
#[case(Operators, "iso2\taliases\nID\tx\n", 1, "no column `operator`")]
#[case(Operators, "iso2\toperator\nIndo\tX\n", 2, "two capitals")]
#[case(Codes, "provider\tcode\tservice\nx\t1\tnope\n", 2, "no service")]
#[case(
    Policy,
    "what\tvalue\trule\nkind\tcasino\tdeny\n",
    2,
    "none of the kinds"
)]
#[case(Policy, "what\tvalue\trule\ncode\twa\tmaybe\n", 2, "neither")]
#[case(Policy, "what\tvalue\trule\nall\twa\tdeny\n", 2, "stands before `*`")]
#[case(Policy, "what\tvalue\trule\nservice\twa\tdeny\n", 2, "none of `all`")]
#[case(Policy, "what\tvalue\trule\nname\t!\tdeny\n", 2, "no word")]
fn a_bad_row_is_named_by_its_line(
    #[case] kind: TableKind,
    #[case] text: &str,
    #[case] line: usize,
    #[case] part: &str,
) {
    let bad = Market::shipped().add(kind, text).unwrap_err();
    assert_eq!(bad.line, line, "{bad}");
    assert!(bad.reason.contains(part), "{bad}");
    assert!(!bad.to_string().contains('\n'), "{bad}");
}

/// What a shop with these rules over the shipped ones must not sell, of what an upstream names.
fn denied<'n>(rules: &str, names: &[&'n str]) -> Vec<&'n str> {
    let mut market = Market::shipped();
    market
        .add(Policy, &format!("what\tvalue\trule\n{rules}"))
        .unwrap();
    let is_denied = |name: &&&str| {
        let service = market.service("somebody", "", name);
        market.denies(&service.key, &service.name, &service.kind)
    };
    names.iter().filter(is_denied).copied().collect()
}

#[test]
fn numbers_for_banks_wallets_and_offices_are_not_sold() {
    let fine = [
        "WhatsApp",
        "Shopee",
        "Google",
        "Gojek",
        "Tinder",
        "Bankstown Bowling",
        "Grandpay Café",
    ];
    assert_eq!(denied("", &fine), Vec::<&str>::new());
    let not = [
        "Telegram",
        "tg",
        "DANA",
        "OVO - 60 PKR",
        "Binance",
        "PayPal",
        "BPJSTK (BPJS Ketenagakerjaan)",
        "DocuSign",
        "Apteka.ru",
        "Any Other",
        "Full Rent",
        "Bank Sejahtera",
        "Mobile-Banking XYZ",
        "My e-Wallet",
        "Crypto Moon",
    ];
    assert_eq!(denied("", &not), not);
}

#[test]
fn the_operators_rules_stand_over_the_shipped_ones_and_the_more_exact_decides() {
    let names = [
        "WhatsApp",
        "Telegram",
        "DANA",
        "Bank Sejahtera",
        "Toko Baru",
    ];
    let cases: [(&str, &[&str]); 5] = [
        ("code\ttg\tallow\n", &["DANA", "Bank Sejahtera"]),
        ("kind\tewallet\tallow\n", &["Telegram", "Bank Sejahtera"]),
        ("name\tbank sejahtera\tallow\n", &["Telegram", "DANA"]),
        (
            "kind\tewallet\tallow\ncode\twa\tdeny\n",
            &["WhatsApp", "Telegram", "Bank Sejahtera"],
        ),
        // A list of what may be sold, and nothing else.
        (
            "all\t*\tdeny\ncode\twa\tallow\n",
            &["Telegram", "DANA", "Bank Sejahtera", "Toko Baru"],
        ),
    ];
    for (rules, expected) in cases {
        assert_eq!(denied(rules, &names), expected, "{rules}");
    }
}
