//! What all of one play share: the dice, the clock, the steps so far, and the first thing that
//! was found to be wrong.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use numshop::clock::Clock;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// When every play begins: 2026-01-01.
const BEGIN_MS: i64 = 1_767_225_600_000;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The rule.
    pub(crate) rule: &'static str,
    /// What was found.
    pub(crate) detail: String,
}

/// One play's common ground.
#[derive(Debug)]
pub(crate) struct Scene {
    dice: Mutex<StdRng>,
    now_ms: AtomicI64,
    steps: Mutex<Vec<String>>,
    is_calm: AtomicBool,
    broken: Mutex<Option<Broken>>,
}

impl Scene {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
            now_ms: AtomicI64::new(BEGIN_MS),
            steps: Mutex::default(),
            is_calm: AtomicBool::new(false),
            broken: Mutex::default(),
        }
    }

    /// True in so many of a hundred cases; never once all is calm.
    pub(crate) fn trouble(&self, percent: u32) -> bool {
        !self.is_calm() && self.chance(percent)
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(&self, percent: u32) -> bool {
        self.dice.lock().unwrap().random_range(0..100) < percent
    }

    /// One of `0..count`.
    pub(crate) fn below(&self, count: usize) -> usize {
        self.dice.lock().unwrap().random_range(0..count)
    }

    /// One of both ends or between.
    pub(crate) fn between(&self, least: i64, most: i64) -> i64 {
        self.dice.lock().unwrap().random_range(least..=most)
    }

    /// One of them, if there are any.
    pub(crate) fn one_of<'a, T>(&self, all: &'a [T]) -> Option<&'a T> {
        (!all.is_empty()).then(|| &all[self.below(all.len())])
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.now_ms
            .fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn note(&self, step: String) {
        let elapsed = self.now_ms() - BEGIN_MS;
        let line = format!(
            "{:>9.3}s {step}",
            TimeDelta::milliseconds(elapsed).as_seconds_f64()
        );
        self.steps.lock().unwrap().push(line);
    }

    /// Ends all faults.
    pub(crate) fn calm_down(&self) {
        self.is_calm.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm.load(Ordering::SeqCst)
    }

    /// Notes that a rule is broken; the first one counts.
    pub(crate) fn breaks(&self, rule: &'static str, detail: impl Into<String>) {
        let detail = detail.into();
        self.note(format!("BROKEN {rule}: {detail}"));
        let mut broken = self.broken.lock().unwrap();
        broken.get_or_insert(Broken { rule, detail });
    }

    pub(crate) fn broken(&self) -> Option<Broken> {
        self.broken.lock().unwrap().clone()
    }

    pub(crate) fn steps(&self) -> Vec<String> {
        self.steps.lock().unwrap().clone()
    }

    /// The same for the same steps.
    pub(crate) fn print(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.steps.lock().unwrap().hash(&mut hasher);
        hasher.finish()
    }
}

impl Clock for Scene {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.now_ms()).unwrap()
    }
}
