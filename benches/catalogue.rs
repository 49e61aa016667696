//! The catalogue at its largest: fills a database with 50,000 offers of 8 providers and prints how
//! long reading, reloading, searching and paging take, and how long a write waits meanwhile.
//!
//! `cargo bench --bench catalogue`. Nothing leaves this process; it ends by itself.
#![allow(
    clippy::print_stdout,
    reason = "a benchmark reports on its standard output"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop where it is"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::TimeDelta;
use numshop::clock::SystemClock;
use numshop::domain::best::BestBy;
use numshop::domain::id::{ProviderId, UpstreamId, UserId};
use numshop::domain::market::Market;
use numshop::domain::money::{Currency, Money};
use numshop::domain::pricing::Markup;
use numshop::provider::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Listing, Provider, ProviderError,
    Purchase, PurchaseAnswer, UpstreamCountry,
};
use numshop::shop::alerts::AlertTerms;
use numshop::shop::browse::ServiceId;
use numshop::shop::habits::Habits;
use numshop::shop::{Shop, Terms};
use numshop::store::Store;
use numshop::store::sealed::keyfile::DataKey;

const PROVIDERS: u64 = 8;
const SERVICES: u64 = 250;
/// Names as upstreams write them; each sells all services in each.
const COUNTRIES: [&str; 25] = [
    "Indonesia",
    "Malaysia",
    "Philippines",
    "Vietnam",
    "Thailand",
    "India",
    "Pakistan",
    "Bangladesh",
    "Russia",
    "Ukraine",
    "Kazakhstan",
    "USA",
    "England",
    "Germany",
    "France",
    "Spain",
    "Italy",
    "Poland",
    "Brazil",
    "Mexico",
    "Colombia",
    "Nigeria",
    "Kenya",
    "Egypt",
    "Turkey",
];
/// How often what is quick is done, for a steady mean.
const ROUNDS: u32 = 2_000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalogue.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let upstreams: Vec<Arc<Wholesaler>> = (0..PROVIDERS).map(Wholesaler::new).collect();
    let providers = upstreams
        .iter()
        .map(|upstream| Arc::clone(upstream) as Arc<dyn Provider>);
    let shop = Shop::open(
        Store::open(&url, &DataKey::Beside(".".into()))
            .await
            .unwrap(),
        providers.collect(),
        Arc::new(SystemClock),
        terms(),
    );
    let shop = Arc::new(shop.await.unwrap());
    refresh("the first reading", &shop, &upstreams).await;
    let offers: usize = shop
        .catalogue()
        .halls
        .values()
        .flat_map(|hall| &hall.stands)
        .map(|stand| stand.offers.len())
        .sum();
    println!("offers: {offers} of {PROVIDERS} providers");
    refresh("a reading without news", &shop, &upstreams).await;
    for upstream in &upstreams {
        upstream.restocks.fetch_add(1, Ordering::Relaxed);
    }
    refresh(
        "a reading in which one offer in five changed",
        &shop,
        &upstreams,
    )
    .await;
    let started = Instant::now();
    shop.reload_catalogue().await.unwrap();
    println!("reloading the picture: {:?}", started.elapsed());
    searches(&shop);
    pages(&shop).await;
    shop.close().await;
}

/// Reads all upstreams one after the other, and writes something small all the while.
async fn refresh(what: &str, shop: &Arc<Shop>, upstreams: &[Arc<Wholesaler>]) {
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (shop, done) = (Arc::clone(shop), Arc::clone(&done));
        tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                let started = Instant::now();
                shop.keep_dialogue(1, Some("{}")).await.unwrap();
                longest = longest.max(started.elapsed());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            longest
        })
    };
    let mut longest = Duration::ZERO;
    for upstream in upstreams {
        let started = Instant::now();
        shop.refresh(upstream.as_ref()).await.unwrap();
        longest = longest.max(started.elapsed());
    }
    done.store(true, Ordering::Relaxed);
    let waited = writer.await.unwrap();
    println!("{what}: {longest:?} for one upstream; another write waited {waited:?} at the most");
}

fn searches(shop: &Shop) {
    for text in [
        "whatsapp",
        "watsapp",
        "wa",
        "gmial",
        "service 17",
        "qqqqqqqq",
    ] {
        let found = shop.search_everywhere(text, 12).len();
        let everywhere = mean(|| drop(shop.search_everywhere(text, 12)));
        let here = mean(|| drop(shop.search("ID", text, 12)));
        println!(
            "search “{text}” ({found} found): {everywhere:?} everywhere, {here:?} in a country"
        );
    }
}

