//! A change of prices that waits for its Confirm, and the Confirm.
//!
//! Invariant: what is confirmed takes effect only while every other setting, and every price that
//! it changes, is as it was when it was shown; otherwise it is shown again as it is now.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Currency;
use crate::domain::pricing::promotion::{Off, Promotion};
use crate::domain::pricing::{Markup, Scope};
use crate::shop::catalogue::{Catalogue, tariff};
use crate::shop::prices::browse::ScopeName;
use crate::shop::prices::effect::{self, Effect};
use crate::shop::prices::{MarkupChange, PricingError, Setting, Subject, Wish};
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::{price_changes, price_rules, promotions, rates};
use crate::store::{StoreError, Tx, from_ms, intents, prices, to_ms, work};

/// A change that waits for its Confirm.
#[derive(Clone, Debug)]
pub struct PriceDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// What is set.
    pub subject: Subject,
    /// Where; everywhere for a rate.
    pub name: ScopeName,
    /// What stands there now; `None` where nothing does.
    pub old: Option<Setting>,
    /// What applies there now, where that is broader.
    pub inherited: Option<Setting>,
    /// What would stand there.
    pub new: Option<Setting>,
    /// What would apply there, where nothing stood.
    pub falls_back_to: Option<Setting>,
    /// Which change would be taken back.
    pub undoes: Option<i64>,
    /// What it would do.
    pub effect: Effect,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSet {
    /// Its number in the history.
    pub id: i64,
    /// What was set.
    pub subject: Subject,
    /// Where; everywhere for a rate.
    pub name: ScopeName,
    /// To what; `None` where nothing stands there now.
    pub setting: Option<Setting>,
    /// Whether this tap made it.
    pub is_new: bool,
}

/// What became of a Confirm.
#[derive(Clone, Debug)]
pub enum Applied {
    /// It is in effect.
    Set(Box<PriceSet>),
    /// Something is not as it was shown: this is how it is now.
    Again(Box<PriceDraft>),
}

const PRICE: &str = "price";

/// A change, ready to be written.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Change {
    subject: Subject,
    old: Option<Setting>,
    new: Option<Setting>,
    undoes: Option<i64>,
}

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    wish: Wish,
    change: Change,
    version: i64,
    mark: u64,
}

impl Shop {
    /// Previews a change and keeps it under a nonce.
    ///
    /// # Errors
    /// [`ShopError::Markup`], [`ShopError::Pricing`], and [`ShopError::NotSold`] for a provider,
    /// country or service that nobody sells.
    pub async fn draft_price(&self, admin: UserId, wish: Wish) -> Result<PriceDraft, ShopError> {
        let catalogue = self.catalogue();
        let change = self.change_for(&catalogue, &wish).await?;
        let effect = self.effect_of(&catalogue, &change).await?;
        let nonce = Nonce::random();
        let kept = Kept {
            wish,
            change: change.clone(),
            version: catalogue.prices.version,
            mark: effect.mark,
        };
        self.keep_draft(admin, &nonce, PRICE, &kept).await?;
        let around = self.around(&catalogue, &change.subject);
        let (inherited, falls_back_to) = (
            around.clone().filter(|_| change.old.is_none()),
            around.filter(|_| change.new.is_none()),
        );
        Ok(PriceDraft {
            nonce,
            name: self.subject_name(&change.subject).await?,
            subject: change.subject,
            old: change.old,
            inherited,
            new: change.new,
            falls_back_to,
            undoes: change.undoes,
            effect,
        })
    }

