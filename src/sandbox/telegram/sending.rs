//! The methods that put new messages into chats.
//!
//! Invariant: a message is checked as a whole before anything of it is stored.

use serde_json::{Value, json};

use super::events::EventKind;
use super::files::Media;
use super::keyboard;
use super::markup::{self, Entity, Styled};
use super::message::{Author, ChatMessage};
use super::params::{Params, Upload};
use super::refusal::Refusal;
use super::world::{World, lock};

const TEXT_MAX_CHARS: usize = 4096;
const CAPTION_MAX_CHARS: usize = 1024;

/// Which text is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    EditedText,
    Caption,
}

/// Reads `text` or `caption` with its parse mode or entities, as sent and as read.
pub(super) fn read_text(params: &Params, place: Place) -> Result<(String, Styled), Refusal> {
    let (name, entities_name) = match place {
        Place::Text | Place::EditedText => ("text", "entities"),
        Place::Caption => ("caption", "caption_entities"),
    };
    let source = params.text(name).unwrap_or_default();
    let mode = params.text("parse_mode").unwrap_or_default();
    let parsed = match mode.to_ascii_lowercase().as_str() {
        "" => Styled {
            text: source.clone(),
            entities: given_entities(params, entities_name, &source)?,
        },
        "html" => markup::parse_html(&source)
            .map_err(|e| Refusal::bad_request(format!("can't parse entities: {e}")))?,
        _ => return Err(Refusal::PARSE_MODE),
    };
    let mut styled = markup::trim(parsed);
    markup::detect(&mut styled);
    let length = styled.text.chars().count();
    match place {
        Place::Text | Place::EditedText if length == 0 => Err(Refusal::TEXT_EMPTY),
        Place::Text if length > TEXT_MAX_CHARS => Err(Refusal::TEXT_TOO_LONG),
        Place::EditedText if length > TEXT_MAX_CHARS => Err(Refusal::EDIT_TOO_LONG),
        Place::Caption if length > CAPTION_MAX_CHARS => Err(Refusal::CAPTION_TOO_LONG),
        Place::Text | Place::EditedText | Place::Caption => Ok((source, styled)),
    }
}

fn given_entities(params: &Params, name: &str, text: &str) -> Result<Vec<Entity>, Refusal> {
    let Some(given) = params.structure(name)? else {
        return Ok(Vec::new());
    };
    let mut entities: Vec<Entity> = serde_json::from_value(given)
        .map_err(|_| Refusal::bad_request("can't parse entities: Object expected as entity"))?;
    // What lies outside of the text is dropped without a word, as the real server does.
    let length = markup::utf16_len(text);
    entities.retain(|entity| {
        entity
            .offset
            .checked_add(entity.length)
            .is_some_and(|end| end <= length && entity.length > 0)
    });
    Ok(entities)
}

pub(super) fn send_message(world: &World, params: &Params) -> Result<Value, Refusal> {
    send(world, params, Place::Text, None)
}

pub(super) fn send_photo(world: &World, params: &Params) -> Result<Value, Refusal> {
    let media = media(world, params, "photo")?;
    send(world, params, Place::Caption, Some(media))
}

pub(super) fn send_document(world: &World, params: &Params) -> Result<Value, Refusal> {
    let media = media(world, params, "document")?;
    send(world, params, Place::Caption, Some(media))
}

fn send(
    world: &World,
    params: &Params,
    place: Place,
    media: Option<Media>,
) -> Result<Value, Refusal> {
    let chat = world.writable_chat(params.text("chat_id"))?;
    let (source, styled) = read_text(params, place)?;
    let keyboard = keyboard::parse(params.structure("reply_markup")?)?.unwrap_or_default();
    let reply_to = params
        .structure("reply_parameters")?
        .and_then(|reply| reply.get("message_id").and_then(Value::as_i64))
        .or_else(|| params.number("reply_to_message_id"));
    let mut inside = lock(&chat.inside);
    if let Some(id) = reply_to {
        let known = i32::try_from(id)
            .ok()
            .and_then(|id| inside.messages.get(&id))
            .is_some_and(|message| !message.deleted);
        if !known && !params.flag("allow_sending_without_reply") {
            return Err(Refusal::REPLY_NOT_FOUND);
        }
    }
    let now = world.clock.now();
    if let Some(limits) = &*world
        .limits
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
    {
        inside.usage.send(limits, now)?;
    }
    let message = ChatMessage {
        id: world.next_message_id(),
        chat: chat.id,
        author: Author::Bot,
        date: now,
        edited_at: None,
        edits: 0,
        source,
        text: styled.text,
        entities: styled.entities,
        keyboard,
        media,
        bill: None,
        deleted: false,
        forwarded: false,
        album: None,
        seq: 0,
    };
    let shown = world.message_json(&chat, &message);
    world.put(&chat, &mut inside, message);
    Ok(shown)
}

/// The file a call sends: uploaded with it, or known by its id.
fn media(world: &World, params: &Params, name: &str) -> Result<Media, Refusal> {
    if let Some(upload) = params.uploads.get(name) {
        return store(world, name, upload);
    }
    let given = params
        .text(name)
        .filter(|text| !text.is_empty())
        .ok_or(Refusal::FILE_MISSING)?;
    if let Some(part) = given.strip_prefix("attach://") {
        let upload = params.uploads.get(part).ok_or(Refusal::FILE_MISSING)?;
        return store(world, name, upload);
    }
    if given.starts_with("http://") || given.starts_with("https://") {
        return Err(Refusal::FILE_URL_FAILED);
    }
    lock(&world.files)
        .get(&given)
        .map(|(media, _)| media.clone())
        .ok_or(Refusal::FILE_ID_WRONG)
}

fn store(world: &World, name: &str, upload: &Upload) -> Result<Media, Refusal> {
    let bytes = upload.bytes.clone();
    let mut files = lock(&world.files);
    if name == "photo" {
        files.store_photo(bytes)
    } else {
        files.store_document(upload.name.clone(), upload.mime.clone(), bytes)
    }
}

pub(super) fn chat_action(world: &World, params: &Params) -> Result<Value, Refusal> {
    let chat = world.writable_chat(params.text("chat_id"))?;
    let action = params.text("action").unwrap_or_default();
    let known = matches!(
        action.as_str(),
        "typing"
            | "upload_photo"
            | "record_video"
            | "upload_video"
            | "record_voice"
            | "upload_voice"
            | "upload_document"
            | "choose_sticker"
            | "find_location"
            | "record_video_note"
            | "upload_video_note"
    );
    if !known {
        return Err(Refusal::ACTION_INVALID);
    }
    world.log.write(chat.id, |_| EventKind::ChatAction(action));
    Ok(json!(true))
}

pub(super) fn get_file(world: &World, params: &Params) -> Result<Value, Refusal> {
    let id = params.text("file_id").unwrap_or_default();
    let files = lock(&world.files);
    let (media, _) = files.get(&id).ok_or(Refusal::FILE_ID_INVALID)?;
    Ok(json!({
        "file_id": media.file_id,
        "file_unique_id": media.unique_id(),
        "file_size": media.size,
        "file_path": media.path,
    }))
}
