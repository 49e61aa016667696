//! Looks after what admins are warned of.
//!
//! Invariant: what is seen in one look is told in one message a kind.

use std::time::Duration;

use crate::worker::Crew;

pub(super) async fn run(crew: Crew, every: Duration) {
    while crew.sleep(every).await {
        crew.guard("looking after warnings", crew.shop.review_alerts())
            .await;
    }
}
