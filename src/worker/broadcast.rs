//! Brings a message to many, a second's worth after the other.
//!
//! Invariant: nobody is settled who was not written to; whoever is not settled is written to,
//! again after a crash.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::domain::id::UserId;
use crate::shop::ShopError;
use crate::shop::broadcast::{Batch, Copied};
use crate::shop::notice::Courier;
use crate::worker::Crew;

/// Somebody may have begun one while nobody was told.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The card is edited no more often than this.
const CARD_EVERY: Duration = Duration::from_secs(4);
/// When to try again to write down what left.
const AFTER_ERROR: Duration = Duration::from_secs(1);
/// So many calls at a time.
const AT_ONCE: usize = 16;

pub(super) async fn run(crew: Crew, courier: Arc<dyn Courier>) {
    let mut drawn = Instant::now();
    loop {
        let mut pause = Some(LOOK_EVERY);
        crew.guard("a message to many", async {
            pause = round(&crew, courier.as_ref(), &mut drawn).await?;
            Ok(())
        })
        .await;
        let goes_on = match pause {
            None => !crew.stop.is_cancelled(),
            Some(pause) => crew.rest(pause, crew.shop.wake().news.notified()).await,
        };
        if !goes_on {
            return;
        }
    }
}

/// Writes to those who are next. Says how long to wait then, where there is a reason to.
async fn round(
    crew: &Crew,
    courier: &dyn Courier,
    drawn: &mut Instant,
) -> Result<Option<Duration>, ShopError> {
    let Some(batch) = crew.shop.next_copies().await? else {
        return Ok(Some(LOOK_EVERY));
    };
    if batch.to.is_empty() {
        return Ok(Some(LOOK_EVERY));
    }
    let copies = copy(crew, courier, &batch).await;
    let wait = longest_wait(&copies);
    let id = batch.broadcast.id;
    // What left must be written down before anything else leaves: nobody gets it again and again
    // while the disk is full.
    while let Err(error) = crew.shop.settle_copies(id, copies.clone()).await {
        log::warn!("who got a message to many is not written down yet: {error}");
        if !crew.sleep(AFTER_ERROR).await {
            return Err(error);
        }
    }
    if drawn.elapsed() >= CARD_EVERY {
        courier.show_broadcast(batch.broadcast.id).await;
        *drawn = Instant::now();
    }
    Ok(wait)
}

/// How long everybody has to wait; one chat that is busy holds up nobody else.
fn longest_wait(copies: &[(UserId, Copied)]) -> Option<Duration> {
    let waits = copies.iter().map(|(_, copied)| match copied {
        Copied::Later(wait) => Some(*wait),
        Copied::Settled(_) | Copied::OriginalGone => None,
    });
    waits.collect::<Option<Vec<_>>>()?.into_iter().max()
}

async fn copy(crew: &Crew, courier: &dyn Courier, batch: &Batch) -> Vec<(UserId, Copied)> {
    let original = batch.broadcast.original;
    let copies = stream::iter(batch.to.clone()).map(|(user, wants_news)| async move {
        // Whoever is not begun with is still due after the next start.
        if crew.stop.is_cancelled() {
            return None;
        }
        let copied = if wants_news {
            courier.copy(user, original).await
        } else {
            Copied::DECLINED
        };
        Some((user, copied))
    });
    let copies = copies.buffer_unordered(AT_ONCE);
    copies.filter_map(std::future::ready).collect().await
}
