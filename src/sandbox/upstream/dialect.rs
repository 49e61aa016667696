//! The wire languages: which upstream speaks which, and what a request and an answer look like
//! before and after one.
//!
//! Invariant: a dialect turns requests into calls of the engine and refusals into words; it keeps
//! no state of its own.

use std::collections::HashMap;

use axum::http::Method;
use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde_json::Value;

use super::catalogue::Catalogue;
use super::engine::{Effects, Engine, Timing};
use super::fault::Call;
use super::rental::Place;
use super::{compat, otpbuddy, otpcepat, otpgan, otpget, virtusim};

/// Whom a simulated upstream plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// VirtuSIM, v1 and v2 side by side.
    VirtuSim,
    /// OTPCepat.
    OtpCepat,
    /// OTPGet's activations, rentals and mailboxes.
    OtpGet,
    /// OTPGet's cheap numbers.
    OtpGetCheap,
    /// A host of the sms-activate family.
    Compat {
        /// Its name, which is its id too.
        name: &'static str,
        /// Whether it knows `getNumberV2` and lists its open orders.
        modern: bool,
    },
    /// OTPGan.
    OtpGan,
    /// OTPBuddy.
    OtpBuddy,
}

impl Dialect {
    /// The upstream's id in this program.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::VirtuSim => "virtusim",
            Self::OtpCepat => "otpcepat",
            Self::OtpGet => "otpget",
            Self::OtpGetCheap => "otpgetcheap",
            Self::Compat { name, .. } => name,
            Self::OtpGan => "otpgan",
            Self::OtpBuddy => "otpbuddy",
        }
    }

    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::VirtuSim => "VirtuSIM",
            Self::OtpCepat => "OTPCepat",
            Self::OtpGet => "OTPGet",
            Self::OtpGetCheap => "OTPGet cheap",
            Self::Compat { name, .. } => name,
            Self::OtpGan => "OTPGan",
            Self::OtpBuddy => "OTPBuddy",
        }
    }

    /// The path of its endpoint.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::VirtuSim => virtusim::PATH_V1,
            Self::OtpCepat => otpcepat::PATH,
            Self::OtpGet | Self::OtpGetCheap => otpget::FOLDER,
            Self::Compat { .. } => compat::PATH,
            Self::OtpGan => otpgan::PATH,
            Self::OtpBuddy => otpbuddy::PATH,
        }
    }

    /// What it sells.
    pub(super) fn catalogue(self) -> Catalogue {
        match self {
            Self::VirtuSim => virtusim::catalogue::catalogue(),
            Self::OtpCepat => otpcepat::catalogue::catalogue(),
            Self::OtpGet => otpget::catalogue::with_mailboxes(),
            Self::OtpGetCheap => otpget::catalogue::cheap_catalogue(),
            Self::Compat { .. } => compat::catalogue::catalogue(),
            Self::OtpGan => otpgan::catalogue::catalogue(),
            Self::OtpBuddy => otpbuddy::catalogue(),
        }
    }

    /// Where it rents numbers out.
    pub(super) fn rental_places(self) -> Vec<Place> {
        match self {
            Self::OtpGet => otpget::catalogue::rental_places(),
            Self::VirtuSim
            | Self::OtpCepat
            | Self::OtpGetCheap
            | Self::Compat { .. }
            | Self::OtpGan
            | Self::OtpBuddy => Vec::new(),
        }
    }

    /// How long things take there.
    pub(super) fn timing(self) -> Timing {
        let cancel_after = match self {
            Self::VirtuSim | Self::OtpGet | Self::OtpGetCheap | Self::Compat { .. } => {
                TimeDelta::minutes(2)
            }
            // Nothing is known of a wait at the others.
            Self::OtpCepat | Self::OtpGan | Self::OtpBuddy => TimeDelta::zero(),
        };
        let lifetime = match self {
            Self::OtpGetCheap => TimeDelta::seconds(otpget::cheap::LIFETIME_S),
            Self::VirtuSim
            | Self::OtpCepat
            | Self::OtpGan
            | Self::OtpBuddy
            | Self::OtpGet
            | Self::Compat { .. } => TimeDelta::minutes(20),
        };
        Timing {
            lifetime,
            cancel_after,
            sms_after: None,
            rental_sms_every: None,
        }
    }

    /// The ISO 4217 code of its prices.
    #[must_use]
    pub fn currency(self) -> &'static str {
        match self {
            Self::VirtuSim | Self::OtpCepat | Self::OtpGan => "IDR",
            Self::OtpBuddy => "INR",
            Self::Compat { .. } => "USD",
            Self::OtpGet | Self::OtpGetCheap => "PKR",
        }
    }

    /// How an order's number is written on its wire.
    pub(super) fn order_name(self, number: u64) -> String {
        match self {
            Self::VirtuSim | Self::OtpCepat => number.to_string(),
            Self::OtpGet | Self::OtpGetCheap | Self::Compat { .. } => number.to_string(),
            Self::OtpGan => otpgan::order_name(number),
            Self::OtpBuddy => otpbuddy::order_name(number),
        }
    }

    /// The number of the order that is written so; `None` for what is no order's name there.
    pub(super) fn order_number(self, name: &str) -> Option<u64> {
        match self {
            Self::VirtuSim | Self::OtpCepat => name.parse().ok(),
            Self::OtpGet | Self::OtpGetCheap | Self::Compat { .. } => name.parse().ok(),
            Self::OtpGan => otpgan::order_number(name),
            Self::OtpBuddy => otpbuddy::order_number(name),
        }
    }

    /// The number before its first order's.
    pub(super) fn first_id(self) -> u64 {
        match self {
            Self::VirtuSim => 1_000_000,
            Self::OtpCepat => 7_500_000,
            Self::OtpGet => 90_000,
            Self::OtpGetCheap => 41_000,
            Self::Compat { .. } => 635_400_000,
            Self::OtpGan => 4_200_000,
            Self::OtpBuddy => 8_300_000,
        }
    }

    /// What a request is about.
    pub(super) fn call(self, request: &WireRequest) -> Call {
        match self {
            Self::VirtuSim => virtusim::call(request),
            Self::OtpCepat => otpcepat::call(request),
            Self::OtpGet | Self::OtpGetCheap => otpget::call(request),
            Self::Compat { .. } => compat::call(request),
            Self::OtpGan => otpgan::call(request),
            Self::OtpBuddy => otpbuddy::call(request),
        }
    }

    /// Carries a request out.
    pub(super) fn answer(
        self,
        engine: &mut Engine,
        request: &WireRequest,
        effects: &Effects,
    ) -> Reply {
        match self {
            Self::VirtuSim => virtusim::answer(engine, request, effects),
            Self::OtpCepat => otpcepat::answer(engine, request, effects),
            Self::OtpGet => otpget::answer(engine, request, effects),
            Self::OtpGetCheap => otpget::cheap::answer(engine, request, effects),
            Self::Compat { modern, .. } => compat::answer(engine, request, effects, modern),
            Self::OtpGan => otpgan::answer(engine, request, effects),
            Self::OtpBuddy => otpbuddy::answer(engine, request, effects),
        }
    }

    /// How it refuses a wrong key.
    pub(super) fn wrong_key(self, request: &WireRequest) -> Reply {
        match self {
            Self::VirtuSim => virtusim::wrong_key(request),
            Self::OtpCepat => otpcepat::wrong_key(),
            Self::OtpGet | Self::OtpGetCheap => otpget::wrong_key(request),
            Self::Compat { .. } => compat::wrong_key(),
            Self::OtpGan => otpgan::wrong_key(),
            Self::OtpBuddy => otpbuddy::wrong_key(),
        }
    }

    /// The program's own error with this status; `None` where its language has none.
    pub(super) fn complaint(self, request: &WireRequest, status: u16) -> Option<Reply> {
        match self {
            Self::OtpGet => otpget::complaint(request, status),
            Self::VirtuSim
            | Self::OtpCepat
            | Self::OtpGetCheap
            | Self::Compat { .. }
            | Self::OtpGan
            | Self::OtpBuddy => None,
        }
    }
}

