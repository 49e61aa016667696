//! A shop without a bot: the real store, shop and workers over upstreams that do what a test
//! says, and a courier that remembers what it was given.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use numshop::clock::{Clock, ManualClock};
use numshop::domain::best::BestBy;
use numshop::domain::id::{BroadcastId, OrderId, UserId};
use numshop::domain::money::{Currency, Money};
use numshop::domain::order::OrderState;
use numshop::domain::pricing::Markup;
use numshop::provider::Provider;
use numshop::shop::account::Visitor;
use numshop::shop::alerts::AlertTerms;
use numshop::shop::broadcast::{Copied, Original};
use numshop::shop::browse::ServiceId;
use numshop::shop::buy::{CardPlace, Choice, Confirmed, Quote};
use numshop::shop::notice::{Courier, Delivery, Notice};
use numshop::shop::orders::OrderView;
use numshop::shop::stars::{Cashier, NotNow, Returned, StarsMove};
use numshop::shop::{Shop, ShopError, Terms};
use numshop::store::Store;
use numshop::store::entity::{accounts, orders};
use numshop::worker::{Pace, Workers};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::database::Database;
use crate::harness::{eventually, market};

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

use crate::scripted::{Upstream, listing};

/// Remembers every notice; those who blocked the bot cannot be reached.
#[derive(Default)]
pub(crate) struct Recorder {
    brought: Mutex<Vec<(UserId, Notice)>>,
    pub(crate) answers: Mutex<HashMap<UserId, Delivery>>,
    panics: AtomicBool,
}

#[async_trait]
impl Courier for Recorder {
    async fn deliver(&self, to: UserId, notice: &Notice) -> Delivery {
        self.brought.lock().unwrap().push((to, notice.clone()));
        let panics = self.panics.load(Ordering::SeqCst);
        assert!(!panics, "this panic belongs to a test");
        let answers = self.answers.lock().unwrap();
        answers
            .get(&to)
            .copied()
            .unwrap_or(Delivery::Sent { card: None })
    }

    async fn redraw(&self, _: UserId, _: OrderId) {}

    async fn copy(&self, _: UserId, _: Original) -> Copied {
        Copied::DELIVERED
    }

    async fn show_broadcast(&self, _: BroadcastId) {}
}

impl Recorder {
    /// Whether it panics over everything that it is given from now on.
    pub(crate) fn panics(&self, panics: bool) {
        self.panics.store(panics, Ordering::SeqCst);
    }

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
    /// What the operator decided; a change counts from the next start.
    pub(crate) terms: Terms,
    running: Option<(Arc<Shop>, Option<Workers>)>,
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
            terms: Self::terms(),
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

    pub(crate) fn terms() -> Terms {
        Terms {
            currency: Currency::from_code("IDR").unwrap(),
            markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
            rates: BTreeMap::new(),
            owners: vec![MAYA, ADAM],
            quote_lifetime: TimeDelta::minutes(10),
            poll_interval: TimeDelta::milliseconds(20),
            doubt_deadline: TimeDelta::seconds(180),
            market: market(),
            catalogue_max_age: TimeDelta::hours(24),
            best_by: BestBy::Price,
            cancel_limit_percent: 40,
            rate_max_age: TimeDelta::days(7),
            rental_reminders_hours: vec![24, 1],
            retention_days: 7,
            referrals: None,
            backups: None,
            alerts: AlertTerms::default(),
            top_ups: numshop::shop::topup::TopUpWays::default(),
        }
    }

    /// Starts the shop over the same database, as a new process would.
    pub(crate) async fn start(&mut self) {
        let store = Store::open(self.database.url(), &crate::database::key())
            .await
            .unwrap();
        let providers: Vec<Arc<dyn Provider>> = vec![
            Arc::clone(&self.alpha) as Arc<dyn Provider>,
            Arc::clone(&self.beta) as Arc<dyn Provider>,
        ];
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let shop = Shop::open(store, providers, clock, self.terms.clone()).await;
        let shop = Arc::new(shop.unwrap());
        self.refresh_of(&shop).await;
        let pace = Pace {
            catalogue: Duration::from_secs(3_600),
            tick: Duration::from_secs(3_600),
            reconcile: Duration::from_secs(3_600),
            stars: Duration::from_secs(3_600),
            alerts: Duration::from_secs(3_600),
        };
        let courier = Arc::clone(&self.courier) as Arc<dyn Courier>;
        let till = Arc::new(EmptyTill);
        let workers = Workers::start(Arc::clone(&shop), courier, till, pace).await;
        self.running = Some((shop, Some(workers.unwrap())));
    }

    /// Ends everything at once, whatever is under way.
    pub(crate) async fn kill(&mut self) {
        self.stop_workers().await;
        let (shop, _) = self.running.take().unwrap();
        shop.close().await;
    }

    /// From now on nothing happens by itself.
    pub(crate) async fn stop_workers(&mut self) {
        let workers = self
            .running
            .as_mut()
            .and_then(|(_, workers)| workers.take());
        if let Some(workers) = workers {
            workers.stop(Duration::ZERO).await;
        }
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

    /// Notes money that a test booked by itself.
    pub(crate) fn booked(&self, amount: i64) {
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
            server: None,
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

    /// The balance of an account by its name; nothing where it was never used.
    pub(crate) async fn account(&self, name: &str) -> i64 {
        let connection = self.database.connect().await;
        let row = accounts::Entity::find()
            .filter(accounts::Column::Name.eq(name))
            .one(&connection)
            .await
            .unwrap();
        sea_orm::DatabaseConnection::close(connection)
            .await
            .unwrap();
        row.map_or(0, |row| row.balance)
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
        let workers = workers.unwrap();
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

/// Nobody pays in Stars here.
struct EmptyTill;

#[async_trait]
impl Cashier for EmptyTill {
    async fn moves(&self, _offset: u32) -> Result<Vec<StarsMove>, NotNow> {
        Ok(Vec::new())
    }

    async fn give_back(&self, _user: UserId, _charge: &str) -> Result<Returned, NotNow> {
        Err(NotNow)
    }
}
