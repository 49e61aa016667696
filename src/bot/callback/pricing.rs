//! What the buttons of prices and rates ask for.
//!
//! Invariant: as for all buttons: what is read here was written here. A price never stands in a
//! button that applies it: that one carries a nonce.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::bot::callback::payload::{Parts, base36};
use crate::bot::callback::{Iso2, OperatorTag};
use crate::domain::id::Nonce;
use crate::domain::money::Money;
use crate::domain::pricing::promotion::Off;
use crate::shop::browse::ServiceId;
use crate::shop::prices::browse::Dimension;

/// The country of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// That of what is in none.
    Nowhere,
    /// One country.
    Country(Iso2),
}

/// A scope, small enough for a button. Upstreams go by the tags of their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeTag {
    /// One upstream.
    pub provider: Option<OperatorTag>,
    /// One country.
    pub place: Option<Place>,
    /// One service.
    pub service: Option<ServiceId>,
}

/// A part of a markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The percentage.
    Percent,
    /// The fixed part.
    Fixed,
    /// The step.
    Step,
    /// The minimum margin.
    Minimum,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Percent, Self::Fixed, Self::Step, Self::Minimum];

    const fn letter(self) -> &'static str {
        match self {
            Self::Percent => "p",
            Self::Fixed => "f",
            Self::Step => "s",
            Self::Minimum => "m",
        }
    }

    fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.letter() == letter)
    }
}

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PricingPress {
    /// The first screen.
    Board,
    /// A scope in full.
    Scope(ScopeTag),
    /// The parts of a scope.
    List {
        /// Of which.
        scope: ScopeTag,
        /// Which parts.
        by: Dimension,
        /// From 0.
        page: usize,
    },
    /// Common values for a part of a markup.
    Ask {
        /// Where.
        scope: ScopeTag,
        /// Which part.
        part: Part,
    },
    /// A preview of one of them.
    Set {
        /// Where.
        scope: ScopeTag,
        /// Which part.
        part: Part,
        /// Whole percent, or minor units.
        value: i64,
    },
    /// Asks for another value.
    Other {
        /// Where.
        scope: ScopeTag,
        /// Which part.
        part: Part,
    },
    /// A preview without the rule.
    Remove(ScopeTag),
    /// How much shall be off?
    Off(ScopeTag),
    /// Asks for another amount off.
    OtherOff(ScopeTag),
    /// Until when?
    Until {
        /// Where.
        scope: ScopeTag,
        /// How much.
        off: Off,
        /// In how many days it starts.
        start: u32,
    },
    /// Asks for another time.
    OtherUntil {
        /// Where.
        scope: ScopeTag,
        /// How much.
        off: Off,
    },
    /// A preview of a promotion.
    Promote {
        /// Where.
        scope: ScopeTag,
        /// How much.
        off: Off,
        /// In how many days it starts.
        start: u32,
        /// For how many days.
        days: u32,
    },
    /// A preview without the promotion.
    EndPromotion(ScopeTag),
    /// The rules.
    Rules {
        /// From 0.
        page: usize,
    },
    /// The promotions.
    Promotions {
        /// From 0.
        page: usize,
    },
    /// The history.
    History {
        /// From 0.
        page: usize,
    },
    /// A preview of a change taken back.
    Undo {
        /// Which.
        id: i64,
    },
    /// Lets a draft take effect.
    Apply {
        /// Its key.
        nonce: Nonce,
    },
    /// The rates.
    Rates,
    /// One rate.
    Rate(String),
    /// A preview of another rate.
    SetRate {
        /// ISO 4217 code.
        currency: String,
        /// Wallet units for one.
        rate: Decimal,
    },
    /// Asks for another rate.
    OtherRate(String),
    /// A preview with the rate of the settings.
    ForgetRate(String),
}

impl PricingPress {
    /// Whether the answer to the press tells how it went.
    pub(super) const fn has_a_toast(&self) -> bool {
        matches!(self, Self::Apply { .. })
    }

    /// As it stands in a payload, and in the note of a question.
    pub(crate) fn encode(&self) -> String {
        match self {
            Self::Board => "Pb".to_owned(),
            Self::Scope(scope) => format!("Ps.{}", scope.encode()),
            Self::List { scope, by, page } => {
                format!("Pl.{}.{}.{page}", scope.encode(), letter_of(*by))
            }
            Self::Ask { scope, part } => format!("Pa.{}.{}", scope.encode(), part.letter()),
            Self::Set { scope, part, value } => {
                format!("Pv.{}.{}.{}", scope.encode(), part.letter(), base36(*value))
            }
            Self::Other { scope, part } => format!("Po.{}.{}", scope.encode(), part.letter()),
            Self::Remove(scope) => format!("Pr.{}", scope.encode()),
            Self::Off(scope) => format!("Pf.{}", scope.encode()),
            Self::OtherOff(scope) => format!("Pg.{}", scope.encode()),
            Self::Until { scope, off, start } => {
                format!("Pu.{}.{}.{start}", scope.encode(), off_text(*off))
            }
            Self::OtherUntil { scope, off } => {
                format!("Pw.{}.{}", scope.encode(), off_text(*off))
            }
            Self::Promote {
                scope,
                off,
                start,
                days,
            } => format!("Pp.{}.{}.{start}.{days}", scope.encode(), off_text(*off)),
            Self::EndPromotion(scope) => format!("Pe.{}", scope.encode()),
            Self::Rules { page } => format!("PR.{page}"),
            Self::Promotions { page } => format!("PP.{page}"),
            Self::History { page } => format!("Ph.{page}"),
            Self::Undo { id } => format!("Px.{}", base36(*id)),
            Self::Apply { nonce } => format!("P.{nonce}"),
            Self::Rates => "Pm".to_owned(),
            Self::Rate(currency) => format!("Pc.{currency}"),
            Self::SetRate { currency, rate } => {
                let (digits, scale) = parts_of(*rate);
                format!("Pt.{currency}.{}.{scale}", base36(digits))
            }
            Self::OtherRate(currency) => format!("Pn.{currency}"),
            Self::ForgetRate(currency) => format!("Pk.{currency}"),
        }
    }

