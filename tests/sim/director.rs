//! Chooses what happens next, by the seed alone.

use std::sync::Arc;

use chrono::TimeDelta;
use numshop::domain::id::{OrderId, UserId};
use numshop::shop::Shop;
use numshop::shop::buy::{CardPlace, Choice};
use numshop::shop::notice::Courier;
use numshop::store::entity::orders;
use numshop::store::sealed;
use sea_orm::EntityTrait;

use crate::checks;
use crate::people::quoted;
use crate::world::{Outcome, SERVICES, USERS, What, World, tapped, worked};

const CARD: CardPlace = CardPlace {
    chat_id: 1,
    message_id: 1,
};
/// A task goes on by no more effects than this before others act.
const MOST_EFFECTS: usize = 4;
/// More tasks than this are never under way at once.
const AT_ONCE: usize = 6;
/// After faults have ended, polling tells of every code within this time.
const CODES_WITHIN_S: i64 = 96;
const ROUND_S: i64 = 12;
const RECONCILE_EVERY_MS: i64 = 60_000;
/// In calm nothing is looked at for longer than this.
const LONGEST_SLEEP_S: i64 = 6 * 3_600;
/// How late after a deadline a round may come.
const SLACK_MS: i64 = 5_000;

impl World {
    /// A whole play: money for everybody, turmoil, calm, and the last word of the books.
    pub(crate) fn play(&mut self) {
        self.start();
        for user in USERS {
            self.draft(user);
            self.run_all();
            self.book(self.drafts.len() - 1);
            self.run_all();
        }
        let steps = self.scene.between(100, 220);
        for _ in 0..steps {
            self.next();
            if self.scene.broken().is_some() {
                return;
            }
        }
        self.calm();
        if self.scene.broken().is_none() {
            checks::at_the_end(self);
        }
    }

    fn next(&mut self) {
        if self.scene.chance(60) && self.race() {
            return;
        }
        if self.scene.chance(25) && self.look_too_early() {
            return;
        }
        let go_on = self.under_way() > 0 && self.scene.chance(50);
        if go_on || self.under_way() >= AT_ONCE {
            let index = self.scene.below(self.under_way());
            let effects = 1 + self.scene.below(MOST_EFFECTS);
            return self.step_often(index, effects);
        }
        match self.scene.below(100) {
            0..2 => self.quote(),
            8..13 if self.wants_more => self.buy_something_else(),
            2..10 => self.buy(),
            10..13 => self.wait_for_one(),
            13..17 => self.confirm(),
            17..23 => self.ask_for_an_order(),
            23..25 => self.top_up(),
            25..48 => self.take_up_due(),
            48..50 => self.look_who_waits(),
            50..58 => self.poll(),
            58..62 => self.bring(),
            62..67 => self.read_upstream(),
            67..81 => self.let_time_pass(),
            81..89 => self.upstream_acts(),
            89..91 => self.somebody_else_acts(),
            91 => self.rule(),
            92 => self.tidy(),
            93 => self.block_or_come_back(),
            94..96 => checks::at_any_time(self),
            96..98 => self.restart(),
            _ => self.upstream_changes(),
        }
    }

    /// An SMS comes while a number is given back: polling sees it before the cancellation is
    /// written down, and tells it after.
    fn race(&mut self) -> bool {
        let Some((index, number, cancelling)) = self.cancelled_just_now() else {
            return false;
        };
        if self.is_busy(What::Poll(index)) {
            return false;
        }
        self.liars[index].receive_late(number);
        self.begin_poll(index);
        let place = format!("after {}.status {number}", self.sellers[index].id());
        self.run_until(self.last_begun(), &place);
        self.run_until(cancelling, "");
        true
    }

    /// The balance is read while it may not show yet what happened just now.
    fn look_too_early(&mut self) -> bool {
        let late = (0..self.liars.len()).find(|index| self.liars[*index].is_late());
        let Some(index) = late else {
            return false;
        };
        self.look_twice(index);
        true
    }

