//! Names of the market: services, countries and operators, and the many ways upstreams spell them.
//!
//! Invariant: matching is exact after normalising; nothing is guessed. What matches nothing keeps
//! its own name, so a new service is sold before anybody has heard of it.

pub mod denied;
mod policy;
pub mod spelling;
pub mod table;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::denied::DeniedNames;
use self::policy::Policy;
use self::spelling::{normalise, without_price};
use self::table::{BadRow, Rows, TableKind};

/// A service that is known by a canonical key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The canonical key: the sms-activate family's code where there is one.
    pub key: String,
    /// The name people know.
    pub name: String,
    /// What kind of business it is: `messenger`, `bank`.
    pub kind: String,
    /// 1 for the most asked for; `None` beyond the known top.
    pub popular: Option<u32>,
}

/// How the keys begin of services that only upstreams know.
const OWN: &str = "own:";

impl Service {
    /// Whether only upstreams know it, so that its key is made of its name.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.key.starts_with(OWN)
    }
}

/// A country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166 alpha-2 code in capitals; one that ISO leaves to its users ([`own_codes`]) for a
    /// country that only upstreams know.
    pub iso2: String,
    /// The English name.
    pub name: String,
    /// Names in other languages, by language tag.
    pub names: BTreeMap<String, String>,
    /// The dialling code without `+`.
    pub dial_code: String,
}

impl Country {
    /// A country of which nothing is known but a name.
    #[must_use]
    pub fn named(iso2: &str, name: &str) -> Self {
        Self {
            iso2: iso2.to_owned(),
            name: name.trim().to_owned(),
            ..Self::default()
        }
    }

    /// The flag, as the two regional indicator letters that phones draw as one; a globe for what
    /// has no flag.
    #[must_use]
    pub fn flag(&self) -> String {
        const REGIONAL_INDICATOR_A: u32 = 0x1F1E6;
        let has_flag = self.iso2.len() == 2
            && self.iso2.bytes().all(|byte| byte.is_ascii_uppercase())
            && !is_own_code(&self.iso2);
        if !has_flag {
            return "🌐".to_owned();
        }
        self.iso2
            .bytes()
            .filter_map(|byte| char::from_u32(REGIONAL_INDICATOR_A + u32::from(byte - b'A')))
            .collect()
    }

    /// The name in a language, by its tag; the English one where there is no other.
    #[must_use]
    pub fn name_in(&self, language: &str) -> &str {
        self.names.get(language).unwrap_or(&self.name)
    }
}

/// The codes that ISO 3166 leaves to its users.
pub fn own_codes() -> impl Iterator<Item = String> {
    let q = ('M'..='Z').map(|second| format!("Q{second}"));
    let x = ('A'..='Z').map(|second| format!("X{second}"));
    q.chain(x).filter(|code| is_own_code(code))
}

/// Whether a country's code is one of [`own_codes`]. Kosovo goes by one of them everywhere.
#[must_use]
pub fn is_own_code(iso2: &str) -> bool {
    matches!(iso2.as_bytes(), [b'Q', b'M'..=b'Z'] | [b'X', b'A'..=b'Z']) && iso2 != "XK"
}

/// What is known of the market.
#[derive(Clone, Default)]
pub struct Market {
    services: Vec<Service>,
    service_by_key: HashMap<String, usize>,
    service_by_alias: HashMap<String, usize>,
    /// Every name of a service as it is written, the one that people know first.
    spellings: Vec<(usize, String)>,
    /// Provider and its code → service, where a provider's numbering is known.
    service_by_code: HashMap<(String, String), usize>,
    countries: Vec<Country>,
    country_by_alias: HashMap<String, usize>,
    operator_by_alias: HashMap<(String, String), String>,
    policy: Policy,
}

/// How much is known; the whole of it would fill pages.
impl std::fmt::Debug for Market {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Market")
            .field("services", &self.services.len())
            .field("countries", &self.countries.len())
            .field("operators", &self.operator_by_alias.len())
            .finish_non_exhaustive()
    }
}

impl Market {
    /// The facts that come with the binary (`data/*.tsv`).
    #[must_use]
    pub fn shipped() -> Self {
        let mut market = Self::default();
        for kind in TableKind::ALL {
            let added = market.add(kind, kind.shipped());
            debug_assert!(added.is_ok(), "{kind:?}: {added:?}");
        }
        market
    }

