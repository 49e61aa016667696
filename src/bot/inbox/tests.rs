//! The inbox against a Telegram that keeps what was not acknowledged.

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use tokio::sync::{Semaphore, watch};

use super::*;

/// A Telegram that keeps updates until an offset acknowledges them.
#[derive(Default)]
struct Telegram {
    updates: Mutex<Vec<(i64, String)>>,
    /// Refusals that come before anything else.
    refusals: Mutex<VecDeque<u16>>,
    offsets: Mutex<Vec<i64>>,
    news: watch::Sender<()>,
}

impl Telegram {
    fn say(&self, update_id: i64, rest: &str) {
        let json = format!(r#"{{"update_id":{update_id},{rest}}}"#);
        self.updates.lock().unwrap().push((update_id, json));
        self.news.send_replace(());
    }

    fn write(&self, update_id: i64) {
        let message = r#""message":{"message_id":1,"date":1800000000,"text":"hi","chat":{"id":5,"type":"private","first_name":"A"},"from":{"id":5,"is_bot":false,"first_name":"A"}}"#;
        self.say(update_id, message);
    }

    fn answer(&self, offset: i64) -> Option<(StatusCode, String)> {
        if let Some(code) = self.refusals.lock().unwrap().pop_front() {
            let status = StatusCode::from_u16(code).unwrap();
            let body = format!(r#"{{"ok":false,"error_code":{code},"description":"no"}}"#);
            return Some((status, body));
        }
        let mut updates = self.updates.lock().unwrap();
        updates.retain(|(id, _)| *id >= offset);
        let batch: Vec<_> = updates.iter().map(|(_, json)| json.as_str()).collect();
        (!batch.is_empty()).then(|| {
            let body = format!(r#"{{"ok":true,"result":[{}]}}"#, batch.join(","));
            (StatusCode::OK, body)
        })
    }
}

async fn get_updates(State(telegram): State<Arc<Telegram>>, body: String) -> (StatusCode, String) {
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let offset = body["offset"].as_i64().unwrap();
    telegram.offsets.lock().unwrap().push(offset);
    let mut news = telegram.news.subscribe();
    loop {
        if let Some(answer) = telegram.answer(offset) {
            return answer;
        }
        news.changed().await.unwrap();
    }
}

/// A store that can be made to hang.
struct Log {
    stored: Mutex<Vec<i64>>,
    handled: watch::Sender<Vec<i64>>,
    unhandled: Vec<StoredUpdate>,
    /// How many batches may be stored.
    gate: Semaphore,
}

impl Log {
    fn with(unhandled: Vec<StoredUpdate>, batches: usize) -> Arc<Self> {
        Arc::new(Self {
            stored: Mutex::default(),
            handled: watch::Sender::default(),
            unhandled,
            gate: Semaphore::new(batches),
        })
    }

    async fn wait_handled(&self, update_id: i64) {
        let mut handled = self.handled.subscribe();
        let wait = handled.wait_for(|handled| handled.contains(&update_id));
        wait.await.unwrap();
    }
}

#[async_trait]
impl UpdateLog for Log {
    async fn accept(&self, batch: Vec<StoredUpdate>) -> Result<Vec<i64>, ShopError> {
        self.gate.acquire().await.unwrap().forget();
        let mut stored = self.stored.lock().unwrap();
        let known: Vec<i64> = self.unhandled.iter().map(|u| u.update_id).collect();
        let ids = batch.iter().map(|update| update.update_id);
        let new: Vec<i64> = ids
            .filter(|id| !stored.contains(id) && !known.contains(id))
            .collect();
        stored.extend(&new);
        Ok(new)
    }

    async fn unhandled(&self) -> Result<Vec<StoredUpdate>, ShopError> {
        Ok(self.unhandled.clone())
    }

    async fn handled(&self, update_ids: Vec<i64>) -> Result<(), ShopError> {
        self.handled
            .send_modify(|handled| handled.extend(update_ids));
        Ok(())
    }
}

/// Leaves out what has an odd number.
struct Even;

impl Door for Even {
    fn lets_in(&self, update: &Update) -> bool {
        update.id.0.is_multiple_of(2)
    }
}

/// Lets everything in.
struct Open;

impl Door for Open {
    fn lets_in(&self, _: &Update) -> bool {
        true
    }
}

async fn inbox(telegram: &Arc<Telegram>, log: &Arc<Log>) -> Inbox {
    let app = axum::Router::new()
        .fallback(get_updates)
        .with_state(Arc::clone(telegram));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let log = Arc::clone(log) as Arc<dyn UpdateLog>;
    Inbox {
        api: Api::new(base.parse().unwrap(), SecretString::from("1:secret")).unwrap(),
        keeper: Keeper::start(Arc::clone(&log)),
        door: Arc::new(Open),
        hook: None,
        log,
        progress: Arc::default(),
        shutdown: CancellationToken::new(),
    }
}

async fn next(stream: &mut BoxStream<'_, Result<Update, Infallible>>) -> Option<u32> {
    let next = tokio::time::timeout(Duration::from_secs(20), stream.next());
    let update = next.await.expect("an update within 20 s")?;
    Some(update.unwrap().id.0)
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_is_stored() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 1);
    let mut inbox = inbox(&telegram, &log).await;
    let progress = Arc::clone(&inbox.progress);
    telegram.write(10);
    let mut stream = inbox.as_stream();
    assert_eq!(next(&mut stream).await, Some(10));
    telegram.write(11);
    // A handler may start while its update is still being stored …
    assert_eq!(next(&mut stream).await, Some(11));
    // … but Telegram was not told to forget it.
    assert!(
        telegram
            .offsets
            .lock()
            .unwrap()
            .iter()
            .all(|offset| *offset <= 11)
    );
    assert_eq!(progress.offset.load(Ordering::SeqCst), 11);
    log.gate.add_permits(10);
    telegram.write(12);
    assert_eq!(next(&mut stream).await, Some(12));
    while progress.offset.load(Ordering::SeqCst) < 13 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*log.stored.lock().unwrap(), [10, 11, 12]);
    assert!(telegram.offsets.lock().unwrap().contains(&12));
}

#[tokio::test]
async fn a_store_that_takes_nothing_does_not_silence_the_bot() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 1);
    let mut inbox = inbox(&telegram, &log).await;
    let progress = Arc::clone(&inbox.progress);
    telegram.write(10);
    let mut stream = inbox.as_stream();
    assert_eq!(next(&mut stream).await, Some(10));
    // None of these can be stored; each is handed on, once, and none is acknowledged.
    for id in 11..14 {
        telegram.write(id);
        assert_eq!(next(&mut stream).await, Some(u32::try_from(id).unwrap()));
        assert_eq!(progress.offset.load(Ordering::SeqCst), 11);
    }
    log.gate.add_permits(10);
    while progress.offset.load(Ordering::SeqCst) < 14 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*log.stored.lock().unwrap(), [10, 11, 12, 13]);
}

