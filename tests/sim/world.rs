//! A shop whose process can die between any two effects, with its users, its tasks and its
//! upstreams.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use chrono::TimeDelta;
use numshop::clock::Clock;
use numshop::domain::best::BestBy;
use numshop::domain::id::{Nonce, OrderId, UserId};
use numshop::domain::market::Market;
use numshop::domain::money::{Currency, Money};
use numshop::domain::pricing::Markup;
use numshop::provider::Provider;
use numshop::provider::desk::mailboxes::{MailboxDesk, Wanted};
use numshop::provider::desk::rentals::RentalDesk;
use numshop::shop::account::Visitor;
use numshop::shop::alerts::AlertTerms;
use numshop::shop::browse::ServiceId;
use numshop::shop::poll::Rounds;
use numshop::shop::{Shop, ShopError, Terms};
use numshop::store::sealed::keyfile::DataKey;
use numshop::store::{Store, work};
use tokio::runtime::Handle;

use crate::baton::{Runner, Said};
use crate::courier::Postman;
use crate::scene::Scene;
use crate::upstream::counters::{Counter, DOMAIN};
use crate::upstream::seller::Seller;
use crate::upstream::{Liar, Temper};

/// What the shop seals with here.
const KEY: &str = "YSBrZXkgZm9yIG51bXNob3AncyB0ZXN0cyBhbG9uZSE";

pub(crate) const ADMIN: UserId = UserId(9);
pub(crate) const USERS: [UserId; 3] = [UserId(1), UserId(2), UserId(3)];
pub(crate) const SERVICES: [&str; 2] = ["WhatsApp", "Shopee"];
/// Mailboxes and rentals that are sold, and what they cost.
const SHELF: [(&str, i64); 3] = [("Instagram", 700), ("12 hours", 1_100), ("2 days", 2_300)];
/// Where a task stands whose write is not done yet.
pub(crate) const QUEUED: &str = "a write is queued";
/// A balance is never told later than this.
const LONGEST_LAG_S: i64 = 45;
/// No task takes longer than this: upstreams' drivers give up before.
const LONGEST_TASK_MS: i64 = 80_000;

/// What a task is about; two about the same are never under way together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Order(OrderId),
    Poll(usize),
    Notice(i64),
    Catalogue,
    Reconciling(usize),
    Restocking,
    Tidying,
    Tap,
}

impl What {
    /// The order that it is about.
    pub(crate) const fn order(self) -> Option<OrderId> {
        match self {
            Self::Order(id) => Some(id),
            Self::Poll(_)
            | Self::Notice(_)
            | Self::Catalogue
            | Self::Reconciling(_)
            | Self::Restocking
            | Self::Tidying
            | Self::Tap => None,
        }
    }

    /// The notice that it is about.
    pub(crate) const fn notice(self) -> Option<i64> {
        match self {
            Self::Notice(id) => Some(id),
            Self::Order(_)
            | Self::Poll(_)
            | Self::Catalogue
            | Self::Reconciling(_)
            | Self::Restocking
            | Self::Tidying
            | Self::Tap => None,
        }
    }
}

/// How a task ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Well, or with a refusal; in words.
    Fine(String),
    /// A quote was made.
    Quoted(Quoted),
    /// A top-up was drafted: its nonce and amount.
    Drafted(Nonce, i64),
    /// A draft was booked.
    Booked(usize),
    /// An error of our own.
    Failed(String),
}

/// A Confirm button.
#[derive(Clone, Debug)]
pub(crate) struct Quoted {
    pub(crate) user: UserId,
    pub(crate) nonce: Nonce,
    pub(crate) price: i64,
}

/// A top-up that an admin was shown.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) nonce: Nonce,
    pub(crate) amount: i64,
    pub(crate) is_tried: bool,
    pub(crate) is_booked: bool,
}

struct Task {
    number: u32,
    what: What,
    since_ms: i64,
    place: String,
    runner: Runner<Outcome>,
}

/// What dies with a process.
pub(crate) struct Process {
    pub(crate) store: Store,
    pub(crate) shop: Arc<Shop>,
    /// One for each of `sellers`.
    rounds: Vec<Arc<Mutex<Rounds>>>,
}

