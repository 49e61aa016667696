//! The methods that change or remove messages, and the answer to a press.
//!
//! Invariant: an edit that changes nothing is refused and leaves no event.

use std::sync::{Arc, PoisonError};

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::keyboard;
use super::message::{Author, ChatMessage};
use super::params::Params;
use super::refusal::Refusal;
use super::sending::{Place, read_text};
use super::world::{Chat, World, lock};

const ANSWER_MAX_CHARS: usize = 200;

pub(super) fn edit_text(world: &World, params: &Params) -> Result<Value, Refusal> {
    let target = target(world, params)?;
    let (source, styled) = read_text(params, Place::EditedText)?;
    edit(world, params, &target, |message| {
        if message.media.is_some() {
            return Err(Refusal::NO_TEXT_TO_EDIT);
        }
        message.source = source;
        message.text = styled.text;
        message.entities = styled.entities;
        Ok(())
    })
}

pub(super) fn edit_caption(world: &World, params: &Params) -> Result<Value, Refusal> {
    let target = target(world, params)?;
    let (source, styled) = read_text(params, Place::Caption)?;
    edit(world, params, &target, |message| {
        if message.media.is_none() {
            return Err(Refusal::NO_CAPTION_TO_EDIT);
        }
        message.source = source;
        message.text = styled.text;
        message.entities = styled.entities;
        Ok(())
    })
}

pub(super) fn edit_markup(world: &World, params: &Params) -> Result<Value, Refusal> {
    let target = target(world, params)?;
    edit(world, params, &target, |_| Ok(()))
}

type Target = (Arc<Chat>, i32);

fn target(world: &World, params: &Params) -> Result<Target, Refusal> {
    if params.text("inline_message_id").is_some() {
        return Err(Refusal::INLINE_ID_INVALID);
    }
    let chat = world.writable_chat(params.text("chat_id"))?;
    let id = params.number("message_id").ok_or(Refusal::ID_MISSING)?;
    Ok((chat, i32::try_from(id).unwrap_or(0)))
}

fn edit(
    world: &World,
    params: &Params,
    (chat, id): &Target,
    change: impl FnOnce(&mut ChatMessage) -> Result<(), Refusal>,
) -> Result<Value, Refusal> {
    let keyboard = keyboard::parse(params.structure("reply_markup")?)?.unwrap_or_default();
    let mut inside = lock(&chat.inside);
    let old = inside
        .messages
        .get(id)
        .filter(|message| !message.deleted)
        .ok_or(Refusal::EDIT_NOT_FOUND)?;
    if old.author != Author::Bot {
        return Err(Refusal::EDIT_FOREIGN);
    }
    let mut new = old.clone();
    change(&mut new)?;
    new.keyboard = keyboard;
    let same = new.text == old.text && new.entities == old.entities && new.keyboard == old.keyboard;
    if same {
        return Err(Refusal::NOT_MODIFIED);
    }
    let now = world.clock.now();
    if let Some(limits) = &*world.limits.read().unwrap_or_else(PoisonError::into_inner) {
        inside.usage.edit(limits, now)?;
    }
    new.edits += 1;
    new.edited_at = Some(now);
    let shown = world.message_json(chat, &new);
    world.put(chat, &mut inside, new);
    Ok(shown)
}

pub(super) fn delete(world: &World, params: &Params) -> Result<Value, Refusal> {
    let (chat, id) = target(world, params)?;
    let mut inside = lock(&chat.inside);
    let mut message = inside
        .messages
        .get(&id)
        .filter(|message| !message.deleted)
        .cloned()
        .ok_or(Refusal::DELETE_NOT_FOUND)?;
    if world.clock.now() - message.date > TimeDelta::hours(48) {
        return Err(Refusal::DELETE_TOO_OLD);
    }
    message.deleted = true;
    world.put(&chat, &mut inside, message);
    Ok(json!(true))
}

pub(super) fn answer_callback(world: &World, params: &Params) -> Result<Value, Refusal> {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").unwrap_or_default();
    if text.chars().count() > ANSWER_MAX_CHARS {
        return Err(Refusal::EDIT_TOO_LONG);
    }
    world.answer_query(&id, text, params.flag("show_alert"))?;
    Ok(json!(true))
}
