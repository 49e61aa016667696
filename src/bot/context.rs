//! What every handler shares.
//!
//! Invariant: nothing here is the truth about anything: it can be lost at any time.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use teloxide::types::User as TelegramUser;

use crate::bot::Settings;
use crate::bot::api::Api;
use crate::bot::ban::Errand;
use crate::bot::dialogue;
use crate::bot::gate::Gate;
use crate::bot::i18n::Lang;
use crate::bot::inbox::Keeper;
use crate::bot::sender::Sender;
use crate::bot::views::Look;
use crate::domain::id::UserId;
use crate::domain::product::Product;
use crate::shop::account::{User, Visitor};
use crate::shop::{Shop, ShopError};

/// Sooner forgotten than the turns of this many users.
const MOST_TURNS: usize = 100_000;

/// The handlers' surroundings.
pub(crate) struct Context {
    /// The shop.
    pub(crate) shop: Arc<Shop>,
    /// For calls that belong to no chat.
    pub(crate) api: Api,
    /// The way out.
    pub(crate) sender: Sender,
    /// The stored inbox.
    pub(crate) keeper: Keeper,
    /// What decides which updates get this far.
    pub(crate) gate: Arc<Gate>,
    /// What the operator set.
    pub(crate) settings: Arc<Settings>,
    /// How many updates ended in an error of our own or a panic.
    pub(crate) incidents: Arc<AtomicU64>,
    /// How often each user did something, so that what comes late replaces nothing newer.
    pub(crate) turns: Mutex<HashMap<UserId, u64>>,
    /// The bot's name without `@`.
    pub(crate) name: Arc<OnceLock<String>>,
}

/// Who wrote, and how to talk to them.
#[derive(Clone)]
pub(crate) struct Guest {
    /// The user as the shop knows them.
    pub(crate) user: User,
    /// Their language and the present moment.
    pub(crate) look: Look,
}

impl Guest {
    /// A private chat has its user's number.
    pub(crate) fn chat(&self) -> i64 {
        self.user.id.0
    }
}

/// Our id of a Telegram user.
pub(crate) fn user_id(user: &TelegramUser) -> Option<UserId> {
    i64::try_from(user.id.0).ok().map(UserId)
}

/// Who wrote, as the shop wants to know it.
pub(crate) fn visitor(from: &TelegramUser) -> Visitor {
    Visitor {
        // Telegram's ids have 52 bits.
        id: user_id(from).unwrap_or(UserId(0)),
        first_name: from.first_name.clone(),
        username: from.username.clone(),
        language_code: from.language_code.clone(),
    }
}

/// The language that somebody chose, or that of their app where they never wrote to us.
pub(crate) async fn language_of(shop: &Shop, from: &TelegramUser) -> &'static Lang {
    let language = match shop.user(user_id(from).unwrap_or(UserId(0))).await {
        Ok(user) => user.language,
        Err(_) => from.language_code.clone(),
    };
    Lang::of(language.as_deref())
}

impl Context {
    /// How to talk to a user.
    pub(crate) fn look(&self, lang: &'static Lang, user: UserId) -> Look {
        Look {
            lang,
            user,
            currency: self.shop.currency(),
            now: self.shop.now(),
            rents: self.shop.has_on_shelf(Product::Rental),
            mails: self.shop.has_on_shelf(Product::Mailbox),
        }
    }

    /// The user's present turn; it ends with the next thing that they do.
    pub(crate) fn turn_of(&self, user: UserId) -> u64 {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.get(&user).copied().unwrap_or(0)
    }

    fn next_turn(&self, user: UserId) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() > MOST_TURNS {
            turns.clear();
        }
        *turns.entry(user).or_default() += 1;
    }

    /// Notes who wrote, and refuses whoever is banned, unless what they come for is left to them.
    pub(crate) async fn enter(
        &self,
        from: &TelegramUser,
        errand: Errand<'_>,
    ) -> Result<Guest, ShopError> {
        let user = self.shop.enter(&visitor(from)).await?;
        if user.is_banned && self.shop.role(user.id).is_none() {
            let asked = dialogue::question(&self.shop, user.id.0).await?;
            if !errand.is_left(asked.as_ref()) {
                return Err(ShopError::Banned);
            }
        }
        self.next_turn(user.id);
        let look = self.look(Lang::of(user.language.as_deref()), user.id);
        Ok(Guest { user, look })
    }

    /// The bot's name without `@`, for links to it.
    pub(crate) fn bot_name(&self) -> &str {
        self.name.get().map_or("", String::as_str)
    }
}
