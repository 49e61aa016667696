//! `/stats`: what the shop earned, sold and served.
//!
//! Invariant: the numbers are the shop's; nothing is added up here.

use super::user::source_label;
use super::{button, chart};
use crate::bot::callback::desk::DeskPress;
use crate::bot::context::{Context, Guest};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::i18n::Lang;
use crate::bot::keyboard::{Keyboard, Picture, Screen};
use crate::bot::views::Look;
use crate::domain::days::Days;
use crate::domain::product::Product;
use crate::shop::ShopError;
use crate::shop::stats::{Fared, Fates, Spent, Stats};

/// What the buttons offer, and what is shown where nothing is named.
const SPANS: [u32; 3] = [1, 7, 30];
const USUAL_DAYS: u32 = 7;

/// The command: the numbers, and below them the picture.
pub(in crate::admin) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let shop = &context.shop;
    let named = arguments.trim();
    let days = if named.is_empty() {
        Some(shop.lately(USUAL_DAYS))
    } else {
        shop.days_named(named)
    };
    let Some(days) = days else {
        let word = cut(named, 64);
        let text = html!(guest.look.lang, "stats-unreadable", word = word.as_ref());
        return Ok(buttons(&guest.look, None).under(text));
    };
    let stats = shop.stats(days).await?;
    let screen = screen(&guest.look, &stats);
    drop(context.sender.reply(guest.chat(), screen));
    Ok(drawn(&guest.look, &stats))
}

/// The numbers of the last days.
pub(super) async fn board(
    context: &Context,
    guest: &Guest,
    days: u32,
) -> Result<Screen, ShopError> {
    let shop = &context.shop;
    let stats = shop.stats(shop.lately(days)).await?;
    Ok(screen(&guest.look, &stats))
}

/// The picture.
pub(super) async fn picture(
    context: &Context,
    guest: &Guest,
    days: Days,
) -> Result<Screen, ShopError> {
    Ok(drawn(&guest.look, &context.shop.stats(days).await?))
}

fn drawn(look: &Look, stats: &Stats) -> Screen {
    let caption = html!(
        look.lang,
        "stats-chart",
        days = stats.days.to_string(),
        currency = look.currency.code()
    );
    let names = [
        plain!(look.lang, "label-chart-revenue"),
        plain!(look.lang, "label-chart-cost"),
    ];
    match chart::png(stats, look.currency, &names) {
        Ok(file) => Screen::plain(caption).with_picture(Picture::Upload(file)),
        Err(error) => {
            log::error!("the chart could not be drawn: {error}");
            Screen::plain(html!(look.lang, "stats-no-chart"))
        }
    }
}

fn buttons(look: &Look, shown: Option<Days>) -> Keyboard {
    let lang = look.lang;
    let labels = [
        plain!(lang, "button-stats-today"),
        plain!(lang, "span-days", count = 7_u64),
        plain!(lang, "span-days", count = 30_u64),
    ];
    let spans = labels.iter().zip(SPANS);
    let keyboard = look
        .keyboard()
        .row(spans.map(|(label, days)| (label.as_str(), button(DeskPress::Stats { days }))));
    let today = look.now.date_naive();
    let mut lately = SPANS.into_iter();
    match lately.find(|count| shown == Some(Days::lately(*count, today))) {
        Some(days) => keyboard.wide(
            &plain!(lang, "button-stats-chart"),
            button(DeskPress::Chart { days }),
        ),
        None => keyboard,
    }
}

