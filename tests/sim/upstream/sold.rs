//! What an upstream sold, and what became of it in truth.

use numshop::domain::id::UpstreamId;
use numshop::domain::product::Product;
use rust_decimal::Decimal;

use super::{LIFETIME_S, STRANGER, counters};

/// Where a number stands in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Open,
    /// Closed without an SMS, and paid back.
    Cancelled,
    /// Closed after an SMS.
    Finished,
}

/// What is bought.
#[derive(Clone, Debug)]
pub(crate) struct Ware {
    pub(crate) product: Product,
    pub(crate) service: String,
    pub(crate) cost: Decimal,
    /// When it is closed by itself.
    pub(crate) lasts_s: i64,
}

/// More time that a rental was given.
#[derive(Clone, Debug)]
pub(crate) struct Renewed {
    pub(crate) cost: Decimal,
    pub(crate) for_order: i64,
    pub(super) at_ms: i64,
}

/// A number, a mailbox or a rental in the honest book.
#[derive(Clone, Debug)]
pub(crate) struct Sold {
    pub(crate) product: Product,
    pub(crate) service: String,
    pub(crate) cost: Decimal,
    pub(crate) renewals: Vec<Renewed>,
    pub(crate) truth: Truth,
    pub(crate) sms: Vec<String>,
    /// Whether its SMS came after it was closed.
    pub(crate) is_late: bool,
    /// The order whose call bought it, or [`STRANGER`].
    pub(crate) for_order: i64,
    pub(super) sold_at_ms: i64,
    pub(super) listed_from_ms: i64,
    pub(super) ends_at_ms: i64,
    pub(super) closed_at_ms: i64,
    pub(super) wants_more: bool,
}

impl Sold {
    /// Whether the shop did not ask for it.
    pub(crate) const fn is_foreign(&self) -> bool {
        self.for_order == STRANGER
    }

    /// What it took until then.
    pub(super) fn cost_until(&self, at_ms: i64) -> Decimal {
        let renewals = self.renewals.iter().filter(|it| it.at_ms <= at_ms);
        self.cost + renewals.map(|it| it.cost).sum::<Decimal>()
    }

    pub(super) fn changed_since(&self, since_ms: i64) -> bool {
        let mut renewals = self.renewals.iter();
        self.sold_at_ms > since_ms
            || self.closed_at_ms > since_ms
            || renewals.any(|it| it.at_ms > since_ms)
    }

    /// When it was closed; never, so far, for one that is open.
    pub(crate) fn closed_ms(&self) -> i64 {
        match self.truth {
            Truth::Open => i64::MAX,
            Truth::Cancelled | Truth::Finished => self.closed_at_ms,
        }
    }
}

/// A number for one code.
pub(super) fn a_number(service: &str, cost: i64) -> Ware {
    Ware {
        product: Product::Activation,
        service: service.to_owned(),
        cost: cost.into(),
        lasts_s: LIFETIME_S,
    }
}

/// Only what brought nothing is paid back; a rental never is.
pub(super) fn close(sold: &mut Sold, now_ms: i64) {
    sold.closed_at_ms = now_ms;
    sold.truth = if sold.sms.is_empty() && sold.product != Product::Rental {
        Truth::Cancelled
    } else {
        Truth::Finished
    };
}

/// The same digits for the same number, so that the right one can be told; of a mailbox its
/// address.
pub(crate) fn number(product: Product, id: u64) -> String {
    match product {
        Product::Mailbox => format!("box{id:05}@{}", counters::DOMAIN),
        Product::Activation | Product::Rental | Product::Renewal => format!("6281100{id:05}"),
    }
}

/// Under which id it stands in our books.
pub(crate) fn upstream_id(product: Product, id: u64) -> UpstreamId {
    match product {
        Product::Mailbox => UpstreamId(format!("1/{id}")),
        Product::Activation | Product::Rental | Product::Renewal => UpstreamId(id.to_string()),
    }
}

/// What stands under such an id; of a renewal its rental.
pub(crate) fn sold_id(upstream_id: &str) -> Option<u64> {
    let id = upstream_id.strip_prefix("1/").unwrap_or(upstream_id);
    id.split_once(" until ").map_or(id, |it| it.0).parse().ok()
}