/// The whole of it.
pub(crate) struct World {
    pub(crate) scene: Arc<Scene>,
    pub(crate) runtime: Handle,
    pub(crate) liars: Vec<Arc<Liar>>,
    /// First what each of `liars` sells for one code, then what else they sell.
    pub(crate) sellers: Vec<Arc<dyn Provider>>,
    pub(crate) postman: Arc<Postman>,
    pub(crate) services: BTreeMap<&'static str, ServiceId>,
    pub(crate) quotes: Vec<Quoted>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) restarts: u32,
    /// Whether users also want mailboxes and rentals; where they do not, numbers go wrong sooner.
    pub(crate) wants_more: bool,
    /// When upstreams and books were last compared in calm.
    pub(crate) reconciled_ms: i64,
    file: PathBuf,
    process: Option<Process>,
    tasks: Vec<Task>,
    begun: u32,
}

/// Who writes to the bot.
pub(crate) fn visitor(user: UserId) -> Visitor {
    Visitor {
        id: user,
        first_name: format!("User {user}"),
        username: None,
        language_code: None,
    }
}

fn terms() -> Terms {
    // Read once: it is the same in every play.
    static MARKET: LazyLock<Arc<Market>> = LazyLock::new(|| Arc::new(Market::shipped()));
    Terms {
        currency: Currency::from_code("IDR").unwrap(),
        markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
        rates: BTreeMap::new(),
        owners: vec![ADMIN],
        quote_lifetime: TimeDelta::minutes(10),
        poll_interval: TimeDelta::seconds(3),
        doubt_deadline: TimeDelta::seconds(180),
        market: Arc::clone(&MARKET),
        catalogue_max_age: TimeDelta::hours(24),
        best_by: BestBy::Price,
        cancel_limit_percent: 40,
        rate_max_age: chrono::TimeDelta::days(7),
        rental_reminders_hours: vec![24, 1],
        terms_version: None,
        limits: numshop::domain::limits::Limits::lenient(),
        retention_days: 7,
        referrals: None,
        backups: None,
        alerts: AlertTerms::default(),
        top_ups: numshop::shop::topup::TopUpWays::default(),
    }
}

impl World {
    /// The world of a seed over the database in `file`; the first process is not started yet.
    pub(crate) fn new(seed: u64, runtime: Handle, file: PathBuf) -> Self {
        let scene = Arc::new(Scene::new(seed));
        let temper = Temper {
            silent: u32::try_from(scene.between(0, 25)).unwrap(),
            loses: u32::try_from(scene.between(5, 60)).unwrap(),
            lies: u32::try_from(scene.between(0, 25)).unwrap(),
            shows: scene.chance(30).then(|| 1 + scene.below(3)),
            lag_s: if scene.chance(50) {
                scene.between(5, LONGEST_LAG_S)
            } else {
                0
            },
            is_shared: scene.chance(20),
        };
        let wants_more = scene.chance(40);
        // Both ask for so much that a user pays 5,000 for the first.
        let alpha = [("WhatsApp", 4_000), ("Shopee", 2_000)];
        let beta = [("WhatsApp", 3_990)];
        let liars = vec![
            Liar::new("alpha", true, &alpha, &SHELF, temper, Arc::clone(&scene)),
            Liar::new("beta", false, &beta, &[], temper, Arc::clone(&scene)),
        ];
        let sellers = liars.iter().map(|liar| {
            Arc::new(Seller {
                liar: Arc::clone(liar),
                all: liars.clone(),
            }) as Arc<dyn Provider>
        });
        let counter = Arc::new(Counter {
            liar: Arc::clone(&liars[0]),
            all: liars.clone(),
        });
        let wanted = Wanted {
            domains: vec![DOMAIN.to_owned()],
            sites: Vec::new(),
        };
        let desks: [Arc<dyn Provider>; 2] = [
            Arc::new(MailboxDesk::new(Arc::clone(&counter) as _, wanted)),
            Arc::new(RentalDesk::new(counter)),
        ];
        Self {
            sellers: sellers.chain(desks).collect(),
            liars,
            postman: Arc::new(Postman::new(Arc::clone(&scene))),
            scene,
            runtime,
            services: BTreeMap::new(),
            quotes: Vec::new(),
            drafts: Vec::new(),
            restarts: 0,
            wants_more,
            reconciled_ms: 0,
            file,
            process: None,
            tasks: Vec::new(),
            begun: 0,
        }
    }

