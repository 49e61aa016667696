//! The Telegram bot: screens, buttons and the way in and out.
//!
//! Invariant: the bot decides nothing about money or orders, it asks the shop; an update is stored
//! before Telegram may forget it; no number, code, text or token of anybody reaches a log.

pub(crate) mod api;
pub(crate) mod ban;
pub mod callback;
pub mod cashier;
pub(crate) mod command;
pub(crate) mod context;
pub mod courier;
pub(crate) mod dialogue;
pub(crate) mod error;
pub mod gate;
mod guard;
pub(crate) mod handler;
pub mod html;
pub(crate) mod i18n;
pub(crate) mod inbox;
pub(crate) mod keyboard;
pub(crate) mod link;
pub mod papers;
pub(crate) mod qr;
mod schema;
pub mod sender;
pub(crate) mod views;
pub mod webhook;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use teloxide::dispatching::Dispatcher;
use teloxide::dptree;
use teloxide::error_handlers::ErrorHandler;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::shop::Shop;

use api::{Api, ApiError};
use cashier::Cashier;
use context::Context;
use courier::Courier;
use error::BotError;
use gate::{Gate, GateSettings};
use inbox::{Door, Inbox, Keeper, Progress, UpdateLog};
use sender::{Sender, SenderSettings};
use webhook::{Hook, WebhookSettings};

/// What the end of the bot may wait for its last messages.
const LAST_MESSAGES: Duration = Duration::from_millis(1500);
/// What it may wait for its last marks in the inbox.
const LAST_MARKS: Duration = Duration::from_secs(1);
/// Updates of one chat that may wait for their turn.
const UPDATES_PER_CHAT: usize = 1024;
/// The longest pause between two attempts to reach Telegram at the start.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the operator sets.
#[derive(Debug)]
pub struct Settings {
    /// The bot's token.
    pub token: SecretString,
    /// Where updates are brought; `None` where they are fetched.
    pub webhook: Option<WebhookSettings>,
    /// Where the Bot API is.
    pub api_url: Url,
    /// How to top up, in the operator's own words; shown as written in every wallet.
    pub topup_hint: Option<String>,
    /// How users send money by bank, e-wallet or QRIS.
    pub transfers: Option<TransferWords>,
    /// The terms and what is said about privacy.
    pub papers: papers::Papers,
    /// How fast to write.
    pub sender: SenderSettings,
    /// How much of what comes is let in.
    pub gate: GateSettings,
}

/// The operator's instructions for a transfer.
#[derive(Clone, Debug, Default)]
pub struct TransferWords {
    /// By the tag of the language.
    pub by_language: BTreeMap<String, String>,
    /// A picture that goes with them, such as a QR code.
    pub picture: Option<Arc<[u8]>>,
}

impl TransferWords {
    /// The instructions in a language, or in another one where there are none.
    #[must_use]
    pub fn words(&self, tag: &str) -> Option<&str> {
        let mut any = self.by_language.values();
        let own = self.by_language.get(tag);
        own.or_else(|| any.next()).map(String::as_str)
    }
}

/// Why the bot could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum BotStopped {
    /// Telegram does not know the token.
    #[error("Telegram refuses the bot's token: check TELEGRAM_BOT_TOKEN")]
    BadToken,
    /// Another process polls Telegram with the same token.
    #[error(
        "another process receives this bot's messages with the same token, so this one has stopped: stop the other one, or give one of them a bot of its own"
    )]
    TokenTaken,
    /// The port of the webhook cannot be opened.
    #[error("WEBHOOK_BIND: nothing can listen on {bind}: {reason}")]
    NoPort {
        /// The port.
        bind: SocketAddr,
        /// Why.
        reason: String,
    },
    /// Telegram does not call this address.
    #[error(
        "Telegram refuses the address in WEBHOOK_URL: it must be https:// on port 443, 80, 88 or 8443, and reachable by a name that Telegram can look up"
    )]
    WebhookRefused,
    /// The TLS backend could not start. (The cause could quote the URL, and so the token.)
    #[error("the HTTP client for Telegram cannot be built")]
    NoClient,
}

/// The bot's name without `@`, as Telegram tells it: proof that the token works.
///
/// # Errors
/// What is wrong, without the token.
pub async fn whoami(api_url: &Url, token: &SecretString) -> Result<String, String> {
    let api = Api::new(api_url.clone(), token.clone()).map_err(|error| error.to_string())?;
    api.get_me().await.map_err(|error| error.to_string())
}

/// The bot, ready to run.
pub struct Bot {
    api: Api,
    shop: Arc<Shop>,
    settings: Arc<Settings>,
    sender: Sender,
    incidents: Arc<AtomicU64>,
    /// Known once Telegram was reached.
    name: Arc<OnceLock<String>>,
}

impl Bot {
    /// Builds the bot; nothing is sent yet.
    ///
    /// # Errors
    /// [`BotStopped::NoClient`].
    pub fn new(shop: Arc<Shop>, settings: Settings) -> Result<Self, BotStopped> {
        let api = Api::new(settings.api_url.clone(), settings.token.clone())
            .map_err(|_| BotStopped::NoClient)?;
        let sender = Sender::new(Arc::new(api.clone()), settings.sender);
        Ok(Self {
            api,
            shop,
            settings: Arc::new(settings),
            sender,
            incidents: Arc::default(),
            name: Arc::default(),
        })
    }

