//! An upstream that does what a test says, call by call.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use numshop::domain::id::{ProviderId, UpstreamId};
use numshop::provider::{
    Activation, ActivationState, Assortment, Bought, CancelAnswer, Capabilities, Cost, Listing,
    Provider, ProviderError, Purchase, PurchaseAnswer, UpstreamCountry,
};
use rust_decimal::Decimal;
use tokio::sync::{Notify, watch};

/// What the next purchase call does.
pub(crate) enum Buy {
    Sell,
    Reject(ProviderError),
    NotSent,
    /// The answer is lost; whether it sold is known upstream only.
    Lose {
        sold: bool,
    },
    /// Sells, and gives this for the order's id.
    Misname(String),
    Panic,
    /// Waits until released, then does the other.
    Wait(Arc<Notify>, Box<Buy>),
}

/// An order as the upstream keeps it.
#[derive(Clone)]
struct Sold {
    state: ActivationState,
    sms: Option<String>,
    service_name: String,
    cost: Decimal,
    resends: u32,
    finished: bool,
}

/// What it says about one country: what it sells there, or why it does not say.
type Say = Result<Vec<Listing>, ProviderError>;

struct Script {
    listings: Vec<Listing>,
    /// Countries besides Indonesia: code → name and what is said about it.
    abroad: BTreeMap<String, (String, Say)>,
    /// How many countries are being read, and how many were at the most.
    readers: (usize, usize),
    operators: Vec<String>,
    buys: VecDeque<Buy>,
    cancels: VecDeque<Result<CancelAnswer, ProviderError>>,
    purchases: u32,
    cancel_calls: u32,
    asked: u32,
    sold: BTreeMap<u32, Sold>,
    down: bool,
    panics: bool,
    lists: bool,
    /// Orders that its list leaves out.
    hidden: BTreeSet<u32>,
    /// What was paid in, where it tells its balance.
    paid_in: Option<Decimal>,
    /// How many orders its list holds at the most.
    longest_list: usize,
}

/// An upstream that follows a script.
pub(crate) struct Upstream {
    id: ProviderId,
    script: Mutex<Script>,
    /// Whether it takes every question about orders and answers none.
    hangs: watch::Sender<bool>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.id)
    }
}

pub(crate) fn listing(name: &str, cost: i64, stock: Option<u64>) -> Listing {
    listing_in("IDR", name, cost, stock)
}

/// The same in another currency.
pub(crate) fn listing_in(currency: &str, name: &str, cost: i64, stock: Option<u64>) -> Listing {
    Listing {
        service_code: format!("code-{name}"),
        service_name: name.to_owned(),
        cost: Cost {
            amount: cost.into(),
            currency: currency.to_owned(),
        },
        stock,
    }
}

