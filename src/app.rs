//! Puts everything together: builds it, runs it, shuts it down gracefully.
//!
//! Invariant: this is the only place that knows everything; what is stopped in time has written
//! down all it knows, and what is not is picked up at the next start.

pub mod backup;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod keys;
pub mod logging;
pub mod rehearsal;
mod safety;
pub mod smoke;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::TimeDelta;
use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::bot;
use crate::bot::gate::GateSettings;
use crate::bot::papers::Papers;
use crate::bot::sender::SenderSettings;
use crate::bot::webhook::WebhookSettings;
use crate::clock::Clock;
use crate::config::care::{BackupConfig, CareConfig};
use crate::config::services::SoldService;
use crate::config::top_ups::{StarsConfig, TransferConfig};
use crate::config::trust::TermsVersion;
use crate::config::upstream::{Access, UpstreamConfig};
use crate::config::{self, Config, Source, data_key};
use crate::provider::compat::Compat;
use crate::provider::desk::mailboxes::{MailboxDesk, Wanted};
use crate::provider::desk::rentals::RentalDesk;
use crate::provider::http::Http;
use crate::provider::http::settings::{Account, Limits};
use crate::provider::otpbuddy::OtpBuddy;
use crate::provider::otpcepat::OtpCepat;
use crate::provider::otpgan::OtpGan;
use crate::provider::otpgan::services::{Services, sold};
use crate::provider::otpget::OtpGet;
use crate::provider::otpget::cheap::OtpGetCheap;
use crate::provider::otpget::mail::OtpGetMail;
use crate::provider::otpget::rental::OtpGetRental;
use crate::provider::virtusim::VirtuSim;
use crate::provider::{Provider, ProviderError};
use crate::shop::alerts::AlertTerms;
use crate::shop::backup::BackupTerms;
use crate::shop::reconcile::{Listing, Reconciliation};
use crate::shop::request::TransferTerms;
use crate::shop::stars::StarsTerms;
use crate::shop::topup::TopUpWays;
use crate::shop::{Shop, Terms};
use crate::store::Store;
use crate::store::sealed::keyfile::DataKey;
use crate::worker::{Pace, Workers};

/// How long an order may take to end when the process is asked to stop.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a Confirm button works.
const QUOTE_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// When an order in doubt is paid back at the latest.
const DOUBT_DEADLINE: TimeDelta = TimeDelta::seconds(180);

/// Everything that a running numshop is made of.
#[derive(Debug)]
pub struct Plan {
    /// Where the money is kept.
    pub database_url: String,
    /// What seals what is personal in it.
    pub data_key: DataKey,
    /// Where to note how far a database on a server has come.
    pub folder: Option<PathBuf>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// The upstreams.
    pub providers: Vec<Arc<dyn Provider>>,
    /// What the operator decided.
    pub terms: Terms,
    /// How to reach Telegram.
    pub bot: bot::Settings,
    /// How often things happen.
    pub pace: Pace,
}

/// A running numshop.
#[derive(Debug)]
pub struct App {
    shop: Arc<Shop>,
    workers: Workers,
    bot: JoinHandle<Result<(), bot::BotStopped>>,
    incidents: Arc<AtomicU64>,
    stop: CancellationToken,
}

impl App {
    /// Opens the database and starts the workers and the bot.
    ///
    /// # Errors
    /// A sentence for the operator; nothing is left running then.
    pub async fn start(plan: Plan) -> anyhow::Result<Self> {
        let (url, folder) = (&plan.database_url, plan.folder.as_deref());
        let store = Store::serve(url, &plan.data_key, folder, plan.clock.now()).await?;
        let shop = Shop::open(store, plan.providers, plan.clock, plan.terms).await?;
        let shop = Arc::new(shop);
        shop.look_for_lost_time().await?;
        let stop = CancellationToken::new();
        let bot = bot::Bot::new(Arc::clone(&shop), plan.bot)?;
        let courier = Arc::new(bot.courier());
        let cashier = Arc::new(bot.cashier());
        let workers = Workers::start(Arc::clone(&shop), courier, cashier, plan.pace).await?;
        let incidents = bot.incidents();
        let bot = tokio::spawn(bot.run(stop.clone()));
        Ok(Self {
            shop,
            workers,
            bot,
            incidents,
            stop,
        })
    }

