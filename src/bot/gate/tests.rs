//! The gate: what is let in whatever happens, and what is counted.

use rstest::rstest;

use super::*;

const HUMAN: &str = r#""from":{"id":5,"is_bot":false,"first_name":"A"}"#;

fn update(rest: &str) -> Update {
    let json = format!(r#"{{"update_id":1,{rest}}}"#);
    let update: Update = serde_json::from_str(&json).unwrap();
    assert!(!matches!(update.kind, UpdateKind::Error(_)), "{rest}");
    update
}

fn message(chat: &str, content: &str) -> Update {
    update(&format!(
        r#""message":{{"message_id":1,"date":1800000000,{HUMAN},"chat":{chat},{content}}}"#
    ))
}

const PRIVATE: &str = r#"{"id":5,"type":"private","first_name":"A"}"#;
const GROUP: &str = r#"{"id":-5,"type":"supergroup","title":"G"}"#;

fn metered(bucket: Bucket, can_be_told: bool) -> Traveller {
    Traveller::Metered {
        who: UserId(5),
        bucket,
        can_be_told,
    }
}

#[rstest]
#[case::text(message(PRIVATE, r#""text":"hi""#), metered(Bucket::Doing, true))]
#[case::in_a_group(message(GROUP, r#""text":"/buy""#), metered(Bucket::Doing, false))]
#[case::press(
    update(&format!(
        r#""callback_query":{{"id":"1","chat_instance":"1","data":"x",{HUMAN},"message":{{"message_id":1,"date":1800000000,"chat":{PRIVATE},"text":"t"}}}}"#
    )),
    metered(Bucket::Doing, true)
)]
#[case::typing(
    update(&format!(r#""inline_query":{{"id":"1","query":"wa","offset":"",{HUMAN}}}"#)),
    metered(Bucket::Typing, false)
)]
#[case::about_to_pay(
    update(&format!(
        r#""pre_checkout_query":{{"id":"1",{HUMAN},"currency":"XTR","total_amount":5,"invoice_payload":"p"}}"#
    )),
    Traveller::Free
)]
#[case::paid(
    message(PRIVATE, r#""successful_payment":{"currency":"XTR","total_amount":5,"invoice_payload":"p","telegram_payment_charge_id":"c","provider_payment_charge_id":""}"#),
    Traveller::Free
)]
#[case::paid_in_a_group(
    message(GROUP, r#""successful_payment":{"currency":"XTR","total_amount":5,"invoice_payload":"p","telegram_payment_charge_id":"c","provider_payment_charge_id":""}"#),
    Traveller::Free
)]
#[case::refunded(
    message(PRIVATE, r#""refunded_payment":{"currency":"XTR","total_amount":5,"invoice_payload":"p","telegram_payment_charge_id":"c"}"#),
    Traveller::Free
)]
fn money_is_let_in_and_the_rest_is_counted(#[case] update: Update, #[case] expected: Traveller) {
    let from = update.from().unwrap().clone();
    assert_eq!(traveller(&update, &from, |_| false), expected);
    assert_eq!(traveller(&update, &from, |_| true), Traveller::Free);
}
