//! Asks the upstreams what became of waiting orders: one scheduler per upstream, not one per
//! order.
//!
//! Invariant: no answer ends the polling; after an error it goes on, more slowly for a while.

use std::sync::Arc;
use std::time::Duration;

use crate::provider::Provider;
use crate::shop::poll::Rounds;
use crate::worker::Crew;

pub(super) async fn run(crew: Crew, provider: Arc<dyn Provider>) {
    let mut rounds = Rounds::default();
    let interval = crew.shop.poll_interval().to_std().unwrap_or(Duration::ZERO);
    loop {
        if !crew.sleep(jittered(interval)).await {
            return;
        }
        let what = format!("polling {}", provider.id());
        crew.guard(&what, crew.shop.poll(provider.as_ref(), &mut rounds))
            .await;
    }
}

/// Up to a tenth shorter, so that many bots do not ask in step; never longer, since the interval
/// is what users were promised.
fn jittered(interval: Duration) -> Duration {
    let tenth = u64::try_from(interval.as_millis() / 10).unwrap_or(u64::MAX);
    let less = if tenth == 0 {
        0
    } else {
        rand::random_range(0..tenth)
    };
    interval.saturating_sub(Duration::from_millis(less))
}
