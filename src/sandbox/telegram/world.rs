//! Everything the simulation knows: people, groups, chats, open queries, files.
//!
//! Invariant: each chat has its own lock and no lock is held while another chat's is taken, so
//! that work in one chat never waits for another.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::commands::CommandLists;
use super::events::{EventKind, Log, Toast};
use super::files::Files;
use super::inline::InlineAnswer;
use super::limits::{Fault, RateLimits, Usage};
use super::message::{self, Author, ChatMessage};
use super::refusal::Refusal;
use super::stars::{Payment, Till};
use super::updates::Updates;
use super::{Config, Group, Person};
use crate::clock::Clock;

const TOASTS_KEPT: usize = 256;
const QUERIES_KEPT: usize = 64;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a chat is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Private(Person),
    Group(Group),
}

/// What waits for the bot's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueryKind {
    /// A press of a button.
    Press,
    /// Something typed behind the bot's name.
    Inline,
    /// A payment that waits to be let through.
    Checkout,
}

/// A press or an inline query that the bot has not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) kind: QueryKind,
    pub(super) asked_at: DateTime<Utc>,
}

/// A chat's content.
#[derive(Debug, Default)]
pub(super) struct Inside {
    pub(super) messages: BTreeMap<i32, ChatMessage>,
    pub(super) toasts: Vec<Toast>,
    pub(super) queries: Vec<Query>,
    pub(super) inline: Vec<InlineAnswer>,
    pub(super) payments: Vec<(String, Payment)>,
    pub(super) usage: Usage,
    pub(super) started: bool,
    pub(super) met: bool,
    pub(super) blocked: bool,
}

/// One chat, with its own lock.
#[derive(Debug)]
pub(super) struct Chat {
    pub(super) id: i64,
    pub(super) kind: Kind,
    pub(super) inside: Mutex<Inside>,
    pub(super) changed: watch::Sender<()>,
}

impl Chat {
    pub(super) fn json(&self) -> Value {
        match &self.kind {
            Kind::Private(person) => message::private_chat_json(person),
            Kind::Group(group) => message::group_chat_json(group),
        }
    }
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) config: Config,
    pub(super) bot_id: i64,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) updates: Updates,
    pub(super) log: Log,
    pub(super) files: Mutex<Files>,
    pub(super) commands: Mutex<CommandLists>,
    pub(super) till: Mutex<Till>,
    pub(super) limits: RwLock<Option<RateLimits>>,
    pub(super) fault: watch::Sender<Option<(Fault, DateTime<Utc>)>>,
    /// Whether the port is open at present.
    pub(super) open: watch::Sender<bool>,
    pub(super) counts: Mutex<HashMap<String, u64>>,
    chats: RwLock<HashMap<i64, Arc<Chat>>>,
    ids: Mutex<Ids>,
}

#[derive(Debug)]
struct Ids {
    message: i32,
    query: u64,
}

impl World {
    pub(super) fn new(config: Config, bot_id: i64, clock: Arc<dyn Clock>) -> Self {
        Self {
            updates: Updates::new(config.first_update_id),
            config,
            bot_id,
            clock,
            log: Log::new(),
            files: Mutex::default(),
            commands: Mutex::default(),
            till: Mutex::default(),
            limits: RwLock::new(None),
            fault: watch::Sender::new(None),
            open: watch::Sender::new(true),
            counts: Mutex::default(),
            chats: RwLock::default(),
            ids: Mutex::new(Ids {
                message: 0,
                query: 4_000_000_000_000_000,
            }),
        }
    }

    pub(super) fn bot_json(&self) -> Value {
        json!({
            "id": self.bot_id,
            "is_bot": true,
            "first_name": self.config.bot_name,
            "username": self.config.bot_username,
        })
    }

    pub(super) fn add_chat(&self, id: i64, kind: Kind) {
        let chat = Chat {
            id,
            kind,
            inside: Mutex::default(),
            changed: watch::Sender::new(()),
        };
        self.chats
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(id)
            .or_insert_with(|| Arc::new(chat));
    }

    pub(super) fn chat(&self, id: i64) -> Option<Arc<Chat>> {
        self.chats
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned()
    }

