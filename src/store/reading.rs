//! What was just read of an upstream, against what is there: only the difference is written.
//!
//! Invariant: the difference is found before the writer is asked, and all of it is written in one
//! transaction, many rows a statement; a country that is not in the reading stays as it is.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::domain::id::ProviderId;
use crate::domain::market::spelling::normalise;
use crate::domain::market::{Service, is_own_code};
use crate::store::StoreError;
use crate::store::entity::{offers, operators, readings, services};

/// Rows in one statement: far under the 32,766 values that SQLite takes, and enough that the
/// statements themselves cost nothing.
const ROWS_PER_STATEMENT: usize = 500;

/// One country of an upstream as it was just read.
#[derive(Clone, Debug)]
pub struct ReadCountry {
    /// ISO 3166 alpha-2, or one of ours for a country that nobody knows.
    pub country: String,
    /// The upstream's code of the country.
    pub country_code: String,
    /// The upstream's name of the country.
    pub country_name: String,
    /// When the upstream answered, Unix milliseconds.
    pub read_at_ms: i64,
    /// What it sells there.
    pub offers: Vec<ReadOffer>,
    /// Operators: usual name and the upstream's spelling.
    pub operators: Vec<(String, String)>,
}

/// One offer as it was just read.
#[derive(Clone, Debug)]
pub struct ReadOffer {
    /// The service that it is for us.
    pub service: Service,
    /// The upstream's code of the service.
    pub service_code: String,
    /// The upstream's name of the service.
    pub service_name: String,
    /// As sent.
    pub cost: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Numbers left, where known.
    pub stock: Option<i64>,
}

/// The codes of the countries that only upstreams know, by the normalised names.
///
/// # Errors
/// Only the database's own.
pub async fn own_countries(
    connection: &impl ConnectionTrait,
) -> Result<HashMap<String, String>, StoreError> {
    let rows = readings::Entity::find().all(connection).await?;
    Ok(rows
        .into_iter()
        .filter(|row| is_own_code(&row.country))
        .map(|row| (normalise(&row.country_name), row.country))
        .collect())
}

/// What a reading changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Offers that were not there before.
    pub added: usize,
    /// Offers whose cost, stock or name is another.
    pub altered: usize,
    /// Offers that are no longer listed.
    pub removed: usize,
}

/// The rows that make what is there into what was read.
#[derive(Debug, Default)]
pub struct Difference {
    changed: Changed,
    services: Vec<Service>,
    /// With the key of the service, which may have no number yet.
    offers: Vec<(String, offers::Model)>,
    gone_offers: Vec<i64>,
    operators: Vec<operators::Model>,
    gone_operators: Vec<i64>,
    readings: Vec<readings::Model>,
}

/// Compares what was read of an upstream with what is there.
///
/// # Errors
/// Only the database's own.
pub async fn compare(
    connection: &impl ConnectionTrait,
    provider: &ProviderId,
    read: Vec<ReadCountry>,
) -> Result<Difference, StoreError> {
    let mut difference = Difference {
        readings: read.iter().map(|one| reading(provider, one)).collect(),
        ..Difference::default()
    };
    let codes: HashSet<String> = read.iter().map(|one| one.country_code.clone()).collect();
    let known_services: HashMap<String, services::Model> = services::Entity::find()
        .all(connection)
        .await?
        .into_iter()
        .map(|row| (row.key.clone(), row))
        .collect();
    // Where an upstream lists a code twice, its last word counts.
    let mut services = BTreeMap::new();
    let mut offers = BTreeMap::new();
    let mut operators = BTreeMap::new();
    for one in read {
        for (operator, operator_code) in one.operators {
            let row = operators::Model {
                id: 0,
                provider: provider.0.clone(),
                country: one.country.clone(),
                country_code: one.country_code.clone(),
                operator,
                operator_code: operator_code.clone(),
            };
            operators.insert((one.country_code.clone(), operator_code), row);
        }
        for offer in one.offers {
            let key = offer.service.key.clone();
            let row = offers::Model {
                id: 0,
                provider: provider.0.clone(),
                country: one.country.clone(),
                country_code: one.country_code.clone(),
                service_id: known_services.get(&key).map_or(0, |service| service.id),
                service_code: offer.service_code.clone(),
                service_name: offer.service_name,
                cost: offer.cost,
                currency: offer.currency,
                stock: offer.stock,
            };
            offers.insert((one.country_code.clone(), offer.service_code), (key, row));
            services.insert(offer.service.key.clone(), offer.service);
        }
    }
    difference.services = services
        .into_values()
        .filter(|service| is_news(service, known_services.get(&service.key)))
        .collect();
    difference
        .compare_offers(connection, provider, &codes, offers)
        .await?;
    difference
        .compare_operators(connection, provider, &codes, operators)
        .await?;
    Ok(difference)
}

