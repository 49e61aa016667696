//! Forgets what nobody needs any more.
//!
//! Invariant: only updates that were handled, notices that were settled and buttons that no
//! longer work are forgotten; never anything about money.

use std::time::Duration;

use crate::worker::Crew;

const EVERY: Duration = Duration::from_secs(3_600);

pub(super) async fn run(crew: Crew) {
    while crew.sleep(EVERY).await {
        crew.guard("tidying up", crew.shop.tidy()).await;
    }
}
