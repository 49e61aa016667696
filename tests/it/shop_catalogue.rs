//! Reading what upstreams sell: only what changed is written, nothing is wiped by a bad answer,
//! and what is old is not sold.

use std::sync::Arc;

use chrono::TimeDelta;
use numshop::clock::{Clock, ManualClock};
use numshop::provider::{Listing, Provider, ProviderError};
use numshop::shop::browse::ServiceId;
use numshop::shop::buy::Choice;
use numshop::shop::refresh::Refreshed;
use numshop::shop::{Shop, ShopError};
use numshop::store::Store;
use numshop::store::entity::{offers, operators, readings, services};
use numshop::store::reading::Changed;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::database::Database;
use crate::scripted::{Upstream, listing};
use crate::shop_stage::{SARI, Stage};

const NOTHING: Changed = Changed {
    added: 0,
    altered: 0,
    removed: 0,
};

/// A shop over two upstreams in which nothing happens by itself.
struct Room {
    clock: Arc<ManualClock>,
    shop: Shop,
    alpha: Arc<Upstream>,
    database: Database,
}

impl Room {
    /// Nothing is read yet.
    async fn open(listings: Vec<Listing>) -> Self {
        let alpha = Upstream::new("alpha", listings);
        let beta = Upstream::new("beta", Vec::new());
        let database = Database::fresh().await;
        let clock = Arc::new(ManualClock::default());
        let shop = Shop::open(
            Store::open(database.url(), &crate::database::key())
                .await
                .unwrap(),
            vec![Arc::clone(&alpha) as Arc<dyn Provider>, beta],
            Arc::clone(&clock) as Arc<dyn Clock>,
            Stage::terms(),
        );
        Self {
            shop: shop.await.unwrap(),
            clock,
            alpha,
            database,
        }
    }

    async fn read(&self) -> Refreshed {
        self.shop.refresh(self.alpha.as_ref()).await.unwrap()
    }

    /// The rows that a refresh writes.
    async fn rows(&self) -> Rows {
        let connection = self.database.connect().await;
        let mut rows = Rows {
            offers: offers::Entity::find().all(&connection).await.unwrap(),
            operators: operators::Entity::find().all(&connection).await.unwrap(),
            services: services::Entity::find().all(&connection).await.unwrap(),
            readings: readings::Entity::find().all(&connection).await.unwrap(),
        };
        connection.close().await.unwrap();
        rows.offers.sort_by_key(|row| row.id);
        rows.operators.sort_by_key(|row| row.id);
        rows.services.sort_by_key(|row| row.id);
        rows
    }

    /// The countries that are sold.
    fn sold(&self) -> Vec<String> {
        self.shop.catalogue().halls.keys().cloned().collect()
    }

    async fn close(self) {
        self.shop.close().await;
        self.database.drop().await;
    }
}

struct Rows {
    offers: Vec<offers::Model>,
    operators: Vec<operators::Model>,
    services: Vec<services::Model>,
    readings: Vec<readings::Model>,
}

impl Rows {
    fn read_at_ms(&self, country: &str) -> i64 {
        let mut mine = self.readings.iter().filter(|row| row.country == country);
        mine.next().unwrap().read_at_ms
    }
}

/// A catalogue of many services, so that one statement does not hold it.
fn many(cost: i64) -> Vec<Listing> {
    (0..1_201)
        .map(|index| listing(&format!("Service {index}"), cost, Some(7)))
        .collect()
}

fn whatsapp(cost: i64, stock: Option<u64>) -> Vec<Listing> {
    vec![listing("WhatsApp", cost, stock)]
}

fn viber() -> Vec<Listing> {
    vec![listing("Viber", 500, Some(3))]
}

#[tokio::test]
async fn only_what_changed_is_written() {
    let room = Room::open(many(1_000)).await;
    room.alpha.has_operators(&["telkomsel", "axis"]);
    let first = room.read().await;
    assert_eq!((first.countries, first.changed.added), (1, 1_201));
    let before = room.rows().await;
    assert_eq!((before.offers.len(), before.operators.len()), (1_201, 2));

    room.clock.advance(TimeDelta::minutes(10));
    let same = room.read().await;
    assert_eq!((same.countries, same.changed), (1, NOTHING));
    let after = room.rows().await;
    assert_eq!(after.offers, before.offers);
    assert_eq!(after.operators, before.operators);
    assert_eq!(after.services, before.services);
    assert!(after.read_at_ms("ID") >= before.read_at_ms("ID") + 600_000);

    let mut listings = many(1_000);
    listings[3].cost.amount = 1_100.into();
    listings[5].stock = None;
    listings.pop();
    listings.push(listing("Newcomer", 900, Some(1)));
    room.alpha.sells(listings);
    room.alpha.has_operators(&["axis", "xl"]);
    let expected = Changed {
        added: 1,
        altered: 2,
        removed: 1,
    };
    assert_eq!(room.read().await.changed, expected);
    let after = room.rows().await;
    let touched = after
        .offers
        .iter()
        .filter(|row| !before.offers.contains(row));
    assert_eq!(touched.count(), 3);
    let spellings = after.operators.iter().map(|row| row.operator_code.as_str());
    assert_eq!(spellings.collect::<Vec<_>>(), ["axis", "xl"]);
    room.close().await;
}

