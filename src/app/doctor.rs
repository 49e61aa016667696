//! `numshop doctor`: checks everything that a start needs, online, and says what to do.
//!
//! Invariant: it buys nothing and sends no message.

use std::path::Path;

use crate::app::{providers, safety, source};
use crate::bot;
use crate::config::Config;
use crate::provider::Provider;
use crate::store::Store;

/// What an operator reads while nothing is sold.
pub(super) const RECOVERING: &str = "this may be an older copy of the database, so nothing is sold until an admin sends /recovery done to the bot";

/// Checks one thing after the other; `true` where all is well.
///
/// # Errors
/// A setting that cannot be read: nothing else can be checked then.
pub async fn run(env_file: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let config = Config::from_source(&source(env_file)?)?;
    say("settings   ok");
    let mut well = true;
    let mut report = |what: &str, found: Result<String, String>| match found {
        Ok(found) => say(&format!("{what:<10} ok: {found}")),
        Err(problem) => {
            well = false;
            say(&format!("{what:<10} NOT OK: {problem}"));
        }
    };
    let findings = safety::findings(env_file, &config);
    if findings.is_empty() {
        report("safety", Ok("the settings are yours alone".into()));
    }
    for finding in findings {
        report("safety", Err(finding));
    }
    report("database", database(&config).await);
    report("telegram", telegram(&config).await);
    for provider in providers(&config.upstreams)? {
        let id = provider.id().to_string();
        report(&id, upstream(provider.as_ref()).await);
    }
    Ok(well)
}

async fn database(config: &Config) -> Result<String, String> {
    let key = config.data_key.clone().into();
    let store = Store::open(&config.database_url, &key)
        .await
        .map_err(|error| error.to_string())?;
    let audited = crate::store::audit::audit(store.read()).await;
    let recovery = crate::store::recovery::find(store.read()).await;
    store.close().await;
    if recovery.map_err(|error| error.to_string())?.is_some() {
        return Err(RECOVERING.to_owned());
    }
    match audited {
        Ok(differences) if differences.is_empty() => Ok("up to date, the books are right".into()),
        Ok(differences) => Err(format!(
            "{} differences in the books; run `numshop audit`",
            differences.len()
        )),
        Err(error) => Err(error.to_string()),
    }
}

async fn telegram(config: &Config) -> Result<String, String> {
    let name = bot::whoami(&config.telegram.api_url, &config.telegram.token).await?;
    if config.telegram.admins.is_empty() {
        return Err(format!(
            "@{name} answers, but ADMIN_IDS is empty, so nobody can top up a wallet"
        ));
    }
    Ok(format!("@{name}"))
}

async fn upstream(provider: &dyn Provider) -> Result<String, String> {
    let countries = provider
        .countries()
        .await
        .map_err(|error| error.to_string())?;
    if !provider.capabilities().balance {
        return Ok(format!("sells in {} countries", countries.len()));
    }
    let balance = provider
        .balance()
        .await
        .map_err(|error| error.to_string())?;
    Ok(format!(
        "sells in {} countries, our balance is {} {}",
        countries.len(),
        balance.amount,
        balance.currency
    ))
}
