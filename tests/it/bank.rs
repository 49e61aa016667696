//! Jepsen's bank: many write and many read at once. Whoever reads sees all the money, nobody owes,
//! and of what is asked for twice one is done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use numshop::domain::id::{OrderId, UserId};
use numshop::store::entity::{accounts, transfers};
use numshop::store::ledger::{self, Account, NewTransfer, TransferKind};
use numshop::store::{Store, StoreError};
use sea_orm::{DatabaseConnection, EntityTrait};

use crate::database::Database;
use crate::store_ledger::{finish, post, topup, transfer};

const PEOPLE: i64 = 8;
const EACH: i64 = 1_000;
/// Two of them always ask for the same.
const WRITERS: i64 = 8;
const TURNS: i64 = 30;
const READERS: usize = 4;

/// How one wish ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    DoneBefore,
    NotEnough,
    KeyReused,
    AlreadyResolved,
}

/// What was asked for under a key, and how it ended: once for each of the two who asked.
type Asked = Vec<(String, i64, Answer)>;

async fn ask(store: &Store, wish: NewTransfer, asked: &mut Asked) -> Option<i64> {
    let (key, amount) = (wish.key.clone(), wish.amount);
    let (answer, id) = match post(store, wish).await {
        Ok(posted) if posted.is_new => (Answer::Done, Some(posted.id)),
        Ok(posted) => (Answer::DoneBefore, Some(posted.id)),
        Err(StoreError::NotEnough) => (Answer::NotEnough, None),
        Err(StoreError::KeyReused(_)) => (Answer::KeyReused, None),
        Err(StoreError::AlreadyResolved) => (Answer::AlreadyResolved, None),
        Err(error) => panic!("{error}"),
    };
    asked.push((key, amount, answer));
    id
}

/// Moves money about, and holds it to capture it or give it back. Its twin asks for the same under
/// the same keys, but in every third turn for another amount, and always for the other ending of
/// a hold.
async fn write(store: Store, writer: i64) -> Asked {
    let (pair, is_twin) = (writer / 2, writer % 2 == 1);
    let mut asked = Asked::new();
    for turn in 0..TURNS {
        let user = UserId((pair + turn) % PEOPLE + 1);
        let other = UserId((pair + turn * 3) % (PEOPLE - 1) + 1);
        let other = if other == user { UserId(PEOPLE) } else { other };
        let differs = i64::from(is_twin && turn % 3 == 0);
        let amount = (pair * 131 + turn * 37) % 600 + 1 + differs;
        if user != other {
            let accounts = [Account::Available(user), Account::Available(other)];
            let key = format!("move:{pair}:{turn}");
            let wish = transfer(&key, accounts, amount, TransferKind::Adjust);
            ask(&store, wish, &mut asked).await;
        }
        let order = OrderId(pair * 1_000 + turn);
        let accounts = [Account::Available(user), Account::Held(user)];
        let hold = NewTransfer {
            order: Some(order),
            ..transfer(&ledger::hold_key(order), accounts, 50, TransferKind::Hold)
        };
        let Some(hold) = ask(&store, hold, &mut asked).await else {
            continue;
        };
        let (to, kind) = if is_twin {
            (Account::Revenue, TransferKind::Capture)
        } else {
            (Account::Available(user), TransferKind::Release)
        };
        // With keys that differ, only the hold itself can tell that it has ended.
        let key = format!("resolve:{order}:{writer}");
        let ending = NewTransfer {
            order: Some(order),
            resolves: Some(hold),
            ..transfer(&key, [Account::Held(user), to], 50, kind)
        };
        ask(&store, ending, &mut asked).await;
    }
    asked
}

