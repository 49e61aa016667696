//! Reads Telegram's list of payments in Stars, and has Stars returned that are owed.
//!
//! Invariant: no payment stays unknown for longer than a round; what Telegram does not answer is
//! asked again soon.

use std::sync::Arc;
use std::time::Duration;

use crate::shop::stars::Cashier;
use crate::worker::Crew;

/// When to ask again after Telegram did not answer.
const SOON: Duration = Duration::from_secs(15);

pub(super) async fn run(crew: Crew, cashier: Arc<dyn Cashier>, every: Duration) {
    loop {
        let mut answered = true;
        crew.guard("looking after payments in Stars", async {
            if crew.shop.knows_stars().await? {
                answered = crew.shop.return_stars(cashier.as_ref()).await?
                    && crew.shop.sweep_stars(cashier.as_ref()).await?;
            }
            Ok(())
        })
        .await;
        let pause = if answered { every } else { SOON.min(every) };
        if !crew.rest(pause, crew.shop.wake().stars.notified()).await {
            return;
        }
    }
}
