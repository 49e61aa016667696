//! Brings notices to users.
//!
//! Invariant: a notice is settled only after Telegram has it or can never have it; a user who
//! cannot be reached delays nobody else.

use std::sync::Arc;
use std::time::Duration;

use crate::shop::notice::{Courier, Due};
use crate::worker::{Crew, UnderWay};

/// How many notices are on their way at once.
const HANDS: usize = 512;
const LONGEST: Duration = Duration::from_millis(500);
const SHORTEST: Duration = Duration::from_millis(5);
const AFTER_ERROR: Duration = Duration::from_secs(1);

pub(super) async fn run(crew: Crew, courier: Arc<dyn Courier>) {
    let under_way = UnderWay::new();
    loop {
        let pause = round(&crew, &courier, &under_way).await;
        if !crew.rest(pause, crew.shop.wake().outbox.notified()).await {
            return;
        }
    }
}

async fn round(crew: &Crew, courier: &Arc<dyn Courier>, under_way: &UnderWay<i64>) -> Duration {
    let busy = under_way.all();
    let free = HANDS.saturating_sub(busy.len());
    let due = match crew.shop.due_notices(busy, free as u64).await {
        Ok(due) => due,
        Err(error) => {
            log::error!("notices that are due cannot be read: {error}");
            return AFTER_ERROR;
        }
    };
    for notice in due {
        bring(crew, courier, under_way, notice);
    }
    match crew.shop.next_notice_in().await {
        Ok(next) => next
            .and_then(|next| next.to_std().ok())
            .unwrap_or(LONGEST)
            .clamp(SHORTEST, LONGEST),
        Err(_) => AFTER_ERROR,
    }
}

fn bring(crew: &Crew, courier: &Arc<dyn Courier>, under_way: &UnderWay<i64>, notice: Due) {
    if !under_way.take(notice.id()) {
        return;
    }
    let crew = crew.clone();
    let courier = Arc::clone(courier);
    let under_way = under_way.clone();
    crew.tasks.clone().spawn(async move {
        let what = format!("notice {}", notice.id());
        let mut is_due_again = false;
        let item = async {
            is_due_again = crew.shop.bring(&notice, courier.as_ref()).await?;
            Ok(())
        };
        if !crew.guard(&what, item).await {
            crew.sleep(AFTER_ERROR).await;
        }
        let was_full = under_way.count() >= HANDS;
        under_way.put_back(notice.id());
        // Otherwise all that is due has been taken up already, and looking again would cost more
        // than the delivery did.
        if is_due_again || was_full {
            crew.shop.wake().outbox.notify_one();
        }
    });
}
