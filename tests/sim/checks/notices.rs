//! What must have been told.

use numshop::domain::order::FailReason;
use numshop::shop::notice::Notice;

use super::{Books, UNPROVEN};
use crate::world::{ADMIN, World};

/// Everybody who can be reached was told of everything that they must know.
pub(super) fn at_the_end(world: &World, books: &Books) {
    let missing = |to: i64, notice: &Notice, since_ms: i64| {
        let text = serde_json::to_string(notice).unwrap();
        let last_ms = world.postman.last_ms(to, &text);
        // Who has blocked us when it comes finds it in the list of orders.
        let last_ms = last_ms.max(world.postman.turned_away_ms(to, &text));
        if last_ms.is_none_or(|at_ms| at_ms < since_ms) {
            let detail = format!("{text} to {to}");
            world.scene.breaks("every notice arrives", detail);
        }
    };
    for row in &books.outbox {
        let turned_away_ms = world.postman.turned_away_ms(row.user_id, &row.notice);
        let is_turned_away = row.outcome.as_deref() == Some("unreachable")
            && turned_away_ms.is_some_and(|at_ms| at_ms >= row.created_at_ms);
        if is_turned_away {
            continue;
        }
        if row.outcome.as_deref() != Some("sent") {
            let detail = format!("notice {} is {:?}", row.id, row.outcome);
            world.scene.breaks("every notice is settled", detail);
        }
        let last_ms = world.postman.last_ms(row.user_id, &row.notice);
        if last_ms.is_none_or(|at_ms| at_ms < row.created_at_ms) {
            let detail = format!("{} to {}", row.notice, row.user_id);
            world.scene.breaks("every notice arrives", detail);
        }
    }
    for row in &books.orders {
        let order = row.order_id();
        for (index, sms) in books.sms_of(row.id).enumerate() {
            missing(row.user_id, &Notice::Sms { order, index }, sms.seen_at_ms);
        }
        let Some(last) = books.events.iter().rfind(|it| it.order_id == row.id) else {
            continue;
        };
        missing(row.user_id, &Notice::Card { order }, last.at_ms);
        if row.queued_until_ms.is_some() && row.upstream_id.is_some() {
            missing(row.user_id, &Notice::Arrived { order }, row.created_at_ms);
        }
        let is_in_vain = row.reason.as_deref() == Some(FailReason::QueuedInVain.as_str());
        let is_unasked = is_in_vain || ["waiting", "in_doubt"].contains(&last.from_state.as_str());
        if is_unasked && ["cancelled", "expired", "failed"].contains(&last.to_state.as_str()) {
            missing(row.user_id, &Notice::Refunded { order }, last.at_ms);
        }
        let unknown = books.attempts_of(row.id).find(|it| {
            it.outcome
                .as_deref()
                .is_some_and(|it| UNPROVEN.contains(&it))
        });
        if let Some(attempt) = unknown {
            let notice = Notice::PossibleOrphan {
                order,
                provider: attempt.provider.clone(),
                cost: format!("{} {}", attempt.cost, attempt.currency),
            };
            missing(ADMIN.0, &notice, attempt.started_at_ms);
        }
    }
}
