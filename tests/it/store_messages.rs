//! Inbox, outbox, dialogues and buttons.

use numshop::domain::id::{Nonce, UserId};
use numshop::store::entity::{outbox, users};
use numshop::store::{Store, StoreError, Tx, Work, intents, messages, work};
use sea_orm::EntityTrait;

use crate::database::Database;

const SARI: UserId = UserId(1_001);
const ALEX: UserId = UserId(1_002);

async fn open() -> (Database, Store) {
    let database = Database::fresh().await;
    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    (database, store)
}

async fn close(store: Store, database: Database) {
    store.close().await;
    database.drop().await;
}

/// A write that must work.
async fn write<T: Send + 'static>(
    store: &Store,
    what: impl for<'t> FnOnce(&'t Tx) -> Work<'t, T, StoreError> + Send + 'static,
) -> T {
    store.write(what).await.unwrap()
}

fn updates(ids: impl IntoIterator<Item = i64>) -> Vec<(i64, String)> {
    ids.into_iter()
        .map(|id| (id, format!("{{\"update_id\":{id}}}")))
        .collect()
}

async fn accept(store: &Store, ids: Vec<i64>, now_ms: i64) -> Vec<i64> {
    write(store, move |tx| {
        work(async move { messages::accept(tx, updates(ids), now_ms).await })
    })
    .await
}

async fn handled(store: &Store, id: i64, now_ms: i64) {
    write(store, move |tx| {
        work(async move { messages::mark_handled(tx, vec![id], now_ms).await })
    })
    .await;
}

async fn unhandled(store: &Store) -> Vec<i64> {
    let rows = messages::unhandled(store.read()).await.unwrap();
    rows.into_iter().map(|(id, _)| id).collect()
}

#[tokio::test]
async fn an_update_is_stored_once_and_replayed_until_it_is_handled() {
    let (database, store) = open().await;
    assert_eq!(accept(&store, vec![12, 10, 11, 10], 1).await, [12, 10, 11]);
    assert_eq!(accept(&store, vec![11, 13], 2).await, [13]);
    assert!(accept(&store, vec![], 2).await.is_empty());
    assert_eq!(unhandled(&store).await, [10, 11, 12, 13]);
    handled(&store, 11, 3).await;
    handled(&store, 11, 4).await;
    assert!(accept(&store, vec![11], 5).await.is_empty());
    store.close().await;

    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    let again = messages::unhandled(store.read()).await.unwrap();
    assert_eq!(again, updates([10, 12, 13]));
    close(store, database).await;
}

async fn notify(store: &Store, user: UserId, notice: &str, urgent: bool, now_ms: i64) {
    let notice = notice.to_owned();
    write(store, move |tx| {
        work(async move { messages::notify(tx, user, notice, urgent, now_ms).await })
    })
    .await;
}

async fn due(store: &Store, now_ms: i64) -> Vec<outbox::Model> {
    messages::due(store.read(), now_ms, Vec::new(), 100)
        .await
        .unwrap()
}

async fn words(store: &Store, now_ms: i64) -> Vec<String> {
    let rows = due(store, now_ms).await;
    rows.into_iter().map(|row| row.notice).collect()
}

async fn settle(store: &Store, row: &outbox::Model, outcome: &'static str, now_ms: i64) {
    let row = row.clone();
    write(store, move |tx| {
        work(async move { messages::settle(tx, &row, outcome, now_ms).await })
    })
    .await;
}

#[tokio::test]
async fn urgent_notices_go_first_and_equal_ones_are_one() {
    let (database, store) = open().await;
    notify(&store, SARI, "topped up", false, 1).await;
    notify(&store, SARI, "card", true, 2).await;
    notify(&store, SARI, "card", true, 3).await;
    notify(&store, ALEX, "card", true, 4).await;
    assert_eq!(words(&store, 4).await, ["card", "card", "topped up"]);
    assert_eq!(words(&store, 0).await, Vec::<String>::new());
    let on_their_way = due(&store, 4).await.iter().map(|row| row.id).collect();
    let rest = messages::due(store.read(), 4, on_their_way, 9).await;
    assert_eq!(rest.unwrap(), []);
    assert_eq!(
        due(&store, 4).await[..1],
        messages::due(store.read(), 4, vec![], 1).await.unwrap()
    );

    // Once settled, the same words are a new notice.
    for row in due(&store, 4).await {
        settle(&store, &row, "sent", 5).await;
    }
    notify(&store, SARI, "card", true, 6).await;
    assert_eq!(words(&store, 6).await, ["card"]);
    close(store, database).await;
}

#[tokio::test]
async fn a_notice_asked_for_again_on_its_way_is_brought_again() {
    let (database, store) = open().await;
    notify(&store, SARI, "card", true, 1).await;
    let first = due(&store, 1).await.remove(0);
    notify(&store, SARI, "card", true, 2).await;
    settle(&store, &first, "sent", 3).await;
    let second = due(&store, 3).await.remove(0);
    assert_eq!(second.id, first.id);
    assert!(second.generation > first.generation);
    settle(&store, &second, "sent", 4).await;
    assert_eq!(due(&store, 4).await, []);
    close(store, database).await;
}

