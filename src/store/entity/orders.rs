//! Orders. `state` moves only through [`crate::store::orders::step`].

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// The Confirm that made it; unique per user.
    pub nonce: String,
    /// See [`crate::domain::product::Product`].
    pub product: String,
    /// Our number of the service.
    pub service_id: i64,
    /// The service's name then.
    pub service_name: String,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// The operator asked for.
    pub operator: Option<String>,
    /// The upstream asked for, by its number on the shelf.
    pub server: Option<String>,
    /// What the user pays, minor units of the wallet.
    pub price: i64,
    /// See [`crate::domain::order::OrderState`].
    pub state: String,
    /// Counts every change, for optimistic updates.
    pub version: i64,
    /// Why it failed.
    pub reason: Option<String>,
    /// The upstream of the present attempt.
    pub provider: Option<String>,
    /// The upstream whose account pays, where that is another.
    pub purse: Option<String>,
    /// Its id there; unique per upstream.
    pub upstream_id: Option<String>,
    /// Digits without `+`; a mailbox's address.
    pub number: Option<String>,
    /// The number's keyed hash, by which it is found; the store writes it.
    pub number_mark: Option<String>,
    /// What the upstream asks, as it sent it.
    pub cost: Option<String>,
    /// In which currency.
    pub cost_currency: Option<String>,
    /// Whether the upstream can send a further SMS.
    pub can_resend: bool,
    /// Whether a further SMS was asked for.
    pub awaits_another: bool,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
    /// Unix time in milliseconds.
    pub updated_at_ms: i64,
    /// Until when the price may still be bought at.
    pub quote_until_ms: i64,
    /// End of the number's life.
    pub expires_at_ms: Option<i64>,
    /// When the upstream begins to accept a cancellation.
    pub cancel_from_ms: Option<i64>,
    /// When a worker looks at it next.
    pub next_action_at_ms: i64,
    /// By when it is settled at the latest.
    pub deadline_at_ms: i64,
    /// Until when it may wait for something to buy; empty for an order that is bought at once.
    pub queued_until_ms: Option<i64>,
    /// Chat of its card.
    pub card_chat_id: Option<i64>,
    /// Message of its card.
    pub card_message_id: Option<i64>,
    /// When what is personal was erased from it.
    pub erased_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Leaves out what is personal.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("orders")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .field("nonce", &self.nonce)
            .field("service_id", &self.service_id)
            .finish_non_exhaustive()
    }
}