    /// The shop that is served.
    #[must_use]
    pub const fn shop(&self) -> &Arc<Shop> {
        &self.shop
    }

    /// How many updates ended in an error of our own or a panic since the start.
    #[must_use]
    pub fn incidents(&self) -> u64 {
        self.incidents.load(Ordering::Relaxed)
    }

    /// The workers.
    #[must_use]
    pub const fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Serves until `asked` comes or the bot ends by itself.
    ///
    /// # Errors
    /// Why the bot ended, where it was not asked to.
    pub async fn serve_until(mut self, asked: impl Future<Output = ()>) -> anyhow::Result<()> {
        let ended = tokio::select! {
            () = asked => None,
            ended = &mut self.bot => Some(ended),
            () = self.shop.lost() => {
                self.stop().await?;
                return Err(anyhow!(
                    "another numshop took this database over; this one has stopped and wrote nothing since. See that only one is started"
                ));
            }
        };
        match ended {
            None => self.stop().await,
            Some(ended) => {
                self.workers.stop(PATIENCE).await;
                close(self.shop).await;
                ended
                    .context("the bot ended unexpectedly")?
                    .map_err(anyhow::Error::from)
            }
        }
    }

    /// Takes no further updates, lets what is under way end, and closes the database.
    ///
    /// # Errors
    /// If the bot had ended before, for a reason of its own.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        let (ended, ()) = tokio::join!(
            tokio::time::timeout(PATIENCE, self.bot),
            self.workers.stop(PATIENCE)
        );
        close(self.shop).await;
        match ended {
            Ok(ended) => ended
                .context("the bot ended unexpectedly")?
                .map_err(anyhow::Error::from),
            Err(_) => {
                log::info!(
                    "the bot did not end in time; what it was doing is done at the next start"
                );
                Ok(())
            }
        }
    }
}

/// Writes down what is queued. Tasks that did not end in time may still hold the shop, so the
/// database is closed through it and not by dropping it.
async fn close(shop: Arc<Shop>) {
    shop.close().await;
}

/// `numshop run`: serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A sentence for the operator.
pub async fn run(env_file: &Path) -> anyhow::Result<bool> {
    let config = Config::from_source(&source(env_file)?)?;
    if let Some(finding) = safety::findings(env_file, &config).into_iter().next() {
        return Err(anyhow!(finding));
    }
    let asked = stop_signal()?;
    let app = App::start(plan(&config)?).await?;
    log::info!("numshop {} is serving", env!("CARGO_PKG_VERSION"));
    app.serve_until(asked).await?;
    log::info!("stopped; nothing is lost");
    Ok(true)
}

/// `numshop migrate`: creates the database or brings it up to date.
///
/// # Errors
/// A sentence for the operator.
pub async fn migrate(env_file: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let source = source(env_file)?;
    let key = DataKey::from(data_key::from_source(&source)?);
    let store = Store::open(&config::database_url(&source), &key).await?;
    store.close().await;
    say("The database is up to date.");
    Ok(true)
}

/// `numshop audit`: recomputes the ledger; `false` on any difference.
///
/// # Errors
/// If the audit could not be done.
pub async fn audit(env_file: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let url = config::database_url(&source(env_file)?);
    let store = Store::inspect(&url, &DataKey::Without).await?;
    let differences = crate::store::audit::audit(store.read()).await?;
    let recovery = crate::store::recovery::find(store.read()).await?;
    store.close().await;
    if recovery.is_some() {
        say(doctor::RECOVERING);
    }
    for difference in &differences {
        say(&format!("{}: {}", difference.invariant, difference.detail));
    }
    if differences.is_empty() {
        say(
            "The books are right: every balance is the sum of its transfers, every hold has its order.",
        );
    } else {
        say(&format!("{} differences.", differences.len()));
    }
    Ok(differences.is_empty())
}

