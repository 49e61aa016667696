//! Our balance at an upstream against the books: the upstream's balance equation.
//!
//! What is paid in there is balance less the ledger's float. It changes only when the operator
//! pays in; any other change is a purchase, a price or a refund that the books do not know.
//!
//! Invariant: only a reading during which nothing moved counts, and a difference only when it is
//! read twice.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use crate::domain::float::{Evidence, explain, judge};
use crate::domain::id::{Nonce, OrderId, ProviderId, UserId};
use crate::planted::planted;
use crate::provider::Provider;
use crate::shop::reconcile::{Finding, tell};
use crate::shop::settle::{Books, Cause};
use crate::shop::{Shop, ShopError};
use crate::store::entity::floats as rows;
use crate::store::ledger::{self, Account, TransferKind};
use crate::store::{StoreError, Tx, attempts, floats, orders, work};

/// A fall is told at most this often, even if it grows.
const BETWEEN_WARNINGS: TimeDelta = TimeDelta::hours(1);
/// Upstreams give back what nobody used within this time, if at all.
const REFUNDS_COME_WITHIN: TimeDelta = TimeDelta::hours(48);
/// Once a number is older than this, its upstream gives nothing back any more.
const LOST_AFTER: TimeDelta = TimeDelta::hours(2);
const ACCEPT: &str = "float";

/// The books' side of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Snapshot {
    booked: i64,
    is_moving: bool,
    /// Costs of the purchases in doubt there.
    doubts: Vec<i64>,
}

/// A reading during which nothing moved.
#[derive(Clone, Debug)]
pub(super) struct QuietReading {
    currency: String,
    /// Balance less float, in millionths.
    offset: i64,
    doubts: Vec<i64>,
}

/// A balance that the books do not explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloatGap {
    /// The upstream.
    pub provider: ProviderId,
    /// How much higher (or lower, negative) the balance is than the books explain.
    pub amount: Decimal,
    /// In which currency.
    pub currency: String,
}

/// What an admin's button stands for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Accepted {
    provider: String,
    seen: i64,
}

impl Shop {
    /// Reads the balance while nothing moves there; `None` where that was not possible.
    pub(super) async fn read_quietly(
        &self,
        provider: &dyn Provider,
    ) -> Result<Option<QuietReading>, ShopError> {
        let id = provider.id();
        let currency = self.balance_currency(id);
        let before = self.snapshot(id, currency.as_deref()).await?;
        let Some(balance) = self.watch_balance(provider).await? else {
            return Ok(None);
        };
        let after = self.snapshot(id, Some(&balance.currency)).await?;
        let same_currency = currency.as_ref() == Some(&balance.currency);
        if !same_currency || before != after || after.is_moving {
            return Ok(None);
        }
        let offset = ledger::cost_in_millionths(balance.amount)
            .and_then(|balance| balance.checked_sub(after.booked));
        Ok(offset.map(|offset| QuietReading {
            currency: balance.currency,
            offset,
            doubts: after.doubts,
        }))
    }

    async fn snapshot(
        &self,
        provider: &ProviderId,
        currency: Option<&str>,
    ) -> Result<Snapshot, ShopError> {
        let read = self.store.read();
        let booked = match currency {
            Some(currency) => {
                let account = Account::Float(provider.clone(), currency.to_owned());
                ledger::balance(read, &account).await?.as_minor()
            }
            None => 0,
        };
        let doubts = attempts::in_doubt(read).await?;
        let doubts = doubts
            .iter()
            .filter(|attempt| attempt.provider == provider.as_str())
            .map(|attempt| {
                let cost = attempt.cost.parse().ok();
                cost.and_then(ledger::cost_in_millionths).unwrap_or(0)
            })
            .collect();
        Ok(Snapshot {
            booked,
            is_moving: floats::is_moving(read, provider, self.now_ms()).await?,
            doubts,
        })
    }