    /// Counts the updates that end in an error of our own or a panic.
    #[must_use]
    pub fn incidents(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.incidents)
    }

    /// Who brings notices; it shares the bot's one way out.
    #[must_use]
    pub fn courier(&self) -> Courier {
        Courier::new(Arc::clone(&self.shop), self.sender.clone())
    }

    /// Telegram's till behind the bot's token.
    #[must_use]
    pub fn cashier(&self) -> Cashier {
        Cashier::new(self.api.clone())
    }

    /// Serves until `shutdown`, then lets running handlers end and the last messages leave; all
    /// in about three seconds.
    ///
    /// # Errors
    /// [`BotStopped::BadToken`], [`BotStopped::TokenTaken`].
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), BotStopped> {
        let hook = self.settings.webhook.as_ref().map(Hook::open);
        let hook = hook.transpose()?.map(Arc::new);
        if !self.reach_telegram(hook.as_deref(), &shutdown).await? {
            return Ok(());
        }
        let lists = tokio::spawn(set_lists(self.api.clone(), Arc::clone(&self.shop)));
        let keeper = Keeper::start(Arc::clone(&self.shop) as Arc<dyn UpdateLog>);
        let progress = Arc::new(Progress::default());
        self.dispatch(&keeper, &progress, hook, &shutdown).await;
        lists.abort();
        if tokio::time::timeout(LAST_MARKS, keeper.flush())
            .await
            .is_err()
        {
            log::warn!("not every handled update could be marked: some are handled again");
        }
        let left = self.sender.drain(LAST_MESSAGES).await;
        if left > 0 {
            log::warn!("{left} messages did not leave in time");
        }
        if progress.bad_token.load(Ordering::SeqCst) {
            return Err(BotStopped::BadToken);
        }
        if progress.taken.load(Ordering::SeqCst) {
            return Err(BotStopped::TokenTaken);
        }
        let offset = progress.offset.load(Ordering::SeqCst);
        if offset > 0
            && let Err(error) = self.api.confirm_offset(offset).await
        {
            log::info!("the last updates were not acknowledged ({error}); they are known already");
        }
        Ok(())
    }

    /// Waits until Telegram answers; `false` where the end came first.
    async fn reach_telegram(
        &self,
        hook: Option<&Hook>,
        shutdown: &CancellationToken,
    ) -> Result<bool, BotStopped> {
        let mut pause = Duration::from_millis(500);
        loop {
            let reached = async {
                let name = self.api.get_me().await?;
                self.name.get_or_init(|| name);
                match hook {
                    Some(hook) => self.api.set_webhook(hook.url(), hook.secret()).await,
                    None => self.api.delete_webhook().await,
                }
            };
            let error = tokio::select! {
                () = shutdown.cancelled() => return Ok(false),
                reached = reached => match reached {
                    Ok(()) => return Ok(true),
                    Err(ApiError::BadToken) => return Err(BotStopped::BadToken),
                    Err(ApiError::Refused(_)) if hook.is_some() => {
                        return Err(BotStopped::WebhookRefused);
                    }
                    Err(error) => error,
                },
            };
            log::warn!("no start yet: {error}; trying on");
            tokio::select! {
                () = shutdown.cancelled() => return Ok(false),
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    async fn dispatch(
        &self,
        keeper: &Keeper,
        progress: &Arc<Progress>,
        hook: Option<Arc<Hook>>,
        shutdown: &CancellationToken,
    ) {
        let gate = Gate::new(
            Arc::clone(&self.shop),
            self.sender.clone(),
            self.settings.gate,
        );
        let gate = Arc::new(gate);
        let context = Arc::new(Context {
            gate: Arc::clone(&gate),
            shop: Arc::clone(&self.shop),
            api: self.api.clone(),
            sender: self.sender.clone(),
            keeper: keeper.clone(),
            settings: Arc::clone(&self.settings),
            incidents: Arc::clone(&self.incidents),
            turns: std::sync::Mutex::default(),
            name: Arc::clone(&self.name),
        });
        let mut dispatcher = Dispatcher::builder(self.api.teloxide(), schema::schema())
            .dependencies(dptree::deps![context])
            // teloxide's own handlers would log whole updates.
            .default_handler(|_| async {})
            .error_handler(Arc::new(Quiet))
            // A full queue of one chat would hold up all others.
            .worker_queue_size(UPDATES_PER_CHAT)
            .build();
        loop {
            let inbox = Inbox {
                api: self.api.clone(),
                log: Arc::clone(&self.shop) as Arc<dyn UpdateLog>,
                keeper: keeper.clone(),
                door: Arc::clone(&gate) as Arc<dyn Door>,
                hook: hook.clone(),
                progress: Arc::clone(progress),
                shutdown: shutdown.clone(),
            };
            // It asks for the bot's name first, which is all that can fail here.
            let served = dispatcher.try_dispatch_with_listener(inbox, Arc::new(Quiet));
            if served.await.is_ok() || shutdown.is_cancelled() {
                return;
            }
            log::warn!("Telegram did not answer at the start; trying on");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// The command lists are a comfort: nothing waits for them, and trouble only delays them.
async fn set_lists(api: Api, shop: Arc<Shop>) {
    let mut pause = Duration::from_secs(1);
    while let Err(error) = command::set_lists(&api, &shop.staff()).await {
        log::warn!("the command lists are not set yet: {error}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(600));
    }
}

/// Errors never get this far: the guard at the root of the tree tells and logs them.
struct Quiet;

impl ErrorHandler<BotError> for Quiet {
    fn handle_error(self: Arc<Self>, error: BotError) -> BoxFuture<'static, ()> {
        log::error!("an error got past the guard: {error}");
        async {}.boxed()
    }
}

impl ErrorHandler<Infallible> for Quiet {
    fn handle_error(self: Arc<Self>, error: Infallible) -> BoxFuture<'static, ()> {
        match error {}
    }
}
