//! What must not go live: settings that others can read, and what belongs to the demo.
//!
//! Invariant: each finding is one sentence that says what to do, and shows no secret.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::ExposeSecret;

use crate::config::{Config, is_on_this_machine};
use crate::sandbox::{telegram, upstream};

/// Everybody but the owner of a file.
const OTHERS: u32 = 0o077;

/// What is wrong; empty where all is well.
pub(super) fn findings(env_file: &Path, config: &Config) -> Vec<String> {
    let mut found: Vec<String> = readable_by_others(env_file).into_iter().collect();
    let of_demo = config.telegram.token.expose_secret() == telegram::DEMO_TOKEN;
    // With the simulation on this machine it is a rehearsal.
    if of_demo && !is_on_this_machine(&config.telegram.api_url) {
        found.push(
            "TELEGRAM_BOT_TOKEN is the demo's, which everybody knows: take one of your own from @BotFather".to_owned(),
        );
    }
    for (setting, access) in config.upstreams.accesses() {
        let of_demo = access.key.expose_secret().starts_with(upstream::DEMO_KEY);
        if of_demo && !is_on_this_machine(&access.url) {
            found.push(format!(
                "{setting} is the demo's, which everybody knows: put your own key there"
            ));
        }
    }
    found
}

fn readable_by_others(env_file: &Path) -> Option<String> {
    let mode = std::fs::metadata(env_file).ok()?.permissions().mode();
    let file = env_file.display();
    (mode & OTHERS != 0).then(|| {
        format!(
            "{file} holds the bot's token and your keys, and others on this machine may use it: make it yours alone with `chmod 600 {file}`"
        )
    })
}
