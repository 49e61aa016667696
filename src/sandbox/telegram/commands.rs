//! Lists of commands by scope and language, as `setMyCommands` keeps them.
//!
//! Invariant: a person sees the list of the narrowest scope that has one, in their language
//! before the list for all languages.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::events::EventKind;
use super::params::Params;
use super::refusal::Refusal;
use super::world::World;

/// A command as the menu shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotCommand {
    /// Its name, without the slash.
    pub command: String,
    /// What it does, in a few words.
    pub description: String,
}

const COMMANDS_MAX: usize = 100;

#[derive(Debug, Default)]
pub(super) struct CommandLists {
    by_scope: HashMap<(String, String), Vec<BotCommand>>,
}

impl CommandLists {
    /// The menu a person sees in a chat: their private one or a group.
    pub(super) fn seen_by(&self, user: i64, language: &str, chat: i64) -> Vec<BotCommand> {
        let scopes = if chat == user {
            vec![
                format!("chat:{chat}"),
                String::from("all_private_chats"),
                String::from("default"),
            ]
        } else {
            vec![
                format!("chat_member:{chat}:{user}"),
                format!("chat:{chat}"),
                String::from("all_group_chats"),
                String::from("default"),
            ]
        };
        scopes
            .into_iter()
            .flat_map(|scope| [(scope.clone(), language.to_owned()), (scope, String::new())])
            .find_map(|key| self.by_scope.get(&key))
            .cloned()
            .unwrap_or_default()
    }
}

/// The scope and language of a call, as the key of its list.
fn key(params: &Params) -> Result<(String, String), Refusal> {
    let scope = params
        .structure("scope")?
        .unwrap_or_else(|| json!({ "type": "default" }));
    let id = |name: &str| match scope.get(name) {
        Some(Value::Number(id)) => Ok(id.to_string()),
        Some(Value::String(id)) if id.parse::<i64>().is_ok() => Ok(id.clone()),
        Some(_) => Err(Refusal::CHAT_NOT_FOUND),
        None => Err(Refusal::CHAT_ID_EMPTY),
    };
    let scope = match scope.get("type").and_then(Value::as_str) {
        Some(
            plain @ ("default"
            | "all_private_chats"
            | "all_group_chats"
            | "all_chat_administrators"),
        ) => plain.to_owned(),
        Some(kind @ ("chat" | "chat_administrators")) => format!("{kind}:{}", id("chat_id")?),
        Some("chat_member") => format!("chat_member:{}:{}", id("chat_id")?, id("user_id")?),
        _ => return Err(Refusal::SCOPE_INVALID),
    };
    let language = params.text("language_code").unwrap_or_default();
    let known = language.is_empty()
        || (language.len() == 2 && language.chars().all(|c| c.is_ascii_lowercase()));
    if !known {
        return Err(Refusal::LANGUAGE_INVALID);
    }
    Ok((scope, language))
}

pub(super) fn set(world: &World, params: &Params) -> Result<Value, Refusal> {
    let key = key(params)?;
    let commands = params.structure("commands")?.unwrap_or(Value::Null);
    let mut commands: Vec<BotCommand> = serde_json::from_value(commands)
        .map_err(|_| Refusal::bad_request("can't parse BotCommand JSON object"))?;
    if commands.len() > COMMANDS_MAX {
        return Err(Refusal::COMMANDS_TOO_MANY);
    }
    for command in &mut commands {
        let name = command.command.trim_start_matches('/').to_owned();
        let plain = name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain || name.is_empty() || name.len() > 32 {
            return Err(Refusal::COMMAND_INVALID);
        }
        let length = command.description.chars().count();
        if length == 0 || length > 256 {
            return Err(Refusal::COMMAND_DESCRIPTION);
        }
        command.command = name;
    }
    let mut lists = super::world::lock(&world.commands);
    if commands.is_empty() {
        lists.by_scope.remove(&key);
    } else {
        lists.by_scope.insert(key, commands);
    }
    drop(lists);
    world.log.write(0, |_| EventKind::Commands);
    Ok(json!(true))
}

pub(super) fn get(world: &World, params: &Params) -> Result<Value, Refusal> {
    let key = key(params)?;
    let lists = super::world::lock(&world.commands);
    Ok(json!(lists.by_scope.get(&key).cloned().unwrap_or_default()))
}

pub(super) fn delete(world: &World, params: &Params) -> Result<Value, Refusal> {
    let key = key(params)?;
    super::world::lock(&world.commands).by_scope.remove(&key);
    world.log.write(0, |_| EventKind::Commands);
    Ok(json!(true))
}
