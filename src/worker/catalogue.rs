//! Reads what each upstream sells, in the background.
//!
//! Invariant: a user who browses never waits for this, and a failed reading wipes nothing.

use std::sync::Arc;
use std::time::Duration;

use crate::provider::Provider;
use crate::worker::Crew;

/// After a reading that failed; doubled with each further failure, up to the usual pause.
const FIRST_RETRY: Duration = Duration::from_secs(10);

pub(super) async fn run(crew: Crew, provider: Arc<dyn Provider>, every: Duration) {
    let mut retry = FIRST_RETRY;
    loop {
        let mut well = false;
        crew.guard("reading a catalogue", async {
            well = read(&crew, provider.as_ref()).await;
            Ok(())
        })
        .await;
        let pause = if well {
            retry = FIRST_RETRY;
            every
        } else {
            let pause = retry.min(every);
            retry = retry.saturating_mul(2);
            pause
        };
        if !crew.sleep(pause).await {
            return;
        }
    }
}

async fn read(crew: &Crew, provider: &dyn Provider) -> bool {
    let id = provider.id();
    match crew.shop.refresh(provider).await {
        Ok(refreshed) => {
            for (country, error) in &refreshed.failed {
                log::warn!("{id}: what it sells in {country} could not be read: {error}");
            }
            let changed = refreshed.changed;
            log::info!(
                "{id}: {} countries read; {} offers new, {} changed, {} gone",
                refreshed.countries,
                changed.added,
                changed.altered,
                changed.removed
            );
            refreshed.countries > 0
        }
        Err(error) => {
            log::warn!("{id}: its catalogue could not be read: {error}");
            false
        }
    }
}
