//! What users and the world do besides buying: they wait for what is sold out, block the bot and
//! come back; and the operator uses the upstream by hand.

use std::sync::Arc;

use chrono::TimeDelta;
use numshop::shop::Shop;
use numshop::store::entity::orders;

use crate::checks;
use crate::world::{Outcome, Quoted, What, World, tapped, visitor, worked};

/// Upstreams that refused to sell are asked again within this time.
const ROUNDS_TO_SERVE: usize = 8;

impl World {
    /// A user lets an order wait, or wants to hear when there is something again.
    pub(crate) fn wait_for_one(&mut self) {
        let user = self.user();
        let Some((name, choice)) = self.choice() else {
            return;
        };
        if self.scene.chance(15) {
            let words = format!("user {user} wants to hear of {name}");
            return self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
                tapped(shop.watch(user, &choice, None).await, |()| {
                    Outcome::Fine("noted".to_owned())
                })
            });
        }
        let place = self.scene.below(3);
        let words = format!("user {user} would wait for {name}");
        self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
            let quoted = shop.quote_queue(user, choice, place).await;
            tapped(quoted, |quote| {
                Outcome::Quoted(Quoted {
                    user,
                    nonce: quote.nonce,
                    price: quote.limit.as_minor(),
                })
            })
        });
        self.confirm_last();
    }

    /// The worker looks who can be served.
    pub(crate) fn look_who_waits(&mut self) {
        if !self.is_busy(What::Restocking) {
            let words = "look who waits";
            self.begin(What::Restocking, words, async move |shop: Arc<Shop>| {
                worked(shop.restock().await)
            });
        }
    }

    /// In calm: what is back in stock is sold to those who wait.
    pub(crate) fn serve_who_waits(&mut self) {
        for index in 0..self.liars.len() {
            self.liars[index].restock();
            self.read_catalogue(index);
            self.run_all();
        }
        for _ in 0..ROUNDS_TO_SERVE {
            if !self.orders().iter().any(is_queued) {
                return;
            }
            self.look_who_waits();
            self.run_all();
            self.round();
            self.advance(TimeDelta::seconds(60));
        }
        checks::who_waits_is_served(self);
    }

    /// A user blocks the bot, or one who did comes back.
    pub(crate) fn block_or_come_back(&mut self) {
        let user = crate::world::USERS[self.scene.below(crate::world::USERS.len())];
        if !self.postman.unblock(user) {
            self.scene.note(format!("user {user} blocks us"));
            return self.postman.block(user);
        }
        let words = format!("user {user} comes back");
        self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
            tapped(shop.enter(&visitor(user)).await, |_| {
                Outcome::Fine("welcomed".to_owned())
            })
        });
    }

    /// The operator buys by hand where the key is shared; elsewhere stock changes.
    pub(crate) fn somebody_else_acts(&mut self) {
        let index = self.scene.below(self.liars.len());
        if self.liars[index].is_shared() {
            self.liars[index].stranger_acts();
        } else {
            self.liars[index].change_stock();
        }
    }
}

/// Whether an order waits for something to buy.
pub(crate) fn is_queued(row: &orders::Model) -> bool {
    row.queued_until_ms.is_some() && row.state == "held"
}
