//! What changes prices without anybody's doing: promotions that begin and end, rates that grow old.
//!
//! Invariant: everything is priced anew within seconds of a promotion's start or end; admins hear
//! of old rates once a day.

use std::time::Duration;

use crate::worker::Crew;

/// The clock may be set right meanwhile.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn run(crew: Crew) {
    let shop = &crew.shop;
    crew.guard("noting the settings' rates", shop.note_settings_rates())
        .await;
    loop {
        crew.guard("telling of old rates", shop.warn_of_old_rates())
            .await;
        let mut pause = LONGEST_PAUSE;
        crew.guard("following promotions", async {
            if let Some(next) = shop.follow_promotions().await? {
                let next = next.to_std().unwrap_or(Duration::ZERO);
                pause = next.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            }
            Ok(())
        })
        .await;
        if !crew.rest(pause, shop.wake().prices.notified()).await {
            return;
        }
    }
}
