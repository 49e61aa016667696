//! The envelope around an answer, `{"status":…,"msg":…,"data":…}`, and what a purchase call's
//! answer comes down to.
//!
//! Invariant: a purchase is `Bought` only with an id and a number, `Rejected` only for a refusal
//! that could be read and carries neither; whatever else was sent is `Ambiguous`.

use crate::provider::http::reply::{Body, Reply};
use crate::provider::http::{Failure, Http};
use crate::provider::{Bought, CancelAnswer, Cost, ProviderError, PurchaseAnswer};

use super::order::{self, ID_FIELDS, NUMBER_FIELDS};
use super::{Json, Object};

/// Where hosts put what they want to tell, in the order of trust.
const MESSAGE_FIELDS: [&str; 4] = ["msg", "message", "messages", "error"];

/// What one host means by its words.
#[derive(Clone, Copy)]
pub struct Words {
    /// Gives the error a refusal stands for; `None` for a text that is not in the host's list.
    /// The text comes in lower case; where the host answers in codes, so does the code: `202`.
    pub refusal: fn(&str) -> Option<Refusal>,
    /// ISO 4217 code of the prices.
    pub currency: &'static str,
}

/// The kinds of refusal; the text is added when the error is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// [`ProviderError::OutOfStock`].
    OutOfStock,
    /// [`ProviderError::NoFunds`].
    NoFunds,
    /// [`ProviderError::RateLimited`].
    RateLimited,
    /// [`ProviderError::NotFound`].
    NotFound,
    /// [`ProviderError::Refused`].
    Refused,
    /// [`ProviderError::Unavailable`].
    Unavailable,
    /// [`ProviderError::PriceRose`].
    PriceRose,
}

impl Refusal {
    /// The error, with the host's text where it takes one.
    pub(super) fn with(self, text: String) -> ProviderError {
        match self {
            Self::OutOfStock => ProviderError::OutOfStock,
            Self::NoFunds => ProviderError::NoFunds,
            Self::RateLimited => ProviderError::RateLimited { retry_after: None },
            Self::NotFound => ProviderError::NotFound(text),
            Self::Refused => ProviderError::Refused(text),
            Self::Unavailable => ProviderError::Unavailable(text),
            Self::PriceRose => ProviderError::PriceRose,
        }
    }
}

/// One answer, taken apart.
pub struct Envelope<'a> {
    /// What `status` says, or `success` where there is no `status`; 200 is a yes. `None` when
    /// it says nothing that is understood.
    pub ok: Option<bool>,
    /// The status of a host that answers in codes; that of HTTP where [`open`] found no other and
    /// it says that something went wrong.
    pub code: Option<u64>,
    /// What was asked for. `null` is kept: it can stand for an empty list.
    pub data: Option<Json<'a>>,
    /// What the host tells, raw.
    pub message: Option<String>,
    /// The fields beside `data`.
    pub root: Object<'a>,
}

impl<'a> Envelope<'a> {
    /// Takes an answer apart. A bare list, as some hosts send it, is all `data`.
    ///
    /// # Errors
    /// [`ProviderError::Protocol`] for what is neither an object nor a list.
    pub fn read(text: &'a str) -> Result<Self, ProviderError> {
        let json = Json::parse(text)?;
        if text.trim_start().starts_with('[') {
            return Ok(Self {
                ok: None,
                code: None,
                data: Some(json),
                message: None,
                root: Object::default(),
            });
        }
        let root = json
            .object()
            .ok_or_else(|| ProviderError::Protocol("neither an object nor a list".to_owned()))?;
        let data = root.get_or_null("data");
        let message = data
            .and_then(Json::object)
            .and_then(|data| message(&data))
            .or_else(|| message(&root));
        let status = root.get("status").or_else(|| root.get("success"));
        let code = status.and_then(Json::count);
        let ok = status.and_then(Json::truth);
        Ok(Self {
            ok: ok.or_else(|| (code == Some(200)).then_some(true)),
            code,
            data,
            message,
            root,
        })
    }

