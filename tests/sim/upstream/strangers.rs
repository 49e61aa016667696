//! What happens at an upstream without the shop: its stock runs out and comes back, and where the
//! operator uses the same key by hand, numbers are bought and given back and money is paid in.

use rust_decimal::Decimal;

use super::sold::{Sold, Truth, a_number, close};
use super::{Liar, STRANGER};

/// What strangers buy that the shop does not sell.
const UNSOLD: &str = "Shopee";

impl Liar {
    /// Whether somebody else uses the same key.
    pub(crate) const fn is_shared(&self) -> bool {
        self.temper.is_shared
    }

    /// Something is out of stock, or back.
    pub(crate) fn change_stock(&self) {
        let mut book = self.book();
        let names = book.listings.keys().chain(book.shelf.keys());
        let names: Vec<String> = names.cloned().collect();
        let Some(name) = self.scene.one_of(&names) else {
            return;
        };
        let is_back = book.sold_out.remove(name);
        if !is_back {
            book.sold_out.insert(name.clone());
        }
        let word = if is_back { "is back" } else { "is sold out" };
        self.scene.note(format!("{}: {name} {word}", self.id));
    }

    /// Most of what was sold out comes back; the rest never does.
    pub(crate) fn restock(&self) {
        let is_gone = |name: &String| {
            let stays = self.scene.chance(40);
            let word = if stays { "stays sold out" } else { "is back" };
            self.scene.note(format!("{}: {name} {word}", self.id));
            stays
        };
        self.book().sold_out.retain(is_gone);
    }

    /// What it asks for a service that is in stock.
    pub(crate) fn price_of(&self, service: &str) -> Option<i64> {
        let book = self.book();
        let price = book.listings.get(service).copied();
        price.filter(|_| !book.sold_out.contains(service))
    }

    /// The operator does something by hand.
    pub(crate) fn stranger_acts(&self) {
        match self.scene.below(10) {
            0..5 => self.stranger_buys(),
            5..8 => self.stranger_gives_back(),
            _ => self.stranger_pays_in(),
        }
    }

    fn stranger_buys(&self) {
        let names: Vec<(String, i64)> = {
            let book = self.book();
            let sold = book.listings.iter();
            sold.map(|(name, cost)| (name.clone(), *cost))
                .chain([(UNSOLD.to_owned(), 1_500)])
                .collect()
        };
        if let Some((name, cost)) = self.scene.one_of(&names) {
            let id = self.hand_over(&a_number(name, *cost), STRANGER);
            self.scene.note(format!(
                "{}: a stranger bought number {id} ({name})",
                self.id
            ));
        }
    }

    fn stranger_gives_back(&self) {
        let mut book = self.book();
        let is_open = |sold: &Sold| {
            sold.for_order == STRANGER && sold.truth == Truth::Open && sold.sms.is_empty()
        };
        let open = book.sold.iter().filter(|(_, sold)| is_open(sold));
        let open: Vec<u64> = open.map(|(id, _)| *id).collect();
        if let Some(id) = self.scene.one_of(&open)
            && let Some(sold) = book.sold.get_mut(id)
        {
            close(sold, self.scene.now_ms());
            self.scene
                .note(format!("{}: a stranger gave number {id} back", self.id));
        }
    }

    fn stranger_pays_in(&self) {
        let amount = 1_000 * self.scene.between(1, 50);
        let now_ms = self.scene.now_ms();
        self.book().paid_in.push((now_ms, Decimal::from(amount)));
        self.scene
            .note(format!("{}: {amount} were paid in", self.id));
    }

    /// Whether by a stranger's doing the balance rose within this time.
    pub(crate) fn rose_by_strangers(&self, from_ms: i64, to_ms: i64) -> bool {
        let book = self.book();
        let is_within = |at_ms: i64| (from_ms..=to_ms).contains(&at_ms);
        let mut given_back = book.sold.values().filter(|sold| {
            sold.for_order == STRANGER
                && sold.truth == Truth::Cancelled
                && is_within(sold.closed_at_ms)
        });
        given_back.next().is_some() || book.paid_in.iter().any(|(at_ms, _)| is_within(*at_ms))
    }
}
