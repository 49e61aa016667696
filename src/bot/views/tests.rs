//! The screens as people read them, in both languages.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use teloxide::types::InlineKeyboardButtonKind;

use super::*;
use crate::bot::callback::Iso2;
use crate::bot::callback::payload::Pressed;
use crate::bot::keyboard::Screen;
use crate::bot::views::wallet::Ways;
use crate::domain::id::{Nonce, OrderId};
use crate::domain::order::{FailReason, OrderState};
use crate::domain::product::Product;
use crate::shop::browse::{CountryEntry, ServiceEntry, ServiceId};
use crate::shop::buy::{Choice, Quote};
use crate::shop::front::Front;
use crate::shop::orders::{OrderView, SmsView};
use crate::shop::wallet::{Movement, MovementKind, Subject, WalletView};
use crate::shop::{Page, ShopError};

/// Telegram's limit for a message, in UTF-16 units after its entities were read.
const MESSAGE_UNITS: usize = 4096;

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(crate) fn look(tag: &str) -> Look {
    Look {
        lang: Lang::exactly(tag).unwrap(),
        user: UserId(4242),
        currency: Currency::from_code("IDR").unwrap(),
        now: now(),
        rents: false,
        mails: false,
    }
}

/// A screen as text: what is written, then each row of buttons.
pub(crate) fn shown(screen: &Screen) -> String {
    let mut text = screen.text.as_str().to_owned();
    for row in screen.keyboard.iter().flat_map(|k| &k.inline_keyboard) {
        let labels: Vec<_> = row
            .iter()
            .map(|button| {
                if let InlineKeyboardButtonKind::CopyText(copy) = &button.kind {
                    return format!("[{} ⧉ {}]", button.text, copy.text);
                }
                let InlineKeyboardButtonKind::CallbackData(data) = &button.kind else {
                    panic!("an unexpected button: {button:?}");
                };
                let pressed = Pressed::decode(data).expect("our own payload");
                assert_eq!(pressed.user, UserId(4242));
                format!("[{}]", button.text)
            })
            .collect();
        text.push_str(&format!("\n{}", labels.join(" ")));
    }
    text
}

fn indonesia() -> CountryEntry {
    CountryEntry {
        country: Arc::new(Country::named("ID", "Indonesia")),
        services: 3,
    }
}

fn service(id: i64, name: &str, price: i64, stock: Option<u64>) -> ServiceEntry {
    ServiceEntry {
        id: ServiceId(id),
        name: name.into(),
        from_price: Money::minor(price),
        stock,
        countries: 1,
    }
}

fn order(state: OrderState) -> OrderView {
    let open = !state.is_final();
    OrderView {
        id: OrderId(17),
        user: UserId(4242),
        product: Product::Activation,
        rental: None,
        renewal: None,
        state,
        service_name: "WhatsApp".into(),
        country: indonesia().country,
        operator: None,
        server: None,
        price: Money::minor(2_500),
        number: Some("628001234567".into()),
        created_at: now() - TimeDelta::minutes(5),
        expires_at: Some(now() + TimeDelta::seconds(14 * 60 - 20)),
        deadline_at: now() + TimeDelta::minutes(3),
        queued_until: None,
        cancel_from: None,
        sms: Vec::new(),
        erased_after_days: None,
        can_resend: false,
        awaits_another: false,
        reason: None,
        card: None,
    }
    .opened(open)
}

impl OrderView {
    fn opened(mut self, open: bool) -> Self {
        if !open {
            self.expires_at = None;
        }
        self
    }
}

fn sms(text: &str, code: Option<&str>) -> SmsView {
    SmsView {
        text: text.into(),
        code: code.map(str::to_owned),
        seen_at: now(),
        sender: None,
    }
}

fn quote(missing: Option<i64>) -> Quote {
    Quote {
        nonce: Nonce::from("abcdefghijklmnop"),
        choice: Choice {
            service: ServiceId(3),
            country: "ID".into(),
            operator: Some("Telkomsel".into()),
            server: None,
        },
        product: Product::Activation,
        server: None,
        service_name: "WhatsApp".into(),
        country: indonesia(),
        is_renewal: false,
        hours: None,
        price: Money::minor(2_500),
        was: None,
        available: Money::minor(missing.map_or(10_000, |missing| 2_500 - missing)),
        after: Money::minor(missing.map_or(7_500, |missing| -missing)),
        missing: missing.map(Money::minor),
        lifetime: TimeDelta::minutes(20),
        cancel_after: TimeDelta::minutes(2),
        has_limits_below: missing.is_none(),
        stock: Some(12),
        valid_until: now() + TimeDelta::minutes(5),
    }
}

