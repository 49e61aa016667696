//! A whole shop in a test: simulated upstreams, a simulated Telegram, the real application on a
//! real database, and verbs for the people in it.
//!
//! [`Stage::finish`] fails on anything that was left: a message nobody read, an error of a worker,
//! an update or a notice under way, and any difference in the books, ours or the upstreams'.

mod loopback;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use numshop::app::{App, Plan};
use numshop::bot;
use numshop::bot::gate::GateSettings;
use numshop::bot::papers::Papers;
use numshop::bot::sender::SenderSettings;
use numshop::bot::webhook::WebhookSettings;
use numshop::clock::{Clock, ManualClock};
use numshop::domain::best::BestBy;
use numshop::domain::id::{ProviderId, UserId};
use numshop::domain::limits::Limits as UserLimits;
use numshop::domain::market::Market;
use numshop::domain::market::table::TableKind;
use numshop::domain::money::{Currency, Money};
use numshop::domain::order::OrderState;
use numshop::domain::pricing::Markup;
use numshop::domain::qris::StaticQris;
use numshop::domain::referral::ReferralTerms;
use numshop::domain::stars::StarsRate;
use numshop::sandbox::telegram::events::Toast;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::stars::Payment;
use numshop::sandbox::telegram::{self, SimulatedTelegram};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::shop::alerts::AlertTerms;
use numshop::shop::backup::BackupTerms;
use numshop::shop::request::TransferTerms;
use numshop::shop::stars::StarsTerms;
use numshop::shop::topup::TopUpWays;
use numshop::shop::wallet::WalletView;
use numshop::shop::{Shop, Terms};
use numshop::store::ledger;
use numshop::store::{self, Store};
use numshop::worker::Pace;
use rust_decimal::Decimal;
use url::Url;

use crate::database::Database;
use loopback::drivers;

/// The longest wait for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const SARI: i64 = 1_001;
pub(crate) const ALEX: i64 = 1_002;
pub(crate) const MAYA: i64 = 1_003;

/// The whole shop.
pub(crate) struct Stage {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) telegram: SimulatedTelegram,
    pub(crate) virtusim: SimulatedUpstream,
    pub(crate) otpcepat: SimulatedUpstream,
    /// Upstreams besides these two.
    pub(crate) others: Vec<SimulatedUpstream>,
    /// What those gave back to us without a word that says so, by their ids.
    pub(crate) silent_refunds: BTreeMap<&'static str, Decimal>,
    pub(crate) database: Database,
    /// How money comes in without an admin, from the next start on.
    pub(crate) top_ups: TopUpWays,
    /// What admins are warned of, from the next start on.
    pub(crate) alerts: AlertTerms,
    /// What inviting others brings, from the next start on.
    pub(crate) referrals: Option<ReferralTerms>,
    /// Where copies of the database go, from the next start on.
    pub(crate) backups: Option<BackupTerms>,
    /// Who runs the shop, from the next start on.
    pub(crate) admins: Vec<i64>,
    /// The terms that users accept, from the next start on; at first nobody is asked.
    pub(crate) terms_version: Option<String>,
    /// What users may do, from the next start on.
    pub(crate) limits: UserLimits,
    /// How much of what comes is let in, from the next start on; at first as much as comes.
    pub(crate) gate: GateSettings,
    /// Where Telegram brings updates, from the next start on; at first they are fetched.
    pub(crate) webhook: Option<WebhookSettings>,
    /// The operator's own papers, from the next start on.
    pub(crate) papers: Papers,
    app: Option<App>,
    /// Versions of messages that somebody read: chat, message, edits.
    read: Mutex<HashSet<(i64, i32, u32)>>,
}

/// The market as shipped, in a shop whose operator also sells what only some may.
pub(crate) fn market() -> Arc<Market> {
    static MARKET: LazyLock<Arc<Market>> = LazyLock::new(|| {
        let mut market = Market::shipped();
        let rules = "what\tvalue\trule\ncode\ttg\tallow\ncode\tot\tallow\ncode\tbc\tallow\n";
        market.add(TableKind::Policy, rules).unwrap();
        Arc::new(market)
    });
    Arc::clone(&MARKET)
}

