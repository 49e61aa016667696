//! Telegram Stars: invoices, the question before a payment, payments, refunds and the list of
//! them all.
//!
//! Invariant: nobody pays before the bot has let the payment through; every payment and every
//! refund stands in the list once, oldest first. People here have as many Stars as they like.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::message::{Author, ChatMessage, person_json};
use super::params::Params;
use super::people::{Impossible, live};
use super::refusal::Refusal;
use super::waiting::NotSeen;
use super::world::{Chat, QueryKind, World, lock};
use super::{Person, SimulatedTelegram};

const TITLE_MAX_CHARS: usize = 32;
const DESCRIPTION_MAX_CHARS: usize = 255;
const PAYLOAD_MAX_BYTES: usize = 128;
const STARS_MAX: i64 = 100_000;
const PAGE_MAX: i64 = 100;

/// What a message about money is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bill {
    /// An invoice with its Pay button.
    Invoice(Invoice),
    /// A payment was made.
    Paid(Receipt),
    /// A payment was given back.
    Returned(Receipt),
}

/// An invoice in Stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// The first line.
    pub title: String,
    /// What is sold.
    pub description: String,
    /// What the bot gets back with the payment; people do not see it.
    pub payload: String,
    /// What it costs.
    pub stars: i64,
    /// Where copies of the message lead; empty where they can be paid, too.
    pub start_parameter: String,
}

/// A payment as both sides are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Telegram's number.
    pub charge_id: String,
    /// How much.
    pub stars: i64,
    /// The invoice's payload.
    pub payload: String,
}

/// How an attempt to pay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// It was made.
    Made {
        /// Telegram's number.
        charge_id: String,
        /// The update that tells the bot; it may be lost on the way.
        update_id: Option<i64>,
    },
    /// The bot declined, with these words.
    Declined(String),
}

/// One line of the bot's list of transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the payment, for a refund too.
    pub charge_id: String,
    /// Who paid or got it back.
    pub user: i64,
    /// How much.
    pub stars: i64,
    /// Whether it went back.
    pub is_refund: bool,
    payload: String,
    at: DateTime<Utc>,
}

/// Everything about Stars.
#[derive(Debug, Default)]
pub(super) struct Till {
    entries: Vec<Entry>,
    asked: HashMap<String, (Person, Invoice)>,
    loses_messages: bool,
    refuses_refunds: bool,
}

impl Bill {
    pub(super) fn add_to(&self, message: &mut Value) {
        let payment = |receipt: &Receipt| {
            json!({
                "currency": "XTR",
                "total_amount": receipt.stars,
                "invoice_payload": receipt.payload,
                "telegram_payment_charge_id": receipt.charge_id,
                "provider_payment_charge_id": "",
            })
        };
        match self {
            Self::Invoice(invoice) => {
                message["invoice"] = json!({
                    "title": invoice.title,
                    "description": invoice.description,
                    "start_parameter": invoice.start_parameter,
                    "currency": "XTR",
                    "total_amount": invoice.stars,
                });
            }
            Self::Paid(receipt) => message["successful_payment"] = payment(receipt),
            Self::Returned(receipt) => message["refunded_payment"] = payment(receipt),
        }
    }
}

/// `sendInvoice`, for Stars only.
pub(super) fn send_invoice(world: &World, params: &Params) -> Result<Value, Refusal> {
    let chat = world.writable_chat(params.text("chat_id"))?;
    let invoice = invoice(params)?;
    let mut inside = lock(&chat.inside);
    if let Some(limits) = &*world
        .limits
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
    {
        inside.usage.send(limits, world.clock.now())?;
    }
    let text = format!("{}\n{}", invoice.title, invoice.description);
    let message = bill(world, &chat, Author::Bot, text, Bill::Invoice(invoice));
    let shown = world.message_json(&chat, &message);
    world.put(&chat, &mut inside, message);
    Ok(shown)
}

