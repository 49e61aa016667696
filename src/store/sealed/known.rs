//! The keys that a database knows.
//!
//! Invariant: a key is known before anything is sealed with it, and for as long as anything is;
//! so a database is opened with all the keys it needs, or not at all.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::store::StoreError;
use crate::store::entity::data_keys::{ActiveModel, Column, Entity, Model};
use crate::store::sealed::keyfile::KeyError;
use crate::store::sealed::{Keys, Place, SealError};

/// The row that says that something may be there which nobody sealed.
const PLAIN: &str = "plain";
/// What every key must open.
const WORD: &str = "numshop";

const fn place(id: &str) -> Place<'_> {
    Place {
        table: "data_keys",
        column: "check_value",
        row: id,
    }
}

/// The keys that a database was sealed with.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Known(Vec<Model>);

impl Known {
    /// What the database knows; one that has no such table knows none.
    pub(in crate::store) async fn of(connection: &impl ConnectionTrait) -> Self {
        Self(Entity::find().all(connection).await.unwrap_or_default())
    }

    /// Whether anything was ever sealed.
    pub(in crate::store) fn is_sealed(&self) -> bool {
        self.sealing().next().is_some()
    }

    fn sealing(&self) -> impl Iterator<Item = &Model> {
        self.0.iter().filter(|row| row.id != PLAIN)
    }

    /// The names of the keys that sealed something.
    pub(in crate::store) fn ids(&self) -> impl Iterator<Item = &str> {
        self.sealing().map(|row| row.id.as_str())
    }

    /// Whether the key that seals from now on is known.
    pub(in crate::store) fn has_current(&self, keys: &Keys) -> bool {
        keys.ids()
            .next()
            .is_none_or(|id| self.0.iter().any(|row| row.id == id))
    }

    /// Whether there is more than what the current key sealed.
    pub(in crate::store) fn has_others(&self, keys: &Keys) -> bool {
        let current = keys.ids().next();
        self.0.iter().any(|row| Some(row.id.as_str()) != current)
    }

    /// Refuses keys that do not open the whole database.
    pub(in crate::store) fn check(&self, keys: &Keys) -> Result<(), KeyError> {
        for row in self.sealing() {
            let id = row.id.clone();
            match keys.open(place(&id), row.check_value.clone()) {
                Ok(word) if word == WORD => {}
                Err(SealError::Unknown(..)) => return Err(KeyError::Wrong { id }),
                Ok(_) | Err(_) => return Err(KeyError::Forged { id }),
            }
        }
        Ok(())
    }
}

/// Makes the current key known.
///
/// # Errors
/// Only the database's own.
pub(in crate::store) async fn register(
    connection: &impl ConnectionTrait,
    keys: &Keys,
) -> Result<(), StoreError> {
    let Some(id) = keys.ids().next() else {
        return Ok(());
    };
    let row = ActiveModel {
        id: Set(id.to_owned()),
        check_value: Set(keys.seal(place(id), WORD)?),
    };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Forgets all keys but the current one: nothing is left that they sealed.
///
/// # Errors
/// Only the database's own.
pub(in crate::store) async fn retire_others(
    transaction: &impl ConnectionTrait,
    keys: &Keys,
) -> Result<(), StoreError> {
    if let Some(id) = keys.ids().next() {
        Entity::delete_many()
            .filter(Column::Id.ne(id))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Forgets all keys: nothing is left that any of them sealed.
///
/// # Errors
/// Only the database's own.
pub(in crate::store) async fn retire_all(
    transaction: &impl ConnectionTrait,
) -> Result<(), StoreError> {
    Entity::delete_many()
        .filter(Column::Id.ne(PLAIN))
        .exec(transaction)
        .await?;
    Ok(())
}
