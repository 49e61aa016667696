//! Numbers rented for hours to a year: many SMS, any service, renewable.
//!
//! A rental has two ids upstream: that of its order, by which its SMS are read, and its own, by
//! which it is renewed. Only [`RentalProvider::mine`] tells the second.
//!
//! Its price comes out of the account's balance, which the numbers for one code come out of, too:
//! one account, one [`ProviderId`], one float.
//!
//! Invariant: as for every upstream: a purchase or a renewal is sent once, and whatever is not
//! surely refused is [`PurchaseAnswer::Ambiguous`]. A time without a zone is never given one.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Cost, ProviderError, PurchaseAnswer, Server};
use crate::domain::id::{ProviderId, UpstreamId, UpstreamRentalId};

/// A country in which a server rents numbers out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RentalCountry {
    /// The server.
    pub server: Server,
    /// What the upstream wants to be sent.
    pub country_code: String,
    /// The upstream's name for it.
    pub name: String,
}

/// What one duration costs in one country at one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RentalPrice {
    /// 12, 24, 168 (a week), 720 (a month), 4320 (half a year), 8640 (a year).
    pub duration_hours: u32,
    /// What it costs us.
    pub cost: Cost,
}

/// What is left in a part of a country. It cannot be asked for: the upstream chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RentalArea {
    /// The upstream's code of it; empty where it has none.
    pub code: String,
    /// The upstream's name for it.
    pub title: String,
    /// Numbers left.
    pub available: u64,
    /// The shortest rental there, in months, if the upstream says so.
    pub min_months: Option<u32>,
}

/// What to rent, in the upstream's own codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RentalPurchase {
    /// [`RentalCountry::country_code`].
    pub country_code: String,
    /// [`RentalCountry::server`].
    pub server: Server,
    /// [`RentalPrice::duration_hours`].
    pub duration_hours: u32,
    /// What it cost when it was offered, in the upstream's currency. The call takes no limit, so
    /// the driver reads the price again before it and gives up, unsent, where that is higher.
    pub max_cost: Decimal,
}

/// When a rental ends, as its upstream wrote it. Two readings of one rental are equal until it is
/// renewed, which is what tells whether a renewal in doubt took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// With a zone.
    At(DateTime<Utc>),
    /// Without one, and whose clock it is by nobody knows.
    Zoneless(NaiveDateTime),
}

impl Expiry {
    /// The clocks of the world are at most so far behind Greenwich and ahead of it.
    const MOST_BEHIND: TimeDelta = TimeDelta::hours(12);
    const MOST_AHEAD: TimeDelta = TimeDelta::hours(14);

    /// The moment, where the rental was paid for until `paid_until` by our own clock: that, unless
    /// what the upstream wrote cannot be that moment anywhere in the world; then the moment
    /// nearest to it that it can be.
    #[must_use]
    pub fn near(self, paid_until: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(moment) => moment,
            Self::Zoneless(local) => {
                let earliest = local.checked_sub_signed(Self::MOST_AHEAD);
                let latest = local.checked_add_signed(Self::MOST_BEHIND);
                paid_until.clamp(
                    earliest.unwrap_or(NaiveDateTime::MIN).and_utc(),
                    latest.unwrap_or(NaiveDateTime::MAX).and_utc(),
                )
            }
        }
    }
}

/// A rental that is surely ours: both the order's id and the number could be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Rented {
    /// The order's id upstream; [`UpstreamRental::rental_id`] is another.
    pub upstream_id: UpstreamId,
    /// The number in international form without `+`: digits only.
    pub number: String,
    /// What the upstream said it took, if it said so.
    pub cost: Option<Cost>,
    /// When it ends, if that could be read.
    pub expires: Option<Expiry>,
}

/// Where a rental stands upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RentalState {
    /// It receives SMS.
    Active,
    /// Its time is over.
    Expired,
    /// The upstream took it back.
    Cancelled,
    /// A word that is none of these; kept raw.
    Other(String),
}

/// One of our rentals, as the upstream lists it.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamRental {
    /// By which it is renewed.
    pub rental_id: UpstreamRentalId,
    /// By which its SMS are read; [`Rented::upstream_id`].
    pub order_id: UpstreamId,
    /// Where it was rented, if the row says so.
    pub server: Option<Server>,
    /// Its number, as in [`Rented::number`], if the row has a readable one.
    pub number: Option<String>,
    /// Where it stands.
    pub state: RentalState,
    /// [`RentalCountry::country_code`], if the row says so.
    pub country_code: Option<String>,
    /// When it ends, if that could be read.
    pub expires: Option<Expiry>,
}