#[tokio::test]
async fn what_was_left_over_comes_first_and_once() {
    let telegram = Arc::new(Telegram::default());
    telegram.write(7);
    let json = telegram.updates.lock().unwrap()[0].1.clone();
    let left_over = StoredUpdate { update_id: 7, json };
    let log = Log::with(vec![left_over], 10);
    let mut inbox = inbox(&telegram, &log).await;
    // Telegram brings 7 again: it was never acknowledged.
    telegram.write(8);
    let mut stream = inbox.as_stream();
    assert_eq!(next(&mut stream).await, Some(7));
    assert_eq!(next(&mut stream).await, Some(8));
    telegram.write(9);
    assert_eq!(next(&mut stream).await, Some(9));
}

#[tokio::test]
async fn an_unreadable_update_is_stored_marked_and_skipped() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 10);
    let mut inbox = inbox(&telegram, &log).await;
    telegram.say(20, r#""message":{"odd":true}"#);
    telegram.say(21, r#""something_new":{"a":[1,2]}"#);
    telegram.write(22);
    let mut stream = inbox.as_stream();
    assert_eq!(next(&mut stream).await, Some(22));
    log.wait_handled(20).await;
    log.wait_handled(21).await;
    assert_eq!(*log.stored.lock().unwrap(), [20, 21, 22]);
    assert!(!log.handled.borrow().contains(&22));
}

#[tokio::test]
async fn what_is_not_let_in_is_stored_marked_and_skipped() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 10);
    let mut inbox = inbox(&telegram, &log).await;
    inbox.door = Arc::new(Even);
    for id in 20..25 {
        telegram.write(id);
    }
    let mut stream = inbox.as_stream();
    for expected in [20, 22, 24] {
        assert_eq!(next(&mut stream).await, Some(expected));
    }
    log.wait_handled(21).await;
    log.wait_handled(23).await;
    assert_eq!(*log.stored.lock().unwrap(), [20, 21, 22, 23, 24]);
    assert_eq!(*log.handled.borrow(), [21, 23]);
}

