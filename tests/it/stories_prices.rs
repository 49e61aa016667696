//! Stories of an admin who looks after prices and rates on a phone.

use chrono::TimeDelta;
use numshop::domain::id::UserId;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::upstream::dialect::Dialect;

use crate::harness::{Actor, MAYA, Stage, eventually};

fn labels(message: &ChatMessage) -> Vec<String> {
    message.buttons().map(|it| it.text.clone()).collect()
}

fn has(message: &ChatMessage, text: &str) {
    let shown = format!("{}\n{:?}", message.text, labels(message));
    assert!(shown.contains(text), "no {text} in:\n{shown}");
}

/// Somebody whose cards show a price and not what is missing.
async fn rich(person: &Actor<'_>) {
    person.says("/start").await;
    person.funded(50_000).await;
}

#[tokio::test]
async fn prices_are_walked_down_to_one_route() {
    let stage = Stage::open().await;
    let maya = stage.maya();
    let board = maya.says("/prices").await;
    has(
        &board,
        "Everywhere: 25% + Rp0, in steps of Rp100 (from the settings)",
    );
    let upstreams = maya.presses("By upstream").await;
    has(&upstreams, "virtusim · Rp");
    maya.presses("otpcepat").await;
    maya.presses("By country").await;
    let indonesia = maya.presses("Indonesia").await;
    has(&indonesia, "🇮🇩 Indonesia · otpcepat");
    maya.presses("By service").await;
    let route = maya.presses("WhatsApp").await;
    has(&route, "WhatsApp · 🇮🇩 Indonesia · otpcepat");
    has(&route, "Margin: Rp");
    has(&route, "Cost: ");
    has(&route, "by: the settings");
    maya.presses("🏷 Prices").await;
    maya.presses("By service").await;
    // What is typed is looked for among everything.
    let found = maya.says("watsap").await;
    has(&found, "WhatsApp · Rp");
    let nothing = maya.says("quxquux").await;
    has(&nothing, "Nothing on sale here is called “quxquux”.");
    stage.finish().await;
}

#[tokio::test]
async fn a_percentage_is_set_by_buttons_and_taken_back() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    rich(&alex).await;
    let before = alex.chooses("WhatsApp").await;
    has(&before, "Price: Rp4,000");
    maya.says("/prices").await;
    maya.presses("By service").await;
    maya.presses("WhatsApp · Rp").await;
    maya.presses("✏️ Percent").await;
    let preview = maya.presses("50%").await;
    has(&preview, "Change WhatsApp?");
    has(&preview, "Now: 25% + Rp0");
    has(&preview, "Then: 50% + Rp0");
    has(&preview, "↑ ");
    let set = maya.presses("Apply").await;
    has(&set, "In effect for WhatsApp: 50%");
    let raised = alex.chooses("WhatsApp").await;
    has(&raised, "Price: Rp4,800");

    // The old preview's button does nothing more.
    let history = maya.says("/prices").await;
    has(&history, "Rules (1)");
    let history = maya.presses("History").await;
    has(&history, "#1 WhatsApp");
    has(&history, "nothing → 50% + Rp0");
    let preview = maya.presses("Undo #1").await;
    has(&preview, "This takes back change #1.");
    let undone = maya.presses("Apply").await;
    has(&undone, "In effect for WhatsApp: nothing");
    let back = alex.chooses("WhatsApp").await;
    has(&back, "Price: Rp4,000");
    maya.says("/audit").await;
    stage.finish().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_nothing_is_changed() {
    let stage = Stage::open().await;
    let maya = stage.maya();
    for (typed, answer) in [
        ("/prices set percent=many", "I can't read “percent=many”"),
        ("/prices set min=-5", "would sell under cost"),
        ("/prices set service=nobody percent=5", "is not known"),
        ("/prices set", "Something is missing"),
        ("/prices promo percent=10", "Something is missing"),
        (
            "/prices promo percent=10 until=2020-01-01",
            "must end after its start",
        ),
        (
            "/prices promo percent=100 until=2099-01-01",
            "takes everything off",
        ),
        (
            "/prices promo service=wa end",
            "no promotion for exactly this",
        ),
        ("/prices remove country=ID", "no rule for exactly this"),
        ("/rates set USD much", "I can't read “set USD much”"),
        ("/rates set XYZ 5", "No upstream takes XYZ"),
        ("/rates reset USD", "No admin set this rate"),
    ] {
        let answered = maya.says(typed).await;
        has(&answered, answer);
    }
    // A typed answer that means nothing is asked for again.
    maya.says("/prices").await;
    maya.presses("Everything").await;
    maya.presses("✏️ Minimum").await;
    maya.presses("Other…").await;
    let again = maya.says("plenty").await;
    has(&again, "I can't read “plenty”");
    has(&again, "How much must a sale bring at least?");
    let preview = maya.says("700").await;
    has(&preview, "at least Rp700 over cost");
    maya.presses("Leave it").await;
    let history = maya.says("/prices").await;
    has(&history, "Rules (0)");
    let history = maya.presses("History").await;
    has(&history, "Nobody has changed anything yet.");
    stage.finish().await;
}