impl Stage {
    /// A shop with Sari (Indonesian), Alex (English) and Maya, the admin. Nobody wrote yet.
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// The same with further upstreams.
    pub(crate) async fn open_with(others: &[Dialect]) -> Self {
        let clock = Arc::new(ManualClock::default());
        let shared = || Arc::clone(&clock) as Arc<dyn Clock>;
        let telegram = SimulatedTelegram::start(telegram::Config::default(), shared())
            .await
            .unwrap();
        telegram.add_user(SARI, "Sari", Some("sari"), "id");
        telegram.add_user(ALEX, "Alex", Some("alex"), "en");
        telegram.add_user(MAYA, "Maya", Some("maya"), "en");
        let virtusim = SimulatedUpstream::start(Dialect::VirtuSim, shared())
            .await
            .unwrap();
        let otpcepat = SimulatedUpstream::start(Dialect::OtpCepat, shared())
            .await
            .unwrap();
        let mut started = Vec::new();
        for dialect in others {
            started.push(SimulatedUpstream::start(*dialect, shared()).await.unwrap());
        }
        let mut stage = Self {
            telegram,
            virtusim,
            otpcepat,
            others: started,
            silent_refunds: BTreeMap::new(),
            database: Database::fresh().await,
            top_ups: TopUpWays {
                stars: Some(stars(200)),
                transfers: Some(transfers()),
                admin_daily_cap: None,
                support_daily_cap: None,
            },
            referrals: None,
            backups: None,
            alerts: AlertTerms::default(),
            admins: vec![MAYA],
            terms_version: None,
            limits: UserLimits::lenient(),
            papers: Papers::default(),
            gate: GateSettings::per_second(loopback::TAPS),
            webhook: None,
            app: None,
            read: Mutex::default(),
            clock,
        };
        stage.start().await;
        // A balance that is read later would undo what a test does to it.
        eventually("the balances are read", async || {
            let standings = stage.shop().standings();
            let mut telling = standings.iter().filter(|it| it.tells_balance);
            telling.all(|it| it.balance.is_some())
        })
        .await;
        stage
    }

    /// Starts the application, as after a crash or a stop.
    pub(crate) async fn start(&mut self) {
        let app = App::start(self.plan()).await.unwrap();
        self.app = Some(app);
        let shop = Arc::clone(self.shop());
        eventually("both catalogues are read", async || {
            let catalogue = shop.catalogue();
            let mut providers: Vec<ProviderId> = catalogue
                .halls
                .values()
                .flat_map(|hall| &hall.stands)
                .flat_map(|stand| &stand.offers)
                .map(|offer| offer.provider.clone())
                .collect();
            providers.sort();
            providers.dedup();
            providers.len() == self.upstreams().count()
        })
        .await;
    }

