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
        (&[("API_KEY_OTPGET", "hunter2")], "RATE_PKR"),
        (&[("COMPAT_PROVIDERS", "Hero")], "COMPAT_PROVIDERS"),
        (&[("COMPAT_PROVIDERS", "he_ro")], "COMPAT_PROVIDERS"),
        (&[("COMPAT_PROVIDERS", "virtusim")], "another upstream"),
        (&[("COMPAT_PROVIDERS", "hero")], "COMPAT_HERO_URL"),
        (&[("COMPAT_HERO_KEY", "hunter2")], "COMPAT_HERO_KEY"),
    ];
    for (pairs, name) in cases {
        let text = with(pairs).unwrap_err().to_string();
        assert!(text.contains(name), "{pairs:?}: {text}");
        for secret in ["hunter2", "two words", "secret_part", "vs-key"] {
            assert!(!text.contains(secret), "{pairs:?}: {text}");
        }
    }
}

const HERO: [(&str, &str); 4] = [
    ("COMPAT_PROVIDERS", "hero"),
    (
        "COMPAT_HERO_URL",
        "https://example.org/stubs/handler_api.php",
    ),
    ("COMPAT_HERO_KEY", "hunter2"),
    ("COMPAT_HERO_CURRENCY", "usd"),
];

#[test]
fn a_host_of_the_family_is_whole_and_can_be_priced() {
    let mut settings = [&HERO[..], &[("RATE_USD", "16500")]].concat();
    let config = with(&settings).unwrap();
    let host = &config.upstreams.compat[0];
    assert_eq!((host.name.as_str(), host.currency), ("hero", "USD"));
    assert!(!format!("{config:?}").contains("hunter2"));

    // Each part is needed, and so is the rate.
    for missing in 1..settings.len() {
        let mut partial = settings.clone();
        let (name, _) = partial.remove(missing);
        let text = with(&partial).unwrap_err().to_string();
        assert!(text.contains(name) && !text.contains("hunter2"), "{text}");
    }
    settings.extend([("COMPAT_GRIZZLY_URL", "https://example.org/")]);
    let text = with(&settings).unwrap_err().to_string();
    assert!(text.contains("COMPAT_GRIZZLY_URL"), "{text}");
    settings.extend([("COMPAT_PROVIDERS", "hero,hero")]);
    let text = with(&settings).unwrap_err().to_string();
    assert!(text.contains("named twice"), "{text}");
}

#[test]
fn a_wallet_in_the_host_s_currency_needs_no_rate_and_any_currency_can_have_one() {
    assert!(with(&[&HERO[..], &[("WALLET_CURRENCY", "USD")]].concat()).is_ok());
    let euro = [
        &HERO[..3],
        &[("COMPAT_HERO_CURRENCY", "EUR"), ("RATE_EUR", "18000")],
    ]
    .concat();
    let config = with(&euro).unwrap();
    assert_eq!(config.shop.rates["EUR"], 18_000.into());
}

#[test]
fn names_are_known_by_their_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    for (line, known) in [
        ("COMPAT_HERO_URL=x", true),
        ("COMPAT_HERO2_CURRENCY=x", true),
        ("COMPAT_HERO_URI=x", false),
        ("COMPAT__URL=x", false),
        ("COMPAT_he_URL=x", false),
        ("RATE_EUR=1", true),
        ("RATE_eur=1", false),
        ("RATE_XXZ=1", false),
    ] {
        std::fs::write(&file, line).unwrap();
        let read = Source::read(&file, std::iter::empty());
        assert_eq!(read.is_ok(), known, "{line}");
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
