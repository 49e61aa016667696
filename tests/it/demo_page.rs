//! The demo as a person meets it: the real binary, its page in a real browser, a purchase by
//! clicking.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::browser::Browser;
use crate::page::gallery;

/// `numshop demo` and the address it printed.
async fn demo() -> (Child, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_numshop"))
        .args(["demo", "--port", "0"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(at) = line.find("http://") {
                return line[at..].to_owned();
            }
        }
        panic!("the demo ended without an address");
    };
    let url = tokio::time::timeout(Duration::from_secs(60), address)
        .await
        .unwrap();
    (child, url, folder)
}

fn picture(name: &str) -> PathBuf {
    gallery().join(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_bought_by_clicking() {
    let (_child, url, _folder) = demo().await;
    let browser = Browser::start(1280, 800).await;
    browser.prefer_dark(false).await;
    browser.open(&url).await;
    browser.press("Alex").await;
    browser.wait_for_bubble("was added to your wallet").await;
    browser.press("📱 Buy a number").await;
    browser.press("🇮🇩 Indonesia").await;
    browser.press_like("WhatsApp ·").await;
    browser.press_like("Any, best price").await;
    let card = browser.wait_for_bubble("Your balance:").await;
    assert!(card.contains("No SMS, no charge"), "{card}");
    browser.press_like("Buy for").await;
    // Nobody buys before they accepted the terms; then their offer comes back.
    browser.wait_for_bubble("Terms of use").await;
    browser.press("✅ I accept").await;
    browser.press_like("Buy for").await;
    browser.wait_for_bubble("Waiting for the SMS").await;
    browser.screenshot(&picture("demo-waiting.png")).await;
    // The simulated SMS comes by itself after some seconds.
    browser.wait_for_bubble("Your SMS is here").await;
    browser.wait_for_bubble("Your code for WhatsApp").await;
    browser.screenshot(&picture("demo-code.png")).await;
    browser.press("✅ Finish").await;
    browser.wait_for_bubble("Done.").await;
    browser.resize(390, 844).await;
    browser.screenshot(&picture("demo-phone.png")).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_found_behind_the_bots_name_and_a_lower_price_is_waited_for() {
    let (_child, url, _folder) = demo().await;
    let browser = Browser::start(390, 844).await;
    browser.open(&url).await;
    browser.press("Alex").await;
    browser.wait_for_bubble("was added to your wallet").await;
    browser.type_keys("@number_shop_bot whatsap").await;
    browser.wait_for_button("WhatsApp").await;
    browser.screenshot(&picture("demo-inline.png")).await;
    browser.press("WhatsApp").await;
    browser
        .wait_for_bubble("A number for a WhatsApp code")
        .await;
    browser.press("📱 Get a number").await;
    browser.press_like("🇮🇩 Indonesia").await;
    browser.press_like("Any, best price").await;
    browser.press("🔔 When it gets cheaper").await;
    browser.wait_for_bubble("From which price on").await;
    browser.screenshot(&picture("demo-cheaper.png")).await;
    browser.press_like("or less").await;
    browser
        .wait_for_bubble("I tell you once any of these")
        .await;
    browser.screenshot(&picture("demo-watch.png")).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_tops_up_and_sees_prices_by_typing() {
    let (_child, url, _folder) = demo().await;
    let browser = Browser::start(1280, 800).await;
    browser.open(&url).await;
    browser.press("Maya").await;
    browser.type_text("/topup @alex 25000 thank you").await;
    let draft = browser.wait_for_bubble("Top up Alex").await;
    assert!(draft.contains("Rp50,000 → Rp75,000"), "{draft}");
    browser.press_like("Book Rp25,000").await;
    browser.wait_for_bubble("Balance now: Rp75,000").await;
    browser.type_text("/prices").await;
    browser.wait_for_bubble("Routes on sale").await;
    browser.screenshot(&picture("demo-admin.png")).await;
    browser.press("Alex").await;
    browser.wait_for_bubble("Rp25,000 was added").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wallet_is_filled_with_stars_by_clicking() {
    let (_child, url, _folder) = demo().await;
    let browser = Browser::start(390, 844).await;
    browser.open(&url).await;
    browser.press("Alex").await;
    browser.wait_for_bubble("was added to your wallet").await;
    browser.press("👛 Wallet").await;
    browser.press("⭐ Top up with Telegram Stars").await;
    browser.press("⭐ 100 → Rp20,000").await;
    browser.wait_for_bubble("100 Stars bring Rp20,000").await;
    browser.press("Pay ⭐ 100").await;
    browser.wait_for_bubble("You can spend Rp70,000").await;
    browser.screenshot(&picture("demo-stars.png")).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}
