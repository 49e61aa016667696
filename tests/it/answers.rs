//! The friendly answers: to buttons of others, old buttons, groups, strangers and admins.

use std::time::Duration;

use crate::harness::Stage;

const GROUP: i64 = -100_500;
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_button_drawn_for_somebody_else_does_nothing() {
    let stage = Stage::open().await;
    let (alex, sari) = (stage.alex(), stage.sari());
    alex.says("/start").await;
    sari.says("/start").await;
    stage.shop().choose_language(sari.id(), "en").await.unwrap();
    alex.funded(50_000).await;
    sari.funded(50_000).await;
    alex.chooses("WhatsApp").await;
    let (message, button) = alex.finds("Buy for").await;
    let seq = stage.telegram.seq();
    stage
        .telegram
        .press_forwarded(sari.id().0, alex.id().0, message, &button)
        .unwrap();
    let toast = stage
        .telegram
        .wait_for_toast(sari.id().0, seq, |_| true, PATIENCE)
        .await
        .unwrap();
    assert!(
        toast.text.contains("belongs to somebody else"),
        "{}",
        toast.text
    );
    assert_eq!(alex.balance().await, (50_000, 0));
    assert_eq!(sari.balance().await, (50_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn an_update_that_comes_twice_is_answered_once() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    let update = stage.telegram.send_text(alex.id().0, "/start").unwrap();
    alex.sees("Hi Alex!").await;
    stage.telegram.redeliver(update).unwrap();
    alex.says("/help").await;
    let greetings = stage
        .telegram
        .messages(alex.id().0)
        .iter()
        .filter(|message| message.from_bot() && message.text.contains("Hi Alex!"))
        .count();
    assert_eq!(greetings, 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_command_in_a_group_is_answered_in_one_line() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    stage.telegram.add_group(GROUP, "Friends");
    let say = |text| {
        let sent = stage.telegram.send_text_in_group(alex.id().0, GROUP, text);
        assert!(sent.unwrap().is_some(), "{text}");
    };
    say("/unknown");
    say("/topup 1002 50000");
    say("/buy");
    let (_, bot) = stage.telegram.bot();
    let name = format!("@{bot}");
    stage
        .telegram
        .wait_for(GROUP, |message| message.text.contains(&name), PATIENCE)
        .await
        .unwrap();
    let answers = stage
        .telegram
        .messages(GROUP)
        .iter()
        .filter(|message| message.from_bot())
        .count();
    assert_eq!(answers, 1);
    stage.finish().await;
}

#[tokio::test]
async fn admin_commands_do_not_exist_for_others() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let unknown = alex.says("/nonsense").await;
    for command in ["/topup 1002 50000", "/prices", "/prices set percent=0"] {
        assert_eq!(alex.says(command).await.text, unknown.text, "{command}");
    }
    assert!(maya.says("/prices").await.text.contains("Routes on sale"));
    assert_eq!(alex.balance().await, (0, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_top_up_is_refused_in_words_or_booked_once() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    for (command, answer) in [
        ("/topup", "/topup <user ID or @name> <amount> [memo]"),
        ("/topup @alex", "/topup <user ID or @name> <amount> [memo]"),
        ("/topup @alex 0", "more than zero"),
        ("/topup @alex -5", "more than zero"),
        ("/topup @alex 0.5", "no decimals"),
        ("/topup @alex 1e9", "is not an amount"),
        ("/topup @alex 99999999999999999999", "too large"),
        ("/topup @nobody 500", "never wrote to the bot"),
    ] {
        let text = maya.says(command).await.text;
        assert!(text.contains(answer), "{command}: {text}");
    }
    assert_eq!(alex.balance().await, (0, 0));
    let draft = maya.says("/topup @alex 25000 bank <b>transfer</b>").await;
    assert!(draft.text.contains("Rp0 → Rp25,000"), "{}", draft.text);
    let (message, button) = maya.finds("Book").await;
    for _ in 0..8 {
        stage.telegram.press(maya.id().0, message, &button).unwrap();
    }
    let booked = maya.sees("Booked").await;
    assert!(booked.text.contains("Balance now: Rp25,000"));
    alex.sees("bank <b>transfer</b>").await;
    assert_eq!(alex.balance().await, (25_000, 0));
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_price_change_is_shown_before_it_takes_effect() {
    let stage = Stage::open().await;
    let maya = stage.maya();
    let before = maya.says("/prices").await.text;
    for (command, answer) in [
        ("/prices set percent=-1", "under cost"),
        ("/prices set percent=5 colour=red", "“colour=red”"),
        ("/prices set country=ID", "Something is missing"),
        ("/prices set country=XX percent=5", "not known"),
        ("/prices set step=0", "more than zero"),
    ] {
        let text = maya.says(command).await.text;
        assert!(text.contains(answer), "{command}: {text}");
    }
    assert_eq!(maya.says("/prices").await.text, before);
    let draft = maya
        .says("/prices set country=ID service=wa percent=80")
        .await;
    assert!(draft.text.contains("Then: 80%"), "{}", draft.text);
    assert_eq!(maya.says("/prices").await.text, before);
    let set = maya.presses("Apply").await;
    assert!(set.text.contains("In effect"), "{}", set.text);
    let after = maya.says("/prices").await;
    let rules = |button: &str| button.contains("Rules (1)");
    assert!(after.buttons().any(|it| rules(&it.text)), "{}", after.text);
    stage.finish().await;
}
