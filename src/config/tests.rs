//! Every way in which settings can be wrong, and that no sentence about it shows a secret.

use super::{Config, ConfigError, Source};
use crate::domain::id::UserId;

const TOKEN: &str = "123456:AAbbCCddEEff-secret_part";
const GOOD: [(&str, &str); 3] = [
    ("TELEGRAM_BOT_TOKEN", TOKEN),
    ("API_KEY_VIRTUSIM", "vs-key"),
    ("ADMIN_IDS", "7, 8"),
];

fn with(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut all = GOOD.to_vec();
    all.extend_from_slice(pairs);
    Config::from_source(&Source::from_pairs(&all))
}

#[test]
fn the_defaults_are_enough_with_a_token_and_a_key() {
    let config = with(&[]).unwrap();
    assert_eq!(config.telegram.admins, [UserId(7), UserId(8)]);
    assert_eq!(config.shop.currency.code(), "IDR");
    assert_eq!(config.database_url, "sqlite://numshop.db?mode=rwc");
    assert!(config.upstreams.virtusim.is_some());
    assert!(config.upstreams.otpcepat.is_none());
}

#[test]
fn what_is_wrong_is_named_and_secrets_are_not_shown() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("TELEGRAM_BOT_TOKEN", "")], "TELEGRAM_BOT_TOKEN"),
        (&[("TELEGRAM_BOT_TOKEN", "hunter2")], "TELEGRAM_BOT_TOKEN"),
        (&[("ADMIN_IDS", "7,bob")], "ADMIN_IDS"),
        (&[("ADMIN_IDS", "-7")], "ADMIN_IDS"),
        (&[("WALLET_CURRENCY", "XXZ")], "WALLET_CURRENCY"),
        (&[("MARKUP_PERCENT", "-5")], "MARKUP_PERCENT"),
        (&[("MARKUP_PERCENT", "a lot")], "MARKUP_PERCENT"),
        (&[("MARKUP_FIXED", "0.5")], "MARKUP_FIXED"),
        (&[("PRICE_STEP", "0")], "MARKUP_PERCENT"),
        (&[("RATE_PKR", "0")], "RATE_PKR"),
        (&[("POLL_INTERVAL_MS", "1")], "POLL_INTERVAL_MS"),
        (&[("VIRTUSIM_URL", "http://example.org/x")], "VIRTUSIM_URL"),
        (&[("VIRTUSIM_URL", "ftp://example.org/x")], "VIRTUSIM_URL"),
        (&[("VIRTUSIM_URL", "nowhere")], "VIRTUSIM_URL"),
        (&[("OTPCEPAT_URL", "https://example.org/x")], "OTPCEPAT_URL"),
        (&[("API_KEY_VIRTUSIM", "two words")], "API_KEY_VIRTUSIM"),
        (&[("API_KEY_VIRTUSIM", "")], "API_KEY_VIRTUSIM"),
    ];
    for (pairs, name) in cases {
        let text = with(pairs).unwrap_err().to_string();
        assert!(text.contains(name), "{pairs:?}: {text}");
        for secret in ["hunter2", "two words", "secret_part", "vs-key"] {
            assert!(!text.contains(secret), "{pairs:?}: {text}");
        }
    }
}

#[test]
fn plain_http_is_for_loopback_or_on_request() {
    assert!(with(&[("VIRTUSIM_URL", "http://127.0.0.1:9/x")]).is_ok());
    assert!(with(&[("VIRTUSIM_URL", "http://localhost:9/x")]).is_ok());
    assert!(
        with(&[
            ("VIRTUSIM_URL", "http://example.org/x"),
            ("ALLOW_HTTP", "true")
        ])
        .is_ok()
    );
}

#[test]
fn the_operator_can_add_names_and_a_slip_in_them_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let market = || with(&[("MARKET_DATA", path)]);
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();

    file("notes.txt", "not a table");
    file(
        "services.tsv",
        "code\tname\taliases\nzzyx\tZzyx\tzz loans\n",
    );
    file("codes.tsv", "provider\tcode\tservice\nvirtusim\t9\tzzyx\n");
    let known = market().unwrap().market;
    assert_eq!(known.service("x", "1", "ZZ Loans").name, "Zzyx");
    assert_eq!(known.service("virtusim", "9", "9").name, "Zzyx");

    file("services.tsv", "code\tname\nzzyx\tZzyx\n\tNameless\n");
    let error = market().unwrap_err().to_string();
    let expected = format!(
        "MARKET_DATA cannot be used: {path}/services.tsv, line 3: the column `code` is empty"
    );
    assert_eq!(error, expected);

    file("services.tsv", "code\tname\n");
    file("service.tsv", "code\tname\n");
    let error = market().unwrap_err().to_string();
    assert!(
        error.contains("service.tsv is none of services.tsv"),
        "{error}"
    );

    let error = with(&[("MARKET_DATA", "/nowhere/at/all")]).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}

#[test]
fn an_age_that_makes_no_sense_is_refused() {
    let age = |minutes| with(&[("CATALOGUE_MAX_AGE_MINUTES", minutes)]);
    let good = age("60").unwrap().shop.catalogue_max_age;
    assert_eq!(good, chrono::TimeDelta::hours(1));
    for bad in ["29", "43201", "-5", "a day"] {
        let error = age(bad).unwrap_err().to_string();
        assert!(error.contains("CATALOGUE_MAX_AGE_MINUTES"), "{error}");
    }
}

#[test]
fn no_debug_text_shows_a_secret() {
    let text = format!("{:?}", with(&[]).unwrap());
    assert!(
        !text.contains("secret_part") && !text.contains("vs-key"),
        "{text}"
    );
}

#[test]
fn unknown_names_in_the_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    std::fs::write(&file, "MARKUP_PRECENT=5\n").unwrap();
    let error = Source::read(&file, std::iter::empty())
        .unwrap_err()
        .to_string();
    assert!(error.contains("MARKUP_PRECENT"), "{error}");

    std::fs::write(&file, "MARKUP_PERCENT=5\n").unwrap();
    let environment = [("MARKUP_PERCENT", "6"), ("HOME", "/nowhere")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let source = Source::read(&file, environment.into_iter()).unwrap();
    assert_eq!(source.get("MARKUP_PERCENT"), Some("6"));
    assert_eq!(source.get("HOME"), None);

    std::fs::write(&file, "TELEGRAM_BOT_TOKEN='hunter2\n").unwrap();
    let error = Source::read(&file, std::iter::empty())
        .unwrap_err()
        .to_string();
    assert!(!error.contains("hunter2"), "{error}");
}