#[tokio::test]
async fn an_upstream_that_lists_a_code_twice_is_read_all_the_same() {
    let room = Room::open([whatsapp(4_000, Some(1)), whatsapp(3_000, Some(2))].concat()).await;
    assert_eq!(room.read().await.changed.added, 1);
    assert_eq!(room.rows().await.offers[0].cost, "3000");
    assert_eq!(room.read().await.changed, NOTHING);
    room.close().await;
}

#[tokio::test]
async fn bad_answers_wipe_nothing() {
    let room = Room::open(whatsapp(4_000, Some(1))).await;
    room.alpha.says_of("7", "Malaysia", Ok(viber()));
    room.alpha.says_of("4", "Philippines", Ok(viber()));
    assert_eq!(room.read().await.countries, 3);
    let before = room.rows().await;

    room.clock.advance(TimeDelta::minutes(10));
    room.alpha.sells(Vec::new());
    let down = ProviderError::Unavailable("502".to_owned());
    room.alpha.says_of("7", "Malaysia", Err(down.clone()));
    let refreshed = room.read().await;
    assert_eq!((refreshed.countries, refreshed.changed), (1, NOTHING));
    assert_eq!(refreshed.failed, [("Malaysia".to_owned(), down)]);
    let after = room.rows().await;
    assert_eq!(after.offers, before.offers);
    assert_eq!(room.sold(), ["ID", "MY", "PH"]);
    for country in ["ID", "MY"] {
        let times = [&before, &after].map(|rows| rows.read_at_ms(country));
        assert_eq!(times[0], times[1], "{country} was not read");
    }
    assert!(after.read_at_ms("PH") >= before.read_at_ms("PH") + 600_000);
    room.close().await;
}

#[tokio::test]
async fn four_countries_are_read_at_once() {
    let room = Room::open(whatsapp(4_000, Some(1))).await;
    for (code, name) in [
        ("7", "Malaysia"),
        ("4", "Philippines"),
        ("10", "Vietnam"),
        ("52", "Thailand"),
        ("0", "Russia"),
        ("1", "Ukraine"),
    ] {
        room.alpha.says_of(code, name, Ok(viber()));
    }
    assert_eq!(room.read().await.countries, 7);
    assert_eq!(room.alpha.most_readers(), 4);
    room.close().await;
}

#[tokio::test]
async fn what_is_old_is_not_sold_until_it_is_read_again() {
    let room = Room::open(whatsapp(4_000, Some(1))).await;
    room.read().await;
    let choice = Choice {
        service: room.shop.search("ID", "WhatsApp", 1)[0].id,
        country: "ID".to_owned(),
        operator: None,
        server: None,
    };
    room.clock.advance(TimeDelta::hours(20));
    room.alpha.says_of("7", "Malaysia", Ok(viber()));
    room.alpha.sells(Vec::new());
    room.read().await;
    assert_eq!(room.sold(), ["ID", "MY"]);
    room.shop.quote(SARI, choice.clone()).await.unwrap();

    room.clock.advance(TimeDelta::hours(4));
    assert_eq!(room.sold(), ["MY"], "Indonesia was read a day ago");
    let refused = room.shop.quote(SARI, choice.clone()).await;
    assert!(matches!(refused, Err(ShopError::NotSold)), "{refused:?}");
    let standings = room.shop.standings();
    let [alpha, beta] = [&standings[0], &standings[1]].map(|standing| &standing.freshness);
    assert_eq!((alpha.countries, alpha.stale), (2, 1));
    let [oldest, latest] = [alpha.oldest, alpha.latest].map(Option::unwrap);
    assert!(latest - oldest >= TimeDelta::hours(20));
    assert_eq!((beta.countries, beta.oldest), (0, None));

    room.clock.advance(TimeDelta::hours(20));
    assert_eq!(room.sold(), [""; 0]);
    room.alpha.sells(whatsapp(4_000, Some(1)));
    room.read().await;
    assert_eq!(room.sold(), ["ID", "MY"]);
    room.shop.quote(SARI, choice).await.unwrap();
    room.close().await;
}

