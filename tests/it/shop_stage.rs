//! A shop without a bot: the real store, shop and workers over upstreams that do what a test
//! says, and a courier that remembers what it was given.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use numshop::clock::{Clock, ManualClock};
use numshop::domain::id::{OrderId, ProviderId, UpstreamId, UserId};
use numshop::domain::money::{Currency, Money};
use numshop::domain::order::OrderState;
use numshop::domain::pricing::Markup;
use numshop::provider::{
    Activation, ActivationState, Assortment, Bought, CancelAnswer, Capabilities, Cost, Listing,
    Provider, ProviderError, Purchase, PurchaseAnswer, UpstreamCountry,
};
use numshop::shop::account::Visitor;
use numshop::shop::browse::ServiceId;
use numshop::shop::buy::{CardPlace, Choice, Confirmed, Quote};
use numshop::shop::notice::{Courier, Delivery, Notice};
use numshop::shop::orders::OrderView;
use numshop::shop::{Shop, ShopError, Terms};
use numshop::store::Store;
use numshop::store::entity::{accounts, orders};
use numshop::worker::{Pace, Workers};
use sea_orm::EntityTrait;
use tokio::sync::Notify;

use crate::database::Database;
use crate::harness::eventually;

pub(crate) const SARI: UserId = UserId(1_001);
pub(crate) const ALEX: UserId = UserId(1_002);
pub(crate) const MAYA: UserId = UserId(1_003);
pub(crate) const ADAM: UserId = UserId(1_004);

/// What WhatsApp costs a user at first.
pub(crate) const PRICE: i64 = 5_000;
pub(crate) const CARD: CardPlace = CardPlace {
    chat_id: 1_001,
    message_id: 7,
};

/// What the next purchase call does.
pub(crate) enum Buy {
    Sell,
    Reject(ProviderError),
    NotSent,
    /// The answer is lost; whether it sold is known upstream only.
    Lose {
        sold: bool,
    },
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
    resends: u32,
    finished: bool,
}

struct Script {
    listings: Vec<Listing>,
    operators: Vec<String>,
    buys: VecDeque<Buy>,
    cancels: VecDeque<Result<CancelAnswer, ProviderError>>,
    purchases: u32,
    cancel_calls: u32,
    sold: BTreeMap<u32, Sold>,
    down: bool,
    panics: bool,
    lists: bool,
}

/// An upstream that follows a script.
pub(crate) struct Upstream {
    id: ProviderId,
    script: Mutex<Script>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.id)
    }
}

pub(crate) fn listing(name: &str, cost: i64, stock: Option<u64>) -> Listing {
    Listing {
        service_code: format!("code-{name}"),
        service_name: name.to_owned(),
        cost: Cost {
            amount: cost.into(),
            currency: "IDR".to_owned(),
        },
        stock,
    }
}

