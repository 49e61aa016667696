//! What is sold: services, offers, operators, price rules, rates.
//!
//! Invariant: what is sold is read as a whole, for the picture in memory; what upstreams sell is
//! written by [`crate::store::reading`], what admins set is written here.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};

use crate::store::StoreError;
use crate::store::entity::{offers, operators, price_rules, rates, readings, services};

/// Everything, for the snapshot in memory.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    /// Services that are or were sold.
    pub services: Vec<services::Model>,
    /// Offers of all upstreams.
    pub offers: Vec<offers::Model>,
    /// Operators of all upstreams.
    pub operators: Vec<operators::Model>,
    /// When each country of each upstream was last read well.
    pub readings: Vec<readings::Model>,
    /// Markups that admins set.
    pub rules: Vec<price_rules::Model>,
    /// Rates that admins set.
    pub rates: Vec<rates::Model>,
}

/// Reads everything.
///
/// # Errors
/// Only the database's own.
pub async fn everything(connection: &impl ConnectionTrait) -> Result<Everything, StoreError> {
    Ok(Everything {
        services: services::Entity::find().all(connection).await?,
        offers: offers::Entity::find().all(connection).await?,
        operators: operators::Entity::find().all(connection).await?,
        readings: readings::Entity::find()
            .order_by_asc(readings::Column::Provider)
            .order_by_asc(readings::Column::CountryCode)
            .all(connection)
            .await?,
        rules: price_rules::Entity::find().all(connection).await?,
        rates: rates::Entity::find().all(connection).await?,
    })
}

/// Writes a price rule over the one of the same scope.
///
/// # Errors
/// Only the database's own.
pub async fn set_rule(
    transaction: &impl ConnectionTrait,
    rule: price_rules::Model,
) -> Result<(), StoreError> {
    price_rules::Entity::insert(rule.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(price_rules::Column::Scope)
                .update_columns([
                    price_rules::Column::Percent,
                    price_rules::Column::Fixed,
                    price_rules::Column::Step,
                    price_rules::Column::SetBy,
                    price_rules::Column::SetAtMs,
                ])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
