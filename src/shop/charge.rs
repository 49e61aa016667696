//! What a bought number costs its user.
//!
//! Invariant: never more than they confirmed, and never more than the number is sold for, unless
//! its upstream took more than that.

use crate::domain::id::OrderId;
use crate::domain::money::Money;
use crate::shop::settle::Books;
use crate::store::entity::orders as rows;
use crate::store::ledger::{Account, NewTransfer, TransferKind};
use crate::store::{StoreError, Tx, orders};

fn lower_key(order: OrderId) -> String {
    format!("lower:{order}")
}

impl Books {
    /// Lowers an order's price to `price`, if that is lower: the whole hold is released and the
    /// lower price held instead, so that each hold still ends with a transfer of its own amount.
    pub(super) async fn lower_price(
        &self,
        tx: &Tx,
        order: rows::Model,
        price: Money,
    ) -> Result<rows::Model, StoreError> {
        let price = price.max(Money::ZERO);
        if price >= Money::minor(order.price) {
            return Ok(order);
        }
        let id = order.order_id();
        let [available, held] = [Account::Available, Account::Held].map(|of| of(order.user()));
        let ledger = self.ledger(tx);
        let hold = ledger.hold_of(id).await?;
        let release = self.transfer(
            lower_key(id),
            [held.clone(), available.clone()],
            hold.amount,
            TransferKind::Release,
        );
        let release = NewTransfer {
            order: Some(id),
            resolves: Some(hold.id),
            ..release
        };
        ledger.post(release).await?;
        // What is free holds nothing: transfers are more than zero.
        if price.is_positive() {
            let hold = self.transfer(
                format!("hold:{}", lower_key(id)),
                [available, held],
                price.as_minor(),
                TransferKind::Hold,
            );
            let hold = NewTransfer {
                order: Some(id),
                ..hold
            };
            ledger.post(hold).await?;
        }
        orders::change(tx, &order, self.now_ms(), |row| {
            row.price = price.as_minor();
        })
        .await
    }
}