    /// Furnishes an empty database: tables, users, and what is sold.
    pub(crate) fn furnish(runtime: &Handle, file: &Path) {
        let mut world = Self::new(0, runtime.clone(), file.to_owned());
        world.scene.calm_down();
        world.start();
        let shop = Arc::clone(&world.process().shop);
        runtime.block_on(async {
            for user in USERS.into_iter().chain([ADMIN]) {
                shop.enter(&visitor(user)).await.unwrap();
            }
            for seller in &world.sellers {
                shop.refresh(seller.as_ref()).await.unwrap();
                // The first tells the currency, the second is held against the books.
                for _ in 0..2 {
                    shop.reconcile(seller.as_ref()).await.unwrap();
                }
            }
        });
        drop(shop);
        world.kill();
    }

    pub(crate) fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    /// Starts a process over the database, as the binary does.
    pub(crate) fn start(&mut self) {
        let url = format!("sqlite://{}", self.file.display());
        let clock = Arc::clone(&self.scene) as Arc<dyn Clock>;
        let sellers = self.sellers.clone();
        let (store, shop) = self.runtime.block_on(async {
            let store = Store::open(&url, &DataKey::Given(KEY.into()))
                .await
                .unwrap();
            let shop = Shop::open(store.clone(), sellers, clock, terms()).await;
            (store, shop.unwrap())
        });
        if let Err(error) = self.runtime.block_on(shop.recover()) {
            self.scene.breaks("a start succeeds", error.to_string());
        }
        for name in SERVICES {
            if let Some(found) = shop.search("ID", name, 1).first() {
                self.services.insert(name, found.id);
            }
        }
        self.process = Some(Process {
            store,
            shop: Arc::new(shop),
            rounds: self.sellers.iter().map(|_| Arc::default()).collect(),
        });
    }

    /// Ends the process: what stands before an effect never does it.
    pub(crate) fn kill(&mut self) {
        for task in self.tasks.drain(..) {
            task.runner.kill();
        }
        if let Some(process) = self.process.take() {
            self.runtime.block_on(process.shop.close());
        }
    }

    /// Whether something is under way about it.
    pub(crate) fn is_busy(&self, what: What) -> bool {
        self.tasks.iter().any(|task| task.what == what)
    }

    pub(crate) fn busy(&self) -> impl Iterator<Item = What> {
        self.tasks.iter().map(|task| task.what)
    }

    pub(crate) fn under_way(&self) -> usize {
        self.tasks.len()
    }

    /// Begins a task; it does nothing yet.
    pub(crate) fn begin<F, W>(&mut self, what: What, name: &str, work: W)
    where
        F: Future<Output = Outcome>,
        W: FnOnce(Arc<Shop>) -> F + Send + 'static,
    {
        self.begun += 1;
        let number = self.begun;
        self.scene.note(format!("task {number} begins: {name}"));
        let shop = Arc::clone(&self.process().shop);
        let order = what.order().map(|order| order.0);
        let is_parallel = matches!(what, What::Poll(_));
        self.tasks.push(Task {
            number,
            what,
            since_ms: self.scene.now_ms(),
            place: String::new(),
            runner: Runner::new(self.runtime.clone(), order, is_parallel, move || work(shop)),
        });
    }

    /// Begins a round of polling, with what this process remembers of the last.
    pub(crate) fn begin_poll(&mut self, index: usize) {
        let seller = Arc::clone(&self.sellers[index]);
        let remembered = Arc::clone(&self.process().rounds[index]);
        let name = format!("poll {}", seller.id());
        self.begin(What::Poll(index), &name, async move |shop: Arc<Shop>| {
            let mut rounds = std::mem::take(&mut *remembered.lock().unwrap());
            let polled = shop.poll(seller.as_ref(), &mut rounds).await;
            *remembered.lock().unwrap() = rounds;
            worked(polled)
        });
    }

