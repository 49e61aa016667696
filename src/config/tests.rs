//! Every way in which settings can be wrong, and that no sentence about it shows a secret.

use super::{Config, ConfigError, Source};
use crate::domain::best::BestBy;
use crate::domain::id::UserId;

const TOKEN: &str = "123456:AAbbCCddEEff-secret_part";
const GOOD: [(&str, &str); 3] = [
    ("TELEGRAM_BOT_TOKEN", TOKEN),
    ("API_KEY_VIRTUSIM", "vs-key"),
    ("ADMIN_IDS", "7, 8"),
];

const OTPGAN: [(&str, &str); 2] = [
    ("API_KEY_OTPGAN", "og-key"),
    ("OTPGAN_URL", "https://example.org/api"),
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
    assert!(config.upstreams.otpgan.is_none());
}

#[test]
fn what_is_wrong_is_named_and_secrets_are_not_shown() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("TELEGRAM_BOT_TOKEN", "")], "TELEGRAM_BOT_TOKEN"),
        (&[("TELEGRAM_BOT_TOKEN", "hunter2")], "TELEGRAM_BOT_TOKEN"),
        (&[("ADMIN_IDS", "7,bob")], "ADMIN_IDS"),
        (&[("ADMIN_IDS", "-7")], "ADMIN_IDS"),
        (&[("WEBHOOK_URL", "http://example.org/")], "WEBHOOK_URL"),
        (&[("WEBHOOK_URL", "https://example.org:81/")], "WEBHOOK_URL"),
        (
            &[("WEBHOOK_BIND", "127.0.0.1:8443")],
            "it needs WEBHOOK_URL",
        ),
        (
            &[
                ("WEBHOOK_URL", "https://example.org/hook"),
                ("WEBHOOK_BIND", "8443"),
            ],
            "WEBHOOK_BIND",
        ),
        (&[("TAPS_PER_SECOND_PER_USER", "0")], "at least one"),
        (&[("WALLET_CURRENCY", "XXZ")], "WALLET_CURRENCY"),
        (&[("MARKUP_PERCENT", "-5")], "MARKUP_PERCENT"),
        (&[("MARKUP_PERCENT", "a lot")], "MARKUP_PERCENT"),
        (&[("MARKUP_FIXED", "0.5")], "MARKUP_FIXED"),
        (&[("PRICE_STEP", "0")], "MARKUP_PERCENT"),
        (&[("RATE_PKR", "0")], "RATE_PKR"),
        (&[("POLL_INTERVAL_MS", "1")], "POLL_INTERVAL_MS"),
        (&[("CANCEL_LIMIT_PERCENT", "0")], "between 1 and 100"),
        (&[("CANCEL_LIMIT_PERCENT", "-1")], "CANCEL_LIMIT_PERCENT"),
        (&[("RATE_MAX_AGE_DAYS", "0")], "between 1 and 365"),
        (&[("RATE_MAX_AGE_DAYS", "a week")], "RATE_MAX_AGE_DAYS"),
        (
            &[("RENTAL_REMINDERS_HOURS", "24,soon")],
            "RENTAL_REMINDERS_HOURS",
        ),
        (&[("RENTAL_REMINDERS_HOURS", "0")], "between 1 and 720"),
        (&[("MAILBOX_DOMAINS", "gmail.com;x")], "MAILBOX_DOMAINS"),
        (&[("MAILBOX_SITES", "telegram")], "MAILBOX_SITES"),
        (&[("BEST_BY", "cheapest")], "price, balanced, success"),
        (&[("VIRTUSIM_URL", "http://example.org/x")], "VIRTUSIM_URL"),
        (&[("VIRTUSIM_URL", "ftp://example.org/x")], "VIRTUSIM_URL"),
        (&[("VIRTUSIM_URL", "nowhere")], "VIRTUSIM_URL"),
        (&[("OTPCEPAT_URL", "https://example.org/x")], "OTPCEPAT_URL"),
        (&[("OTPBUDDY_URL", "https://example.org/x")], "OTPBUDDY_URL"),
        (&[("OTPGAN_URL", "https://example.org/x")], "OTPGAN_URL"),
        (&[("OTPGAN_SERVICES", "online")], "OTPGAN_SERVICES"),
        (&[("API_KEY_OTPGAN", "og-key")], "OTPGAN_URL"),
        (&[OTPGAN[0], OTPGAN[1]], "OTPGAN_SERVICES"),
        (
            &[OTPGAN[0], OTPGAN[1], ("OTPGAN_SERVICES", "no/such.csv")],
            "no/such.csv",
        ),
        (&[("API_KEY_VIRTUSIM", "two words")], "API_KEY_VIRTUSIM"),
        (&[("API_KEY_VIRTUSIM", "")], "API_KEY_VIRTUSIM"),
        (&[("API_KEY_OTPGET", "hunter2")], "RATE_PKR"),
        (&[("API_KEY_OTPBUDDY", "hunter2")], "RATE_INR"),
        (&[("COMPAT_PROVIDERS", "Hero")], "COMPAT_PROVIDERS"),
        (&[("COMPAT_PROVIDERS", "he_ro")], "COMPAT_PROVIDERS"),
        (&[("COMPAT_PROVIDERS", "virtusim")], "another upstream"),
        (&[("COMPAT_PROVIDERS", "hero")], "COMPAT_HERO_URL"),
        (&[("COMPAT_HERO_KEY", "hunter2")], "COMPAT_HERO_KEY"),
    ];
    for (pairs, name) in cases {
        let text = with(pairs).unwrap_err().to_string();
        assert!(text.contains(name), "{pairs:?}: {text}");
        for secret in ["hunter2", "two words", "secret_part", "vs-key", "og-key"] {
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

/// What is made of a list of services, and of the file's name in a complaint.
fn sold(list: &str) -> Result<Vec<(String, String, String)>, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sold.csv");
    std::fs::write(&file, list).unwrap();
    let path = file.to_str().unwrap();
    let config = with(&[OTPGAN[0], OTPGAN[1], ("OTPGAN_SERVICES", path)]);
    let config = config.map_err(|error| error.to_string().replace(path, "sold.csv"))?;
    let rows = config.upstreams.otpgan.unwrap().services.unwrap();
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (row.slug, row.name, row.price.to_string()))
        .collect())
}

