//! Who runs the shop, and that nobody else does.

use numshop::bot::callback::Callback;
use numshop::bot::callback::alerting::Alerting;
use numshop::bot::callback::broadcasting::Broadcasting;
use numshop::bot::callback::desk::DeskPress;
use numshop::bot::callback::payload::Pressed;
use numshop::bot::callback::pricing::PricingPress;
use numshop::bot::callback::shopkeeping::Shopkeeping;
use numshop::bot::callback::staff::StaffPress;
use numshop::bot::callback::trust::TrustPress;
use numshop::domain::audience::Audience;
use numshop::domain::id::{BroadcastId, Nonce, OrderId, ProviderId, UserId};
use numshop::domain::limits::Limit;
use numshop::domain::money::Money;
use numshop::domain::role::Role;
use numshop::shop::broadcast::Steer;
use numshop::shop::doubts::Ruling;
use numshop::shop::freeze::Target;
use numshop::shop::limits::LimitWish;
use numshop::shop::request::{Decision, RequestId};
use numshop::shop::support::SupportId;
use rstest::rstest;

use crate::harness::{Actor, MAYA, SARI, Stage};

/// Maya, an owner, Alex and Sari have said hello.
async fn stage() -> Stage {
    let stage = Stage::open().await;
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.says("/start").await;
    }
    let sari = stage.sari().id();
    stage.shop().choose_language(sari, "en").await.unwrap();
    stage
}

/// Maya gives Alex a role.
async fn with_role<'s>(stage: &'s Stage, role: &str) -> Actor<'s> {
    let maya = stage.maya();
    maya.says(&format!("/role @alex {role}")).await;
    maya.taps("Change the role").await;
    maya.sees("is now:").await;
    let alex = stage.alex();
    alex.sees("You run this shop too").await;
    alex
}

/// Every command of the staff, with what one would write behind it.
pub(crate) const COMMANDS: [(&str, Role); 24] = [
    ("/topup @sari 5000", Role::Admin),
    ("/deduct @sari 5000 mistake", Role::Admin),
    ("/prices set all percent=50", Role::Admin),
    ("/providers set virtusim off", Role::Admin),
    ("/doubts", Role::Admin),
    ("/voucher create 5000 1", Role::Admin),
    ("/recovery done", Role::Admin),
    ("/freeze all", Role::Admin),
    ("/unfreeze all", Role::Admin),
    ("/limits @sari", Role::Support),
    ("/audit", Role::Admin),
    ("/rates", Role::Admin),
    ("/services", Role::Admin),
    ("/announce hello", Role::Admin),
    ("/maintenance on", Role::Admin),
    ("/broadcast", Role::Admin),
    ("/refund @sari", Role::Support),
    ("/stats", Role::Admin),
    ("/export users", Role::Admin),
    ("/user @sari", Role::Support),
    ("/order 1", Role::Support),
    ("/find 628123456789", Role::Support),
    ("/role @sari admin", Role::Owner),
    ("/backup", Role::Owner),
];

/// Every kind of button that users never get.
pub(crate) fn buttons() -> Vec<Callback> {
    let nonce = Nonce::random();
    let id = RequestId(1);
    let (yes, no) = (Decision::Approve, Decision::Reject);
    let other = Decision::ApproveOther(Money::minor(500));
    let decide = |decision| Callback::Decide { id, decision };
    let mut buttons = vec![
        Callback::TopUp {
            nonce: nonce.clone(),
        },
        Callback::Deduct {
            nonce: nonce.clone(),
        },
        Callback::Pricing(PricingPress::Apply {
            nonce: nonce.clone(),
        }),
        Callback::Pricing(PricingPress::Board),
        Callback::Shopkeeping(Shopkeeping::Maintenance { on: true }),
        Callback::MakeVoucher {
            nonce: nonce.clone(),
        },
        Callback::RefundStars {
            nonce: nonce.clone(),
        },
        Callback::AcceptFloat {
            nonce: nonce.clone(),
        },
        Callback::Alert(Alerting::Providers),
        Callback::Alert(Alerting::Request { id }),
        Callback::Alert(Alerting::BackUp),
        Callback::Staff(StaffPress::SetRole {
            nonce: nonce.clone(),
        }),
        Callback::Staff(StaffPress::Acts { by: None, page: 0 }),
        decide(yes),
        decide(no),
        decide(other),
        Callback::OtherAmount { id },
        Callback::Selling {
            provider: ProviderId::from("virtusim"),
            is_on: false,
        },
        Callback::Rule {
            id: OrderId(1),
            ruling: Ruling::Lost,
        },
        Callback::Discard,
    ];
    buttons.extend(trust_buttons());
    buttons.extend(broadcast_buttons(&nonce));
    buttons.extend(desk_buttons(&nonce));
    buttons
}

fn trust_buttons() -> Vec<Callback> {
    let (user, limit) = (UserId(SARI), Limit::Spend);
    let buttons = [
        TrustPress::Answer { id: SupportId(1) },
        TrustPress::Limits { user },
        TrustPress::Limit { user, limit },
        TrustPress::SetLimit {
            user,
            limit,
            wish: LimitWish::None,
        },
        TrustPress::FreezeUser { user },
        TrustPress::Lift {
            target: Target::All,
        },
    ];
    buttons.map(Callback::Trust).into()
}

