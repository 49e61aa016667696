//! Brings what users write to support to those who may answer, and the answers back.
//!
//! Invariant: where an admin sees a message is written down, so that it can be replied to and
//! changes when it is answered.

use crate::bot::courier::{AGAIN, Courier, PATIENCE, delivery, look};
use crate::bot::sender::{Body, Job, Outcome, Priority, Target};
use crate::bot::views::support;
use crate::domain::id::UserId;
use crate::shop::ShopError;
use crate::shop::notice::Delivery;
use crate::shop::support::{SupportId, SupportView};

/// Nothing is left to be brought.
const NOTHING: Delivery = Delivery::Sent { card: None };

impl Courier {
    /// A message for an admin.
    pub(super) async fn letter(&self, to: UserId, id: SupportId) -> Result<Delivery, ShopError> {
        let Some(view) = self.shop.support_message(id).await? else {
            return Ok(NOTHING);
        };
        let screen = self.paper(to, &view).await?;
        let body = Body::Ready(Box::new(screen));
        let sent = self.send(to, body, Priority::Reply).await;
        if let Outcome::Sent { message } = sent {
            self.shop.note_support_paper(id, to, message).await?;
        }
        Ok(delivery(sent, None))
    }

    async fn paper(
        &self,
        to: UserId,
        view: &SupportView,
    ) -> Result<crate::bot::keyboard::Screen, ShopError> {
        let user = self.shop.user(view.user).await?;
        let answered_by = match view.answered_by {
            Some(admin) => Some(self.shop.user(admin).await?),
            None => None,
        };
        let look = look(&self.shop, to).await?;
        Ok(support::paper(&look, view, &user, answered_by.as_ref()))
    }

    /// The same once it is answered.
    pub(super) async fn letter_answered(
        &self,
        to: UserId,
        id: SupportId,
    ) -> Result<Delivery, ShopError> {
        let known = self.shop.support_message(id).await?;
        let paper = self.shop.support_paper(id, to).await?;
        let (Some(view), Some(message)) = (known, paper) else {
            return Ok(NOTHING);
        };
        let screen = support::closed(self.paper(to, &view).await?, &view);
        let edited = self.sender.enqueue(Job {
            chat: to.0,
            target: Target::Edit {
                message,
                or_new: false,
            },
            body: Body::Ready(Box::new(screen)),
            priority: Priority::Reply,
            patience: Some(PATIENCE),
        });
        let edited = edited.await.unwrap_or(Outcome::Later(AGAIN));
        if edited == Outcome::Gone {
            // The admin removed it: there is nothing left to change.
            return Ok(NOTHING);
        }
        Ok(delivery(edited, None))
    }

    /// The answer, for the user.
    pub(super) async fn answer(&self, to: UserId, id: SupportId) -> Result<Delivery, ShopError> {
        let Some(view) = self.shop.support_message(id).await? else {
            return Ok(NOTHING);
        };
        let screen = support::answer(&look(&self.shop, to).await?, &view);
        let body = Body::Ready(Box::new(screen));
        let sent = self.send(to, body, Priority::Reply).await;
        Ok(delivery(sent, None))
    }
}
