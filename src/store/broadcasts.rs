//! Messages to many and how far each has come.
//!
//! Invariant: one is open at most; its recipients are those of the moment at which it was
//! confirmed, and each of them stays due until it is written down how it went.

use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, Query};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::domain::audience::Audience;
use crate::domain::id::{BroadcastId, UserId};
use crate::store::entity::{
    accounts, broadcast_recipients as recipients, broadcasts, news_off, users,
};
use crate::store::{StoreError, Tx};

/// A lost answer may mean a message that arrived, so it is risked once more, and no further.
const MOST_TRIES: i64 = 2;
/// The word of a recipient who got it.
const DELIVERED: &str = "delivered";
const BLOCKED: &str = "blocked";
const FAILED: &str = "failed";
const DECLINED: &str = "declined";

/// How it went with a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyOutcome {
    /// It stands in their chat.
    Delivered,
    /// They blocked the bot or are gone.
    Blocked,
    /// Telegram refuses it for them.
    Failed,
    /// They want no news.
    Declined,
    /// Nobody knows whether it arrived.
    Lost,
}

/// Of whom an audience is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Which.
    pub audience: Audience,
    /// The tags of all languages; who reads none of them reads the first.
    pub languages: Vec<String>,
    /// Who came after that is active, Unix time in milliseconds.
    pub active_since_ms: i64,
}

fn reads(tag: &str) -> Condition {
    let language = || {
        let either = Func::coalesce([
            Expr::col((users::Entity, users::Column::ChosenLanguage)),
            Expr::col((users::Entity, users::Column::TelegramLanguage)),
            Expr::val(""),
        ]);
        Expr::expr(Func::lower(either))
    };
    Condition::any()
        .add(language().eq(tag))
        .add(language().like(format!("{tag}-%")))
        .add(language().like(LikeExpr::new(format!("{tag}!_%")).escape('!')))
}

fn of(reach: &Reach) -> Select<users::Entity> {
    let off = Query::select()
        .column(news_off::Column::UserId)
        .from(news_off::Entity)
        .to_owned();
    let all = users::Entity::find()
        .filter(users::Column::UnreachableSinceMs.is_null())
        .filter(users::Column::BannedAtMs.is_null())
        .filter(users::Column::Id.not_in_subquery(off));
    match &reach.audience {
        Audience::All => all,
        Audience::Active => all.filter(users::Column::SeenAtMs.gte(reach.active_since_ms)),
        Audience::Funded => {
            let funded = Query::select()
                .column(accounts::Column::UserId)
                .from(accounts::Entity)
                .and_where(accounts::Column::UserId.is_not_null())
                .and_where(accounts::Column::Name.like("user:%:available"))
                .and_where(accounts::Column::Balance.gt(0))
                .to_owned();
            all.filter(users::Column::Id.in_subquery(funded))
        }
        Audience::Language(tag) if reach.languages.first() == Some(tag) => {
            let others = reach.languages.iter().skip(1);
            let any = others.fold(Condition::any(), |any, tag| any.add(reads(tag)));
            match reach.languages.len() {
                0 | 1 => all,
                _ => all.filter(any.not()),
            }
        }
        Audience::Language(tag) => all.filter(reads(tag)),
    }
}

/// How many users an audience has.
///
/// # Errors
/// Only the database's own.
pub async fn size(connection: &impl ConnectionTrait, reach: &Reach) -> Result<u64, StoreError> {
    Ok(of(reach).count(connection).await?)
}

/// A broadcast that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBroadcast {
    /// The admin, in whose chat the original stands.
    pub by: UserId,
    /// The original.
    pub message_id: i32,
    /// To whom.
    pub reach: Reach,
    /// Where the admin sees how far it is.
    pub card_message_id: i32,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// Begins a broadcast and fixes its recipients; `None` while another one is open.
///
/// # Errors
/// Only the database's own.
pub async fn begin(tx: &Tx, new: NewBroadcast) -> Result<Option<broadcasts::Model>, StoreError> {
    if open(tx).await?.is_some() {
        return Ok(None);
    }
    let row = broadcasts::ActiveModel {
        slot: Set(Some(1)),
        by_user: Set(new.by.0),
        message_id: Set(i64::from(new.message_id)),
        audience: Set(new.reach.audience.word()),
        state: Set("running".to_owned()),
        card_message_id: Set(i64::from(new.card_message_id)),
        total: Set(0),
        delivered: Set(0),
        blocked: Set(0),
        failed: Set(0),
        declined: Set(0),
        started_at_ms: Set(new.at_ms),
        ended_at_ms: Set(None),
        id: NotSet,
    };
    let id = broadcasts::Entity::insert(row)
        .exec(tx)
        .await?
        .last_insert_id;
    let mut chosen = of(&new.reach).into_query();
    chosen
        .clear_selects()
        .expr(Expr::val(id))
        .column((users::Entity, users::Column::Id));
    let mut insert = Query::insert();
    insert
        .into_table(recipients::Entity)
        .columns([recipients::Column::BroadcastId, recipients::Column::UserId])
        .select_from(chosen)
        .map_err(|error| StoreError::BadRow(error.to_string()))?;
    let total = tx.execute(&insert).await?.rows_affected();
    let total = i64::try_from(total).map_err(|_| StoreError::Overflow)?;
    let row = find(tx, BroadcastId(id)).await?;
    let mut row = row.into_active_model();
    row.total = Set(total);
    Ok(Some(row.update(tx).await?))
}

