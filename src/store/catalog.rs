//! What is sold: services, offers, operators, price rules, rates.
//!
//! Invariant: what is sold is read as a whole, for the picture in memory; what upstreams sell is
//! written by [`crate::store::reading`], what admins set is written here.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use crate::domain::id::ProviderId;
use crate::store::StoreError;
use crate::store::entity::{offers, operators, orders, price_rules, rates, readings, services};

/// An offer, as far as the picture shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRow {
    /// The upstream.
    pub provider: String,
    /// The country's code for us.
    pub country: String,
    /// The upstream's code of the country.
    pub country_code: String,
    /// Our service.
    pub service_id: i64,
    /// The upstream's code of the service.
    pub service_code: String,
    /// As sent.
    pub cost: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Numbers left, where known.
    pub stock: Option<i64>,
}

/// What the picture in memory is made of.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Services that are or were sold.
    pub services: Vec<services::Model>,
    /// Offers.
    pub offers: Vec<OfferRow>,
    /// Operators.
    pub operators: Vec<operators::Model>,
    /// When each country of each upstream was last read well.
    pub readings: Vec<readings::Model>,
    /// Markups that admins set.
    pub rules: Vec<price_rules::Model>,
    /// Rates that admins set.
    pub rates: Vec<rates::Model>,
}

/// Reads everything; of offers and operators only one upstream's, where one is named.
///
/// # Errors
/// Only the database's own.
pub async fn rows(
    connection: &impl ConnectionTrait,
    only: Option<&ProviderId>,
) -> Result<Rows, StoreError> {
    let operators = operators::Entity::find()
        .apply_if(only, |operators, only| {
            operators.filter(operators::Column::Provider.eq(only.as_str()))
        })
        .all(connection)
        .await?;
    Ok(Rows {
        services: services::Entity::find().all(connection).await?,
        offers: offers(connection, only).await?,
        operators,
        readings: readings::Entity::find()
            .order_by_asc(readings::Column::Provider)
            .order_by_asc(readings::Column::CountryCode)
            .all(connection)
            .await?,
        rules: price_rules::Entity::find().all(connection).await?,
        rates: rates::Entity::find().all(connection).await?,
    })
}

/// The columns in the order of [`OfferRow`]: read by their places, tens of thousands of rows cost
/// a fraction of what they cost by their names.
async fn offers(
    connection: &impl ConnectionTrait,
    only: Option<&ProviderId>,
) -> Result<Vec<OfferRow>, StoreError> {
    use offers::Column as C;
    type Tuple = (
        String,
        String,
        String,
        i64,
        String,
        String,
        String,
        Option<i64>,
    );
    let rows: Vec<Tuple> = offers::Entity::find()
        .apply_if(only, |offers, only| {
            offers.filter(C::Provider.eq(only.as_str()))
        })
        .select_only()
        .columns([C::Provider, C::Country, C::CountryCode, C::ServiceId])
        .columns([C::ServiceCode, C::Cost, C::Currency, C::Stock])
        .into_tuple()
        .all(connection)
        .await?;
    let rows = rows.into_iter().map(
        |(provider, country, country_code, service_id, service_code, cost, currency, stock)| {
            OfferRow {
                provider,
                country,
                country_code,
                service_id,
                service_code,
                cost,
                currency,
                stock,
            }
        },
    );
    Ok(rows.collect())
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

/// How often each service was ever bought.
///
/// # Errors
/// Only the database's own.
pub async fn service_counts(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(orders::Entity::find()
        .select_only()
        .column(orders::Column::ServiceId)
        .column_as(orders::Column::Id.count(), "orders")
        .group_by(orders::Column::ServiceId)
        .into_tuple()
        .all(connection)
        .await?)
}