    /// Stops it, and starts it with other settings.
    pub(crate) async fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        self.stop().await;
        change(&mut self);
        self.start().await;
        self
    }

    /// Stops the application as a signal does.
    pub(crate) async fn stop(&mut self) {
        self.app.take().unwrap().stop().await.unwrap();
    }

    fn upstreams(&self) -> impl Iterator<Item = &SimulatedUpstream> {
        [&self.virtusim, &self.otpcepat]
            .into_iter()
            .chain(&self.others)
    }

    fn plan(&self) -> Plan {
        Plan {
            database_url: self.database.url().to_owned(),
            data_key: crate::database::key(),
            folder: None,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            providers: self.upstreams().flat_map(drivers).collect(),
            terms: Terms {
                currency: Currency::from_code("IDR").unwrap(),
                markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
                rates: [
                    ("INR".to_owned(), 200.into()),
                    ("PKR".to_owned(), 57.into()),
                    ("USD".to_owned(), 16_500.into()),
                ]
                .into(),
                owners: self.admins.iter().copied().map(UserId).collect(),
                quote_lifetime: TimeDelta::minutes(10),
                poll_interval: TimeDelta::milliseconds(40),
                doubt_deadline: TimeDelta::seconds(180),
                market: market(),
                catalogue_max_age: TimeDelta::hours(24),
                best_by: BestBy::Price,
                cancel_limit_percent: 40,
                // Stories of rentals jump over months, and tell of something else.
                rate_max_age: TimeDelta::days(3_650),
                rental_reminders_hours: vec![24, 1],
                terms_version: self.terms_version.clone(),
                limits: self.limits.clone(),
                retention_days: 7,
                referrals: self.referrals.clone(),
                backups: self.backups.clone(),
                alerts: self.alerts,
                top_ups: self.top_ups.clone(),
            },
            bot: bot::Settings {
                token: self.telegram.token().into(),
                api_url: Url::parse(&self.telegram.url()).unwrap(),
                webhook: self.webhook.clone(),
                topup_hint: None,
                papers: self.papers.clone(),
                transfers: Some(bot::TransferWords {
                    by_language: [("en".to_owned(), "Bank Contoh 000".to_owned())].into(),
                    picture: None,
                }),
                sender: SenderSettings {
                    interval_per_chat: Duration::from_millis(1),
                    ..SenderSettings::default()
                },
                gate: self.gate,
            },
            pace: Pace {
                catalogue: Duration::from_secs(3_600),
                tick: Duration::from_secs(3_600),
                reconcile: Duration::from_secs(3_600),
                stars: Duration::from_secs(3_600),
                alerts: Duration::from_secs(3_600),
            },
        }
    }

    pub(crate) fn shop(&self) -> &Arc<Shop> {
        self.app.as_ref().unwrap().shop()
    }

    pub(crate) fn person(&self, id: i64) -> Actor<'_> {
        Actor { stage: self, id }
    }

    pub(crate) fn alex(&self) -> Actor<'_> {
        self.person(ALEX)
    }

    pub(crate) fn sari(&self) -> Actor<'_> {
        self.person(SARI)
    }

    pub(crate) fn maya(&self) -> Actor<'_> {
        self.person(MAYA)
    }

    /// Adds a user who has said hello and has `rupiah` in their wallet; nobody reads the greeting.
    pub(crate) async fn guest(&self, id: i64, rupiah: u32) -> Actor<'_> {
        self.telegram
            .add_user(id, &format!("Guest {id}"), None, "en");
        let guest = self.person(id);
        guest.says("/start").await;
        guest.funded(rupiah).await;
        guest
    }

    /// Jumps ahead.
    pub(crate) fn later(&self, delta: TimeDelta) {
        self.clock.advance(delta);
    }

    /// Waits until nothing is under way, stops, and checks everything that must hold.
    pub(crate) async fn finish(mut self) {
        self.is_idle().await;
        let app = self.app.as_ref().unwrap();
        assert_eq!(app.workers().failures(), 0, "a worker failed");
        assert_eq!(app.incidents(), 0, "a handler failed");
        self.stop().await;
        self.check_read();
        let store = Store::open(self.database.url(), &crate::database::key())
            .await
            .unwrap();
        let differences = store::audit::audit(store.read()).await.unwrap();
        assert_eq!(differences, [], "the books are wrong");
        for upstream in self.upstreams() {
            let currency = upstream.dialect().currency();
            let is_cheap = upstream.dialect() == Dialect::OtpGetCheap;
            let payer = if is_cheap { "otpget" } else { upstream.id() };
            let float = ledger::Account::Float(payer.into(), currency.to_owned());
            let booked = ledger::balance(store.read(), &float).await.unwrap();
            let unsaid = self.silent_refunds.get(upstream.id());
            let spent = upstream.spent() + unsaid.copied().unwrap_or_default();
            let spent = ledger::cost_in_millionths(spent).unwrap();
            assert_eq!(-booked.as_minor(), spent, "what {} took", upstream.id());
        }
        store.close().await;
        self.database.drop().await;
    }

    pub(crate) async fn is_idle(&self) {
        let shop = self.shop();
        eventually("no update and no notice is under way", async || {
            self.telegram.pending_updates() == 0
                && shop.unhandled_updates().await.unwrap().is_empty()
                && shop.due_notices(Vec::new(), 1).await.unwrap().is_empty()
        })
        .await;
    }

    fn check_read(&self) {
        let read = self.read.lock().unwrap();
        for chat in [SARI, ALEX, MAYA] {
            for message in self.telegram.messages(chat) {
                let known = read.contains(&(chat, message.id, message.edits));
                assert!(
                    known || message.deleted || !message.from_bot(),
                    "nobody read this message to {chat}:\n{}",
                    message.text
                );
            }
        }
    }
}