#[tokio::test]
async fn a_service_keeps_its_number_and_takes_on_new_facts() {
    let room = Room::open(whatsapp(4_000, None)).await;
    room.read().await;
    let before = room.rows().await;
    let connection = room.database.connect().await;
    let spoil = "UPDATE services SET name = 'Wotsup', kind = 'bank', popular = 99 WHERE key = 'wa'";
    connection.execute_unprepared(spoil).await.unwrap();
    connection.close().await.unwrap();
    assert_ne!(room.rows().await.services, before.services);
    assert_eq!(room.read().await.changed, NOTHING);
    assert_eq!(room.rows().await.services, before.services);
    room.close().await;
}

#[tokio::test]
async fn one_service_is_one_entry_whatever_it_is_called() {
    let named = |name: &str, code: &str, cost| Listing {
        service_code: code.to_owned(),
        ..listing(name, cost, Some(1))
    };
    let room = Room::open(vec![
        named("WhatsApp", "1", 4_000),
        named("Whatsapp - 60 PKR", "2", 3_000),
        named("wa", "wa", 5_000),
        named("Zzyx Lawns - 61 PKR", "9", 6_000),
    ])
    .await;
    room.alpha.has_operators(&["TSEL", "telkomsel", "novacell"]);
    room.read().await;
    let found = room.shop.search("ID", "whatsap", 9);
    let names: Vec<_> = found.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["WhatsApp"]);
    assert_eq!(found[0].stock, Some(3));
    let shelf = room.shop.shelf("ID", found[0].id).unwrap();
    let operators: Vec<_> = shelf
        .operators
        .iter()
        .filter_map(|row| row.operator.as_deref())
        .collect();
    assert_eq!(operators, ["Telkomsel", "novacell"]);
    // By its code, and a service that nobody knows by its own name.
    assert_eq!(room.shop.search("ID", "WA", 1)[0].id, found[0].id);
    assert_eq!(room.shop.search("ID", "zzix", 1)[0].name, "Zzyx Lawns");
    room.close().await;
}

#[tokio::test]
async fn what_must_not_be_sold_is_in_no_list_and_behind_no_link() {
    let what = ["WhatsApp", "DANA", "Bank of Zzyx", "Binance"];
    let listings = what.map(|name| listing(name, 4_000, Some(5)));
    let room = Room::open(listings.to_vec()).await;
    room.read().await;
    let shop = &room.shop;
    let shown: Vec<_> = what
        .into_iter()
        .filter(|name| !shop.search("ID", name, 9).is_empty())
        .collect();
    assert_eq!(shown, ["WhatsApp"]);
    for row in room.rows().await.services {
        let (service, is_sold) = (ServiceId(row.id), row.name == "WhatsApp");
        let choice = Choice {
            service,
            country: "ID".to_owned(),
            operator: None,
            server: None,
        };
        assert_eq!(shop.shelf("ID", service).is_ok(), is_sold, "{}", row.name);
        assert_eq!(shop.places(service, 0, 9).is_ok(), is_sold, "{}", row.name);
        let quote = shop.quote(SARI, choice.clone()).await;
        if is_sold {
            assert!(quote.is_ok(), "{quote:?}");
            continue;
        }
        assert!(matches!(quote, Err(ShopError::NotSold)), "{quote:?}");
        let watched = shop.watch(SARI, &choice, None).await;
        assert!(matches!(watched, Err(ShopError::NotSold)), "{watched:?}");
        let queued = shop.quote_queue(SARI, choice, 0).await;
        assert!(matches!(queued, Err(ShopError::NotSold)), "{queued:?}");
    }
    room.close().await;
}

#[tokio::test]
async fn a_country_that_nobody_knows_stays_visible_under_its_own_name() {
    let room = Room::open(whatsapp(4_000, Some(1))).await;
    room.alpha.says_of("900", "Atlantis", Ok(viber()));
    room.alpha.says_of("901", "Mordor", Ok(viber()));
    room.alpha
        .says_of("902", "atlantis ", Ok(whatsapp(1_000, None)));
    room.read().await;
    let sold = || {
        let mut sold: Vec<_> = room
            .shop
            .countries()
            .into_iter()
            .map(|entry| {
                (
                    entry.country.name.clone(),
                    entry.country.iso2.clone(),
                    entry.services,
                )
            })
            .collect();
        sold.sort();
        sold
    };
    let before = sold();
    let names: Vec<_> = before
        .iter()
        .map(|(name, _, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(names, [("Atlantis", 2), ("Indonesia", 1), ("Mordor", 1)]);
    // They keep their codes, for buttons and orders name them by these.
    room.alpha.says_of("100", "Zembla", Ok(viber()));
    room.read().await;
    assert_eq!(sold()[..3], before);
    assert_eq!(room.shop.country(&before[0].1).name, "Atlantis");
    room.close().await;
}
