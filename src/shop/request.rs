//! Money that users send by bank, e-wallet or QRIS: they say how much, send a proof, and an admin
//! says whether it came.
//!
//! Invariant: the first decision counts and moves the money once; every open request ends by an
//! admin, by its user or by time. What is credited is what was asked for or what an admin saw.

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::domain::money::Money;
use crate::domain::qris::StaticQris;
use crate::domain::referral::RewardOf;
use crate::shop::notice::Notice;
use crate::shop::settle::{Books, Cause};
use crate::shop::topup::TopUpError;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::topup_requests::Model as Row;
use crate::store::ledger::{Account, NewTransfer, TransferKind};
use crate::store::{StoreError, Tx, from_ms, requests, to_ms, work};

/// An admin has so long to look at a proof.
const LOOKED_AT_WITHIN: TimeDelta = TimeDelta::days(7);

/// What the operator decided about transfers.
#[derive(Clone, Debug)]
pub struct TransferTerms {
    /// Whether instructions for a transfer by hand are shown.
    pub by_hand: bool,
    /// The merchant's code, where people can pay by QRIS.
    pub qris: Option<StaticQris>,
    /// The least that can be sent.
    pub least: Money,
    /// The most.
    pub most: Money,
    /// How long a request waits for its proof.
    pub lives_for: TimeDelta,
}

/// A request, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub i64);

/// How the money is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By bank or e-wallet, by the operator's instructions.
    Transfer,
    /// By a QRIS code with the amount in it.
    Qris,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// It waits for its proof.
    Open,
    /// It waits for an admin.
    Submitted,
    /// The money came.
    Approved,
    /// It did not.
    Rejected,
    /// Nobody said anything in time.
    Expired,
    /// The user took it back.
    Withdrawn,
}

/// The picture that shows a payment.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// Telegram's id of the file.
    pub file_id: String,
    /// Whether it is a photo, and not a file.
    pub is_photo: bool,
}

/// A request as people see it.
#[derive(Clone)]
pub struct RequestView {
    /// Its number.
    pub id: RequestId,
    /// Whose it is.
    pub user: UserId,
    /// How the money is sent.
    pub way: Way,
    /// What is to be paid, to the last digit.
    pub amount: Money,
    /// Where it stands.
    pub state: RequestState,
    /// The proof, if there is one.
    pub proof: Option<Proof>,
    /// When it ends by itself.
    pub until: DateTime<Utc>,
    /// The text of the QR code that pays it.
    pub qris: Option<String>,
    /// The admin whose word counted.
    pub decided_by: Option<UserId>,
    /// What came into the wallet.
    pub credited: Option<Money>,
}

/// An admin's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The money came as it was asked for.
    Approve,
    /// Another amount came.
    ApproveOther(Money),
    /// None came.
    Reject,
}

/// What there is to say about a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum RequestNews {
    /// For admins: there is a proof to look at.
    Paper {
        /// Of this request.
        request: RequestId,
    },
    /// For admins: it ended; the message that shows it changes.
    Closed {
        /// This request.
        request: RequestId,
    },
    /// For the user: it ended without money.
    Ended {
        /// This request.
        request: RequestId,
    },
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Qris => "qris",
        }
    }
}

impl RequestState {
    const ALL: [Self; 6] = [
        Self::Open,
        Self::Submitted,
        Self::Approved,
        Self::Rejected,
        Self::Expired,
        Self::Withdrawn,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether somebody can still do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Open | Self::Submitted => true,
            Self::Approved | Self::Rejected | Self::Expired | Self::Withdrawn => false,
        }
    }
}

impl Shop {
    fn transfers(&self) -> Result<&TransferTerms, TopUpError> {
        self.terms.top_ups.transfers.as_ref().ok_or(TopUpError::Off)
    }

    /// Whether money can be sent this way.
    #[must_use]
    pub fn takes(&self, way: Way) -> bool {
        self.transfers().is_ok_and(|terms| match way {
            Way::Transfer => terms.by_hand,
            Way::Qris => terms.qris.is_some(),
        })
    }

