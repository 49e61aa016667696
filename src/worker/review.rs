//! Looks at how routes did lately, again and again.
//!
//! Invariant: what users are told of a route is never older than a pause and the time a look takes.

use std::time::Duration;

use crate::worker::Crew;

/// Rates change slowly.
const PAUSE: Duration = Duration::from_secs(600);

pub(super) async fn run(crew: Crew) {
    loop {
        crew.guard("reviewing routes", crew.shop.review_routes())
            .await;
        if !crew.sleep(PAUSE).await {
            return;
        }
    }
}