    /// Reads what a question's note holds.
    pub(crate) fn from_note(note: &str) -> Option<Self> {
        let mut parts = note.split('.');
        let what = parts.next()?;
        let read = Self::decode(what, &mut Parts(&mut parts))?;
        parts.next().is_none().then_some(read)
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "Pb" => Self::Board,
            "Ps" => Self::Scope(parts.scope()?),
            "Pl" => Self::List {
                scope: parts.scope()?,
                by: dimension(parts.0.next()?)?,
                page: parts.page()?,
            },
            "Pa" => Self::Ask {
                scope: parts.scope()?,
                part: Part::from_letter(parts.0.next()?)?,
            },
            "Pv" => Self::Set {
                scope: parts.scope()?,
                part: Part::from_letter(parts.0.next()?)?,
                value: parts.number()?,
            },
            "Po" => Self::Other {
                scope: parts.scope()?,
                part: Part::from_letter(parts.0.next()?)?,
            },
            "Pr" => Self::Remove(parts.scope()?),
            "Pf" => Self::Off(parts.scope()?),
            "Pg" => Self::OtherOff(parts.scope()?),
            "Pu" => Self::Until {
                scope: parts.scope()?,
                off: parts.off()?,
                start: parts.count()?,
            },
            "Pw" => Self::OtherUntil {
                scope: parts.scope()?,
                off: parts.off()?,
            },
            "Pp" => Self::Promote {
                scope: parts.scope()?,
                off: parts.off()?,
                start: parts.count()?,
                days: parts.count()?,
            },
            "Pe" => Self::EndPromotion(parts.scope()?),
            _ => return Self::decode_rest(what, parts),
        })
    }

    fn decode_rest(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "PR" => Self::Rules {
                page: parts.page()?,
            },
            "PP" => Self::Promotions {
                page: parts.page()?,
            },
            "Ph" => Self::History {
                page: parts.page()?,
            },
            "Px" => Self::Undo {
                id: parts.number()?,
            },
            "P" => Self::Apply {
                nonce: parts.nonce()?,
            },
            "Pm" => Self::Rates,
            "Pc" => Self::Rate(parts.currency()?),
            "Pt" => Self::SetRate {
                currency: parts.currency()?,
                rate: parts.decimal()?,
            },
            "Pn" => Self::OtherRate(parts.currency()?),
            "Pk" => Self::ForgetRate(parts.currency()?),
            _ => return None,
        })
    }
}

impl ScopeTag {
    fn encode(self) -> String {
        let provider = self
            .provider
            .map_or(String::new(), |tag| base36(tag.0.into()));
        let place = match &self.place {
            None => "",
            Some(Place::Nowhere) => "@",
            Some(Place::Country(country)) => country.as_str(),
        };
        let service = self.service.map_or(String::new(), |id| base36(id.0));
        format!("{provider}.{place}.{service}")
    }
}

const fn letter_of(by: Dimension) -> &'static str {
    match by {
        Dimension::Provider => "p",
        Dimension::Country => "c",
        Dimension::Service => "s",
    }
}

fn dimension(letter: &str) -> Option<Dimension> {
    let all = [Dimension::Provider, Dimension::Country, Dimension::Service];
    all.into_iter().find(|by| letter_of(*by) == letter)
}

/// Percent in hundredths, for nobody takes less off.
fn off_text(off: Off) -> String {
    match off {
        Off::Percent(percent) => {
            let hundredths = (percent * Decimal::ONE_HUNDRED).trunc().to_i64();
            format!("p.{}", base36(hundredths.unwrap_or(0)))
        }
        Off::Fixed(amount) => format!("f.{}", base36(amount.as_minor())),
    }
}

/// The digits of a rate and where its point stands; nought for one with more digits than fit.
fn parts_of(rate: Decimal) -> (i64, u32) {
    let rate = rate.normalize();
    i64::try_from(rate.mantissa()).map_or((0, 0), |digits| (digits, rate.scale()))
}

impl Parts<'_, '_> {
    fn scope(&mut self) -> Option<ScopeTag> {
        Some(ScopeTag {
            provider: self.operator()?,
            place: match self.0.next()? {
                "" => None,
                "@" => Some(Place::Nowhere),
                code => Some(Place::Country(Iso2::new(code)?)),
            },
            service: self.some_service()?,
        })
    }

    fn off(&mut self) -> Option<Off> {
        let kind = self.0.next()?;
        let value = self.number()?;
        match kind {
            "p" => Some(Off::Percent(Decimal::new(value, 2).normalize())),
            "f" => Some(Off::Fixed(Money::minor(value))),
            _ => None,
        }
    }

    fn decimal(&mut self) -> Option<Decimal> {
        let digits = self.number()?;
        let scale = self.count()?;
        let rate = Decimal::try_new(digits, scale).ok()?;
        // Another way to write the same number was not written by us.
        (parts_of(rate) == (digits, scale)).then_some(rate)
    }
}
