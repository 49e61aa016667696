//! The load generator: plays users against the real binary, with the simulated upstream and the
//! simulated Telegram in this process, and prints what it measured.
//!
//! `cargo bench --bench load` plays the usual load, `cargo bench --bench load -- 1000 5000` with
//! 1,000 users at once and 5,000 purchases. `cargo bench --bench load -- scale` measures what a
//! large shop costs: a long catalogue, 10,000 waiting orders, a million old ones. Everything runs
//! on loopback and ends by itself.
#![allow(
    clippy::print_stdout,
    reason = "a benchmark reports on its standard output"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a load that cannot go on should stop where it is"
)]
#![allow(
    clippy::float_arithmetic,
    reason = "rates are for people, and far from money"
)]
#![allow(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]

mod scale;
mod stage;
mod usual;

use std::time::Duration;

use hdrhistogram::Histogram;

#[tokio::main]
async fn main() {
    if std::env::args().any(|word| word == "scale") {
        return scale::play().await;
    }
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let users = numbers.first().copied().unwrap_or(1_000);
    let purchases = numbers.get(1).copied().unwrap_or(3_000);
    usual::play(users, purchases).await;
}

fn percentiles(taken: impl IntoIterator<Item = Duration>) -> String {
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    for taken in taken {
        let microseconds = u64::try_from(taken.as_micros()).unwrap();
        histogram.record(microseconds).unwrap();
    }
    let milliseconds = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms",
        milliseconds(0.5),
        milliseconds(0.99),
        milliseconds(1.0)
    )
}
