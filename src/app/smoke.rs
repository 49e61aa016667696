//! The demo's smoke test: a purchase, a cancellation and an expiry, played over HTTP as a person
//! would on the page.
//!
//! Invariant: it presses only buttons that it sees, and trusts only what it reads.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde_json::{Value, json};

use crate::app::demo::Demo;

/// The longest wait for any one message.
const PATIENCE: Duration = Duration::from_secs(30);

/// Plays the three stories and checks the books.
///
/// # Errors
/// What did not happen.
pub(super) async fn play(demo: &Demo, say: &dyn Fn(&str)) -> anyhow::Result<()> {
    let mut phone = Phone {
        client: reqwest::Client::new(),
        base: &demo.url,
        user: demo.player,
        say,
        shown: HashMap::new(),
    };
    phone.see("Hi ").await?;
    let start = phone.balance().await?;

    say("— A purchase —");
    phone.buy("WhatsApp").await?;
    // Before the first purchase; then the offer comes back.
    phone.see("Terms of use").await?;
    phone.press("I accept").await?;
    phone.press("Buy for").await?;
    phone.see("Your SMS is here").await?;
    phone.press("Finish").await?;
    phone.see("is paid").await?;
    let paid = phone.balance().await?;
    if paid == start {
        bail!("a delivered code was not paid for");
    }

    // From here on no SMS comes by itself.
    for upstream in &demo.upstreams {
        upstream.set_sms_after(None);
    }
    say("— A cancellation —");
    phone.buy("Shopee").await?;
    phone.see("Waiting for the SMS").await?;
    phone.jump(5).await?;
    phone.press("Cancel").await?;
    phone.see("Cancelled.").await?;
    phone.expect_balance(&paid).await?;

    say("— An expiry —");
    phone.buy("Instagram").await?;
    phone.see("Waiting for the SMS").await?;
    phone.jump(21).await?;
    phone.see("No SMS came in time").await?;
    phone.expect_balance(&paid).await?;

    let differences = demo.app.shop().audit().await?;
    if !differences.is_empty() {
        bail!("the books are wrong: {differences:?}");
    }
    say("— The books are right. —");
    Ok(())
}

/// A phone that shows the page's data as lines of text.
struct Phone<'a> {
    client: reqwest::Client,
    base: &'a str,
    user: i64,
    say: &'a dyn Fn(&str),
    /// The last text of each message that was printed.
    shown: HashMap<i64, String>,
}

/// A message as the page gets it.
struct Message {
    id: i64,
    text: String,
    buttons: Vec<String>,
}

impl Phone<'_> {
    async fn buy(&mut self, service: &str) -> anyhow::Result<()> {
        self.write("/buy").await?;
        self.press("Indonesia").await?;
        self.press(service).await?;
        self.press("Any, best price").await?;
        self.press("Buy for").await
    }

    /// What the wallet shows as spendable.
    async fn balance(&mut self) -> anyhow::Result<String> {
        let before = self.look().await?.last().map_or(0, |message| message.id);
        self.write("/wallet").await?;
        self.until("the wallet", |message| {
            let line = message.text.lines().next()?;
            let is_answer = message.id > before && line.contains("You can spend");
            is_answer.then(|| line.to_owned())
        })
        .await
    }

    async fn expect_balance(&mut self, before: &str) -> anyhow::Result<()> {
        let now = self.balance().await?;
        if now == before {
            Ok(())
        } else {
            Err(anyhow!("“{before}” became “{now}”: money is missing"))
        }
    }

    async fn write(&mut self, text: &str) -> anyhow::Result<()> {
        self.look().await?;
        (self.say)(&format!("> {text}"));
        self.post("chat/send", json!({ "user": self.user, "text": text }))
            .await
    }

    /// Presses the newest button whose label holds `label`, as soon as there is one.
    async fn press(&mut self, label: &str) -> anyhow::Result<()> {
        let (message, button) = self
            .until(&format!("a button “{label}”"), |message| {
                let button = message
                    .buttons
                    .iter()
                    .find(|button| button.contains(label))?;
                // A cancellation that is not possible yet says so in its label.
                (!button.contains("possible in")).then(|| (message.id, button.clone()))
            })
            .await?;
        (self.say)(&format!("> [{button}]"));
        let press = json!({ "user": self.user, "message": message, "button": button });
        self.post("chat/press", press).await
    }

    /// Waits for a message that holds `text`.
    async fn see(&mut self, text: &str) -> anyhow::Result<()> {
        self.until(&format!("“{text}”"), |message| {
            message.text.contains(text).then_some(())
        })
        .await
    }

    async fn jump(&mut self, minutes: i64) -> anyhow::Result<()> {
        (self.say)(&format!("> ({minutes} minutes later)"));
        self.post("panel/advance", json!({ "minutes": minutes }))
            .await
    }

    /// Looks at the chat until `find` finds something in what is new since the last write.
    async fn until<T>(
        &mut self,
        what: &str,
        find: impl Fn(&Message) -> Option<T>,
    ) -> anyhow::Result<T> {
        let looking = async {
            loop {
                let messages = self.look().await?;
                // Further up stands what belongs to an older story.
                if let Some(found) = messages.iter().rev().take(3).find_map(&find) {
                    return anyhow::Ok(found);
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, looking)
            .await
            .map_err(|_| anyhow!("{what} did not show within {PATIENCE:?}"))?
    }

    /// Reads the chat and prints what is new in it.
    async fn look(&mut self) -> anyhow::Result<Vec<Message>> {
        let state: Value = self.get("chat/state").await?;
        let people = state["people"].as_array().context("no people")?;
        let me = people
            .iter()
            .find(|person| person["id"] == self.user)
            .context("nobody sits here")?;
        let messages: Vec<Message> = me["messages"]
            .as_array()
            .context("no messages")?
            .iter()
            .filter(|message| message["bot"] == true)
            .map(read_message)
            .collect();
        for message in &messages {
            if self.shown.get(&message.id) != Some(&message.text) {
                for line in message.text.lines() {
                    (self.say)(&format!("  {line}"));
                }
                self.shown.insert(message.id, message.text.clone());
            }
        }
        Ok(messages)
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .send()
            .await?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<()> {
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(anyhow!("{path} answered {}", answer.text().await?))
    }
}

fn read_message(message: &Value) -> Message {
    let mut buttons = Vec::new();
    collect_labels(&message["keyboard"], &mut buttons);
    Message {
        id: message["id"].as_i64().unwrap_or_default(),
        text: message["text"].as_str().unwrap_or_default().to_owned(),
        buttons,
    }
}

/// A keyboard is rows of buttons; a button's label is its `text`.
fn collect_labels(value: &Value, labels: &mut Vec<String>) {
    if let Some(label) = value["text"].as_str() {
        labels.push(label.to_owned());
    }
    let parts: Vec<&Value> = match value {
        Value::Array(parts) => parts.iter().collect(),
        Value::Object(parts) => parts.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for part in parts {
        collect_labels(part, labels);
    }
}