    /// What the balance proves about the purchases in doubt at an upstream; `None` where it can
    /// prove nothing: the upstream tells none, or none was read before.
    pub(super) async fn evidence(
        &self,
        provider: &dyn Provider,
    ) -> Result<Option<Evidence>, ShopError> {
        if !provider.capabilities().balance {
            return Ok(None);
        }
        let Some(known) = floats::find(self.store.read(), provider.id()).await? else {
            return Ok(None);
        };
        let Some(reading) = self.read_quietly(provider).await? else {
            return Ok(Some(Evidence::Unclear));
        };
        let since_ms = self.now_ms() - REFUNDS_COME_WITHIN.num_milliseconds();
        let read = self.store.read();
        let owed = floats::owed(read, provider.id(), &known.currency, since_ms).await?;
        // A refund that comes just now would hide what a purchase took.
        if reading.currency != known.currency || !owed.is_empty() {
            return Ok(Some(Evidence::Unclear));
        }
        let gone = known.seen.saturating_sub(reading.offset);
        Ok(Some(judge(gone, &reading.doubts)))
    }

    /// Holds a reading against the books: what came back is booked, what was paid in is noted,
    /// what is missing is told to the admins.
    pub(super) async fn settle_float(
        &self,
        provider: &ProviderId,
        reading: QuietReading,
    ) -> Result<(), ShopError> {
        // What is in doubt has to be settled first; until then the row says what was before it.
        if !reading.doubts.is_empty() {
            return Ok(());
        }
        let id = provider.clone();
        let books = self.books(Cause::Worker);
        let admins = self.terms.admins.clone();
        self.store
            .write(move |tx| work(async move { settle(&books, tx, id, &reading, admins).await }))
            .await?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// The balances that the books do not explain.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn float_gaps(&self) -> Result<Vec<FloatGap>, ShopError> {
        let rows = floats::all(self.store.read()).await?;
        Ok(rows
            .into_iter()
            .filter(|row| row.seen != row.settled)
            .map(|row| FloatGap {
                amount: in_units(row.seen.saturating_sub(row.settled)),
                provider: ProviderId(row.provider),
                currency: row.currency,
            })
            .collect())
    }