impl Upstream {
    pub(crate) fn new(id: &str, listings: Vec<Listing>) -> Arc<Self> {
        Arc::new(Self {
            id: id.into(),
            script: Mutex::new(Script {
                listings,
                abroad: BTreeMap::new(),
                readers: (0, 0),
                operators: Vec::new(),
                buys: VecDeque::new(),
                cancels: VecDeque::new(),
                purchases: 0,
                cancel_calls: 0,
                asked: 0,
                sold: BTreeMap::new(),
                down: false,
                panics: false,
                lists: true,
                hidden: BTreeSet::new(),
                paid_in: None,
                longest_list: usize::MAX,
            }),
            hangs: watch::Sender::new(false),
        })
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    pub(crate) fn next(&self, buy: Buy) {
        self.script().buys.push_back(buy);
    }

    pub(crate) fn next_cancel(&self, answer: Result<CancelAnswer, ProviderError>) {
        self.script().cancels.push_back(answer);
    }

    pub(crate) fn sells(&self, listings: Vec<Listing>) {
        self.script().listings = listings;
    }

    /// What it says of a country besides Indonesia from now on.
    pub(crate) fn says_of(&self, code: &str, name: &str, say: Say) {
        let say = (name.to_owned(), say);
        self.script().abroad.insert(code.to_owned(), say);
    }

    /// How many of its countries were ever read at the same time.
    pub(crate) fn most_readers(&self) -> usize {
        self.script().readers.1
    }

    pub(crate) fn has_operators(&self, operators: &[&str]) {
        self.script().operators = operators.iter().map(|&name| name.to_owned()).collect();
    }

    pub(crate) fn has_no_list(&self) {
        self.script().lists = false;
    }

    /// Leaves an order out of its list, or no longer.
    pub(crate) fn hides(&self, order: u32, hidden: bool) {
        let set = &mut self.script().hidden;
        if hidden {
            set.insert(order);
        } else {
            set.remove(&order);
        }
    }

    /// Tells its balance from now on: so much was paid in, less what was sold and not closed.
    pub(crate) fn was_paid_in(&self, amount: i64) {
        self.script().paid_in = Some(amount.into());
    }

    /// Knows nothing of an order any more.
    pub(crate) fn forgets(&self, order: u32) {
        self.script().sold.remove(&order);
    }

    pub(crate) fn is_open(&self, order: u32) -> bool {
        self.script().sold[&order].state == ActivationState::Waiting
    }

    /// Its list shows its oldest orders only, no more than so many.
    pub(crate) fn lists_at_most(&self, orders: usize) {
        self.script().longest_list = orders;
    }

    pub(crate) fn is_down(&self, down: bool) {
        self.script().down = down;
    }

    /// Takes every question about orders and answers none, until it no longer does.
    pub(crate) fn hangs(&self, hangs: bool) {
        self.hangs.send_replace(hangs);
    }

    /// How many questions wait for an answer.
    pub(crate) fn hanging(&self) -> usize {
        self.hangs.receiver_count()
    }

    async fn until_it_answers(&self) {
        let mut hangs = self.hangs.subscribe();
        hangs.wait_for(|hangs| !hangs).await.unwrap();
    }

    /// Every question about an order panics.
    pub(crate) fn panics(&self, panics: bool) {
        self.script().panics = panics;
    }

    pub(crate) fn purchases(&self) -> u32 {
        self.script().purchases
    }

    pub(crate) fn cancel_calls(&self) -> u32 {
        self.script().cancel_calls
    }

    /// How often it was asked about orders.
    pub(crate) fn asked(&self) -> u32 {
        self.script().asked
    }

    pub(crate) fn deliver(&self, order: u32, text: &str) {
        let mut script = self.script();
        let sold = script.sold.get_mut(&order).unwrap();
        sold.sms = Some(text.to_owned());
        sold.state = ActivationState::Received;
    }

    pub(crate) fn close(&self, order: u32) {
        self.script().sold.get_mut(&order).unwrap().state = ActivationState::Cancelled;
    }

    pub(crate) fn resends(&self, order: u32) -> u32 {
        self.script().sold[&order].resends
    }

    pub(crate) fn is_finished(&self, order: u32) -> bool {
        self.script().sold[&order].finished
    }

    pub(crate) fn seen(&self, order: u32) -> Activation {
        let script = self.script();
        let sold = &script.sold[&order];
        Activation {
            upstream_id: UpstreamId(order.to_string()),
            state: sold.state.clone(),
            number: Some(format!("62800000{order:04}")),
            sms: sold.sms.clone(),
            service_name: Some(sold.service_name.clone()),
            others: Vec::new(),
            ends: None,
        }
    }

    /// Something that was bought past us.
    pub(crate) fn sell_elsewhere(&self, service: &str) -> u32 {
        self.sell(service)
    }

    fn sell(&self, service: &str) -> u32 {
        let mut script = self.script();
        let order = u32::try_from(script.sold.len()).unwrap() + 1;
        let listed = script
            .listings
            .iter()
            .find(|listing| listing.service_name == service);
        let cost = listed.map_or(Decimal::ZERO, |listing| listing.cost.amount);
        let sold = Sold {
            state: ActivationState::Waiting,
            sms: None,
            service_name: service.to_owned(),
            cost,
            resends: 0,
            finished: false,
        };
        script.sold.insert(order, sold);
        order
    }

    fn ask(&self, id: &UpstreamId) -> Result<u32, ProviderError> {
        self.script().asked += 1;
        let panics = self.script().panics;
        let down = self.script().down;
        assert!(!panics, "this panic belongs to a test");
        if down {
            return Err(ProviderError::Unavailable("502".to_owned()));
        }
        let order = id.as_str().parse().unwrap();
        if self.script().sold.contains_key(&order) {
            Ok(order)
        } else {
            Err(ProviderError::NotFound("order".to_owned()))
        }
    }

    fn answer(&self, buy: Buy, purchase: &Purchase) -> PurchaseAnswer {
        let service = purchase.service_code.strip_prefix("code-").unwrap();
        let lost = || PurchaseAnswer::Ambiguous(ProviderError::Ambiguous("reset".to_owned()));
        match buy {
            Buy::Sell => {
                let order = self.sell(service);
                sold(order, order.to_string())
            }
            Buy::Misname(id) => sold(self.sell(service), id),
            Buy::Reject(error) => PurchaseAnswer::Rejected(error),
            Buy::NotSent => {
                PurchaseAnswer::NotSent(ProviderError::Unavailable("refused".to_owned()))
            }
            Buy::Lose { sold } => {
                if sold {
                    self.sell(service);
                }
                lost()
            }
            Buy::Panic | Buy::Wait(..) => panic!("this panic belongs to a test"),
        }
    }
}

fn sold(order: u32, id: String) -> PurchaseAnswer {
    PurchaseAnswer::Bought(Bought {
        upstream_id: UpstreamId(id),
        number: format!("62800000{order:04}"),
        cost: None,
        ends: None,
    })
}

#[async_trait]
impl Provider for Upstream {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        let script = self.script();
        Capabilities {
            batch_poll: script.lists,
            resend: true,
            finish: true,
            balance: script.paid_in.is_some(),
            cancel_after: Duration::from_secs(60),
            lifetime: Duration::from_secs(1_200),
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        let script = self.script();
        let Some(paid_in) = script.paid_in else {
            return Err(ProviderError::Refused("no balance".to_owned()));
        };
        let kept = script.sold.values();
        let kept = kept.filter(|sold| sold.state != ActivationState::Cancelled);
        let spent: Decimal = kept.map(|sold| sold.cost).sum();
        Ok(Cost {
            amount: paid_in - spent,
            currency: "IDR".to_owned(),
        })
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let country = |code: &str, name: &str| UpstreamCountry {
            code: code.to_owned(),
            name: name.to_owned(),
        };
        let script = self.script();
        let abroad = script.abroad.iter();
        let abroad = abroad.map(|(code, (name, _))| country(code, name));
        Ok([country("6", "Indonesia")]
            .into_iter()
            .chain(abroad)
            .collect())
    }