/// A request as it came in.
#[derive(Debug)]
pub(super) struct WireRequest {
    /// GET, POST and so on.
    pub(super) method: Method,
    /// The path without the query.
    pub(super) path: String,
    /// The query, decoded. As in PHP, the last of equal names counts.
    pub(super) query: HashMap<String, String>,
    /// What was posted; empty where nothing was.
    pub(super) body: String,
}

impl WireRequest {
    /// Takes a request apart.
    pub(super) fn new(method: Method, path: &str, query: &str, body: String) -> Self {
        Self {
            method,
            path: path.to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            body,
        }
    }

    /// A parameter, empty when it is missing.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

/// An answer on its way out.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// The Content-Type.
    pub(super) content_type: &'static str,
    /// The body.
    pub(super) body: String,
    /// Seconds, for `Retry-After`.
    pub(super) retry_after_s: Option<u64>,
}

impl Reply {
    /// JSON under the Content-Type that PHP gives it when nobody thinks of it.
    pub(super) fn php(body: String) -> Self {
        Self::html(200, body)
    }

    /// JSON that says so.
    pub(super) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: "application/json; charset=utf-8",
            body,
            retry_after_s: None,
        }
    }

    /// A page.
    pub(super) fn html(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: "text/html; charset=UTF-8",
            body,
            retry_after_s: None,
        }
    }

    /// A few words.
    pub(super) fn plain(status: u16, body: &str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=UTF-8",
            body: body.to_owned(),
            retry_after_s: None,
        }
    }

    /// The web server's own error page.
    pub(super) fn error_page(status: u16, reason: &str) -> Self {
        let body = format!(
            "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n\
             <center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n\
             </body>\r\n</html>\r\n"
        );
        Self::html(status, body)
    }
}

/// A whole amount as a JSON number, any other as text, so that no digit is lost.
pub(super) fn as_number(amount: Decimal) -> Value {
    let text = amount.normalize().to_string();
    text.parse::<i64>()
        .map_or_else(|_| Value::from(text.clone()), Value::from)
}