    /// Keeps what a button that takes a difference into the books stands for.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn draft_float(&self, admin: UserId, gap: &FloatGap) -> Result<Nonce, ShopError> {
        let row = floats::find(self.store.read(), &gap.provider).await?;
        let nonce = Nonce::random();
        let accepted = Accepted {
            provider: gap.provider.0.clone(),
            seen: row.map_or(0, |row| row.seen),
        };
        self.keep_draft(admin, &nonce, ACCEPT, &accepted).await?;
        Ok(nonce)
    }

    /// Takes a difference into the books: what is missing as cost, what is too much as paid in.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`] for a button that is too old or shows another difference than
    /// there is now.
    pub async fn accept_float(&self, admin: UserId, nonce: &Nonce) -> Result<(), ShopError> {
        let accepted: Accepted = self.kept_draft(admin, nonce, ACCEPT).await?;
        let books = self.books(Cause::Admin(admin));
        let key = format!("adjust:{nonce}");
        let found = self
            .store
            .write(move |tx| {
                work(async move {
                    let provider = ProviderId(accepted.provider);
                    let row = floats::find(tx, &provider).await?;
                    let Some(row) = row.filter(|row| row.seen == accepted.seen) else {
                        return Ok(false);
                    };
                    accept(&books, tx, row, key).await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        if found {
            Ok(())
        } else {
            Err(ShopError::QuoteExpired)
        }
    }
}

/// [`Shop::settle_float`] inside a transaction.
async fn settle(
    books: &Books,
    tx: &Tx,
    provider: ProviderId,
    reading: &QuietReading,
    admins: Vec<UserId>,
) -> Result<(), StoreError> {
    let known = floats::find(tx, &provider).await?;
    let known = known.filter(|row| row.currency == reading.currency);
    let Some(mut row) = known else {
        let first = rows::Model {
            provider: provider.0,
            currency: reading.currency.clone(),
            settled: reading.offset,
            seen: reading.offset,
            seen_at_ms: books.now_ms(),
            told: None,
            told_at_ms: None,
        };
        return floats::put(tx, first).await;
    };
    let is_twice = row.seen == reading.offset || planted("a balance counts after one look");
    row.seen = reading.offset;
    row.seen_at_ms = books.now_ms();
    let rise = row.seen.saturating_sub(row.settled);
    let mut finding = None;
    if rise == 0 {
        row.told = None;
        write_off(books, tx, &provider).await?;
    } else if is_twice && rise > 0 {
        let booked = book_refunds(books, tx, &provider, &row.currency, rise).await?;
        if booked {
            row.seen = row.settled;
        } else {
            row.settled = row.seen;
            finding = Some(Finding::BalanceRose {
                provider: provider.0,
                amount: amount_text(rise, &row.currency),
            });
        }
    } else if is_twice && row.told != Some(row.seen) {
        let quiet_until = row
            .told_at_ms
            .map(|at| at + BETWEEN_WARNINGS.num_milliseconds());
        if quiet_until.is_none_or(|until| until <= books.now_ms()) {
            row.told = Some(row.seen);
            row.told_at_ms = Some(books.now_ms());
            finding = Some(Finding::BalanceFell {
                provider: provider.0,
                amount: amount_text(rise.saturating_neg(), &row.currency),
            });
        }
    }
    floats::put(tx, row).await?;
    match finding {
        Some(finding) => tell(books, tx, &admins, finding).await,
        None => Ok(()),
    }
}

/// Books what the upstream gave back late; `false` where nothing that it owes explains the rise.
async fn book_refunds(
    books: &Books,
    tx: &Tx,
    provider: &ProviderId,
    currency: &str,
    rise: i64,
) -> Result<bool, StoreError> {
    let since_ms = books.now_ms() - REFUNDS_COME_WITHIN.num_milliseconds();
    let owed = floats::owed(tx, provider, currency, since_ms).await?;
    let amounts: Vec<i64> = owed.iter().map(|(_, amount)| *amount).collect();
    let which = explain(rise, &amounts);
    for index in &which {
        let Some((order, _)) = owed.get(*index) else {
            continue;
        };
        books.book_cost_refund(tx, order).await?;
        attempts::prove(tx, order.order_id(), "not_taken", books.now_ms()).await?;
        log::info!("order {}: {provider} gave its cost back", order.id);
    }
    Ok(!which.is_empty())
}

/// The balance agrees with the books, so what is still held in `suspense` did leave it: the number
/// was bought and lost.
async fn write_off(books: &Books, tx: &Tx, provider: &ProviderId) -> Result<(), StoreError> {
    let before_ms = books.now_ms() - LOST_AFTER.num_milliseconds();
    for attempt in attempts::unproven(tx).await? {
        if attempt.provider != provider.as_str() || attempt.started_at_ms > before_ms {
            continue;
        }
        let order = orders::find_for_update(tx, OrderId(attempt.order_id)).await?;
        books.book_loss(tx, &order).await?;
        attempts::prove(tx, order.order_id(), "taken", books.now_ms()).await?;
        log::warn!("order {}: {provider} kept the cost of its number", order.id);
    }
    Ok(())
}

async fn accept(
    books: &Books,
    tx: &Tx,
    mut row: rows::Model,
    key: String,
) -> Result<(), StoreError> {
    let missing = row.settled.saturating_sub(row.seen);
    if missing > 0 {
        let (provider, currency) = (ProviderId(row.provider.clone()), row.currency.clone());
        let transfer = books.transfer(
            key,
            [
                Account::Float(provider.clone(), currency.clone()),
                Account::CostOfGoods(provider, currency),
            ],
            missing,
            TransferKind::Adjust,
        );
        books.ledger(tx).post(transfer).await?;
        // The float fell by what was missing, so that balance less float is what it was.
        row.seen = row.settled;
    } else {
        row.settled = row.seen;
    }
    row.told = None;
    floats::put(tx, row).await
}

fn in_units(millionths: i64) -> Decimal {
    Decimal::new(millionths, 6).normalize()
}

fn amount_text(millionths: i64, currency: &str) -> String {
    format!("{} {currency}", in_units(millionths))
}
