//! The parameters of a call, however they travelled: query, form, multipart or JSON.
//!
//! Invariant: a value means the same whichever way it came; structured values may also be strings
//! of JSON, as multipart and forms send them.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::refusal::Refusal;

const BODY_MAX_BYTES: usize = 52 * 1024 * 1024;

/// A file sent along with the call.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime: Option<String>,
    pub(super) bytes: Bytes,
}

/// What a method was called with.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: Map<String, Value>,
    pub(super) uploads: HashMap<String, Upload>,
}

impl Params {
    /// Parameters that were found inside of another one.
    pub(super) fn of(values: Map<String, Value>) -> Self {
        Self {
            values,
            uploads: HashMap::new(),
        }
    }

    /// Reads the query and the body.
    pub(super) async fn read(request: Request) -> Result<Self, Refusal> {
        let mut params = Self::default();
        if let Some(query) = request.uri().query() {
            params.add_form(query.as_bytes());
        }
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
            .to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            params.add_multipart(request).await?;
            return Ok(params);
        }
        let body = axum::body::to_bytes(request.into_body(), BODY_MAX_BYTES)
            .await
            .map_err(|_| Refusal::TOO_LARGE)?;
        if kind.starts_with("application/json") {
            if !body.is_empty() {
                let value: Value =
                    serde_json::from_slice(&body).map_err(|_| Refusal::UNREADABLE)?;
                let Value::Object(fields) = value else {
                    return Err(Refusal::UNREADABLE);
                };
                params.values.extend(fields);
            }
        } else {
            params.add_form(&body);
        }
        Ok(params)
    }

    fn add_form(&mut self, encoded: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(encoded) {
            self.values
                .insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    async fn add_multipart(&mut self, request: Request) -> Result<(), Refusal> {
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| Refusal::UNREADABLE)?;
        while let Some(field) = form.next_field().await.map_err(|_| Refusal::UNREADABLE)? {
            let name = field.name().unwrap_or_default().to_owned();
            if let Some(file_name) = field.file_name() {
                let upload = Upload {
                    name: file_name.to_owned(),
                    mime: field.content_type().map(str::to_owned),
                    bytes: field.bytes().await.map_err(|_| Refusal::TOO_LARGE)?,
                };
                self.uploads.insert(name, upload);
            } else {
                let text = field.text().await.map_err(|_| Refusal::UNREADABLE)?;
                self.values.insert(name, Value::String(text));
            }
        }
        Ok(())
    }

    /// A text; numbers and booleans are taken as they are written.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A flag; absent means no.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "True" | "1"))
    }

    /// A structured value, given as JSON or as a string of JSON.
    pub(super) fn structure(&self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| {
                Refusal::bad_request(format!(
                    "can't parse {} JSON object",
                    name.replace('_', " ")
                ))
            }),
            Some(value) => Ok(Some(value.clone())),
        }
    }
}
