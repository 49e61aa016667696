//! What the admins are warned of without having asked: how often, how many at once, and the word
//! that it is over.
//!
//! Invariant: of one kind there is one message at a time, however many things it is about; of one
//! thing admins hear at most hourly, and once when it is solved. What was told stands in the
//! database, so a restart repeats nothing.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::order::OrderState;
use crate::shop::notice::Notice;
use crate::shop::settle::{Books, Cause};
use crate::shop::{Shop, ShopError};
use crate::store::entity::topup_requests as rows;
use crate::store::{StoreError, Tx, alerts, attempts, backup, orders, requests, to_ms, work};

/// Of the same thing admins hear at most this often.
const BETWEEN: TimeDelta = TimeDelta::hours(1);
/// An answer that was lost is looked for by itself; after this admins hear of it.
const IN_DOUBT_FOR: TimeDelta = TimeDelta::minutes(1);
/// A message names so many things at most; of the rest it gives the number.
const MOST_NAMED: usize = 5;
const BYTES_IN_MB: u64 = 1_000_000;

/// What is a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertTerms {
    /// An upstream that was of no use for so long.
    pub down_for: TimeDelta,
    /// Fewer free bytes than this where the database is.
    pub least_free_bytes: u64,
    /// Money that a user sent and nobody looked at for so long.
    pub waits_for: TimeDelta,
}

impl Default for AlertTerms {
    fn default() -> Self {
        Self {
            down_for: TimeDelta::minutes(5),
            least_free_bytes: 500 * BYTES_IN_MB,
            waits_for: TimeDelta::minutes(30),
        }
    }
}

/// The kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Our balance at an upstream runs out.
    LowBalance,
    /// An upstream is of no use for minutes.
    ProviderDown,
    /// The answer to a purchase was lost and is not found.
    InDoubt,
    /// The ledger is wrong.
    Audit,
    /// Hardly any room is left where the database is.
    Disk,
    /// Money that a user sent waits for a look.
    TopUpWaiting,
    /// The database could not be backed up.
    Backup,
}

impl AlertKind {
    const fn word(self) -> &'static str {
        match self {
            Self::LowBalance => "low_balance",
            Self::ProviderDown => "provider_down",
            Self::InDoubt => "in_doubt",
            Self::Audit => "audit",
            Self::Disk => "disk",
            Self::TopUpWaiting => "topup_waiting",
            Self::Backup => "backup",
        }
    }
}

/// One thing that is a trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// What it is about: an upstream, an order's number, a request's; empty where there is one of
    /// its kind only.
    pub about: String,
    /// Minutes, megabytes, or a reason.
    pub detail: String,
}

impl Trouble {
    pub(super) fn new(about: impl ToString, detail: impl ToString) -> Self {
        Self {
            about: about.to_string(),
            detail: detail.to_string(),
        }
    }
}

/// What is told of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The kind.
    pub kind: AlertKind,
    /// The first few.
    pub troubles: Vec<Trouble>,
    /// How many there are.
    pub count: usize,
}

/// Whether the admins hear of something now: not where they did within the last hour.
pub(super) async fn is_news(
    tx: &Tx,
    books: &Books,
    kind: AlertKind,
    about: &str,
) -> Result<bool, StoreError> {
    let since_ms = books.now_ms() - BETWEEN.num_milliseconds() + 1;
    alerts::tell(tx, kind.word(), about, books.now_ms(), since_ms).await
}