type ByCode<T> = BTreeMap<(String, String), T>;

impl Difference {
    async fn compare_offers(
        &mut self,
        connection: &impl ConnectionTrait,
        provider: &ProviderId,
        codes: &HashSet<String>,
        mut read: ByCode<(String, offers::Model)>,
    ) -> Result<(), StoreError> {
        let there = offers_of(connection, provider).await?;
        for old in there
            .into_iter()
            .filter(|old| codes.contains(&old.country_code))
        {
            let at = (old.country_code.clone(), old.service_code.clone());
            match read.remove(&at) {
                None => {
                    self.changed.removed += 1;
                    self.gone_offers.push(old.id);
                }
                Some((_, new))
                    if (offers::Model {
                        id: old.id,
                        ..new.clone()
                    }) == old => {}
                Some(new) => {
                    self.changed.altered += 1;
                    self.offers.push(new);
                }
            }
        }
        self.changed.added = read.len();
        self.offers.extend(read.into_values());
        Ok(())
    }

    async fn compare_operators(
        &mut self,
        connection: &impl ConnectionTrait,
        provider: &ProviderId,
        codes: &HashSet<String>,
        mut read: ByCode<operators::Model>,
    ) -> Result<(), StoreError> {
        let there = operators::Entity::find()
            .filter(operators::Column::Provider.eq(provider.as_str()))
            .all(connection)
            .await?;
        for old in there
            .into_iter()
            .filter(|old| codes.contains(&old.country_code))
        {
            let at = (old.country_code.clone(), old.operator_code.clone());
            let same = read.get(&at).is_some_and(|new| {
                (operators::Model {
                    id: old.id,
                    ..new.clone()
                }) == old
            });
            if same {
                read.remove(&at);
            } else {
                self.gone_operators.push(old.id);
            }
        }
        self.operators.extend(read.into_values());
        Ok(())
    }
}

/// The offers of an upstream, read by the places of the columns.
async fn offers_of(
    connection: &impl ConnectionTrait,
    provider: &ProviderId,
) -> Result<Vec<offers::Model>, StoreError> {
    use offers::Column as C;
    type Tuple = (
        i64,
        String,
        String,
        i64,
        String,
        String,
        String,
        String,
        Option<i64>,
    );
    let rows: Vec<Tuple> = offers::Entity::find()
        .filter(C::Provider.eq(provider.as_str()))
        .select_only()
        .columns([
            C::Id,
            C::Country,
            C::CountryCode,
            C::ServiceId,
            C::ServiceCode,
        ])
        .columns([C::ServiceName, C::Cost, C::Currency, C::Stock])
        .into_tuple()
        .all(connection)
        .await?;
    let rows = rows.into_iter().map(
        |(
            id,
            country,
            country_code,
            service_id,
            service_code,
            service_name,
            cost,
            currency,
            stock,
        )| {
            offers::Model {
                id,
                provider: provider.0.clone(),
                country,
                country_code,
                service_id,
                service_code,
                service_name,
                cost,
                currency,
                stock,
            }
        },
    );
    Ok(rows.collect())
}