fn screen(look: &Look, stats: &Stats) -> Screen {
    let lang = look.lang;
    let mut text = html!(
        lang,
        "stats",
        days = stats.days.to_string(),
        margin = look.money(stats.margin),
        revenue = look.money(stats.revenue),
        cost = look.money(stats.cost)
    );
    if stats.goodwill.is_positive() {
        text = text.line(html!(
            lang,
            "stats-goodwill",
            amount = look.money(stats.goodwill)
        ));
    }
    if stats.shares.is_positive() {
        let amount = look.money(stats.shares);
        text = text.line(html!(lang, "stats-shares", amount = amount));
    }
    for spent in &stats.spent {
        text = text.line(spent_line(look, spent));
    }
    for spent in &stats.unproven {
        let amount = look.cost(spent.amount, &spent.currency);
        text = text.line(html!(lang, "stats-unproven", amount = amount));
    }
    let mut all = Fates::default();
    for product in &stats.products {
        all.add(product.fates);
    }
    text = text.paragraph(fates_line(lang, all));
    for product in &stats.products {
        text = text.line(html!(
            lang,
            "stats-product",
            name = product_label(lang, product.product),
            orders = product.fates.all(),
            revenue = look.money(product.revenue),
            cost = look.money(product.cost)
        ));
    }
    for (title, rows) in [
        (html!(lang, "stats-providers"), &stats.providers),
        (html!(lang, "stats-services"), &stats.services),
    ] {
        if !rows.is_empty() {
            text = text.paragraph(title);
        }
        for row in rows {
            text = text.line(fared_line(look, row));
        }
    }
    text = text.paragraph(html!(
        lang,
        "stats-users",
        new = stats.new_users,
        active = stats.active_users
    ));
    text = with_money_in(look, text, stats);
    buttons(look, Some(stats.days)).under(text)
}

fn with_money_in(look: &Look, mut text: Html, stats: &Stats) -> Html {
    let lang = look.lang;
    if !stats.top_ups.is_empty() {
        text = text.paragraph(html!(lang, "stats-top-ups"));
    }
    for source in &stats.top_ups {
        text = text.line(html!(
            lang,
            "user-came-in",
            source = source_label(lang, &source.name),
            amount = look.money(source.amount),
            count = source.transfers
        ));
    }
    for source in &stats.corrections {
        let name = match source.name.as_str() {
            "stars_refund" => plain!(lang, "label-kind-stars-refund"),
            "adjust" => plain!(lang, "label-kind-adjust"),
            other => other.to_owned(),
        };
        text = text.line(html!(
            lang,
            "user-came-in",
            source = name,
            amount = look.lang.signed(look.currency, source.amount),
            count = source.transfers
        ));
    }
    text
}

fn spent_line(look: &Look, spent: &Spent) -> Html {
    let amount = look.cost(spent.amount, &spent.currency);
    match spent.converted {
        Some(own) if spent.currency == look.currency.code() => {
            html!(look.lang, "stats-spent-own", amount = look.money(own))
        }
        Some(converted) => html!(
            look.lang,
            "stats-spent",
            amount = amount,
            converted = look.money(converted)
        ),
        None => html!(look.lang, "stats-spent-no-rate", amount = amount),
    }
}

fn fates_line(lang: &Lang, fates: Fates) -> Html {
    html!(
        lang,
        "user-orders",
        all = fates.all(),
        delivered = fates.delivered,
        cancelled = fates.cancelled,
        expired = fates.expired,
        failed = fates.failed,
        open = fates.open
    )
}

fn fared_line(look: &Look, row: &Fared) -> Html {
    let lang = look.lang;
    let percent = row.fates.success_percent();
    let percent = percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"));
    let median = match row.median_s {
        Some(seconds) => lang.span(chrono::TimeDelta::seconds(seconds)),
        None => "–".to_owned(),
    };
    html!(
        lang,
        "stats-fared",
        name = format!(
            "{}{}",
            if row.is_mailbox { "📧 " } else { "" },
            cut(&row.name, 24)
        ),
        percent = percent,
        median = median,
        orders = row.fates.all()
    )
}

fn product_label(lang: &Lang, product: Product) -> String {
    match product {
        Product::Activation => plain!(lang, "label-product-activation"),
        Product::Rental => plain!(lang, "label-product-rental"),
        Product::Renewal => plain!(lang, "label-product-renewal"),
        Product::Mailbox => plain!(lang, "label-product-mailbox"),
    }
}