    /// Lets one of the tasks run up to its next effect.
    pub(crate) fn step(&mut self, index: usize) {
        let task = &self.tasks[index];
        let number = task.number;
        let said = task.runner.step();
        if matches!(&said, Said::At(place) if place == QUEUED) {
            self.settle_writes();
        }
        match said {
            Said::At(place) => {
                self.scene.note(format!("task {number} is {place}"));
                self.tasks[index].place = place;
            }
            Said::Done(outcome) => {
                self.tasks.remove(index);
                self.ended(number, outcome);
            }
            Said::Panicked(words) => {
                self.tasks.remove(index);
                self.scene
                    .breaks("nothing panics", format!("task {number}: {words}"));
            }
        }
    }

    /// Lets one of the tasks run up to one of its next effects.
    pub(crate) fn step_often(&mut self, index: usize, effects: usize) {
        let number = self.tasks[index].number;
        for _ in 0..effects {
            let Some(index) = self.tasks.iter().position(|it| it.number == number) else {
                return;
            };
            self.step(index);
            // Where an SMS can cross a cancellation, others get their chance.
            if self.cancelled_just_now().is_some() {
                return;
            }
        }
    }

    /// A round of polling writes several things at once; they are on disk before others act.
    fn settle_writes(&self) {
        let nothing = self
            .process()
            .store
            .write(|_| work(async { Ok::<_, ShopError>(()) }));
        self.runtime.block_on(nothing).unwrap();
    }

    fn ended(&mut self, number: u32, outcome: Outcome) {
        let words = match outcome {
            Outcome::Fine(words) => words,
            Outcome::Quoted(quoted) => {
                let words = format!("quoted at {}", quoted.price);
                self.quotes.push(quoted);
                words
            }
            Outcome::Drafted(nonce, amount) => {
                self.drafts.push(Draft {
                    nonce,
                    amount,
                    is_tried: false,
                    is_booked: false,
                });
                format!("drafted {amount}")
            }
            Outcome::Booked(index) => {
                self.drafts[index].is_booked = true;
                format!("booked {}", self.drafts[index].amount)
            }
            Outcome::Failed(words) => {
                let detail = format!("task {number}: {words}");
                return self.scene.breaks("no worker and no tap fails", detail);
            }
        };
        self.scene.note(format!("task {number} ended: {words}"));
    }

    /// A number whose cancellation is done upstream and not yet known here: whose upstream's and
    /// which, and the task that will tell.
    pub(crate) fn cancelled_just_now(&self) -> Option<(usize, u64, u32)> {
        self.tasks.iter().find_map(|task| {
            let (id, number) = task.place.strip_prefix("after ")?.split_once(".cancel ")?;
            let seller = self.sellers.iter();
            let index = seller.map(|it| it.id()).position(|it| it.as_str() == id)?;
            Some((index, number.parse().ok()?, task.number))
        })
    }

    /// Lets a task run until it stands there, or ends.
    pub(crate) fn run_until(&mut self, number: u32, place: &str) {
        let find = |world: &Self| world.tasks.iter().position(|it| it.number == number);
        while let Some(index) = find(self) {
            if self.tasks[index].place == place {
                return;
            }
            self.step(index);
        }
    }

    /// The number of the task that was begun last.
    pub(crate) const fn last_begun(&self) -> u32 {
        self.begun
    }

    /// Runs tasks to their ends that `wanted` names by the time of their begin.
    fn run_out(&mut self, wanted: impl Fn(i64) -> bool) {
        while let Some(index) = self.tasks.iter().position(|it| wanted(it.since_ms)) {
            self.step(index);
        }
    }

    /// Runs all tasks to their ends.
    pub(crate) fn run_all(&mut self) {
        self.run_out(|_| true);
    }

    /// Time passes; no task stays under way for longer than drivers allow.
    pub(crate) fn advance(&mut self, by: TimeDelta) {
        let then_ms = self.scene.now_ms() + by.num_milliseconds();
        self.run_out(|since_ms| then_ms - since_ms > LONGEST_TASK_MS);
        self.scene.advance(by);
        for liar in &self.liars {
            liar.tick();
        }
    }
}

/// How a worker's item ended.
pub(crate) fn worked(result: Result<(), ShopError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Fine("done".to_owned()),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// How a tap ended: a refusal is fine.
pub(crate) fn tapped<T>(result: Result<T, ShopError>, then: impl FnOnce(T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => then(value),
        Err(ShopError::Internal(error)) => Outcome::Failed(error.to_string()),
        Err(error) => Outcome::Fine(format!("refused: {error}")),
    }
}