fn reading(provider: &ProviderId, read: &ReadCountry) -> readings::Model {
    readings::Model {
        provider: provider.0.clone(),
        country_code: read.country_code.clone(),
        country: read.country.clone(),
        country_name: read.country_name.clone(),
        read_at_ms: read.read_at_ms,
    }
}

/// Whether a service is unknown, or our own facts about it are others now. The name of a service
/// that only upstreams know stays as it was first written, for they do not agree on one.
fn is_news(service: &Service, known: Option<&services::Model>) -> bool {
    known.is_none_or(|known| {
        !service.is_own()
            && (known.name != service.name
                || known.kind != service.kind
                || known.popular != service.popular.map(i64::from))
    })
}

/// Writes a difference.
///
/// # Errors
/// Only the database's own.
pub async fn keep(
    transaction: &impl ConnectionTrait,
    difference: Difference,
) -> Result<Changed, StoreError> {
    write_services(transaction, difference.services).await?;
    for gone in difference.gone_offers.chunks(ROWS_PER_STATEMENT) {
        offers::Entity::delete_many()
            .filter(offers::Column::Id.is_in(gone.iter().copied()))
            .exec(transaction)
            .await?;
    }
    write_offers(transaction, difference.offers).await?;
    for gone in difference.gone_operators.chunks(ROWS_PER_STATEMENT) {
        operators::Entity::delete_many()
            .filter(operators::Column::Id.is_in(gone.iter().copied()))
            .exec(transaction)
            .await?;
    }
    for rows in difference.operators.chunks(ROWS_PER_STATEMENT) {
        operators::Entity::insert_many(rows.iter().cloned().map(|row| operators::ActiveModel {
            id: NotSet,
            ..row.into_active_model().reset_all()
        }))
        .on_conflict_do_nothing()
        .exec_without_returning(transaction)
        .await?;
    }
    for rows in difference.readings.chunks(ROWS_PER_STATEMENT) {
        let rows = rows.iter().cloned();
        readings::Entity::insert_many(rows.map(|row| row.into_active_model().reset_all()))
            .on_conflict(
                OnConflict::columns([readings::Column::Provider, readings::Column::CountryCode])
                    .update_columns([
                        readings::Column::Country,
                        readings::Column::CountryName,
                        readings::Column::ReadAtMs,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(difference.changed)
}

async fn write_services(
    transaction: &impl ConnectionTrait,
    news: Vec<Service>,
) -> Result<(), StoreError> {
    for rows in news.chunks(ROWS_PER_STATEMENT) {
        services::Entity::insert_many(rows.iter().map(|service| services::ActiveModel {
            id: NotSet,
            key: Set(service.key.clone()),
            name: Set(service.name.clone()),
            kind: Set(service.kind.clone()),
            popular: Set(service.popular.map(i64::from)),
        }))
        .on_conflict(
            OnConflict::column(services::Column::Key)
                .update_columns([
                    services::Column::Name,
                    services::Column::Kind,
                    services::Column::Popular,
                ])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    }
    Ok(())
}

async fn write_offers(
    transaction: &impl ConnectionTrait,
    offers: Vec<(String, offers::Model)>,
) -> Result<(), StoreError> {
    if offers.is_empty() {
        return Ok(());
    }
    let ids: HashMap<String, i64> = services::Entity::find()
        .select_only()
        .columns([services::Column::Key, services::Column::Id])
        .into_tuple::<(String, i64)>()
        .all(transaction)
        .await?
        .into_iter()
        .collect();
    let mut rows = Vec::with_capacity(offers.len());
    for (key, offer) in offers {
        let service_id = *ids
            .get(&key)
            .ok_or_else(|| StoreError::BadRow(format!("there is no service {key}")))?;
        let mut row = offers::Model {
            service_id,
            ..offer
        }
        .into_active_model()
        .reset_all();
        row.id = NotSet;
        rows.push(row);
    }
    while !rows.is_empty() {
        let rest = rows.split_off(ROWS_PER_STATEMENT.min(rows.len()));
        offers::Entity::insert_many(std::mem::replace(&mut rows, rest))
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
                ])
                .to_owned(),
            )
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}
