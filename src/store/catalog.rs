//! What is sold: services, offers, operators, price rules, promotions, rates.
//!
//! Invariant: what is sold is read as a whole, for the picture in memory; what upstreams sell is
//! written by [`crate::store::reading`], what admins set by [`crate::store::prices`].

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::domain::id::ProviderId;
use crate::store::entity::{
    offers, operators, orders, price_rules, promotions, rates, readings, service_faces, services,
};
use crate::store::{StoreError, prices, shopkeeping};

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
    /// Promotions that admins set, those that are over included.
    pub promotions: Vec<promotions::Model>,
    /// Rates that admins set.
    pub rates: Vec<rates::Model>,
    /// How admins want services to be shown.
    pub faces: Vec<service_faces::Model>,
    /// The last change of prices that is surely among these.
    pub prices_version: i64,
}

/// Reads everything; of offers and operators only one upstream's, where one is named.
///
/// # Errors
/// Only the database's own.
pub async fn rows(
    connection: &impl ConnectionTrait,
    only: Option<&ProviderId>,
) -> Result<Rows, StoreError> {
    // Read first: what is changed meanwhile makes this picture old, never wrongly new.
    let prices_version = prices::version(connection).await?;
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
        rules: prices::rules(connection).await?,
        promotions: prices::promotions(connection).await?,
        rates: rates::Entity::find().all(connection).await?,
        faces: shopkeeping::faces(connection).await?,
        prices_version,
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

/// A service by its number.
///
/// # Errors
/// Only the database's own.
pub async fn service(
    connection: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<services::Model>, StoreError> {
    Ok(services::Entity::find_by_id(id).one(connection).await?)
}

/// The services with these keys.
///
/// # Errors
/// Only the database's own.
pub async fn services_of(
    connection: &impl ConnectionTrait,
    keys: Vec<String>,
) -> Result<Vec<services::Model>, StoreError> {
    Ok(services::Entity::find()
        .filter(services::Column::Key.is_in(keys))
        .all(connection)
        .await?)
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
