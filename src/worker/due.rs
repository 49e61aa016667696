//! Takes up orders whose next action is due.
//!
//! Invariant: one order is never in two hands of one process; the slow upstream of one order
//! delays no other: a hand that waits for an upstream's answer is none that is missing here.

use std::time::Duration;

use crate::domain::id::OrderId;
use crate::worker::{Crew, UnderWay};

/// How many orders are in hand at once, without those that wait for an upstream; further ones
/// wait their turn, longest due first.
const HANDS: usize = 256;
/// The longest sleep, should nobody wake us: the clock may have been moved.
const LONGEST: Duration = Duration::from_millis(500);
/// The shortest sleep, so that an order that stays due does not spin.
const SHORTEST: Duration = Duration::from_millis(5);
/// How long an order rests after an error of our own.
const AFTER_ERROR: Duration = Duration::from_secs(1);

pub(super) async fn run(crew: Crew) {
    let under_way = UnderWay::new();
    let mut watch = crew.shop.watch_clock();
    loop {
        crew.guard("mending times", crew.shop.look_at_clock(&mut watch))
            .await;
        let pause = round(&crew, &under_way).await;
        if !crew.rest(pause, crew.shop.wake().orders.notified()).await {
            return;
        }
    }
}

/// Takes up what is due; returns how long there is nothing to do.
async fn round(crew: &Crew, under_way: &UnderWay<OrderId>) -> Duration {
    let busy = under_way.all();
    let at_work = busy.len().saturating_sub(crew.shop.calls_under_way());
    let free = HANDS.saturating_sub(at_work);
    match crew.shop.due_orders(&busy, free).await {
        Ok(due) => {
            for id in due.now {
                take_up(crew, under_way, id);
            }
            due.next_in
                .and_then(|next| next.to_std().ok())
                .unwrap_or(LONGEST)
                .clamp(SHORTEST, LONGEST)
        }
        Err(error) => {
            log::error!("orders that are due cannot be read: {error}");
            AFTER_ERROR
        }
    }
}

fn take_up(crew: &Crew, under_way: &UnderWay<OrderId>, id: OrderId) {
    if !under_way.take(id) {
        return;
    }
    let crew = crew.clone();
    let under_way = under_way.clone();
    crew.tasks.clone().spawn(async move {
        let well = crew.guard(&format!("order {id}"), crew.shop.act(id)).await;
        if !well {
            crew.sleep(AFTER_ERROR).await;
        }
        under_way.put_back(id);
        crew.shop.wake().orders.notify_one();
    });
}