#[tokio::test]
async fn a_promotion_is_seen_by_users_until_it_ends() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    rich(&alex).await;
    maya.says("/prices").await;
    maya.presses("By country").await;
    maya.presses("Indonesia").await;
    maya.presses("🏷 Promotion").await;
    maya.presses("−10%").await;
    maya.presses("Starts in 1 d").await;
    maya.presses("Starts now").await;
    let preview = maya.presses("For 14 d").await;
    has(&preview, "🏷 −10% until ");
    maya.presses("Apply").await;
    let card = alex.chooses("WhatsApp").await;
    has(&card, "Price: Rp4,000 Rp3,600, until ");
    assert_eq!(card.spans("strikethrough"), ["Rp4,000"]);
    maya.says("/prices").await;
    let list = maya.presses("Promotions (1)").await;
    has(&list, "🇮🇩 Indonesia");

    stage.later(TimeDelta::days(14));
    for provider in stage.shop().providers() {
        stage.shop().refresh(provider.as_ref()).await.unwrap();
    }
    stage.shop().wake().prices.notify_one();
    eventually("the promotion is over", async || {
        stage.shop().catalogue().prices.promotions.is_empty()
    })
    .await;
    let card = alex.chooses("WhatsApp").await;
    has(&card, "Price: Rp4,000\n");
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_rate_is_set_by_buttons_with_its_losses_named() {
    let stage = Stage::open_with(&[Dialect::OtpBuddy]).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    rich(&alex).await;
    let board = maya.says("/rates").await;
    has(&board, "1 INR = 200 IDR");
    has(&board, "From the settings (RATE_INR)");
    maya.presses("INR").await;
    maya.presses("Other…").await;
    let preview = maya.says("120").await;
    has(&preview, "would sell at a loss");
    let leave = maya.presses("Leave it").await;
    has(&leave, "1 INR = 200 IDR");
    let preview = maya.presses("+5% · 210").await;
    has(&preview, "Change 💱 INR?");
    assert!(!preview.text.contains("at a loss"), "{}", preview.text);
    maya.presses("Apply").await;
    let card = alex.chooses_in("India", "amazon").await;
    // 12 rupees at 210 rupiah, and a quarter on top.
    has(&card, "Rp3,200");
    let rate = maya.says("/rates").await;
    has(&rate, "Set by ");
    has(
        &rate,
        "RATE_INR in the settings says 200; what an admin set wins.",
    );
    let preview = maya.says("/rates reset INR").await;
    has(&preview, "Then: 1 = 200 IDR");
    maya.presses("Apply").await;
    let rate = maya.says("/rates").await;
    has(&rate, "From the settings (RATE_INR)");
    stage.finish().await;
}

#[tokio::test]
async fn two_admins_and_a_stale_preview() {
    let mut stage = Stage::open().await;
    stage.stop().await;
    stage.admins = vec![MAYA, 1_002];
    stage.start().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    maya.says("/prices set percent=40").await;
    alex.says("/prices set percent=60").await;
    alex.presses("Apply").await;
    let again = maya.presses("Apply").await;
    has(
        &again,
        "Something changed since you looked. Nothing was applied.",
    );
    has(&again, "Now: 60%");
    has(&again, "Then: 40%");
    maya.presses("Leave it").await;
    // What Alex did can be taken back by Maya, until Alex changes it again.
    maya.says("/prices").await;
    let history = maya.presses("History").await;
    has(&history, "#1 Everything");
    alex.says("/prices set percent=61").await;
    alex.presses("Apply").await;
    let refused = maya.presses("Undo #1").await;
    has(&refused, "The same was changed again since");
    stage.finish().await;
}

/// Somebody who is no admin any more, or never was, presses a button that was drawn for an admin.
#[tokio::test]
async fn an_old_button_and_a_stranger_change_nothing() {
    let mut stage = Stage::open().await;
    {
        let (alex, maya) = (stage.alex(), stage.maya());
        let unknown = alex.says("/prices set percent=40").await;
        assert!(!unknown.text.contains("Change"), "{}", unknown.text);
        maya.says("/prices set percent=40").await;
    }
    stage.stop().await;
    stage.admins = vec![1_002];
    stage.start().await;
    let maya: Actor<'_> = stage.maya();
    let toast = maya.taps("Apply").await;
    assert!(!toast.text.is_empty());
    maya.sees("This menu is out of date").await;
    let history = stage.shop().price_history(0, 5).await.unwrap();
    assert!(history.rows.is_empty());
    // Back in office after half an hour, the button is too old.
    stage.stop().await;
    stage.admins = vec![MAYA];
    stage.start().await;
    stage.later(TimeDelta::minutes(31));
    let maya = stage.maya();
    maya.presses("Apply").await;
    let history = stage.shop().price_history(0, 5).await.unwrap();
    assert!(history.rows.is_empty());
    assert_eq!(
        stage.shop().role(UserId(MAYA)).map(|role| role.as_str()),
        Some("owner")
    );
    stage.finish().await;
}