/// The broadcast that is not over.
///
/// # Errors
/// Only the database's own.
pub async fn open(
    connection: &impl ConnectionTrait,
) -> Result<Option<broadcasts::Model>, StoreError> {
    Ok(broadcasts::Entity::find()
        .filter(broadcasts::Column::Slot.is_not_null())
        .one(connection)
        .await?)
}

/// A broadcast by its number.
///
/// # Errors
/// [`StoreError::BadRow`] where there is none.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: BroadcastId,
) -> Result<broadcasts::Model, StoreError> {
    broadcasts::Entity::find_by_id(id.0)
        .one(connection)
        .await?
        .ok_or_else(|| StoreError::BadRow(format!("no broadcast {id}")))
}

/// Moves an open broadcast from one state to another; `false` where it is not (any more) there.
///
/// # Errors
/// Only the database's own.
pub async fn steer(tx: &Tx, id: BroadcastId, from: &[&str], to: &str) -> Result<bool, StoreError> {
    let changed = broadcasts::Entity::update_many()
        .col_expr(broadcasts::Column::State, Expr::value(to))
        .filter(broadcasts::Column::Id.eq(id.0))
        .filter(broadcasts::Column::Slot.is_not_null())
        .filter(broadcasts::Column::State.is_in(from.iter().copied()))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Notes where the admin sees from now on how far it is.
///
/// # Errors
/// Only the database's own.
pub async fn place_card(tx: &Tx, id: BroadcastId, message_id: i32) -> Result<(), StoreError> {
    broadcasts::Entity::update_many()
        .col_expr(
            broadcasts::Column::CardMessageId,
            Expr::value(i64::from(message_id)),
        )
        .filter(broadcasts::Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Recipients that are still due, those last whose first try was lost, each with whether they
/// want news.
///
/// # Errors
/// Only the database's own.
pub async fn due(
    connection: &impl ConnectionTrait,
    id: BroadcastId,
    limit: u64,
) -> Result<Vec<(UserId, bool)>, StoreError> {
    let rows: Vec<i64> = recipients::Entity::find()
        .filter(recipients::Column::BroadcastId.eq(id.0))
        .filter(recipients::Column::Outcome.is_null())
        .order_by_asc(recipients::Column::Tries)
        .order_by_asc(recipients::Column::UserId)
        .select_only()
        .column(recipients::Column::UserId)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?;
    let off: Vec<i64> = news_off::Entity::find()
        .filter(news_off::Column::UserId.is_in(rows.clone()))
        .select_only()
        .column(news_off::Column::UserId)
        .into_tuple()
        .all(connection)
        .await?;
    let with_wish = |user: i64| (UserId(user), !off.contains(&user));
    Ok(rows.into_iter().map(with_wish).collect())
}

/// Writes down how it went with one recipient, once.
///
/// # Errors
/// Only the database's own.
pub async fn settle(
    tx: &Tx,
    id: BroadcastId,
    user: UserId,
    outcome: CopyOutcome,
) -> Result<(), StoreError> {
    let (word, counted) = match outcome {
        CopyOutcome::Delivered => (DELIVERED, broadcasts::Column::Delivered),
        CopyOutcome::Blocked => (BLOCKED, broadcasts::Column::Blocked),
        CopyOutcome::Failed => (FAILED, broadcasts::Column::Failed),
        CopyOutcome::Declined => (DECLINED, broadcasts::Column::Declined),
        CopyOutcome::Lost if try_again(tx, id, user).await? => return Ok(()),
        CopyOutcome::Lost => (FAILED, broadcasts::Column::Failed),
    };
    let settled = recipients::Entity::update_many()
        .col_expr(recipients::Column::Outcome, Expr::value(word))
        .filter(recipients::Column::BroadcastId.eq(id.0))
        .filter(recipients::Column::UserId.eq(user.0))
        .filter(recipients::Column::Outcome.is_null())
        .exec(tx)
        .await?;
    if settled.rows_affected == 1 {
        broadcasts::Entity::update_many()
            .col_expr(counted, Expr::col(counted).add(1))
            .filter(broadcasts::Column::Id.eq(id.0))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Leaves a recipient due after an answer was lost; `false` where that was the last try.
async fn try_again(tx: &Tx, id: BroadcastId, user: UserId) -> Result<bool, StoreError> {
    let again = recipients::Entity::update_many()
        .col_expr(
            recipients::Column::Tries,
            Expr::col(recipients::Column::Tries).add(1),
        )
        .filter(recipients::Column::BroadcastId.eq(id.0))
        .filter(recipients::Column::UserId.eq(user.0))
        .filter(recipients::Column::Outcome.is_null())
        .filter(recipients::Column::Tries.lt(MOST_TRIES - 1))
        .exec(tx)
        .await?;
    Ok(again.rows_affected == 1)
}

/// Ends a broadcast: what is kept is how it went in numbers, and not with whom.
///
/// # Errors
/// Only the database's own.
pub async fn end(tx: &Tx, id: BroadcastId, state: &str, now_ms: i64) -> Result<(), StoreError> {
    broadcasts::Entity::update_many()
        .col_expr(broadcasts::Column::State, Expr::value(state))
        .col_expr(broadcasts::Column::Slot, Expr::value(None::<i64>))
        .col_expr(broadcasts::Column::EndedAtMs, Expr::value(now_ms))
        .filter(broadcasts::Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    recipients::Entity::delete_many()
        .filter(recipients::Column::BroadcastId.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}
