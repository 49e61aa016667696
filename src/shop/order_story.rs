//! All that is known of one order, for admins.
//!
//! Invariant: reads only, but for the note that an admin looked at a number. What an SMS says is
//! never part of it, and of a number only its last digits.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::act::Act;
use crate::domain::id::{OrderId, UserId};
use crate::domain::money::Money;
use crate::domain::order::{OrderEvent, OrderState};
use crate::domain::product::Product;
use crate::shop::account::User;
use crate::shop::goodwill::RefundWay;
use crate::shop::orders::OrderView;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::entity::{attempts as attempt_rows, orders as rows};
pub use crate::store::ledger::TransferKind;
use crate::store::story::{self, Booked};
use crate::store::{StoreError, acts, attempts, from_ms, orders, work};

/// So many times of SMS are told.
const SMS_TIMES: u64 = 3;
/// So many digits of a number are no secret.
const SHOWN_DIGITS: usize = 4;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened; `None` for a word of an older version.
    pub event: Option<OrderEvent>,
    /// Where that led.
    pub to: OrderState,
    /// When.
    pub at: DateTime<Utc>,
}

/// One purchase call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who was asked.
    pub provider: String,
    /// For what, in the upstream's own codes.
    pub asked: String,
    /// What it was listed for.
    pub cost: String,
    /// How it ended; `None` while nobody knows.
    pub outcome: Option<String>,
    /// The error, redacted.
    pub detail: Option<String>,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// How long it took to be settled.
    pub took_ms: Option<i64>,
}

/// An amount in the currency in which it moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// In wallets.
    Wallet(Money),
    /// At an upstream.
    Upstream(Decimal, String),
}

/// One transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it was.
    pub kind: TransferKind,
    /// How much.
    pub amount: Moved,
    /// Whether nobody knows if it was really spent.
    pub is_unproven: bool,
    /// Who caused it: `user:7`, `admin:1`, `worker`.
    pub actor: String,
    /// What an admin wrote to it.
    pub memo: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What an upstream and the books disagree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The upstream.
    pub provider: String,
    /// Its id of the order.
    pub upstream_id: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Seen last.
    pub last: DateTime<Utc>,
}

/// The whole story.
#[derive(Clone, Debug)]
pub struct OrderStory {
    /// The order.
    pub order: OrderView,
    /// Whose it is.
    pub user: User,
    /// The upstream and its id there, as far as known.
    pub upstream: Option<(String, Option<String>)>,
    /// What it cost there, with its currency.
    pub cost: Option<String>,
    /// The number with all but its last digits hidden.
    pub number: Option<String>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The purchase calls.
    pub calls: Vec<Call>,
    /// The transfers.
    pub lines: Vec<Line>,
    /// How many SMS or mails came.
    pub sms: u64,
    /// When the last of them came, newest first.
    pub sms_at: Vec<DateTime<Utc>>,
    /// What is not settled with the upstream.
    pub disagreements: Vec<Disagreement>,
    /// The renewals of a rental.
    pub renewals: Vec<OrderId>,
    /// How its money could be given back, and how much of it.
    pub refund: Option<(RefundWay, Money)>,
}

