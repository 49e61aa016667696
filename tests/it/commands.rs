//! The binary's commands, as an operator calls them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use numshop::clock::SystemClock;
use numshop::sandbox::telegram::{self, SimulatedTelegram};
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::{DEMO_KEY, SimulatedUpstream};
use sea_orm::{ConnectionTrait, Database as Connection};

use crate::database::Database;
use crate::harness::ALEX;
use crate::rig::Rig;

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

#[tokio::test(flavor = "multi_thread")]
async fn an_export_writes_a_new_file_and_writes_over_none() {
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", database.url())];
    assert!(
        numshop(folder.path(), &["migrate"], &settings)
            .status
            .success()
    );
    let connection = Connection::connect(database.url()).await.unwrap();
    connection
        .execute_unprepared(
            "INSERT INTO users (id, first_name, created_at_ms, note) VALUES (7, '=1+1', 0, 'a, \"b\"')",
        )
        .await
        .unwrap();
    connection.close().await.unwrap();
    let export = ["export", "users", "users.csv"];
    let done = numshop(folder.path(), &export, &settings);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(words(&done), "1 rows in users.csv.\n");
    let written = std::fs::read_to_string(folder.path().join("users.csv")).unwrap();
    let expected = "user,name,username,language,since,last_here,banned_at,blocks_since,note,available,held,currency,orders\n\
        7,'=1+1,,,1970-01-01T00:00:00Z,,,,\"a, \"\"b\"\"\",0,0,IDR,0\n";
    assert_eq!(written, expected);
    let today = numshop(
        folder.path(),
        &["export", "users", "7d", "new.csv"],
        &settings,
    );
    assert_eq!(words(&today), "0 rows in new.csv.\n");
    for (arguments, reason) in [
        (&export[..], "users.csv cannot be made"),
        (&["export", "numbers", "x.csv"], "none of orders"),
        (&["export", "orders", "soon", "x.csv"], "is no range"),
    ] {
        let refused = numshop(folder.path(), arguments, &settings);
        assert_eq!(refused.status.code(), Some(1));
        assert!(words(&refused).contains(reason), "{}", words(&refused));
    }
    assert!(!folder.path().join("x.csv").exists());
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

#[test]
fn a_start_refuses_what_must_not_go_live() {
    let folder = tempfile::tempdir().unwrap();
    let env = folder.path().join(".env");
    let own = "TELEGRAM_BOT_TOKEN=1:own_token_of_this_test\nAPI_KEY_VIRTUSIM=vs-key\n";
    let cases = [
        (own.to_owned(), 0o644, "chmod 600 .env"),
        (own.to_owned(), 0o640, "chmod 600 .env"),
        (own.to_owned(), 0o606, "chmod 600 .env"),
        (
            format!(
                "TELEGRAM_BOT_TOKEN={}\nAPI_KEY_VIRTUSIM=vs-key\n",
                telegram::DEMO_TOKEN
            ),
            0o600,
            "TELEGRAM_BOT_TOKEN is the demo's",
        ),
        (
            format!("{own}API_KEY_OTPCEPAT={DEMO_KEY}otpcepat\n"),
            0o600,
            "API_KEY_OTPCEPAT is the demo's",
        ),
        (
            format!(
                "{own}COMPAT_PROVIDERS=hero\nCOMPAT_HERO_URL=https://hero.example/api\nCOMPAT_HERO_KEY={DEMO_KEY}hero\nCOMPAT_HERO_CURRENCY=IDR\n"
            ),
            0o600,
            "COMPAT_HERO_KEY is the demo's",
        ),
        (
            format!("{own}VIRTUSIM_URL=http://virtusim.example/api\n"),
            0o600,
            "ALLOW_HTTP",
        ),
    ];
    for (settings, mode, reason) in cases {
        std::fs::write(&env, settings).unwrap();
        std::fs::set_permissions(&env, std::fs::Permissions::from_mode(mode)).unwrap();
        let ended = numshop(folder.path(), &["run"], &[]);
        let said = words(&ended);
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(said.contains(reason), "{reason}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains("vs-key") && !said.contains("token_of_this_test"));
        assert!(
            !folder.path().join("numshop.db").exists(),
            "nothing was made"
        );
    }
}

async fn started<const N: usize>(dialects: [Dialect; N]) -> [SimulatedUpstream; N] {
    let started = dialects.map(|dialect| async move {
        let clock = std::sync::Arc::new(SystemClock);
        SimulatedUpstream::start(dialect, clock).await.unwrap()
    });
    let started = futures_util::future::join_all(started).await;
    started.try_into().unwrap()
}

const HERO: Dialect = Dialect::Compat {
    name: "hero",
    modern: true,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_checks_everything_online_and_names_what_is_wrong() {
    let clock = std::sync::Arc::new(SystemClock);
    let telegram = SimulatedTelegram::start(telegram::Config::default(), clock)
        .await
        .unwrap();
    let [virtusim, otpcepat, hero, otpget] =
        started([Dialect::VirtuSim, Dialect::OtpCepat, HERO, Dialect::OtpGet]).await;
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
    assert!(words(&well).contains("safety     ok"), "{}", words(&well));
    assert!(
        words(&well).contains("@number_shop_bot"),
        "{}",
        words(&well)
    );

    let env = folder.path().join(".env");
    std::fs::write(&env, "MARKUP_PERCENT=25\n").unwrap();
    std::fs::set_permissions(&env, std::fs::Permissions::from_mode(0o644)).unwrap();
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
        "safety     NOT OK: .env holds",
        "otpcepat   NOT OK",
        "otpget     ok: sells in 4 countries, our balance is 5000000.00 PKR",
        "otpgetcheap NOT OK",
        "hero       ok: sells in 6 countries, our balance is 5000000 USD",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("wrong-key"), "{said}");
    for upstream in [&virtusim, &otpcepat, &hero, &otpget] {
        assert_eq!(upstream.orders(), []);
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reads_what_the_operator_wrote_down() {
    let clock = std::sync::Arc::new(SystemClock);
    let telegram = SimulatedTelegram::start(telegram::Config::default(), clock)
        .await
        .unwrap();
    let [otpgan, otpbuddy] = started([Dialect::OtpGan, Dialect::OtpBuddy]).await;
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let urls = [telegram.url(), otpgan.url(), otpbuddy.url()];
    let settings = [
        ("TELEGRAM_BOT_TOKEN", telegram.token()),
        ("TELEGRAM_API_URL", urls[0].as_str()),
        ("ADMIN_IDS", "7"),
        ("DATABASE_URL", database.url()),
        ("API_KEY_OTPGAN", otpgan.key()),
        ("OTPGAN_URL", urls[1].as_str()),
        ("OTPGAN_SERVICES", "sold.csv"),
        ("API_KEY_OTPBUDDY", otpbuddy.key()),
        ("OTPBUDDY_URL", urls[2].as_str()),
        ("RATE_INR", "190"),
    ];
    std::fs::write(folder.path().join("sold.csv"), "wa,WhatsApp,3900\n").unwrap();
    let well = numshop(folder.path(), &["doctor"], &settings);
    assert!(well.status.success(), "{}", words(&well));
    for line in [
        "otpgan     ok: sells in 1 countries, our balance is 5000000 IDR",
        "otpbuddy   ok: sells in 1 countries, our balance is 5000000 INR",
    ] {
        assert!(words(&well).contains(line), "{}", words(&well));
    }
    for upstream in [&otpgan, &otpbuddy] {
        assert_eq!(upstream.orders(), []);
    }

    std::fs::write(folder.path().join("sold.csv"), "wa,WhatsApp\n").unwrap();
    let ill = numshop(folder.path(), &["doctor"], &settings);
    assert_eq!(ill.status.code(), Some(1));
    assert!(
        words(&ill).contains("line 1 of sold.csv"),
        "{}",
        words(&ill)
    );
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reconcile_compares_with_the_upstreams_and_changes_nothing() {
    let [virtusim] = started([Dialect::VirtuSim]).await;
    let database = Database::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let url = virtusim.url();
    let settings = [
        ("TELEGRAM_BOT_TOKEN", "123456:a-token-that-nobody-has"),
        ("ADMIN_IDS", "7"),
        ("DATABASE_URL", database.url()),
        ("API_KEY_VIRTUSIM", virtusim.key()),
        ("VIRTUSIM_URL", url.as_str()),
    ];
    let made = numshop(folder.path(), &["migrate"], &settings);
    assert!(made.status.success(), "{}", words(&made));
    let agrees = numshop(folder.path(), &["reconcile"], &settings);
    assert!(agrees.status.success(), "{}", words(&agrees));
    assert!(words(&agrees).contains("Everything agrees."));

    // Somebody buys with the same key.
    let order = format!(
        "{url}?api_key={}&action=order&service=2&operator=any",
        virtusim.key()
    );
    let bought = reqwest::get(order).await.unwrap();
    assert!(bought.status().is_success());
    assert_eq!(virtusim.orders().len(), 1);
    for _ in 0..2 {
        let differs = numshop(folder.path(), &["reconcile"], &settings);
        assert_eq!(differs.status.code(), Some(1));
        let said = words(&differs);
        assert!(said.contains("1 of them unknown here"), "{said}");
    }
    virtusim.stop().await;
    let unread = numshop(folder.path(), &["reconcile"], &settings);
    assert_eq!(unread.status.code(), Some(1));
    assert!(words(&unread).contains("could not be read"));
    database.drop().await;
}

/// Both commands may run beside the shop: they take nothing from it and write nothing.
#[tokio::test]
async fn the_books_can_be_looked_at_while_they_are_served() {
    let rig = Rig::open().await;
    rig.buys(ALEX).await;
    rig.is_idle().await;
    let epoch = "SELECT epoch FROM lease";
    let before = rig.number(epoch).await;
    for command in ["audit", "reconcile"] {
        let looked = rig.command(command).stdout(Stdio::piped()).output().await;
        let looked = looked.unwrap();
        assert!(looked.status.success(), "{command}: {}", words(&looked));
    }
    assert_eq!(rig.number(epoch).await, before);
    assert_eq!(
        rig.virtusim
            .deliver_all(Some("Your WhatsApp code is 481-902")),
        1
    );
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.finish(1, 1).await;
}

#[tokio::test]
async fn looking_makes_no_database_and_brings_none_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let settings = [("DATABASE_URL", url.as_str())];
    let missing = numshop(folder.path(), &["audit"], &settings);
    assert_eq!(missing.status.code(), Some(1));
    let said = words(&missing);
    assert!(said.contains("there is no database"), "{said}");
    assert!(!file.exists());

    let made = numshop(folder.path(), &["migrate"], &settings);
    assert!(made.status.success(), "{}", words(&made));
    let connection = Connection::connect(&url).await.unwrap();
    let forget = "DELETE FROM seaql_migrations
        WHERE version = (SELECT MAX(version) FROM seaql_migrations)";
    connection.execute_unprepared(forget).await.unwrap();
    connection.close().await.unwrap();
    let older = numshop(folder.path(), &["audit"], &settings);
    assert_eq!(older.status.code(), Some(1));
    let said = words(&older);
    assert!(said.contains("made by an older numshop"), "{said}");

    // One that is served is not brought up to date under its server's feet.
    let lock = std::fs::File::create(folder.path().join("shop.db-lock")).unwrap();
    lock.lock().unwrap();
    let served = numshop(folder.path(), &["migrate"], &settings);
    assert_eq!(served.status.code(), Some(1));
    let said = words(&served);
    assert!(said.contains("another numshop serves"), "{said}");
}
