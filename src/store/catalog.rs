//! What is sold: services, offers, operators, price rules, rates.
//!
//! Invariant: all that was read of one upstream replaces what was there in one transaction; a
//! country whose reading failed stays as it is.

use std::collections::HashMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter,
};

use crate::domain::id::ProviderId;
use crate::domain::market::Service;
use crate::store::StoreError;
use crate::store::entity::{offers, operators, price_rules, rates, services};

/// Everything, for the snapshot in memory.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    /// Services that are or were sold.
    pub services: Vec<services::Model>,
    /// Offers of all upstreams.
    pub offers: Vec<offers::Model>,
    /// Operators of all upstreams.
    pub operators: Vec<operators::Model>,
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
        rules: price_rules::Entity::find().all(connection).await?,
        rates: rates::Entity::find().all(connection).await?,
    })
}

/// What a refresh changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Offers that were not there before.
    pub added: usize,
    /// Offers whose cost, stock or name is another.
    pub altered: usize,
    /// Offers that are no longer listed.
    pub removed: usize,
}

/// One country of one upstream as it was just read; the services are named by their keys.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// The upstream.
    pub provider: ProviderId,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// The upstream's code of the country.
    pub country_code: String,
    /// Offers with their services; `service_id` is filled in here.
    pub offers: Vec<(Service, offers::Model)>,
    /// Operators: usual name and the upstream's spelling.
    pub operators: Vec<(String, String)>,
}

/// Replaces countries that were read.
///
/// # Errors
/// Only the database's own.
pub async fn replace(
    transaction: &impl ConnectionTrait,
    read: Vec<Fresh>,
) -> Result<Changed, StoreError> {
    let mut changed = Changed::default();
    for fresh in read {
        let one = replace_country(transaction, fresh).await?;
        changed.added += one.added;
        changed.altered += one.altered;
        changed.removed += one.removed;
    }
    Ok(changed)
}

async fn replace_country(
    transaction: &impl ConnectionTrait,
    fresh: Fresh,
) -> Result<Changed, StoreError> {
    let ids = service_ids(transaction, fresh.offers.iter().map(|(service, _)| service)).await?;
    let known = offers::Entity::find()
        .filter(offers::Column::Provider.eq(fresh.provider.as_str()))
        .filter(offers::Column::CountryCode.eq(fresh.country_code.as_str()))
        .all(transaction)
        .await?;
    let mut gone: HashMap<String, offers::Model> = known
        .into_iter()
        .map(|offer| (offer.service_code.clone(), offer))
        .collect();
    let mut changed = Changed::default();
    for (service, mut offer) in fresh.offers {
        let Some(service_id) = ids.get(&service.key) else {
            continue;
        };
        offer.service_id = *service_id;
        match gone.remove(&offer.service_code) {
            None => changed.added += 1,
            Some(old) => {
                let same = offers::Model {
                    id: old.id,
                    seen_at_ms: old.seen_at_ms,
                    ..offer.clone()
                };
                changed.altered += usize::from(same != old);
            }
        }
        write_offer(transaction, offer).await?;
    }
    changed.removed = gone.len();
    let gone: Vec<i64> = gone.into_values().map(|offer| offer.id).collect();
    offers::Entity::delete_many()
        .filter(offers::Column::Id.is_in(gone))
        .exec(transaction)
        .await?;
    replace_operators(
        transaction,
        &fresh.provider,
        [&fresh.country, &fresh.country_code],
        fresh.operators,
    )
    .await?;
    Ok(changed)
}

async fn write_offer(
    transaction: &impl ConnectionTrait,
    offer: offers::Model,
) -> Result<(), StoreError> {
    let mut row = offer.into_active_model().reset_all();
    row.id = sea_orm::ActiveValue::NotSet;
    offers::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([
                offers::Column::Provider,
                offers::Column::CountryCode,
                offers::Column::ServiceCode,
            ])
            .update_columns([
                offers::Column::Country,
                offers::Column::ServiceId,
                offers::Column::ServiceName,
                offers::Column::Cost,
                offers::Column::Currency,
                offers::Column::Stock,
                offers::Column::SeenAtMs,
            ])
            .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

async fn replace_operators(
    transaction: &impl ConnectionTrait,
    provider: &ProviderId,
    [country, country_code]: [&String; 2],
    names: Vec<(String, String)>,
) -> Result<(), StoreError> {
    operators::Entity::delete_many()
        .filter(operators::Column::Provider.eq(provider.as_str()))
        .filter(operators::Column::CountryCode.eq(country_code.as_str()))
        .exec(transaction)
        .await?;
    if names.is_empty() {
        return Ok(());
    }
    let rows = names
        .into_iter()
        .map(|(operator, operator_code)| operators::ActiveModel {
            provider: Set(provider.0.clone()),
            country: Set(country.clone()),
            country_code: Set(country_code.clone()),
            operator: Set(operator),
            operator_code: Set(operator_code),
            ..<_ as Default>::default()
        });
    operators::Entity::insert_many(rows)
        .on_conflict_do_nothing()
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// The numbers of these services, writing those that are new.
async fn service_ids<'s>(
    transaction: &impl ConnectionTrait,
    wanted: impl Iterator<Item = &'s Service>,
) -> Result<HashMap<String, i64>, StoreError> {
    let mut ids: HashMap<String, i64> = services::Entity::find()
        .all(transaction)
        .await?
        .into_iter()
        .map(|row| (row.key, row.id))
        .collect();
    for service in wanted {
        if ids.contains_key(&service.key) {
            continue;
        }
        let row = services::ActiveModel {
            key: Set(service.key.clone()),
            name: Set(service.name.clone()),
            kind: Set(service.kind.clone()),
            popular: Set(service.popular.map(i64::from)),
            ..<_ as Default>::default()
        };
        let written = services::Entity::insert(row).exec(transaction).await?;
        ids.insert(service.key.clone(), written.last_insert_id);
    }
    Ok(ids)
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
