//! What goes on by itself: orders that are due, those that wait, polling, delivery, the
//! catalogue, promotions, reconciliation, payments in Stars, messages to many, backups, the nightly
//! audit, tidying up.
//!
//! Invariant: a worker holds no truth. Each item is guarded, so that an error or a panic ends that
//! item only, and what it was about stays due; a worker that starts anew picks everything up.

pub mod alerts;
pub mod backup;
pub mod broadcast;
pub mod catalogue;
pub mod deliver;
pub mod due;
pub mod nightly;
pub mod poll;
pub mod prices;
pub mod reconcile;
pub mod requests;
pub mod restock;
pub mod review;
pub mod stars;
pub mod tick;
pub mod tidy;

use std::collections::HashSet;
use std::future::Future;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::shop::notice::Courier;
use crate::shop::stars::Cashier;
use crate::shop::{Shop, ShopError};

/// How often things happen.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two readings of an upstream's catalogue.
    pub catalogue: Duration,
    /// Between two redrawings of the cards that show a running time.
    pub tick: Duration,
    /// Between two comparisons of an upstream's balance and orders with the books.
    pub reconcile: Duration,
    /// Between two readings of Telegram's list of payments.
    pub stars: Duration,
    /// Between two looks at what admins are warned of.
    pub alerts: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            catalogue: Duration::from_secs(600),
            tick: Duration::from_secs(60),
            reconcile: Duration::from_secs(60),
            stars: Duration::from_secs(300),
            alerts: Duration::from_secs(60),
        }
    }
}

/// The running workers.
#[derive(Debug)]
pub struct Workers {
    tasks: TaskTracker,
    stop: CancellationToken,
    failures: Arc<AtomicU64>,
}

impl Workers {
    /// Settles what a crash left behind and starts all workers.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn start(
        shop: Arc<Shop>,
        courier: Arc<dyn Courier>,
        cashier: Arc<dyn Cashier>,
        pace: Pace,
    ) -> Result<Self, ShopError> {
        let interrupted = shop.recover().await?;
        if interrupted > 0 {
            log::warn!(
                "{interrupted} purchases were under way when the process ended; asking the upstreams about them"
            );
        }
        if let Err(error) = shop.return_to_present().await {
            log::error!("times that lie too far ahead are not mended: {error}");
        }
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let failures = Arc::new(AtomicU64::new(0));
        let crew = Crew {
            shop,
            tasks: tasks.clone(),
            stop: stop.clone(),
            failures: Arc::clone(&failures),
        };
        tasks.spawn(due::run(crew.clone()));
        tasks.spawn(deliver::run(crew.clone(), Arc::clone(&courier)));
        tasks.spawn(broadcast::run(crew.clone(), Arc::clone(&courier)));
        tasks.spawn(tick::run(crew.clone(), courier, pace.tick));
        tasks.spawn(tidy::run(crew.clone()));
        tasks.spawn(review::run(crew.clone()));
        tasks.spawn(nightly::run(crew.clone()));
        tasks.spawn(alerts::run(crew.clone(), pace.alerts));
        tasks.spawn(backup::run(crew.clone()));
        tasks.spawn(restock::run(crew.clone()));
        tasks.spawn(requests::run(crew.clone()));
        tasks.spawn(prices::run(crew.clone()));
        tasks.spawn(stars::run(crew.clone(), cashier, pace.stars));
        for provider in crew.shop.providers() {
            let provider = Arc::clone(provider);
            tasks.spawn(poll::run(crew.clone(), Arc::clone(&provider)));
            tasks.spawn(reconcile::run(
                crew.clone(),
                Arc::clone(&provider),
                pace.reconcile,
            ));
            tasks.spawn(catalogue::run(crew.clone(), provider, pace.catalogue));
        }
        Ok(Self {
            tasks,
            stop,
            failures,
        })
    }

    /// How many items ended in an error of our own or a panic since the start.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Lets every item that is under way end, but no longer than `patience`; what does not end by
    /// then stays due and is picked up at the next start.
    pub async fn stop(self, patience: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            log::info!(
                "{} items did not end in time; they go on at the next start",
                self.tasks.len()
            );
        }
    }
}

/// What every worker has at hand.
#[derive(Clone, Debug)]
struct Crew {
    shop: Arc<Shop>,
    tasks: TaskTracker,
    stop: CancellationToken,
    failures: Arc<AtomicU64>,
}

impl Crew {
    /// Sleeps for `pause` or until woken; `false` once it is time to stop.
    async fn rest(&self, pause: Duration, woken: impl Future<Output = ()>) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = woken => true,
            () = tokio::time::sleep(pause) => true,
        }
    }

    /// Runs one item so that neither its error nor its panic reaches the worker; `true` if it went
    /// well.
    async fn guard(&self, what: &str, item: impl Future<Output = Result<(), ShopError>>) -> bool {
        let problem = match AssertUnwindSafe(item).catch_unwind().await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "panicked; see the backtrace above".to_owned(),
        };
        log::error!("{what}: {problem}");
        self.failures.fetch_add(1, Ordering::Relaxed);
        false
    }

    /// Sleeps for `pause`; `false` once it is time to stop.
    async fn sleep(&self, pause: Duration) -> bool {
        self.rest(pause, std::future::pending()).await
    }
}

/// The items that somebody is working on, so that no item is taken up twice.
#[derive(Debug)]
struct UnderWay<K>(Arc<Mutex<HashSet<K>>>);

impl<K> Clone for UnderWay<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Copy + Eq + Hash> UnderWay<K> {
    fn new() -> Self {
        Self(Arc::default())
    }

    /// `true` if nobody had it.
    fn take(&self, key: K) -> bool {
        self.lock().insert(key)
    }

    fn put_back(&self, key: K) {
        self.lock().remove(&key);
    }

    fn count(&self) -> usize {
        self.lock().len()
    }

    fn all(&self) -> Vec<K> {
        self.lock().iter().copied().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
