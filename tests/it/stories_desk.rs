//! The admins' desk: the story of an order, giving its money back, and what is known of a user.

use chrono::TimeDelta;
use numshop::domain::id::{OrderId, UserId};
use numshop::domain::money::Money;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::shop::ShopError;
use numshop::shop::goodwill::{GoodwillError, Refunded};
use numshop::shop::topup::TopUpError;
use numshop::store::{Store, audit};

use crate::harness::{ALEX, Actor, MAYA, Stage, eventually};

/// Alex, with money, and Maya, who runs the shop.
async fn open() -> Stage {
    let stage = Stage::open().await;
    stage.alex().says("/start").await;
    stage.maya().says("/start").await;
    stage.alex().funded(50_000).await;
    stage
}

/// Alex buys, and gets a code.
async fn delivered(stage: &Stage) -> i64 {
    let alex = stage.alex();
    alex.buys("WhatsApp").await;
    let (_, held) = alex.balance().await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    alex.sees("Your SMS is here").await;
    alex.skims().await;
    held
}

/// Presses a button about which somebody else is told, too.
async fn confirms(maya: Actor<'_>, label: &str, toast: &str) {
    let seen = maya.taps(label).await;
    assert!(seen.text.contains(toast), "{}", seen.text);
}

#[tokio::test]
async fn an_order_tells_its_story_and_neither_its_number_nor_its_code() {
    let stage = open().await;
    let maya = stage.maya();
    let card = stage.alex().buys("WhatsApp").await;
    let number = card.spans("code").pop().unwrap();
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    stage.alex().sees("Your SMS is here").await;
    stage.alex().skims().await;
    let story = maya.says("/order #1").await;
    for part in [
        "Order 1",
        "Alex @alex",
        "confirmed → held",
        "call sent → placing",
        "bought → waiting",
        "SMS → received",
        "↳ bought, after",
        "held: Rp",
        "paid: Rp",
        "cost: ",
        "1 received",
    ] {
        assert!(story.text.contains(part), "{part} in:\n{}", story.text);
    }
    let digits = number.trim_start_matches('+');
    let (hidden, last) = digits.split_at(digits.len() - 4);
    assert!(
        story.text.contains(&format!("••••{last}")),
        "{}",
        story.text
    );
    assert!(!story.text.contains(hidden) && !story.text.contains("481"));
    let shown = maya.presses("Show the whole number").await;
    assert!(shown.text.contains(digits), "{}", shown.text);
    let log = maya.says("/audit").await;
    assert!(log.text.contains("Number shown"), "{}", log.text);
    maya.says("/order 1").await;
    let user = maya.presses("Alex").await;
    assert!(user.text.contains("Orders: 1"), "{}", user.text);
    for (typed, answer) in [
        ("/order", "Show an order"),
        ("/order one", "Show an order"),
        ("/order 99", "can't find this order"),
        ("/order 1 give", "Show an order"),
    ] {
        let answered = maya.says(typed).await;
        assert!(answered.text.contains(answer), "{}", answered.text);
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_delivered_order_is_given_back_out_of_goodwill_once_and_never_too_much() {
    let stage = open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let price = delivered(&stage).await;
    let before = alex.balance().await.0;
    let part = maya
        .says("/order 1 refund 1000 half the code was missing")
        .await;
    assert!(part.text.contains("Give Rp1,000 of the"), "{}", part.text);
    confirms(maya, "Give Rp1,000 back", "Rp1,000 is in the wallet").await;
    let told = alex.sees("is back in your wallet").await;
    assert!(
        told.text.contains("half the code was missing"),
        "{}",
        told.text
    );
    assert_eq!(alex.balance().await, (before + 1_000, 0));
    maya.sees("given back: Rp1,000").await;

    // The rest, with a reason that is asked for. The button works once.
    maya.says("/order 1").await;
    let asked = maya.presses("back").await;
    assert!(asked.text.contains("Why does Alex"), "{}", asked.text);
    let draft = maya.says("code came too late").await;
    let button = draft.buttons().next().unwrap().text.clone();
    maya.taps_on(draft.id, &button).await;
    alex.sees("code came too late").await;
    assert_eq!(alex.balance().await, (before + price, 0));
    let rest = format!("given back: Rp{},000", (price - 1_000) / 1_000);
    let over = maya.sees(&rest).await;
    let mut buttons = over.buttons();
    assert!(
        buttons.all(|it| !it.text.contains("back")),
        "nothing is left to give back"
    );
    for typed in ["/order 1 refund 1 again", "/order 1 refund 999999 more"] {
        let refused = maya.says(typed).await;
        assert!(
            refused.text.contains("all back already"),
            "{}",
            refused.text
        );
    }
    let log = maya.says("/audit").await;
    assert!(log.text.contains("Order refunded"), "{}", log.text);
    stage.finish().await;
}

#[tokio::test]
async fn two_admins_who_refund_at_once_give_back_once() {
    let mut stage = open().await;
    stage.admins = vec![MAYA, 1_099];
    stage.stop().await;
    stage.start().await;
    let price = delivered(&stage).await;
    let (shop, order) = (stage.shop(), OrderId(1));
    let admins = [UserId(MAYA), UserId(1_099)];
    let mut drafts = Vec::new();
    for admin in admins {
        let draft = shop.draft_refund_of(admin, order, None, "late").await;
        drafts.push((admin, draft.unwrap()));
    }
    let presses = drafts.iter().flat_map(|draft| [draft, draft, draft]);
    let presses = presses.map(async |(admin, draft)| shop.refund_order(*admin, &draft.nonce).await);
    let ended = futures_util::future::join_all(presses).await;
    let given = |it: &Result<(OrderId, Refunded), ShopError>| matches!(it, Ok((_, Refunded::Given(amount))) if amount.as_minor() == price);
    assert_eq!(ended.iter().filter(|it| given(it)).count(), 1, "{ended:?}");
    let too_much = ended
        .iter()
        .filter(|it| matches!(it, Err(ShopError::Goodwill(GoodwillError::MoreThanPaid(_)))));
    assert_eq!(too_much.count(), 3, "{ended:?}");
    stage.alex().sees("is back in your wallet").await;
    assert_eq!(stage.alex().balance().await, (50_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn goodwill_counts_towards_the_daily_limit() {
    let mut stage = open().await;
    stage.top_ups.admin_daily_cap = Some(Money::minor(51_000));
    stage.stop().await;
    stage.start().await;
    delivered(&stage).await;
    let before = stage.alex().balance().await;
    let maya = UserId(MAYA);
    let shop = stage.shop();
    let all = shop.draft_refund_of(maya, OrderId(1), Some("1001"), "late");
    let refused = shop.refund_order(maya, &all.await.unwrap().nonce).await;
    assert!(
        matches!(refused, Err(ShopError::TopUp(TopUpError::Cap(_)))),
        "{refused:?}"
    );
    assert_eq!(stage.alex().balance().await, before, "nothing moved");
    let some = shop.draft_refund_of(maya, OrderId(1), Some("1000"), "late");
    let given = shop.refund_order(maya, &some.await.unwrap().nonce).await;
    assert_eq!(given.unwrap().1, Refunded::Given(Money::minor(1_000)));
    stage.alex().sees("is back in your wallet").await;
    stage.finish().await;
}

#[tokio::test]
async fn an_order_without_a_code_is_cancelled_as_its_user_could() {
    let stage = open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.buys("Telegram").await;
    // The upstream makes people wait, admins too.
    let early = maya.says("/order 1").await;
    assert!(
        early.buttons().all(|it| !it.text.contains("back")),
        "{:?}",
        early.text
    );
    stage.later(TimeDelta::minutes(4));
    maya.says("/order 1").await;
    maya.presses("Cancel").await;
    maya.says("we sold the wrong one").await;
    confirms(maya, "Cancel", "back once the supplier agrees").await;
    alex.sees("Cancelled. Rp").await;
    alex.skims().await;
    assert_eq!(alex.balance().await, (50_000, 0));
    maya.skims().await;
    let card = maya.says("/user @alex").await;
    assert!(card.text.contains("1 cancelled"), "{}", card.text);
    let again = maya.says("/order 1 refund 100 late").await;
    assert!(again.text.contains("Nothing is paid"), "{}", again.text);
    stage.finish().await;
}

#[tokio::test]
async fn a_user_has_a_card_with_orders_transfers_a_note_and_a_way_to_write_to_them() {
    let stage = open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    delivered(&stage).await;
    let card = maya.says(&format!("/user {ALEX}")).await;
    for part in [
        "Alex @alex",
        "Orders: 1 · 1 delivered",
        "Gives back 0 %",
        "By hand: Rp50,000 (1×)",
        "Last here: just now",
    ] {
        assert!(card.text.contains(part), "{part} in:\n{}", card.text);
    }
    let orders = maya.presses("Orders").await;
    assert!(orders.text.contains("Orders of Alex"), "{}", orders.text);
    maya.presses("WhatsApp").await;
    maya.presses("Alex").await;
    let moves = maya.presses("Transfers").await;
    assert!(moves.text.contains("+Rp50,000 · top-up"), "{}", moves.text);
    maya.presses("Back").await;
    maya.presses("Note").await;
    let noted = maya.says("pays by bank, friendly").await;
    assert!(noted.text.contains("pays by bank"), "{}", noted.text);
    maya.presses("Note").await;
    let none = maya.says("-").await;
    assert!(!none.text.contains("📝"), "{}", none.text);
    maya.presses("Message").await;
    let draft = maya.says("Your code was late, sorry <3").await;
    assert!(draft.text.contains("sorry <3"), "{}", draft.text);
    maya.taps("Send it").await;
    let read = alex.sees("write to you").await;
    assert!(read.text.contains("sorry <3"), "{}", read.text);
    maya.skims().await;
    for (typed, answer) in [
        ("/user", "Show a user"),
        ("/user @nobody", "never wrote"),
        ("/user 77", "never wrote"),
    ] {
        let answered = maya.says(typed).await;
        assert!(answered.text.contains(answer), "{}", answered.text);
    }
    let log = maya.says("/audit").await;
    assert!(
        log.text.contains("Message") && log.text.contains("Note"),
        "{}",
        log.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn who_is_banned_cannot_use_the_shop_and_still_gets_what_runs() {
    let stage = open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.buys("WhatsApp").await;
    maya.says("/user @alex").await;
    confirms(maya, "Ban", "Banned").await;
    let card = maya.sees("Banned").await;
    assert!(card.button("✅ Let back in").is_some());
    for typed in ["/start", "/buy", "whatsapp", "/deleteme"] {
        let refused = alex.says(typed).await;
        assert!(refused.text.contains("can't use this shop"), "{typed}");
        assert!(refused.keyboard.is_empty(), "no way on");
    }
    let pressed = alex.presses("Menu").await;
    assert!(
        pressed.text.contains("can't use this shop"),
        "{}",
        pressed.text
    );
    // The code still comes, and help can be asked for.
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    alex.sees("Your code for WhatsApp").await;
    alex.sees("Your SMS is here").await;
    let help = alex.says("/paysupport why?").await;
    assert!(!help.text.contains("can't use"), "{}", help.text);
    maya.sees("writes:").await;
    maya.says("/user @alex").await;
    confirms(maya, "Let back in", "Welcome back").await;
    let menu = alex.says("/start").await;
    assert!(menu.text.contains("Hi Alex"), "{}", menu.text);
    maya.skims().await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_confirm_that_was_drawn_before_the_ban_buys_nothing() {
    let stage = open().await;
    let alex = stage.alex();
    alex.chooses("WhatsApp").await;
    let maya = UserId(MAYA);
    assert!(stage.shop().ban(maya, alex.id(), true).await.unwrap());
    assert!(!stage.shop().ban(maya, alex.id(), true).await.unwrap());
    let refused = alex.presses("Buy for").await;
    assert!(
        refused.text.contains("can't use this shop"),
        "{}",
        refused.text
    );
    assert_eq!(alex.balance().await, (50_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn an_export_comes_as_a_file_in_which_nothing_is_a_formula() {
    let stage = open().await;
    let maya = stage.maya();
    delivered(&stage).await;
    let alex = stage.alex().id();
    let shop = stage.shop();
    let note = shop.note_user(UserId(MAYA), alex, "=HYPERLINK(\"x\")");
    note.await.unwrap();
    for (number, typed, cell) in [
        (1, "/export orders", "WhatsApp"),
        (2, "/export transfers 7d", "capture"),
        (3, "/export users 2d", "'=HYPERLINK"),
    ] {
        let begun = maya.says(typed).await;
        assert!(begun.text.contains("comes by itself"), "{}", begun.text);
        let files = || {
            let messages = stage.telegram.messages(MAYA).into_iter();
            messages.filter_map(|it| it.media).collect::<Vec<_>>()
        };
        eventually("the file is there", async || files().len() == number).await;
        maya.skims().await;
        let media = files().pop().unwrap();
        assert!(media.name.ends_with(".csv"), "{}", media.name);
        let (_, bytes) = stage.telegram.file(&media.file_id).unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains(cell), "{typed}:\n{text}");
        assert!(!text.contains("481"), "no code leaves");
    }
    for typed in ["/export", "/export everything", "/export orders soon"] {
        let answer = maya.says(typed).await;
        let says = ["The books as tables", "I can't read"];
        assert!(says.iter().any(|it| answer.text.contains(it)), "{typed}");
    }
    let log = maya.says("/audit").await;
    assert!(log.text.contains("Export"), "{}", log.text);
    stage.finish().await;
}

#[tokio::test]
async fn the_statistics_agree_with_the_ledger() {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    eventually("the rentals are read", async || {
        stage
            .shop()
            .rental_countries(&numshop::shop::habits::Habits::default(), None)
            .len()
            == 3
    })
    .await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(1_000_000).await;
    delivered(&stage).await;
    alex.buys("Telegram").await;
    stage.later(TimeDelta::minutes(4));
    alex.taps("Cancel").await;
    alex.sees("Cancelled. Rp").await;
    alex.says("/rent").await;
    alex.presses("United States").await;
    alex.presses("30 d").await;
    alex.presses("Buy for").await;
    alex.sees("Yours for 30 d").await;
    alex.buys("Telegram").await;
    let shop = stage.shop();
    let admin = UserId(MAYA);
    let draft = shop.draft_refund_of(admin, OrderId(1), Some("500"), "late");
    let nonce = draft.await.unwrap().nonce;
    shop.refund_order(admin, &nonce).await.unwrap();
    alex.sees("is back in your wallet").await;
    maya.says("/start").await;
    stage.is_idle().await;

    let stats = shop.stats(shop.lately(2)).await.unwrap();
    let store = Store::open(stage.database.url(), &crate::database::key())
        .await
        .unwrap();
    assert_eq!(audit::audit(store.read()).await.unwrap(), []);
    crate::stats_ledger::agree(&store, &stats).await;
    store.close().await;
    assert_eq!(stats.goodwill, Money::minor(500));
    assert_eq!(
        stats.margin.as_minor(),
        stats.revenue.as_minor() - 500 - stats.cost.as_minor()
    );
    let orders: i64 = stats.products.iter().map(|it| it.fates.all()).sum();
    assert_eq!((orders, stats.products.len()), (4, 2));
    assert_eq!((stats.new_users, stats.active_users), (2, 2));
    assert_eq!(stats.top_ups[0].amount, Money::minor(1_000_000));

    let shown = maya.says("/stats").await;
    assert!(shown.text.contains("margin"), "{}", shown.text);
    let chart = maya.sees("📈").await;
    assert!(
        chart
            .media
            .is_some_and(|it| it.pixels == Some((1_000, 560)))
    );
    let month = maya.presses("30 d").await;
    assert!(month.text.contains("2 active"), "{}", month.text);
    maya.presses("Today").await;
    let again = maya.presses("Chart").await;
    assert!(again.media.is_some());
    for typed in ["/stats soon", "/stats 2026-02-01..2026-01-01", "/stats 0d"] {
        let refused = maya.says(typed).await;
        assert!(refused.text.contains("I can't read"), "{}", refused.text);
    }
    maya.says("/stats 2020-01-01..2020-01-31").await;
    maya.sees("📈 2020-01-01..2020-01-31").await;
    maya.skims().await;
    alex.skims().await;
    stage.finish().await;
}
