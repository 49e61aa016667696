//! Holds an upstream's balance and list against the books, again and again.
//!
//! Invariant: a route stops selling before its balance fails, and admins hear of every difference
//! within minutes.

use std::sync::Arc;
use std::time::Duration;

use crate::provider::Provider;
use crate::worker::Crew;

pub(super) async fn run(crew: Crew, provider: Arc<dyn Provider>, every: Duration) {
    let what = format!("reconciling {}", provider.id());
    loop {
        crew.guard(&what, crew.shop.reconcile(provider.as_ref()))
            .await;
        if !crew.sleep(every).await {
            return;
        }
    }
}
