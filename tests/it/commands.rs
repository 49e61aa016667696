//! The binary's commands, as an operator calls them.

use std::path::Path;
use std::process::{Command, Output};

use numshop::clock::SystemClock;
use numshop::sandbox::telegram::{self, SimulatedTelegram};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use sea_orm::{ConnectionTrait, Database as Connection};

use crate::database::Database;

fn numshop(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_numshop"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(settings.iter().copied())
        .output()
        .unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_exits_0_on_right_books_and_1_on_wrong_ones() {
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", database.url())];
    assert!(
        numshop(folder.path(), &["migrate"], &settings)
            .status
            .success()
    );
    let right = numshop(folder.path(), &["audit"], &settings);
    assert!(right.status.success(), "{}", words(&right));

    // Somebody changes a balance by hand.
    let connection = Connection::connect(database.url()).await.unwrap();
    connection
        .execute_unprepared(
            "INSERT INTO accounts (name, currency, balance) VALUES ('revenue', 'IDR', 0);
             UPDATE accounts SET balance = 5 WHERE name = 'revenue';",
        )
        .await
        .unwrap();
    connection.close().await.unwrap();
    let wrong = numshop(folder.path(), &["audit"], &settings);
    assert_eq!(wrong.status.code(), Some(1));
    let said = words(&wrong);
    assert!(said.contains("I1: ") && said.contains("I11: "), "{said}");
    database.drop().await;
}

#[test]
fn a_start_that_cannot_be_says_why_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let token = ("TELEGRAM_BOT_TOKEN", "123456:AAbbCCddEEff-secret_part");
    let key = ("API_KEY_VIRTUSIM", "vs-key");
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "TELEGRAM_BOT_TOKEN is not set"),
        (&[token], "API_KEY_VIRTUSIM"),
        (
            &[
                token,
                key,
                ("DATABASE_URL", "sqlite:///no/such/folder/x.db"),
            ],
            "the folder /no/such/folder does not exist",
        ),
        (&[token, key, ("ADMIN_IDS", "maya")], "ADMIN_IDS"),
    ];
    for (settings, reason) in cases {
        let ended = numshop(folder.path(), &["run"], settings);
        let said = words(&ended);
        assert_eq!(ended.status.code(), Some(1));
        assert!(said.contains(reason), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains("secret_part") && !said.contains("vs-key"));
    }
    std::fs::write(folder.path().join(".env"), "MARKUP_PRECENT=5\n").unwrap();
    let ended = numshop(folder.path(), &[], &[token, key]);
    assert!(
        words(&ended).contains("MARKUP_PRECENT"),
        "{}",
        words(&ended)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_checks_everything_online_and_names_what_is_wrong() {
    let clock = std::sync::Arc::new(SystemClock);
    let telegram = SimulatedTelegram::start(telegram::Config::default(), clock.clone())
        .await
        .unwrap();
    let virtusim = SimulatedUpstream::start(Dialect::VirtuSim, clock.clone())
        .await
        .unwrap();
    let otpcepat = SimulatedUpstream::start(Dialect::OtpCepat, clock.clone())
        .await
        .unwrap();
    let hero = Dialect::Compat {
        name: "hero",
        modern: true,
    };
    let hero = SimulatedUpstream::start(hero, clock.clone()).await.unwrap();
    let otpget = SimulatedUpstream::start(Dialect::OtpGet, clock)
        .await
        .unwrap();
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let (telegram_url, virtusim_url, otpcepat_url) =
        (telegram.url(), virtusim.url(), otpcepat.url());
    let (hero_url, otpget_url) = (hero.url(), otpget.url());
    let mut settings = vec![
        ("TELEGRAM_BOT_TOKEN", telegram.token()),
        ("TELEGRAM_API_URL", telegram_url.as_str()),
        ("ADMIN_IDS", "7"),
        ("DATABASE_URL", database.url()),
        ("API_KEY_VIRTUSIM", virtusim.key()),
        ("VIRTUSIM_URL", virtusim_url.as_str()),
        ("API_KEY_OTPCEPAT", otpcepat.key()),
        ("OTPCEPAT_URL", otpcepat_url.as_str()),
        ("COMPAT_PROVIDERS", "hero"),
        ("COMPAT_HERO_URL", hero_url.as_str()),
        ("COMPAT_HERO_KEY", hero.key()),
        ("COMPAT_HERO_CURRENCY", "USD"),
        ("RATE_USD", "16500"),
    ];
    let well = numshop(folder.path(), &["doctor"], &settings);
    assert!(well.status.success(), "{}", words(&well));
    assert!(
        words(&well).contains("@number_shop_bot"),
        "{}",
        words(&well)
    );

    settings.retain(|(name, _)| *name != "API_KEY_OTPCEPAT");
    settings.push(("API_KEY_OTPCEPAT", "wrong-key"));
    // The simulation plays one handler of the two, so the other one's address leads nowhere.
    settings.push(("API_KEY_OTPGET", otpget.key()));
    settings.push(("OTPGET_URL", otpget_url.as_str()));
    settings.push(("RATE_PKR", "58"));
    let ill = numshop(folder.path(), &["doctor"], &settings);
    assert_eq!(ill.status.code(), Some(1));
    let said = words(&ill);
    for line in [
        "otpcepat   NOT OK",
        "otpget     ok: sells in 4 countries, our balance is 5000000.00 PKR",
        "otpgetcheap NOT OK",
        "hero       ok: sells in 6 countries, our balance is 5000000 USD",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("wrong-key"), "{said}");
    assert_eq!(virtusim.orders().len() + otpcepat.orders().len(), 0);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reads_the_list_of_services_and_needs_a_rate() {
    let clock = std::sync::Arc::new(SystemClock);
    let telegram = SimulatedTelegram::start(telegram::Config::default(), clock.clone())
        .await
        .unwrap();
    let otpgan = SimulatedUpstream::start(Dialect::OtpGan, clock.clone())
        .await
        .unwrap();
    let otpbuddy = SimulatedUpstream::start(Dialect::OtpBuddy, clock)
        .await
        .unwrap();
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("sold.csv");
    std::fs::write(&list, "wa,WhatsApp,3900\n").unwrap();
    let (telegram_url, otpgan_url, otpbuddy_url) = (telegram.url(), otpgan.url(), otpbuddy.url());
    let settings = [
        ("TELEGRAM_BOT_TOKEN", telegram.token()),
        ("TELEGRAM_API_URL", telegram_url.as_str()),
        ("ADMIN_IDS", "7"),
        ("DATABASE_URL", database.url()),
        ("API_KEY_OTPGAN", otpgan.key()),
        ("OTPGAN_URL", otpgan_url.as_str()),
        ("OTPGAN_SERVICES", "sold.csv"),
        ("RATE_INR", "190"),
        ("API_KEY_OTPBUDDY", otpbuddy.key()),
        ("OTPBUDDY_URL", otpbuddy_url.as_str()),
    ];
    let well = numshop(folder.path(), &["doctor"], &settings);
    assert!(well.status.success(), "{}", words(&well));
    for line in [
        "otpgan     ok: sells in 1 countries, our balance is 5000000 IDR",
        "otpbuddy   ok: sells in 1 countries, our balance is 5000000 INR",
    ] {
        assert!(words(&well).contains(line), "{}", words(&well));
    }
    let without = settings.map(|(name, value)| match name {
        "RATE_INR" => (name, ""),
        name => (name, value),
    });
    let ill = numshop(folder.path(), &["doctor"], &without);
    assert_eq!(ill.status.code(), Some(1));
    assert!(words(&ill).contains("RATE_INR"), "{}", words(&ill));
    std::fs::write(&list, "wa,WhatsApp\n").unwrap();
    let ill = numshop(folder.path(), &["doctor"], &settings);
    assert_eq!(ill.status.code(), Some(1));
    let said = words(&ill);
    assert!(said.contains("line 1 of sold.csv"), "{said}");
    assert_eq!(otpgan.orders().len() + otpbuddy.orders().len(), 0);
    database.drop().await;
}
