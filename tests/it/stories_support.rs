//! Support: what users write to the people who run the shop, and the answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

use crate::harness::{MAYA, SARI, Stage};

/// One grey pixel.
pub(crate) const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Two people who may answer, and Alex.
async fn open() -> Stage {
    let stage = Stage::open().await;
    let stage = stage.with(|it| it.admins = vec![MAYA, SARI]).await;
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.says("/start").await;
    }
    let sari = stage.sari().id();
    stage.shop().choose_language(sari, "en").await.unwrap();
    stage
}

#[tokio::test]
async fn a_question_is_answered_by_one_and_the_others_see_by_whom() {
    let stage = open().await;
    let (alex, maya, sari) = (stage.alex(), stage.maya(), stage.sari());
    let asked = alex.says("/support").await;
    assert!(asked.text.contains("What is it about?"), "{}", asked.text);
    let sent = alex.says("Where is <b>my</b> & code?").await;
    assert!(sent.text.contains("have your message"), "{}", sent.text);
    for admin in [maya, sari] {
        let paper = admin.sees("writes:").await;
        assert!(
            paper.text.contains("Alex @alex") && paper.text.contains("Where is <b>my</b> & code?"),
            "{}",
            paper.text
        );
    }
    // A restart forgets none of it.
    let stage = stage.with(|_| ()).await;
    let (alex, maya, sari) = (stage.alex(), stage.maya(), stage.sari());
    let (paper, _) = sari.finds("Answer").await;
    stage
        .telegram
        .reply_text(SARI, paper, "Look into <i>/orders</i>")
        .unwrap();
    let answer = alex.sees("Support answers:").await;
    assert!(
        answer.text.contains("Look into <i>/orders</i>"),
        "{}",
        answer.text
    );
    for admin in [maya, sari] {
        let closed = admin.sees("Answered by Sari").await;
        assert!(closed.buttons().all(|it| !it.text.contains("Answer")));
    }
    sari.sees("Your answer is on its way").await;

    // It goes on, by the button below the answer and the one below the question.
    alex.presses("Write to us").await;
    alex.says("Thank you!").await;
    maya.sees("Thank you!").await;
    maya.presses("Answer").await;
    maya.says("You are welcome").await;
    alex.sees("You are welcome").await;
    sari.sees("Answered by Maya").await;
    for person in [alex, maya, sari] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_picture_goes_both_ways() {
    let stage = open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/support").await;
    stage.is_idle().await;
    let picture = STANDARD.decode(PICTURE).unwrap();
    stage
        .telegram
        .send_photo(alex.id().0, picture.clone().into())
        .unwrap();
    alex.sees("have your message").await;
    let paper = maya.sees("writes:").await;
    assert!(paper.media.is_some());
    maya.presses("Answer").await;
    stage.is_idle().await;
    stage.telegram.send_photo(MAYA, picture.into()).unwrap();
    let answer = alex.sees("Support answers:").await;
    assert!(answer.media.is_some());
    let closed = maya.sees("Answered by Maya").await;
    assert!(closed.media.is_some(), "the picture stays");
    for person in [alex, maya, stage.sari()] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn nobody_writes_too_much_and_nobody_else_answers() {
    let stage = open().await;
    let alex = stage.alex();
    for text in ["1", "2", "3", "4", "5"] {
        let sent = alex.says(&format!("/support {text}")).await;
        assert!(sent.text.contains("have your message"), "{}", sent.text);
    }
    let refused = alex.says("/support 6").await;
    assert!(refused.text.contains("again in"), "{}", refused.text);
    stage.later(TimeDelta::minutes(11));
    let sent = alex.says("/support 6").await;
    assert!(sent.text.contains("have your message"), "{}", sent.text);
    // Alex replies to a message of his own chat that has an admin's number by chance.
    let (paper, _) = stage.maya().finds("Answer").await;
    assert!(
        stage
            .shop()
            .support_at(alex.id(), paper)
            .await
            .unwrap()
            .is_none()
    );
    for person in [alex, stage.maya(), stage.sari()] {
        person.skims().await;
    }
    stage.finish().await;
}
