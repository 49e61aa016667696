//! What admins set about prices, and the history of it.
//!
//! Invariant: a setting is written together with the line of the history that says so, by the
//! caller in one transaction; the history is only added to.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::store::StoreError;
use crate::store::entity::{price_changes, price_rules, promotions, rate_ages, rates};

/// The last change that was made; 0 before any was.
///
/// # Errors
/// Only the database's own.
pub async fn version(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let last = price_changes::Entity::find()
        .select_only()
        .column_as(price_changes::Column::Id.max(), "last")
        .into_tuple::<Option<i64>>()
        .one(connection)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

/// The markups that admins set, by what they apply to.
///
/// # Errors
/// Only the database's own.
pub async fn rules(
    connection: &impl ConnectionTrait,
) -> Result<Vec<price_rules::Model>, StoreError> {
    Ok(price_rules::Entity::find()
        .order_by_asc(price_rules::Column::Scope)
        .all(connection)
        .await?)
}

/// The rule of a scope, as an admin types it.
///
/// # Errors
/// Only the database's own.
pub async fn rule(
    connection: &impl ConnectionTrait,
    scope: &str,
) -> Result<Option<price_rules::Model>, StoreError> {
    let found = price_rules::Entity::find_by_id(scope);
    Ok(found.one(connection).await?)
}

/// Writes a rule over the one of the same scope.
///
/// # Errors
/// Only the database's own.
pub async fn set_rule(
    transaction: &impl ConnectionTrait,
    rule: price_rules::Model,
) -> Result<(), StoreError> {
    use price_rules::Column as C;
    price_rules::Entity::insert(rule.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(C::Scope)
                .update_columns([C::Percent, C::Fixed, C::Step])
                .update_columns([C::Minimum, C::SetBy, C::SetAtMs])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Removes the rule of a scope.
///
/// # Errors
/// Only the database's own.
pub async fn remove_rule(
    transaction: &impl ConnectionTrait,
    scope: &str,
) -> Result<(), StoreError> {
    let gone = price_rules::Entity::delete_by_id(scope);
    gone.exec(transaction).await?;
    Ok(())
}

/// All promotions.
///
/// # Errors
/// Only the database's own.
pub async fn promotions(
    connection: &impl ConnectionTrait,
) -> Result<Vec<promotions::Model>, StoreError> {
    Ok(promotions::Entity::find()
        .order_by_asc(promotions::Column::EndsAtMs)
        .order_by_asc(promotions::Column::Scope)
        .all(connection)
        .await?)
}

/// The promotion of a scope.
///
/// # Errors
/// Only the database's own.
pub async fn promotion(
    connection: &impl ConnectionTrait,
    scope: &str,
) -> Result<Option<promotions::Model>, StoreError> {
    let found = promotions::Entity::find_by_id(scope);
    Ok(found.one(connection).await?)
}

/// Writes a promotion over the one of the same scope.
///
/// # Errors
/// Only the database's own.
pub async fn set_promotion(
    transaction: &impl ConnectionTrait,
    promotion: promotions::Model,
) -> Result<(), StoreError> {
    use promotions::Column as C;
    promotions::Entity::insert(promotion.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(C::Scope)
                .update_columns([C::Percent, C::Amount, C::StartsAtMs])
                .update_columns([C::EndsAtMs, C::SetBy, C::SetAtMs])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Removes the promotion of a scope.
///
/// # Errors
/// Only the database's own.
pub async fn remove_promotion(
    transaction: &impl ConnectionTrait,
    scope: &str,
) -> Result<(), StoreError> {
    let gone = promotions::Entity::delete_by_id(scope);
    gone.exec(transaction).await?;
    Ok(())
}

/// The rates that admins set.
///
/// # Errors
/// Only the database's own.
pub async fn rates(connection: &impl ConnectionTrait) -> Result<Vec<rates::Model>, StoreError> {
    Ok(rates::Entity::find().all(connection).await?)
}

/// Writes a rate over the one of the same currency.
///
/// # Errors
/// Only the database's own.
pub async fn set_rate(
    transaction: &impl ConnectionTrait,
    rate: rates::Model,
) -> Result<(), StoreError> {
    use rates::Column as C;
    rates::Entity::insert(rate.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(C::Currency)
                .update_columns([C::Rate, C::SetBy, C::SetAtMs])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Removes a rate.
///
/// # Errors
/// Only the database's own.
pub async fn remove_rate(
    transaction: &impl ConnectionTrait,
    currency: &str,
) -> Result<(), StoreError> {
    let gone = rates::Entity::delete_by_id(currency);
    gone.exec(transaction).await?;
    Ok(())
}

/// How old the rates of the settings are.
///
/// # Errors
/// Only the database's own.
pub async fn rate_ages(
    connection: &impl ConnectionTrait,
) -> Result<Vec<rate_ages::Model>, StoreError> {
    Ok(rate_ages::Entity::find().all(connection).await?)
}

/// Writes the age of a rate over the one of the same currency.
///
/// # Errors
/// Only the database's own.
pub async fn set_rate_age(
    transaction: &impl ConnectionTrait,
    age: rate_ages::Model,
) -> Result<(), StoreError> {
    use rate_ages::Column as C;
    rate_ages::Entity::insert(age.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(C::Currency)
                .update_columns([C::SettingsRate, C::SettingsSinceMs, C::WarnedAtMs])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Adds a line to the history; its number.
///
/// # Errors
/// Only the database's own.
pub async fn note_change(
    transaction: &impl ConnectionTrait,
    change: price_changes::Model,
) -> Result<i64, StoreError> {
    let mut row = change.into_active_model().reset_all();
    row.id = NotSet;
    Ok(row.insert(transaction).await?.id)
}

/// A change by its number.
///
/// # Errors
/// Only the database's own.
pub async fn change(
    connection: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<price_changes::Model>, StoreError> {
    let found = price_changes::Entity::find_by_id(id);
    Ok(found.one(connection).await?)
}

/// The change that a button made.
///
/// # Errors
/// Only the database's own.
pub async fn change_of(
    connection: &impl ConnectionTrait,
    nonce: &str,
) -> Result<Option<price_changes::Model>, StoreError> {
    let found = price_changes::Entity::find();
    let found = found.filter(price_changes::Column::Nonce.eq(nonce));
    Ok(found.one(connection).await?)
}

/// The last change of the same thing.
///
/// # Errors
/// Only the database's own.
pub async fn last_of(
    connection: &impl ConnectionTrait,
    subject: &str,
) -> Result<Option<price_changes::Model>, StoreError> {
    Ok(price_changes::Entity::find()
        .filter(price_changes::Column::Subject.eq(subject))
        .order_by_desc(price_changes::Column::Id)
        .one(connection)
        .await?)
}

/// The history, newest first: how many lines there are, and those of one page.
///
/// # Errors
/// Only the database's own.
pub async fn history(
    connection: &impl ConnectionTrait,
    offset: u64,
    limit: u64,
) -> Result<(u64, Vec<price_changes::Model>), StoreError> {
    let count = price_changes::Entity::find().count(connection).await?;
    let rows = price_changes::Entity::find()
        .order_by_desc(price_changes::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(connection)
        .await?;
    Ok((count, rows))
}
