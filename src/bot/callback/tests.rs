//! That every payload fits, reads back, and is read from nothing else.

use super::payload::{LARGEST_BYTES, Pressed};
use super::pricing::{Part, Place, ScopeTag};
use super::*;
use crate::domain::audience::Audience;
use crate::domain::id::{BroadcastId, UserId};
use crate::domain::money::Currency;
use crate::domain::pricing::promotion::Off;
use crate::shop::broadcast::Steer;
use crate::shop::prices::browse::Dimension;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn nonce() -> impl Strategy<Value = Nonce> {
    "[a-z2-7]{16}".prop_map(|text| Nonce::from(text.as_str()))
}

fn country() -> impl Strategy<Value = Iso2> {
    "[A-Z]{2}".prop_map(|code| Iso2::new(&code).unwrap())
}

fn route() -> impl Strategy<Value = Route> {
    let operator = proptest::option::of(any::<u32>());
    let server = proptest::option::of(1_u8..);
    (country(), any::<i64>(), operator, server).prop_map(|(country, service, operator, server)| {
        Route {
            country,
            service: ServiceId(service),
            operator: operator.map(OperatorTag),
            server: server.map(ServerNumber),
        }
    })
}

fn renting() -> impl Strategy<Value = Renting> {
    let id = || any::<i64>().prop_map(OrderId);
    let service = || any::<i64>().prop_map(ServiceId);
    let page = || 0_usize..100_000;
    prop_oneof![
        page().prop_map(|page| Renting::Countries { page }),
        country().prop_map(|country| Renting::Durations { country }),
        (country(), service()).prop_map(|(country, service)| Renting::Offer { country, service }),
        page().prop_map(|page| Renting::Mine { page }),
        (id(), page()).prop_map(|(id, page)| Renting::Inbox { id, page }),
        id().prop_map(|id| Renting::Renewals { id }),
        (id(), service()).prop_map(|(id, service)| Renting::Renewal { id, service }),
        id().prop_map(|id| Renting::Label { id }),
        (id(), any::<bool>()).prop_map(|(id, on)| Renting::Mute { id, on }),
    ]
}

fn mailing() -> impl Strategy<Value = Mailing> {
    let service = || any::<i64>().prop_map(ServiceId);
    let domain = || any::<u32>().prop_map(OperatorTag);
    let page = || 0_usize..100_000;
    prop_oneof![
        page().prop_map(|page| Mailing::Services { page }),
        Just(Mailing::Domains),
        service().prop_map(|service| Mailing::Service { service }),
        (domain(), page()).prop_map(|(domain, page)| Mailing::Domain { domain, page }),
        (service(), domain()).prop_map(|(service, domain)| Mailing::Offer { service, domain }),
    ]
}

fn broadcasting() -> impl Strategy<Value = Broadcasting> {
    let audience = || {
        prop_oneof![
            Just(Audience::All),
            Just(Audience::Active),
            Just(Audience::Funded),
            "[a-z]{2,3}".prop_map(Audience::Language),
        ]
    };
    let steer = prop_oneof![Just(Steer::Pause), Just(Steer::Resume), Just(Steer::Cancel)];
    prop_oneof![
        nonce().prop_map(|nonce| Broadcasting::Audiences { nonce }),
        (nonce(), audience())
            .prop_map(|(nonce, audience)| Broadcasting::Preview { nonce, audience }),
        (nonce(), audience()).prop_map(|(nonce, audience)| Broadcasting::Send { nonce, audience }),
        (any::<i64>(), steer).prop_map(|(id, steer)| Broadcasting::Steer {
            id: BroadcastId(id),
            steer,
        }),
        (any::<bool>(), any::<bool>())
            .prop_map(|(on, in_settings)| Broadcasting::News { on, in_settings }),
    ]
}

fn alerting() -> impl Strategy<Value = Alerting> {
    prop_oneof![
        Just(Alerting::Providers),
        Just(Alerting::Doubts),
        Just(Alerting::Recovery),
        any::<i64>().prop_map(|id| Alerting::Request { id: RequestId(id) }),
        Just(Alerting::Disk),
        Just(Alerting::BackUp),
    ]
}

fn desk() -> impl Strategy<Value = DeskPress> {
    let order = || any::<i64>().prop_map(OrderId);
    let user = || any::<i64>().prop_map(UserId);
    let page = || 0_usize..100_000;
    prop_oneof![
        any::<u32>().prop_map(|days| DeskPress::Stats { days }),
        any::<u32>().prop_map(|days| DeskPress::Chart { days }),
        user().prop_map(|id| DeskPress::User { id }),
        (user(), page()).prop_map(|(id, page)| DeskPress::Orders { id, page }),
        (user(), page()).prop_map(|(id, page)| DeskPress::Moves { id, page }),
        (user(), any::<bool>()).prop_map(|(id, is_on)| DeskPress::Ban { id, is_on }),
        user().prop_map(|id| DeskPress::Note { id }),
        user().prop_map(|id| DeskPress::Write { id }),
        nonce().prop_map(|nonce| DeskPress::Send { nonce }),
        order().prop_map(|id| DeskPress::Order { id }),
        order().prop_map(|id| DeskPress::Number { id }),
        order().prop_map(|id| DeskPress::Refund { id }),
        nonce().prop_map(|nonce| DeskPress::GiveBack { nonce }),
    ]
}