    /// The least and the most that can be sent at once.
    ///
    /// # Errors
    /// [`TopUpError::Off`].
    pub fn transfer_limits(&self) -> Result<[Money; 2], ShopError> {
        let terms = self.transfers()?;
        Ok([terms.least, terms.most])
    }

    /// Opens a request over `amount` and a few minor units that tell it apart. Where the user has
    /// an open one, that is given back as it is.
    ///
    /// # Errors
    /// [`TopUpError::Off`], [`TopUpError::TransferAmount`] with the limits.
    pub async fn request_top_up(
        &self,
        user: UserId,
        way: Way,
        amount: Money,
    ) -> Result<RequestView, ShopError> {
        if !self.takes(way) {
            return Err(TopUpError::Off.into());
        }
        let terms = self.transfers()?;
        let [least, most] = [terms.least, terms.most];
        if !(least..=most).contains(&amount) {
            return Err(TopUpError::TransferAmount { least, most }.into());
        }
        let now = self.now();
        let row = Row {
            id: 0,
            user_id: user.0,
            way: way.as_str().to_owned(),
            amount: amount.as_minor(),
            state: RequestState::Open.as_str().to_owned(),
            proof: None,
            proof_is_photo: false,
            credited: None,
            decided_by: None,
            created_at_ms: to_ms(now),
            updated_at_ms: to_ms(now),
            expires_at_ms: to_ms(now + terms.lives_for),
        };
        let suffixes = self.suffixes();
        let opened = self
            .store
            .write(move |tx| work(async move { open(tx, user, row, suffixes).await }))
            .await?;
        self.request_view(opened)
    }

    /// The last digits that tell amounts apart: under 1,000 rupiah, under a unit with two decimals.
    fn suffixes(&self) -> RangeInclusive<i64> {
        if self.terms.currency.decimals() == 0 {
            1..=999
        } else {
            1..=99
        }
    }