    pub(super) fn person(&self, id: i64) -> Option<Person> {
        match &self.chat(id)?.kind {
            Kind::Private(person) => Some(person.clone()),
            Kind::Group(_) => None,
        }
    }

    /// The chat the bot names, if it may write there.
    pub(super) fn writable_chat(&self, chat_id: Option<String>) -> Result<Arc<Chat>, Refusal> {
        let chat_id = chat_id
            .filter(|id| !id.is_empty())
            .ok_or(Refusal::CHAT_ID_EMPTY)?;
        let chat = chat_id
            .parse()
            .ok()
            .and_then(|id| self.chat(id))
            .ok_or(Refusal::CHAT_NOT_FOUND)?;
        let inside = lock(&chat.inside);
        let private = matches!(chat.kind, Kind::Private(_));
        if private && !inside.started {
            return Err(if inside.met {
                Refusal::NEVER_STARTED
            } else {
                Refusal::CHAT_NOT_FOUND
            });
        }
        if inside.blocked {
            return Err(Refusal::BLOCKED);
        }
        drop(inside);
        Ok(chat)
    }

    pub(super) fn next_message_id(&self) -> i32 {
        let mut ids = lock(&self.ids);
        ids.message += 1;
        ids.message
    }

    pub(super) fn author_json(&self, author: Author) -> Value {
        match author {
            Author::Bot => self.bot_json(),
            Author::User(id) => self
                .person(id)
                .map_or(Value::Null, |person| message::person_json(&person)),
        }
    }

    pub(super) fn message_json(&self, chat: &Chat, message: &ChatMessage) -> Value {
        message.to_json(&self.author_json(message.author), &chat.json())
    }

    /// Puts a new or changed message in its place and tells everybody who watches.
    pub(super) fn put(&self, chat: &Chat, inside: &mut Inside, mut message: ChatMessage) {
        let id = message.id;
        message.seq = self.log.write(chat.id, |_| EventKind::Message { id });
        inside.messages.insert(id, message);
        if inside.messages.len() > self.config.messages_per_chat {
            inside.messages.pop_first();
        }
        chat.changed.send_replace(());
    }

    /// Opens a query in the chat of the person who pressed or typed.
    pub(super) fn open_query(&self, presser: &Chat, kind: QueryKind) -> String {
        let id = {
            let mut ids = lock(&self.ids);
            ids.query += 1;
            ids.query
        };
        let query = Query {
            id: format!("{id}:{}", presser.id),
            kind,
            asked_at: self.clock.now(),
        };
        let mut inside = lock(&presser.inside);
        inside.queries.push(query.clone());
        if inside.queries.len() > QUERIES_KEPT {
            inside.queries.remove(0);
        }
        query.id
    }

    /// Closes a query that was not answered yet and is not too old; gives back whose it is.
    pub(super) fn close_query(&self, id: &str, kind: QueryKind) -> Result<Arc<Chat>, Refusal> {
        let chat = id
            .rsplit_once(':')
            .and_then(|(_, user)| user.parse().ok())
            .and_then(|user| self.chat(user))
            .ok_or(Refusal::QUERY_TOO_OLD)?;
        let mut inside = lock(&chat.inside);
        let place = inside
            .queries
            .iter()
            .position(|query| query.id == id && query.kind == kind)
            .ok_or(Refusal::QUERY_TOO_OLD)?;
        let query = inside.queries.remove(place);
        drop(inside);
        if self.clock.now() - query.asked_at > self.config.query_lifetime {
            return Err(Refusal::QUERY_TOO_OLD);
        }
        Ok(chat)
    }

    /// Closes a callback query with what the bot had to say.
    pub(super) fn answer_query(&self, id: &str, text: String, alert: bool) -> Result<(), Refusal> {
        let chat = self.close_query(id, QueryKind::Press)?;
        let mut inside = lock(&chat.inside);
        let mut toast = Toast {
            seq: 0,
            user: chat.id,
            query_id: id.to_owned(),
            text,
            alert,
        };
        toast.seq = self.log.write(chat.id, |seq| {
            EventKind::Toast(Toast {
                seq,
                ..toast.clone()
            })
        });
        inside.toasts.push(toast);
        if inside.toasts.len() > TOASTS_KEPT {
            inside.toasts.remove(0);
        }
        chat.changed.send_replace(());
        Ok(())
    }
}