    /// The fields of `data`, if it is an object, or a list of exactly one.
    #[must_use]
    pub fn fields(&self) -> Option<Object<'a>> {
        let data = self.data?;
        match data.rows() {
            Some(rows) if rows.len() == 1 => rows.first()?.object(),
            _ => data.object(),
        }
    }

    /// The rows of `data`; a bare list has no `status` and counts as a success.
    ///
    /// # Errors
    /// [`ProviderError::Protocol`] when there is no list.
    pub fn rows(&self) -> Result<Vec<Json<'a>>, ProviderError> {
        self.data.and_then(Json::rows).ok_or_else(no_list)
    }

    /// Whether this says no: by its status, or, where it has none of its own, by an HTTP status
    /// after which nothing was done.
    fn refuses(&self, reply: &Reply) -> bool {
        let speaks_http = self.code.is_none_or(|code| code == u64::from(reply.status));
        match self.ok {
            Some(ok) => !ok,
            None => speaks_http && matches!(reply.status, 400 | 401 | 404),
        }
    }

    /// What the host's list makes of the text, or else of the code.
    fn known(&self, words: Words) -> Option<Refusal> {
        let text = self.message.as_deref().map(str::to_lowercase);
        let code = self.code.map(|code| code.to_string());
        let mut said = text.into_iter().chain(code);
        said.find_map(|said| (words.refusal)(&said))
    }

    /// Whether an order stands anywhere in it.
    fn holds_order(&self) -> bool {
        order::is_in_fields(&self.root) || self.data.is_some_and(order::is_in)
    }

    /// An id in `data`, or else beside it.
    #[must_use]
    pub fn id(&self, names: &[&str]) -> Option<String> {
        self.fields()
            .and_then(|data| data.id(names))
            .or_else(|| self.root.id(names))
    }

    /// A field of `data`, or else one beside it, that is not `null`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Json<'a>> {
        self.fields()
            .and_then(|data| data.get(name))
            .or_else(|| self.root.get(name))
    }

    /// The rows of a list of this name, in `data` or beside it; of `data` itself where that is
    /// the list.
    ///
    /// # Errors
    /// [`ProviderError::Protocol`] when there is no list.
    pub fn list(&self, name: &str) -> Result<Vec<Json<'a>>, ProviderError> {
        let inside = self.data.and_then(Json::object);
        let named = inside.and_then(|data| data.get_or_null(name));
        match named.or_else(|| self.root.get_or_null(name)) {
            Some(list) => list.rows().ok_or_else(no_list),
            None => self.rows(),
        }
    }
}

fn no_list() -> ProviderError {
    ProviderError::Protocol("no list where one belongs".to_owned())
}

fn message(object: &Object<'_>) -> Option<String> {
    MESSAGE_FIELDS.iter().find_map(|name| {
        let field = object.get(name)?;
        if let Some(text) = field.text() {
            return Some(text);
        }
        if let Some(rows) = field.rows() {
            return rows.into_iter().find_map(Json::text);
        }
        field.object()?.text(&["message", "msg"])
    })
}

/// Reads a success out of an answer, or the error that the answer is.
///
/// # Errors
/// The refusal if there is one, else [`ProviderError::Protocol`] or what the HTTP status says.
pub fn success<'a>(
    http: &Http,
    words: Words,
    reply: &'a Reply,
) -> Result<Envelope<'a>, ProviderError> {
    let envelope = open(http, words, reply)?;
    let bare_list = envelope.root.is_empty() && envelope.data.is_some();
    match envelope.ok {
        Some(true) => Ok(envelope),
        None if bare_list => Ok(envelope),
        Some(false) | None => Err(refused(http, words, reply, &envelope)),
    }
}

/// Reads an envelope out of an answer, be it a success or a refusal.
///
/// # Errors
/// As [`success`], except that a refusal in an envelope is not an error.
pub fn open<'a>(
    http: &Http,
    words: Words,
    reply: &'a Reply,
) -> Result<Envelope<'a>, ProviderError> {
    match &reply.body {
        Body::Json(text) => {
            let mut envelope =
                Envelope::read(text).map_err(|error| reply.bare_error().unwrap_or(error))?;
            let failed = (reply.status >= 400).then_some(reply.status.into());
            envelope.code = envelope.code.or(failed);
            Ok(envelope)
        }
        Body::Text(text) => Err((words.refusal)(&text.to_lowercase())
            .map(|refusal| refusal.with(http.clean(text)))
            .or_else(|| reply.bare_error())
            .unwrap_or_else(|| ProviderError::Protocol(plain(text)))),
    }
}

/// The error that a refusal stands for.
#[must_use]
pub fn refused(http: &Http, words: Words, reply: &Reply, envelope: &Envelope<'_>) -> ProviderError {
    let Some(known) = envelope.known(words) else {
        return unknown_refusal(http, reply, envelope);
    };
    let text = envelope.message.as_deref().map(|text| http.clean(text));
    let code = envelope.code.unwrap_or_default();
    known.with(text.unwrap_or_else(|| format!("status {code}")))
}

/// Judges the answer to a cancellation.
///
/// `meaning` says what the text of a refusal comes down to; `None` when it has nothing to do with
/// the state of the order.
///
/// # Errors
/// The refusal that is none of a cancellation's, or what makes the answer unreadable.
pub fn cancellation(
    http: &Http,
    words: Words,
    reply: &Reply,
    meaning: impl Fn(&str) -> Option<CancelAnswer>,
) -> Result<CancelAnswer, ProviderError> {
    let envelope = open(http, words, reply)?;
    if envelope.ok == Some(true) {
        return Ok(CancelAnswer::Cancelled);
    }
    let is_answer = envelope.refuses(reply) && reply.status < 500;
    let text = envelope.message.as_deref().filter(|_| is_answer);
    text.and_then(meaning)
        .ok_or_else(|| refused(http, words, reply, &envelope))
}

