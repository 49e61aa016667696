//! Names of the market: services, countries and operators, and the many ways upstreams spell them.
//!
//! Invariant: matching is exact after normalising; nothing is guessed. What matches nothing keeps
//! its own name, so a new service is sold before anybody has heard of it.

use std::collections::HashMap;
use std::sync::LazyLock;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166 alpha-2 code in capitals.
    pub iso2: String,
    /// The English name.
    pub name: String,
    /// The dialling code without `+`.
    pub dial_code: String,
}

impl Country {
    /// The flag, as the two regional indicator letters that phones draw as one.
    #[must_use]
    pub fn flag(&self) -> String {
        flag(&self.iso2)
    }
}

/// The flag of an ISO 3166 alpha-2 code; empty for anything else.
#[must_use]
pub fn flag(iso2: &str) -> String {
    const REGIONAL_INDICATOR_A: u32 = 0x1F1E6;
    if iso2.len() != 2 || !iso2.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return String::new();
    }
    iso2.bytes()
        .filter_map(|byte| char::from_u32(REGIONAL_INDICATOR_A + u32::from(byte - b'A')))
        .collect()
}

/// The shipped facts.
#[derive(Debug)]
pub struct Market {
    services: Vec<Service>,
    service_by_alias: HashMap<String, usize>,
    countries: Vec<Country>,
    country_by_alias: HashMap<String, usize>,
    operator_by_alias: HashMap<(String, String), String>,
}

/// The facts shipped with the binary (`data/*.tsv`).
pub static MARKET: LazyLock<Market> = LazyLock::new(|| {
    Market::read(
        include_str!("../../data/services.tsv"),
        include_str!("../../data/countries.tsv"),
        include_str!("../../data/operators.tsv"),
    )
});

impl Market {
    fn read(services: &str, countries: &str, operators: &str) -> Self {
        let mut market = Self {
            services: Vec::new(),
            service_by_alias: HashMap::new(),
            countries: Vec::new(),
            country_by_alias: HashMap::new(),
            operator_by_alias: HashMap::new(),
        };
        for row in rows(services) {
            market.add_service(&row);
        }
        for row in rows(countries) {
            market.add_country(&row);
        }
        for row in rows(operators) {
            let [iso2, operator, aliases] = columns(&row);
            for alias in aliases.split(';').chain([operator]) {
                market
                    .operator_by_alias
                    .insert((iso2.to_owned(), normalise(alias)), operator.to_owned());
            }
        }
        market
    }

    fn add_service(&mut self, row: &[&str]) {
        let [code, name, aliases, kind, popular] = columns(row);
        let index = self.services.len();
        self.services.push(Service {
            key: code.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            popular: popular.parse().ok(),
        });
        // A name belongs to its service even where another one lists it as an alias.
        self.service_by_alias.insert(normalise(name), index);
        for alias in aliases.split(';') {
            let alias = normalise(alias);
            if !alias.is_empty() {
                self.service_by_alias.entry(alias).or_insert(index);
            }
        }
    }

    fn add_country(&mut self, row: &[&str]) {
        let [_, iso2, iso3, name, dial_code, aliases] = columns(row);
        let index = match self.countries.iter().position(|known| known.iso2 == iso2) {
            Some(index) => index,
            None => {
                self.countries.push(Country {
                    iso2: iso2.to_owned(),
                    name: name.to_owned(),
                    dial_code: dial_code.to_owned(),
                });
                self.countries.len() - 1
            }
        };
        for alias in aliases.split(';').chain([iso2, iso3, name]) {
            let alias = normalise(alias);
            if !alias.is_empty() {
                self.country_by_alias.entry(alias).or_insert(index);
            }
        }
    }

    /// The service that an upstream calls `name`. An unknown one keeps its own name, under a key
    /// made of it.
    #[must_use]
    pub fn service(&self, name: &str) -> Service {
        if let Some(known) = self
            .service_by_alias
            .get(&normalise(name))
            .and_then(|index| self.services.get(*index))
        {
            return known.clone();
        }
        let slug = normalise(name);
        Service {
            key: format!("{OWN}{slug}"),
            name: name.trim().to_owned(),
            kind: String::new(),
            popular: None,
        }
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

/// Letters and digits only, in lower case: `Whats-App ` and `whatsapp` are one word.
#[must_use]
pub fn normalise(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split('\t').collect())
}

/// The first `N` columns; a short row reads as empty in what it lacks.
fn columns<'a, const N: usize>(row: &[&'a str]) -> [&'a str; N] {
    std::array::from_fn(|index| row.get(index).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_service_meet() {
        for name in ["WhatsApp", "whatsapp", "Whats App", " WHATSAPP "] {
            assert_eq!(MARKET.service(name).key, "wa", "{name}");
        }
        assert_eq!(MARKET.service("Telegram").key, "tg");
        assert_eq!(MARKET.service("Shopee").name, "Shopee");
    }

    #[test]
    fn an_unknown_service_keeps_its_name() {
        let service = MARKET.service(" Zzyx Loans 9 ");
        assert_eq!(service.name, "Zzyx Loans 9");
        assert_eq!(service.key, "own:zzyxloans9");
    }

    #[test]
    fn countries_and_operators_have_one_name() {
        for name in ["Wakanda (Indo)", "indo", "Indonesia", "ID"] {
            assert_eq!(MARKET.country(name).unwrap().iso2, "ID", "{name}");
        }
        assert_eq!(MARKET.country("ID").unwrap().flag(), "🇮🇩");
        assert!(MARKET.country("Atlantis").is_none());
        assert_eq!(MARKET.operator("ID", "TSEL"), "Telkomsel");
        assert_eq!(MARKET.operator("ID", "telkomsel"), "Telkomsel");
        assert_eq!(MARKET.operator("ID", "novacell"), "novacell");
    }
}
