//! Copies the database when it is time to.
//!
//! Invariant: a copy that failed is tried again soon; the last good one stays until then.

use std::time::Duration;

use crate::worker::Crew;

const LOOK_EVERY: Duration = Duration::from_secs(300);

pub(super) async fn run(crew: Crew) {
    loop {
        crew.guard("backing the database up", crew.shop.back_up_if_due())
            .await;
        if !crew.sleep(LOOK_EVERY).await {
            return;
        }
    }
}
