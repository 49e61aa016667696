//! What users and the world do besides buying numbers for one code: they buy mailboxes, rent numbers
//! and renew them, wait for what is sold out, block the bot and
//! come back; and the operator uses the upstream by hand.

use std::sync::Arc;

use chrono::TimeDelta;
use numshop::domain::id::UserId;
use numshop::domain::product::Product;
use numshop::shop::buy::{Choice, Quote};
use numshop::shop::habits::Habits;
use numshop::shop::{Shop, ShopError, mailbox};
use numshop::store::entity::orders;

use crate::checks;
use crate::upstream::counters::DOMAIN;
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

    /// A user buys a mailbox, rents a number, or wants more time for one.
    pub(crate) fn buy_something_else(&mut self) {
        match self.scene.below(8) {
            0..3 => self.look_at_a_mailbox(),
            3 => self.look_at_a_rental(),
            _ => self.look_at_more_time(),
        }
        self.confirm_last();
    }

    fn look_at_a_mailbox(&mut self) {
        let services = self
            .process()
            .shop
            .mail_services(&Habits::default(), None, 0, 9);
        if let Some(service) = services.rows.first() {
            let choice = mailbox::choice(service.id, DOMAIN.to_owned());
            self.look_at("a mailbox", choice);
        }
    }

    fn look_at_a_rental(&mut self) {
        let Ok((_, durations)) = self.process().shop.durations("ID") else {
            return;
        };
        if let Some(duration) = self.scene.one_of(&durations) {
            let choice = Choice {
                service: duration.service,
                country: "ID".to_owned(),
                operator: None,
                server: None,
            };
            self.look_at(&format!("a rental of {} h", duration.hours), choice);
        }
    }

    fn look_at(&mut self, what: &str, choice: Choice) {
        let user = self.user();
        let words = format!("user {user} looks at {what}");
        self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
            quoted(user, shop.quote(user, choice).await)
        });
    }

    fn look_at_more_time(&mut self) {
        let orders = self.orders();
        let runs = |row: &&orders::Model| {
            row.product().unwrap() == Product::Rental && row.state == "received"
        };
        let rentals: Vec<_> = orders.iter().filter(runs).collect();
        let Some(row) = self.scene.one_of(&rentals) else {
            return self.look_at_a_rental();
        };
        let (user, id, dice) = (row.user(), row.order_id(), self.scene.below(2));
        let words = format!("user {user} looks at more time for order {id}");
        self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
            let entries = match shop.renewals(user, id).await {
                Ok(entries) => entries,
                Err(error) => return quoted(user, Err(error)),
            };
            let Some(entry) = entries.get(dice).or(entries.first()) else {
                return Outcome::Fine("there is none".to_owned());
            };
            quoted(user, shop.quote_renewal(user, id, entry.service).await)
        });
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

/// What came of looking at a price.
pub(crate) fn quoted(user: UserId, quote: Result<Quote, ShopError>) -> Outcome {
    tapped(quote, |quote| {
        Outcome::Quoted(Quoted {
            user,
            nonce: quote.nonce,
            price: quote.price.as_minor(),
        })
    })
}

/// Whether an order waits for something to buy.
pub(crate) fn is_queued(row: &orders::Model) -> bool {
    row.queued_until_ms.is_some() && row.state == "held"
}
