//! Where an upstream sells mailboxes and rents numbers out, from the account of its numbers. The
//! shop's own desks stand before these.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use numshop::domain::id::{ProviderId, UpstreamId, UpstreamRentalId};
use numshop::domain::product::{Product, duration_name};
use numshop::provider::mailbox::{
    BoughtMailbox, HISTORY_PAGE_ROWS, Mail, MailboxCancel, MailboxOffer, MailboxProvider,
    MailboxPurchase, MailboxRecord, MailboxState, MailboxWord,
};
use numshop::provider::rental::{
    Expiry, Renewal, Renewed, RentalArea, RentalCountry, RentalPrice, RentalProvider,
    RentalPurchase, RentalSms, RentalState, Rented, UpstreamRental,
};
use numshop::provider::{ProviderError, PurchaseAnswer, Server};
use rust_decimal::Decimal;

use super::sold::{self, Sold, Truth, Ware, close, number};
use super::{Liar, MAILBOX_LIFETIME_S, idr};
use crate::baton;

/// The one domain of its mailboxes.
pub(crate) const DOMAIN: &str = "mail.example";
/// Its clock is ahead of Greenwich, and it does not say so.
const CLOCK_AHEAD: TimeDelta = TimeDelta::hours(5);
/// For so many hours numbers are rented out: so different that a clock without a zone tells which.
const DURATIONS: [u32; 2] = [12, 48];
const HOUR_S: i64 = 3_600;

/// One of the two counters.
#[derive(Debug)]
pub(crate) struct Counter {
    pub(crate) liar: Arc<Liar>,
    pub(crate) all: Vec<Arc<Liar>>,
}

/// The hours in the name of a rental on the shelf; `None` for a mailbox.
fn hours_in(name: &str) -> Option<u32> {
    let mut all = DURATIONS.into_iter();
    all.find(|hours| duration_name(*hours) == name)
}

fn expiry(sold: &Sold) -> Expiry {
    let ends_at = DateTime::from_timestamp(sold.ends_at_ms / 1_000, 0).unwrap();
    Expiry::Zoneless((ends_at + CLOCK_AHEAD).naive_utc())
}

fn mails(sold: &Sold) -> Vec<Mail> {
    let mail = |text: &String| Mail {
        from: None,
        subject: None,
        text: Some(text.clone()),
        code: None,
    };
    sold.sms.iter().map(mail).collect()
}

impl Liar {
    /// What stands on the shelf for mailboxes and rentals: names and prices.
    fn shelf(&self) -> Vec<(String, i64)> {
        let book = self.book();
        let shelf = book.shelf.iter();
        shelf.map(|(name, cost)| (name.clone(), *cost)).collect()
    }

    fn on_shelf(&self, name: &str) -> Option<Ware> {
        let cost = *self.book().shelf.get(name)?;
        let hours = hours_in(name);
        Some(Ware {
            product: hours.map_or(Product::Mailbox, |_| Product::Rental),
            service: name.to_owned(),
            cost: cost.into(),
            lasts_s: hours.map_or(MAILBOX_LIFETIME_S, |hours| i64::from(hours) * HOUR_S),
        })
    }

    /// What was sold of a product and can be seen by now, newest first.
    fn listed<T>(&self, product: Product, row: impl Fn(u64, &Sold) -> T) -> Vec<T> {
        let now_ms = self.scene.now_ms();
        let book = self.book();
        let listed = book.sold.iter().rev().filter(|(_, sold)| {
            let is_seen = sold.listed_from_ms <= now_ms || self.scene.is_calm();
            sold.product == product && is_seen
        });
        listed.map(|(id, sold)| row(*id, sold)).collect()
    }