fn unknown_refusal(http: &Http, reply: &Reply, envelope: &Envelope<'_>) -> ProviderError {
    let text = envelope.message.as_deref().map(|text| http.clean(text));
    match (reply.bare_error(), envelope.ok, text) {
        (Some(ProviderError::Unavailable(status)), _, Some(text)) => {
            ProviderError::Unavailable(format!("{status}: {text}"))
        }
        (Some(ProviderError::Refused(status)), None, Some(text)) => {
            ProviderError::Refused(format!("{status}: {text}"))
        }
        (_, Some(false), Some(text)) => ProviderError::Refused(text),
        (Some(error), _, _) => error,
        (None, Some(false), None) => ProviderError::Refused("no reason given".to_owned()),
        (None, Some(true) | None, _) => {
            ProviderError::Protocol("an answer without a readable status".to_owned())
        }
    }
}

/// What an answer to a purchase carries of what was to be bought.
pub enum Found<T> {
    /// All of it.
    Whole(T),
    /// Some of it.
    Part,
    /// None of it.
    Nothing,
}

/// Judges the answer to a purchase of a number.
///
/// `number` brings a phone number into its international form.
#[must_use]
pub fn purchase(
    http: &Http,
    words: Words,
    answer: Result<Reply, Failure>,
    number: impl Fn(&str) -> Option<String>,
) -> PurchaseAnswer {
    judge(http, words, answer, |envelope| {
        let id = envelope.id(&ID_FIELDS);
        let phone = envelope.id(&NUMBER_FIELDS);
        let is_there = id.is_some() || phone.is_some();
        let number = phone.as_deref().and_then(&number);
        match (id, number) {
            (Some(id), Some(number)) => Found::Whole(Bought {
                upstream_id: id.as_str().into(),
                number,
                cost: cost(words, envelope, "price"),
                ends: None,
            }),
            _ if is_there => Found::Part,
            _ => Found::Nothing,
        }
    })
}

/// Judges the answer to a purchase of whatever `find` finds.
#[must_use]
pub fn judge<T>(
    http: &Http,
    words: Words,
    answer: Result<Reply, Failure>,
    find: impl FnOnce(&Envelope<'_>) -> Found<T>,
) -> PurchaseAnswer<T> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(failure) if failure.sent => return PurchaseAnswer::Ambiguous(failure.error),
        Err(failure) => return PurchaseAnswer::NotSent(failure.error),
    };
    let envelope = match open(http, words, &reply) {
        Ok(envelope) => envelope,
        Err(error) => return unopened(words, &reply, error),
    };
    match find(&envelope) {
        Found::Whole(bought) if envelope.ok == Some(true) => return PurchaseAnswer::Bought(bought),
        Found::Part | Found::Nothing if envelope.ok == Some(true) => {
            return doubt("a success without what was bought");
        }
        Found::Whole(_) | Found::Part => return doubt("a refusal that carries an order"),
        Found::Nothing if envelope.holds_order() => {
            return doubt("a refusal that carries an order");
        }
        Found::Nothing => {}
    }
    let text = envelope.message.as_deref().unwrap_or_default();
    let known = envelope.known(words).is_some();
    let error = refused(http, words, &reply, &envelope);
    // A text nobody knows is a refusal only if nothing else speaks against it.
    let plain_refusal = envelope.refuses(&reply) && !text.is_empty() && reply.status < 500;
    if known || plain_refusal {
        PurchaseAnswer::Rejected(error)
    } else {
        PurchaseAnswer::Ambiguous(error)
    }
}

fn unopened<T>(words: Words, reply: &Reply, error: ProviderError) -> PurchaseAnswer<T> {
    match &reply.body {
        Body::Text(text) if order::is_in_text(text) => doubt("a refusal that carries an order"),
        Body::Text(text) if (words.refusal)(&text.to_lowercase()).is_some() => {
            PurchaseAnswer::Rejected(error)
        }
        Body::Text(_) | Body::Json(_) => PurchaseAnswer::Ambiguous(error),
    }
}

fn doubt<T>(what: &str) -> PurchaseAnswer<T> {
    PurchaseAnswer::Ambiguous(ProviderError::Protocol(what.to_owned()))
}

/// The amount in a field, in the host's currency.
#[must_use]
pub fn cost(words: Words, envelope: &Envelope<'_>, name: &str) -> Option<Cost> {
    let amount = super::whole_currency_price(envelope.field(name)?)?;
    Some(Cost {
        amount,
        currency: words.currency.to_owned(),
    })
}

fn plain(text: &str) -> String {
    if text.is_empty() {
        "empty answer".to_owned()
    } else {
        format!("{} bytes of plain text where JSON belongs", text.len())
    }
}