fn scope_tag() -> impl Strategy<Value = ScopeTag> {
    let place = prop_oneof![Just(Place::Nowhere), country().prop_map(Place::Country)];
    (
        proptest::option::of(any::<u32>().prop_map(OperatorTag)),
        proptest::option::of(place),
        proptest::option::of(any::<u32>().prop_map(|id| ServiceId(id.into()))),
    )
        .prop_map(|(provider, place, service)| ScopeTag {
            provider,
            place,
            service,
        })
}

fn off() -> impl Strategy<Value = Off> {
    prop_oneof![
        (1_i64..10_000).prop_map(|it| Off::Percent(Decimal::new(it, 2).normalize())),
        (1..=Currency::LARGEST_MINOR).prop_map(|it| Off::Fixed(Money::minor(it))),
    ]
}

fn pricing() -> impl Strategy<Value = PricingPress> {
    let page = || 0_usize..100_000;
    let part = || proptest::sample::select(Part::ALL.to_vec());
    let by = proptest::sample::select(vec![
        Dimension::Provider,
        Dimension::Country,
        Dimension::Service,
    ]);
    let currency = || "[A-Z]{3}";
    let rate =
        (1_i64.., 0_u32..20).prop_map(|(digits, scale)| Decimal::new(digits, scale).normalize());
    prop_oneof![
        Just(PricingPress::Board),
        scope_tag().prop_map(PricingPress::Scope),
        (scope_tag(), by, page()).prop_map(|(scope, by, page)| PricingPress::List {
            scope,
            by,
            page
        }),
        (scope_tag(), part()).prop_map(|(scope, part)| PricingPress::Ask { scope, part }),
        (scope_tag(), part(), 0..=Currency::LARGEST_MINOR)
            .prop_map(|(scope, part, value)| PricingPress::Set { scope, part, value }),
        (scope_tag(), part()).prop_map(|(scope, part)| PricingPress::Other { scope, part }),
        scope_tag().prop_map(PricingPress::Remove),
        scope_tag().prop_map(PricingPress::Off),
        scope_tag().prop_map(PricingPress::OtherOff),
        (scope_tag(), off(), 0_u32..366).prop_map(|(scope, off, start)| PricingPress::Until {
            scope,
            off,
            start
        }),
        (scope_tag(), off()).prop_map(|(scope, off)| PricingPress::OtherUntil { scope, off }),
        (scope_tag(), off(), 0_u32..366, 0_u32..366).prop_map(|(scope, off, start, days)| {
            PricingPress::Promote {
                scope,
                off,
                start,
                days,
            }
        }),
        scope_tag().prop_map(PricingPress::EndPromotion),
        page().prop_map(|page| PricingPress::Rules { page }),
        page().prop_map(|page| PricingPress::Promotions { page }),
        page().prop_map(|page| PricingPress::History { page }),
        any::<i64>().prop_map(|id| PricingPress::Undo { id }),
        nonce().prop_map(|nonce| PricingPress::Apply { nonce }),
        Just(PricingPress::Rates),
        currency().prop_map(PricingPress::Rate),
        (currency(), rate).prop_map(|(currency, rate)| PricingPress::SetRate { currency, rate }),
        currency().prop_map(PricingPress::OtherRate),
        currency().prop_map(PricingPress::ForgetRate),
    ]
}

fn shopkeeping() -> impl Strategy<Value = Shopkeeping> {
    let id = || any::<i64>().prop_map(ServiceId);
    prop_oneof![
        (0_usize..100_000).prop_map(|page| Shopkeeping::Services { page }),
        id().prop_map(|id| Shopkeeping::Service { id }),
        (id(), any::<bool>()).prop_map(|(id, on)| Shopkeeping::Hide { id, on }),
        (id(), any::<bool>()).prop_map(|(id, on)| Shopkeeping::Pin { id, on }),
        id().prop_map(|id| Shopkeeping::Rename { id }),
        id().prop_map(|id| Shopkeeping::OwnName { id }),
        nonce().prop_map(|nonce| Shopkeeping::Announce { nonce }),
        Just(Shopkeeping::EndAnnouncement),
        any::<bool>().prop_map(|on| Shopkeeping::Maintenance { on }),
    ]
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        Just(Decision::Approve),
        (1..i64::MAX).prop_map(|minor| Decision::ApproveOther(Money::minor(minor))),
        Just(Decision::Reject),
    ]
}

fn newer() -> impl Strategy<Value = Callback> {
    prop_oneof![
        broadcasting().prop_map(Callback::Broadcast),
        alerting().prop_map(Callback::Alert),
        Just(Callback::Invite(Inviting::Show)),
    ]
}

