//! The sender against a scripted transport.

use std::collections::VecDeque;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::*;
use crate::bot::api::Copy;
use crate::bot::html::Html;

/// What the fake Telegram was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    Send(i64, String),
    Edit(i64, i32, String),
    Plain(i64),
    Copy(i64),
}

/// A Telegram that answers as told, and well otherwise.
#[derive(Default)]
struct Fake {
    calls: Mutex<Vec<Call>>,
    answers: Mutex<HashMap<i64, VecDeque<ApiError>>>,
    /// Chats whose calls hang until the gate opens.
    hanging: Vec<i64>,
    gate: Notify,
}

impl Fake {
    fn failing(chat: i64, errors: &[ApiError]) -> Arc<Self> {
        let fake = Self::default();
        let errors = errors.iter().copied().collect();
        fake.answers.lock().unwrap().insert(chat, errors);
        Arc::new(fake)
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    async fn answer(&self, chat: i64, call: Call) -> Result<(), ApiError> {
        self.calls.lock().unwrap().push(call);
        if self.hanging.contains(&chat) {
            self.gate.notified().await;
        }
        let mut answers = self.answers.lock().unwrap();
        match answers.get_mut(&chat).and_then(VecDeque::pop_front) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Transport for Fake {
    async fn send(&self, chat: i64, screen: &Screen, markup: Markup) -> Result<i32, ApiError> {
        let call = match markup {
            Markup::Html => Call::Send(chat, screen.text.to_plain()),
            Markup::None => Call::Plain(chat),
        };
        self.answer(chat, call).await?;
        Ok(100)
    }

    async fn edit(
        &self,
        chat: i64,
        message: i32,
        screen: &Screen,
        _markup: Markup,
    ) -> Result<(), ApiError> {
        let call = Call::Edit(chat, message, screen.text.to_plain());
        self.answer(chat, call).await
    }

    async fn copy(&self, copy: &Copy) -> Result<(), ApiError> {
        self.answer(copy.to, Call::Copy(copy.to)).await
    }

    async fn answer(&self, _: &str, _: Option<&str>, _: bool) -> Result<(), ApiError> {
        Ok(())
    }
}

fn settings(interval_ms: u64, burst: u32) -> SenderSettings {
    SenderSettings {
        interval_per_chat: Duration::from_millis(interval_ms),
        burst_per_chat: burst,
        ..SenderSettings::default()
    }
}

fn quick(fake: &Arc<Fake>) -> Sender {
    Sender::new(Arc::clone(fake) as Arc<dyn Transport>, settings(1, 50))
}

fn screen(text: &str) -> Screen {
    Screen::plain(Html::text(text))
}

fn edit_job(chat: i64, message: i32, text: &str, or_new: bool) -> Job {
    Job {
        chat,
        target: Target::Edit { message, or_new },
        body: Body::Ready(Box::new(screen(text))),
        priority: Priority::Reply,
        patience: None,
    }
}

async fn edit(sender: &Sender, or_new: bool) -> Outcome {
    sender
        .enqueue(edit_job(1, 7, "text", or_new))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_chat_that_hangs_delays_nobody_else() {
    let fake = Arc::new(Fake {
        hanging: vec![1],
        ..Fake::default()
    });
    let sender = quick(&fake);
    let hanging = sender.reply(1, screen("never mind"));
    for chat in 2..50 {
        let outcome = sender.reply(chat, screen("hello")).await;
        assert_eq!(outcome.unwrap(), Outcome::Sent { message: 100 });
    }
    fake.gate.notify_one();
    assert_eq!(hanging.await.unwrap(), Outcome::Sent { message: 100 });
}

#[tokio::test]
async fn silence_asked_for_one_chat_holds_for_that_chat_only() {
    let wait = Duration::from_millis(200);
    let fake = Fake::failing(1, &[ApiError::TooFast(wait)]);
    let sender = quick(&fake);
    let start = Instant::now();
    let limited = sender.reply(1, screen("a"));
    let free = sender.reply(2, screen("b"));
    assert!(free.await.unwrap() == Outcome::Sent { message: 100 });
    assert_eq!(limited.await.unwrap(), Outcome::Sent { message: 100 });
    assert!(start.elapsed() >= wait);
    // The free chat did not wait for the second attempt of the limited one.
    let last = fake.calls().pop();
    assert_eq!(last, Some(Call::Send(1, "a".to_owned())));
}

#[tokio::test]
async fn who_is_impatient_hears_how_long_it_will_take() {
    let wait = Duration::from_secs(60);
    let fake = Fake::failing(1, &[ApiError::TooFast(wait)]);
    let sender = quick(&fake);
    let job = || Job {
        patience: Some(Duration::from_secs(1)),
        ..edit_job(1, 7, "text", false)
    };
    assert_eq!(sender.enqueue(job()).await.unwrap(), Outcome::Later(wait));
    // The next one does not even ask Telegram.
    let outcome = sender.enqueue(job()).await.unwrap();
    assert!(matches!(outcome, Outcome::Later(left) if left > wait / 2));
    assert_eq!(fake.calls().len(), 1);
    assert!(!sender.is_quiet(1));
    assert!(sender.is_quiet(2));
}

#[tokio::test]
async fn refused_markup_goes_out_as_plain_text() {
    let fake = Fake::failing(1, &[ApiError::BadMarkup]);
    let outcome = quick(&fake).reply(1, screen("text")).await.unwrap();
    assert_eq!(outcome, Outcome::Sent { message: 100 });
    assert_eq!(
        fake.calls(),
        [Call::Send(1, "text".to_owned()), Call::Plain(1)]
    );
}

#[tokio::test]
async fn what_an_edit_meets_is_told_apart() {
    for (error, or_new, expected) in [
        (ApiError::NotModified, false, Outcome::Sent { message: 7 }),
        (ApiError::MessageGone, false, Outcome::Gone),
        (ApiError::MessageGone, true, Outcome::Sent { message: 100 }),
        (ApiError::Unreachable, true, Outcome::Unreachable),
        (ApiError::Refused(400), true, Outcome::Refused),
        (ApiError::AnswerLost, false, Outcome::Sent { message: 7 }),
        (ApiError::Server(502), false, Outcome::Sent { message: 7 }),
    ] {
        let fake = Fake::failing(1, &[error]);
        let sender = quick(&fake);
        assert_eq!(edit(&sender, or_new).await, expected, "{error:?}");
    }
}

#[tokio::test]
async fn a_message_that_may_have_arrived_is_not_sent_again() {
    let fake = Fake::failing(1, &[ApiError::AnswerLost]);
    let outcome = quick(&fake).reply(1, screen("text")).await.unwrap();
    assert_eq!(outcome, Outcome::Lost);
    assert_eq!(fake.calls().len(), 1);
    // One that surely did not is.
    let fake = Fake::failing(1, &[ApiError::NotSent, ApiError::NotSent]);
    let outcome = quick(&fake).reply(1, screen("text")).await.unwrap();
    assert_eq!(outcome, Outcome::Sent { message: 100 });
}

#[tokio::test]
async fn of_two_edits_that_wait_only_the_newer_leaves() {
    let fake = Arc::new(Fake {
        hanging: vec![1],
        ..Fake::default()
    });
    let sender = quick(&fake);
    let first = sender.reply(1, screen("first"));
    while fake.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let old = sender.enqueue(edit_job(1, 7, "old", false));
    let new = sender.enqueue(edit_job(1, 7, "new", false));
    assert_eq!(old.await.unwrap(), Outcome::Superseded);
    fake.gate.notify_one();
    assert_eq!(first.await.unwrap(), Outcome::Sent { message: 100 });
    fake.gate.notify_one();
    assert_eq!(new.await.unwrap(), Outcome::Sent { message: 7 });
    assert_eq!(
        fake.calls().last(),
        Some(&Call::Edit(1, 7, "new".to_owned()))
    );
}

#[tokio::test]
async fn a_live_message_says_what_is_true_when_it_leaves() {
    let fake = Arc::new(Fake {
        hanging: vec![1],
        ..Fake::default()
    });
    let sender = quick(&fake);
    let truth = Arc::new(Mutex::new("before"));
    let first = sender.reply(1, screen("first"));
    while fake.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let read = Arc::clone(&truth);
    let live = sender.enqueue(Job {
        body: Body::Live(Box::new(move || {
            let text = *read.lock().unwrap();
            Box::pin(async move { Some(screen(text)) })
        })),
        ..edit_job(1, 7, "", false)
    });
    *truth.lock().unwrap() = "after";
    fake.gate.notify_one();
    assert_eq!(first.await.unwrap(), Outcome::Sent { message: 100 });
    fake.gate.notify_one();
    assert_eq!(live.await.unwrap(), Outcome::Sent { message: 7 });
    assert_eq!(
        fake.calls().last(),
        Some(&Call::Edit(1, 7, "after".to_owned()))
    );
}

#[tokio::test]
async fn a_drawing_that_panics_costs_only_itself() {
    let fake = Arc::new(Fake::default());
    let sender = quick(&fake);
    let broken = sender.enqueue(Job {
        body: Body::Live(Box::new(|| Box::pin(async { panic!("boom") }))),
        ..edit_job(1, 7, "", false)
    });
    assert_eq!(broken.await.unwrap(), Outcome::Lost);
    assert_eq!(edit(&sender, false).await, Outcome::Sent { message: 7 });
}

#[tokio::test]
async fn one_chat_is_written_to_no_faster_than_its_pace() {
    let fake = Arc::new(Fake::default());
    let transport = Arc::clone(&fake) as Arc<dyn Transport>;
    let sender = Sender::new(transport, settings(40, 2));
    let start = Instant::now();
    for number in 0..5 {
        drop(sender.reply(1, screen(&number.to_string())));
    }
    assert_eq!(sender.drain(Duration::from_secs(10)).await, 0);
    // Two leave at once, three wait for one interval each.
    assert!(start.elapsed() >= Duration::from_millis(120));
    let texts: Vec<_> = (0..5).map(|n| Call::Send(1, n.to_string())).collect();
    assert_eq!(fake.calls(), texts);
}

#[tokio::test]
async fn queues_are_bounded_and_urgent_messages_still_get_in() {
    let fake = Arc::new(Fake {
        hanging: vec![1],
        ..Fake::default()
    });
    let transport = Arc::clone(&fake) as Arc<dyn Transport>;
    let sender = Sender::new(
        transport,
        SenderSettings {
            queue_per_chat: 2,
            ..settings(1, 50)
        },
    );
    let first = sender.reply(1, screen("first"));
    while fake.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = sender.reply(1, screen("second"));
    let third = sender.reply(1, screen("third"));
    let too_many = sender.reply(1, screen("fourth")).await.unwrap();
    assert!(matches!(too_many, Outcome::Later(_)));
    let urgent = sender.enqueue(Job {
        priority: Priority::Urgent,
        ..edit_job(1, 7, "code", false)
    });
    assert_eq!(third.await.unwrap(), Outcome::Lost);
    for (outcome, message) in [(first, 100), (urgent, 7), (second, 100)] {
        fake.gate.notify_one();
        assert_eq!(outcome.await.unwrap(), Outcome::Sent { message });
    }
}

fn copy_to(to: i64) -> Copy {
    Copy {
        to,
        from: 9,
        message: 5,
        keyboard: None,
    }
}

/// A sender through which a broadcast of thousands goes, one copy in so many milliseconds.
fn broadcasting(fake: &Arc<Fake>, users: i64) -> Sender {
    let transport = Arc::clone(fake) as Arc<dyn Transport>;
    let sender = Sender::new(
        transport,
        SenderSettings {
            bulk_per_second: 50,
            ..settings(1_000, 2)
        },
    );
    let all = sender.clone();
    tokio::spawn(async move {
        let copies = (1..=users).map(|user| {
            let sender = all.clone();
            async move { sender.copy(&copy_to(user), Priority::Background).await }
        });
        futures_util::future::join_all(copies).await
    });
    sender
}

#[tokio::test]
async fn a_code_overtakes_a_broadcast_of_thousands() {
    let fake = Arc::new(Fake::default());
    let sender = broadcasting(&fake, 3_000);
    while fake.calls().len() < 5 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // One who had the message, one who has not, one who gets none.
    for chat in [1, 2_999, 5_000] {
        let start = Instant::now();
        let code = sender.enqueue(Job {
            priority: Priority::Urgent,
            ..edit_job(chat, 7, "code", false)
        });
        assert_eq!(code.await.unwrap(), Outcome::Sent { message: 7 });
        assert!(start.elapsed() < Duration::from_millis(500), "{chat}");
    }
    assert!(fake.calls().len() < 100, "thousands still wait");
}

#[tokio::test]
async fn a_code_does_not_wait_for_copies_that_hang() {
    let fake = Arc::new(Fake {
        hanging: (1..=100).collect(),
        ..Fake::default()
    });
    let sender = broadcasting(&fake, 100);
    while fake.calls().len() < 8 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let code = sender.reply(200, screen("code"));
    assert_eq!(code.await.unwrap(), Outcome::Sent { message: 100 });
    // Not even in the chat whose copy hangs.
    let before = fake.calls().len();
    drop(sender.reply(1, screen("code")));
    while !fake.calls()[before..].contains(&Call::Send(1, "code".to_owned())) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn silence_asked_of_a_broadcast_does_not_silence_codes() {
    let wait = Duration::from_secs(600);
    let fake = Fake::failing(1, &[ApiError::TooFast(wait)]);
    let sender = quick(&fake);
    let end = sender.copy(&copy_to(1), Priority::Background).await;
    assert_eq!(end, CopyEnd::Later(wait));
    let (bulk, code) = (copy_to(2), sender.reply(2, screen("code")));
    assert_eq!(code.await.unwrap(), Outcome::Sent { message: 100 });
    let held = sender.copy(&bulk, Priority::Background).await;
    assert!(matches!(held, CopyEnd::Later(left) if left > wait / 2));
    assert_eq!(fake.calls().len(), 2, "a copy left before its time");
}
