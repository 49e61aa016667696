//! What is known of a user who looks around: the latest orders, the favourites, the conversation.
//!
//! Invariant: all of it is one bounded query, however much somebody bought.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, Statement,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::entity::{favourite_places, favourites};

/// The latest orders that are looked at, and the favourites.
const READ: &str = "
SELECT * FROM (
    SELECT 'order' AS kind, service_id, country AS detail, operator, id AS place
    FROM orders WHERE user_id = $1 AND product = 'activation' ORDER BY id DESC LIMIT 50) AS latest
UNION ALL
SELECT * FROM (
    SELECT 'favourite' AS kind, service_id, '' AS detail, NULL AS operator, added_at_ms AS place
    FROM favourites WHERE user_id = $1 ORDER BY added_at_ms DESC, service_id LIMIT 50) AS starred
UNION ALL
SELECT * FROM (
    SELECT 'place' AS kind, 0 AS service_id, country AS detail, NULL AS operator, added_at_ms AS place
    FROM favourite_places WHERE user_id = $1 ORDER BY added_at_ms DESC, country LIMIT 50) AS places
UNION ALL
SELECT 'dialogue' AS kind, 0 AS service_id, state AS detail, NULL AS operator, 0 AS place
    FROM dialogues WHERE chat_id = $1";

#[derive(FromQueryResult)]
struct Row {
    kind: String,
    service_id: i64,
    detail: String,
    operator: Option<String>,
    place: i64,
}

/// What somebody ordered before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Our service.
    pub service_id: i64,
    /// The country's code.
    pub country: String,
    /// The operator; `None` for any.
    pub operator: Option<String>,
}

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// The latest orders, each kind once, latest first.
    pub ordered: Vec<Ordered>,
    /// The favourites, the latest first.
    pub favourites: Vec<i64>,
    /// The countries of rentals with a star, the latest first.
    pub favourite_places: Vec<String>,
    /// The state of the conversation.
    pub dialogue: Option<String>,
}

/// Reads what is known of a user, whose private chat has their number.
///
/// # Errors
/// Only the database's own.
pub async fn of(connection: &impl ConnectionTrait, user: UserId) -> Result<Habits, StoreError> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, READ, [user.0.into()]);
    let mut rows = Row::find_by_statement(statement).all(connection).await?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.place));
    let mut habits = Habits::default();
    for row in rows {
        match row.kind.as_str() {
            "order" => {
                let ordered = Ordered {
                    service_id: row.service_id,
                    country: row.detail,
                    operator: row.operator,
                };
                if !habits.ordered.contains(&ordered) {
                    habits.ordered.push(ordered);
                }
            }
            "favourite" => habits.favourites.push(row.service_id),
            "place" => habits.favourite_places.push(row.detail),
            _ => habits.dialogue = Some(row.detail),
        }
    }
    Ok(habits)
}

/// Gives a service a star, or takes it away. Doing it again changes nothing.
///
/// # Errors
/// Only the database's own.
pub async fn set_favourite(
    transaction: &impl ConnectionTrait,
    row: favourites::Model,
    is_favourite: bool,
) -> Result<(), StoreError> {
    if is_favourite {
        favourites::Entity::insert(row.into_active_model().reset_all())
            .on_conflict(
                OnConflict::columns([favourites::Column::UserId, favourites::Column::ServiceId])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(transaction)
            .await?;
    } else {
        favourites::Entity::delete_many()
            .filter(favourites::Column::UserId.eq(row.user_id))
            .filter(favourites::Column::ServiceId.eq(row.service_id))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Gives a country of rentals a star, or takes it away. Doing it again changes nothing.
///
/// # Errors
/// Only the database's own.
pub async fn set_favourite_place(
    transaction: &impl ConnectionTrait,
    row: favourite_places::Model,
    is_favourite: bool,
) -> Result<(), StoreError> {
    use favourite_places::{Column, Entity};
    if is_favourite {
        let known = OnConflict::columns([Column::UserId, Column::Country])
            .do_nothing()
            .to_owned();
        Entity::insert(row.into_active_model().reset_all())
            .on_conflict(known)
            .exec_without_returning(transaction)
            .await?;
    } else {
        Entity::delete_by_id((row.user_id, row.country))
            .exec(transaction)
            .await?;
    }
    Ok(())
}
