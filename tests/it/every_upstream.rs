//! The same stories with every upstream: the real driver, its simulated upstream over HTTP, the
//! real shop and its workers.

use chrono::TimeDelta;
use numshop::domain::id::{OrderId, UserId};
use numshop::domain::order::{FailReason, OrderState};
use numshop::provider::Capabilities;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::{self, SimulatedUpstream};
use numshop::shop::ShopError;
use numshop::shop::browse::ServiceId;
use numshop::shop::buy::{CardPlace, Choice};
use numshop::shop::orders::OrderView;

use crate::harness::{ALEX, Stage, eventually};

/// What an upstream does about a price that rose since it was listed.
#[derive(Clone, Copy)]
enum PriceRise {
    /// It knows what we would pay at most, and sells nothing.
    Refuses,
    /// It sells and says the new price: more than the user pays, so the number goes back.
    Tells,
    /// It sells and says nothing.
    Hides,
}

/// One upstream, and something that it sells.
#[derive(Clone, Copy)]
struct Case {
    dialect: Dialect,
    country: &'static str,
    service: &'static str,
    price_rise: PriceRise,
}

const CREDIT: u32 = 100_000;

/// A shop in which Alex buys at one upstream.
struct Scene {
    stage: Stage,
    case: Case,
    card: CardPlace,
}

impl Scene {
    async fn open(case: Case) -> Self {
        let is_usual = matches!(case.dialect, Dialect::VirtuSim | Dialect::OtpCepat);
        let others: &[Dialect] = if is_usual { &[] } else { &[case.dialect] };
        let stage = Stage::open_with(others).await;
        if case.dialect == Dialect::OtpGan {
            // Its price list is the operator's, and this is what the stage's says.
            stage.others[0].set_price("wa", 3_000.into()).unwrap();
        }
        let alex = stage.alex();
        let greeting = alex.says("/start").await;
        alex.funded(CREDIT).await;
        let card = CardPlace {
            chat_id: ALEX,
            message_id: greeting.id,
        };
        Self { stage, case, card }
    }

    fn upstream(&self) -> &SimulatedUpstream {
        match self.case.dialect {
            Dialect::VirtuSim => &self.stage.virtusim,
            Dialect::OtpCepat => &self.stage.otpcepat,
            Dialect::OtpGan
            | Dialect::OtpBuddy
            | Dialect::OtpGet
            | Dialect::OtpGetCheap
            | Dialect::Compat { .. } => &self.stage.others[0],
        }
    }

    fn capabilities(&self) -> Capabilities {
        let mut providers = self.stage.shop().providers();
        let mine = |id: &str| id == self.upstream().id();
        let provider = providers.find(|provider| mine(provider.id().as_str()));
        provider.unwrap().capabilities()
    }

    /// Confirms a purchase at this upstream; what was quoted is held then.
    async fn confirms(&self) -> OrderId {
        let shop = self.stage.shop();
        let catalogue = shop.catalogue();
        let stands = &catalogue.halls[self.case.country].stands;
        let mut stands = stands
            .iter()
            .filter(|stand| stand.name == self.case.service);
        let choice = Choice {
            service: ServiceId(stands.next().unwrap().service_id),
            country: self.case.country.to_owned(),
            operator: None,
            server: Some(self.upstream().id().into()),
        };
        let quote = shop.quote(UserId(ALEX), choice).await.unwrap();
        let confirmed = shop.confirm(UserId(ALEX), &quote.nonce, self.card).await;
        confirmed.unwrap().order.id
    }

    async fn view(&self, id: OrderId) -> OrderView {
        self.stage.shop().order(UserId(ALEX), id).await.unwrap()
    }

    async fn until(&self, id: OrderId, state: OrderState) -> OrderView {
        eventually(&format!("the order is {state}"), async || {
            self.view(id).await.state == state
        })
        .await;
        self.view(id).await
    }

    /// Buys a number and waits until it is there.
    async fn buys(&self) -> OrderId {
        let id = self.confirms().await;
        let view = self.until(id, OrderState::Waiting).await;
        let sold = self.sold();
        assert_eq!(view.number.as_deref(), Some(sold.number.as_str()));
        id
    }

    fn sold(&self) -> upstream::SimulatedOrder {
        self.upstream().newest_orders(1).remove(0)
    }

    fn delivers(&self, text: &str) {
        self.upstream().deliver(&self.sold().id, text).unwrap();
    }

    async fn paid(&self) -> i64 {
        let (available, held) = self.stage.alex().balance().await;
        assert_eq!(held, 0);
        i64::from(CREDIT) - available
    }

    async fn ends(self) {
        self.stage.alex().skims().await;
        self.stage.finish().await;
    }
}

