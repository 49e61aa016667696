//! Ends requests of users to be credited whose time is over.
//!
//! Invariant: a request never waits much longer than its user was told.

use std::time::Duration;

use crate::worker::Crew;

const EVERY: Duration = Duration::from_secs(30);

pub(super) async fn run(crew: Crew) {
    loop {
        crew.guard("ending requests for top-ups", crew.shop.expire_requests())
            .await;
        if !crew.sleep(EVERY).await {
            return;
        }
    }
}
