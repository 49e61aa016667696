//! I10: the audit names every payment in Stars that is not credited exactly once.

use std::collections::BTreeSet;

use chrono::DateTime;
use numshop::domain::id::UserId;
use numshop::shop::account::Visitor;
use numshop::shop::stars::StarsPaid;
use numshop::store::audit;
use rstest::rstest;
use sea_orm::ConnectionTrait;

use crate::harness::stars;
use crate::shop_stage::{MAYA, SARI, Stage};

fn paid(charge: &str, payer: UserId) -> StarsPaid {
    StarsPaid {
        charge: charge.to_owned(),
        payer: Visitor {
            id: payer,
            first_name: "Somebody".to_owned(),
            username: None,
            language_code: None,
        },
        stars: 50,
        payload: "of an invoice that is forgotten".to_owned(),
        at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    }
}

#[rstest]
#[case::credited_with_less("UPDATE star_payments SET credit = credit + 1 WHERE charge_id = 'a'")]
#[case::credited_to_somebody_else("UPDATE star_payments SET user_id = 1002 WHERE charge_id = 'a'")]
#[case::credited_without_payment("DELETE FROM star_payments WHERE charge_id = 'a'")]
#[case::never_credited(
    "INSERT INTO star_payments (charge_id, user_id, stars, credit, state, paid_at_ms, updated_at_ms)
        VALUES ('d', 1001, 1, 200, 'credited', 1, 1)"
)]
#[case::credited_twice(
    "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
        SELECT 'topup:stars:a again', debit_account, credit_account, amount, kind, actor, at_ms
        FROM transfers WHERE idempotency_key = 'topup:stars:a'"
)]
#[case::given_back_for_nothing("UPDATE star_payments SET state = 'refunded' WHERE charge_id = 'a'")]
#[case::not_given_back_but_taken(
    "UPDATE star_payments SET state = 'credited' WHERE charge_id = 'b_1'"
)]
#[tokio::test]
async fn a_charge_that_is_not_credited_exactly_once_is_named(#[case] harm: &str) {
    let mut stage = Stage::open().await;
    stage.terms.top_ups.stars = Some(stars(200));
    stage.restart().await;
    // One more charge differs from the second in what a pattern would take for any letter.
    for charge in ["a", "b_1", "bx1"] {
        for is_new in [true, false] {
            let credited = stage.shop().credit_stars(paid(charge, SARI)).await;
            assert_eq!(credited.unwrap(), is_new);
        }
    }
    // Somebody who never wrote is known by paying.
    let stranger = UserId(77);
    let credited = stage.shop().credit_stars(paid("c", stranger)).await;
    assert!(credited.unwrap());
    assert!(stage.shop().user(stranger).await.is_ok());
    let draft = stage.shop().draft_refund(MAYA, "b_1").await.unwrap();
    stage.shop().begin_refund(MAYA, &draft.nonce).await.unwrap();
    stage.kill().await;
    let raw = stage.database.connect().await;
    assert_eq!(audit::audit(&raw).await.unwrap(), []);
    raw.execute_unprepared(harm).await.unwrap();
    let named: BTreeSet<_> = audit::audit(&raw)
        .await
        .unwrap()
        .into_iter()
        .map(|difference| difference.invariant)
        .collect();
    assert_eq!(named, BTreeSet::from(["I10"]));
    raw.close().await.unwrap();
    stage.database.drop().await;
}
