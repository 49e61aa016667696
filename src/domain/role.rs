//! What people may do in the shop besides buying.
//!
//! Invariant: a higher role may do whatever a lower one may.

use std::fmt;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks, answers, and gives money back up to a limit.
    Support,
    /// Runs the shop.
    Admin,
    /// Runs the shop and says who else does. Named in the settings only.
    Owner,
}

impl Role {
    /// As it is kept and typed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// A role that one can be given: nobody becomes an owner by a command.
    #[must_use]
    pub fn given(word: &str) -> Option<Self> {
        [Self::Support, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_roles_may_do_more_and_nobody_is_made_an_owner() {
        assert!(Role::Support < Role::Admin && Role::Admin < Role::Owner);
        for role in [Role::Support, Role::Admin] {
            assert_eq!(Role::given(role.as_str()), Some(role));
        }
        assert_eq!(Role::given("owner"), None);
        assert_eq!(Role::given("Admin"), None);
    }
}