    /// Lets a draft take effect, once.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`] for a draft that is unknown, too old or another admin's; where
    /// it has to be shown again, as [`Shop::draft_price`].
    pub async fn set_price(&self, admin: UserId, nonce: &Nonce) -> Result<Applied, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, PRICE).await?;
        if let Some(row) = prices::change_of(self.store.read(), &nonce.0).await? {
            return self.is_set(row.id, kept.change, false).await;
        }
        let catalogue = self.catalogue();
        let effect = self.effect_of(&catalogue, &kept.change).await?;
        let is_as_shown = catalogue.prices.version == kept.version && effect.mark == kept.mark;
        if !is_as_shown {
            return self.show_again(admin, kept.wish).await;
        }
        let written = self.write_change(admin, nonce, &kept).await?;
        let Some((id, is_new)) = written else {
            // Another admin was quicker; this picture does not have it yet.
            self.reload_catalogue().await?;
            return self.show_again(admin, kept.wish).await;
        };
        if is_new {
            log::info!("admin {admin} changed prices: change {id}");
            self.reload_catalogue().await?;
            self.wake.prices.notify_one();
        }
        self.is_set(id, kept.change, is_new).await
    }

    async fn is_set(&self, id: i64, change: Change, is_new: bool) -> Result<Applied, ShopError> {
        Ok(Applied::Set(Box::new(PriceSet {
            id,
            name: self.subject_name(&change.subject).await?,
            subject: change.subject,
            setting: change.new,
            is_new,
        })))
    }

    async fn show_again(&self, admin: UserId, wish: Wish) -> Result<Applied, ShopError> {
        // The future of a draft is large, and this one is rare.
        let again = Box::pin(self.draft_price(admin, wish)).await?;
        Ok(Applied::Again(Box::new(again)))
    }

    /// Writes a change and its line in the history; `None` where something was changed since it
    /// was shown. The flag tells whether this call made it.
    async fn write_change(
        &self,
        admin: UserId,
        nonce: &Nonce,
        kept: &Kept,
    ) -> Result<Option<(i64, bool)>, ShopError> {
        let (change, version) = (kept.change.clone(), kept.version);
        let (key, now_ms) = (nonce.clone(), self.now_ms());
        let line = price_changes::Model {
            id: 0,
            nonce: nonce.0.clone(),
            admin: admin.0,
            at_ms: now_ms,
            subject: json(&change.subject)?,
            old_setting: change.old.as_ref().map(json).transpose()?,
            new_setting: change.new.as_ref().map(json).transpose()?,
            undoes: change.undoes,
        };
        let act = NewAct {
            before: change.old.as_ref().map(ToString::to_string),
            after: change.new.as_ref().map(ToString::to_string),
            reason: change.undoes.map(|id| format!("undoes {id}")),
            ..self
                .books(Cause::Admin(admin))
                .act(admin, Act::Price, change.subject.to_string())
        };
        self.store
            .write(move |tx| {
                work(async move {
                    if let Some(row) = prices::change_of(tx, &key.0).await? {
                        return Ok(Some((row.id, false)));
                    }
                    if prices::version(tx).await? != version {
                        return Ok(None);
                    }
                    intents::mark_used(tx, &key, now_ms).await?;
                    write(tx, &change, admin, now_ms).await?;
                    acts::note(tx, act).await?;
                    let id = prices::note_change(tx, line).await?;
                    Ok::<_, StoreError>(Some((id, true)))
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// What a change would do, reckoned where nobody waits for the core.
    async fn effect_of(
        &self,
        catalogue: &Arc<Catalogue>,
        change: &Change,
    ) -> Result<Effect, ShopError> {
        let settings_rate = match &change.subject {
            Subject::Rate(currency) => self.terms.rates.get(currency).copied(),
            Subject::Rule(_) | Subject::Promotion(_) => None,
        };
        let new = change.new.as_ref();
        let list = effect::changed(&catalogue.prices, &change.subject, new, settings_rate);
        let catalogue = Arc::clone(catalogue);
        let promoted = match &change.subject {
            Subject::Promotion(scope) => Some(scope.clone()),
            Subject::Rule(_) | Subject::Rate(_) => None,
        };
        let effect =
            tokio::task::spawn_blocking(move || Effect::of(&catalogue, &list, promoted.as_ref()));
        Ok(effect.await.map_err(anyhow::Error::from)?)
    }

    /// What applies to a subject besides what is set for exactly it.
    fn around(&self, catalogue: &Catalogue, subject: &Subject) -> Option<Setting> {
        match subject {
            Subject::Rule(scope) => {
                let mut list = catalogue.prices.clone();
                list.rules.retain(|rule| rule.scope != *scope);
                let over = list.rule_over(scope).map(|rule| rule.markup.clone());
                Some(Setting::Markup(over.unwrap_or(list.default)))
            }
            Subject::Promotion(_) => None,
            Subject::Rate(currency) => self.terms.rates.get(currency).copied().map(Setting::Rate),
        }
    }

    /// What a wish comes to, given what is set now.
    async fn change_for(&self, catalogue: &Catalogue, wish: &Wish) -> Result<Change, ShopError> {
        let change = match wish.clone() {
            Wish::Markup(wish) => self.markup_change(catalogue, wish).await?,
            Wish::RemoveRule(scope) => {
                let subject = Subject::Rule(self.known_scope(catalogue, scope)?);
                let old = self.setting(&subject).await?;
                let old = Some(old.ok_or(PricingError::NoRule)?);
                Change::of(subject, old, None)
            }
            Wish::Promote {
                scope,
                off,
                starts_at,
                ends_at,
            } => {
                let scope = self.known_scope(catalogue, scope)?;
                let now = self.now();
                // As exact as it is kept.
                let times = [starts_at.unwrap_or(now), ends_at];
                let times = times.map(|at| from_ms(to_ms(at)));
                let new = Promotion::new(scope.clone(), off, times, now);
                let new = Setting::Promotion(new.map_err(PricingError::from)?);
                let subject = Subject::Promotion(scope);
                let old = self.setting(&subject).await?;
                Change::of(subject, old, Some(new))
            }
            Wish::EndPromotion(scope) => {
                let subject = Subject::Promotion(self.known_scope(catalogue, scope)?);
                let old = self.setting(&subject).await?;
                let old = Some(old.ok_or(PricingError::NoPromotion)?);
                Change::of(subject, old, None)
            }
            Wish::Rate { currency, rate } => {
                let currency = self.rated_currency(catalogue, &currency)?;
                let largest = Decimal::from(Currency::LARGEST_MINOR);
                if rate <= Decimal::ZERO || rate > largest {
                    return Err(PricingError::NoRate.into());
                }
                let subject = Subject::Rate(currency);
                let old = self.setting(&subject).await?;
                Change::of(subject, old, Some(Setting::Rate(rate.normalize())))
            }
            Wish::ForgetRate(currency) => {
                let subject = Subject::Rate(self.rated_currency(catalogue, &currency)?);
                let old = self.setting(&subject).await?;
                let old = Some(old.ok_or(PricingError::NotSet)?);
                Change::of(subject, old, None)
            }
            Wish::Undo(id) => self.undoing(id).await?,
        };
        if change.old == change.new {
            return Err(PricingError::AsItIs.into());
        }
        Ok(change)
    }

    async fn markup_change(
        &self,
        catalogue: &Catalogue,
        wish: MarkupChange,
    ) -> Result<Change, ShopError> {
        let scope = self.known_scope(catalogue, wish.scope)?;
        let subject = Subject::Rule(scope);
        let old = self.setting(&subject).await?;
        // A new rule starts from what applies there until now.
        let base = match old.clone().or_else(|| self.around(catalogue, &subject)) {
            Some(Setting::Markup(markup)) => markup,
            Some(Setting::Promotion(_) | Setting::Rate(_)) | None => self.terms.markup.clone(),
        };
        let markup = Markup::new(
            wish.percent.unwrap_or(base.percent).normalize(),
            wish.fixed.unwrap_or(base.fixed),
            wish.step.unwrap_or(base.step),
        )?;
        let markup = markup.with_minimum(wish.minimum.unwrap_or(base.minimum))?;
        Ok(Change::of(subject, old, Some(Setting::Markup(markup))))
    }

    /// The change that takes another one back.
    async fn undoing(&self, id: i64) -> Result<Change, ShopError> {
        let read = self.store.read();
        let row = prices::change(read, id).await?;
        let row = row.ok_or(PricingError::NoChange)?;
        let last = prices::last_of(read, &row.subject).await?;
        if last.is_none_or(|last| last.id != id) {
            return Err(PricingError::ChangedSince.into());
        }
        let subject: Subject = serde_json::from_str(&row.subject).map_err(StoreError::from)?;
        let old = self.setting(&subject).await?;
        let new = row.old_setting.as_deref().map(read_setting).transpose()?;
        // A promotion whose time is over meanwhile has nothing to come back for.
        let now = self.now();
        let new = new.filter(|setting| match setting {
            Setting::Promotion(promotion) => promotion.ends_at > now,
            Setting::Markup(_) | Setting::Rate(_) => true,
        });
        let undoes = Some(id);
        let change = Change::of(subject, old, new);
        Ok(Change { undoes, ..change })
    }

    /// What is set for exactly this; a promotion that is over counts as none.
    async fn setting(&self, subject: &Subject) -> Result<Option<Setting>, ShopError> {
        let read = self.store.read();
        Ok(match subject {
            Subject::Rule(scope) => {
                let row = prices::rule(read, &scope.to_string()).await?;
                let rule = row.as_ref().and_then(tariff::rule);
                rule.map(|rule| Setting::Markup(rule.markup))
            }
            Subject::Promotion(scope) => {
                let row = prices::promotion(read, &scope.to_string()).await?;
                let promotion = row.as_ref().and_then(tariff::promotion);
                let promotion = promotion.filter(|it| it.ends_at > self.now());
                promotion.map(Setting::Promotion)
            }
            Subject::Rate(currency) => {
                let rows = prices::rates(read).await?;
                let row = rows.iter().find(|row| row.currency == *currency);
                let rate = row.and_then(|row| row.rate.parse().ok());
                rate.map(Setting::Rate)
            }
        })
    }

    /// The scope with the country's code and the service's key in place of what was typed.
    pub(super) fn known_scope(
        &self,
        catalogue: &Catalogue,
        scope: Scope,
    ) -> Result<Scope, ShopError> {
        // What there is a rule for may be out of sale for the moment.
        let mut ruled = catalogue.prices.rules.iter().map(|rule| &rule.scope);
        let mut promoted = catalogue.prices.promotions.iter().map(|it| &it.scope);
        if ruled.any(|known| *known == scope) || promoted.any(|known| *known == scope) {
            return Ok(scope);
        }
        let provider = match scope.provider {
            Some(id) if !self.providers.contains_key(&id) => return Err(ShopError::NotSold),
            provider => provider,
        };
        let country = match scope.country {
            Some(name) => {
                let known = self.terms.market.country(&name);
                let code = known.map_or(name, |country| country.iso2.clone());
                let mut halls = catalogue.all_halls();
                if !halls.any(|(known, _)| *known == code) {
                    return Err(ShopError::NotSold);
                }
                Some(code)
            }
            None => None,
        };
        let service = match scope.service {
            Some(name) => {
                let key = self.terms.market.service_key(&name);
                let stands = catalogue.all_halls().flat_map(|(_, hall)| &hall.stands);
                let known = stands
                    .map(|stand| &stand.key)
                    .find(|known| **known == key || **known == name)
                    .ok_or(ShopError::NotSold)?;
                Some(known.clone())
            }
            None => None,
        };
        Ok(Scope {
            provider,
            country,
            service,
        })
    }
}

impl Change {
    fn of(subject: Subject, old: Option<Setting>, new: Option<Setting>) -> Self {
        Self {
            subject,
            old,
            new,
            undoes: None,
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    Ok(serde_json::to_string(value)?)
}

/// A setting as the history keeps it.
pub(super) fn read_setting(text: &str) -> Result<Setting, StoreError> {
    Ok(serde_json::from_str(text)?)
}

/// Writes what a change sets.
async fn write(tx: &Tx, change: &Change, admin: UserId, now_ms: i64) -> Result<(), StoreError> {
    match (&change.subject, &change.new) {
        (Subject::Rule(scope), Some(Setting::Markup(markup))) => {
            let row = price_rules::Model {
                scope: scope.to_string(),
                provider: scope.provider.as_ref().map(|id| id.0.clone()),
                country: scope.country.clone(),
                service: scope.service.clone(),
                percent: markup.percent.to_string(),
                fixed: markup.fixed.as_minor(),
                step: markup.step.as_minor(),
                minimum: markup.minimum.as_minor(),
                set_by: admin.0,
                set_at_ms: now_ms,
            };
            prices::set_rule(tx, row).await
        }
        (Subject::Promotion(scope), Some(Setting::Promotion(promotion))) => {
            let (percent, amount) = match promotion.off {
                Off::Percent(percent) => (Some(percent.to_string()), None),
                Off::Fixed(amount) => (None, Some(amount.as_minor())),
            };
            let row = promotions::Model {
                scope: scope.to_string(),
                provider: scope.provider.as_ref().map(|id| id.0.clone()),
                country: scope.country.clone(),
                service: scope.service.clone(),
                percent,
                amount,
                starts_at_ms: to_ms(promotion.starts_at),
                ends_at_ms: to_ms(promotion.ends_at),
                set_by: admin.0,
                set_at_ms: now_ms,
            };
            prices::set_promotion(tx, row).await
        }
        (Subject::Rate(currency), Some(Setting::Rate(rate))) => {
            let row = rates::Model {
                currency: currency.clone(),
                rate: rate.to_string(),
                set_by: admin.0,
                set_at_ms: now_ms,
            };
            prices::set_rate(tx, row).await
        }
        (Subject::Rule(scope), _) => prices::remove_rule(tx, &scope.to_string()).await,
        (Subject::Promotion(scope), _) => prices::remove_promotion(tx, &scope.to_string()).await,
        (Subject::Rate(currency), _) => prices::remove_rate(tx, currency).await,
    }
}
