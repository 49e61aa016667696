//! `numshop demo`: everything on this machine, with no token, no key and no money.
//!
//! Invariant: nothing but loopback is spoken to, and the bot does not know that it is a demo: it
//! runs the same code over the same wire formats as in production.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::TimeDelta;
use clap::Args;
use rust_decimal::Decimal;
use tokio::net::TcpListener;
use url::Url;

use crate::app::{
    App, DOUBT_DEADLINE, Plan, QUOTE_LIFETIME, listed, otpget_desks, smoke, stop_signal,
};
use crate::bot;
use crate::bot::gate::GateSettings;
use crate::bot::papers::Papers;
use crate::bot::sender::SenderSettings;
use crate::clock::{Clock, ManualClock};
use crate::config::services;
use crate::domain::best::BestBy;
use crate::domain::id::{ProviderId, UserId};
use crate::domain::limits::{Limit, Limits};
use crate::domain::market::Market;
use crate::domain::market::table::TableKind;
use crate::domain::money::{Currency, Money};
use crate::domain::pricing::Markup;
use crate::domain::qris::StaticQris;
use crate::domain::referral::{ReferralTerms, RewardOf};
use crate::domain::stars::StarsRate;
use crate::provider::Provider;
use crate::provider::compat::Compat;
use crate::provider::desk::mailboxes::Wanted;
use crate::provider::http::Http;
use crate::provider::http::settings::Account;
use crate::provider::otpbuddy::OtpBuddy;
use crate::provider::otpcepat::OtpCepat;
use crate::provider::otpgan::OtpGan;
use crate::provider::otpgan::services::Services;
use crate::provider::otpget::OtpGet;
use crate::provider::otpget::cheap::OtpGetCheap;
use crate::provider::virtusim::VirtuSim;
use crate::sandbox::page::{self, Seat};
use crate::sandbox::panel;
use crate::sandbox::telegram::{self, SimulatedTelegram};
use crate::sandbox::upstream::dialect::Dialect;
use crate::sandbox::upstream::{SimulatedUpstream, UpstreamConfig};
use crate::shop::alerts::AlertTerms;
use crate::shop::backup::BackupTerms;
use crate::shop::request::TransferTerms;
use crate::shop::stars::StarsTerms;
use crate::shop::topup::TopUpWays;
use crate::shop::{Shop, Terms};
use crate::store::sealed::keyfile::DataKey;
use crate::store::{Store, seed, to_ms};
use crate::worker::Pace;

/// The options of `numshop demo`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Keep the demo's database in this folder instead of a temporary one.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The page's port; 0 takes any that is free.
    #[arg(long, default_value_t = 7878)]
    port: u16,
    /// Begin with so many orders of the last months, made up.
    #[arg(long, value_name = "N", conflicts_with = "smoke")]
    seed_orders: Option<u32>,
    /// Play a purchase, a cancellation and an expiry, print each message, and end.
    #[arg(long)]
    smoke: bool,
}

/// Somebody who uses the demo.
struct Person {
    id: i64,
    name: &'static str,
    username: &'static str,
    language: &'static str,
}

const SARI: Person = Person {
    id: 1_001,
    name: "Sari",
    username: "sari",
    language: "id",
};
const ALEX: Person = Person {
    id: 1_002,
    name: "Alex",
    username: "alex",
    language: "en",
};
const MAYA: Person = Person {
    id: 1_003,
    name: "Maya",
    username: "maya",
    language: "en",
};

/// What OTPGan sells; it has no call for that.
const OTPGAN_SERVICES: &str = include_str!("../../otpgan-services.example.csv");

