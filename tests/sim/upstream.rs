//! An upstream that lies, loses answers and keeps an honest book beside it. It sells numbers for one
//! code, and some sell mailboxes and rent numbers out from the same account.

pub(crate) mod counters;
pub(crate) mod seller;
pub(crate) mod sold;
pub(crate) mod strangers;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use numshop::domain::id::{ProviderId, UpstreamId};
use numshop::domain::product::Product;
use numshop::provider::{
    Activation, ActivationState, Cost, ProviderError, Purchase, PurchaseAnswer,
};
use rust_decimal::Decimal;

use self::sold::{Sold, Truth, Ware, a_number, close, number};
use crate::baton::{self, pause};
use crate::scene::Scene;

const LIFETIME_S: i64 = 1_200;
const CANCEL_AFTER_S: i64 = 60;
/// Mailboxes that nobody closes end so late.
const MAILBOX_LIFETIME_S: i64 = 7_200;
/// The list shows a number so many seconds after it was sold at the latest.
const LONGEST_LAG_S: i64 = 60;
pub(crate) const FUNDS: i64 = 1_000_000;
/// For whom a number was sold that the shop did not ask for.
pub(crate) const STRANGER: i64 = 0;

/// A purchase call, and whether its caller heard that nothing was bought.
struct Call {
    order: i64,
    refused: bool,
}

#[derive(Default)]
struct Book {
    listings: BTreeMap<String, i64>,
    /// What it asks for mailboxes and rentals.
    shelf: BTreeMap<String, i64>,
    sold: BTreeMap<u64, Sold>,
    calls: Vec<Call>,
    codes: u32,
    down_until_ms: i64,
    /// What is out of stock.
    sold_out: BTreeSet<String>,
    /// What the operator paid in, and when.
    paid_in: Vec<(i64, Decimal)>,
}

/// How bad a play's upstream is, in percent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Temper {
    /// Calls without an answer.
    pub(crate) silent: u32,
    /// Purchases without an answer.
    pub(crate) loses: u32,
    /// Answers that are not true, or not yet.
    pub(crate) lies: u32,
    /// Its list shows so many of the newest orders only.
    pub(crate) shows: Option<usize>,
    /// The balance that it tells may be as old as this.
    pub(crate) lag_s: i64,
    /// Whether somebody else buys with the same key, and pays in.
    pub(crate) is_shared: bool,
}

/// An upstream of a play.
pub(crate) struct Liar {
    id: ProviderId,
    lists: bool,
    scene: Arc<Scene>,
    temper: Temper,
    book: Mutex<Book>,
}

impl std::fmt::Debug for Liar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Liar({})", self.id)
    }
}

/// What goes wrong with one call.
enum Trouble {
    /// It is answered.
    None,
    /// It never arrived.
    Before(ProviderError),
    /// It was done, and the answer was lost.
    After(ProviderError),
}

impl Liar {
    pub(crate) fn new(
        id: &str,
        lists: bool,
        listings: &[(&str, i64)],
        shelf: &[(&str, i64)],
        temper: Temper,
        scene: Arc<Scene>,
    ) -> Arc<Self> {
        let priced = |all: &[(&str, i64)]| -> BTreeMap<String, i64> {
            let all = all.iter();
            all.map(|(name, cost)| ((*name).to_owned(), *cost))
                .collect()
        };
        Arc::new(Self {
            id: id.into(),
            lists,
            scene,
            temper,
            book: Mutex::new(Book {
                listings: priced(listings),
                shelf: priced(shelf),
                ..Book::default()
            }),
        })
    }

