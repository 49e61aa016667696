//! What kind of answer came back: a firewall page, a rate limit, JSON, plain text or a bare status.
//!
//! Invariant: the body's first byte decides, never its declared type; no error quotes the body.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Response, header};

use crate::clock::{Clock, SystemClock};
use crate::provider::ProviderError;

/// An answer that a driver can read on.
///
/// It has no `Debug` on purpose: it would print what the upstream sent.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What came with it.
    pub body: Body,
}

/// A body by its first byte that is not white space.
pub enum Body {
    /// It starts as a JSON object, list or string does; it may still break off.
    Json(String),
    /// Anything else, trimmed; also an empty one.
    Text(String),
}

impl Reply {
    /// What the HTTP status alone says; `None` where it says success.
    ///
    /// A 404 is a missing endpoint, not a missing order: hosts report that in their envelope.
    #[must_use]
    pub fn bare_error(&self) -> Option<ProviderError> {
        let text = format!("HTTP {}", self.status);
        match self.status {
            200..=299 => None,
            403 => Some(ProviderError::Blocked(text)),
            400 | 401 | 405 | 422 => Some(ProviderError::Refused(text)),
            _ => Some(ProviderError::Unavailable(text)),
        }
    }

    /// Whether there is no JSON in it.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        matches!(self.body, Body::Text(_))
    }
}

/// What the headers say.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    /// The host a redirect points to.
    pub(super) location: Option<String>,
    cloudflare: bool,
}

impl Head {
    pub(super) fn read(response: &Response) -> Self {
        let text = |name: header::HeaderName| -> Option<&str> {
            response.headers().get(name)?.to_str().ok()
        };
        let server = text(header::SERVER).unwrap_or_default();
        let cloudflare = server.eq_ignore_ascii_case("cloudflare")
            || response.headers().contains_key("cf-mitigated");
        let location = text(header::LOCATION)
            .and_then(|location| response.url().join(location).ok())
            .and_then(|url| url.host_str().map(str::to_owned));
        Self {
            status: response.status().as_u16(),
            retry_after: text(header::RETRY_AFTER)
                .and_then(|wait| retry_after(wait, text(header::DATE))),
            location,
            cloudflare,
        }
    }
}

/// Reads `Retry-After`: seconds, or a date, which is held against the host's own `Date`.
fn retry_after(wait: &str, date: Option<&str>) -> Option<Duration> {
    let wait = wait.trim();
    if let Ok(seconds) = wait.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let http_date = |text: &str| -> Option<DateTime<Utc>> {
        Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc())
    };
    let now = date
        .and_then(http_date)
        .unwrap_or_else(|| SystemClock.now());
    Some((http_date(wait)? - now).to_std().unwrap_or_default())
}

/// Sorts an answer, in this order: firewall page, rate limit, redirect, JSON, text.
pub(super) fn classify(head: &Head, body: &[u8]) -> Result<Reply, ProviderError> {
    let status = head.status;
    let text = String::from_utf8_lossy(body);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let json = text.starts_with(['{', '[', '"']);
    if text.starts_with('<') {
        return Err(ProviderError::Blocked(format!("HTML page, HTTP {status}")));
    }
    let firewall = head.cloudflare && matches!(status, 403 | 503) && !json;
    if firewall || is_cloudflare(text) {
        return Err(ProviderError::Blocked(format!("Cloudflare, HTTP {status}")));
    }
    if status == 429 {
        return Err(ProviderError::RateLimited {
            retry_after: head.retry_after,
        });
    }
    // One host calls a closed order 300, perhaps in HTTP, too; a redirect has no JSON.
    let tells = status == 300 && json;
    if (300..400).contains(&status) && !tells {
        let host = head.location.as_deref().unwrap_or("an unnamed place");
        return Err(ProviderError::Unavailable(format!(
            "HTTP {status}: a redirect to {host} is not followed"
        )));
    }
    let body = if json {
        Body::Json(text.to_owned())
    } else {
        Body::Text(text.to_owned())
    };
    Ok(Reply { status, body })
}

/// Cloudflare's short page: `error code: 1020`.
fn is_cloudflare(text: &str) -> bool {
    text.get(..11)
        .is_some_and(|start| start.eq_ignore_ascii_case("error code:"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("120", None, Some(120))]
    #[case(" 7 ", None, Some(7))]
    #[case(
        "Wed, 21 Oct 2015 07:28:30 GMT",
        Some("Wed, 21 Oct 2015 07:28:00 GMT"),
        Some(30)
    )]
    #[case(
        "Wed, 21 Oct 2015 07:28:00 GMT",
        Some("Wed, 21 Oct 2015 07:28:30 GMT"),
        Some(0)
    )]
    #[case("Wed, 21 Oct 2015 07:28:00 GMT", None, Some(0))]
    #[case("soon", None, None)]
    #[case("-5", None, None)]
    fn retry_after_is_seconds_or_a_date(
        #[case] wait: &str,
        #[case] date: Option<&str>,
        #[case] seconds: Option<u64>,
    ) {
        assert_eq!(retry_after(wait, date), seconds.map(Duration::from_secs));
    }

    fn head(status: u16, cloudflare: bool) -> Head {
        Head {
            status,
            retry_after: None,
            location: None,
            cloudflare,
        }
    }

    fn kind(status: u16, cloudflare: bool, body: &str) -> &'static str {
        match classify(&head(status, cloudflare), body.as_bytes()) {
            Ok(reply) if reply.is_bare() => "text",
            Ok(_) => "json",
            Err(ProviderError::Blocked(_)) => "blocked",
            Err(ProviderError::RateLimited { .. }) => "limited",
            Err(_) => "other",
        }
    }

    #[rstest]
    #[case(200, false, "{}", "json")]
    #[case(500, false, " \u{feff}{}", "json")]
    #[case(200, false, "\u{feff} [1]", "json")]
    #[case(403, true, "{\"status\":false}", "json")]
    #[case(403, true, "nope", "blocked")]
    #[case(403, false, "error code: 1020", "blocked")]
    #[case(200, false, "<!doctype html>", "blocked")]
    #[case(429, false, "<html>", "blocked")]
    #[case(429, false, "{\"status\":false}", "limited")]
    #[case(429, false, "", "limited")]
    #[case(302, false, "", "other")]
    #[case(302, false, "{}", "other")]
    #[case(300, false, "", "other")]
    #[case(300, false, "{}", "json")]
    #[case(200, false, "", "text")]
    #[case(200, false, "NO BALANCE", "text")]
    fn answers_are_sorted(
        #[case] status: u16,
        #[case] cloudflare: bool,
        #[case] body: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(kind(status, cloudflare, body), expected);
    }

    proptest! {
        #[test]
        fn nothing_panics(status in 100_u16..600, body in any::<Vec<u8>>(), wait in any::<String>()) {
            let _ = classify(&head(status, false), &body);
            let _ = retry_after(&wait, Some(&wait));
        }
    }
}