/// What each user may spend, in rupiah.
const CREDIT: &str = "50000";
/// When the simulated SMS come, so that one can watch the card wait.
const SMS_AFTER: Duration = Duration::from_secs(8);
/// How many taps a second one person may do: stories that play themselves are fast.
const DEMO_TAPS: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// How long things may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whose numbers the demo sells.
const SOLD: [Dialect; 7] = [
    Dialect::VirtuSim,
    Dialect::OtpCepat,
    Dialect::OtpGan,
    Dialect::OtpBuddy,
    Dialect::OtpGet,
    Dialect::OtpGetCheap,
    Dialect::Compat {
        name: "hero",
        modern: true,
    },
];
/// Where the simulated OTPGet sells mailboxes, and for what.
const SOLD_DOMAINS: [&str; 2] = ["gmail.com", "outlook.com"];
const SOLD_SITES: [&str; 3] = ["telegram.com", "facebook.com", "instagram.com"];
/// What one unit of an upstream's currency is worth in rupiah, about.
const RATES: [(&str, u32); 3] = [("INR", 190), ("PKR", 58), ("USD", 16_500)];

/// The code of a merchant who does not exist.
const QRIS: &str = "00020101021126310017ID.CO.EXAMPLE.WWW0206ABC1235204541153033605802ID5910TOKO NOMOR6007JAKARTA61051011062070703A01630414CB";
/// Where money would be sent.
const BANK: &str = "Bank Contoh, 000 000 0000, Toko Nomor";
/// What one Star brings, in rupiah.
const STAR: u32 = 200;

/// Everything of a running demo.
pub(super) struct Demo {
    pub(super) app: App,
    pub(super) upstreams: Vec<SimulatedUpstream>,
    /// Where the page is.
    pub(super) url: String,
    /// The user whom the smoke test plays.
    pub(super) player: i64,
    /// Removed with the demo.
    _folder: Option<tempfile::TempDir>,
    // The simulation stops when its last handle is gone.
    _telegram: SimulatedTelegram,
}

/// Runs the demo until it is stopped, or through its smoke test; `false` where that failed.
///
/// # Errors
/// A sentence about what could not be started.
pub async fn run(options: Options, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let asked = stop_signal()?;
    let smoke = options.smoke;
    let demo = start(options).await?;
    if smoke {
        let well = smoke::play(&demo, say).await;
        demo.app.stop().await?;
        return Ok(match well {
            Ok(()) => true,
            Err(problem) => {
                say(&format!("FAILED: {problem:#}"));
                false
            }
        });
    }
    say(&format!("The shop is open: {}", demo.url));
    say("Ctrl-C closes it. Nothing here is real: no number, no message, no money.");
    demo.app.serve_until(asked).await?;
    Ok(true)
}

async fn start(options: Options) -> anyhow::Result<Demo> {
    let clock = Arc::new(ManualClock::default());
    let telegram = simulated_telegram(&clock).await?;
    let mut upstreams = Vec::new();
    for dialect in SOLD {
        // A lasting database remembers orders, so their ids too go on from run to run.
        let config = UpstreamConfig {
            first_id: clock.now().timestamp().unsigned_abs(),
            ..UpstreamConfig::from(dialect)
        };
        let upstream =
            SimulatedUpstream::start(config, Arc::clone(&clock) as Arc<dyn Clock>).await?;
        upstream.set_sms_after(Some(SMS_AFTER));
        upstreams.push(upstream);
    }
    let (path, folder) = match options.data {
        Some(path) => {
            std::fs::create_dir_all(&path)
                .with_context(|| format!("the folder {} cannot be made", path.display()))?;
            (path, None)
        }
        None => {
            let folder = tempfile::tempdir()?;
            (folder.path().to_owned(), Some(folder))
        }
    };
    let database_url = format!("sqlite://{}?mode=rwc", path.join("demo.db").display());
    let data_key = DataKey::Beside(path.clone());
    if let Some(orders) = options.seed_orders {
        let store = Store::open(&database_url, &data_key).await?;
        seed::fill(&store, orders, to_ms(clock.now())).await?;
        store.close().await;
    }
    let plan = Plan {
        database_url,
        data_key,
        folder: None,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        providers: providers(&upstreams)?,
        terms: terms(&path)?,
        bot: bot::Settings {
            token: telegram.token().into(),
            api_url: Url::parse(&telegram.url())?,
            webhook: None,
            topup_hint: None,
            papers: Papers::default(),
            transfers: Some(bot::TransferWords {
                by_language: [("en".to_owned(), BANK.to_owned())].into(),
                picture: None,
            }),
            sender: SenderSettings::default(),
            gate: GateSettings::per_second(DEMO_TAPS),
        },
        pace: Pace {
            tick: Duration::from_secs(15),
            ..Pace::default()
        },
    };
    let app = App::start(plan).await?;
    open_shop(&app, &telegram).await?;
    let url = serve_page(options.port, &telegram, &upstreams, clock).await?;
    Ok(Demo {
        app,
        upstreams,
        url,
        player: ALEX.id,
        _folder: folder,
        _telegram: telegram,
    })
}