    pub(crate) const fn id(&self) -> &ProviderId {
        &self.id
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    fn lose(&self, percent: u32) -> Trouble {
        if self.is_down() {
            return Trouble::Before(ProviderError::Unavailable("down".to_owned()));
        }
        if !self.scene.trouble(percent) {
            return Trouble::None;
        }
        let error = match self.scene.below(5) {
            0 => ProviderError::Unavailable("502".to_owned()),
            1 => ProviderError::Blocked("a page".to_owned()),
            2 => ProviderError::Protocol("half an answer".to_owned()),
            3 => ProviderError::RateLimited {
                retry_after: Some(Duration::from_secs(20)),
            },
            _ => ProviderError::Ambiguous("reset".to_owned()),
        };
        if self.scene.chance(50) {
            Trouble::Before(error)
        } else {
            Trouble::After(error)
        }
    }

    /// One call: the others may act before it arrives and before it is answered.
    async fn call<T>(
        &self,
        what: &str,
        work: impl FnOnce(&Self) -> Result<T, ProviderError> + Send,
    ) -> Result<T, ProviderError> {
        pause(|| format!("before {}.{what}", self.id));
        let trouble = self.lose(self.temper.silent);
        let (done, answer) = match trouble {
            Trouble::Before(error) => ("never arrived", Err(error)),
            Trouble::After(error) => {
                // The answer is lost, whatever it was.
                let _ = work(self);
                ("answer lost", Err(error))
            }
            Trouble::None => match work(self) {
                Ok(value) => ("answered", Ok(value)),
                Err(error) => ("refused", Err(error)),
            },
        };
        self.scene.note(format!("{}.{what}: {done}", self.id));
        pause(|| format!("after {}.{what}", self.id));
        answer
    }

    fn is_down(&self) -> bool {
        !self.scene.is_calm() && self.scene.now_ms() < self.book().down_until_ms
    }

    /// Nothing is answered for a while.
    pub(crate) fn fall_over(&self) {
        let seconds = self.scene.between(5, 240);
        self.book().down_until_ms = self.scene.now_ms() + seconds * 1_000;
        self.scene
            .note(format!("{} is down for {seconds} s", self.id));
    }

    fn listing(&self, purchase: &Purchase) -> Option<Ware> {
        let service = purchase.service_code.strip_prefix("code-")?;
        let cost = *self.book().listings.get(service)?;
        Some(a_number(service, cost))
    }

    /// Gives something to the order whose call this is.
    fn sell(&self, ware: &Ware) -> u64 {
        let for_order = baton::order().unwrap();
        let id = self.hand_over(ware, for_order);
        self.scene.note(format!(
            "{} sold {} {id} ({})",
            self.id,
            ware.product.as_str(),
            ware.service
        ));
        id
    }

    /// Gives something to somebody.
    fn hand_over(&self, ware: &Ware, for_order: i64) -> u64 {
        let now_ms = self.scene.now_ms();
        let lag_s = if self.scene.trouble(2 * self.temper.lies) {
            self.scene.between(1, LONGEST_LAG_S)
        } else {
            0
        };
        let mut book = self.book();
        let id = u64::try_from(book.sold.len()).unwrap() + 1;
        book.sold.insert(
            id,
            Sold {
                product: ware.product,
                service: ware.service.clone(),
                cost: ware.cost,
                renewals: Vec::new(),
                truth: Truth::Open,
                sms: Vec::new(),
                is_late: false,
                for_order,
                sold_at_ms: now_ms,
                listed_from_ms: now_ms + lag_s * 1_000,
                ends_at_ms: now_ms + ware.lasts_s * 1_000,
                closed_at_ms: 0,
                wants_more: false,
            },
        );
        id
    }

    /// Does a purchase, or not, and says so, or not.
    fn decide<T>(
        &self,
        ware: Option<Ware>,
        max_cost: Decimal,
        done: impl Fn(&Ware) -> T,
    ) -> PurchaseAnswer<T> {
        let lost = || PurchaseAnswer::Ambiguous(ProviderError::Ambiguous("reset".to_owned()));
        let Some(mut ware) = ware else {
            return PurchaseAnswer::Rejected(ProviderError::NotFound("service".to_owned()));
        };
        if self.book().sold_out.contains(&ware.service) {
            return PurchaseAnswer::Rejected(ProviderError::OutOfStock);
        }
        if ware.cost > max_cost {
            return PurchaseAnswer::Rejected(ProviderError::PriceRose);
        }
        // It takes what it had named: of another price in a lost answer nobody would know.
        ware.cost = max_cost;
        match self.lose(self.temper.loses) {
            Trouble::None => {}
            Trouble::Before(_) if self.scene.chance(40) => {
                return PurchaseAnswer::NotSent(ProviderError::Unavailable("refused".to_owned()));
            }
            Trouble::Before(_) => return lost(),
            Trouble::After(_) => {
                done(&ware);
                // What loses an answer is often the beginning of something worse.
                if self.scene.chance(40) {
                    self.fall_over();
                }
                // A driver that panics lost the answer, too.
                if self.scene.chance(10) {
                    resume_unwind(Box::new("a driver's panic"));
                }
                return lost();
            }
        }
        if self.scene.trouble(8) {
            let error = match self.scene.below(8) {
                0 => ProviderError::NoFunds,
                1 => ProviderError::PriceRose,
                2 | 3 => ProviderError::Refused("operator".to_owned()),
                _ => ProviderError::OutOfStock,
            };
            return PurchaseAnswer::Rejected(error);
        }
        PurchaseAnswer::Bought(done(&ware))
    }

    /// One purchase call, whatever it buys: counted, decided upon, and answered or not.
    fn asked_to_buy<T>(
        &self,
        all: &[Arc<Self>],
        what: &str,
        decided: impl FnOnce() -> PurchaseAnswer<T>,
    ) -> PurchaseAnswer<T> {
        let order = baton::order().unwrap();
        pause(|| format!("before {}.{what} for order {order}", self.id));
        self.begin_call(order, all);
        let answer = decided();
        let (word, is_refused) = match &answer {
            PurchaseAnswer::Bought(_) => ("bought", false),
            PurchaseAnswer::NotSent(_) => ("not sent", true),
            PurchaseAnswer::Rejected(_) => ("rejected", true),
            PurchaseAnswer::Ambiguous(_) => ("answer lost", false),
        };
        self.scene
            .note(format!("{}.{what} for order {order}: {word}", self.id));
        pause(|| format!("after {}.{what} for order {order}", self.id));
        if is_refused && let Some(call) = self.book().calls.iter_mut().rfind(|it| it.order == order)
        {
            call.refused = true;
        }
        answer
    }

    /// A call is sent once, and never after one whose answer was lost.
    fn begin_call(&self, order: i64, others: &[Arc<Self>]) {
        for other in others {
            if other.calls_in_doubt(order) {
                self.scene.breaks(
                    "a purchase is not sent again",
                    format!(
                        "order {order} is bought at {} after an answer was lost",
                        self.id
                    ),
                );
            }
        }
        self.book().calls.push(Call {
            order,
            refused: false,
        });
    }

    fn calls_in_doubt(&self, order: i64) -> bool {
        let book = self.book();
        book.calls
            .iter()
            .any(|call| call.order == order && !call.refused)
    }

    /// How many purchase calls came for an order.
    pub(crate) fn calls_for(&self, order: i64) -> usize {
        let book = self.book();
        book.calls.iter().filter(|call| call.order == order).count()
    }

    fn find<T>(
        &self,
        id: &UpstreamId,
        work: impl FnOnce(&mut Sold) -> T,
    ) -> Result<T, ProviderError> {
        let number = id.as_str().parse().unwrap();
        let mut book = self.book();
        let sold = book.sold.get_mut(&number);
        sold.map(work)
            .ok_or_else(|| ProviderError::NotFound("order".to_owned()))
    }

    /// The honest book.
    pub(crate) fn truth(&self) -> BTreeMap<u64, Sold> {
        self.book().sold.clone()
    }

    /// What it has of ours for numbers that it did not take back.
    pub(crate) fn kept(&self) -> Decimal {
        let book = self.book();
        let kept = book.sold.values().filter(|it| it.truth != Truth::Cancelled);
        kept.map(|sold| sold.cost_until(i64::MAX)).sum()
    }

    /// Our balance as it was then.
    pub(crate) fn balance_at(&self, at_ms: i64) -> Decimal {
        let book = self.book();
        let is_back = |it: &Sold| it.truth == Truth::Cancelled && it.closed_at_ms <= at_ms;
        let sold = book.sold.values();
        let taken = sold.filter(|it| it.sold_at_ms <= at_ms && !is_back(it));
        let taken: Decimal = taken.map(|sold| sold.cost_until(at_ms)).sum();
        let paid = book.paid_in.iter().filter(|(at, _)| *at <= at_ms);
        let paid: Decimal = paid.map(|(_, amount)| *amount).sum();
        Decimal::from(FUNDS) + paid - taken
    }

    /// Whether the balance that it tells may not show yet what happened just now.
    pub(crate) fn is_late(&self) -> bool {
        let since_ms = self.scene.now_ms() - self.temper.lag_s * 1_000;
        let book = self.book();
        let mut sold = book.sold.values();
        sold.any(|it| it.changed_since(since_ms))
    }

    /// Whether anything of a product is open.
    pub(crate) fn has_open(&self, product: Product) -> bool {
        let book = self.book();
        let mut open = book.sold.values().filter(|it| it.truth == Truth::Open);
        open.any(|it| it.product == product)
    }

    /// The time of numbers runs out.
    pub(crate) fn tick(&self) {
        let now_ms = self.scene.now_ms();
        for (id, sold) in &mut self.book().sold {
            if sold.truth == Truth::Open && sold.ends_at_ms <= now_ms {
                close(sold, now_ms);
                self.scene
                    .note(format!("{} ended number {id}: {:?}", self.id, sold.truth));
            }
        }
    }

    /// An SMS arrives for somebody.
    pub(crate) fn receive_sms(&self) {
        let mut book = self.book();
        let now_ms = self.scene.now_ms();
        let is_wanted = |sold: &Sold| match sold.truth {
            Truth::Open if sold.product == Product::Rental => self.scene.chance(50),
            Truth::Open => sold.sms.is_empty() || sold.wants_more || self.scene.chance(10),
            // Somebody sends after the end.
            Truth::Cancelled if sold.product == Product::Activation => {
                now_ms - sold.closed_at_ms < 90_000 && self.scene.trouble(15)
            }
            Truth::Cancelled | Truth::Finished => false,
        };
        let wanted: Vec<u64> = book
            .sold
            .iter()
            .filter(|(_, sold)| is_wanted(sold))
            .map(|(id, _)| *id)
            .collect();
        let Some(id) = self.scene.one_of(&wanted).copied() else {
            return;
        };
        book.codes += 1;
        let code = book.codes;
        let Some(sold) = book.sold.get_mut(&id) else {
            return;
        };
        // The same text twice is one SMS to the user.
        let again = sold.sms.last().filter(|_| self.scene.chance(20)).cloned();
        let again = again.filter(|_| sold.product != Product::Rental);
        let text = again.unwrap_or_else(|| format!("Your code is {:06}", 100_000 + code));
        sold.is_late |= sold.truth == Truth::Cancelled;
        sold.wants_more = false;
        sold.sms.push(text);
        self.scene.note(format!(
            "{}: an SMS for {} {id}, which is {:?}",
            self.id,
            sold.product.as_str(),
            sold.truth
        ));
    }

    /// An SMS comes for a number that was closed just now.
    pub(crate) fn receive_late(&self, id: u64) {
        let mut book = self.book();
        if let Some(sold) = book.sold.get_mut(&id)
            && sold.truth == Truth::Cancelled
        {
            sold.is_late = true;
            sold.sms
                .push(format!("Your late code is {:06}", 900_000 + id));
            self.scene
                .note(format!("{}: an SMS for number {id} comes late", self.id));
        }
    }

    /// The upstream closes somebody's number by itself.
    pub(crate) fn close_one(&self) {
        let mut book = self.book();
        let open: Vec<u64> = book
            .sold
            .iter()
            .filter(|(_, sold)| sold.truth == Truth::Open && sold.sms.is_empty())
            .filter(|(_, sold)| sold.product != Product::Rental)
            .map(|(id, _)| *id)
            .collect();
        let Some(id) = self.scene.one_of(&open).copied() else {
            return;
        };
        if let Some(sold) = book.sold.get_mut(&id) {
            close(sold, self.scene.now_ms());
            self.scene
                .note(format!("{} closed number {id} by itself", self.id));
        }
    }

    /// A price moves by up to a fifth.
    pub(crate) fn move_price(&self) {
        let percent = self.scene.between(80, 120);
        let mut book = self.book();
        let Book {
            listings, shelf, ..
        } = &mut *book;
        for (service, cost) in listings.iter_mut().chain(shelf) {
            *cost = (*cost * percent / 100).max(500);
            self.scene
                .note(format!("{}: {service} costs {cost}", self.id));
        }
    }

    /// What it says about a number.
    fn seen(&self, id: u64, sold: &Sold) -> Activation {
        let state = match sold.truth {
            Truth::Open if sold.sms.is_empty() => ActivationState::Waiting,
            Truth::Open => ActivationState::Received,
            Truth::Cancelled => ActivationState::Cancelled,
            Truth::Finished => ActivationState::Finished,
        };
        Activation {
            upstream_id: UpstreamId(id.to_string()),
            state,
            number: Some(number(Product::Activation, id)),
            sms: sold.sms.last().cloned(),
            service_name: Some(sold.service.clone()),
            others: Vec::new(),
            ends: None,
        }
    }
}

fn idr(amount: Decimal) -> Cost {
    Cost {
        amount,
        currency: "IDR".to_owned(),
    }
}