fn broadcast_buttons(nonce: &Nonce) -> Vec<Callback> {
    vec![
        Callback::Broadcast(Broadcasting::Audiences {
            nonce: nonce.clone(),
        }),
        Callback::Broadcast(Broadcasting::Preview {
            nonce: nonce.clone(),
            audience: Audience::All,
        }),
        Callback::Broadcast(Broadcasting::Send {
            nonce: nonce.clone(),
            audience: Audience::All,
        }),
        Callback::Broadcast(Broadcasting::Steer {
            id: BroadcastId(1),
            steer: Steer::Cancel,
        }),
    ]
}

fn desk_buttons(nonce: &Nonce) -> Vec<Callback> {
    vec![
        desk(DeskPress::Stats { days: 7 }),
        desk(DeskPress::Chart { days: 7 }),
        desk(DeskPress::User { id: UserId(MAYA) }),
        desk(DeskPress::Orders {
            id: UserId(MAYA),
            page: 0,
        }),
        desk(DeskPress::Moves {
            id: UserId(MAYA),
            page: 0,
        }),
        desk(DeskPress::Ban {
            id: UserId(MAYA),
            is_on: true,
        }),
        desk(DeskPress::Note { id: UserId(MAYA) }),
        desk(DeskPress::Write { id: UserId(MAYA) }),
        desk(DeskPress::Send {
            nonce: nonce.clone(),
        }),
        desk(DeskPress::Order { id: OrderId(1) }),
        desk(DeskPress::Number { id: OrderId(1) }),
        desk(DeskPress::Refund { id: OrderId(1) }),
        desk(DeskPress::GiveBack {
            nonce: nonce.clone(),
        }),
    ]
}

fn desk(press: DeskPress) -> Callback {
    Callback::Desk(press)
}

/// What somebody with that role may not do is refused, by command and by forged button.
async fn is_kept_out(stage: &Stage, person: &Actor<'_>, role: Option<Role>) {
    let refusal = match role {
        None => "I don't know that command",
        Some(_) => "needs more rights",
    };
    for (command, least) in COMMANDS {
        // Everybody may redeem vouchers.
        let is_shared = role.is_none() && command.starts_with("/voucher");
        if role < Some(least) && !is_shared {
            let answer = person.says(command).await;
            assert!(answer.text.contains(refusal), "{command}: {}", answer.text);
        }
    }
    let menu = person.says("/start").await;
    for callback in buttons() {
        let least = callback.least_role();
        assert!(least.is_some(), "{callback:?} is for the staff");
        if role >= least {
            continue;
        }
        let user = person.id();
        let forged = Pressed { user, callback };
        let toast = person.forges(menu.id, &forged.encode()).await;
        assert!(
            toast.text.contains("out of date"),
            "{forged:?}: {}",
            toast.text
        );
    }
    assert_eq!(stage.sari().balance().await, (0, 0));
}

#[rstest]
#[case::user(None)]
#[case::support(Some("support"))]
#[case::admin(Some("admin"))]
#[tokio::test]
async fn nobody_does_what_their_role_does_not_allow(#[case] word: Option<&str>) {
    let stage = stage().await;
    let person = match word {
        Some(word) => with_role(&stage, word).await,
        None => stage.alex(),
    };
    let role = stage.shop().role(person.id());
    assert_eq!(role, word.and_then(Role::given));
    is_kept_out(&stage, &person, role).await;
    person.skims().await;
    let acts = stage.shop().acts(None, 0).await.unwrap();
    assert_eq!(
        acts.rows.len(),
        usize::from(word.is_some()),
        "only the role"
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_role_is_given_used_and_taken() {
    let mut stage = stage().await;
    let alex = with_role(&stage, "admin").await;
    let news = alex.sees("You run this shop too").await;
    assert!(news.text.contains("admin"), "{}", news.text);
    let board = alex.says("/providers").await;
    assert!(board.text.contains("virtusim"), "{}", board.text);
    alex.says("/topup @sari 5000 cash").await;
    let draft = alex.sees("Top up Sari").await;
    // What was given survives a restart.
    stage.stop().await;
    stage.start().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let button = draft.buttons().next().unwrap().text.clone();
    alex.taps_on(draft.id, &button).await;
    stage.sari().sees("was added to your wallet").await;
    // Once it is taken, a button that is still there does nothing.
    alex.says("/topup @sari 6000").await;
    let draft = alex.sees("Rp6,000").await;
    maya.says("/role @alex none").await;
    maya.taps("Change the role").await;
    alex.sees("do not run this shop any more").await;
    let button = draft.buttons().next().unwrap().text.clone();
    let toast = alex.taps_on(draft.id, &button).await;
    assert!(toast.text.contains("out of date"), "{}", toast.text);
    assert_eq!(stage.sari().balance().await, (5_000, 0));
    let log = maya.says("/audit").await;
    for part in [
        "Role · user",
        "admin → —",
        "Top-up · user",
        "— → Rp5,000",
        "cash",
    ] {
        assert!(log.text.contains(part), "{part}: {}", log.text);
    }
    let mine = stage.shop().acts(Some(UserId(MAYA)), 0).await.unwrap();
    assert_eq!(mine.rows.len(), 2);
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn owners_stand_in_the_settings_only() {
    let stage = stage().await;
    let maya = stage.maya();
    let refused = maya.says("/role @maya none").await;
    assert!(refused.text.contains("settings"), "{}", refused.text);
    let refused = maya.says("/role @alex owner").await;
    assert!(refused.text.contains("/role <user ID"), "{}", refused.text);
    let refused = maya.says("/role @alex none").await;
    assert!(refused.text.contains("so already"), "{}", refused.text);
    let list = maya.says("/role").await;
    assert!(list.text.contains("owner: Maya @maya"), "{}", list.text);
    stage.finish().await;
}