impl Upstream {
    fn new(id: &str, listings: Vec<Listing>) -> Arc<Self> {
        Arc::new(Self {
            id: id.into(),
            script: Mutex::new(Script {
                listings,
                operators: Vec::new(),
                buys: VecDeque::new(),
                cancels: VecDeque::new(),
                purchases: 0,
                cancel_calls: 0,
                sold: BTreeMap::new(),
                down: false,
                panics: false,
                lists: true,
            }),
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

    pub(crate) fn has_operators(&self, operators: &[&str]) {
        self.script().operators = operators.iter().map(|&name| name.to_owned()).collect();
    }

    pub(crate) fn has_no_list(&self) {
        self.script().lists = false;
    }

    pub(crate) fn is_down(&self, down: bool) {
        self.script().down = down;
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

    /// The order that was sold last.
    pub(crate) fn last(&self) -> u32 {
        *self.script().sold.last_key_value().unwrap().0
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
        }
    }

    /// Something that was bought past us.
    pub(crate) fn sell_elsewhere(&self, service: &str) -> u32 {
        self.sell(service)
    }

    fn sell(&self, service: &str) -> u32 {
        let mut script = self.script();
        let order = u32::try_from(script.sold.len()).unwrap() + 1;
        let sold = Sold {
            state: ActivationState::Waiting,
            sms: None,
            service_name: service.to_owned(),
            resends: 0,
            finished: false,
        };
        script.sold.insert(order, sold);
        order
    }

    fn ask(&self, id: &UpstreamId) -> Result<u32, ProviderError> {
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
                PurchaseAnswer::Bought(Bought {
                    upstream_id: UpstreamId(order.to_string()),
                    number: format!("62800000{order:04}"),
                    cost: None,
                })
            }
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

#[async_trait]
impl Provider for Upstream {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: self.script().lists,
            resend: true,
            finish: true,
            balance: false,
            cancel_after: Duration::from_secs(60),
            lifetime: Duration::from_secs(1_200),
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        Err(ProviderError::Refused("no balance".to_owned()))
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        Ok(vec![UpstreamCountry {
            code: "6".to_owned(),
            name: "Indonesia".to_owned(),
        }])
    }

    async fn assortment(&self, _: &str) -> Result<Assortment, ProviderError> {
        let script = self.script();
        Ok(Assortment {
            operators: script.operators.clone(),
            listings: script.listings.clone(),
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        self.script().purchases += 1;
        let mut next = self.script().buys.pop_front().unwrap_or(Buy::Sell);
        while let Buy::Wait(released, then) = next {
            released.notified().await;
            next = *then;
        }
        self.answer(next, purchase)
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        Ok(self.seen(self.ask(id)?))
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        if self.script().down {
            return Err(ProviderError::Unavailable("502".to_owned()));
        }
        if !self.script().lists {
            return Ok(None);
        }
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
            .collect();
        Ok(Some(
            open.into_iter().map(|order| self.seen(order)).collect(),
        ))
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        self.script().cancel_calls += 1;
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

/// Remembers every notice; those who blocked the bot cannot be reached.
#[derive(Default)]
pub(crate) struct Recorder {
    brought: Mutex<Vec<(UserId, Notice)>>,
    pub(crate) answers: Mutex<HashMap<UserId, Delivery>>,
}

#[async_trait]
impl Courier for Recorder {
    async fn deliver(&self, to: UserId, notice: &Notice) -> Delivery {
        self.brought.lock().unwrap().push((to, notice.clone()));
        let answers = self.answers.lock().unwrap();
        answers
            .get(&to)
            .copied()
            .unwrap_or(Delivery::Sent { card: None })
    }

    async fn redraw(&self, _: UserId, _: OrderId) {}
}

impl Recorder {
    /// How often a notice was brought.
    pub(crate) fn count(&self, to: UserId, notice: &Notice) -> usize {
        let brought = self.brought.lock().unwrap();
        brought
            .iter()
            .filter(|(user, seen)| *user == to && seen == notice)
            .count()
    }

    /// What was brought to somebody, in order.
    pub(crate) fn all(&self, to: UserId) -> Vec<Notice> {
        let brought = self.brought.lock().unwrap();
        let mine = brought.iter().filter(|(user, _)| *user == to);
        mine.map(|(_, notice)| notice.clone()).collect()
    }
}

/// The whole of it.
pub(crate) struct Stage {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) alpha: Arc<Upstream>,
    pub(crate) beta: Arc<Upstream>,
    pub(crate) courier: Arc<Recorder>,
    pub(crate) database: Database,
    running: Option<(Arc<Shop>, Workers)>,
    topped_up: Mutex<i64>,
}

impl Stage {
    /// A shop that sells what `alpha` has; Sari and Alex have 20,000 each.
    pub(crate) async fn open() -> Self {
        let alpha = Upstream::new(
            "alpha",
            vec![
                listing("WhatsApp", 4_000, Some(50)),
                listing("Telegram", 2_000, None),
                listing("Shopee", 1_000, Some(0)),
            ],
        );
        Self::over(alpha, Upstream::new("beta", Vec::new())).await
    }

    /// Both upstreams sell WhatsApp at one price; gives the one that is asked first, and the other.
    pub(crate) async fn with_two() -> (Self, Arc<Upstream>, Arc<Upstream>) {
        let alpha = Upstream::new("alpha", vec![listing("WhatsApp", 4_000, Some(5))]);
        let beta = Upstream::new("beta", vec![listing("WhatsApp", 3_990, Some(5))]);
        let stage = Self::over(alpha, beta).await;
        let catalogue = stage.shop().catalogue();
        let offers = &catalogue.halls["ID"].stands[0].offers;
        assert_eq!(offers[0].price, offers[1].price);
        let (alpha, beta) = (Arc::clone(&stage.alpha), Arc::clone(&stage.beta));
        if offers[0].provider == *alpha.id() {
            (stage, alpha, beta)
        } else {
            (stage, beta, alpha)
        }
    }

    async fn over(alpha: Arc<Upstream>, beta: Arc<Upstream>) -> Self {
        let mut stage = Self {
            clock: Arc::default(),
            alpha,
            beta,
            courier: Arc::default(),
            database: Database::fresh().await,
            running: None,
            topped_up: Mutex::new(0),
        };
        stage.start().await;
        for (id, name) in [
            (SARI, "sari"),
            (ALEX, "alex"),
            (MAYA, "maya"),
            (ADAM, "adam"),
        ] {
            let visitor = Visitor {
                id,
                first_name: name.to_uppercase(),
                username: Some(name.to_owned()),
                language_code: Some("en".to_owned()),
            };
            stage.shop().enter(&visitor).await.unwrap();
        }
        stage.topup(SARI, 20_000).await;
        stage.topup(ALEX, 20_000).await;
        stage
    }

    fn terms() -> Terms {
        Terms {
            currency: Currency::from_code("IDR").unwrap(),
            markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
            rates: BTreeMap::new(),
            admins: vec![MAYA, ADAM],
            quote_lifetime: TimeDelta::minutes(10),
            poll_interval: TimeDelta::milliseconds(20),
            doubt_deadline: TimeDelta::seconds(180),
        }
    }

    /// Starts the shop over the same database, as a new process would.
    pub(crate) async fn start(&mut self) {
        let store = Store::open(self.database.url()).await.unwrap();
        let providers: Vec<Arc<dyn Provider>> = vec![
            Arc::clone(&self.alpha) as Arc<dyn Provider>,
            Arc::clone(&self.beta) as Arc<dyn Provider>,
        ];
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let shop = Shop::open(store, providers, clock, Self::terms()).await;
        let shop = Arc::new(shop.unwrap());
        self.refresh_of(&shop).await;
        let pace = Pace {
            catalogue: Duration::from_secs(3_600),
            tick: Duration::from_secs(3_600),
        };
        let courier = Arc::clone(&self.courier) as Arc<dyn Courier>;
        let workers = Workers::start(Arc::clone(&shop), courier, pace).await;
        self.running = Some((shop, workers.unwrap()));
    }

    /// Ends everything at once, whatever is under way.
    pub(crate) async fn kill(&mut self) {
        let (shop, workers) = self.running.take().unwrap();
        workers.stop(Duration::ZERO).await;
        shop.close().await;
    }

    pub(crate) async fn restart(&mut self) {
        self.kill().await;
        self.start().await;
    }

    pub(crate) fn shop(&self) -> &Arc<Shop> {
        &self.running.as_ref().unwrap().0
    }

    /// Reads again what the upstreams sell.
    pub(crate) async fn refresh(&self) {
        self.refresh_of(self.shop()).await;
    }

    async fn refresh_of(&self, shop: &Shop) {
        for upstream in [&self.alpha, &self.beta] {
            shop.refresh(upstream.as_ref()).await.unwrap();
        }
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
        self.shop().wake().orders.notify_one();
        self.shop().wake().outbox.notify_one();
    }

    pub(crate) async fn topup(&self, user: UserId, amount: i64) {
        let draft = self
            .shop()
            .draft_topup(MAYA, &user.to_string(), &amount.to_string(), None)
            .await
            .unwrap();
        let booked = self.shop().book_topup(MAYA, &draft.nonce).await.unwrap();
        assert!(booked.is_new);
        *self.topped_up.lock().unwrap() += amount;
    }

    pub(crate) fn service(&self, name: &str) -> ServiceId {
        let found = self.shop().search("ID", name, 1);
        found.first().expect("it is sold").id
    }

    pub(crate) fn choice(&self, name: &str) -> Choice {
        Choice {
            service: self.service(name),
            country: "ID".to_owned(),
            operator: None,
        }
    }

    pub(crate) async fn quote(&self, user: UserId, name: &str) -> Quote {
        self.shop().quote(user, self.choice(name)).await.unwrap()
    }

    pub(crate) async fn confirm(
        &self,
        user: UserId,
        quote: &Quote,
    ) -> Result<Confirmed, ShopError> {
        self.shop().confirm(user, &quote.nonce, CARD).await
    }

    /// Quotes and confirms; the number comes later.
    pub(crate) async fn order(&self, user: UserId, name: &str) -> OrderId {
        let quote = self.quote(user, name).await;
        let confirmed = self.confirm(user, &quote).await.unwrap();
        assert!(confirmed.is_new);
        confirmed.order.id
    }

    /// Orders, and waits for the number.
    pub(crate) async fn buy(&self, user: UserId, name: &str) -> OrderId {
        let order = self.order(user, name).await;
        self.until(order, OrderState::Waiting).await;
        order
    }

    pub(crate) async fn row(&self, order: OrderId) -> orders::Model {
        let connection = self.database.connect().await;
        let row = orders::Entity::find_by_id(order.0)
            .one(&connection)
            .await
            .unwrap();
        sea_orm::DatabaseConnection::close(connection)
            .await
            .unwrap();
        row.unwrap()
    }

    pub(crate) async fn view(&self, order: OrderId) -> OrderView {
        for user in [SARI, ALEX, MAYA, ADAM] {
            if let Ok(view) = self.shop().order(user, order).await {
                return view;
            }
        }
        panic!("no order {order}");
    }

    pub(crate) async fn state(&self, order: OrderId) -> OrderState {
        self.view(order).await.state
    }

    pub(crate) async fn until(&self, order: OrderId, state: OrderState) {
        eventually(&format!("order {order} is {state}"), async || {
            self.state(order).await == state
        })
        .await;
    }

    pub(crate) async fn until_brought(&self, to: UserId, notice: Notice) {
        eventually(&format!("{notice:?} is brought"), async || {
            self.courier.count(to, &notice) > 0
        })
        .await;
    }

    /// Available and held.
    pub(crate) async fn wallet(&self, user: UserId) -> (i64, i64) {
        let wallet = self.shop().wallet(user, 1).await.unwrap();
        (wallet.available.as_minor(), wallet.held.as_minor())
    }

    /// Lets everything that is due be done, then checks the books.
    pub(crate) async fn finish(self) {
        eventually("no notice is under way", async || {
            self.shop()
                .due_notices(Vec::new(), 1)
                .await
                .unwrap()
                .is_empty()
        })
        .await;
        self.check_books().await;
        let (shop, workers) = self.running.unwrap();
        let failures = workers.failures();
        workers.stop(Duration::from_secs(5)).await;
        shop.close().await;
        self.database.drop().await;
        assert_eq!(failures, 0, "a worker failed");
    }

    /// The audit, and a recount by other means than its queries.
    pub(crate) async fn check_books(&self) {
        assert_eq!(self.shop().audit().await.unwrap(), []);
        let connection = self.database.connect().await;
        let accounts = accounts::Entity::find().all(&connection).await.unwrap();
        let orders = orders::Entity::find().all(&connection).await.unwrap();
        sea_orm::DatabaseConnection::close(connection)
            .await
            .unwrap();
        let sum = |wanted: &dyn Fn(&accounts::Model) -> bool| -> i64 {
            let fitting = accounts.iter().filter(|row| wanted(row));
            fitting.map(|row| row.balance).sum()
        };
        let prices = |wanted: &dyn Fn(OrderState) -> bool| -> i64 {
            let fitting = orders
                .iter()
                .filter(|row| wanted(row.state.parse().unwrap()));
            fitting.map(|row| row.price).sum()
        };
        let held = prices(&OrderState::holds_money);
        let earned = prices(&|state| matches!(state, OrderState::Received | OrderState::Completed));
        let topped_up = *self.topped_up.lock().unwrap();
        assert_eq!(sum(&|row| row.name.ends_with(":held")), held);
        assert_eq!(sum(&|row| row.name == "revenue"), earned);
        assert_eq!(sum(&|row| row.name == "clearing:manual"), -topped_up);
        let available = sum(&|row| row.name.ends_with(":available"));
        assert_eq!(available, topped_up - held - earned);
    }
}
