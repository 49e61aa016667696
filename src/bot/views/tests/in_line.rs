//! The screens of one service, and those for the time in which it cannot be bought.
//!
//! Invariant: what is set aside is named, and so is when it comes back.

use super::*;
use crate::bot::callback::{OperatorTag, Route};
use crate::domain::best::BestBy;
use crate::shop::browse::{OperatorEntry, ServerEntry, ServerNumber, Shelf};
use crate::shop::queue::QueueQuote;
use crate::shop::track::Track;
use crate::shop::watch::{Watch, WatchId};

fn route(operator: Option<&str>) -> Route {
    Route {
        country: Iso2::new("ID").unwrap(),
        service: ServiceId(3),
        operator: operator.map(OperatorTag::of),
        server: None,
    }
}

#[test]
fn operators_start_with_the_best_price() {
    let shelf = Shelf {
        service: service(3, "WhatsApp", 2_500, Some(12)),
        country: indonesia(),
        best_by: BestBy::Price,
        servers: vec![
            ServerEntry {
                server: ServerNumber(2),
                price: Money::minor(2_500),
                stock: Some(12),
                track: Some(Track {
                    percent: 92,
                    median: Some(std::time::Duration::from_secs(35)),
                }),
            },
            ServerEntry {
                server: ServerNumber(1),
                price: Money::minor(3_000),
                stock: None,
                track: None,
            },
        ],
        operators: vec![
            OperatorEntry {
                operator: None,
                price: Money::minor(2_500),
                stock: Some(12),
            },
            OperatorEntry {
                operator: Some("Telkomsel".into()),
                price: Money::minor(3_000),
                stock: None,
            },
            OperatorEntry {
                operator: Some("Indosat".into()),
                price: Money::minor(3_000),
                stock: Some(0),
            },
        ],
    };
    let country = Iso2::new("ID").unwrap();
    insta::assert_snapshot!(shown(&shelf::shelf(&look("en"), country, &shelf, false)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>

    Which operator? “Any” is the cheapest and the quickest.

    Behind a server: numbers left, how many of its numbers got a code this week, and how soon.
    [⭐ Any, best price · Rp2,500 · 12 left]
    [Server 2 · Rp2,500 · 12 left · 92% · 35 sec]
    [Server 1 · Rp3,000]
    [Telkomsel · Rp3,000]
    [Indosat · sold out]
    [☆ Add to favourites]
    [‹ Back]
    "#);
    insta::assert_snapshot!(shown(&shelf::shelf(&look("id"), country, &shelf, true)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>

    Mau operator apa? “Bebas” paling murah dan paling cepat.

    Di belakang server: sisa nomor, berapa persen nomornya dapat kode minggu ini, dan seberapa cepat.
    [⭐ Bebas, harga terbaik · Rp2.500 · sisa 12]
    [Server 2 · Rp2.500 · sisa 12 · 92% · 35 detik]
    [Server 1 · Rp3.000]
    [Telkomsel · Rp3.000]
    [Indosat · habis]
    [★ Favoritmu]
    [‹ Kembali]
    "#);
}

#[test]
fn a_sold_out_service_leads_to_what_is_near() {
    let near = [service(4, "Telegram", 3_000, None)];
    let whatsapp = ServiceEntry {
        countries: 2,
        ..service(3, "WhatsApp", 2_500, Some(0))
    };
    let route = route(Some("Telkomsel"));
    let screen = shelf::sold_out(&look("en"), route, &whatsapp, &near, &ShopError::SoldOut);
    insta::assert_snapshot!(shown(&screen), @r#"
    <b>WhatsApp</b> is sold out right now. Nothing was charged. New numbers come in all the time.
    Wait for it, or take one that is in stock:
    [🔔 Tell me when it is back]
    [⏳ Buy it as soon as it is back]
    [Telegram · Rp3,000]
    [🌍 Other countries]
    [All services]
    [‹ Menu]
    "#);
}

#[test]
fn the_screen_says_what_the_order_is_by() {
    let mut shelf = Shelf {
        service: service(3, "WhatsApp", 2_500, None),
        country: indonesia(),
        best_by: BestBy::Balanced,
        servers: Vec::new(),
        operators: vec![OperatorEntry {
            operator: None,
            price: Money::minor(3_000),
            stock: None,
        }],
    };
    let country = Iso2::new("ID").unwrap();
    insta::assert_snapshot!(shown(&shelf::shelf(&look("en"), country, &shelf, false)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>

    Which operator? “Any” weighs the price with how often codes arrive. The servers stand in that order.
    [⭐ Any, best value · Rp3,000]
    [☆ Add to favourites]
    [‹ Back]
    "#);
    shelf.best_by = BestBy::Success;
    insta::assert_snapshot!(shown(&shelf::shelf(&look("id"), country, &shelf, false)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>

    Mau operator apa? “Bebas” yang kodenya paling sering masuk. Urutan servernya juga begitu, bukan menurut harga.
    [⭐ Bebas, paling manjur · Rp3.000]
    [☆ Jadikan favorit]
    [‹ Kembali]
    "#);
}

fn queue_quote(missing: Option<i64>) -> QueueQuote {
    let quote = quote(None);
    QueueQuote {
        nonce: quote.nonce,
        choice: quote.choice,
        server: Some(ServerNumber(2)),
        service_name: quote.service_name,
        limit: Money::minor(2_500),
        limits: [2_500, 3_200, 3_800].map(Money::minor).into(),
        available: Money::minor(10_000),
        after: Money::minor(7_500),
        missing: missing.map(Money::minor),
        until: now() + TimeDelta::hours(24),
    }
}

#[test]
fn a_limit_is_set_aside_and_says_when_it_comes_back() {
    let country = indonesia().country;
    let route = route(Some("Telkomsel"));
    let screen = |tag, missing| {
        let quote = queue_quote(missing);
        shown(&waiting::queue(&look(tag), route, &country, &quote))
    };
    insta::assert_snapshot!(screen("en", None), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Server 2 · Telkomsel</b>

    We buy it for you as soon as it can be had for at most <b>Rp2,500</b>, for the price of that moment.

    The limit is set aside now: Rp10,000 → Rp7,500. If it costs less, the rest comes back at once.
    Nothing in 24 h, or you cancel before? All of it is back in your wallet.
    [✅ Set aside Rp2,500]
    [Up to Rp3,200] [Up to Rp3,800]
    [‹ Back]
    "#);
    insta::assert_snapshot!(screen("id", None), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Server 2 · Telkomsel</b>

    Begitu ada dengan harga maksimal <b>Rp2.500</b>, langsung kami belikan dengan harga saat itu.

    Batas itu disisihkan sekarang: Rp10.000 → Rp7.500. Kalau lebih murah, selisihnya langsung kembali.
    Tidak ada dalam 24 jam, atau kamu batalkan duluan? Semuanya kembali ke saldo.
    [✅ Sisihkan Rp2.500]
    [Maksimal Rp3.200] [Maksimal Rp3.800]
    [‹ Kembali]
    "#);
    insta::assert_snapshot!(screen("en", Some(500)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Server 2 · Telkomsel</b>

    This costs Rp2,500, and you have Rp10,000.
    You need <b>Rp500</b> more. Nothing was charged.
    [👛 Top up]
    [‹ Back]
    "#);
}

#[test]
fn what_one_waits_for_is_listed_and_forgotten() {
    let watch = |id, operator: Option<&str>, limit: Option<i64>| Watch {
        id: WatchId(id),
        choice: Choice {
            operator: operator.map(str::to_owned),
            ..quote(None).choice
        },
        service_name: "WhatsApp".into(),
        country: indonesia().country,
        server: None,
        limit: limit.map(Money::minor),
        until: now() + TimeDelta::minutes(90),
    };
    let rows = [
        watch(1, None, None),
        watch(2, Some("Telkomsel"), Some(2_000)),
    ];
    insta::assert_snapshot!(shown(&waiting::watches(&look("en"), &rows)), @r#"
    🔔 I tell you once any of these can be bought. Tap one to forget it:
    [✖️ WhatsApp · 🇮🇩 Indonesia · 90 min]
    [✖️ WhatsApp · 🇮🇩 Indonesia · Telko… · ≤ Rp2,000 · 90 min]
    [📱 Buy a number]
    [‹ Menu]
    "#);
    insta::assert_snapshot!(shown(&waiting::watches(&look("id"), &[])), @r#"
    🔔 Tidak ada kabar yang kamu tunggu.
    [📱 Beli nomor]
    [‹ Menu]
    "#);
}

#[test]
fn the_news_lead_to_a_purchase() {
    let (choice, country) = (quote(None).choice, indonesia().country);
    let subject = waiting::Subject {
        service: "WhatsApp",
        country: &country,
        server: None,
        choice: &choice,
    };
    let price = Some(Money::minor(2_500));
    let there = waiting::available(&look("en"), &subject, price, None);
    insta::assert_snapshot!(shown(&there), @r#"
    🔔 <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b> is back, for Rp2,500. First come, first served.
    [📱 Buy now]
    [Menu]
    "#);
    let gone = waiting::available(&look("id"), &subject, None, None);
    insta::assert_snapshot!(shown(&gone), @r#"
    🔔 <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b> sempat ada, tapi sudah habis lagi. Saldo tidak terpotong.
    [🔔 Kabari lagi]
    [Menu]
    "#);
    let limit = Some(Money::minor(2_500));
    let cheap = waiting::available(&look("en"), &subject, price, limit);
    insta::assert_snapshot!(shown(&cheap), @r#"
    🔔 <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b> costs Rp2,500 now. First come, first served.
    [📱 Buy now]
    [Menu]
    "#);
    let dearer = Some(Money::minor(3_000));
    let dearer = waiting::available(&look("en"), &subject, dearer, limit);
    insta::assert_snapshot!(shown(&dearer), @r#"
    🔔 <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b> was cheap enough for a moment, but it costs Rp3,000 again. Nothing was charged.
    [📱 Buy now]
    [🔔 Tell me again]
    [Menu]
    "#);
}

#[test]
fn what_is_too_dear_can_be_waited_for() {
    let (choice, country) = (quote(None).choice, indonesia().country);
    let subject = waiting::Subject {
        service: "WhatsApp",
        country: &country,
        server: None,
        choice: &choice,
    };
    let limits = [2_000, 1_500, 1_000].map(Money::minor);
    let screen = |lang| {
        let route = route(Some("Telkomsel"));
        shown(&waiting::cheaper(
            &look(lang),
            route,
            &subject,
            Money::minor(2_500),
            &limits,
        ))
    };
    insta::assert_snapshot!(screen("en"), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b>

    It costs Rp2,500 now. From which price on shall I tell you? I watch it for a day.
    [🔔 Rp2,000 or less] [🔔 Rp1,500 or less]
    [🔔 Rp1,000 or less]
    [⏳ Buy it for me when it gets cheaper]
    [‹ Back]
    "#);
    insta::assert_snapshot!(screen("id"), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b>

    Sekarang harganya Rp2.500. Mau dikabari mulai harga berapa? Dipantau selama satu hari.
    [🔔 Rp2.000 atau kurang] [🔔 Rp1.500 atau kurang]
    [🔔 Rp1.000 atau kurang]
    [⏳ Belikan kalau sudah lebih murah]
    [‹ Kembali]
    "#);
}

#[test]
fn an_order_in_line_says_so_and_rings_when_its_number_is_there() {
    let mut queued = order(OrderState::Held);
    queued.number = None;
    queued.queued_until = Some(now() + TimeDelta::hours(20));
    queued.deadline_at = now() + TimeDelta::hours(20);
    queued.cancel_from = Some(now());
    insta::assert_snapshot!(shown(&order::card(&look("en"), &queued, order::CardUse::Live)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ⏳ In line: we buy it as soon as it can be had for at most Rp2,500.
    That much is set aside. If nothing comes in 20 h, it is back in your wallet.
    [✖️ Cancel]
    [Menu]
    "#);
    let page = Page {
        rows: vec![queued],
        page: 0,
        pages: 1,
    };
    insta::assert_snapshot!(shown(&order::list(&look("id"), &page, 2)), @r#"
    <b>Pesanan kamu</b>
    [⏳ antre · WhatsApp · 5 menit lalu]
    [🔔 Menunggu kabar: 2]
    [‹ Menu]
    "#);
    let arrived = order::arrived(&look("en"), &order(OrderState::Waiting));
    insta::assert_snapshot!(shown(&arrived), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    📱 <b>Your number came in!</b> Use it now, its time is running.

    <code>+628001234567</code>

    ⏳ Waiting for the SMS · 14 min left
    Rp2,500 is set aside. You pay only when the SMS arrives.
    [📱 Open]
    "#);
}
