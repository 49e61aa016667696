//! Our balance at an upstream against the books: the upstream's balance equation.
//!
//! What is paid in there is balance less the ledger's float. It changes only when the operator
//! pays in; any other change is a purchase, a price or a refund that the books do not know.
//!
//! Upstreams may show late what happened: a balance can be as it was a moment ago.
//!
//! Invariant: only a reading during which nothing moved counts, and one shortly after something
//! moved settles nothing. A difference counts when it is still there on a later reading, and is
//! only taken as paid in where no order that is still open explains it.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use crate::domain::act::Act;
use crate::domain::float::{explain, may_be_hidden};
use crate::domain::id::{Nonce, OrderId, ProviderId, UserId};
use crate::provider::Provider;
use crate::shop::reconcile::{Finding, tell};
use crate::shop::settle::{Books, Cause, cost_of};
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::{floats as rows, orders as order_rows};
use crate::store::ledger::{self, Account, TransferKind};
use crate::store::{StoreError, Tx, attempts, floats, orders, work};

/// A fall is told at most this often, even if it grows.
const BETWEEN_WARNINGS: TimeDelta = TimeDelta::hours(1);
/// What happened may be missing in an upstream's balance for so long.
pub(super) const SHOWN_WITHIN: TimeDelta = TimeDelta::seconds(50);
/// Upstreams give back what nobody used within this time, if at all.
pub(super) const REFUNDS_COME_WITHIN: TimeDelta = TimeDelta::hours(48);
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
    /// What was booked there just now: taken, and come back.
    recent: [Vec<i64>; 2],
}

/// A reading during which nothing moved.
#[derive(Clone, Debug)]
pub(super) struct QuietReading {
    pub(super) currency: String,
    /// Balance less float, in millionths.
    pub(super) offset: i64,
    /// Costs of the purchases in doubt.
    pub(super) doubts: Vec<i64>,
    /// What was booked just now and may not show yet: taken, and come back.
    pub(super) recent: [Vec<i64>; 2],
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
            recent: after.recent,
        }))
    }

    async fn snapshot(
        &self,
        provider: &ProviderId,
        currency: Option<&str>,
    ) -> Result<Snapshot, ShopError> {
        let read = self.store.read();
        let (mut booked, mut recent) = (0, [Vec::new(), Vec::new()]);
        if let Some(currency) = currency {
            let account = Account::Float(provider.clone(), currency.to_owned());
            booked = ledger::balance(read, &account).await?.as_minor();
            let since_ms = self.now_ms() - SHOWN_WITHIN.num_milliseconds();
            recent = floats::moved_since(read, &account, since_ms).await?;
        }
        let doubts = attempts::in_doubt(read).await?;
        let doubts = doubts
            .iter()
            .filter(|attempt| attempt.is_paid_by(provider))
            .map(|attempt| {
                let cost = attempt.cost.parse().ok();
                cost.and_then(ledger::cost_in_millionths).unwrap_or(0)
            })
            .collect();
        Ok(Snapshot {
            booked,
            is_moving: floats::is_moving(read, provider, self.now_ms()).await?,
            doubts,
            recent,
        })
    }

    /// Holds a reading against the books: what came back is booked, what was paid in is noted,
    /// what is missing is told to the admins.
    pub(super) async fn settle_float(
        &self,
        provider: &ProviderId,
        reading: QuietReading,
    ) -> Result<(), ShopError> {
        // What is in doubt has to be settled first; until then the row says what was before it.
        let is_settling = reading.recent.iter().any(|moved| !moved.is_empty());
        if !reading.doubts.is_empty() || is_settling {
            return Ok(());
        }
        let id = provider.clone();
        let books = self.books(Cause::Worker);
        let admins = self.admins();
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
                    let act = NewAct {
                        after: Some(row.seen.to_string()),
                        before: Some(row.settled.to_string()),
                        ..books.act(admin, Act::Balance, row.provider.clone())
                    };
                    acts::note(tx, act).await?;
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
    if row.seen != reading.offset {
        row.seen = reading.offset;
        row.seen_at_ms = books.now_ms();
    }
    let shown_ms = row.seen_at_ms + SHOWN_WITHIN.num_milliseconds();
    let is_twice = shown_ms <= books.now_ms();
    let rise = row.seen.saturating_sub(row.settled);
    let mut finding = None;
    if rise == 0 {
        row.told = None;
        if is_twice {
            write_off(books, tx, &provider).await?;
        }
    } else if is_twice && rise > 0 {
        match source(books, tx, &row, rise).await? {
            Source::Owed(orders) => {
                book_refunds(books, tx, &provider, &orders).await?;
                row.seen = row.settled;
            }
            Source::StillOpen => {}
            Source::PaidIn => {
                row.settled = row.seen;
                finding = Some(Finding::BalanceRose {
                    provider: provider.0,
                    amount: amount_text(rise, &row.currency),
                });
            }
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

/// Where a rise of the balance comes from.
enum Source {
    /// The upstream gave back what it took for these orders.
    Owed(Vec<order_rows::Model>),
    /// It would be what an order costs that is open here: the upstream may have closed it, and
    /// nobody here knows yet.
    StillOpen,
    /// The operator paid in.
    PaidIn,
}

async fn source(
    books: &Books,
    tx: &Tx,
    row: &rows::Model,
    rise: i64,
) -> Result<Source, StoreError> {
    let (provider, currency) = (&ProviderId(row.provider.clone()), row.currency.as_str());
    let since_ms = books.now_ms() - REFUNDS_COME_WITHIN.num_milliseconds();
    let mut owed = floats::owed(tx, provider, currency, since_ms).await?;
    let mut amounts: Vec<i64> = owed.iter().map(|(_, amount)| *amount).collect();
    let which = explain(rise, &amounts);
    if !which.is_empty() {
        let mut orders = Vec::new();
        for index in which.into_iter().rev() {
            orders.push(owed.swap_remove(index).0);
        }
        return Ok(Source::Owed(orders));
    }
    let waiting = floats::waiting(tx, provider).await?;
    // What was ordered later is no reason for what was there before.
    let waiting = waiting
        .iter()
        .filter(|it| it.created_at_ms <= row.seen_at_ms);
    for order in waiting {
        amounts.extend(cost_of(order).map(|(_, _, amount)| amount));
    }
    Ok(if may_be_hidden(&[rise], &amounts) {
        Source::StillOpen
    } else {
        Source::PaidIn
    })
}

/// Books what the upstream gave back late.
async fn book_refunds(
    books: &Books,
    tx: &Tx,
    provider: &ProviderId,
    orders: &[order_rows::Model],
) -> Result<(), StoreError> {
    for order in orders {
        books.book_cost_refund(tx, order).await?;
        attempts::prove(tx, order.order_id(), "not_taken", books.now_ms()).await?;
        log::info!("order {}: {provider} gave its cost back", order.id);
    }
    Ok(())
}

/// The balance agrees with the books, so what is still held in `suspense` did leave it: the number
/// was bought and lost.
async fn write_off(books: &Books, tx: &Tx, provider: &ProviderId) -> Result<(), StoreError> {
    let before_ms = books.now_ms() - LOST_AFTER.num_milliseconds();
    for attempt in attempts::unproven(tx).await? {
        if !attempt.is_paid_by(provider) || attempt.started_at_ms > before_ms {
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
