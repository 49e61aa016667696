//! The use cases: the only code that joins the domain, the store and the upstreams.
//!
//! Invariant: no method that a user's tap calls waits for the network; what needs an upstream is
//! written down and done by a worker. Every refusal is a [`ShopError`] that says what happened to
//! the money: where one is returned, nothing moved.

pub mod account;
pub mod alerts;
mod article;
pub mod backup;
mod best;
pub mod broadcast;
pub mod browse;
pub mod buy;
mod cancel;
pub mod cancels;
pub mod catalogue;
mod charge;
mod crowd;
pub mod deduct;
pub mod dialogue;
mod doubt;
pub mod doubts;
pub mod erase;
mod evidence;
pub mod export;
pub mod faces;
mod find;
pub mod float;
pub mod freeze;
pub mod front;
pub mod goodwill;
mod guarded;
pub mod habits;
pub mod inbox;
pub mod jump;
pub mod limits;
mod lost_time;
pub mod mailbox;
pub mod mydata;
pub mod notice;
pub mod order_story;
pub mod orders;
mod place;
pub mod poll;
pub mod prices;
pub mod queue;
pub mod reconcile;
pub mod recovery;
pub mod referral;
pub mod refresh;
pub mod rental;
pub mod request;
mod restock;
mod resume;
pub mod settle;
pub mod staff;
pub mod standing;
pub mod stars;
pub mod stats;
pub mod support;
pub mod terms;
pub mod tidy;
pub mod topup;
pub mod track;
pub mod trust;
pub mod user_card;
pub mod voucher;
pub mod wallet;
pub mod watch;
mod withheld;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tokio::sync::{Mutex, Notify};

use crate::clock::{Clock, Pause};
use crate::domain::best::BestBy;
use crate::domain::id::{ProviderId, UserId};
use crate::domain::limits::Limits;
use crate::domain::market::{Country, Market};
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::order::OrderState;
use crate::domain::pricing::{Markup, MarkupError};
use crate::domain::referral::ReferralTerms;
use crate::provider::Provider;
use crate::shop::alerts::AlertTerms;
use crate::shop::backup::BackupTerms;
use crate::shop::catalogue::Catalogue;
use crate::shop::freeze::Freeze;
use crate::shop::front::Front;
use crate::shop::goodwill::GoodwillError;
use crate::shop::guarded::Guarded;
use crate::shop::limits::Reached;
use crate::shop::prices::PricingError;
use crate::shop::staff::{RoleError, Staff};
use crate::shop::standing::Standing;
use crate::shop::topup::{TopUpError, TopUpWays};
use crate::shop::track::Tracks;
use crate::shop::withheld::Censor;
use crate::store::recovery::Recovery;
use crate::store::{self, Store, StoreError, to_ms};

/// The shop.
#[derive(Debug)]
pub struct Shop {
    store: Store,
    providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    standings: BTreeMap<ProviderId, Arc<Standing>>,
    tracks: RwLock<Arc<Tracks>>,
    clock: Arc<dyn Clock>,
    terms: Terms,
    catalogue: RwLock<Arc<Catalogue>>,
    /// Why nothing is sold, where that is so.
    recovery: RwLock<Option<Recovery>>,
    /// What decides over messages.
    censor: Arc<Censor>,
    /// What is frozen.
    frozen: RwLock<Arc<Vec<Freeze>>>,
    /// Who has a role.
    staff: RwLock<Arc<Staff>>,
    /// What stands over the door.
    front: RwLock<Arc<Front>>,
    /// Whose turn it is to make a new picture.
    reloading: Mutex<()>,
    /// Whose turn it is to write down what was read.
    keeping: Mutex<()>,
    /// Whose turn it is to read a whole table.
    exporting: Mutex<()>,
    /// What was looked at for a user, and until when that is fresh.
    looks: StdMutex<HashMap<String, Pause>>,
    /// Whose turn it is to copy the database.
    backing_up: Mutex<()>,
    wake: Wake,
}

