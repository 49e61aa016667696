//! Redraws the cards that show a running time.
//!
//! Invariant: nothing depends on it; a redraw that does not get through is dropped.

use std::sync::Arc;
use std::time::Duration;

use crate::shop::notice::Courier;
use crate::worker::Crew;

/// More cards than this are not redrawn in one round: codes come first.
const AT_MOST: usize = 500;

pub(super) async fn run(crew: Crew, courier: Arc<dyn Courier>, every: Duration) {
    while crew.sleep(every).await {
        crew.guard("redrawing cards", async {
            for (user, order) in crew.shop.running().await?.into_iter().take(AT_MOST) {
                courier.redraw(user, order).await;
            }
            Ok(())
        })
        .await;
    }
}
