//! Telegram's till, as the shop asks it.
//!
//! Invariant: "no" means that Telegram said no; anything less than an answer is "not now".

use async_trait::async_trait;

use crate::bot::api::{Api, ApiError};
use crate::domain::id::UserId;
use crate::shop::stars::{NotNow, Returned, StarsMove};

/// The till behind the bot's token.
#[derive(Clone)]
pub struct Cashier {
    api: Api,
}

impl Cashier {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }
}

#[async_trait]
impl crate::shop::stars::Cashier for Cashier {
    async fn moves(&self, offset: u32) -> Result<Vec<StarsMove>, NotNow> {
        self.api.star_transactions(offset).await.map_err(|error| {
            log::warn!("Telegram's list of payments could not be read: {error}; asked again");
            NotNow
        })
    }

    async fn give_back(&self, user: UserId, charge: &str) -> Result<Returned, NotNow> {
        match self.api.refund_stars(user, charge).await {
            Ok(()) | Err(ApiError::AlreadyRefunded) => Ok(Returned::Back),
            Err(error @ (ApiError::Refused(_) | ApiError::Unreachable | ApiError::MessageGone)) => {
                log::warn!("Telegram refused to return Stars: {error}");
                Ok(Returned::Refused)
            }
            Err(
                error @ (ApiError::TooFast(_)
                | ApiError::NotModified
                | ApiError::BadMarkup
                | ApiError::QueryTooOld
                | ApiError::BadToken
                | ApiError::Conflict
                | ApiError::Server(_)
                | ApiError::NotSent
                | ApiError::AnswerLost),
            ) => {
                log::warn!("Stars could not be returned yet: {error}; asked again");
                Err(NotNow)
            }
        }
    }
}