async fn simulated_telegram(clock: &Arc<ManualClock>) -> anyhow::Result<SimulatedTelegram> {
    // A demo with a lasting database remembers updates, so their ids go on from run to run.
    let config = telegram::Config {
        first_update_id: clock.now().timestamp(),
        ..telegram::Config::default()
    };
    let telegram = SimulatedTelegram::start(config, Arc::clone(clock) as Arc<dyn Clock>).await?;
    for person in [SARI, ALEX, MAYA] {
        telegram.add_user(
            person.id,
            person.name,
            Some(person.username),
            person.language,
        );
    }
    Ok(telegram)
}

/// The real drivers, pointed at the simulated upstreams.
fn providers(upstreams: &[SimulatedUpstream]) -> anyhow::Result<Vec<Arc<dyn Provider>>> {
    let rows = services::parse("the demo's list", OTPGAN_SERVICES);
    let sold = listed(&rows.map_err(anyhow::Error::msg)?);
    let mut providers = Vec::new();
    for upstream in upstreams {
        providers.extend(drivers(upstream, sold.clone(), |usual| usual)?);
    }
    Ok(providers)
}

/// The real drivers of one account, pointed at a simulated upstream. `sold` is what OTPGan sells;
/// `set` changes the usual settings.
///
/// # Errors
/// As [`Http::new`].
pub fn drivers(
    upstream: &SimulatedUpstream,
    sold: Services,
    set: impl FnOnce(Account) -> Account,
) -> anyhow::Result<Vec<Arc<dyn Provider>>> {
    let (url, key) = (Url::parse(&upstream.url())?, upstream.key().into());
    let dialect = upstream.dialect();
    let usual = match dialect {
        Dialect::VirtuSim => VirtuSim::account(url, key),
        Dialect::OtpCepat => OtpCepat::account(url, key),
        Dialect::OtpGan => OtpGan::account(url, key),
        Dialect::OtpBuddy => OtpBuddy::account(url, key),
        Dialect::OtpGet => OtpGet::account(url, key),
        Dialect::OtpGetCheap => OtpGetCheap::account(url, key),
        Dialect::Compat { name, .. } => Account::new(name, url, key),
    };
    let http = Http::new(set(usual))?;
    let driver: Arc<dyn Provider> = match dialect {
        Dialect::VirtuSim => Arc::new(VirtuSim::new(http)),
        Dialect::OtpCepat => Arc::new(OtpCepat::new(http)),
        Dialect::OtpGan => Arc::new(OtpGan::new(http, sold)),
        Dialect::OtpBuddy => Arc::new(OtpBuddy::new(http)),
        Dialect::OtpGet => {
            let http = Arc::new(http);
            let wanted = Wanted {
                domains: SOLD_DOMAINS.map(str::to_owned).into(),
                sites: SOLD_SITES.map(str::to_owned).into(),
            };
            let mut all: Vec<Arc<dyn Provider>> = otpget_desks(&http, wanted).into();
            all.push(Arc::new(OtpGet::new(http)));
            return Ok(all);
        }
        Dialect::OtpGetCheap => Arc::new(OtpGetCheap::new(http)),
        Dialect::Compat { .. } => Arc::new(Compat::new(http, dialect.currency())),
    };
    Ok(vec![driver])
}