async fn a_purchase(case: Case) {
    let scene = Scene::open(case).await;
    let id = scene.buys().await;
    scene.delivers("Your code is 551177. Do not share it.");
    let view = scene.until(id, OrderState::Received).await;
    assert_eq!(view.sms.len(), 1);
    assert_eq!(view.sms[0].code.as_deref(), Some("551177"));
    assert_eq!(scene.paid().await, view.price.as_minor());
    scene.stage.shop().finish(UserId(ALEX), id).await.unwrap();
    if scene.capabilities().finish {
        eventually("the upstream is told", async || {
            scene.sold().state == upstream::OrderState::Finished
        })
        .await;
    }
    assert_eq!(scene.view(id).await.state, OrderState::Completed);
    scene.ends().await;
}

async fn a_cancellation(case: Case) {
    let scene = Scene::open(case).await;
    let id = scene.buys().await;
    let user = UserId(ALEX);
    if !scene.capabilities().cancel_after.is_zero() {
        let refused = scene.stage.shop().cancel(user, id).await.unwrap_err();
        assert!(matches!(refused, ShopError::CancelTooEarly(_)), "{refused}");
    }
    scene.stage.later(TimeDelta::minutes(4));
    scene.stage.shop().cancel(user, id).await.unwrap();
    scene.until(id, OrderState::Cancelled).await;
    assert_eq!(scene.paid().await, 0);
    assert_eq!(scene.sold().state, upstream::OrderState::Cancelled);
    assert_eq!(scene.upstream().spent(), 0.into());
    scene.ends().await;
}

async fn another_sms_sends_the_resend_code_and_not_the_finish_code(case: Case) {
    let scene = Scene::open(case).await;
    let id = scene.buys().await;
    scene.delivers("Your code is 551177");
    let view = scene.until(id, OrderState::Received).await;
    assert_eq!(view.can_resend, scene.capabilities().resend);
    let asked = scene.stage.shop().resend(UserId(ALEX), id).await;
    if view.can_resend {
        asked.unwrap();
        eventually("the upstream is told", async || {
            scene.sold().state == upstream::OrderState::Waiting
        })
        .await;
        assert_eq!(scene.upstream().requests(step::RESEND), 1);
        assert_eq!(scene.upstream().requests(step::FINISH), 0);
        scene.delivers("Your code is 662288");
        eventually("the second SMS is there", async || {
            scene.view(id).await.sms.len() == 2
        })
        .await;
    } else {
        assert!(matches!(asked.unwrap_err(), ShopError::NoResend));
    }
    // However many came, one was paid for.
    assert_eq!(scene.paid().await, view.price.as_minor());
    scene.ends().await;
}

async fn an_expiry(case: Case) {
    let scene = Scene::open(case).await;
    let id = scene.buys().await;
    let lifetime = TimeDelta::from_std(scene.capabilities().lifetime).unwrap();
    // The number goes back while the upstream still takes it.
    scene.stage.later(lifetime - TimeDelta::seconds(10));
    scene.until(id, OrderState::Expired).await;
    assert_eq!(scene.paid().await, 0);
    assert_eq!(scene.upstream().spent(), 0.into());
    scene.ends().await;
}

/// The upstream sells nothing, for this reason.
async fn a_refusal(case: Case, fault: Fault, reason: FailReason) {
    let scene = Scene::open(case).await;
    scene.upstream().set_fault(fault, Scope::on(step::BUY));
    let id = scene.confirms().await;
    let view = scene.until(id, OrderState::Failed).await;
    assert_eq!(view.reason, Some(reason));
    assert_eq!(scene.paid().await, 0);
    assert_eq!(scene.upstream().orders(), []);
    scene.ends().await;
}

async fn a_price_rise(case: Case) {
    let mut scene = Scene::open(case).await;
    let raised = Fault::PriceChange { percent: 50 };
    scene.upstream().set_fault(raised, Scope::on(step::BUY));
    let id = scene.confirms().await;
    match case.price_rise {
        PriceRise::Refuses => {
            let view = scene.until(id, OrderState::Failed).await;
            assert_eq!(view.reason, Some(FailReason::PriceRose));
            assert_eq!(scene.paid().await, 0);
            assert_eq!(scene.upstream().spent(), 0.into());
        }
        PriceRise::Tells => {
            scene.until(id, OrderState::Cancelling).await;
            scene.stage.later(TimeDelta::minutes(4));
            let view = scene.until(id, OrderState::Cancelled).await;
            assert!(view.is_given_back());
            assert_eq!(scene.paid().await, 0);
            assert_eq!(scene.upstream().spent(), 0.into());
        }
        PriceRise::Hides => {
            scene.until(id, OrderState::Waiting).await;
            scene.delivers("Your code is 551177");
            let view = scene.until(id, OrderState::Received).await;
            assert_eq!(scene.paid().await, view.price.as_minor());
            // A third of what it took is nowhere in our books.
            let taken = scene.upstream().spent();
            let listed = taken * rust_decimal::Decimal::from(2) / rust_decimal::Decimal::from(3);
            let hidden = (listed - taken).normalize();
            let name = scene.upstream().id();
            scene.stage.silent_refunds.insert(name, hidden);
        }
    }
    scene.ends().await;
}

