//! Inbox, outbox and dialogues.
//!
//! Invariant: an update is stored once per update id; a notice is written in the transaction that
//! makes it true and stays due until it was sent or can never arrive.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::connection::Keyed;
use crate::store::entity::{dialogues, inbox, outbox};
use crate::store::sealed::{self, Personal};

/// Stores updates; gives back the ids that were not known before.
///
/// # Errors
/// Only the database's own.
pub async fn accept(
    transaction: &impl Keyed,
    batch: Vec<(i64, String)>,
    now_ms: i64,
) -> Result<Vec<i64>, StoreError> {
    let ids: Vec<i64> = batch.iter().map(|(id, _)| *id).collect();
    let known: Vec<i64> = inbox::Entity::find()
        .filter(inbox::Column::UpdateId.is_in(ids))
        .select_only()
        .column(inbox::Column::UpdateId)
        .into_tuple()
        .all(transaction)
        .await?;
    let mut fresh = Vec::new();
    let mut rows = Vec::new();
    for (update_id, json) in batch {
        if known.contains(&update_id) || fresh.contains(&update_id) {
            continue;
        }
        fresh.push(update_id);
        let row = inbox::Model {
            update_id,
            json: Some(json),
            received_at_ms: now_ms,
            handled_at_ms: None,
        };
        let row = row.sealed(transaction.keys())?;
        rows.push(row.into_active_model().reset_all());
    }
    if !rows.is_empty() {
        inbox::Entity::insert_many(rows)
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(fresh)
}

/// Updates whose handler never ended, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn unhandled(connection: &impl Keyed) -> Result<Vec<(i64, String)>, StoreError> {
    let query = inbox::Entity::find()
        .filter(inbox::Column::HandledAtMs.is_null())
        .order_by_asc(inbox::Column::UpdateId);
    Ok(sealed::all(query, connection)
        .await?
        .into_iter()
        .filter_map(|row| Some((row.update_id, row.json?)))
        .collect())
}