#[test]
fn a_list_of_services_is_a_table() {
    let row =
        |slug: &str, name: &str, price: &str| (slug.to_owned(), name.to_owned(), price.to_owned());
    let expected = vec![
        row("wa", "WhatsApp", "2500"),
        row("go", "Google, Gmail", "0.5"),
    ];
    for list in [
        "wa,WhatsApp,2500\ngo,\"Google, Gmail\",0.5\n",
        "# What we sell\nslug, name, price\n\nwa , WhatsApp , 2500\r\n# more\ngo,\"Google, Gmail\",0.5",
        "\u{feff}Slug,Name,Price\nwa,WhatsApp,2500\ngo,\"Google, Gmail\",0.5\n",
    ] {
        assert_eq!(sold(list).unwrap(), expected, "{list}");
    }
    let online = with(&[OTPGAN[0], OTPGAN[1], ("OTPGAN_SERVICES", "online")]);
    assert!(online.unwrap().upstreams.otpgan.unwrap().services.is_none());
}

#[test]
fn a_bad_row_of_a_list_of_services_is_named() {
    for (list, sentence) in [
        (
            "",
            "OTPGAN_SERVICES cannot be used: sold.csv holds no service",
        ),
        (
            "# nothing\nslug,name,price\n",
            "OTPGAN_SERVICES cannot be used: sold.csv holds no service",
        ),
        (
            "slug,name,price\n# ours\nwa,WhatsApp\n",
            "OTPGAN_SERVICES cannot be used: line 3 of sold.csv is not `slug, name, price`",
        ),
        (
            "wa,WhatsApp,2500,x\n",
            "OTPGAN_SERVICES cannot be used: line 1 of sold.csv is not `slug, name, price`",
        ),
        (
            "wa,WhatsApp,2500\n,Telegram,1\n",
            "OTPGAN_SERVICES cannot be used: line 2 of sold.csv is not `slug, name, price`",
        ),
        (
            "wa,WhatsApp,2500\ntg,Telegram,Rp 5\n",
            "OTPGAN_SERVICES cannot be used: line 2 of sold.csv has a price that is not a plain number above zero, such as 2500",
        ),
        (
            "wa,WhatsApp,0\n",
            "OTPGAN_SERVICES cannot be used: line 1 of sold.csv has a price that is not a plain number above zero, such as 2500",
        ),
        (
            "wa,WhatsApp,2.500\n",
            "OTPGAN_SERVICES cannot be used: line 1 of sold.csv has a price that is not a plain number above zero, such as 2500",
        ),
        (
            "wa,WhatsApp,2500\n\nwa,Other,1\n",
            "OTPGAN_SERVICES cannot be used: line 3 of sold.csv names the slug wa a second time",
        ),
    ] {
        assert_eq!(sold(list).unwrap_err(), sentence, "{list}");
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
fn the_best_offer_is_the_cheapest_unless_the_operator_says_so() {
    let best = |pairs| with(pairs).unwrap().shop.best_by;
    assert_eq!(best(&[]), BestBy::Price);
    assert_eq!(best(&[("BEST_BY", "balanced")]), BestBy::Balanced);
    assert_eq!(best(&[("BEST_BY", "success")]), BestBy::Success);
}

#[test]
fn the_limit_of_cancellations_is_read() {
    let limit = |pairs| with(pairs).unwrap().shop.cancel_limit_percent;
    assert_eq!(limit(&[]), 40);
    assert_eq!(limit(&[("CANCEL_LIMIT_PERCENT", "100")]), 100);
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

#[test]
fn backups_warnings_and_shares_are_whole_or_refused() {
    for (pairs, named) in [
        (&[("BACKUP_KEEP", "3")][..], "BACKUP_FOLDER"),
        (
            &[("BACKUP_FOLDER", "b"), ("BACKUP_EVERY_HOURS", "0")],
            "between 1 and 8760",
        ),
        (&[("ALERT_DISK_MB", "little")], "ALERT_DISK_MB"),
        (&[("REFERRAL_CAP", "5000")], "it needs REFERRAL_PERCENT"),
        (&[("REFERRAL_PERCENT", "0")], "more than 0"),
        (&[("REFERRAL_PERCENT", "101")], "at most 100"),
        (
            &[("REFERRAL_PERCENT", "5"), ("REFERRAL_OF", "all")],
            "REFERRAL_OF",
        ),
        (
            &[("REFERRAL_PERCENT", "5"), ("REFERRAL_CAP", "0.5")],
            "REFERRAL_CAP",
        ),
    ] {
        let error = with(pairs).unwrap_err().to_string();
        assert!(error.contains(named), "{named}: {error}");
    }
    let usual = with(&[("BACKUP_FOLDER", "b"), ("REFERRAL_PERCENT", "2.5")]).unwrap();
    let backups = usual.care.backups.unwrap();
    assert_eq!((backups.every.num_hours(), backups.keep), (24, 14));
    let shares = usual.referrals.unwrap();
    assert_eq!((shares.first, shares.cap), (10, None));
}
