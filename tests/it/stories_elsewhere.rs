//! The staff's commands and buttons count in the one who uses them's own private chat, in their own
//! words, and nowhere else: not in groups, not behind a mask, not passed on.

use numshop::bot::callback::payload::Pressed;
use numshop::sandbox::telegram::masks::Mask;
use numshop::sandbox::telegram::message::ChatMessage;

use crate::harness::{ALEX, MAYA, PATIENCE, Stage};
use crate::stories_staff::{COMMANDS, buttons};

const GROUP: i64 = -100_300;
const CHANNEL: i64 = -100_400;

/// Maya, the owner, and Alex have said hello, and there is a group with the bot in it.
async fn open() -> Stage {
    let stage = Stage::open().await;
    for person in [stage.alex(), stage.maya(), stage.sari()] {
        person.says("/start").await;
    }
    stage.telegram.add_group(GROUP, "Friends");
    stage
}

fn from_bot(stage: &Stage, chat: i64) -> Vec<ChatMessage> {
    let messages = stage.telegram.messages(chat).into_iter();
    messages.filter(ChatMessage::from_bot).collect()
}

/// Nothing was changed, drafted or told to anybody.
async fn nothing_happened(stage: &Stage) {
    stage.is_idle().await;
    assert_eq!(stage.shop().acts(None, 0).await.unwrap().rows.len(), 0);
    assert!(stage.shop().front().closed.is_none());
    assert_eq!(stage.sari().balance().await, (0, 0));
    assert!(stage.shop().standings().iter().all(|it| it.decision.is_on));
}

#[tokio::test]
async fn in_a_group_no_command_of_the_staff_does_anything() {
    let stage = open().await;
    let telegram = &stage.telegram;
    for (command, _) in COMMANDS {
        telegram.send_text_in_group(MAYA, GROUP, command).unwrap();
        for mask in [Mask::AnonymousAdmin, Mask::Channel(CHANNEL)] {
            telegram.send_masked(MAYA, GROUP, mask, command).unwrap();
        }
    }
    nothing_happened(&stage).await;
    // Users have this command, too, and hear where it works; whoever hides hears nothing.
    let answers = from_bot(&stage, GROUP);
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].text.contains("private"), "{}", answers[0].text);
    assert_eq!(from_bot(&stage, MAYA).len(), 1, "only the greeting");
    stage.finish().await;
}

#[tokio::test]
async fn a_command_that_is_passed_on_does_nothing() {
    let stage = open().await;
    let (telegram, maya) = (&stage.telegram, stage.maya());
    for (command, _) in COMMANDS {
        telegram.forward_text(MAYA, command).unwrap();
        telegram.send_text_via_bot(MAYA, command).unwrap();
    }
    telegram.forward_text(MAYA, "/buy whatsapp").unwrap();
    nothing_happened(&stage).await;
    // What was said to the last one is said after all others.
    maya.says("/cancel").await;
    let answers = from_bot(&stage, MAYA);
    let passed_on = |message: &&ChatMessage| message.text.contains("type it yourself");
    let refused = answers.iter().filter(passed_on).count();
    assert_eq!(refused, 2 * COMMANDS.len() + 1);
    assert_eq!(answers.len(), refused + 2, "a greeting and a farewell");
    // A text that is no command is welcome all the same.
    telegram.forward_text(MAYA, "whatsapp").unwrap();
    maya.sees("WhatsApp").await;
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_button_counts_where_it_was_drawn_and_for_whom() {
    let stage = open().await;
    let (telegram, maya) = (&stage.telegram, stage.maya());
    telegram.send_text_in_group(MAYA, GROUP, "/buy").unwrap();
    stage.is_idle().await;
    let in_group = from_bot(&stage, GROUP)[0].id;
    let in_chat = |chat| from_bot(&stage, chat)[0].id;
    let (of_maya, of_alex) = (in_chat(MAYA), in_chat(ALEX));
    for callback in buttons() {
        let drawn_for = |user| {
            let callback = callback.clone();
            Pressed { user, callback }.encode()
        };
        let data = drawn_for(maya.id());
        // The message stands in a group, or in somebody else's chat.
        for (chat, message) in [(GROUP, in_group), (ALEX, of_alex)] {
            let seq = telegram.seq();
            telegram
                .press_forged_in(MAYA, chat, message, &data)
                .unwrap();
            let toast = telegram.wait_for_toast(MAYA, seq, |_| true, PATIENCE);
            assert_eq!(toast.await.unwrap().text, "", "{callback:?}");
        }
        // It was drawn for Alex, and reached Maya; or for Maya, and reached Alex.
        let theirs = maya.forges(of_maya, &drawn_for(stage.alex().id())).await;
        assert!(theirs.alert, "{callback:?}: {}", theirs.text);
        let mine = stage.alex().forges(of_alex, &data).await;
        assert!(mine.alert, "{callback:?}: {}", mine.text);
        assert_eq!(mine.text, theirs.text);
    }
    nothing_happened(&stage).await;
    for chat in [MAYA, ALEX] {
        assert_eq!(from_bot(&stage, chat).len(), 1, "only the greeting");
    }
    stage.finish().await;
}
