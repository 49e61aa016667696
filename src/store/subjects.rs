//! What orders are for, in as few words as a line of a wallet has room for.
//!
//! Invariant: reads only; however many orders are asked for, each duration is read once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::domain::product::{Product, hours_of};
use crate::store::StoreError;
use crate::store::entity::{orders, services};

/// What an order is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The product.
    pub product: Product,
    /// The service's name.
    pub service_name: String,
    /// For how many hours, where it is time that is sold.
    pub hours: Option<u32>,
}

/// What these orders are for.
///
/// # Errors
/// Only the database's own.
pub async fn of(
    connection: &impl ConnectionTrait,
    orders: Vec<i64>,
) -> Result<HashMap<i64, Subject>, StoreError> {
    let rows: Vec<(i64, String, String, i64)> = orders::Entity::find()
        .filter(orders::Column::Id.is_in(orders))
        .select_only()
        .column(orders::Column::Id)
        .column(orders::Column::Product)
        .column(orders::Column::ServiceName)
        .column(orders::Column::ServiceId)
        .into_tuple()
        .all(connection)
        .await?;
    let mut durations = HashMap::new();
    let mut subjects = HashMap::new();
    for (id, product, service_name, service_id) in rows {
        let product = product.parse()?;
        let hours = match product {
            Product::Activation | Product::Mailbox => None,
            Product::Rental | Product::Renewal => match durations.entry(service_id) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => {
                    let service = services::Entity::find_by_id(service_id);
                    let service = service.one(connection).await?;
                    *new.insert(service.and_then(|service| hours_of(&service.key)))
                }
            },
        };
        let subject = Subject {
            product,
            service_name,
            hours,
        };
        subjects.insert(id, subject);
    }
    Ok(subjects)
}