    /// Gives a rental more time; what it says of it.
    fn renew(&self, id: u64, ware: &Ware) -> Renewed {
        let now_ms = self.scene.now_ms();
        let for_order = baton::order().unwrap();
        let mut book = self.book();
        let sold = book.sold.get_mut(&id).unwrap();
        sold.ends_at_ms += ware.lasts_s * 1_000;
        sold.renewals.push(sold::Renewed {
            cost: ware.cost,
            for_order,
            at_ms: now_ms,
        });
        let expires = expiry(sold);
        self.scene.note(format!(
            "{} renewed rental {id} ({})",
            self.id, ware.service
        ));
        Renewed {
            number: None,
            cost: Some(idr(ware.cost)),
            expires,
        }
    }
}

#[async_trait]
impl MailboxProvider for Counter {
    fn id(&self) -> &ProviderId {
        &self.liar.id
    }

    async fn services(&self, domain: &str) -> Result<Vec<MailboxOffer>, ProviderError> {
        self.liar
            .call("services", |liar| {
                let shelf = liar.shelf().into_iter();
                let mailboxes = shelf.filter(|(name, _)| hours_in(name).is_none());
                let offer = |(name, cost): (String, i64)| MailboxOffer {
                    server: Server::One,
                    service_code: name.clone(),
                    service_name: name,
                    domain: domain.to_owned(),
                    cost: idr(cost.into()),
                    stock: None,
                };
                Ok(mailboxes.map(offer).collect())
            })
            .await
    }

    async fn domains(&self, _: &str) -> Result<Vec<MailboxOffer>, ProviderError> {
        Ok(Vec::new())
    }

    async fn buy(&self, purchase: &MailboxPurchase) -> PurchaseAnswer<BoughtMailbox> {
        let liar = &self.liar;
        liar.asked_to_buy(&self.all, "buy_mailbox", || {
            let ware = liar.on_shelf(&purchase.service_code);
            liar.decide(ware, purchase.max_cost, |ware| {
                let id = liar.sell(ware);
                BoughtMailbox {
                    email_id: UpstreamId(id.to_string()),
                    address: number(Product::Mailbox, id),
                    cost: Some(idr(ware.cost)),
                }
            })
        })
    }

    async fn code(&self, id: &UpstreamId, _: Server) -> Result<MailboxState, ProviderError> {
        self.liar
            .call(&format!("code {id}"), |liar| {
                liar.find(id, |sold| match sold.truth {
                    Truth::Cancelled => MailboxState::Cancelled,
                    Truth::Open if sold.sms.is_empty() => MailboxState::Waiting,
                    Truth::Open | Truth::Finished => MailboxState::Received(mails(sold)),
                })
            })
            .await
    }

    async fn cancel(&self, id: &UpstreamId, _: Server) -> Result<MailboxCancel, ProviderError> {
        self.liar
            .call(&format!("close_mailbox {id}"), |liar| {
                if liar.scene.trouble(liar.temper.lies) {
                    return Ok(MailboxCancel::NotNow);
                }
                let now_ms = liar.scene.now_ms();
                liar.find(id, |sold| {
                    if sold.truth != Truth::Open {
                        return MailboxCancel::AlreadyClosed;
                    }
                    close(sold, now_ms);
                    if sold.sms.is_empty() {
                        MailboxCancel::Cancelled
                    } else {
                        MailboxCancel::Completed(mails(sold))
                    }
                })
            })
            .await
    }

    async fn history(&self, page: u32) -> Result<Vec<MailboxRecord>, ProviderError> {
        self.liar
            .call("history", |liar| {
                let rows = liar.listed(Product::Mailbox, |id, sold| MailboxRecord {
                    email_id: Some(UpstreamId(id.to_string())),
                    address: number(Product::Mailbox, id),
                    server: Some(Server::One),
                    word: match sold.truth {
                        Truth::Cancelled => MailboxWord::Cancelled,
                        Truth::Open if sold.sms.is_empty() => MailboxWord::Waiting,
                        Truth::Open | Truth::Finished => MailboxWord::Received,
                    },
                    service: Some(sold.service.clone()),
                    cost: None,
                });
                let pages = rows.chunks(HISTORY_PAGE_ROWS);
                let page = pages.into_iter().nth(page.saturating_sub(1) as usize);
                Ok(page.unwrap_or_default().to_vec())
            })
            .await
    }
}

