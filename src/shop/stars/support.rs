//! Trouble with a payment: the way from a user to the admins that Telegram asks every shop to have.
//!
//! Invariant: one call for help at a time; it reaches every admin or is refused with a word.

use chrono::TimeDelta;

use crate::domain::id::{Nonce, UserId};
use crate::shop::settle::Cause;
use crate::shop::stars::news::{StarsNews, tell_admins};
use crate::shop::topup::TopUpError;
use crate::shop::{Shop, ShopError};
use crate::store::{StoreError, from_ms, intents, to_ms, work};

const SUPPORT: &str = "paysupport";
/// How long admins have before the same user may call again.
const CALL_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(10);
/// How many characters of what somebody wrote reach the admins.
const LONGEST_CHARS: usize = 1_000;

impl Shop {
    /// Tells every admin what a user wrote about a payment.
    ///
    /// # Errors
    /// [`TopUpError::CalledAlready`], [`TopUpError::NobodyThere`] where there are no admins.
    pub async fn ask_pay_support(&self, user: UserId, text: &str) -> Result<(), ShopError> {
        if self.admins().is_empty() {
            return Err(TopUpError::NobodyThere.into());
        }
        let books = self.books(Cause::User(user));
        let admins = self.admins();
        let news = StarsNews::Support {
            user,
            text: text.chars().take(LONGEST_CHARS).collect(),
        };
        let now = self.now();
        let times = [to_ms(now), to_ms(now + CALL_AGAIN_AFTER)];
        let called = self
            .store
            .write(move |tx| {
                work(async move {
                    if let Some(until_ms) = intents::open_until(tx, user, SUPPORT, times[0]).await?
                    {
                        return Ok(Some(until_ms));
                    }
                    let content = String::from("{}");
                    intents::keep(tx, user, &Nonce::random(), SUPPORT, content, times).await?;
                    tell_admins(tx, &books, &admins, &news).await?;
                    Ok::<_, StoreError>(None)
                })
            })
            .await?;
        if let Some(until_ms) = called {
            return Err(TopUpError::CalledAlready(from_ms(until_ms)).into());
        }
        self.wake.outbox.notify_one();
        Ok(())
    }
}
