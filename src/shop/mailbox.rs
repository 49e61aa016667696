//! What mailboxes there are: for which services, at which domains.
//!
//! A mailbox is bought, waited for, cancelled and settled as a number for one code is.
//!
//! Invariant: everything is read from the picture in memory, never from the network.

use crate::domain::market::spelling::normalise;
use crate::domain::money::Money;
use crate::shop::browse::ServiceId;
use crate::shop::buy::Choice;
use crate::shop::catalogue::{Catalogue, Hall, NOWHERE, Offer, Stand};
use crate::shop::habits::Habits;
use crate::shop::{Page, Shop, ShopError};

/// A service that mailboxes are sold for, everywhere or at one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServiceEntry {
    /// Its number.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// The cheapest that is in stock, else the cheapest.
    pub price: Money,
    /// How many addresses there are; `None` where that is not said.
    pub stock: Option<u64>,
}

/// A domain at which mailboxes are sold, for everything or for one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailDomainEntry {
    /// The domain.
    pub domain: String,
    /// The cheapest that is in stock, else the cheapest.
    pub price: Money,
    /// How many addresses there are; `None` where that is not said.
    pub stock: Option<u64>,
}

/// What a mailbox for a service at a domain is, as a choice.
#[must_use]
pub fn choice(service: ServiceId, domain: String) -> Choice {
    Choice {
        service,
        country: NOWHERE.to_owned(),
        operator: Some(domain),
        server: None,
    }
}

impl Shop {
    /// The services that mailboxes are sold for, the user's favourites first, then those most asked
    /// for; with a text those whose name holds it.
    #[must_use]
    pub fn mail_services(
        &self,
        habits: &Habits,
        text: Option<&str>,
        page: usize,
        page_size: usize,
    ) -> Page<MailServiceEntry> {
        let catalogue = self.catalogue();
        let wanted = text.map(normalise);
        let fits = |stand: &&Stand| {
            let name = normalise(&stand.name);
            wanted.as_deref().is_none_or(|wanted| name.contains(wanted))
        };
        let entries = stands(&catalogue).filter(fits);
        let entries = entries.filter_map(|stand| self.mail_service(stand, &|_| true));
        let mut entries: Vec<_> = entries.collect();
        // The sort keeps the order of what is equal.
        entries.sort_by_key(|entry| !habits.is_favourite(entry.id));
        Page::of(entries, page, page_size)
    }

    /// The domains at which mailboxes for a service are sold, cheapest first.
    ///
    /// # Errors
    /// [`ShopError::NotSold`].
    pub fn mail_domains_of(
        &self,
        service: ServiceId,
    ) -> Result<(MailServiceEntry, Vec<MailDomainEntry>), ShopError> {
        let catalogue = self.catalogue();
        let stand = hall(&catalogue).and_then(|hall| hall.stand(service.0));
        let stand = stand.ok_or(ShopError::NotSold)?;
        let entry = self.mail_service(stand, &|_| true);
        let entry = entry.ok_or(ShopError::NotSold)?;
        let mut domains: Vec<_> = domains(stand.offers.iter())
            .into_iter()
            .filter_map(|domain| {
                let here = self.mail_service(stand, &|offer| offer.country_code == domain)?;
                Some(MailDomainEntry {
                    domain,
                    price: here.price,
                    stock: here.stock,
                })
            })
            .collect();
        domains.sort_by_key(|entry| (entry.stock == Some(0), entry.price));
        Ok((entry, domains))
    }

    /// The domains at which any mailbox is sold, by name.
    #[must_use]
    pub fn mail_domains(&self) -> Vec<String> {
        let catalogue = self.catalogue();
        domains(stands(&catalogue).flat_map(|stand| &stand.offers))
    }

    /// The services that mailboxes at a domain are sold for.
    #[must_use]
    pub fn mail_services_at(
        &self,
        domain: &str,
        page: usize,
        page_size: usize,
    ) -> Page<MailServiceEntry> {
        let catalogue = self.catalogue();
        let here = |offer: &Offer| offer.country_code == domain;
        let entries = stands(&catalogue).filter_map(|stand| self.mail_service(stand, &here));
        Page::of(entries.collect(), page, page_size)
    }

    /// What a service costs among some of its offers; `None` where it has none of these.
    fn mail_service(
        &self,
        stand: &Stand,
        wanted: &dyn Fn(&Offer) -> bool,
    ) -> Option<MailServiceEntry> {
        let offers: Vec<&Offer> = stand.offers.iter().filter(|offer| wanted(offer)).collect();
        let mut sold = offers.iter().filter(|offer| self.sells(offer));
        let best = sold.clone().min_by_key(|offer| offer.price);
        let best = best.or(offers.iter().min_by_key(|offer| offer.price))?;
        let stock = sold.try_fold(0_u64, |sum, offer| Some(sum.saturating_add(offer.stock?)));
        Some(MailServiceEntry {
            id: ServiceId(stand.service_id),
            name: stand.name.clone(),
            price: best.price,
            stock,
        })
    }
}

fn hall(catalogue: &Catalogue) -> Option<&Hall> {
    catalogue.mailboxes.get(NOWHERE)
}

fn stands(catalogue: &Catalogue) -> impl Iterator<Item = &Stand> {
    hall(catalogue).into_iter().flat_map(|hall| &hall.stands)
}

/// The domains of some offers, each once.
fn domains<'o>(offers: impl Iterator<Item = &'o Offer>) -> Vec<String> {
    let mut domains: Vec<String> = offers.map(|offer| offer.country_code.clone()).collect();
    domains.sort();
    domains.dedup();
    domains
}
