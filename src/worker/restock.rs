//! Looks for those who wait for something to be in stock, again and again.
//!
//! Invariant: what an upstream's reading or an admin's decision changed is looked at at once, and
//! what changed by itself (a rest that ended) after a pause at the latest.

use std::time::Duration;

use crate::worker::Crew;

const PAUSE: Duration = Duration::from_secs(10);

pub(super) async fn run(crew: Crew) {
    loop {
        crew.guard("looking for those who wait", crew.shop.restock())
            .await;
        if !crew.rest(PAUSE, crew.shop.wake().stock.notified()).await {
            return;
        }
    }
}
