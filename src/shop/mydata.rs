//! Everything that the shop keeps about a user, as one JSON document for them.
//!
//! Invariant: it is written to a file page by page, so memory stays bounded; it holds what is this
//! user's and nothing of anybody else: who answered or decided is left out.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};

use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::shop::{Shop, ShopError};
use crate::store::entity::{orders as rows, sms, transfers};
use crate::store::subject_data::{self, Papers};
use crate::store::{
    self, from_ms, habits, intents, limits, news, orders, referrals, reminders, rentals, terms,
    to_ms, work,
};

/// Rows that are read at once.
const PAGE: u64 = 200;
/// How long until the same user may ask again.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
const KIND: &str = "my data";

/// A document that is ready to be sent.
#[derive(Debug)]
pub struct MyData {
    /// From its beginning; it has no name on the disk.
    pub file: File,
    /// How large it is.
    pub bytes: u64,
}

fn time(ms: i64) -> String {
    from_ms(ms).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn maybe(ms: Option<i64>) -> Option<String> {
    ms.map(time)
}

/// Writes one document, section by section.
struct Pen {
    file: BufWriter<File>,
    is_first: bool,
}

impl Pen {
    fn begin() -> std::io::Result<Self> {
        // Where only the working folder may be written, as under systemd's protection.
        let file = tempfile::tempfile().or_else(|_| tempfile::tempfile_in("."))?;
        let mut file = BufWriter::new(file);
        file.write_all(b"{")?;
        Ok(Self {
            file,
            is_first: true,
        })
    }

    fn comma(&mut self) -> std::io::Result<()> {
        if !std::mem::replace(&mut self.is_first, false) {
            self.file.write_all(b",")?;
        }
        self.file.write_all(b"\n")
    }

    fn value(&mut self, name: &str, value: &Value) -> std::io::Result<()> {
        self.comma()?;
        write!(self.file, "{}: {value}", json!(name))
    }

    fn open_list(&mut self, name: &str) -> std::io::Result<()> {
        self.comma()?;
        self.is_first = true;
        write!(self.file, "{}: [", json!(name))
    }

    fn row(&mut self, row: &Value) -> std::io::Result<()> {
        self.comma()?;
        write!(self.file, "  {row}")
    }

    fn close_list(&mut self) -> std::io::Result<()> {
        self.is_first = false;
        self.file.write_all(b"]")
    }

    fn list(&mut self, name: &str, rows: &[Value]) -> std::io::Result<()> {
        self.open_list(name)?;
        for row in rows {
            self.row(row)?;
        }
        self.close_list()
    }

    fn end(mut self) -> std::io::Result<MyData> {
        self.file.write_all(b"\n}\n")?;
        let mut file = self.file.into_inner().map_err(|error| error.into_error())?;
        let bytes = file.stream_position()?;
        file.rewind()?;
        Ok(MyData { file, bytes })
    }
}

fn broken(error: std::io::Error) -> ShopError {
    ShopError::Internal(anyhow::Error::new(error).context("the file with a user's data"))
}

impl Shop {
    /// Everything that is kept about a user, once an hour.
    ///
    /// # Errors
    /// [`ShopError::NotYet`] within the hour, [`ShopError::UnknownUser`].
    pub async fn my_data(&self, user: UserId) -> Result<MyData, ShopError> {
        let now = self.now();
        let times = [to_ms(now), to_ms(now + AGAIN_AFTER)];
        self.store
            .write(move |tx| {
                work(async move {
                    if let Some(until) = intents::open_until(tx, user, KIND, times[0]).await? {
                        return Err(ShopError::NotYet(from_ms(until)));
                    }
                    let content = String::from("{}");
                    intents::keep(tx, user, &Nonce::random(), KIND, content, times).await?;
                    Ok(())
                })
            })
            .await?;
        let mut pen = Pen::begin().map_err(broken)?;
        self.write_profile(&mut pen, user).await?;
        self.write_orders(&mut pen, user).await?;
        self.write_transfers(&mut pen, user).await?;
        let papers = subject_data::papers(self.store.read(), user).await?;
        write_papers(&mut pen, &papers).map_err(broken)?;
        pen.end().map_err(broken)
    }

    async fn write_profile(&self, pen: &mut Pen, user: UserId) -> Result<(), ShopError> {
        let read = self.store.read();
        let known = store::users::find(read, user).await?;
        let known = known.ok_or(ShopError::UnknownUser)?;
        let habits = habits::of(read, user).await?;
        let wallet = self.wallet(user, 0).await?;
        let profile = json!({
            "telegram_id": user.0,
            "first_name": known.first_name,
            "username": known.username,
            "telegram_language": known.telegram_language,
            "chosen_language": known.chosen_language,
            "first_seen": time(known.created_at_ms),
            "last_seen": maybe(known.seen_at_ms),
            "blocks_the_bot_since": maybe(known.unreachable_since_ms),
            "banned_since": maybe(known.banned_at_ms),
        });
        let amount = |money: Money| self.terms.currency.format(money, ',', '.');
        let wallet = json!({
            "currency": self.terms.currency.code(),
            "available": amount(wallet.available),
            "held": amount(wallet.held),
        });
        let accepted = terms::of_user(read, user).await?;
        let accepted: Vec<Value> = accepted
            .iter()
            .map(|row| json!({ "version": row.version, "at": time(row.at_ms) }))
            .collect();
        let own = limits::own(read, user).await?;
        let own: Vec<Value> = own
            .iter()
            .map(|row| json!({ "limit": row.name, "most": row.most, "at": time(row.at_ms) }))
            .collect();
        let wants_news = news::wanted(read, user).await?;
        let unwanted = reminders::unwanted(read, user).await?;
        let (came, earned) = referrals::came_of(read, user).await?;
        let invitation = json!({
            "came_through_a_link": referrals::referrer_of(read, user).await?.is_some(),
            "people_invited": came,
            "earned_minor": earned,
        });
        let write = |pen: &mut Pen| {
            pen.value("profile", &profile)?;
            pen.value("wallet", &wallet)?;
            pen.list("terms_accepted", &accepted)?;
            pen.list("limits", &own)?;
            pen.value("wants_news", &json!(wants_news))?;
            pen.value("unwanted_reminders_hours", &json!(unwanted))?;
            pen.value("invitation", &invitation)?;
            pen.value("favourite_services", &json!(habits.favourites))?;
            pen.value("favourite_countries", &json!(habits.favourite_places))?;
            pen.value("conversation", &json!(habits.dialogue))
        };
        write(pen).map_err(broken)
    }

    async fn write_orders(&self, pen: &mut Pen, user: UserId) -> Result<(), ShopError> {
        let read = self.store.read();
        pen.open_list("orders").map_err(broken)?;
        let mut after = 0;
        loop {
            let page = subject_data::orders_after(read, user, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let ids: Vec<i64> = page.iter().map(|row| row.id).collect();
            let received = orders::sms_of(read, ids.clone()).await?;
            let rented = rentals::among(read, ids).await?;
            for row in &page {
                let label = rented.iter().find(|rental| rental.order_id == row.id);
                let label = label.and_then(|rental| rental.label.as_deref());
                let messages = received.iter().filter(|sms| sms.order_id == row.id);
                let order = order(row, label, messages.map(message).collect());
                pen.row(&order).map_err(broken)?;
            }
        }
        pen.close_list().map_err(broken)
    }

    async fn write_transfers(&self, pen: &mut Pen, user: UserId) -> Result<(), ShopError> {
        let read = self.store.read();
        let accounts = subject_data::accounts_of(read, user).await?;
        let accounts: Vec<i64> = accounts.iter().map(|account| account.id).collect();
        pen.open_list("transfers").map_err(broken)?;
        let mut after = 0;
        loop {
            let page = subject_data::transfers_after(read, &accounts, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for row in &page {
                pen.row(&transfer(row, &accounts)).map_err(broken)?;
            }
        }
        pen.close_list().map_err(broken)
    }
}

fn order(row: &rows::Model, label: Option<&str>, messages: Vec<Value>) -> Value {
    json!({
        "order": row.id,
        "product": row.product,
        "service": row.service_name,
        "country": row.country,
        "operator": row.operator,
        "price_minor": row.price,
        "state": row.state,
        "reason": row.reason,
        "number_or_address": row.number,
        "label": label,
        "created_at": time(row.created_at_ms),
        "updated_at": time(row.updated_at_ms),
        "expires_at": maybe(row.expires_at_ms),
        "messages": messages,
    })
}

fn message(sms: &sms::Model) -> Value {
    json!({
        "text": sms.text,
        "code": sms.code,
        "sender": sms.sender,
        "seen_at": time(sms.seen_at_ms),
        "sent_at": maybe(sms.sent_at_ms),
    })
}

fn transfer(row: &transfers::Model, accounts: &[i64]) -> Value {
    json!({
        "transfer": row.id,
        "kind": row.kind,
        "amount_minor": row.amount,
        "out_of_an_account_of_yours": accounts.contains(&row.debit_account),
        "into_an_account_of_yours": accounts.contains(&row.credit_account),
        "order": row.order_id,
        "memo": row.memo,
        "at": time(row.at_ms),
    })
}

fn write_papers(pen: &mut Pen, papers: &Papers) -> std::io::Result<()> {
    let payments: Vec<Value> = papers
        .payments
        .iter()
        .map(|row| {
            json!({
                "payment": row.charge_id,
                "stars": row.stars,
                "credited_minor": row.credit,
                "state": row.state,
                "paid_at": time(row.paid_at_ms),
            })
        })
        .collect();
    let requests: Vec<Value> = papers
        .requests
        .iter()
        .map(|row| {
            json!({
                "way": row.way,
                "amount_minor": row.amount,
                "state": row.state,
                "receipt_file_id": row.proof,
                "credited_minor": row.credited,
                "at": time(row.created_at_ms),
            })
        })
        .collect();
    let vouchers: Vec<Value> = papers
        .vouchers
        .iter()
        .map(|row| json!({ "voucher": row.voucher_id, "at": time(row.at_ms) }))
        .collect();
    let letters: Vec<Value> = papers
        .letters
        .iter()
        .map(|row| {
            json!({
                "by_you": row.author_id == row.user_id,
                "text": row.text,
                "picture_file_id": row.file_id,
                "at": time(row.at_ms),
            })
        })
        .collect();
    let watches: Vec<Value> = papers
        .watches
        .iter()
        .map(|row| {
            json!({
                "service": row.service_name,
                "country": row.country,
                "operator": row.operator,
                "most_minor": row.max_price,
                "at": time(row.created_at_ms),
            })
        })
        .collect();
    pen.list("star_payments", &payments)?;
    pen.list("top_ups", &requests)?;
    pen.list("vouchers", &vouchers)?;
    pen.list("watches", &watches)?;
    pen.list("support", &letters)
}
