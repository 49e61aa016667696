//! Admins: they top wallets up, and they rule on what is in doubt, by what they see on the
//! upstream's own pages. They rule rightly, and often two of them at once.

use std::sync::Arc;

use numshop::domain::id::{OrderId, UserId};
use numshop::domain::product::Product;
use numshop::shop::Shop;
use numshop::shop::doubts::{DoubtView, Ruling, UnprovenView};
use numshop::shop::float::FloatGap;

use crate::checks::Ownership;
use crate::upstream::sold::{Truth, number, upstream_id};
use crate::world::{ADMIN, Outcome, What, World, tapped};

/// What an admin decides.
#[derive(Clone, Debug)]
enum Verdict {
    /// By a button.
    Ruling(OrderId, Ruling),
    /// This was bought for it.
    Bought(OrderId, Product, u64),
    /// The books take a difference over.
    Accept(FloatGap),
}

impl World {
    pub(crate) fn top_up(&mut self) {
        if self.scene.chance(40) {
            let user = self.user();
            return self.draft(user);
        }
        if let Some(last) = self.drafts.len().checked_sub(1) {
            let index = last.saturating_sub(self.scene.below(3));
            self.book(index);
        }
    }

    /// An amount tells the draft.
    pub(crate) fn draft(&mut self, user: UserId) {
        let amount = 30_000 + self.scene.between(0, 9_999);
        let words = format!("the admin drafts {amount} for user {user}");
        self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
            let (target, text) = (user.to_string(), amount.to_string());
            let drafted = shop.draft_topup(ADMIN, &target, &text, None).await;
            tapped(drafted, |draft| Outcome::Drafted(draft.nonce, amount))
        });
    }

    pub(crate) fn book(&mut self, index: usize) {
        let draft = &mut self.drafts[index];
        draft.is_tried = true;
        let nonce = draft.nonce.clone();
        let words = format!("the admin books {}", draft.amount);
        self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
            tapped(shop.book_topup(ADMIN, &nonce).await, |_| {
                Outcome::Booked(index)
            })
        });
    }

    /// An admin looks at what is in doubt and rules, perhaps twice.
    pub(crate) fn rule(&mut self) {
        let verdicts = self.verdicts();
        let Some(verdict) = self.scene.one_of(&verdicts).cloned() else {
            return;
        };
        for _ in 0..1 + usize::from(self.scene.chance(50)) {
            let verdict = verdict.clone();
            let words = format!("the admin rules: {verdict:?}");
            self.begin(What::Tap, &words, async move |shop: Arc<Shop>| {
                let ruled = match verdict {
                    Verdict::Ruling(order, ruling) => shop.rule(ADMIN, order, ruling).await,
                    Verdict::Bought(order, product, id) => {
                        let (upstream_id, number) = (upstream_id(product, id), number(product, id));
                        shop.rule_bought(ADMIN, order, upstream_id, number).await
                    }
                    Verdict::Accept(gap) => match shop.draft_float(ADMIN, &gap).await {
                        Ok(nonce) => shop.accept_float(ADMIN, &nonce).await.map(|()| true),
                        Err(error) => Err(error),
                    },
                };
                tapped(ruled, |done| Outcome::Fine(format!("ruled: {done}")))
            });
        }
    }

    /// What can be ruled on now, and rightly.
    fn verdicts(&self) -> Vec<Verdict> {
        let board = self.process().shop.doubt_board();
        let board = self.runtime.block_on(board).unwrap();
        let ownership = Ownership::read(self);
        let doubts = board.doubts.iter();
        let doubts = doubts.filter_map(|doubt| self.verdict_on_doubt(&ownership, doubt));
        let unproven = board.unproven.iter();
        let unproven = unproven.filter_map(|it| self.verdict_on_unproven(&ownership, it));
        let gaps = board.gaps.into_iter();
        let gaps = gaps.filter(|gap| self.is_true(gap)).map(Verdict::Accept);
        doubts.chain(unproven).chain(gaps).collect()
    }

    /// A number of the service that nobody has belongs to the order; without one, nothing was
    /// bought.
    fn verdict_on_doubt(&self, ownership: &Ownership, doubt: &DoubtView) -> Option<Verdict> {
        if self.is_renewal(doubt.order) {
            return None;
        }
        let index = self.index_of(doubt.provider.as_str())?;
        let truth = self.liars[index].truth();
        let mut free = ownership
            .strays(index, &truth)
            .filter(|(_, sold)| sold.service == doubt.service && !sold.is_foreign());
        match free.next() {
            None => Some(Verdict::Ruling(doubt.order, Ruling::NotBought)),
            Some((id, sold)) if sold.truth == Truth::Open => {
                Some(Verdict::Bought(doubt.order, sold.product, *id))
            }
            Some(_) => None,
        }
    }

    /// What became of the one number that was not proven. Of several of the same cost the books
    /// may mean another one, and then a gap tells; so admins leave these alone.
    fn verdict_on_unproven(&self, ownership: &Ownership, it: &UnprovenView) -> Option<Verdict> {
        let index = self.index_of(it.provider.as_str())?;
        let is_plain = ownership.is_the_only_unproven(self, it) && !self.is_renewal(it.order);
        if self.liars[index].is_shared() || !is_plain {
            return None;
        }
        let truth = self.liars[index].truth();
        let mut strays = ownership.strays(index, &truth);
        let sold = strays.find(|(_, sold)| ownership.owner(index, &truth, sold) == it.order.0);
        let ruling = match sold.map(|(_, sold)| sold.truth) {
            None | Some(Truth::Cancelled) => Ruling::NotBought,
            Some(Truth::Finished) => Ruling::Lost,
            Some(Truth::Open) => return None,
        };
        Some(Verdict::Ruling(it.order, ruling))
    }

    /// Whether an order is for more time, which is no number of its own.
    fn is_renewal(&self, order: OrderId) -> bool {
        let orders = self.orders();
        let mut orders = orders.iter();
        orders.any(|row| row.order_id() == order && row.product().unwrap() == Product::Renewal)
    }

    /// Whether a difference is what a stranger's doing left.
    fn is_true(&self, gap: &FloatGap) -> bool {
        let Some(index) = self.index_of(gap.provider.as_str()) else {
            return false;
        };
        let liar = &self.liars[index];
        liar.is_shared() && self.offset(index).is_some_and(|it| it.seen == it.truth)
    }
}