fn invoice(params: &Params) -> Result<Invoice, Refusal> {
    let text = |name: &str| params.text(name).unwrap_or_default();
    let refuse = |reason: &str| Err(Refusal::bad_request(reason));
    let (title, description, payload) = (text("title"), text("description"), text("payload"));
    if !(1..=TITLE_MAX_CHARS).contains(&title.chars().count()) {
        return refuse("INPUT_INVOICE_TITLE_INVALID");
    }
    if !(1..=DESCRIPTION_MAX_CHARS).contains(&description.chars().count()) {
        return refuse("INPUT_INVOICE_DESCRIPTION_INVALID");
    }
    if !(1..=PAYLOAD_MAX_BYTES).contains(&payload.len()) {
        return refuse("INVOICE_PAYLOAD_INVALID");
    }
    if text("currency") != "XTR" {
        return refuse("CURRENCY_INVALID");
    }
    if !text("provider_token").is_empty() {
        return refuse("PAYMENT_PROVIDER_INVALID");
    }
    let Some(Value::Array(prices)) = params.structure("prices")? else {
        return refuse("can't parse prices JSON object");
    };
    let [price] = prices.as_slice() else {
        return refuse("STARS_INVOICE_INVALID");
    };
    let stars = price.get("amount").and_then(Value::as_i64).unwrap_or(0);
    if !(1..=STARS_MAX).contains(&stars) {
        return refuse("CURRENCY_TOTAL_AMOUNT_INVALID");
    }
    Ok(Invoice {
        title,
        description,
        payload,
        stars,
        start_parameter: text("start_parameter"),
    })
}

fn bill(world: &World, chat: &Chat, author: Author, text: String, bill: Bill) -> ChatMessage {
    ChatMessage {
        id: world.next_message_id(),
        chat: chat.id,
        author,
        date: world.clock.now(),
        edited_at: None,
        edits: 0,
        source: text.clone(),
        text,
        entities: Vec::new(),
        keyboard: Vec::new(),
        media: None,
        bill: Some(bill),
        deleted: false,
        forwarded: false,
        album: None,
        seq: 0,
    }
}

/// `answerPreCheckoutQuery`: the payment is made, or is not.
pub(super) fn answer_checkout(world: &World, params: &Params) -> Result<Value, Refusal> {
    let id = params.text("pre_checkout_query_id").unwrap_or_default();
    let reason = params.text("error_message").unwrap_or_default();
    let is_declined = !params.flag("ok");
    if is_declined && reason.is_empty() {
        return Err(Refusal::bad_request("error_message must be non-empty"));
    }
    let chat = world.close_query(&id, QueryKind::Checkout)?;
    let asked = lock(&world.till).asked.remove(&id);
    let (person, invoice) = asked.ok_or(Refusal::QUERY_TOO_OLD)?;
    let payment = if is_declined {
        Payment::Declined(reason)
    } else {
        world.take_payment(&chat, &person, &invoice)
    };
    lock(&chat.inside).payments.push((id, payment));
    chat.changed.send_replace(());
    Ok(json!(true))
}

/// `getStarTransactions`.
pub(super) fn transactions(world: &World, params: &Params) -> Result<Value, Refusal> {
    let offset = usize::try_from(params.number("offset").unwrap_or(0))
        .map_err(|_| Refusal::bad_request("offset must be non-negative"))?;
    let limit = params.number("limit").unwrap_or(PAGE_MAX);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Refusal::bad_request("limit must be between 1 and 100"));
    }
    let limit = usize::try_from(limit).unwrap_or(0);
    let entries = lock(&world.till).entries.clone();
    let page = entries.iter().skip(offset).take(limit);
    let page: Vec<Value> = page.map(|entry| entry_json(world, entry)).collect();
    Ok(json!({ "transactions": page }))
}