/// Marks stored updates handled and forgets their content.
///
/// # Errors
/// Only the database's own.
pub async fn mark_handled(
    transaction: &impl ConnectionTrait,
    update_ids: Vec<i64>,
    now_ms: i64,
) -> Result<(), StoreError> {
    inbox::Entity::update_many()
        .col_expr(inbox::Column::Json, Expr::value(None::<String>))
        .col_expr(inbox::Column::HandledAtMs, Expr::value(now_ms))
        .filter(inbox::Column::UpdateId.is_in(update_ids))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Writes a notice, given as its JSON. One that is due already is not doubled, but will be brought once more if it
/// is on its way just now.
///
/// # Errors
/// Only the database's own.
pub async fn notify(
    transaction: &impl ConnectionTrait,
    user: UserId,
    notice: String,
    urgent: bool,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = outbox::ActiveModel {
        user_id: Set(user.0),
        notice: Set(notice),
        urgent: Set(urgent),
        generation: Set(0),
        created_at_ms: Set(now_ms),
        next_attempt_at_ms: Set(now_ms),
        attempts: Set(0),
        done_at_ms: Set(None),
        outcome: Set(None),
        ..<_ as Default>::default()
    };
    let generation = Expr::col((outbox::Entity, outbox::Column::Generation)).add(1);
    outbox::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([outbox::Column::UserId, outbox::Column::Notice])
                .target_and_where(Expr::col(outbox::Column::DoneAtMs).is_null())
                .value(outbox::Column::Generation, generation)
                .value(outbox::Column::NextAttemptAtMs, now_ms)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Notices that are due, urgent ones first, but for those that are on their way already.
///
/// # Errors
/// Only the database's own.
pub async fn due(
    connection: &impl ConnectionTrait,
    now_ms: i64,
    under_way: Vec<i64>,
    limit: u64,
) -> Result<Vec<outbox::Model>, StoreError> {
    Ok(outbox::Entity::find()
        .filter(outbox::Column::DoneAtMs.is_null())
        .filter(outbox::Column::NextAttemptAtMs.lte(now_ms))
        .filter(outbox::Column::Id.is_not_in(under_way))
        .order_by_desc(outbox::Column::Urgent)
        .order_by_asc(outbox::Column::Id)
        .limit(limit)
        .all(connection)
        .await?)
}

/// When the next notice that is not due yet becomes due.
///
/// # Errors
/// Only the database's own.
pub async fn next_due_ms(
    connection: &impl ConnectionTrait,
    now_ms: i64,
) -> Result<Option<i64>, StoreError> {
    let next: Option<Option<i64>> = outbox::Entity::find()
        .filter(outbox::Column::DoneAtMs.is_null())
        .filter(outbox::Column::NextAttemptAtMs.gt(now_ms))
        .select_only()
        .column_as(outbox::Column::NextAttemptAtMs.min(), "next")
        .into_tuple()
        .one(connection)
        .await?;
    Ok(next.flatten())
}

/// Settles a notice, unless it was asked for again while it was on its way: `false` then.
///
/// # Errors
/// Only the database's own.
pub async fn settle(
    transaction: &impl ConnectionTrait,
    row: &outbox::Model,
    outcome: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let settled = outbox::Entity::update_many()
        .col_expr(outbox::Column::DoneAtMs, Expr::value(now_ms))
        .col_expr(outbox::Column::Outcome, Expr::value(outcome))
        .filter(outbox::Column::Id.eq(row.id))
        .filter(outbox::Column::Generation.eq(row.generation))
        .exec(transaction)
        .await?;
    Ok(settled.rows_affected > 0)
}

/// Puts a notice off.
///
/// # Errors
/// Only the database's own.
pub async fn put_off(
    transaction: &impl ConnectionTrait,
    row: &outbox::Model,
    until_ms: i64,
) -> Result<(), StoreError> {
    outbox::Entity::update_many()
        .col_expr(outbox::Column::NextAttemptAtMs, Expr::value(until_ms))
        .col_expr(
            outbox::Column::Attempts,
            Expr::value(row.attempts.saturating_add(1)),
        )
        .filter(outbox::Column::Id.eq(row.id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// What was kept for a chat's conversation.
///
/// # Errors
/// Only the database's own.
pub async fn dialogue(
    connection: &impl ConnectionTrait,
    chat_id: i64,
) -> Result<Option<String>, StoreError> {
    let row = dialogues::Entity::find_by_id(chat_id)
        .one(connection)
        .await?;
    Ok(row.map(|row| row.state))
}

/// Keeps a chat's conversation, or forgets it.
///
/// # Errors
/// Only the database's own.
pub async fn keep_dialogue(
    transaction: &impl ConnectionTrait,
    chat_id: i64,
    state: Option<String>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let Some(state) = state else {
        dialogues::Entity::delete_by_id(chat_id)
            .exec(transaction)
            .await?;
        return Ok(());
    };
    let row = dialogues::ActiveModel {
        chat_id: Set(chat_id),
        state: Set(state),
        updated_at_ms: Set(now_ms),
    };
    dialogues::Entity::insert(row)
        .on_conflict(
            OnConflict::column(dialogues::Column::ChatId)
                .update_columns([dialogues::Column::State, dialogues::Column::UpdatedAtMs])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Forgets handled updates and settled notices from before `before_ms`. Telegram keeps updates
/// for 24 hours, so ids must be remembered for longer than that.
///
/// # Errors
/// Only the database's own.
pub async fn purge(transaction: &impl ConnectionTrait, before_ms: i64) -> Result<u64, StoreError> {
    let updates = inbox::Entity::delete_many()
        .filter(inbox::Column::ReceivedAtMs.lt(before_ms))
        .filter(inbox::Column::HandledAtMs.is_not_null())
        .exec(transaction)
        .await?;
    let notices = outbox::Entity::delete_many()
        .filter(outbox::Column::DoneAtMs.lt(before_ms))
        .exec(transaction)
        .await?;
    Ok(updates.rows_affected + notices.rows_affected)
}