fn terms(folder: &Path) -> anyhow::Result<Terms> {
    Ok(Terms {
        currency: Currency::from_code("IDR")?,
        markup: Markup::new(25.into(), Money::ZERO, Money::minor(100))?,
        rates: RATES
            .iter()
            .map(|(currency, rate)| ((*currency).to_owned(), Decimal::from(*rate)))
            .collect(),
        owners: vec![UserId(MAYA.id)],
        quote_lifetime: QUOTE_LIFETIME,
        poll_interval: TimeDelta::seconds(1),
        doubt_deadline: DOUBT_DEADLINE,
        market: Arc::new(market()?),
        catalogue_max_age: TimeDelta::hours(24),
        best_by: BestBy::Price,
        cancel_limit_percent: 40,
        rate_max_age: TimeDelta::days(7),
        rental_reminders_hours: vec![24, 1],
        terms_version: Some(Papers::default().terms_version()),
        // The stories of a demo buy more in a minute than anybody does in a day.
        limits: Limits::usual(Money::minor(1_000_000)).with(Limit::NewOrders, Some(50)),
        retention_days: 7,
        referrals: Some(ReferralTerms {
            percent: 10.into(),
            of: RewardOf::Purchases,
            first: 10,
            cap: None,
        }),
        backups: Some(BackupTerms {
            folder: folder.join("backups"),
            every: TimeDelta::hours(24),
            keep: 14,
        }),
        alerts: AlertTerms::default(),
        top_ups: top_ups()?,
    })
}

/// Every way to bring money in that needs nobody outside.
fn top_ups() -> anyhow::Result<TopUpWays> {
    let rate = StarsRate::new(Decimal::from(STAR)).context("a Star brings something")?;
    Ok(TopUpWays {
        stars: Some(StarsTerms {
            rate,
            amounts: vec![50, 100, 250, 500],
        }),
        transfers: Some(TransferTerms {
            by_hand: true,
            qris: Some(StaticQris::read(QRIS)?),
            least: Money::minor(10_000),
            most: Money::minor(10_000_000),
            lives_for: TimeDelta::hours(24),
        }),
        admin_daily_cap: None,
        support_daily_cap: None,
    })
}

/// As shipped, but for numbers that fit any service: one of the upstreams sells nothing else.
fn market() -> anyhow::Result<Market> {
    let mut market = Market::shipped();
    market.add(TableKind::Policy, "what\tvalue\trule\ncode\tot\tallow\n")?;
    Ok(market)
}

/// Everybody says hello, and the users are given something to spend.
async fn open_shop(app: &App, telegram: &SimulatedTelegram) -> anyhow::Result<()> {
    let shop = app.shop();
    let stocked = async {
        while !shop.providers().all(|provider| sells(shop, provider.id())) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, stocked)
        .await
        .map_err(|_| anyhow!("the catalogue did not come up"))?;
    for person in [SARI, ALEX, MAYA] {
        telegram.send_text(person.id, "/start")?;
        telegram
            .wait_for(person.id, |message| message.from_bot(), PATIENCE)
            .await
            .map_err(|_| anyhow!("the bot did not answer {}", person.name))?;
    }
    for person in [SARI, ALEX] {
        let user = UserId(person.id);
        if shop.wallet(user, 0).await?.available > Money::ZERO {
            continue;
        }
        let admin = UserId(MAYA.id);
        let target = person.id.to_string();
        let draft = shop
            .draft_topup(admin, &target, CREDIT, Some("Demo"))
            .await?;
        shop.book_topup(admin, &draft.nonce).await?;
    }
    Ok(())
}

fn sells(shop: &Shop, provider: &ProviderId) -> bool {
    let catalogue = shop.catalogue();
    let mut stands = catalogue.all_halls().flat_map(|(_, hall)| &hall.stands);
    stands.any(|stand| stand.offers.iter().any(|offer| offer.provider == *provider))
}

async fn serve_page(
    port: u16,
    telegram: &SimulatedTelegram,
    upstreams: &[SimulatedUpstream],
    clock: Arc<ManualClock>,
) -> anyhow::Result<String> {
    let seats = [SARI, ALEX, MAYA]
        .iter()
        .map(|person| Seat {
            user: person.id,
            admin: person.id == MAYA.id,
        })
        .collect();
    let router =
        page::router(telegram.clone(), seats).merge(panel::router(upstreams.to_vec(), clock));
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(wanted)
        .await
        .with_context(|| format!("port {port} is taken; choose another with --port"))?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            log::error!("the page is no longer served: {error}");
        }
    });
    Ok(format!("http://{address}/"))
}