mod in_line;

#[test]
fn the_first_screen() {
    insta::assert_snapshot!(shown(&menu::greeting(&look("en"), "Sari <b>", &Front::default())), @r#"
    Hi <b>Sari &lt;b&gt;</b>! 👋

    Here you get a phone number for one SMS code. You pay only when the code arrives; otherwise your money comes back by itself.

    Tap a button, or just type the name of a service, like <i>WhatsApp</i>.
    [📱 Buy a number]
    [🧾 Orders] [👛 Wallet]
    [⚙️ Settings] [❓ Help]
    "#);
    insta::assert_snapshot!(shown(&menu::greeting(&look("id"), "Sari", &Front::default())), @r#"
    Halo <b>Sari</b>! 👋

    Di sini kamu bisa dapat nomor untuk terima kode SMS. Bayarnya hanya kalau kodenya masuk; kalau tidak, saldo kembali otomatis.

    Pilih tombol di bawah, atau langsung ketik nama layanannya, misalnya <i>WhatsApp</i>.
    [📱 Beli nomor]
    [🧾 Pesanan] [👛 Saldo]
    [⚙️ Pengaturan] [❓ Bantuan]
    "#);
}

#[test]
fn settings_mark_the_language() {
    insta::assert_snapshot!(shown(&menu::settings(&look("id"), true)), @r#"
    <b>Pengaturan</b>

    Mau pakai bahasa apa? Dan mau terima kabar dari toko? Yang menyangkut pesanan dan uangmu selalu datang.
    [English] [✓ Indonesia]
    [🔔 Kabar dari toko: aktif]
    [‹ Menu]
    "#);
}

#[test]
fn services_show_prices_and_what_is_sold_out() {
    let page = Page {
        rows: vec![
            service(3, "WhatsApp", 2_500, Some(12)),
            service(4, "Telegram & Co", 12_500, None),
            service(5, "Gojek", 1_000, Some(0)),
        ],
        page: 1,
        pages: 3,
    };
    let screen = browse::services(&look("en"), &indonesia(), &[], &page, true);
    insta::assert_snapshot!(shown(&screen), @r#"
    <b>🇮🇩 Indonesia</b>

    Which service do you need a code for? Tap it, or type its name.
    [WhatsApp · Rp2,500] [Telegram & Co · Rp12,500]
    [Gojek · sold out]
    [‹ 1/3] [3/3 ›]
    [🌍 Another country] [‹ Menu]
    "#);
}

#[test]
fn the_confirmation_card_tells_all_about_the_money() {
    insta::assert_snapshot!(shown(&browse::quote(&look("en"), &quote(None))), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b>

    Price: <b>Rp2,500</b>
    Your balance: Rp10,000 → Rp7,500

    The number works for 20 min.
    Cancelling becomes possible 2 min after you buy.
    No SMS, no charge: the price comes back by itself.
    [✅ Buy for Rp2,500]
    [🔔 When it gets cheaper]
    [‹ Back]
    "#);
    insta::assert_snapshot!(shown(&browse::quote(&look("id"), &quote(None))), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b>

    Harga: <b>Rp2.500</b>
    Saldo: Rp10.000 → Rp7.500

    Nomor berlaku 20 menit.
    Bisa dibatalkan mulai 2 menit setelah beli.
    Tidak ada SMS, tidak bayar: saldo kembali otomatis.
    [✅ Beli seharga Rp2.500]
    [🔔 Kalau sudah lebih murah]
    [‹ Kembali]
    "#);
    insta::assert_snapshot!(shown(&browse::quote(&look("en"), &quote(Some(1_500)))), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia · Telkomsel</b>

    This costs Rp2,500, and you have Rp1,000.
    You need <b>Rp1,500</b> more. Nothing was charged.
    [👛 Top up]
    [‹ Back]
    "#);
}

#[test]
fn the_card_while_it_waits() {
    let mut view = order(OrderState::Waiting);
    view.cancel_from = Some(now() + TimeDelta::seconds(130));
    let live = order::CardUse::Live;
    insta::assert_snapshot!(shown(&order::card(&look("en"), &view, live)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    <code>+628001234567</code>

    ⏳ Waiting for the SMS · 14 min left
    Rp2,500 is set aside. You pay only when the SMS arrives.
    [📋 Copy number ⧉ +628001234567]
    [✖️ Cancel (possible in 2:10)]
    [Menu]
    "#);
    insta::assert_snapshot!(shown(&order::card(&look("id"), &view, live)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Pesanan 17

    <code>+628001234567</code>

    ⏳ Menunggu SMS · sisa 14 menit
    Rp2.500 disisihkan dulu. Bayar hanya kalau SMS masuk.
    [📋 Salin nomor ⧉ +628001234567]
    [✖️ Batalkan (bisa dalam 2:10)]
    [Menu]
    "#);
    view.cancel_from = Some(now());
    let card = shown(&order::card(&look("en"), &view, live));
    assert!(card.contains("[✖️ Cancel]"), "{card}");
}

#[test]
fn the_card_with_its_code() {
    let mut view = order(OrderState::Received);
    view.sms = vec![sms("<#> Your code is 123-456 & more", Some("123456"))];
    view.can_resend = true;
    let live = order::CardUse::Live;
    insta::assert_snapshot!(shown(&order::card(&look("en"), &view, live)), @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    <code>+628001234567</code>

    <code>123456</code>

    <blockquote>&lt;#&gt; Your code is 123-456 &amp; more</blockquote>

    📩 Your SMS is here. Rp2,500 is paid.
    [📋 Copy 123456 ⧉ 123456]
    [📩 Another SMS]
    [✅ Finish] [📱 Buy again]
    [Menu]
    "#);
    insta::assert_snapshot!(shown(&order::sms(&look("id"), &view, &view.sms[0])), @r#"
    📩 <b>Kode WhatsApp kamu</b>

    <code>123456</code>

    <blockquote>&lt;#&gt; Your code is 123-456 &amp; more</blockquote>
    [📋 Salin 123456 ⧉ 123456]
    "#);
}

/// Every state, in every language, says where the money is: the amount stands on the card.
#[test]
fn every_state_tells_where_the_money_is() {
    for lang in Lang::all() {
        let look = look(lang.tag());
        for state in OrderState::ALL {
            let reasons = FailReason::ALL.into_iter().map(Some).chain([None]);
            for reason in reasons {
                let mut view = order(state);
                view.reason = reason;
                let card = order::card(&look, &view, order::CardUse::Live);
                let told = card.text.to_plain().contains(&look.money(view.price));
                assert!(told || state == OrderState::Quoted, "{state}");
            }
        }
    }
}

#[test]
fn how_an_order_may_end() {
    let mut text = String::new();
    for (state, reason) in [
        (OrderState::Held, None),
        (OrderState::InDoubt, None),
        (OrderState::Cancelling, None),
        (OrderState::Completed, None),
        (OrderState::Cancelled, None),
        (OrderState::Expired, None),
        (OrderState::Failed, Some(FailReason::PriceRose)),
    ] {
        let mut view = order(state);
        view.reason = reason;
        view.number = None;
        let card = order::card(&look("en"), &view, order::CardUse::FromList);
        text.push_str(&format!("{}\n\n", shown(&card)));
    }
    insta::assert_snapshot!(text, @r#"
    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ⏳ Reserving a number…
    Rp2,500 is set aside. If there is no number, it comes back at once.
    [‹ Back]

    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ⚠️ The supplier's answer got lost, so we are checking whether the number was bought.
    Rp2,500 is set aside. In 3 min at the latest you have the number or your money back.
    [‹ Back]

    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ⏳ Cancelling: we are asking the supplier.
    Rp2,500 comes back once they agree, in 3 min at the latest. If the SMS was faster, you get the SMS.
    [‹ Back]

    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ✅ Done. Rp2,500 is paid.
    [📱 Buy again]
    [‹ Back]

    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ↩️ Cancelled. Rp2,500 is back in your wallet.
    [📱 Buy again]
    [‹ Back]

    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ↩️ No SMS came in time. Rp2,500 is back in your wallet.
    [📱 Buy again]
    [‹ Back]

    <b>WhatsApp · 🇮🇩 Indonesia</b>
    Order 17

    ↩️ The price went up meanwhile, so we did not buy. Rp2,500 is back in your wallet.
    [📱 Buy again]
    [‹ Back]
    "#);
}

#[test]
fn the_list_of_orders() {
    let page = Page {
        rows: vec![order(OrderState::Waiting), order(OrderState::Expired)],
        page: 0,
        pages: 2,
    };
    insta::assert_snapshot!(shown(&order::list(&look("id"), &page, 0)), @r#"
    <b>Pesanan kamu</b>
    [⏳ menunggu · WhatsApp · 5 menit lalu]
    [↩️ habis waktu · WhatsApp · 5 menit lalu]
    [2/2 ›]
    [‹ Menu]
    "#);
}

#[test]
fn the_wallet() {
    let row = |kind, amount, minutes| Movement {
        kind,
        amount: Money::minor(amount),
        is_out: kind == MovementKind::Hold,
        order: Some(OrderId(17)),
        subject: Some(Subject {
            product: Product::Activation,
            service_name: "WhatsApp".into(),
            hours: None,
        }),
        memo: (kind == MovementKind::TopUp).then(|| "transfer <3".into()),
        at: now() - TimeDelta::minutes(minutes),
    };
    let view = WalletView {
        available: Money::minor(97_500),
        held: Money::minor(2_500),
        movements: vec![
            row(MovementKind::Hold, 2_500, 1),
            row(MovementKind::Release, 2_500, 70),
            row(MovementKind::TopUp, 100_000, 3_000),
        ],
    };
    let hint = Some("write to @shop & co");
    insta::assert_snapshot!(shown(&wallet::wallet(&look("en"), &view, &Ways { hint, stars: true, transfer: true, qris: true, vouchers: true, invites: false })), @r#"
    👛 You can spend <b>Rp97,500</b>
    Set aside for open orders: Rp2,500

    <b>Latest movements</b>
    -Rp2,500 · set aside for WhatsApp · 1 min ago
    +Rp2,500 · back from WhatsApp · 1 h ago
    +Rp100,000 · top-up · 2 d ago
    <i>transfer &lt;3</i>

    <b>Top up:</b> write to @shop &amp; co

    Your ID: <code>4242</code>
    [⭐ Top up with Telegram Stars]
    [📷 QRIS]
    [🏦 Bank or e-wallet]
    [🎟 Redeem a voucher]
    [📋 Copy my ID 4242 ⧉ 4242]
    [📱 Buy a number]
    [‹ Menu]
    "#);
    insta::assert_snapshot!(shown(&wallet::wallet(&look("id"), &view, &Ways::default())), @r#"
    👛 Saldo yang bisa dipakai: <b>Rp97.500</b>
    Disisihkan untuk pesanan berjalan: Rp2.500

    <b>Mutasi terakhir</b>
    -Rp2.500 · disisihkan untuk WhatsApp · 1 menit lalu
    +Rp2.500 · kembali dari WhatsApp · 1 jam lalu
    +Rp100.000 · isi saldo · 2 hari lalu
    <i>transfer &lt;3</i>

    Untuk isi saldo, hubungi admin dan sebutkan ID kamu.

    ID kamu: <code>4242</code>
    [📋 Salin ID saya 4242 ⧉ 4242]
    [📱 Beli nomor]
    [‹ Menu]
    "#);
}

#[test]
fn a_refusal_for_want_of_money_leads_to_the_wallet() {
    let look = look("en");
    let error = ShopError::NotEnoughMoney {
        price: Money::minor(2_500),
        available: Money::minor(1_000),
        missing: Money::minor(1_500),
    };
    let text = refusal::text(&look, &error).unwrap();
    insta::assert_snapshot!(shown(&refusal::screen(&look, &error, text)), @r#"
    This costs Rp2,500, and you have Rp1,000.
    You need <b>Rp1,500</b> more. Nothing was charged.
    [👛 Top up]
    [‹ Menu]
    "#);
}

#[test]
fn our_own_fault_is_no_refusal() {
    let fault = ShopError::Internal(anyhow::anyhow!("the disk is full"));
    assert!(refusal::text(&look("en"), &fault).is_none());
}

proptest! {
    /// Whatever an upstream sends, Telegram takes the card and the message.
    #[test]
    fn any_sms_fits_a_message(
        texts in proptest::collection::vec(
            ("\\PC{0,40}", "<b>|&|😀|a", 0_usize..3_000)
                .prop_map(|(start, end, times)| start + &end.repeat(times)),
            1..6,
        ),
        name in "\\PC{0,200}",
    ) {
        let mut view = order(OrderState::Received);
        view.service_name = name.clone();
        view.operator = Some(name);
        view.sms = texts.iter().map(|text| sms(text, Some("123456"))).collect();
        let card = order::card(&look("id"), &view, order::CardUse::Live);
        let message = order::sms(&look("id"), &view, &view.sms[0]);
        for screen in [card, message] {
            let units = screen.text.to_plain().encode_utf16().count();
            prop_assert!(units <= MESSAGE_UNITS, "{units}");
        }
    }
}
