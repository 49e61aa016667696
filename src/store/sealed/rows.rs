//! The rows that hold something personal.
//!
//! Invariant: the columns named here are sealed wherever they are written, and opened wherever
//! they are read as whole rows; a column that counts as empty stays so.

use sea_orm::sea_query::{Value, ValueType};
use sea_orm::{EntityTrait, ModelTrait, Select};

use crate::store::StoreError;
use crate::store::connection::Keyed;
use crate::store::entity::{inbox, orders, rentals, sms, support_messages};
use crate::store::sealed::{Keys, Place, SealError, normal_number};

/// What keyed hashes of numbers are made for.
pub(in crate::store) const NUMBER: &str = "number";
/// What keyed hashes of texts are made for.
pub(in crate::store) const TEXT: &str = "text";

type ColumnOf<R> = <<R as ModelTrait>::Entity as EntityTrait>::Column;

/// A row with sealed columns.
pub trait Personal: ModelTrait {
    /// The name of the table.
    const TABLE: &'static str;
    /// Its key, a number.
    const KEY: ColumnOf<Self>;
    /// The sealed columns, with their names.
    const SEALED: &'static [(ColumnOf<Self>, &'static str)];
    /// The column with a keyed hash, where there is one.
    const MARK: Option<ColumnOf<Self>>;

    /// What tells the row from all others. It must be known before the row is written.
    fn row(&self) -> String;

    /// Writes the keyed hash of the text into its column.
    fn mark(&mut self, keys: &Keys) -> Result<(), SealError>;

    /// The row as it stands on disk.
    fn sealed(mut self, keys: &Keys) -> Result<Self, StoreError> {
        self.mark(keys)?;
        self.turn(|place, text| keys.seal(place, &text))
    }

    /// The row as it is read.
    fn opened(self, keys: &Keys) -> Result<Self, StoreError> {
        self.turn(|place, value| keys.open(place, value))
    }

    /// Puts what `turned` makes of each sealed column in its place.
    fn turn(
        mut self,
        turned: impl Fn(Place<'_>, String) -> Result<String, SealError>,
    ) -> Result<Self, StoreError> {
        let mut row = None;
        for (column, name) in Self::SEALED {
            let Some(text) = text_of(self.get(*column)) else {
                continue;
            };
            let row = row.get_or_insert_with(|| self.row());
            let place = Place {
                table: Self::TABLE,
                column: name,
                row,
            };
            self.try_set(*column, turned(place, text)?.into())?;
        }
        Ok(self)
    }
}

/// The text in a value; an empty one is nothing that could be sealed.
pub(in crate::store) fn text_of(value: Value) -> Option<String> {
    let text = <Option<String> as ValueType>::try_from(value).ok()?;
    text.filter(|text| !text.is_empty())
}

/// Reads whole rows.
///
/// # Errors
/// The database's own, and [`SealError`] for what does not open.
pub async fn all<E>(query: Select<E>, connection: &impl Keyed) -> Result<Vec<E::Model>, StoreError>
where
    E: EntityTrait,
    E::Model: Personal<Entity = E>,
{
    let rows = query.all(connection).await?;
    let opened = rows.into_iter().map(|row| row.opened(connection.keys()));
    opened.collect()
}

/// Reads one whole row.
pub(in crate::store) async fn one<E>(
    query: Select<E>,
    connection: &impl Keyed,
) -> Result<Option<E::Model>, StoreError>
where
    E: EntityTrait,
    E::Model: Personal<Entity = E>,
{
    let row = query.one(connection).await?;
    row.map(|row| row.opened(connection.keys())).transpose()
}

impl Personal for orders::Model {
    const TABLE: &'static str = "orders";
    const KEY: orders::Column = orders::Column::Id;
    const SEALED: &'static [(orders::Column, &'static str)] = &[(orders::Column::Number, "number")];
    const MARK: Option<orders::Column> = Some(orders::Column::NumberMark);

    fn row(&self) -> String {
        self.id.to_string()
    }

    fn mark(&mut self, keys: &Keys) -> Result<(), SealError> {
        let number = self.number.as_ref().filter(|number| !number.is_empty());
        let mark = number.map(|number| keys.mark(NUMBER, &normal_number(number)));
        self.number_mark = mark.transpose()?;
        Ok(())
    }
}

impl Personal for sms::Model {
    const TABLE: &'static str = "sms";
    const KEY: sms::Column = sms::Column::Id;
    const SEALED: &'static [(sms::Column, &'static str)] = &[
        (sms::Column::Text, "text"),
        (sms::Column::Code, "code"),
        (sms::Column::Sender, "sender"),
    ];
    const MARK: Option<sms::Column> = Some(sms::Column::Digest);

    /// Its number is not known before it is written, but this is just as unique.
    fn row(&self) -> String {
        let digest = self.digest.as_deref().unwrap_or_default();
        let sent_at_ms = self.sent_at_ms.unwrap_or_default();
        format!("{}:{digest}:{sent_at_ms}", self.order_id)
    }

    fn mark(&mut self, keys: &Keys) -> Result<(), SealError> {
        self.digest = Some(keys.mark(TEXT, &self.text)?);
        Ok(())
    }
}

impl Personal for rentals::Model {
    const TABLE: &'static str = "rentals";
    const KEY: rentals::Column = rentals::Column::OrderId;
    const SEALED: &'static [(rentals::Column, &'static str)] = &[(rentals::Column::Label, "label")];
    const MARK: Option<rentals::Column> = None;

    fn row(&self) -> String {
        self.order_id.to_string()
    }

    fn mark(&mut self, _: &Keys) -> Result<(), SealError> {
        Ok(())
    }
}

impl Personal for inbox::Model {
    const TABLE: &'static str = "inbox";
    const KEY: inbox::Column = inbox::Column::UpdateId;
    const SEALED: &'static [(inbox::Column, &'static str)] = &[(inbox::Column::Json, "json")];
    const MARK: Option<inbox::Column> = None;

    fn row(&self) -> String {
        self.update_id.to_string()
    }

    fn mark(&mut self, _: &Keys) -> Result<(), SealError> {
        Ok(())
    }
}

impl Personal for support_messages::Model {
    const TABLE: &'static str = "support_messages";
    const KEY: support_messages::Column = support_messages::Column::Id;
    const SEALED: &'static [(support_messages::Column, &'static str)] =
        &[(support_messages::Column::Text, "text")];
    const MARK: Option<support_messages::Column> = None;

    /// Its number is not known before it is written. Two messages that one author writes into one
    /// thread in the same millisecond could change places, which harms nobody.
    fn row(&self) -> String {
        format!("{}:{}:{}", self.user_id, self.author_id, self.at_ms)
    }

    fn mark(&mut self, _: &Keys) -> Result<(), SealError> {
        Ok(())
    }
}
