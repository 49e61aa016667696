//! The upstream as the shop's drivers show it: each call reads or writes the honest book, and is
//! answered as the liar pleases.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use numshop::domain::id::{ProviderId, UpstreamId};
use numshop::domain::product::Product;
use numshop::provider::{
    Activation, ActivationState, Assortment, Bought, CancelAnswer, Capabilities, Cost, Listing,
    Provider, ProviderError, Purchase, PurchaseAnswer, UpstreamCountry,
};
use rust_decimal::Decimal;

use super::sold::{Truth, close, number};
use super::{CANCEL_AFTER_S, FUNDS, LIFETIME_S, Liar, idr};

/// An upstream, and the others beside it.
#[derive(Debug)]
pub(crate) struct Seller {
    pub(crate) liar: Arc<Liar>,
    pub(crate) all: Vec<Arc<Liar>>,
}

#[async_trait]
impl Provider for Seller {
    fn id(&self) -> &ProviderId {
        &self.liar.id
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: self.liar.lists,
            resend: true,
            // Whoever is told that an order is done is told by a task of its own, at a moment that
            // no seed decides; nothing depends on it.
            finish: false,
            balance: true,
            cancel_after: Duration::from_secs(u64::try_from(CANCEL_AFTER_S).unwrap()),
            lifetime: Duration::from_secs(u64::try_from(LIFETIME_S).unwrap()),
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        self.liar
            .call("balance", |liar| {
                if liar.scene.trouble(liar.temper.lies) {
                    // No sum of prices explains it.
                    let wrong = Decimal::new(100 * liar.scene.between(0, FUNDS) + 37, 2);
                    return Ok(idr(wrong));
                }
                let lag_s = if liar.scene.trouble(70) {
                    liar.scene.between(0, liar.temper.lag_s)
                } else {
                    0
                };
                let now_ms = liar.scene.now_ms();
                let told = liar.balance_at(now_ms - lag_s * 1_000);
                let truth = liar.balance_at(now_ms);
                if told != truth {
                    liar.scene
                        .note(format!("{} tells {told} for {truth}", liar.id));
                }
                Ok(idr(told))
            })
            .await
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let country = UpstreamCountry {
            code: "6".to_owned(),
            name: "Indonesia".to_owned(),
        };
        Ok(vec![country])
    }

    async fn assortment(&self, _: &str) -> Result<Assortment, ProviderError> {
        self.liar
            .call("assortment", |liar| {
                let book = liar.book();
                let listings = book.listings.iter().map(|(name, cost)| Listing {
                    service_code: format!("code-{name}"),
                    service_name: name.clone(),
                    cost: idr((*cost).into()),
                    stock: book.sold_out.contains(name).then_some(0),
                });
                Ok(Assortment {
                    operators: Vec::new(),
                    listings: listings.collect(),
                })
            })
            .await
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let liar = &self.liar;
        liar.asked_to_buy(&self.all, "buy", || {
            liar.decide(liar.listing(purchase), purchase.max_cost, |ware| {
                let id = liar.sell(ware);
                Bought {
                    upstream_id: UpstreamId(id.to_string()),
                    number: number(Product::Activation, id),
                    cost: Some(idr(ware.cost)),
                    ends: None,
                }
            })
        })
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        self.liar
            .call(&format!("status {id}"), |liar| {
                let number = id.as_str().parse().unwrap();
                let mut seen = liar.find(id, |sold| liar.seen(number, sold))?;
                if seen.sms.is_none() && liar.scene.trouble(3) {
                    seen.state = ActivationState::Other("in limbo".to_owned());
                }
                Ok(seen)
            })
            .await
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        if !self.liar.lists {
            return Ok(None);
        }
        self.liar
            .call("open_orders", |liar| {
                let now_ms = liar.scene.now_ms();
                let book = liar.book();
                let listed = book.sold.iter().filter(|(_, sold)| {
                    sold.truth == Truth::Open
                        && sold.product == Product::Activation
                        && (sold.listed_from_ms <= now_ms || liar.scene.is_calm())
                });
                // Ids grow: the newest stand last.
                let newest = listed.rev().take(liar.temper.shows.unwrap_or(usize::MAX));
                let mut list: Vec<Activation> =
                    newest.map(|(id, sold)| liar.seen(*id, sold)).collect();
                if !list.is_empty() {
                    let turn = liar.scene.below(list.len());
                    list.rotate_left(turn);
                }
                Ok(Some(list))
            })
            .await
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        self.liar
            .call(&format!("cancel {id}"), |liar| {
                let now_ms = liar.scene.now_ms();
                if liar.scene.trouble(liar.temper.lies) {
                    return Ok(CancelAnswer::NotNow);
                }
                liar.find(id, |sold| {
                    let is_early = now_ms - sold.sold_at_ms < CANCEL_AFTER_S * 1_000;
                    if sold.truth != Truth::Open || !sold.sms.is_empty() {
                        CancelAnswer::AlreadyClosed
                    } else if is_early {
                        CancelAnswer::NotNow
                    } else {
                        close(sold, now_ms);
                        CancelAnswer::Cancelled
                    }
                })
            })
            .await
    }

    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        self.liar
            .call(&format!("resend {id}"), |liar| {
                if liar.scene.trouble(20) {
                    return Err(ProviderError::Refused("no more".to_owned()));
                }
                liar.find(id, |sold| sold.wants_more = sold.truth == Truth::Open)
            })
            .await
    }

    async fn finish(&self, _: &UpstreamId) -> Result<(), ProviderError> {
        Ok(())
    }
}