fn entry_json(world: &World, entry: &Entry) -> Value {
    let user = world.person(entry.user);
    let partner = json!({
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": user.map(|person| person_json(&person)),
        "invoice_payload": entry.payload,
    });
    let side = if entry.is_refund {
        "receiver"
    } else {
        "source"
    };
    let mut value = json!({
        "id": entry.charge_id,
        "amount": entry.stars,
        "date": entry.at.timestamp(),
    });
    value[side] = partner;
    value
}

/// `refundStarPayment`.
pub(super) fn refund(world: &World, params: &Params) -> Result<Value, Refusal> {
    let charge = params
        .text("telegram_payment_charge_id")
        .filter(|charge| !charge.is_empty())
        .ok_or_else(|| Refusal::bad_request("CHARGE_ID_EMPTY"))?;
    let user = params.number("user_id").unwrap_or(0);
    if lock(&world.till).refuses_refunds {
        return Err(Refusal::bad_request("CHARGE_NOT_FOUND"));
    }
    world.give_back(&charge, user)?;
    Ok(json!(true))
}

impl World {
    fn take_payment(&self, chat: &Chat, person: &Person, invoice: &Invoice) -> Payment {
        let (charge_id, is_lost) = {
            let mut till = lock(&self.till);
            let charge_id = format!("stx{}_{:08}", chat.id, till.entries.len() + 1);
            till.entries.push(Entry {
                charge_id: charge_id.clone(),
                user: person.id,
                stars: invoice.stars,
                is_refund: false,
                payload: invoice.payload.clone(),
                at: self.clock.now(),
            });
            (charge_id, till.loses_messages)
        };
        let receipt = Receipt {
            charge_id: charge_id.clone(),
            stars: invoice.stars,
            payload: invoice.payload.clone(),
        };
        let text = format!("⭐ {} paid", invoice.stars);
        let author = Author::User(person.id);
        let message = bill(self, chat, author, text, Bill::Paid(receipt));
        let shown = self.message_json(chat, &message);
        self.put(chat, &mut lock(&chat.inside), message);
        let update_id = (!is_lost).then(|| self.updates.add("message", &shown));
        Payment::Made {
            charge_id,
            update_id,
        }
    }

    fn give_back(&self, charge: &str, user: i64) -> Result<(), Refusal> {
        let paid = {
            let mut till = lock(&self.till);
            let of_charge = |entry: &&Entry| entry.charge_id == charge && entry.user == user;
            if till.entries.iter().filter(of_charge).count() > 1 {
                return Err(Refusal::bad_request("CHARGE_ALREADY_REFUNDED"));
            }
            let paid = till.entries.iter().find(of_charge).cloned();
            let paid = paid.ok_or_else(|| Refusal::bad_request("CHARGE_NOT_FOUND"))?;
            till.entries.push(Entry {
                is_refund: true,
                at: self.clock.now(),
                ..paid.clone()
            });
            paid
        };
        let Some(chat) = self.chat(user) else {
            return Ok(());
        };
        let receipt = Receipt {
            charge_id: paid.charge_id,
            stars: paid.stars,
            payload: paid.payload,
        };
        let text = format!("⭐ {} given back", paid.stars);
        let author = Author::User(user);
        let message = bill(self, &chat, author, text, Bill::Returned(receipt));
        let shown = self.message_json(&chat, &message);
        self.put(&chat, &mut lock(&chat.inside), message);
        self.updates.add("message", &shown);
        Ok(())
    }
}

impl SimulatedTelegram {
    /// Presses Pay on an invoice; gives back the id of the question that the bot is asked, by
    /// which [`Self::wait_for_payment`] finds out how it went.
    ///
    /// # Errors
    /// When there is no such person or message, or nothing to be paid in it.
    pub fn pay(&self, user: i64, message: i32) -> Result<String, Impossible> {
        let (_, chat) = self.private(user)?;
        let invoice = payable(&live(&chat, message)?)?;
        self.check_out(user, invoice)
    }

