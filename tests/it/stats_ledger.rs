//! That the sums of each day are what the ledger's accounts hold.

use std::collections::BTreeMap;

use numshop::shop::stats::Stats;
use numshop::store::Store;
use numshop::store::entity::{accounts, orders};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};

#[derive(FromQueryResult)]
struct Sum {
    account: i64,
    amount: i64,
}

/// Every account's sum over all days is its balance, and the statistics over all days are made of
/// nothing else.
pub(crate) async fn agree(store: &Store, stats: &Stats) {
    let read = store.read();
    let backend = sea_orm::ConnectionTrait::get_database_backend(read);
    let query =
        "SELECT account, CAST(SUM(amount) AS BIGINT) AS amount FROM money_days GROUP BY account";
    let sums = Sum::find_by_statement(Statement::from_string(backend, query));
    let sums = sums.all(read).await.unwrap();
    let sums: BTreeMap<i64, i64> = sums
        .into_iter()
        .map(|row| (row.account, row.amount))
        .collect();
    let all = accounts::Entity::find()
        .filter(accounts::Column::UserId.is_null())
        .all(read)
        .await
        .unwrap();
    assert!(!all.is_empty());
    for account in &all {
        let sum = sums.get(&account.id).copied().unwrap_or(0);
        assert_eq!(sum, account.balance, "{}", account.name);
    }
    let held = |name: &str| -> i64 {
        let found = all.iter().filter(|it| it.name.ends_with(name));
        found.map(|it| it.balance).sum()
    };
    assert_eq!(stats.revenue.as_minor(), held("revenue"));
    assert_eq!(stats.goodwill.as_minor(), -held("refund_loss"));
    assert_eq!(stats.shares.as_minor(), -held("marketing"));
    let spent: rust_decimal::Decimal = stats.spent.iter().map(|it| it.amount).sum();
    let cost = rust_decimal::Decimal::new(held(":cost_of_goods"), 6);
    assert_eq!(spent, cost);
    let came_in: i64 = stats.top_ups.iter().map(|it| it.amount.as_minor()).sum();
    let corrected: i64 = stats
        .corrections
        .iter()
        .map(|it| it.amount.as_minor())
        .sum();
    let clearing = all.iter().filter(|it| it.name.starts_with("clearing:"));
    let clearing: i64 = clearing.map(|it| it.balance).sum();
    assert_eq!(came_in + corrected, -clearing);
    let by_day: i64 = stats.by_day.iter().map(|it| it.revenue.as_minor()).sum();
    assert_eq!(by_day, stats.revenue.as_minor());

    let rows = orders::Entity::find().all(read).await.unwrap();
    for product in &stats.products {
        let of = |states: &[&str]| {
            let ours = rows
                .iter()
                .filter(|row| row.product == product.product.as_str());
            let found = ours.filter(|row| states.contains(&row.state.as_str()));
            i64::try_from(found.count()).unwrap()
        };
        let fates = product.fates;
        assert_eq!(fates.delivered, of(&["received", "completed"]));
        assert_eq!(fates.cancelled, of(&["cancelled"]));
        assert_eq!(fates.expired, of(&["expired"]));
        assert_eq!(fates.failed, of(&["failed"]));
        let open = ["held", "placing", "in_doubt", "waiting", "cancelling"];
        assert_eq!(fates.open, of(&open));
    }
    let counted: i64 = stats.products.iter().map(|it| it.fates.all()).sum();
    assert_eq!(counted, i64::try_from(rows.len()).unwrap());
}