    async fn assortment(&self, code: &str) -> Result<Assortment, ProviderError> {
        {
            let (now, most) = &mut self.script().readers;
            *now += 1;
            *most = (*most).max(*now);
        }
        // Whoever else may read is let in before this one is done.
        tokio::task::yield_now().await;
        let mut script = self.script();
        script.readers.0 -= 1;
        let listings = match script.abroad.get(code) {
            Some((_, say)) => say.clone()?,
            None => script.listings.clone(),
        };
        Ok(Assortment {
            operators: script.operators.clone(),
            listings,
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        self.script().purchases += 1;
        self.until_it_answers().await;
        let mut next = self.script().buys.pop_front().unwrap_or(Buy::Sell);
        while let Buy::Wait(released, then) = next {
            released.notified().await;
            next = *then;
        }
        self.answer(next, purchase)
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        self.until_it_answers().await;
        Ok(self.seen(self.ask(id)?))
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        self.script().asked += 1;
        self.until_it_answers().await;
        if self.script().down {
            return Err(ProviderError::Unavailable("502".to_owned()));
        }
        if !self.script().lists {
            return Ok(None);
        }
        let hidden = self.script().hidden.clone();
        let longest = self.script().longest_list;
        let open: Vec<u32> = self
            .script()
            .sold
            .iter()
            .filter(|(_, sold)| {
                matches!(
                    sold.state,
                    ActivationState::Waiting | ActivationState::Received
                )
            })
            .map(|(order, _)| *order)
            .filter(|order| !hidden.contains(order))
            .take(longest)
            .collect();
        Ok(Some(
            open.into_iter().map(|order| self.seen(order)).collect(),
        ))
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        self.script().cancel_calls += 1;
        self.until_it_answers().await;
        let order = self.ask(id)?;
        let answer = self.script().cancels.pop_front();
        let answer = answer.unwrap_or(Ok(CancelAnswer::Cancelled));
        if matches!(answer, Ok(CancelAnswer::Cancelled)) {
            self.close(order);
        }
        answer
    }

    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let order = self.ask(id)?;
        self.script().sold.get_mut(&order).unwrap().resends += 1;
        Ok(())
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let order = self.ask(id)?;
        self.script().sold.get_mut(&order).unwrap().finished = true;
        Ok(())
    }
}