#[async_trait]
impl RentalProvider for Counter {
    fn id(&self) -> &ProviderId {
        &self.liar.id
    }

    async fn countries(&self) -> Result<Vec<RentalCountry>, ProviderError> {
        Ok(vec![RentalCountry {
            server: Server::One,
            country_code: "6".to_owned(),
            name: "Indonesia".to_owned(),
        }])
    }

    async fn pricing(&self, _: &str, _: Server) -> Result<Vec<RentalPrice>, ProviderError> {
        self.liar
            .call("pricing", |liar| {
                let shelf = liar.shelf().into_iter();
                let prices = shelf.filter_map(|(name, cost)| {
                    Some(RentalPrice {
                        duration_hours: hours_in(&name)?,
                        cost: idr(cost.into()),
                    })
                });
                Ok(prices.collect())
            })
            .await
    }

    async fn stock(&self, _: &str, _: Server) -> Result<Vec<RentalArea>, ProviderError> {
        Ok(vec![RentalArea {
            code: String::new(),
            title: "anywhere".to_owned(),
            available: 9,
            min_months: None,
        }])
    }

    async fn rent(&self, purchase: &RentalPurchase) -> PurchaseAnswer<Rented> {
        let liar = &self.liar;
        liar.asked_to_buy(&self.all, "rent", || {
            let ware = liar.on_shelf(&duration_name(purchase.duration_hours));
            liar.decide(ware, purchase.max_cost, |ware| {
                let id = liar.sell(ware);
                Rented {
                    upstream_id: UpstreamId(id.to_string()),
                    number: number(Product::Rental, id),
                    cost: Some(idr(ware.cost)),
                    expires: liar.truth().get(&id).map(expiry),
                }
            })
        })
    }

    async fn mine(&self) -> Result<Vec<UpstreamRental>, ProviderError> {
        self.liar
            .call("rentals", |liar| {
                Ok(liar.listed(Product::Rental, |id, sold| UpstreamRental {
                    rental_id: UpstreamRentalId(format!("r{id}")),
                    order_id: UpstreamId(id.to_string()),
                    server: Some(Server::One),
                    number: Some(number(Product::Rental, id)),
                    state: match sold.truth {
                        Truth::Open => RentalState::Active,
                        Truth::Cancelled => RentalState::Cancelled,
                        Truth::Finished => RentalState::Expired,
                    },
                    country_code: Some("6".to_owned()),
                    expires: Some(expiry(sold)),
                }))
            })
            .await
    }

    async fn inbox(&self, id: &UpstreamId) -> Result<Vec<RentalSms>, ProviderError> {
        self.liar
            .call(&format!("inbox {id}"), |liar| {
                let sms = |text: &String| RentalSms {
                    from: None,
                    text: text.clone(),
                    code: None,
                    at: None,
                };
                liar.find(id, |sold| sold.sms.iter().map(sms).collect())
            })
            .await
    }

    async fn renew(&self, renewal: &Renewal) -> PurchaseAnswer<Renewed> {
        let liar = &self.liar;
        liar.asked_to_buy(&self.all, "renew", || {
            let id = renewal.rental_id.as_str().strip_prefix('r').unwrap();
            let id: u64 = id.parse().unwrap();
            let is_open = liar.truth().get(&id).map(|sold| sold.truth) == Some(Truth::Open);
            let ware = liar.on_shelf(&duration_name(renewal.terms.duration_hours));
            let max_cost: Decimal = renewal.terms.max_cost;
            liar.decide(ware.filter(|_| is_open), max_cost, |ware| {
                liar.renew(id, ware)
            })
        })
    }
}