/// `numshop reconcile`: compares the books with every upstream and changes nothing; `false` on
/// any difference.
///
/// # Errors
/// If the comparison could not be made.
pub async fn reconcile(env_file: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let config = Config::from_source(&source(env_file)?)?;
    let store = Store::inspect(&config.database_url, &config.data_key.clone().into()).await?;
    let upstreams = providers(&config.upstreams)?;
    let shop = Shop::open(store, upstreams, rehearsal::clock(), terms(&config)).await?;
    let found = shop.reconciliation().await?;
    shop.close().await;
    for line in reconciliation_lines(&found) {
        say(&line);
    }
    Ok(found.is_clean())
}

fn reconciliation_lines(found: &Reconciliation) -> Vec<String> {
    let mut lines = Vec::new();
    for upstream in &found.upstreams {
        let name = &upstream.provider;
        lines.push(match &upstream.listing {
            Listing::NoList => format!("{name}: it lists no orders; each is asked for by itself"),
            Listing::Unread(error) => format!("{name}: its list could not be read: {error}"),
            Listing::Read {
                open,
                strangers,
                missing,
            } => {
                let (strangers, missing) = (strangers.len(), missing.len());
                format!(
                    "{name}: {open} orders open there; {strangers} of them unknown here, {missing} of ours unknown there"
                )
            }
        });
        if upstream.under_way > 0 {
            lines.push(format!(
                "{name}: {} purchases are under way just now, and so many unknown orders are none",
                upstream.under_way
            ));
        }
        if upstream.in_doubt > 0 {
            lines.push(format!(
                "{name}: {} purchases in doubt; the running bot settles them",
                upstream.in_doubt
            ));
        }
    }
    for difference in &found.audit {
        lines.push(format!("{}: {}", difference.invariant, difference.detail));
    }
    lines.push(if found.is_clean() {
        "Everything agrees.".to_owned()
    } else {
        "Not everything agrees.".to_owned()
    });
    lines
}

fn source(env_file: &Path) -> anyhow::Result<Source> {
    Ok(Source::read(env_file, std::env::vars())?)
}

/// The plan that the settings describe.
fn plan(config: &Config) -> anyhow::Result<Plan> {
    Ok(Plan {
        database_url: config.database_url.clone(),
        data_key: config.data_key.clone().into(),
        folder: Some(PathBuf::from(".")),
        clock: rehearsal::clock(),
        providers: providers(&config.upstreams)?,
        terms: terms(config),
        bot: bot_settings(config),
        pace: Pace::default(),
    })
}

fn bot_settings(config: &Config) -> bot::Settings {
    let transfers = config.top_ups.transfers.as_ref();
    let papers = papers(config);
    let config = &config.telegram;
    bot::Settings {
        token: config.token.clone(),
        api_url: config.api_url.clone(),
        webhook: config.webhook.clone().map(|it| WebhookSettings {
            url: it.url,
            bind: it.bind,
        }),
        topup_hint: config.topup_hint.clone(),
        transfers: transfers.map(|it| bot::TransferWords {
            by_language: it.words.clone(),
            picture: it.picture.clone(),
        }),
        papers,
        sender: SenderSettings {
            interval_per_chat: Duration::from_secs(1) / config.messages_per_second.get(),
            ..SenderSettings::default()
        },
        gate: GateSettings::per_second(config.taps_per_second),
    }
}

/// The operator's own papers.
fn papers(config: &Config) -> Papers {
    Papers {
        terms: config.trust.terms.clone(),
        privacy: config.trust.privacy.clone(),
    }
}