/// What the operator decided, once, at start.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The currency of all wallets.
    pub currency: Currency,
    /// Applies where no rule of the admins does.
    pub markup: Markup,
    /// Wallet units (major) for one unit of each upstream currency, where admins set no other.
    pub rates: BTreeMap<String, Decimal>,
    /// Who runs the shop and says who else does.
    pub owners: Vec<UserId>,
    /// How long a Confirm button works.
    pub quote_lifetime: TimeDelta,
    /// How often a waiting order is asked for.
    pub poll_interval: TimeDelta,
    /// When an order in doubt is paid back at the latest, counted from the purchase call.
    pub doubt_deadline: TimeDelta,
    /// What services, countries and operators are called.
    pub market: Arc<Market>,
    /// How long ago an offer may have been read and still be sold.
    pub catalogue_max_age: TimeDelta,
    /// Which of several offers comes first.
    pub best_by: BestBy,
    /// Of a hundred numbers of an upstream so many may be given back early; where it are more,
    /// the others sell first.
    pub cancel_limit_percent: u32,
    /// A rate older than this is worth a word to the admins.
    pub rate_max_age: TimeDelta,
    /// How many hours before its end a rental's user is reminded.
    pub rental_reminders_hours: Vec<u32>,
    /// How many days after an order's end its number and texts are erased.
    pub retention_days: u32,
    /// What inviting others brings.
    pub referrals: Option<ReferralTerms>,
    /// Where copies of the database go by themselves.
    pub backups: Option<BackupTerms>,
    /// What admins are warned of.
    pub alerts: AlertTerms,
    /// How users can bring money in without an admin's command.
    pub top_ups: TopUpWays,
    /// The version of the terms that users accept before they buy; `None` where nobody is asked.
    pub terms_version: Option<String>,
    /// What one user may do, where admins set nothing else.
    pub limits: Limits,
}

/// Tells the workers that there is something to do before their next look.
#[derive(Debug, Default)]
pub struct Wake {
    /// An order's next action is due.
    pub orders: Notify,
    /// A notice was written.
    pub outbox: Notify,
    /// Something may be in stock that was not.
    pub stock: Notify,
    /// Promotions are others now.
    pub prices: Notify,
    /// Stars are to be given back, or a payment in them got lost.
    pub stars: Notify,
    /// A message to many was begun or steered.
    pub news: Notify,
}