impl Shop {
    /// The whole story of an order, whosever it is.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn order_story(&self, id: OrderId) -> Result<OrderStory, ShopError> {
        let read = self.store.read();
        let row = orders::find(read, id)
            .await?
            .ok_or(ShopError::NoSuchOrder)?;
        let refund = match self.refund_way(&row).await {
            Ok(refund) => Some(refund),
            Err(
                ShopError::Goodwill(_) | ShopError::WrongState(_) | ShopError::CancelTooEarly(_),
            ) => None,
            Err(error) => return Err(error),
        };
        let (sms, sms_at) = story::sms_times(read, id, SMS_TIMES).await?;
        let calls = attempts::of_order(read, id).await?;
        let booked = story::booked(read, id).await?;
        let disagreements = story::disagreements(read, id).await?;
        Ok(OrderStory {
            user: self.user(row.user()).await?,
            upstream: row.provider.clone().map(|at| (at, row.upstream_id.clone())),
            cost: cost(&row),
            number: row.number.as_deref().map(|number| hidden(number, &row)),
            steps: self.steps(id).await?,
            calls: calls.into_iter().map(call).collect(),
            lines: booked.into_iter().map(line).collect::<Result<_, _>>()?,
            sms,
            sms_at: sms_at.into_iter().map(from_ms).collect(),
            disagreements: disagreements
                .into_iter()
                .map(|row| Disagreement {
                    provider: row.provider,
                    upstream_id: row.upstream_id,
                    since: from_ms(row.first_seen_ms),
                    last: from_ms(row.last_seen_ms),
                })
                .collect(),
            renewals: story::renewals_of(read, id).await?,
            refund,
            order: self.view(row).await?,
        })
    }

    /// The whole number of an order, for an admin; that they looked is noted.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`], also where it has no number.
    pub async fn look_at_number(&self, admin: UserId, id: OrderId) -> Result<String, ShopError> {
        let row = orders::find(self.store.read(), id)
            .await?
            .ok_or(ShopError::NoSuchOrder)?;
        let number = row.number.ok_or(ShopError::NoSuchOrder)?;
        let books = self.books(Cause::Admin(admin));
        self.store
            .write(move |tx| {
                work(async move {
                    let act = books.act(admin, Act::Number, format!("order {id}"));
                    acts::note(tx, act).await
                })
            })
            .await
            .map_err(ShopError::from)?;
        Ok(number)
    }

    async fn steps(&self, id: OrderId) -> Result<Vec<Step>, ShopError> {
        let rows = story::steps(self.store.read(), id).await?;
        let steps = rows.into_iter().map(|row| {
            Ok::<_, StoreError>(Step {
                event: OrderEvent::from_word(&row.event),
                to: row.to_state.parse()?,
                at: from_ms(row.at_ms),
            })
        });
        Ok(steps.collect::<Result<_, _>>()?)
    }
}

fn cost(row: &rows::Model) -> Option<String> {
    let (cost, currency) = row.cost.as_ref().zip(row.cost_currency.as_ref())?;
    Some(format!("{cost} {currency}"))
}

/// All but the last digits of a number; all but the domain of an address.
fn hidden(number: &str, row: &rows::Model) -> String {
    if row.product == Product::Mailbox.as_str() {
        let domain = number.rsplit_once('@').map_or("", |(_, domain)| domain);
        return format!("•••@{domain}");
    }
    let digits = number.chars().count();
    let shown: String = number
        .chars()
        .skip(digits.saturating_sub(SHOWN_DIGITS))
        .collect();
    format!("••••{shown}")
}

fn call(row: attempt_rows::Model) -> Call {
    let codes = [Some(row.service_code), Some(row.country_code), row.operator];
    let codes: Vec<String> = codes
        .into_iter()
        .flatten()
        .filter(|code| !code.is_empty())
        .collect();
    Call {
        provider: row.provider,
        asked: codes.join(" · "),
        cost: format!("{} {}", row.cost, row.currency),
        outcome: row.outcome,
        detail: row.detail,
        at: from_ms(row.started_at_ms),
        took_ms: row.closed_at_ms.map(|closed| closed - row.started_at_ms),
    }
}

fn line(row: Booked) -> Result<Line, ShopError> {
    let kind = TransferKind::from_word(&row.kind)
        .ok_or_else(|| StoreError::BadRow(format!("`{}` is no kind of transfer", row.kind)))?;
    let is_upstream = row.from_account.starts_with("provider:");
    Ok(Line {
        kind,
        amount: if is_upstream {
            let amount = Decimal::new(row.amount, 6).normalize();
            Moved::Upstream(amount, row.currency)
        } else {
            Moved::Wallet(Money::minor(row.amount))
        },
        is_unproven: row.to_account.ends_with(":suspense"),
        actor: row.actor,
        memo: row.memo,
        at: from_ms(row.at_ms),
    })
}