    /// What is said twice in a row may be equally old.
    fn look_twice(&mut self, index: usize) {
        for _ in 0..2 {
            self.reconcile(index);
            self.run_until(self.last_begun(), "");
            self.advance(TimeDelta::seconds(self.scene.between(1, 10)));
        }
    }

    /// Somebody who can write to us.
    pub(crate) fn user(&self) -> UserId {
        let here = USERS.into_iter();
        let here: Vec<_> = here
            .filter(|user| !self.postman.is_blocked(*user))
            .collect();
        *self.scene.one_of(&here).unwrap_or(&USERS[0])
    }

    /// Something that is sold, or was.
    pub(crate) fn choice(&self) -> Option<(&'static str, Choice)> {
        let name = SERVICES[self.scene.below(SERVICES.len())];
        let choice = Choice {
            service: *self.services.get(name)?,
            country: "ID".to_owned(),
            operator: None,
            server: None,
        };
        Some((name, choice))
    }

    fn quote(&mut self) {
        let user = self.user();
        let Some((name, choice)) = self.choice() else {
            return;
        };
        let words = format!("user {user} looks at {name}");
        self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
            quoted(user, shop.quote(user, choice).await)
        });
    }

    /// A user looks and confirms at once.
    fn buy(&mut self) {
        self.quote();
        self.confirm_last();
    }

    /// Confirms what was looked at just now.
    pub(crate) fn confirm_last(&mut self) {
        self.run_until(self.last_begun(), "");
        if let Some(last) = self.quotes.len().checked_sub(1) {
            self.confirm_quote(last);
        }
    }

    /// A tap on one of the last Confirm buttons, pressed before or not.
    fn confirm(&mut self) {
        let recent = self.quotes.len().saturating_sub(4)..self.quotes.len();
        if recent.is_empty() {
            return;
        }
        let index = recent.start + self.scene.below(recent.len());
        self.confirm_quote(index);
    }

    fn confirm_quote(&mut self, index: usize) {
        // One tap can arrive twice.
        for _ in 0..1 + usize::from(self.scene.chance(25)) {
            let quote = self.quotes[index].clone();
            let words = format!("user {} confirms quote {index}", quote.user);
            self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
                let made = shop.confirm(quote.user, &quote.nonce, CARD).await;
                tapped(made, |made| {
                    Outcome::Fine(format!("order {}, new: {}", made.order.id, made.is_new))
                })
            });
        }
    }

    /// Cancel, another SMS, or done.
    fn ask_for_an_order(&mut self) {
        let orders = self.orders();
        let open: Vec<_> = orders
            .iter()
            .filter(|row| !row.order_state().unwrap().is_final() || self.scene.chance(20))
            .collect();
        let Some(row) = self.scene.one_of(&open) else {
            return;
        };
        let (user, id) = (row.user(), row.order_id());
        match self.scene.below(5) {
            0..3 => {
                for _ in 0..1 + usize::from(self.scene.chance(25)) {
                    let words = format!("user {user} cancels order {id}");
                    self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
                        tapped(shop.cancel(user, id).await, |outcome| {
                            Outcome::Fine(format!("{outcome:?}"))
                        })
                    });
                }
            }
            3 => {
                let words = format!("user {user} wants another SMS for order {id}");
                self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
                    tapped(shop.resend(user, id).await, |()| {
                        Outcome::Fine("asked".to_owned())
                    })
                });
            }
            _ => {
                let words = format!("user {user} is done with order {id}");
                self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
                    tapped(shop.finish(user, id).await, |()| {
                        Outcome::Fine("closed".to_owned())
                    })
                });
            }
        }
    }

    fn due_orders(&self, limit: usize) -> Vec<OrderId> {
        let busy: Vec<OrderId> = self.busy().filter_map(What::order).collect();
        let due = self.process().shop.due_orders(&busy, limit);
        self.runtime.block_on(due).unwrap().now
    }

    fn take_up_due(&mut self) {
        for id in self.due_orders(2) {
            self.act(id);
        }
    }

    fn act(&mut self, id: OrderId) {
        let words = format!("order {id} is taken up");
        self.begin(What::Order(id), &words, async move |shop: Arc<Shop>| {
            worked(shop.act(id).await)
        });
    }

    fn poll(&mut self) {
        let index = self.scene.below(self.sellers.len());
        let seller = &self.sellers[index];
        let liar = self.index_of(seller.id().as_str());
        let has_open = liar.is_some_and(|liar| self.liars[liar].has_open(seller.product()));
        if has_open && !self.is_busy(What::Poll(index)) {
            self.begin_poll(index);
        }
    }

    fn bring(&mut self) {
        self.bring_due(2);
    }

    /// Takes up notices that are due; how many.
    fn bring_due(&mut self, limit: u64) -> usize {
        let busy: Vec<i64> = self.busy().filter_map(What::notice).collect();
        let due = self.process().shop.due_notices(busy, limit);
        let due = self.runtime.block_on(due).unwrap();
        let count = due.len();
        for notice in due {
            let postman = Arc::clone(&self.postman) as Arc<dyn Courier>;
            let words = format!("notice {} is taken up", notice.id());
            let what = What::Notice(notice.id());
            self.begin(what, &words, async move |shop: Arc<Shop>| {
                worked(shop.bring(&notice, postman.as_ref()).await.map(drop))
            });
        }
        count
    }

    fn read_upstream(&mut self) {
        let index = self.scene.below(self.sellers.len());
        match self.scene.below(10) {
            0..4 => self.read_catalogue(index),
            4..7 => self.reconcile(index),
            _ => self.look_twice(index),
        }
    }

    fn reconcile(&mut self, index: usize) {
        let seller = Arc::clone(&self.sellers[index]);
        let words = format!("reconcile with {}", seller.id());
        let what = What::Reconciling(index);
        if !self.is_busy(what) {
            self.begin(what, &words, async move |shop: Arc<Shop>| {
                worked(shop.reconcile(seller.as_ref()).await)
            });
        }
    }

    pub(crate) fn read_catalogue(&mut self, index: usize) {
        let seller = Arc::clone(&self.sellers[index]);
        // Two readings of catalogues wait for each other, which nobody would end here.
        if !self.is_busy(What::Catalogue) {
            let words = format!("read what {} sells", seller.id());
            self.begin(
                What::Catalogue,
                &words,
                async move |shop: Arc<Shop>| match shop.refresh(seller.as_ref()).await {
                    Ok(_) => Outcome::Fine("read".to_owned()),
                    Err(error) => Outcome::Fine(format!("not read: {error}")),
                },
            );
        }
    }

    fn let_time_pass(&mut self) {
        let seconds = match self.scene.below(20) {
            0..13 => self.scene.between(1, 15),
            13..18 => self.scene.between(16, 90),
            18 => self.scene.between(91, 700),
            _ => self.scene.between(701, 4_000),
        };
        self.advance(TimeDelta::seconds(seconds));
    }

    fn upstream_acts(&mut self) {
        let liar = &self.liars[self.scene.below(self.liars.len())];
        match self.scene.below(10) {
            0..8 => liar.receive_sms(),
            8 => liar.close_one(),
            _ => liar.fall_over(),
        }
    }

    /// Prices move or stock does, and we read of it.
    fn upstream_changes(&mut self) {
        let index = self.scene.below(self.liars.len());
        if self.scene.chance(40) {
            self.liars[index].move_price();
        } else {
            self.liars[index].change_stock();
        }
        self.read_catalogue(index);
    }

    fn tidy(&mut self) {
        if !self.is_busy(What::Tidying) {
            self.begin(What::Tidying, "tidy up", async move |shop: Arc<Shop>| {
                worked(shop.tidy().await)
            });
        }
    }

    fn restart(&mut self) {
        self.scene.note("the process dies".to_owned());
        self.restarts += 1;
        self.kill();
        if self.scene.chance(30) {
            self.let_time_pass();
        }
        self.start();
    }

    /// All orders, straight from the database.
    pub(crate) fn orders(&self) -> Vec<orders::Model> {
        let all = sealed::all(orders::Entity::find(), self.process().store.read());
        self.runtime.block_on(all).unwrap()
    }

    /// No more faults: everything that is promised comes true.
    fn calm(&mut self) {
        self.scene.note("all is calm from here on".to_owned());
        self.scene.calm_down();
        self.run_all();
        for liar in self.liars.clone() {
            liar.receive_sms();
        }
        let letters = checks::letters_to_come(self);
        let awaited = checks::codes_to_come(self);
        for _ in 0..CODES_WITHIN_S / ROUND_S {
            if checks::have_codes_come(self, &awaited) {
                break;
            }
            self.advance(TimeDelta::seconds(ROUND_S));
            self.round();
        }
        checks::codes_came(self, &awaited);
        self.serve_who_waits();
        self.round();
        for turn in 0.. {
            if self.scene.broken().is_some() {
                return;
            }
            if turn > 100 {
                let detail = "not after a hundred rounds of calm";
                return self.scene.breaks("every order ends", detail);
            }
            let shop = Arc::clone(&self.process().shop);
            let (order, notice) = self.runtime.block_on(async {
                let order = shop.due_orders(&[], 0).await.unwrap().next_in;
                (order, shop.next_notice_in().await.unwrap())
            });
            let Some(next) = order.into_iter().chain(notice).min() else {
                break;
            };
            // Nothing else is due before; only who waits for a number waits for a day.
            let seconds = next.num_seconds().clamp(1, LONGEST_SLEEP_S);
            self.advance(TimeDelta::seconds(seconds));
            self.round();
        }
        checks::letters_came(self, &letters);
        // A difference counts when it is read twice, and what came of it is told.
        for _ in 0..4 {
            self.advance(TimeDelta::seconds(60));
            self.round();
        }
        if checks::has_suspense(self) {
            // Numbers that are so old come back no more.
            self.advance(TimeDelta::hours(2));
            for _ in 0..4 {
                self.advance(TimeDelta::seconds(60));
                self.round();
            }
        }
    }

    /// What the workers do in a moment without faults, one after the other.
    pub(crate) fn round(&mut self) {
        let orders = self.orders();
        for index in 0..self.sellers.len() {
            let provider = self.sellers[index].id().as_str();
            let is_there = |row: &&orders::Model| row.provider.as_deref() == Some(provider);
            let mut there = orders.iter().filter(is_there);
            if there.any(|row| !row.order_state().unwrap().is_final()) {
                self.begin_poll(index);
                self.run_all();
            }
        }
        if self.scene.now_ms() - self.reconciled_ms >= RECONCILE_EVERY_MS {
            self.reconciled_ms = self.scene.now_ms();
            for index in 0..self.sellers.len() {
                self.reconcile(index);
                self.run_all();
            }
        }
        let mut taken = 0;
        loop {
            let due = self.due_orders(8);
            taken += due.len();
            if due.is_empty() || self.scene.broken().is_some() {
                break;
            }
            if taken > 200 {
                let detail = format!("order {} stays due", due[0]);
                return self.scene.breaks("what is due is done", detail);
            }
            for id in due {
                self.act(id);
                self.run_all();
            }
        }
        while self.scene.broken().is_none() && self.bring_due(16) > 0 {
            self.run_all();
        }
        let now_ms = self.scene.now_ms();
        for row in self.orders() {
            let is_held = row.order_state().unwrap().holds_money();
            if is_held && row.deadline_at_ms + SLACK_MS < now_ms {
                let detail = format!("order {} is still {}", row.id, row.state);
                self.scene.breaks("the deadline is kept", detail);
            }
        }
    }
}