/// Why the shop says no. Nothing moved in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// The service, country or operator is no longer sold.
    #[error("no longer sold")]
    NotSold,
    /// Nothing of it is in stock at present.
    #[error("sold out")]
    SoldOut,
    /// It is in stock, but only at upstreams that cannot sell at present.
    #[error("its upstreams cannot sell at present")]
    Unavailable,
    /// The user did not accept the present terms yet.
    #[error("the terms are not accepted")]
    TermsFirst,
    /// The user did as much as anybody may.
    #[error("a limit is reached: {0:?}")]
    Limited(Reached),
    /// The same was asked for a moment ago.
    #[error("it is possible again at {0}")]
    NotYet(DateTime<Utc>),
    /// An admin stopped it.
    #[error("it is frozen")]
    Frozen(Box<Freeze>),
    /// An admin closed the shop for a while; perhaps they said why.
    #[error("the shop is closed for maintenance")]
    Closed(Option<String>),
    /// A backup was put back, and nobody has looked yet what it lacks.
    #[error("nothing is sold until the books are looked through")]
    Recovering,
    /// The user waits for as many things as anybody may.
    #[error("waits for too much already")]
    TooManyWaiting,
    /// The wallet does not cover the price.
    #[error("not enough money")]
    NotEnoughMoney {
        /// The price.
        price: Money,
        /// What is available.
        available: Money,
        /// What is missing: price − available.
        missing: Money,
    },
    /// The button's offer is too old, or its content is unknown.
    #[error("the offer is out of date")]
    QuoteExpired,
    /// The price is no longer what the button showed.
    #[error("the price changed")]
    PriceChanged,
    /// No such order, or somebody else's.
    #[error("no such order")]
    NoSuchOrder,
    /// The order is in a state in which this cannot be done.
    #[error("not possible while the order is {0}")]
    WrongState(OrderState),
    /// The upstream makes people wait before it accepts a cancellation.
    #[error("cancelling becomes possible at {0}")]
    CancelTooEarly(DateTime<Utc>),
    /// The rental is being renewed already, or its time is over.
    #[error("this rental cannot be renewed now")]
    CannotRenew,
    /// The upstream cannot send a further SMS to a number.
    #[error("this number cannot receive another SMS")]
    NoResend,
    /// An admin named a user who never wrote to the bot.
    #[error("no such user")]
    UnknownUser,
    /// An admin named a name that several users had.
    #[error("several users had this name")]
    AmbiguousUser,
    /// Something about a role.
    #[error("{0}")]
    Role(#[from] RoleError),
    /// The user may not use the shop.
    #[error("this user may not use the shop")]
    Banned,
    /// Something about giving an order's money back.
    #[error("{0}")]
    Goodwill(#[from] GoodwillError),
    /// Something about a top-up.
    #[error("{0}")]
    TopUp(#[from] TopUpError),
    /// An amount could not be read.
    #[error("{0}")]
    Amount(#[from] AmountError),
    /// A markup was refused.
    #[error("{0}")]
    Markup(#[from] MarkupError),
    /// A change of prices was refused.
    #[error("{0}")]
    Pricing(#[from] PricingError),
    /// The balance would become larger than an account can hold.
    #[error("the balance would become too large")]
    BalanceTooLarge,
    /// A key was used again for something else.
    #[error("this button was already used for something else")]
    KeyReused,
    /// The database takes no writes at present; nothing was written.
    #[error("nothing can be written at present: {0}")]
    CannotWrite(String),
    /// Our own fault: logged once with a short id, which the user sees too.
    #[error("internal: {0}")]
    Internal(#[from] anyhow::Error),
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// This page, from 0.
    pub page: usize,
    /// How many pages there are; at least one.
    pub pages: usize,
}

impl<T> Page<T> {
    /// Page `page` of `all`; past the end it is the last one.
    fn of(all: Vec<T>, page: usize, page_size: usize) -> Self {
        let page_size = page_size.max(1);
        let pages = all.len().div_ceil(page_size).max(1);
        let page = page.min(pages - 1);
        let rows = all.into_iter().skip(page * page_size).take(page_size);
        Self {
            rows: rows.collect(),
            page,
            pages,
        }
    }

    /// The same page of what `map` makes of its rows.
    fn filter_map<U>(self, map: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page {
            rows: self.rows.into_iter().filter_map(map).collect(),
            page: self.page,
            pages: self.pages,
        }
    }
}

impl From<StoreError> for ShopError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::KeyReused(_) => Self::KeyReused,
            StoreError::Overflow => Self::BalanceTooLarge,
            StoreError::IllegalStep(step) => Self::WrongState(step.state),
            StoreError::NotWritten(why) => Self::CannotWrite(why),
            StoreError::NotEnough
            | StoreError::AlreadyResolved
            | StoreError::NoHold
            | StoreError::BadRow(_)
            | StoreError::Stale
            | StoreError::Panicked
            | StoreError::Stopped
            | StoreError::Db(_) => Self::Internal(error.into()),
        }
    }
}

impl Shop {
    /// Opens the shop over a database and its upstreams.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn open(
        store: Store,
        providers: Vec<Arc<dyn Provider>>,
        clock: Arc<dyn Clock>,
        terms: Terms,
    ) -> Result<Self, ShopError> {
        let decided = store::standings::all(store.read()).await?;
        let mut standings = BTreeMap::new();
        let mut guarded = BTreeMap::new();
        for provider in providers {
            let id = provider.id().clone();
            let standing = Arc::new(Standing::default());
            if let Some(row) = decided.iter().find(|row| row.provider == id.as_str()) {
                standing.decided(row);
            }
            standings.insert(id.clone(), Arc::clone(&standing));
            let guard: Arc<dyn Provider> = Arc::new(Guarded {
                provider,
                standing,
                clock: Arc::clone(&clock),
            });
            guarded.insert(id, guard);
        }
        let recovery = store::recovery::find(store.read()).await?;
        let front = store::shopkeeping::front(store.read()).await?;
        let staff = staff::of(&terms.owners, store::roles::all(store.read()).await?)?;
        let shop = Self {
            store,
            recovery: RwLock::new(recovery),
            censor: Arc::new(Censor::new(Arc::clone(&terms.market))),
            frozen: RwLock::default(),
            providers: guarded,
            standings,
            staff: RwLock::new(Arc::new(staff)),
            front: RwLock::new(Arc::new(front.into())),
            tracks: RwLock::default(),
            clock,
            catalogue: RwLock::new(Arc::new(Catalogue::empty(&terms))),
            terms,
            reloading: Mutex::default(),
            keeping: Mutex::default(),
            exporting: Mutex::default(),
            looks: StdMutex::default(),
            backing_up: Mutex::default(),
            wake: Wake::default(),
        };
        shop.read_freezes().await?;
        shop.reload_catalogue().await?;
        Ok(shop)
    }

    /// The currency of all wallets.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.terms.currency
    }

    /// A country by its code, whether it is sold or not.
    #[must_use]
    pub fn country(&self, code: &str) -> Arc<Country> {
        self.catalogue().country(&self.terms.market, code)
    }

    /// The present moment, by the shop's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// What the workers sleep on.
    #[must_use]
    pub const fn wake(&self) -> &Wake {
        &self.wake
    }

    /// The configured upstreams.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.providers.values()
    }

    /// How often a waiting order is asked for.
    #[must_use]
    pub const fn poll_interval(&self) -> TimeDelta {
        self.terms.poll_interval
    }

    /// Returns once another process serves this shop's database.
    pub async fn lost(&self) {
        self.store.lost().await;
    }

    /// Writes down what is queued and closes the database. Nothing can be written afterwards.
    pub async fn close(&self) {
        self.store.clone().close().await;
    }

    fn provider(&self, id: &str) -> Option<&Arc<dyn Provider>> {
        self.providers.get(&ProviderId::from(id))
    }

    fn looks(&self) -> MutexGuard<'_, HashMap<String, Pause>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> i64 {
        to_ms(self.clock.now())
    }
}
