//! The queue behind `getUpdates` and webhooks: ids, confirmation by offset, one poller at a time.
//!
//! Invariant: an update stays in the queue until an offset above its id confirms it, or
//! the webhook takes it.

use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::refusal::Refusal;
use super::webhook::{Delivery, Webhook};

const HISTORY: usize = 4096;
const TIMEOUT_MAX_S: i64 = 50;

#[derive(Clone, Debug)]
struct Update {
    id: i64,
    kind: &'static str,
    payload: Arc<str>,
}

impl Update {
    fn body(&self) -> String {
        format!(
            "{{\"update_id\":{},\"{}\":{}}}",
            self.id, self.kind, self.payload
        )
    }
}

#[derive(Debug)]
struct Inner {
    queue: VecDeque<Update>,
    again: VecDeque<Update>,
    history: VecDeque<Update>,
    next_id: i64,
    poller: u64,
    allowed: Option<HashSet<String>>,
    webhook: Webhook,
    /// Who passes on what is brought to the webhook.
    proxy: Option<SocketAddr>,
}

/// What `getUpdates` was asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Poll {
    pub(super) offset: i64,
    pub(super) limit: Option<i64>,
    pub(super) timeout_s: i64,
    pub(super) allowed: Option<Vec<String>>,
}

#[derive(Debug)]
pub(super) struct Updates {
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
}

