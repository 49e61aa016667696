//! A Telegram Bot API of our own, and the people who use it.
//!
//! Bots reach it over HTTP as they reach the real one and are refused what Telegram refuses;
//! people's side (writing, pressing buttons, blocking) is a plain Rust handle, on which the demo's
//! page and the tests stand. Only the HTML parse mode is understood, and webhooks are called in
//! the clear, at an address of the test's.
//!
//! Invariant: what a bot is shown never differs from what the real server would show it.

pub mod commands;
mod copying;
mod editing;
pub mod events;
pub mod files;
pub mod inline;
pub mod keyboard;
pub mod limits;
pub mod markup;
pub mod masks;
pub mod message;
mod params;
pub mod people;
mod refusal;
mod sending;
mod server;
pub mod stars;
mod updates;
pub mod waiting;
mod webhook;
mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use chrono::TimeDelta;
use tokio_util::sync::{CancellationToken, DropGuard};

use commands::BotCommand;
use events::Toast;
use files::Media;
use limits::{Fault, RateLimits};
use message::ChatMessage;

use crate::clock::Clock;
use world::{Kind, World, lock};

/// The bot's token where nobody names another.
pub const DEMO_TOKEN: &str = "7000000001:AAsimulated_token_for_the_sandbox_1";

/// How the simulation is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens; port 0 picks a free one.
    pub address: SocketAddr,
    /// The bot's token: its id, a colon, and 35 characters.
    pub token: String,
    /// The bot's display name.
    pub bot_name: String,
    /// The bot's name after the @.
    pub bot_username: String,
    /// The id of the first update.
    pub first_update_id: i64,
    /// How long a press may wait for `answerCallbackQuery`.
    pub query_lifetime: TimeDelta,
    /// Older messages of a chat are forgotten beyond this many.
    pub messages_per_chat: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: DEMO_TOKEN.to_owned(),
            bot_name: String::from("Number Shop"),
            bot_username: String::from("number_shop_bot"),
            first_update_id: 100_000_001,
            query_lifetime: TimeDelta::seconds(15),
            messages_per_chat: 1000,
        }
    }
}

/// Somebody with a Telegram account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id, and that of their private chat with the bot.
    pub id: i64,
    /// How they are called.
    pub first_name: String,
    /// Their name after the @.
    pub username: Option<String>,
    /// The language of their app, such as `id` or `en`.
    pub language_code: Option<String>,
}

/// A group the bot is a member of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id, negative as Telegram's groups are.
    pub id: i64,
    /// Its name.
    pub title: String,
}

/// A running simulation; it stops when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct SimulatedTelegram {
    world: Arc<World>,
    address: SocketAddr,
    _stop: Arc<DropGuard>,
}

impl SimulatedTelegram {
    /// Starts listening.
    ///
    /// # Errors
    /// When the address is taken, or when the token does not start with the bot's id.
    pub async fn start(config: Config, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let bot_id = config
            .token
            .split_once(':')
            .and_then(|(id, _)| id.parse().ok())
            .ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "a bot token is the bot's id, a colon and a secret",
                )
            })?;
        let address = config.address;
        let world = Arc::new(World::new(config, bot_id, clock));
        let stop = CancellationToken::new();
        let address = server::start(Arc::clone(&world), address, stop.clone()).await?;
        Ok(Self {
            world,
            address,
            _stop: Arc::new(stop.drop_guard()),
        })
    }

    /// The base address for the bot, as `set_api_url` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bot's token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.world.config.token
    }

    /// The bot's display name and its name after the @.
    #[must_use]
    pub fn bot(&self) -> (&str, &str) {
        (&self.world.config.bot_name, &self.world.config.bot_username)
    }

    /// Gives somebody an account; they have not met the bot yet. Known ids stay as they are.
    pub fn add_user(&self, id: i64, first_name: &str, username: Option<&str>, language: &str) {
        let person = Person {
            id,
            first_name: first_name.to_owned(),
            username: username.map(str::to_owned),
            language_code: (!language.is_empty()).then(|| language.to_owned()),
        };
        self.world.add_chat(id, Kind::Private(person));
    }

    /// Makes a group with the bot in it; its id must be negative to look like one.
    pub fn add_group(&self, id: i64, title: &str) {
        let group = Group {
            id,
            title: title.to_owned(),
        };
        self.world.add_chat(id, Kind::Group(group));
    }

    /// The person with this id.
    #[must_use]
    pub fn person(&self, id: i64) -> Option<Person> {
        self.world.person(id)
    }

    /// Everything in a chat, oldest first, deleted messages included.
    #[must_use]
    pub fn messages(&self, chat: i64) -> Vec<ChatMessage> {
        self.world.chat(chat).map_or_else(Vec::new, |chat| {
            lock(&chat.inside).messages.values().cloned().collect()
        })
    }

    /// One message.
    #[must_use]
    pub fn message(&self, chat: i64, id: i32) -> Option<ChatMessage> {
        let chat = self.world.chat(chat)?;
        lock(&chat.inside).messages.get(&id).cloned()
    }

    /// The answers to somebody's presses, oldest first; those without a text are in it too.
    #[must_use]
    pub fn toasts(&self, user: i64) -> Vec<Toast> {
        self.world
            .chat(user)
            .map_or_else(Vec::new, |chat| lock(&chat.inside).toasts.clone())
    }

    /// The presses of somebody that the bot has not answered, as ids of callback queries.
    #[must_use]
    pub fn open_queries(&self, user: i64) -> Vec<String> {
        self.world.chat(user).map_or_else(Vec::new, |chat| {
            let inside = lock(&chat.inside);
            inside
                .queries
                .iter()
                .map(|query| query.id.clone())
                .collect()
        })
    }

    /// Whether the user has blocked the bot.
    #[must_use]
    pub fn is_blocked(&self, user: i64) -> bool {
        self.world
            .chat(user)
            .is_some_and(|chat| lock(&chat.inside).blocked)
    }

    /// The command menu somebody sees in a chat.
    #[must_use]
    pub fn commands_for(&self, user: i64, chat: i64) -> Vec<BotCommand> {
        let language = self
            .person(user)
            .and_then(|person| person.language_code)
            .unwrap_or_default();
        lock(&self.world.commands).seen_by(user, &language, chat)
    }

    /// An uploaded file, by its `file_id`.
    #[must_use]
    pub fn file(&self, file_id: &str) -> Option<(Media, Bytes)> {
        lock(&self.world.files).get(file_id).cloned()
    }

    /// How often a method was called, refused calls included; case does not matter.
    #[must_use]
    pub fn requests(&self, method: &str) -> u64 {
        let counts = lock(&self.world.counts);
        counts
            .get(&method.to_ascii_lowercase())
            .copied()
            .unwrap_or(0)
    }

    /// How many updates the bot has not confirmed.
    #[must_use]
    pub fn pending_updates(&self) -> usize {
        self.world.updates.pending()
    }

    /// Lets everything misbehave from now on, or stops that; done when it is in force.
    pub async fn set_fault(&self, fault: Option<Fault>) {
        let now = self.world.clock.now();
        let open = fault != Some(Fault::Refused);
        self.world
            .fault
            .send_replace(fault.map(|fault| (fault, now)));
        let mut door = self.world.open.subscribe();
        if door.wait_for(|is_open| *is_open == open).await.is_err() {
            log::error!("the simulated Telegram is gone");
        }
    }

    /// Turns flood limits on, or off; they are off at the start.
    pub fn set_rate_limits(&self, limits: Option<RateLimits>) {
        *self
            .world
            .limits
            .write()
            .unwrap_or_else(PoisonError::into_inner) = limits;
    }
}