/// All stories for one upstream.
macro_rules! stories {
    ($upstream:ident, $case:expr) => {
        mod $upstream {
            use super::*;

            pub(super) const CASE: Case = $case;

            #[tokio::test]
            async fn a_purchase() {
                super::a_purchase(CASE).await;
            }

            #[tokio::test]
            async fn a_cancellation() {
                super::a_cancellation(CASE).await;
            }

            #[tokio::test]
            async fn another_sms_sends_the_resend_code_and_not_the_finish_code() {
                super::another_sms_sends_the_resend_code_and_not_the_finish_code(CASE).await;
            }

            #[tokio::test]
            async fn an_expiry() {
                super::an_expiry(CASE).await;
            }

            #[tokio::test]
            async fn out_of_stock() {
                super::a_refusal(CASE, Fault::NoStock, FailReason::OutOfStock).await;
            }

            #[tokio::test]
            async fn a_bad_key() {
                super::a_refusal(CASE, Fault::WrongKey, FailReason::UpstreamDown).await;
            }

            #[tokio::test]
            async fn a_price_rise() {
                super::a_price_rise(CASE).await;
            }
        }
    };
}

const fn case(
    dialect: Dialect,
    country: &'static str,
    service: &'static str,
    price_rise: PriceRise,
) -> Case {
    Case {
        dialect,
        country,
        service,
        price_rise,
    }
}

/// A host of the sms-activate family, of the newer or the older kind.
const fn host(modern: bool) -> Dialect {
    Dialect::Compat {
        name: if modern { "hero" } else { "veteran" },
        modern,
    }
}

stories!(
    virtusim,
    case(Dialect::VirtuSim, "ID", "WhatsApp", PriceRise::Hides)
);
stories!(
    otpcepat,
    case(Dialect::OtpCepat, "ID", "WhatsApp", PriceRise::Tells)
);
stories!(
    otpgan,
    case(Dialect::OtpGan, "ID", "WhatsApp", PriceRise::Tells)
);
stories!(
    otpbuddy,
    case(Dialect::OtpBuddy, "IN", "Amazon", PriceRise::Hides)
);
stories!(
    otpget,
    case(Dialect::OtpGet, "PK", "WhatsApp", PriceRise::Refuses)
);
stories!(
    otpget_cheap,
    case(Dialect::OtpGetCheap, "ID", "Any Other", PriceRise::Hides)
);
stories!(
    modern_host,
    case(host(true), "ID", "WhatsApp", PriceRise::Refuses)
);
stories!(
    older_host,
    case(host(false), "ID", "WhatsApp", PriceRise::Refuses)
);

/// The README's table of upstreams: the cells of a row by the names of the columns.
fn cell(readme: &str, row: &str, column: &str) -> String {
    let mut lines = readme.lines().skip_while(|line| *line != "## Upstreams");
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let head = cells(lines.find(|line| line.starts_with('|')).unwrap());
    let place = head.iter().position(|name| name == column).unwrap();
    let mut rows = lines.map(cells);
    let row = rows.find(|cells| cells[0] == row).unwrap();
    row[place].clone()
}

#[tokio::test]
async fn the_readme_s_table_of_upstreams_is_true() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for (column, case) in [
        ("VirtuSIM", virtusim::CASE),
        ("OTPCepat", otpcepat::CASE),
        ("OTPGan", otpgan::CASE),
        ("OTPBuddy", otpbuddy::CASE),
        ("OTPGet", otpget::CASE),
        ("OTPGet cheap", otpget_cheap::CASE),
        ("sms-activate family", modern_host::CASE),
    ] {
        let scene = Scene::open(case).await;
        let can = scene.capabilities();
        let provider = scene.upstream().id();
        let catalogue = scene.stage.shop().catalogue();
        let stands = catalogue.halls.values().flat_map(|hall| &hall.stands);
        let mut offers = stands.flat_map(|stand| &stand.offers);
        let has_operators = offers.any(|offer| {
            offer.provider.as_str() == provider && !catalogue.operators(offer).is_empty()
        });
        let takes_a_limit = matches!(case.price_rise, PriceRise::Refuses);
        for (row, expected) in [
            ("operators", has_operators),
            ("another SMS", can.resend),
            ("finish", can.finish),
            ("takes the price as a limit", takes_a_limit),
            ("one call for all waiting orders", can.batch_poll),
            ("finds an order whose answer was lost", can.batch_poll),
            ("balance", can.balance),
        ] {
            let said = cell(&readme, row, column);
            // "v2" means: not in the version that is usual.
            let says_yes = said == "yes" || said.starts_with("where ");
            assert_eq!(says_yes, expected, "{column}, {row}: {said}");
        }
        let currency = cell(&readme, "currency", column);
        let own = scene.case.dialect.currency();
        assert!(
            currency == own || currency == "its own",
            "{column}: {currency}"
        );
        scene.ends().await;
    }
}
