//! What the buttons of terms, limits and freezes ask for.
//!
//! Invariant: as for all buttons: what is read here was written here.

use crate::bot::callback::OperatorTag;
use crate::bot::callback::payload::{LONGEST_PROVIDER, Parts, base36, from_base36, word};
use crate::domain::id::{Nonce, ProviderId, UserId};
use crate::domain::limits::Limit;
use crate::domain::money::Money;
use crate::domain::role::Role;
use crate::shop::browse::ServiceId;
use crate::shop::freeze::Target;
use crate::shop::limits::LimitWish;
use crate::shop::support::SupportId;

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustPress {
    /// Accepts the terms.
    Accept {
        /// Their version, by a hash of its name.
        version: OperatorTag,
        /// The Confirm that they stood in the way of.
        nonce: Option<Nonce>,
    },
    /// The terms.
    Terms,
    /// What is said about privacy.
    Privacy,
    /// Asks once more before the account is deleted.
    EraseSure,
    /// Deletes the account.
    EraseNow {
        /// What is given up with it.
        given_up: Money,
    },
    /// Asks what to write to support.
    Support,
    /// Somebody who may answer: asks what to answer.
    Answer {
        /// To what.
        id: SupportId,
    },
    /// An admin: a user's limits.
    Limits {
        /// Whose.
        user: UserId,
    },
    /// An admin: what one of them could be.
    Limit {
        /// Whose.
        user: UserId,
        /// Which.
        limit: Limit,
    },
    /// An admin: sets one.
    SetLimit {
        /// Whose.
        user: UserId,
        /// Which.
        limit: Limit,
        /// To what.
        wish: LimitWish,
    },
    /// An admin: freezes a user.
    FreezeUser {
        /// Whom.
        user: UserId,
    },
    /// An admin: lifts a freeze.
    Lift {
        /// Of what.
        target: Target,
    },
}

fn limit_letter(limit: Limit) -> &'static str {
    match limit {
        Limit::NewOrders => "n",
        Limit::OpenOrders => "o",
        Limit::Spend => "s",
        Limit::Cancels => "c",
        Limit::CancelledShare => "r",
        Limit::TopUps => "t",
    }
}

fn limit(parts: &mut Parts<'_, '_>) -> Option<Limit> {
    let letter = parts.0.next()?;
    Limit::ALL
        .into_iter()
        .find(|limit| limit_letter(*limit) == letter)
}

fn user(parts: &mut Parts<'_, '_>) -> Option<UserId> {
    from_base36(parts.0.next()?).map(UserId)
}

fn wish(parts: &mut Parts<'_, '_>) -> Option<LimitWish> {
    match parts.0.next()? {
        "" => Some(LimitWish::None),
        "_" => Some(LimitWish::AsEverybody),
        most => from_base36(most).map(LimitWish::Most),
    }
}

fn target(parts: &mut Parts<'_, '_>) -> Option<Target> {
    Some(match parts.0.next()? {
        "u" => Target::User(user(parts)?),
        "s" => Target::Service(ServiceId(from_base36(parts.0.next()?)?)),
        "p" => Target::Provider(ProviderId::from(word(parts.0.next()?, LONGEST_PROVIDER)?)),
        "a" => Target::All,
        _ => return None,
    })
}

impl TrustPress {
    /// What somebody must be to press it.
    pub(super) const fn least_role(&self) -> Option<Role> {
        match self {
            Self::Accept { .. }
            | Self::Terms
            | Self::Privacy
            | Self::EraseSure
            | Self::EraseNow { .. }
            | Self::Support => None,
            Self::Limits { .. } | Self::Answer { .. } => Some(Role::Support),
            Self::Limit { .. }
            | Self::SetLimit { .. }
            | Self::FreezeUser { .. }
            | Self::Lift { .. } => Some(Role::Admin),
        }
    }

    /// Whether the answer to the press tells how it went.
    pub(super) const fn has_a_toast(&self) -> bool {
        match self {
            Self::Accept { .. }
            | Self::SetLimit { .. }
            | Self::FreezeUser { .. }
            | Self::Lift { .. } => true,
            Self::Terms
            | Self::Privacy
            | Self::Support
            | Self::EraseSure
            | Self::EraseNow { .. }
            | Self::Answer { .. }
            | Self::Limits { .. }
            | Self::Limit { .. } => false,
        }
    }

    pub(super) fn encode(&self) -> String {
        match self {
            Self::Accept { version, nonce } => {
                let nonce = nonce.as_ref().map_or("", Nonce::as_str);
                format!("Ga.{}.{nonce}", base36(i64::from(version.0)))
            }
            Self::Terms => "Gt".to_owned(),
            Self::Privacy => "Gp".to_owned(),
            Self::EraseSure => "Ge".to_owned(),
            Self::EraseNow { given_up } => format!("Gx.{}", base36(given_up.as_minor())),
            Self::Support => "Gq".to_owned(),
            Self::Answer { id } => format!("Gr.{}", base36(id.0)),
            Self::Limits { user } => format!("Gl.{}", base36(user.0)),
            Self::Limit { user, limit } => {
                format!("Gv.{}.{}", base36(user.0), limit_letter(*limit))
            }
            Self::SetLimit { user, limit, wish } => {
                let wish = match wish {
                    LimitWish::Most(most) => base36(*most),
                    LimitWish::None => String::new(),
                    LimitWish::AsEverybody => "_".to_owned(),
                };
                format!("Gs.{}.{}.{wish}", base36(user.0), limit_letter(*limit))
            }
            Self::FreezeUser { user } => format!("Gf.{}", base36(user.0)),
            Self::Lift { target } => match target {
                Target::User(user) => format!("Gu.u.{}", base36(user.0)),
                Target::Service(service) => format!("Gu.s.{}", base36(service.0)),
                Target::Provider(provider) => format!("Gu.p.{provider}"),
                Target::All => "Gu.a".to_owned(),
            },
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "Ga" => Self::Accept {
                version: parts.operator()??,
                nonce: match parts.0.next()? {
                    "" => None,
                    nonce => Some(Nonce::from(word(nonce, 32)?)),
                },
            },
            "Gt" => Self::Terms,
            "Gp" => Self::Privacy,
            "Ge" => Self::EraseSure,
            "Gx" => Self::EraseNow {
                given_up: Money::minor(from_base36(parts.0.next()?)?),
            },
            "Gq" => Self::Support,
            "Gr" => Self::Answer {
                id: SupportId(from_base36(parts.0.next()?)?),
            },
            "Gl" => Self::Limits { user: user(parts)? },
            "Gv" => Self::Limit {
                user: user(parts)?,
                limit: limit(parts)?,
            },
            "Gs" => Self::SetLimit {
                user: user(parts)?,
                limit: limit(parts)?,
                wish: wish(parts)?,
            },
            "Gf" => Self::FreezeUser { user: user(parts)? },
            "Gu" => Self::Lift {
                target: target(parts)?,
            },
            _ => return None,
        })
    }
}