    /// Forwards an invoice out of `owner`'s chat to `user`; gives back the copy's id, or where
    /// its button leads if it cannot be paid.
    ///
    /// # Errors
    /// When there is no such person or message, or nothing to be paid in it.
    pub fn forward_invoice(
        &self,
        user: i64,
        owner: i64,
        message: i32,
    ) -> Result<Result<i32, String>, Impossible> {
        let (_, chat) = self.private(user)?;
        let mut copy = live(&*self.chat(owner)?, message)?;
        let invoice = payable(&copy)?;
        if !invoice.start_parameter.is_empty() {
            let bot = &self.world.config.bot_username;
            return Ok(Err(format!(
                "https://t.me/{bot}?start={}",
                invoice.start_parameter
            )));
        }
        copy.id = self.world.next_message_id();
        copy.chat = user;
        copy.author = Author::User(owner);
        copy.forwarded = true;
        let id = copy.id;
        self.world.put(&chat, &mut lock(&chat.inside), copy);
        Ok(Ok(id))
    }

    /// Pays the invoice in `owner`'s chat as somebody else, as a client of their own making could.
    ///
    /// # Errors
    /// When there is no such person or message, or nothing to be paid in it.
    pub fn pay_forged(&self, user: i64, owner: i64, message: i32) -> Result<String, Impossible> {
        let invoice = payable(&live(&*self.chat(owner)?, message)?)?;
        self.check_out(user, invoice)
    }

    fn check_out(&self, user: i64, invoice: Invoice) -> Result<String, Impossible> {
        let (person, chat) = self.private(user)?;
        let id = self.world.open_query(&chat, QueryKind::Checkout);
        let update = json!({
            "id": id,
            "from": person_json(&person),
            "currency": "XTR",
            "total_amount": invoice.stars,
            "invoice_payload": invoice.payload,
        });
        lock(&self.world.till)
            .asked
            .insert(id.clone(), (person, invoice));
        self.world.updates.add("pre_checkout_query", &update);
        Ok(id)
    }

    /// How an attempt to pay ended.
    ///
    /// # Errors
    /// When the bot does not answer in time.
    pub async fn wait_for_payment(
        &self,
        user: i64,
        query: &str,
        within: Duration,
    ) -> Result<Payment, NotSeen> {
        self.wait_in(user, within, |inside| {
            let mut payments = inside.payments.iter();
            let found = payments.find(|(id, _)| id == query);
            found.map(|(_, payment)| payment.clone())
        })
        .await
    }

    /// Everything that was paid and given back, oldest first.
    #[must_use]
    pub fn star_entries(&self) -> Vec<Entry> {
        lock(&self.world.till).entries.clone()
    }

    /// Lets the word of every further payment get lost on its way to the bot, or arrive again.
    pub fn lose_payments(&self, loses: bool) {
        lock(&self.world.till).loses_messages = loses;
    }

    /// Lets Telegram refuse every further refund, or no longer.
    pub fn refuse_refunds(&self, refuses: bool) {
        lock(&self.world.till).refuses_refunds = refuses;
    }

    /// Gives a payment back without the bot having asked, as after a complaint.
    ///
    /// # Errors
    /// When there is no such payment, or it was given back before.
    pub fn give_back(&self, user: i64, charge: &str) -> Result<(), Impossible> {
        let given = self.world.give_back(charge, user);
        given.map_err(|_| Impossible::NotPayable)
    }

    /// Forgets every update that the bot has not confirmed, as Telegram does after a day.
    pub fn forget_updates(&self) {
        self.world.updates.forget();
    }
}

fn payable(message: &ChatMessage) -> Result<Invoice, Impossible> {
    match &message.bill {
        Some(Bill::Invoice(invoice)) => Ok(invoice.clone()),
        Some(Bill::Paid(_) | Bill::Returned(_)) | None => Err(Impossible::NotPayable),
    }
}