    /// A user's open request.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn open_request(&self, user: UserId) -> Result<Option<RequestView>, ShopError> {
        let row = requests::open_of(self.store.read(), user).await?;
        row.map(|row| self.request_view(row)).transpose()
    }

    /// A request by its number.
    ///
    /// # Errors
    /// [`TopUpError::NoSuchRequest`].
    pub async fn request(&self, id: RequestId) -> Result<RequestView, ShopError> {
        let row = requests::find(self.store.read(), id.0).await?;
        self.request_view(row.ok_or(TopUpError::NoSuchRequest)?)
    }

    /// Takes a user's open request back.
    ///
    /// # Errors
    /// [`TopUpError::NoSuchRequest`] for one that ended, or somebody else's.
    pub async fn withdraw_request(&self, user: UserId, id: RequestId) -> Result<(), ShopError> {
        let withdrawn = self
            .end_request(id, Cause::User(user), RequestState::Withdrawn, Some(user))
            .await?;
        if withdrawn {
            Ok(())
        } else {
            Err(TopUpError::NoSuchRequest.into())
        }
    }

    /// Keeps the proof that a user sent and shows it to every admin. `None` where the user has no
    /// open request; a second proof for one changes nothing.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`] and its like.
    pub async fn prove(
        &self,
        user: UserId,
        proof: Proof,
    ) -> Result<Option<RequestView>, ShopError> {
        let books = self.books(Cause::User(user));
        let admins = self.admins();
        let until_ms = to_ms(self.now() + LOOKED_AT_WITHIN);
        let proven = self
            .store
            .write(move |tx| {
                work(async move {
                    let Some(row) = requests::open_of(tx, user).await? else {
                        return Ok(None);
                    };
                    if state_of(&row)? == RequestState::Submitted {
                        return Ok(Some(row));
                    }
                    let changed = requests::change(tx, &row, books.now_ms(), |row| {
                        row.state = RequestState::Submitted.as_str().to_owned();
                        row.proof = Some(proof.file_id);
                        row.proof_is_photo = proof.is_photo;
                        row.expires_at_ms = until_ms;
                    });
                    let request = RequestId(row.id);
                    let Some(row) = changed.await? else {
                        return Err(StoreError::Stale);
                    };
                    tell(tx, &books, &admins, RequestNews::Paper { request }).await?;
                    Ok::<_, StoreError>(Some(row))
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        proven.map(|row| self.request_view(row)).transpose()
    }

    /// An admin's word; `true` where it was the first. The money moves in the same transaction.
    ///
    /// # Errors
    /// [`TopUpError::NoSuchRequest`], [`ShopError::BalanceTooLarge`], [`TopUpError::Cap`].
    pub async fn decide_request(
        &self,
        admin: UserId,
        id: RequestId,
        decision: Decision,
    ) -> Result<bool, ShopError> {
        let credit = match decision {
            Decision::Reject => {
                return self
                    .end_request(id, Cause::Admin(admin), RequestState::Rejected, None)
                    .await;
            }
            Decision::Approve => None,
            Decision::ApproveOther(amount) => Some(amount),
        };
        let (books, cap) = (self.books(Cause::Admin(admin)), self.cap(admin));
        let admins = self.admins();
        let decided = self
            .store
            .write(move |tx| {
                work(async move {
                    let decided = approve(tx, &books, &admins, [admin], id, credit).await?;
                    if decided == Some(true) {
                        cap.check(tx, &books).await?;
                        let act = books.act(admin, Act::Request, format!("request {}", id.0));
                        let after =
                            credit.map_or("approved".to_owned(), |it| it.as_minor().to_string());
                        acts::note(
                            tx,
                            NewAct {
                                after: Some(after),
                                ..act
                            },
                        )
                        .await?;
                    }
                    Ok::<_, ShopError>(decided)
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(decided.ok_or(TopUpError::NoSuchRequest)?)
    }

    /// Ends requests whose time is over.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn expire_requests(&self) -> Result<(), ShopError> {
        for row in requests::overdue(self.store.read(), self.now_ms()).await? {
            let id = RequestId(row.id);
            self.end_request(id, Cause::Worker, RequestState::Expired, None)
                .await?;
        }
        Ok(())
    }

    /// Ends an open request without money; `false` where it had ended. `owner` limits it to a
    /// user's own, who then needs no word of it.
    async fn end_request(
        &self,
        id: RequestId,
        cause: Cause,
        state: RequestState,
        owner: Option<UserId>,
    ) -> Result<bool, ShopError> {
        let decided_by = match cause {
            Cause::Admin(admin) => Some(admin.0),
            Cause::User(_) | Cause::Worker => None,
        };
        let books = self.books(cause);
        let admins = self.admins();
        let ended = self
            .store
            .write(move |tx| {
                work(async move {
                    let row = requests::find(tx, id.0).await?;
                    let row = row.filter(|row| owner.is_none_or(|owner| owner.0 == row.user_id));
                    let Some(row) = row else {
                        return Ok(None);
                    };
                    if !state_of(&row)?.is_open() {
                        return Ok(Some(false));
                    }
                    let changed = requests::change(tx, &row, books.now_ms(), |row| {
                        row.state = state.as_str().to_owned();
                        row.decided_by = decided_by;
                    });
                    if changed.await?.is_none() {
                        return Ok(Some(false));
                    }
                    if let Some(admin) = decided_by {
                        let act =
                            books.act(UserId(admin), Act::Request, format!("request {}", id.0));
                        let after = Some(state.as_str().to_owned());
                        acts::note(tx, NewAct { after, ..act }).await?;
                    }
                    tell(tx, &books, &admins, RequestNews::Closed { request: id }).await?;
                    if owner.is_none() {
                        let news = RequestNews::Ended { request: id };
                        let notice = Notice::Request { news };
                        books.notify(tx, UserId(row.user_id), &notice).await?;
                    }
                    Ok::<_, StoreError>(Some(true))
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(ended.ok_or(TopUpError::NoSuchRequest)?)
    }

    /// Notes in which message an admin sees a request.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn note_paper(
        &self,
        id: RequestId,
        admin: UserId,
        message: i32,
    ) -> Result<(), ShopError> {
        self.store
            .write(move |tx| {
                work(async move { requests::note_paper(tx, id.0, admin, message).await })
            })
            .await
            .map_err(ShopError::from)
    }

    /// In which message an admin sees a request.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn paper(&self, id: RequestId, admin: UserId) -> Result<Option<i32>, ShopError> {
        Ok(requests::paper(self.store.read(), id.0, admin).await?)
    }

    fn request_view(&self, row: Row) -> Result<RequestView, ShopError> {
        let state = state_of(&row)?;
        let amount = Money::minor(row.amount);
        let way = match row.way.as_str() {
            "qris" => Way::Qris,
            _ => Way::Transfer,
        };
        let code = self.transfers().ok().and_then(|it| it.qris.as_ref());
        let qris = code.filter(|_| way == Way::Qris);
        Ok(RequestView {
            id: RequestId(row.id),
            user: UserId(row.user_id),
            way,
            amount,
            state,
            proof: row.proof.map(|file_id| Proof {
                file_id,
                is_photo: row.proof_is_photo,
            }),
            until: from_ms(row.expires_at_ms),
            qris: qris.map(|code| code.with_amount(amount)),
            decided_by: row.decided_by.map(UserId),
            credited: row.credited.map(Money::minor),
        })
    }
}

fn state_of(row: &Row) -> Result<RequestState, StoreError> {
    RequestState::ALL
        .into_iter()
        .find(|state| state.as_str() == row.state)
        .ok_or_else(|| StoreError::BadRow(format!("a request is {}", row.state)))
}

/// Writes a request under an amount that no other open one has.
async fn open(
    tx: &Tx,
    user: UserId,
    mut row: Row,
    suffixes: RangeInclusive<i64>,
) -> Result<Row, ShopError> {
    if let Some(known) = requests::open_of(tx, user).await? {
        return Ok(known);
    }
    let (first, last) = (*suffixes.start(), *suffixes.end());
    let taken = requests::open_amounts(tx, row.amount + first, row.amount + last).await?;
    let free: Vec<i64> = suffixes
        .map(|suffix| row.amount + suffix)
        .filter(|amount| !taken.contains(amount))
        .collect();
    // Nobody can tell beforehand what another user has to send.
    let at = usize::from(rand::random::<u16>()) % free.len().max(1);
    row.amount = *free.get(at).ok_or(TopUpError::TooManyRequests)?;
    row.id = requests::insert(tx, row.clone()).await?;
    Ok(row)
}

/// Credits an open request; `None` where it is unknown, `false` where it had ended.
async fn approve(
    tx: &Tx,
    books: &Books,
    admins: &[UserId],
    [admin]: [UserId; 1],
    id: RequestId,
    credit: Option<Money>,
) -> Result<Option<bool>, StoreError> {
    let Some(row) = requests::find(tx, id.0).await? else {
        return Ok(None);
    };
    if !state_of(&row)?.is_open() {
        return Ok(Some(false));
    }
    let credit = credit.unwrap_or(Money::minor(row.amount));
    let changed = requests::change(tx, &row, books.now_ms(), |row| {
        row.state = RequestState::Approved.as_str().to_owned();
        row.credited = Some(credit.as_minor());
        row.decided_by = Some(admin.0);
    });
    if changed.await?.is_none() {
        return Ok(Some(false));
    }
    let user = UserId(row.user_id);
    let memo = match row.way.as_str() {
        "qris" => "QRIS",
        _ => "🏦",
    };
    let transfer = NewTransfer {
        memo: Some(memo.to_owned()),
        ..books.transfer(
            format!("topup:request:{}", row.id),
            [Account::ClearingManual, Account::Available(user)],
            credit.as_minor(),
            TransferKind::TopUp,
        )
    };
    let (of, source) = (RewardOf::TopUps, transfer.key.clone());
    books.ledger(tx).post(transfer).await?;
    books
        .reward(tx, of, user, credit.as_minor(), source)
        .await?;
    books
        .announce(tx, user, credit, Some(memo.to_owned()))
        .await?;
    tell(tx, books, admins, RequestNews::Closed { request: id }).await?;
    Ok(Some(true))
}

async fn tell(
    tx: &Tx,
    books: &Books,
    admins: &[UserId],
    news: RequestNews,
) -> Result<(), StoreError> {
    let notice = Notice::Request { news };
    for admin in admins {
        books.notify(tx, *admin, &notice).await?;
    }
    Ok(())
}