    /// Adds the rows of a table. A row whose code is known changes what was known: what it fills
    /// in replaces, and its aliases come first from now on.
    ///
    /// # Errors
    /// [`BadRow`], the first one; the rows above it are added.
    pub fn add(&mut self, kind: TableKind, text: &str) -> Result<(), BadRow> {
        // Among the rows of one table the first that claims an alias has it.
        let mut claimed = HashSet::new();
        for row in Rows::read(kind, text)? {
            let row = row?;
            let line = row.line;
            let added = match kind {
                TableKind::Services => self.add_service(&row, &mut claimed),
                TableKind::Countries => self.add_country(&row, &mut claimed),
                TableKind::Operators => self.add_operator(&row),
                TableKind::Codes => self.add_code(&row),
                TableKind::Policy => self.policy.add(&row),
            };
            added.map_err(|reason| BadRow { line, reason })?;
        }
        Ok(())
    }

    fn add_service(
        &mut self,
        row: &table::Row<'_>,
        claimed: &mut HashSet<String>,
    ) -> Result<(), String> {
        let key = row.needed("code")?;
        let popular = match row.get("popular") {
            "" => None,
            rank => Some(rank.parse().map_err(|_| format!("`{rank}` is no rank"))?),
        };
        let kind = row.get("kind");
        if !kind.is_empty() && !table::KINDS.contains(&kind) {
            return Err(format!(
                "`{kind}` is none of the kinds {}",
                table::KINDS.join(", ")
            ));
        }
        let index = match self.service_by_key.get(key) {
            Some(index) => *index,
            None => {
                self.services.push(Service {
                    key: key.to_owned(),
                    name: row.needed("name")?.to_owned(),
                    kind: String::new(),
                    popular: None,
                });
                self.service_by_key
                    .insert(key.to_owned(), self.services.len() - 1);
                self.services.len() - 1
            }
        };
        let Some(service) = self.services.get_mut(index) else {
            return Ok(());
        };
        replace(&mut service.name, row.get("name"));
        replace(&mut service.kind, kind);
        service.popular = popular.or(service.popular);
        let written = [row.get("name")]
            .into_iter()
            .chain(row.get("aliases").split(';'));
        let written = written.filter(|name| !name.is_empty());
        self.spellings
            .extend(written.map(|name| (index, name.to_owned())));
        // A name belongs to its service even where another one lists it as an alias.
        self.service_by_alias
            .insert(normalise(&service.name), index);
        for alias in row.aliases() {
            if !self.is_service_name(&alias) && claimed.insert(alias.clone()) {
                self.service_by_alias.insert(alias, index);
            }
        }
        Ok(())
    }

    /// Whether this is the name of the service that it leads to.
    fn is_service_name(&self, normalised: &str) -> bool {
        let index = self.service_by_alias.get(normalised);
        index
            .and_then(|index| self.services.get(*index))
            .is_some_and(|service| normalise(&service.name) == normalised)
    }