impl Updates {
    pub(super) fn new(first_id: i64) -> Self {
        Self {
            inner: Mutex::new(Inner {
                queue: VecDeque::new(),
                again: VecDeque::new(),
                history: VecDeque::new(),
                next_id: first_id,
                poller: 0,
                allowed: None,
                webhook: Webhook::default(),
                proxy: None,
            }),
            changed: watch::Sender::new(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an update, unless the bot asked not to get its kind; gives back its id.
    pub(super) fn add(&self, kind: &'static str, payload: &Value) -> i64 {
        self.queue(kind, payload.to_string().into())
    }

    fn queue(&self, kind: &'static str, payload: Arc<str>) -> i64 {
        let mut inner = self.lock();
        let id = inner.next_id;
        inner.next_id += 1;
        if inner
            .allowed
            .as_ref()
            .is_some_and(|set| !set.contains(kind))
        {
            return id;
        }
        let update = Update { id, kind, payload };
        inner.queue.push_back(update.clone());
        inner.history.push_back(update);
        if inner.history.len() > HISTORY {
            inner.history.pop_front();
        }
        drop(inner);
        self.changed.send_replace(());
        id
    }

    /// Hands an update out once more under its own id; false if it is not remembered.
    pub(super) fn redeliver(&self, id: i64) -> bool {
        let mut inner = self.lock();
        let Some(update) = inner.history.iter().find(|u| u.id == id).cloned() else {
            return false;
        };
        inner.again.push_back(update);
        drop(inner);
        self.changed.send_replace(());
        true
    }

    /// Queues the same content under a new id.
    pub(super) fn duplicate(&self, id: i64) -> Option<i64> {
        let update = self.lock().history.iter().find(|u| u.id == id).cloned()?;
        Some(self.queue(update.kind, update.payload))
    }

    /// How many updates wait to be confirmed.
    pub(super) fn pending(&self) -> usize {
        self.lock().queue.len()
    }

    pub(super) fn webhook(&self) -> Webhook {
        self.lock().webhook.clone()
    }

    /// Says who passes on what is brought to the webhook.
    pub(super) fn route(&self, proxy: SocketAddr) {
        self.lock().proxy = Some(proxy);
        self.changed.send_replace(());
    }

    /// Tells of everything that changes here.
    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// From now on only these kinds are queued; all where none is named.
    pub(super) fn allow(&self, allowed: Vec<String>) {
        self.lock().allowed = (!allowed.is_empty()).then(|| allowed.into_iter().collect());
    }

    /// What is to be brought next, if there is anything and somewhere to bring it.
    pub(super) fn next_delivery(&self) -> Option<Delivery> {
        let inner = self.lock();
        if inner.webhook.url.is_empty() {
            return None;
        }
        let update = inner.again.front().or(inner.queue.front())?;
        Some(Delivery {
            id: update.id,
            body: update.body(),
            webhook: inner.webhook.clone(),
            proxy: inner.proxy?,
        })
    }

    /// An update was brought and taken, or not; then it stays.
    pub(super) fn brought(&self, id: i64, failed: Option<String>) {
        let mut inner = self.lock();
        if failed.is_none() {
            if inner.again.front().is_some_and(|update| update.id == id) {
                inner.again.pop_front();
            } else if inner.queue.front().is_some_and(|update| update.id == id) {
                inner.queue.pop_front();
            }
        }
        inner.webhook.last_error = failed;
    }

    pub(super) fn set_webhook(&self, webhook: Webhook, drop_pending: bool) {
        let mut inner = self.lock();
        inner.webhook = webhook;
        if drop_pending {
            inner.queue.clear();
            inner.again.clear();
        }
        drop(inner);
        self.changed.send_replace(());
    }

    /// Forgets what was not confirmed.
    pub(super) fn forget(&self) {
        let mut inner = self.lock();
        inner.queue.clear();
        inner.again.clear();
    }

    /// Answers one `getUpdates`: the JSON array of updates.
    pub(super) async fn poll(&self, poll: Poll) -> Result<String, Refusal> {
        let mut changed = self.changed.subscribe();
        let me = self.begin(&poll)?;
        let limit = match poll.limit {
            Some(limit @ 1..=100) => usize::try_from(limit).unwrap_or(100),
            _ => 100,
        };
        let timeout_s = u64::try_from(poll.timeout_s.clamp(0, TIMEOUT_MAX_S)).unwrap_or(0);
        let deadline = Instant::now() + Duration::from_secs(timeout_s);
        loop {
            changed.mark_unchanged();
            {
                let mut inner = self.lock();
                if !inner.webhook.url.is_empty() {
                    return Err(Refusal::TERMINATED_BY_WEBHOOK);
                }
                if inner.poller != me {
                    return Err(Refusal::TERMINATED_BY_POLLER);
                }
                if let Some(batch) = take(&mut inner, limit) {
                    return Ok(batch);
                }
            }
            match tokio::time::timeout_at(deadline, changed.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Ok(String::from("[]")),
            }
        }
    }

    /// Confirms by offset and takes the place of whoever polled before.
    fn begin(&self, poll: &Poll) -> Result<u64, Refusal> {
        let mut inner = self.lock();
        if !inner.webhook.url.is_empty() {
            return Err(Refusal::WEBHOOK_ACTIVE);
        }
        if let Some(allowed) = &poll.allowed {
            inner.allowed = (!allowed.is_empty()).then(|| allowed.iter().cloned().collect());
        }
        if poll.offset < 0 {
            let keep = usize::try_from(poll.offset.unsigned_abs()).unwrap_or(usize::MAX);
            let forget = inner.queue.len().saturating_sub(keep);
            inner.queue.drain(..forget);
        } else {
            while inner.queue.front().is_some_and(|u| u.id < poll.offset) {
                inner.queue.pop_front();
            }
        }
        inner.poller += 1;
        let me = inner.poller;
        drop(inner);
        self.changed.send_replace(());
        Ok(me)
    }
}

fn take(inner: &mut Inner, limit: usize) -> Option<String> {
    let mut bodies: Vec<String> = Vec::new();
    while bodies.len() < limit
        && let Some(update) = inner.again.pop_front()
    {
        bodies.push(update.body());
    }
    let room = limit - bodies.len();
    bodies.extend(inner.queue.iter().take(room).map(Update::body));
    (!bodies.is_empty()).then(|| format!("[{}]", bodies.join(",")))
}
