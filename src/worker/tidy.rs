//! Forgets what nobody needs any more.
//!
//! Invariant: only updates that were handled, notices that were settled and buttons that no
//! longer work are forgotten, and what is personal in orders that ended long ago; never anything
//! about money.

use std::time::Duration;

use crate::worker::Crew;

const EVERY: Duration = Duration::from_secs(3_600);

pub(super) async fn run(crew: Crew) {
    // After an update, or with a new key, there is much to seal.
    crew.guard("sealing anew", crew.shop.seal_anew()).await;
    while crew.sleep(EVERY).await {
        crew.guard("tidying up", crew.shop.tidy()).await;
        crew.guard("erasing", crew.shop.erase_old()).await;
        crew.guard("sealing anew", crew.shop.seal_anew()).await;
    }
}