impl Shop {
    /// Tells the admins of troubles of one kind, where they have not heard of them lately.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub(super) async fn raise(
        &self,
        kind: AlertKind,
        troubles: Vec<Trouble>,
    ) -> Result<(), ShopError> {
        if troubles.is_empty() {
            return Ok(());
        }
        let (books, admins) = (self.books(Cause::Worker), self.admins());
        self.store
            .write(move |tx| {
                work(async move {
                    let mut news = Vec::new();
                    for trouble in troubles {
                        if is_news(tx, &books, kind, &trouble.about).await? {
                            news.push(trouble);
                        }
                    }
                    let count = news.len();
                    news.truncate(MOST_NAMED);
                    if count > 0 {
                        let alert = Alert {
                            kind,
                            troubles: news,
                            count,
                        };
                        for admin in admins {
                            let alert = alert.clone();
                            books.notify(tx, admin, &Notice::Alert { alert }).await?;
                        }
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(|error: StoreError| ShopError::from(error))?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Tells the admins once that what they heard of is over, but for what is `still` so.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub(super) async fn settle_alerts(
        &self,
        kind: AlertKind,
        still: &[String],
    ) -> Result<(), ShopError> {
        let told = alerts::told(self.store.read(), kind.word()).await?;
        let over: Vec<String> = { told.into_iter() }
            .filter(|about| !still.contains(about))
            .collect();
        if over.is_empty() {
            return Ok(());
        }
        let (books, admins) = (self.books(Cause::Worker), self.admins());
        self.store
            .write(move |tx| {
                work(async move {
                    let mut solved = Vec::new();
                    for about in over {
                        if alerts::forget(tx, kind.word(), &about).await? {
                            solved.push(Trouble::new(about, ""));
                        }
                    }
                    let count = solved.len();
                    solved.truncate(MOST_NAMED);
                    let alert = Alert {
                        kind,
                        troubles: solved,
                        count,
                    };
                    for admin in admins.into_iter().filter(|_| count > 0) {
                        let alert = alert.clone();
                        books.notify(tx, admin, &Notice::Solved { alert }).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(|error: StoreError| ShopError::from(error))?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Looks at everything that can be a trouble, tells of what is new and of what is over.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn review_alerts(&self) -> Result<(), ShopError> {
        let present = [
            (AlertKind::ProviderDown, self.providers_down()),
            (AlertKind::InDoubt, self.long_in_doubt().await?),
            (AlertKind::Disk, self.full_disk()),
            (AlertKind::TopUpWaiting, self.waiting_requests().await?),
        ];
        for (kind, troubles) in present {
            let mut still: Vec<_> = troubles.iter().map(|it| it.about.clone()).collect();
            if kind == AlertKind::ProviderDown {
                still.extend(self.not_asked_yet());
            }
            self.settle_alerts(kind, &still).await?;
            self.raise(kind, troubles).await?;
        }
        let low = self.low_balances();
        self.settle_alerts(AlertKind::LowBalance, &low).await
    }

    fn providers_down(&self) -> Vec<Trouble> {
        let now = self.now();
        let down = self.standings.iter().filter_map(|(provider, standing)| {
            let since = standing.of_no_use_since()?;
            let length = now - since;
            (length >= self.terms.alerts.down_for)
                .then(|| Trouble::new(provider, length.num_minutes()))
        });
        down.collect()
    }

    /// The upstreams of which nothing is known since the start.
    fn not_asked_yet(&self) -> Vec<String> {
        let now = self.now();
        let all = self.standings.iter();
        let unknown = all.filter(|(_, standing)| !standing.was_asked(now));
        unknown.map(|(provider, _)| provider.0.clone()).collect()
    }

    async fn long_in_doubt(&self) -> Result<Vec<Trouble>, ShopError> {
        let (now, read) = (self.now_ms(), self.store.read());
        let mut troubles = Vec::new();
        for provider in self.providers.keys() {
            for order in orders::at_provider(read, provider, &[OrderState::InDoubt]).await? {
                let attempt = attempts::of_order(read, order.order_id()).await?.pop();
                let since = attempt.map_or(order.updated_at_ms, |attempt| attempt.started_at_ms);
                if now - since >= IN_DOUBT_FOR.num_milliseconds() {
                    let minutes = TimeDelta::milliseconds(now - since).num_minutes();
                    troubles.push(Trouble::new(order.id, minutes));
                }
            }
        }
        Ok(troubles)
    }

    fn full_disk(&self) -> Vec<Trouble> {
        let free = self.free_bytes();
        let little = free.filter(|free| *free < self.terms.alerts.least_free_bytes);
        let troubles = little.map(|free| Trouble::new("", free / BYTES_IN_MB));
        troubles.into_iter().collect()
    }

    /// How much room is left where the database is; `None` for one on a server.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        let free = backup::free_bytes(self.store.file()?);
        free.inspect_err(|error| log::warn!("the room on the disk is unknown: {}", error.kind()))
            .ok()
    }

    async fn waiting_requests(&self) -> Result<Vec<Trouble>, ShopError> {
        let now_ms = self.now_ms();
        let before_ms = to_ms(self.now() - self.terms.alerts.waits_for);
        let waiting = requests::submitted_before(self.store.read(), before_ms).await?;
        let trouble = |row: &rows::Model| {
            let length = TimeDelta::milliseconds(now_ms - row.updated_at_ms);
            Trouble::new(row.id, length.num_minutes())
        };
        Ok(waiting.iter().map(trouble).collect())
    }
}
