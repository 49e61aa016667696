//! Reads our balance at an upstream, again and again.
//!
//! Invariant: a route stops selling before its balance fails, and admins hear of it in time.

use std::sync::Arc;
use std::time::Duration;

use crate::provider::Provider;
use crate::worker::Crew;

pub(super) async fn run(crew: Crew, provider: Arc<dyn Provider>, every: Duration) {
    let what = format!("the balance at {}", provider.id());
    loop {
        crew.guard(&what, crew.shop.watch_balance(provider.as_ref()))
            .await;
        if !crew.sleep(every).await {
            return;
        }
    }
}