#[tokio::test]
async fn a_notice_that_is_put_off_comes_back_in_its_time() {
    let (database, store) = open().await;
    notify(&store, SARI, "card", true, 1).await;
    let row = due(&store, 1).await.remove(0);
    write(&store, move |tx| {
        work(async move { messages::put_off(tx, &row, 5_000).await })
    })
    .await;
    assert_eq!(due(&store, 4_999).await, []);
    let next = messages::next_due_ms(store.read(), 10).await.unwrap();
    assert_eq!(next, Some(5_000));
    let row = due(&store, 5_000).await.remove(0);
    assert_eq!(row.attempts, 1);
    assert_eq!(
        messages::next_due_ms(store.read(), 5_000).await.unwrap(),
        None
    );
    close(store, database).await;
}

#[tokio::test]
async fn what_is_long_or_strange_is_kept_whole() {
    let (database, store) = open().await;
    // Words that do not compress, as the worst text for an index of limited width.
    let long: String = (0..100_u64)
        .map(|i| format!("{:016x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    for state in [
        "{}",
        "naïve 🙂 \"quotes\" \\ '; DROP TABLE users; --",
        &long,
    ] {
        let kept = state.to_owned();
        write(&store, move |tx| {
            work(async move { messages::keep_dialogue(tx, 5, Some(kept), 1).await })
        })
        .await;
        let found = messages::dialogue(store.read(), 5).await.unwrap();
        assert_eq!(found.as_deref(), Some(state));
        notify(&store, SARI, state, false, 1).await;
    }
    assert_eq!(words(&store, 1).await.len(), 3);
    write(&store, |tx| {
        work(async move { messages::keep_dialogue(tx, 5, None, 1).await })
    })
    .await;
    assert_eq!(messages::dialogue(store.read(), 5).await.unwrap(), None);
    close(store, database).await;
}

#[tokio::test]
async fn a_button_stands_for_one_thing_of_one_user_once() {
    let (database, store) = open().await;
    let nonce = Nonce::from("abcdefgh");
    let key = nonce.clone();
    write(&store, move |tx| {
        work(async move { intents::keep(tx, SARI, &key, "purchase", "{}".into(), [1, 50]).await })
    })
    .await;
    let find = async |user, nonce: &Nonce, kind| {
        intents::find(store.read(), user, nonce, kind)
            .await
            .unwrap()
    };
    assert!(find(SARI, &nonce, "purchase").await.is_some());
    assert!(find(ALEX, &nonce, "purchase").await.is_none());
    assert!(find(SARI, &nonce, "topup").await.is_none());
    assert!(
        find(SARI, &Nonce::from("other"), "purchase")
            .await
            .is_none()
    );
    for expected in [true, false, false] {
        let key = nonce.clone();
        let marked = write(&store, move |tx| {
            work(async move { intents::mark_used(tx, &key, 2).await })
        })
        .await;
        assert_eq!(marked, expected);
    }
    let key = nonce.clone();
    let again = store
        .write(move |tx| {
            work(async move { intents::keep(tx, ALEX, &key, "topup", "{}".into(), [1, 9]).await })
        })
        .await;
    assert!(again.is_err(), "a nonce was used for two things");
    close(store, database).await;
}

#[tokio::test]
async fn purging_forgets_only_what_is_done_and_old() {
    let (database, store) = open().await;
    accept(&store, vec![1, 2], 10).await;
    accept(&store, vec![3], 200).await;
    handled(&store, 1, 11).await;
    handled(&store, 3, 201).await;
    notify(&store, SARI, "done", true, 10).await;
    let row = due(&store, 10).await.remove(0);
    settle(&store, &row, "unreachable", 11).await;
    notify(&store, SARI, "open", true, 10).await;
    for (nonce, until) in [("old", 50), ("young", 500)] {
        write(&store, move |tx| {
            work(async move {
                intents::keep(tx, SARI, &nonce.into(), "topup", "{}".into(), [1, until]).await
            })
        })
        .await;
    }
    let gone = write(&store, |tx| {
        work(async move {
            Ok((
                messages::purge(tx, 100).await?,
                intents::purge(tx, 100).await?,
            ))
        })
    })
    .await;
    assert_eq!(gone, (2, 1));
    assert_eq!(unhandled(&store).await, [2]);
    let again = accept(&store, vec![2, 3], 300).await;
    assert!(again.is_empty(), "forgotten");
    assert_eq!(words(&store, 10).await, ["open"]);
    close(store, database).await;
}

#[tokio::test]
async fn users_are_found_by_any_name_in_any_case() {
    let (database, store) = open().await;
    let user = |id, name: Option<&str>| users::Model {
        id,
        first_name: "N".to_owned(),
        username: name.map(str::to_owned),
        telegram_language: None,
        chosen_language: None,
        unreachable_since_ms: Some(5),
        created_at_ms: 1,
        seen_at_ms: None,
        banned_at_ms: None,
        note: None,
    };
    for row in [
        user(1, Some("Sari_88")),
        user(2, None),
        user(3, Some("sari_88")),
    ] {
        write(&store, move |tx| {
            work(async move { numshop::store::users::keep(tx, row).await })
        })
        .await;
    }
    let found = numshop::store::users::find_by_username(store.read(), "SARI_88").await;
    assert_eq!(found.unwrap().len(), 2);
    let none = numshop::store::users::find_by_username(store.read(), "").await;
    assert_eq!(none.unwrap(), []);
    let all = users::Entity::find().all(store.read()).await.unwrap();
    assert!(all.iter().all(|row| row.unreachable_since_ms.is_none()));
    close(store, database).await;
}