/// One SMS to a rental.
#[derive(Clone, PartialEq, Eq)]
pub struct RentalSms {
    /// Who sent it, if the upstream says so.
    pub from: Option<String>,
    /// The text, raw.
    pub text: String,
    /// The code: the upstream's, else the one found in the text, else none.
    pub code: Option<String>,
    /// When it came, if the upstream says so with a zone.
    pub at: Option<DateTime<Utc>>,
}

/// What to renew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// [`UpstreamRental::rental_id`].
    pub rental_id: UpstreamRentalId,
    /// Where and for how long, and the highest price; checked as that of a purchase is.
    pub terms: RentalPurchase,
}

/// A renewal that surely took effect: the upstream told the new end.
#[derive(Clone, PartialEq, Eq)]
pub struct Renewed {
    /// Its number, if the answer has a readable one.
    pub number: Option<String>,
    /// What the upstream said it took, if it said so.
    pub cost: Option<Cost>,
    /// When it ends now.
    pub expires: Expiry,
}

/// One upstream that rents numbers out.
#[async_trait]
pub trait RentalProvider: Send + Sync + std::fmt::Debug {
    /// The short name of the account that pays, which is that of the [`super::Provider`] with the
    /// same key.
    fn id(&self) -> &ProviderId;

    /// The countries, of both servers.
    async fn countries(&self) -> Result<Vec<RentalCountry>, ProviderError>;

    /// What a number costs there, shortest first; empty where none is for rent.
    async fn pricing(
        &self,
        country_code: &str,
        server: Server,
    ) -> Result<Vec<RentalPrice>, ProviderError>;

    /// What is left there.
    async fn stock(
        &self,
        country_code: &str,
        server: Server,
    ) -> Result<Vec<RentalArea>, ProviderError>;

    /// Rents one number. Sent once, whatever happens.
    async fn rent(&self, purchase: &RentalPurchase) -> PurchaseAnswer<Rented>;

    /// All our rentals. `Ok(vec![])` is a successful read of an empty list, and a row that cannot
    /// be read spoils the list, so that no rental looks absent.
    async fn mine(&self) -> Result<Vec<UpstreamRental>, ProviderError>;

    /// Every SMS of a rental, in the upstream's order. Empty where none came.
    async fn inbox(&self, order_id: &UpstreamId) -> Result<Vec<RentalSms>, ProviderError>;

    /// Renews a rental. Sent once, whatever happens.
    async fn renew(&self, renewal: &Renewal) -> PurchaseAnswer<Renewed>;
}

/// Shows whether there is a number, never the number.
impl std::fmt::Debug for Rented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rented")
            .field("upstream_id", &self.upstream_id)
            .field("cost", &self.cost)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Shows everything but the number.
impl std::fmt::Debug for UpstreamRental {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpstreamRental")
            .field("rental_id", &self.rental_id)
            .field("order_id", &self.order_id)
            .field("server", &self.server)
            .field("has_number", &self.number.is_some())
            .field("state", &self.state)
            .field("country_code", &self.country_code)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Shows whether there is a code, never the SMS.
impl std::fmt::Debug for RentalSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RentalSms")
            .field("has_code", &self.code.is_some())
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Shows what it took, never the number.
impl std::fmt::Debug for Renewed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewed")
            .field("cost", &self.cost)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[rstest]
    // Written by a clock in Karachi, and by one in Los Angeles.
    #[case("2026-04-10T02:55:55", "2026-04-09T21:55:58Z", "2026-04-09T21:55:58Z")]
    #[case("2026-04-09T14:55:55", "2026-04-09T21:55:58Z", "2026-04-09T21:55:58Z")]
    // A month of 31 days where 720 hours were paid for.
    #[case("2026-04-10T21:55:55", "2026-04-09T21:55:58Z", "2026-04-10T07:55:55Z")]
    // Two days less than what was paid for.
    #[case("2026-04-07T21:55:55", "2026-04-09T21:55:58Z", "2026-04-08T09:55:55Z")]
    fn a_time_without_a_zone_is_read_near_what_was_paid_for(
        #[case] written: &str,
        #[case] paid_until: &str,
        #[case] expected: &str,
    ) {
        let expiry = Expiry::Zoneless(written.parse().unwrap());
        assert_eq!(expiry.near(moment(paid_until)), moment(expected));
    }

    #[test]
    fn a_time_with_a_zone_is_what_it_says() {
        let written = moment("2026-04-07T21:55:55Z");
        let paid_until = moment("2026-04-09T21:55:58Z");
        assert_eq!(Expiry::At(written).near(paid_until), written);
    }

    #[test]
    fn the_ends_of_the_calendar_are_times_too() {
        let paid_until = moment("2026-04-09T21:55:58Z");
        for end in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
            let read = Expiry::Zoneless(end).near(paid_until).naive_utc();
            assert!((read - end).num_hours().abs() <= 14);
        }
    }
}