/// The drivers of the upstreams that have a key.
fn providers(config: &UpstreamConfig) -> Result<Vec<Arc<dyn Provider>>, ProviderError> {
    let limits = Limits::per_second(config.requests_per_second);
    let http = |access: &Access, usual: &dyn Fn(Url, SecretString) -> Account| {
        Http::new(Account {
            limits: limits.clone(),
            ..usual(access.url.clone(), access.key.clone())
        })
    };
    let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
    if let Some(access) = &config.virtusim {
        let http = http(access, &VirtuSim::account)?;
        providers.push(Arc::new(VirtuSim::new(http)));
    }
    if let Some(access) = &config.otpcepat {
        let http = http(access, &OtpCepat::account)?;
        providers.push(Arc::new(OtpCepat::new(http)));
    }
    if let Some(access) = &config.otpget {
        let one = Arc::new(http(access, &OtpGet::account)?);
        providers.push(Arc::new(OtpGet::new(Arc::clone(&one))));
        let wanted = Wanted {
            domains: config.mailbox_domains.clone(),
            sites: config.mailbox_sites.clone(),
        };
        providers.extend(otpget_desks(&one, wanted));
        let cheap = http(access, &OtpGetCheap::account)?;
        providers.push(Arc::new(OtpGetCheap::new(cheap)));
    }
    for host in &config.compat {
        let usual = |url, key| Account::new(&host.name, url, key);
        let http = http(&host.access, &usual)?;
        providers.push(Arc::new(Compat::new(http, host.currency)));
    }
    if let Some(otpgan) = &config.otpgan {
        let services = otpgan.services.as_deref().map_or(Services::Online, listed);
        let http = http(&otpgan.access, &OtpGan::account)?;
        providers.push(Arc::new(OtpGan::new(http, services)));
    }
    if let Some(access) = &config.otpbuddy {
        let http = http(access, &OtpBuddy::account)?;
        providers.push(Arc::new(OtpBuddy::new(http)));
    }
    Ok(providers)
}

/// What OTPGet sells besides numbers for one code, out of the same account and at the same pace.
fn otpget_desks(http: &Arc<Http>, wanted: Wanted) -> [Arc<dyn Provider>; 2] {
    let rentals = OtpGetRental::new(Arc::clone(http));
    let mailboxes = OtpGetMail::new(Arc::clone(http));
    [
        Arc::new(RentalDesk::new(Arc::new(rentals))),
        Arc::new(MailboxDesk::new(Arc::new(mailboxes), wanted)),
    ]
}

/// What the operator wrote down, as the driver wants it.
fn listed(rows: &[SoldService]) -> Services {
    let rows = rows.iter();
    Services::Listed(
        rows.map(|row| sold(&row.slug, &row.name, row.price))
            .collect(),
    )
}

fn terms(config: &Config) -> Terms {
    let (shop, market) = (&config.shop, &config.market);
    Terms {
        currency: shop.currency,
        markup: shop.markup.clone(),
        rates: shop.rates.clone(),
        owners: config.telegram.admins.clone(),
        quote_lifetime: QUOTE_LIFETIME,
        poll_interval: shop.poll_interval,
        doubt_deadline: DOUBT_DEADLINE,
        market: Arc::clone(market),
        catalogue_max_age: shop.catalogue_max_age,
        best_by: shop.best_by,
        cancel_limit_percent: shop.cancel_limit_percent,
        rate_max_age: shop.rate_max_age,
        rental_reminders_hours: shop.rental_reminders_hours.clone(),
        terms_version: match &config.trust.version {
            TermsVersion::OfText => Some(papers(config).terms_version()),
            TermsVersion::Named(name) => Some(name.clone()),
            TermsVersion::Off => None,
        },
        limits: config.trust.limits.clone(),
        retention_days: shop.retention_days,
        referrals: config.referrals.clone(),
        backups: config.care.backups.clone().map(backup_terms),
        alerts: alert_terms(&config.care),
        top_ups: TopUpWays {
            stars: config.top_ups.stars.clone().map(stars_terms),
            transfers: config.top_ups.transfers.as_ref().map(transfer_terms),
            admin_daily_cap: config.top_ups.admin_daily_cap,
            support_daily_cap: config.top_ups.support_daily_cap,
        },
    }
}

fn backup_terms(config: BackupConfig) -> BackupTerms {
    BackupTerms {
        folder: config.folder,
        every: config.every,
        keep: config.keep,
    }
}

fn alert_terms(config: &CareConfig) -> AlertTerms {
    AlertTerms {
        down_for: config.down_for,
        least_free_bytes: config.least_free_bytes,
        waits_for: config.waits_for,
    }
}

fn transfer_terms(config: &TransferConfig) -> TransferTerms {
    let [least, most] = config.limits;
    TransferTerms {
        by_hand: !config.words.is_empty(),
        qris: config.qris.clone(),
        least,
        most,
        lives_for: config.lives_for,
    }
}

fn stars_terms(config: StarsConfig) -> StarsTerms {
    StarsTerms {
        rate: config.rate,
        amounts: config.amounts,
    }
}

/// Comes when the process is asked to stop.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| anyhow!("{error}"))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| anyhow!("{error}"))?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