/// Reads until all is written; how often.
async fn read(connection: DatabaseConnection, done: Arc<AtomicBool>) -> u32 {
    let mut reads = 0;
    while !done.load(Ordering::SeqCst) || reads == 0 {
        let rows = accounts::Entity::find().all(&connection).await.unwrap();
        let owes = |row: &accounts::Model| row.user_id.is_some() && row.balance < 0;
        assert!(!rows.iter().any(owes), "somebody owes");
        let clearing = |row: &accounts::Model| row.name == "clearing:manual";
        let (paid_in, kept): (Vec<_>, Vec<_>) = rows.into_iter().partition(clearing);
        let total = |rows: &[accounts::Model]| rows.iter().map(|row| row.balance).sum::<i64>();
        assert_eq!(total(&paid_in), -PEOPLE * EACH);
        assert_eq!(total(&kept), PEOPLE * EACH);
        reads += 1;
    }
    reads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_total_is_constant_at_every_read() {
    let database = Database::fresh().await;
    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    for user in 1..=PEOPLE {
        let key = format!("topup:{user}");
        post(&store, topup(&key, UserId(user), EACH)).await.unwrap();
    }
    let done = Arc::new(AtomicBool::new(false));
    let beside = database.connect().await;
    let mut connections = vec![DatabaseConnection::clone(store.read()); READERS];
    // One reads past the store, as another process would.
    connections.push(beside.clone());
    let readers: Vec<_> = connections
        .into_iter()
        .map(|connection| tokio::spawn(read(connection, Arc::clone(&done))))
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(store.clone(), writer)))
        .collect();
    let mut asked: BTreeMap<String, Vec<(i64, Answer)>> = BTreeMap::new();
    for writer in writers {
        for (key, amount, answer) in writer.await.unwrap() {
            asked.entry(key).or_default().push((amount, answer));
        }
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    beside.close().await.unwrap();
    check_answers(&asked);
    check_journal(&store, &asked).await;
    finish(store, database).await;
}

/// Of two who asked for the same one did it; of two who asked for something else under one key,
/// and of two who end one hold, one was refused.
fn check_answers(asked: &BTreeMap<String, Vec<(i64, Answer)>>) {
    let mut seen = Vec::new();
    for (key, answers) in asked {
        let done: Vec<i64> = answers
            .iter()
            .filter(|(_, answer)| *answer == Answer::Done)
            .map(|(amount, _)| *amount)
            .collect();
        assert!(done.len() <= 1, "{key}: {answers:?}");
        for (amount, answer) in answers {
            let is_right = match answer {
                Answer::Done | Answer::NotEnough => true,
                Answer::DoneBefore => done == [*amount],
                Answer::KeyReused => done.iter().any(|done| done != amount),
                Answer::AlreadyResolved => key.starts_with("resolve:"),
            };
            assert!(is_right, "{key}: {answers:?}");
            seen.push(*answer);
        }
    }
    for answer in [
        Answer::Done,
        Answer::DoneBefore,
        Answer::KeyReused,
        Answer::AlreadyResolved,
    ] {
        assert!(seen.contains(&answer), "{answer:?} never happened");
    }
}

/// The journal holds what was done and nothing else, and each hold has ended once.
async fn check_journal(store: &Store, asked: &BTreeMap<String, Vec<(i64, Answer)>>) {
    let rows = transfers::Entity::find().all(store.read()).await.unwrap();
    let done = asked.iter().filter_map(|(key, answers)| {
        let done = answers.iter().find(|(_, answer)| *answer == Answer::Done)?;
        Some((key.as_str(), done.0))
    });
    let done: BTreeMap<&str, i64> = done.collect();
    let written: BTreeMap<&str, i64> = rows
        .iter()
        .filter(|row| row.kind != "topup")
        .map(|row| (row.idempotency_key.as_str(), row.amount))
        .collect();
    assert_eq!(written, done);
    let holds = rows.iter().filter(|row| row.kind == "hold");
    for hold in holds {
        let endings = rows.iter().filter(|row| row.resolves == Some(hold.id));
        assert_eq!(endings.count(), 1, "{}", hold.idempotency_key);
    }
}
