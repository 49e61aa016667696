//! What an order can be for.
//!
//! Invariant: a product says only when it counts as delivered and under which keys it is priced;
//! how an order of it lives and what happens to its money is said once, in
//! [`crate::domain::order`].

use std::fmt;
use std::str::FromStr;

/// A kind of thing that is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// A number for one code.
    Activation,
    /// A number for hours up to a year, with all its SMS.
    Rental,
    /// More time for a rental.
    Renewal,
    /// An address for one code.
    Mailbox,
}

impl Product {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Activation, Self::Rental, Self::Renewal, Self::Mailbox];

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Rental => "rental",
            Self::Renewal => "renewal",
            Self::Mailbox => "mailbox",
        }
    }

    /// Whether what is bought is all that was promised, so that it is paid once it is there: a
    /// number for a time, or more of it. Of the others the SMS or the mail is what is paid for.
    #[must_use]
    pub const fn is_paid_on_arrival(self) -> bool {
        match self {
            Self::Rental | Self::Renewal => true,
            Self::Activation | Self::Mailbox => false,
        }
    }

    /// The product of a service, by the kind that the catalogue keeps with it. Renewals are sold
    /// from the shelf of the rentals.
    #[must_use]
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "rental" => Self::Rental,
            "mailbox" => Self::Mailbox,
            _ => Self::Activation,
        }
    }
}

impl Product {
    /// The product of a service, by its key.
    #[must_use]
    pub fn of_key(key: &str) -> Self {
        if hours_of(key).is_some() {
            Self::Rental
        } else if mailbox_service(key).is_some() {
            Self::Mailbox
        } else {
            Self::Activation
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The database holds a word that is no product.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no product")]
pub struct UnknownProduct(pub String);

impl FromStr for Product {
    type Err = UnknownProduct;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|product| product.as_str() == word)
            .ok_or_else(|| UnknownProduct(word.to_owned()))
    }
}

const RENTAL_KEY: &str = "rental-";
const MAILBOX_KEY: &str = "mail-";

/// The key under which a rental's duration stands in the catalogue and in price rules.
#[must_use]
pub fn rental_key(hours: u32) -> String {
    format!("{RENTAL_KEY}{hours}h")
}

/// The duration of such a key.
#[must_use]
pub fn hours_of(rental_key: &str) -> Option<u32> {
    rental_key
        .strip_prefix(RENTAL_KEY)?
        .strip_suffix('h')?
        .parse()
        .ok()
}

/// A duration in English, for admins and logs; users read it in their language.
#[must_use]
pub fn duration_name(hours: u32) -> String {
    match (hours / 24, hours % 24) {
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        (_, _) => format!("{hours} hours"),
    }
}

/// The key under which a mailbox for a service stands in the catalogue and in price rules.
#[must_use]
pub fn mailbox_key(service_key: &str) -> String {
    format!("{MAILBOX_KEY}{service_key}")
}

/// The key of the service that such a mailbox is for.
#[must_use]
pub fn mailbox_service(key: &str) -> Option<&str> {
    key.strip_prefix(MAILBOX_KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_keys_read_back() {
        for product in Product::ALL {
            assert_eq!(product.as_str().parse(), Ok(product));
        }
        assert!("nonsense".parse::<Product>().is_err());
        for kind in [Product::Rental, Product::Mailbox] {
            assert_eq!(Product::of_kind(kind.as_str()), kind);
        }
        assert_eq!(Product::of_kind("messenger"), Product::Activation);
        assert_eq!(hours_of(&rental_key(720)), Some(720));
        assert_eq!(mailbox_service(&mailbox_key("wa")), Some("wa"));
        assert_eq!(Product::of_key(&rental_key(720)), Product::Rental);
        assert_eq!(Product::of_key(&mailbox_key("wa")), Product::Mailbox);
        assert_eq!(Product::of_key("wa"), Product::Activation);
        for key in ["rental-", "rental-h", "rental--1h", "wa"] {
            assert_eq!(hours_of(key), None, "{key}");
        }
    }
}