    fn add_country(
        &mut self,
        row: &table::Row<'_>,
        claimed: &mut HashSet<String>,
    ) -> Result<(), String> {
        let iso2 = row.needed("iso2")?;
        table::check_iso2(iso2)?;
        let dial_code = row.get("dial_code");
        if !dial_code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("`{dial_code}` is no dialling code: digits only"));
        }
        let known = self.countries.iter().position(|known| known.iso2 == iso2);
        let index = match known {
            Some(index) => index,
            None => {
                let name = row.needed("name_en")?;
                self.countries.push(Country::named(iso2, name));
                self.countries.len() - 1
            }
        };
        let Some(country) = self.countries.get_mut(index) else {
            return Ok(());
        };
        replace(&mut country.name, row.get("name_en"));
        replace(&mut country.dial_code, dial_code);
        for (language, name) in row.names() {
            if language != "en" && !name.is_empty() {
                country.names.insert(language.to_owned(), name.to_owned());
            }
        }
        let names = row.names().map(|(_, name)| name);
        let names = [iso2, row.get("iso3")].into_iter().chain(names);
        let aliases = names.map(normalise).chain(row.aliases());
        for alias in aliases.filter(|alias| !alias.is_empty()) {
            if claimed.insert(alias.clone()) {
                self.country_by_alias.insert(alias, index);
            }
        }
        Ok(())
    }

    fn add_operator(&mut self, row: &table::Row<'_>) -> Result<(), String> {
        let iso2 = row.needed("iso2")?;
        table::check_iso2(iso2)?;
        let operator = row.needed("operator")?;
        for alias in row.aliases().chain([normalise(operator)]) {
            self.operator_by_alias
                .insert((iso2.to_owned(), alias), operator.to_owned());
        }
        Ok(())
    }

    fn add_code(&mut self, row: &table::Row<'_>) -> Result<(), String> {
        let (provider, code) = (row.needed("provider")?, row.needed("code")?);
        let service = row.needed("service")?;
        let index = *self
            .service_by_key
            .get(service)
            .ok_or_else(|| format!("there is no service with the code `{service}`"))?;
        self.service_by_code
            .insert((provider.to_owned(), code.to_owned()), index);
        Ok(())
    }

    /// The service that an upstream sells under a code and a name. The name wins; the code counts
    /// only where this provider's numbering is known, or where it is all that there is. An unknown
    /// service keeps its own name, under a key made of it.
    #[must_use]
    pub fn service(&self, provider: &str, code: &str, name: &str) -> Service {
        if let Some(known) = self.service_named(name) {
            return known.clone();
        }
        let by_code = (provider.to_owned(), code.to_owned());
        let nameless = name.is_empty() || name == code;
        let known = self
            .service_by_code
            .get(&by_code)
            .or_else(|| self.service_by_key.get(code).filter(|_| nameless))
            .and_then(|index| self.services.get(*index));
        if let Some(known) = known {
            return known.clone();
        }
        let name = without_price(name);
        Service {
            key: own_key(name),
            name: name.to_owned(),
            kind: String::new(),
            popular: None,
        }
    }

    /// The service with a key, where it is known.
    #[must_use]
    pub fn known(&self, key: &str) -> Option<&Service> {
        let index = self.service_by_key.get(key)?;
        self.services.get(*index)
    }

    /// The same for a name that may be a site's: `www.telegram.com` is Telegram.
    #[must_use]
    pub fn service_or_site(&self, provider: &str, code: &str, name: &str) -> Service {
        let site = name.trim().trim_start_matches("www.");
        let known = match site.split_once('.') {
            Some((label, rest)) if !rest.contains(' ') => self.service_named(label),
            Some(_) | None => None,
        };
        known
            .filter(|_| self.service_named(name).is_none())
            .cloned()
            .unwrap_or_else(|| self.service(provider, code, name))
    }

    /// Whether a service must not be sold, by its key, its name and its kind of business. One that
    /// only upstreams know has no more than its name.
    #[must_use]
    pub fn denies(&self, key: &str, name: &str, kind: &str) -> bool {
        self.policy.denies(key, name, kind)
    }

    /// The names of the services that must not be sold, to be looked for in messages.
    #[must_use]
    pub fn denied_names(&self) -> DeniedNames {
        let mut names = DeniedNames::default();
        for (index, name) in &self.spellings {
            let Some(service) = self.services.get(*index) else {
                continue;
            };
            if self.denies(&service.key, &service.name, &service.kind) {
                let counts = self.policy.counts(name);
                names.add(&service.key, &service.name, name, counts);
            }
        }
        names
    }

    /// Every name of a service, as it is written.
    pub fn spellings(&self, key: &str) -> impl Iterator<Item = &str> {
        let index = self.service_by_key.get(key).copied();
        let all = self.spellings.iter();
        all.filter(move |(of, _)| Some(*of) == index)
            .map(|(_, name)| name.as_str())
    }

    /// The service of that name or alias, with or without a price behind it.
    #[must_use]
    pub fn service_named(&self, name: &str) -> Option<&Service> {
        let index = self
            .service_by_alias
            .get(&normalise(name))
            .or_else(|| self.service_by_alias.get(&normalise(without_price(name))))?;
        self.services.get(*index)
    }

    /// The key of a service by what an admin types: its key, its name or an alias. That of an
    /// unknown service is made of its name.
    #[must_use]
    pub fn service_key(&self, typed: &str) -> String {
        if self.service_by_key.contains_key(typed) || typed.starts_with(OWN) {
            return typed.to_owned();
        }
        self.service_named(typed).map_or_else(
            || own_key(without_price(typed)),
            |service| service.key.clone(),
        )
    }

    /// Every alias with the key of its service.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.service_by_alias.iter().filter_map(|(alias, index)| {
            let service = self.services.get(*index)?;
            Some((alias.as_str(), service.key.as_str()))
        })
    }

    /// The country of that name, alias or ISO code.
    #[must_use]
    pub fn country(&self, name: &str) -> Option<&Country> {
        let index = self.country_by_alias.get(&normalise(name))?;
        self.countries.get(*index)
    }

    /// The operator's usual name in a country; an unknown one keeps the upstream's spelling.
    #[must_use]
    pub fn operator(&self, iso2: &str, name: &str) -> String {
        self.operator_by_alias
            .get(&(iso2.to_owned(), normalise(name)))
            .cloned()
            .unwrap_or_else(|| name.trim().to_owned())
    }
}

fn own_key(name: &str) -> String {
    format!("{OWN}{}", normalise(name))
}

/// An empty cell leaves what was known.
fn replace(known: &mut String, cell: &str) {
    if !cell.is_empty() {
        cell.clone_into(known);
    }
}

#[cfg(test)]
mod tests;