fn callback() -> impl Strategy<Value = Callback> {
    let order = || any::<i64>().prop_map(OrderId);
    let service = || any::<i64>().prop_map(ServiceId);
    let page = || 0_usize..100_000;
    prop_oneof![
        Just(Callback::Menu),
        Just(Callback::MenuBelow),
        Just(Callback::Buy),
        page().prop_map(|page| Callback::Countries { page }),
        (country(), page()).prop_map(|(country, page)| Callback::Services { country, page }),
        page().prop_map(|page| Callback::Everywhere { page }),
        (service(), page()).prop_map(|(service, page)| Callback::Places { service, page }),
        (country(), service(), any::<bool>()).prop_map(|(country, service, on)| {
            Callback::Star {
                country,
                service,
                on,
            }
        }),
        (country(), service())
            .prop_map(|(country, service)| Callback::Service { country, service }),
        route().prop_map(|route| Callback::Offer { route }),
        (route(), proptest::option::of(1..=i64::MAX)).prop_map(|(route, limit)| Callback::Tell {
            route,
            limit: limit.map(Money::minor),
        }),
        route().prop_map(|route| Callback::Cheaper { route }),
        (route(), any::<u8>()).prop_map(|(route, limit)| Callback::Queue { route, limit }),
        Just(Callback::Watches),
        Just(Callback::Stars),
        any::<u32>().prop_map(|stars| Callback::PayStars { stars }),
        Just(Callback::OtherStars),
        Just(Callback::Send { way: Way::Transfer }),
        Just(Callback::Send { way: Way::Qris }),
        any::<i64>().prop_map(|id| Callback::WithdrawRequest { id: RequestId(id) }),
        (any::<i64>(), decision()).prop_map(|(id, decision)| Callback::Decide {
            id: RequestId(id),
            decision,
        }),
        any::<i64>().prop_map(|id| Callback::OtherAmount { id: RequestId(id) }),
        Just(Callback::Voucher),
        nonce().prop_map(|nonce| Callback::MakeVoucher { nonce }),
        nonce().prop_map(|nonce| Callback::Deduct { nonce }),
        nonce().prop_map(|nonce| Callback::RefundStars { nonce }),
        any::<i64>().prop_map(|id| Callback::Unwatch { id: WatchId(id) }),
        nonce().prop_map(|nonce| Callback::Confirm { nonce }),
        page().prop_map(|page| Callback::Orders { page }),
        Just(Callback::OrdersBelow),
        renting().prop_map(Callback::Rent),
        mailing().prop_map(Callback::Mail),
        newer(),
        desk().prop_map(Callback::Desk),
        order().prop_map(|id| Callback::Order { id }),
        order().prop_map(|id| Callback::Cancel { id }),
        order().prop_map(|id| Callback::Resend { id }),
        order().prop_map(|id| Callback::Finish { id }),
        order().prop_map(|id| Callback::Again { id }),
        Just(Callback::Wallet),
        Just(Callback::Settings),
        "[a-z]{2,3}(-[A-Z]{2})?".prop_map(|tag| Callback::Language { tag }),
        Just(Callback::Help),
        nonce().prop_map(|nonce| Callback::TopUp { nonce }),
        pricing().prop_map(Callback::Pricing),
        shopkeeping().prop_map(Callback::Shopkeeping),
        Just(Callback::Discard),
        (any::<u32>(), any::<bool>()).prop_map(|(id, lost)| Callback::Rule {
            id: OrderId(i64::from(id)),
            ruling: [Ruling::NotBought, Ruling::Lost][usize::from(lost)],
        }),
        nonce().prop_map(|nonce| Callback::AcceptFloat { nonce }),
    ]
}

proptest! {
    #[test]
    fn a_payload_fits_and_reads_back(user in any::<i64>(), callback in callback()) {
        let pressed = Pressed { user: UserId(user), callback };
        let payload = pressed.encode();
        prop_assert!(payload.len() <= LARGEST_BYTES, "{payload}");
        prop_assert_eq!(Pressed::decode(&payload), Some(pressed));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = Pressed::decode(&text);
    }

    #[test]
    fn what_reads_is_what_we_would_write(text in "1\\.[0-9a-z-]{1,13}\\.[a-zA-Z](\\.[0-9a-zA-Z+-]{0,16}){0,3}") {
        if let Some(pressed) = Pressed::decode(&text) {
            let again = Pressed::decode(&pressed.encode());
            prop_assert_eq!(again, Some(pressed));
        }
    }
}

#[test]
fn old_and_foreign_payloads_read_as_nothing() {
    for payload in [
        "",
        "buy",
        "0.1.m",
        "2.1.m",
        "1.1.Z",
        "1.1.B.0.ID.3.",
        "1.1.B.-5.ID.3.",
        "1.1.q",
        "1.1.m.extra",
        "1.x y.m",
        "1.1.y.",
    ] {
        assert_eq!(Pressed::decode(payload), None, "{payload}");
    }
}