/// Somebody with a phone.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'s> {
    stage: &'s Stage,
    id: i64,
}

impl Actor<'_> {
    pub(crate) const fn id(&self) -> UserId {
        UserId(self.id)
    }

    /// Writes something and reads the answer.
    pub(crate) async fn says(&self, text: &str) -> ChatMessage {
        let telegram = &self.stage.telegram;
        let seq = telegram.seq();
        telegram.send_text(self.id, text).unwrap();
        let answer = telegram
            .wait_after(self.id, seq, ChatMessage::from_bot, PATIENCE)
            .await;
        self.note(answer.unwrap())
    }

    /// Answers a message and reads what comes back.
    pub(crate) async fn replies(&self, to: i32, text: &str) -> ChatMessage {
        let telegram = &self.stage.telegram;
        let seq = telegram.seq();
        telegram.send_reply(self.id, to, text).unwrap();
        let answer = telegram
            .wait_after(self.id, seq, ChatMessage::from_bot, PATIENCE)
            .await;
        self.note(answer.unwrap())
    }

    /// Presses the newest button whose label holds `label`, and reads what that changes.
    pub(crate) async fn presses(&self, label: &str) -> ChatMessage {
        let telegram = &self.stage.telegram;
        let (message, button) = self.finds(label).await;
        let seq = telegram.seq();
        telegram.press(self.id, message, &button).unwrap();
        let answer = telegram
            .wait_after(self.id, seq, ChatMessage::from_bot, PATIENCE)
            .await;
        self.note(answer.unwrap())
    }

    /// Presses a button and reads the toast.
    pub(crate) async fn taps(&self, label: &str) -> Toast {
        let (message, button) = self.finds(label).await;
        self.taps_on(message, &button).await
    }

    /// Presses a button of one message and reads the toast.
    pub(crate) async fn taps_on(&self, message: i32, button: &str) -> Toast {
        let telegram = &self.stage.telegram;
        let seq = telegram.seq();
        telegram.press(self.id, message, button).unwrap();
        telegram
            .wait_for_toast(self.id, seq, |_| true, PATIENCE)
            .await
            .unwrap()
    }

    /// Presses with any data, whatever the buttons of the message carry, and reads the toast.
    pub(crate) async fn forges(&self, message: i32, data: &str) -> Toast {
        let telegram = &self.stage.telegram;
        let seq = telegram.seq();
        telegram.press_forged(self.id, message, data).unwrap();
        telegram
            .wait_for_toast(self.id, seq, |_| true, PATIENCE)
            .await
            .unwrap()
    }

    /// The newest button whose label holds `label`: its message and its full label.
    pub(crate) async fn finds(&self, label: &str) -> (i32, String) {
        let found = |message: &ChatMessage| {
            let button = message
                .buttons()
                .find(|button| button.text.contains(label))?;
            Some((message.id, button.text.clone()))
        };
        let message = self
            .stage
            .telegram
            .wait_for(self.id, |message| found(message).is_some(), PATIENCE)
            .await
            .unwrap();
        found(&message).unwrap()
    }

    /// Pays an invoice in this chat, and waits for how that ends.
    pub(crate) async fn pays(&self, invoice: i32) -> Payment {
        let telegram = &self.stage.telegram;
        let query = telegram.pay(self.id, invoice).unwrap();
        let ended = telegram.wait_for_payment(self.id, &query, PATIENCE).await;
        ended.unwrap()
    }

    /// Waits for a message that holds `text`, and reads it.
    pub(crate) async fn sees(&self, text: &str) -> ChatMessage {
        let seen = self
            .stage
            .telegram
            .wait_for(
                self.id,
                |message| message.from_bot() && message.text.contains(text),
                PATIENCE,
            )
            .await;
        self.note(seen.unwrap())
    }

    /// Reads everything that is there once nothing more is on its way.
    pub(crate) async fn skims(&self) {
        self.stage.is_idle().await;
        for message in self.stage.telegram.messages(self.id) {
            self.note(message);
        }
    }

    fn note(&self, message: ChatMessage) -> ChatMessage {
        let version = (self.id, message.id, message.edits);
        self.stage.read.lock().unwrap().insert(version);
        message
    }

    /// Gets money from Maya, without a word being read.
    pub(crate) async fn funded(&self, rupiah: u32) {
        let shop = self.stage.shop();
        let admin = UserId(MAYA);
        let draft = shop
            .draft_topup(admin, &self.id.to_string(), &rupiah.to_string(), None)
            .await
            .unwrap();
        shop.book_topup(admin, &draft.nonce).await.unwrap();
        self.sees("was added").await;
    }

    pub(crate) async fn wallet(&self) -> WalletView {
        self.stage.shop().wallet(self.id(), 50).await.unwrap()
    }

    /// Available and held.
    pub(crate) async fn balance(&self) -> (i64, i64) {
        let wallet = self.wallet().await;
        (wallet.available.as_minor(), wallet.held.as_minor())
    }

    /// From the menu to the confirmation card of a service in Indonesia, with any operator.
    pub(crate) async fn chooses(&self, service: &str) -> ChatMessage {
        self.chooses_in("Indonesia", service).await
    }

    /// The same in another country.
    pub(crate) async fn chooses_in(&self, country: &str, service: &str) -> ChatMessage {
        // What still rings from before would pass for an answer.
        self.stage.is_idle().await;
        self.browses_to(country, service).await
    }

    /// The same while others keep the shop busy; nothing may be on its way to this user.
    pub(crate) async fn browses_to(&self, country: &str, service: &str) -> ChatMessage {
        self.says("/buy").await;
        self.presses(country).await;
        let found = self.says(service).await;
        let button = found.buttons().next().unwrap().text.clone();
        self.presses(&button).await;
        self.presses("Any").await
    }

    /// Buys a service in English and waits for the number.
    pub(crate) async fn buys(&self, service: &str) -> ChatMessage {
        self.chooses(service).await;
        self.presses("Buy for").await;
        let card = self.sees("Waiting for the SMS").await;
        // The card of an earlier order may have been the one that says so.
        eventually("nothing of theirs is being bought", async || {
            let orders = self.stage.shop().orders(self.id(), 0, 20).await.unwrap();
            let is_bought = |state| !matches!(state, OrderState::Held | OrderState::Placing);
            orders.rows.iter().all(|order| is_bought(order.state))
        })
        .await;
        card
    }
}

/// The code of a merchant who does not exist.
const QRIS: &str = "00020101021126310017ID.CO.EXAMPLE.WWW0206ABC1235204541153033605802ID5910TOKO NOMOR6007JAKARTA61051011062070703A01630414CB";

/// Both ways to send money, with a day's time.
pub(crate) fn transfers() -> TransferTerms {
    TransferTerms {
        by_hand: true,
        qris: Some(StaticQris::read(QRIS).unwrap()),
        least: Money::minor(10_000),
        most: Money::minor(10_000_000),
        lives_for: TimeDelta::hours(24),
    }
}

/// So many rupiah for a Star.
pub(crate) fn stars(rupiah: u32) -> StarsTerms {
    StarsTerms {
        rate: StarsRate::new(rupiah.into()).unwrap(),
        amounts: vec![50, 100],
    }
}

/// Waits until `condition` holds.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "waited in vain until {what}");
}