async fn pages(shop: &Shop) {
    let user = UserId(7);
    let started = Instant::now();
    for _ in 0..ROUNDS {
        shop.habits(user).await.unwrap();
    }
    println!("the one query of a page: {:?}", started.elapsed() / ROUNDS);
    let habits = Habits::default();
    println!("countries: {:?}", mean(|| drop(shop.countries())));
    println!(
        "a page of a country's services: {:?}",
        mean(|| drop(shop.services(&habits, "ID", 3, 20).unwrap()))
    );
    println!(
        "a page of all services: {:?}",
        mean(|| drop(shop.everywhere(&habits, 3, 20)))
    );
    let service = shop.search("ID", "whatsapp", 1).pop().unwrap().id;
    println!(
        "where a service is sold: {:?}",
        mean(|| drop(shop.places(service, 0, 12).unwrap()))
    );
    println!("its operators: {:?}", mean(|| operators(shop, service)));
}

fn operators(shop: &Shop, service: ServiceId) {
    let shelf = shop.shelf("ID", service).unwrap();
    assert!(shelf.operators.len() > 1);
}

fn mean(mut work: impl FnMut()) -> Duration {
    let started = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    started.elapsed() / ROUNDS
}

fn terms() -> Terms {
    Terms {
        currency: Currency::from_code("IDR").unwrap(),
        markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
        rates: BTreeMap::new(),
        owners: Vec::new(),
        quote_lifetime: TimeDelta::minutes(10),
        poll_interval: TimeDelta::seconds(1),
        doubt_deadline: TimeDelta::seconds(180),
        market: Arc::new(Market::shipped()),
        catalogue_max_age: TimeDelta::hours(24),
        best_by: BestBy::Price,
        cancel_limit_percent: 40,
        rate_max_age: chrono::TimeDelta::days(7),
        rental_reminders_hours: vec![24, 1],
        retention_days: 7,
        referrals: None,
        backups: None,
        alerts: AlertTerms::default(),
        top_ups: numshop::shop::topup::TopUpWays::default(),
    }
}

/// An upstream that sells everything and answers at once.
#[derive(Debug)]
struct Wholesaler {
    id: ProviderId,
    number: u64,
    /// Goes into the stock of every fifth offer.
    restocks: AtomicU64,
    names: Vec<String>,
}

impl Wholesaler {
    fn new(number: u64) -> Arc<Self> {
        // The known ones by their names, the others by names that nobody knows.
        let known = include_str!("../data/services.tsv").lines().skip(1);
        let known = known.filter_map(|row| row.split('\t').nth(1).map(str::to_owned));
        let unknown = (0..).map(|index| format!("Service {index}"));
        let half = usize::try_from(SERVICES / 2).unwrap();
        let names = known.take(half).chain(unknown);
        Arc::new(Self {
            id: ProviderId(format!("provider{number}")),
            number,
            restocks: AtomicU64::new(0),
            names: names.take(half * 2).collect(),
        })
    }
}

fn never() -> ProviderError {
    ProviderError::Refused("nobody asks this here".to_owned())
}

#[async_trait]
impl Provider for Wholesaler {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: false,
            resend: false,
            finish: false,
            balance: false,
            cancel_after: Duration::ZERO,
            lifetime: Duration::from_secs(1_200),
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        Err(never())
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let countries = COUNTRIES.iter().map(|name| UpstreamCountry {
            code: (*name).to_lowercase(),
            name: (*name).to_owned(),
        });
        Ok(countries.collect())
    }

    async fn assortment(&self, _: &str) -> Result<Assortment, ProviderError> {
        let restocks = self.restocks.load(Ordering::Relaxed);
        let listings = (0..)
            .zip(&self.names)
            .map(|(index, name): (u64, _)| Listing {
                service_code: index.to_string(),
                service_name: name.clone(),
                cost: Cost {
                    amount: (1_000 + 10 * index + self.number).into(),
                    currency: "IDR".to_owned(),
                },
                stock: Some(if index % 5 == 0 { 50 + restocks } else { 9 }),
            });
        Ok(Assortment {
            operators: ["telkomsel", "axis", "indosat"].map(str::to_owned).to_vec(),
            listings: listings.collect(),
        })
    }

    async fn buy(&self, _: &Purchase) -> PurchaseAnswer {
        PurchaseAnswer::NotSent(never())
    }

    async fn status(&self, _: &UpstreamId) -> Result<Activation, ProviderError> {
        Err(never())
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        Ok(None)
    }

    async fn cancel(&self, _: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        Err(never())
    }

    async fn resend(&self, _: &UpstreamId) -> Result<(), ProviderError> {
        Err(never())
    }

    async fn finish(&self, _: &UpstreamId) -> Result<(), ProviderError> {
        Err(never())
    }
}