#[tokio::test]
async fn trouble_passes() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 10);
    let mut inbox = inbox(&telegram, &log).await;
    telegram.refusals.lock().unwrap().extend([502, 409, 500]);
    telegram.write(30);
    let mut stream = inbox.as_stream();
    assert_eq!(next(&mut stream).await, Some(30));
}

#[tokio::test]
async fn a_wrong_token_is_the_end() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 10);
    let mut inbox = inbox(&telegram, &log).await;
    let progress = Arc::clone(&inbox.progress);
    telegram.refusals.lock().unwrap().push_back(401);
    assert_eq!(next(&mut inbox.as_stream()).await, None);
    assert!(progress.bad_token.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_newcomer_leaves_the_token_to_whoever_has_it() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 10);
    let mut inbox = inbox(&telegram, &log).await;
    let progress = Arc::clone(&inbox.progress);
    let refusals = std::iter::repeat_n(409, NEWCOMER_YIELDS as usize);
    telegram.refusals.lock().unwrap().extend(refusals);
    assert_eq!(next(&mut inbox.as_stream()).await, None);
    assert!(progress.taken.load(Ordering::SeqCst));
}

#[test]
fn whoever_was_here_first_holds_out_longer() {
    let mut trouble = Trouble::default();
    trouble.over();
    for _ in 1..INCUMBENT_YIELDS {
        assert!(!trouble.yields());
    }
    assert!(trouble.yields());
    trouble.over();
    assert!(!trouble.yields());
}

#[tokio::test]
async fn the_end_interrupts_a_long_poll() {
    let telegram = Arc::new(Telegram::default());
    let log = Log::with(Vec::new(), 10);
    let mut inbox = inbox(&telegram, &log).await;
    let shutdown = inbox.shutdown.clone();
    telegram.write(40);
    let mut stream = inbox.as_stream();
    assert_eq!(next(&mut stream).await, Some(40));
    shutdown.cancel();
    assert_eq!(next(&mut stream).await, None);
}

#[test]
fn an_update_is_handled_once() {
    let mut seen = Seen::default();
    assert!(seen.is_new(5));
    assert!(!seen.is_new(5));
    // Numbers may jump backwards after a quiet week: order means nothing.
    assert!(seen.is_new(3));
    for id in 100..100 + 5000 {
        assert!(seen.is_new(id));
    }
    assert_eq!(seen.ids.len(), REMEMBERED);
}

#[test]
fn any_update_with_a_number_is_stored_as_it_came() {
    let raw = RawValue::from_string(r#"{"new_kind":{"a":[1]},"update_id":77}"#.into()).unwrap();
    let stored = stored(&raw).unwrap();
    assert_eq!(stored.update_id, 77);
    assert_eq!(stored.json, raw.get());
    let update: Update = serde_json::from_str(&stored.json).unwrap();
    assert!(matches!(update.kind, UpdateKind::Error(_)));
}

#[test]
fn pauses_grow_and_end() {
    let mut trouble = Trouble::default();
    assert_eq!(trouble.pause(ApiError::NotSent), FIRST_PAUSE);
    assert_eq!(trouble.pause(ApiError::NotSent), FIRST_PAUSE * 2);
    for _ in 0..20 {
        assert!(trouble.pause(ApiError::Conflict) <= LONGEST_PAUSE);
    }
    trouble.over();
    assert_eq!(trouble.pause(ApiError::NotSent), FIRST_PAUSE);
}
