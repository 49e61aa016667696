//! To whom a message to many goes.
//!
//! Invariant: each word stands for one audience for ever: kept broadcasts and buttons carry it.

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody who can be reached.
    All,
    /// Who came within the last 30 days.
    Active,
    /// Who has money in the wallet.
    Funded,
    /// Who reads this language, by its tag.
    Language(String),
}

/// What begins the word of a language.
const LANGUAGE: &str = "l-";

impl Audience {
    /// As buttons and the database carry it.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Active => "active".to_owned(),
            Self::Funded => "funded".to_owned(),
            Self::Language(tag) => format!("{LANGUAGE}{tag}"),
        }
    }

    /// Reads what [`Audience::word`] wrote.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::All),
            "active" => Some(Self::Active),
            "funded" => Some(Self::Funded),
            _ => {
                let tag = word.strip_prefix(LANGUAGE)?;
                (!tag.is_empty()).then(|| Self::Language(tag.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let language = Audience::Language("id".to_owned());
        for audience in [Audience::All, Audience::Active, Audience::Funded, language] {
            assert_eq!(Audience::from_word(&audience.word()), Some(audience));
        }
        assert_eq!(Audience::from_word("l-"), None);
        assert_eq!(Audience::from_word("nobody"), None);
    }
}
