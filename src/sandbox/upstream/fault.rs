//! What can go wrong at an upstream, on demand.
//!
//! Invariant: a fault strikes the requests its scope names and no others; the first one set that
//! fits a request strikes it, alone, and uses up one of its times.

use std::time::Duration;

/// The step of an order's life that a request belongs to, the same word for every upstream.
pub mod step {
    /// Buying a number.
    pub const BUY: &str = "buy";
    /// Telling the upstream that the number is in use.
    pub const READY: &str = "ready";
    /// Cancelling an order.
    pub const CANCEL: &str = "cancel";
    /// Asking for another SMS.
    pub const RESEND: &str = "resend";
    /// Closing an order that got its SMS.
    pub const FINISH: &str = "finish";
    /// Reading the state of one order or of all.
    pub const POLL: &str = "poll";
    /// Renting a number.
    pub const RENT: &str = "rent";
    /// Renewing a rental.
    pub const RENEW: &str = "renew";
    /// Reading the list of all rentals.
    pub const RENTALS: &str = "rentals";
    /// Reading the SMS of a rental.
    pub const RENTAL_SMS: &str = "rental_sms";
    /// Buying a mailbox.
    pub const BUY_MAIL: &str = "buy_mail";
    /// Reading the state of a mailbox.
    pub const MAIL_CODE: &str = "mail_code";
    /// Cancelling a mailbox.
    pub const CANCEL_MAIL: &str = "cancel_mail";
    /// Reading a page of all mailboxes.
    pub const MAILS: &str = "mails";
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Buying is refused for want of numbers, whatever the list says.
    NoStock,
    /// The answer is right but late.
    Slow(Duration),
    /// The connection is held and no byte ever comes. With [`Scope::after_work`] on buying: the
    /// number was bought.
    NoAnswer,
    /// The connection is reset without an answer.
    DroppedConnection,
    /// A gateway's HTML page with this HTTP status.
    ServerError(u16),
    /// The program's own error with this status, in its own words; the gateway's page where its
    /// language has none for it.
    Complaint(u16),
    /// A maintenance page in HTML, with HTTP 200.
    HtmlPage,
    /// Cloudflare's refusal: HTTP 403, `error code: 1020`.
    Blocked,
    /// HTTP 429 with this `Retry-After`.
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// Prices are higher by this many percent, rounded up to the digits they have. Scoped to
    /// buying, the list still shows the old ones.
    PriceChange {
        /// Percent on top.
        percent: u32,
    },
    /// The SMS comes just as the order is being cancelled: the cancel is refused.
    SmsDuringCancel,
    /// An order that has exactly one SMS gets a second one nobody asked for.
    SecondSms,
    /// The key is refused though it is right.
    WrongKey,
    /// Half of the answer, as a complete HTTP message.
    TruncatedJson,
    /// The head promises the whole body, the connection breaks in the middle of it.
    BrokenBody,
    /// HTTP 200 and nothing in it.
    EmptyBody,
}

/// Which requests a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    action: Option<String>,
    order: Option<String>,
    times: Option<u32>,
    after_work: bool,
}

impl Scope {
    /// Every request, until cleared.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// Requests of one action, by the upstream's own word or by one of [`step`]'s.
    #[must_use]
    pub fn on(action: &str) -> Self {
        Self {
            action: Some(action.to_owned()),
            ..Self::default()
        }
    }

    /// Only requests that name this order.
    #[must_use]
    pub fn order(mut self, id: &str) -> Self {
        self.order = Some(id.to_owned());
        self
    }

    /// Only so many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only the next request that fits.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// The request is carried out first; what is spoilt is the answer.
    #[must_use]
    pub fn after_work(mut self) -> Self {
        self.after_work = true;
        self
    }
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The upstream's own word.
    pub(super) action: String,
    /// One of [`step`]'s words, for requests that concern orders.
    pub(super) step: Option<&'static str>,
    /// The order it names.
    pub(super) order: Option<String>,
}

/// A fault that strikes a request.
#[derive(Debug)]
pub(super) struct Struck {
    /// What goes wrong.
    pub(super) fault: Fault,
    /// Whether the request is carried out first.
    pub(super) after_work: bool,
    /// The order it is about: the scope's, else the request's.
    pub(super) order: Option<String>,
}

/// The faults set at one upstream, oldest first.
#[derive(Debug, Default)]
pub(super) struct Faults {
    set: Vec<(Fault, Scope)>,
}

impl Faults {
    /// Sets one more.
    pub(super) fn set(&mut self, fault: Fault, scope: Scope) {
        self.set.push((fault, scope));
    }

    /// Takes all away.
    pub(super) fn clear(&mut self) {
        self.set.clear();
    }

    /// The fault that strikes this request, if any.
    pub(super) fn strike(&mut self, call: &Call) -> Option<Struck> {
        let position = self
            .set
            .iter()
            .position(|(fault, scope)| fits(fault, scope, call))?;
        let (fault, scope) = self.set.get_mut(position)?;
        let struck = Struck {
            fault: fault.clone(),
            after_work: scope.after_work,
            order: scope.order.clone().or_else(|| call.order.clone()),
        };
        if let Some(times) = &mut scope.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.set.remove(position);
            }
        }
        Some(struck)
    }
}

fn fits(fault: &Fault, scope: &Scope, call: &Call) -> bool {
    if scope.times == Some(0) {
        return false;
    }
    let action_fits = scope
        .action
        .as_deref()
        .is_none_or(|action| action == call.action || Some(action) == call.step);
    // A list of all orders names none, yet shows the one whose second SMS is meant.
    let order_fits = scope.order.is_none()
        || scope.order == call.order
        || (*fault == Fault::SecondSms && call.order.is_none());
    let is_one_of = |steps: &[&str]| call.step.is_some_and(|step| steps.contains(&step));
    let kind_fits = match fault {
        Fault::NoStock => is_one_of(&[step::BUY, step::RENT, step::BUY_MAIL]),
        Fault::SmsDuringCancel => is_one_of(&[step::CANCEL, step::CANCEL_MAIL]),
        Fault::SecondSms => is_one_of(&[step::POLL, step::MAIL_CODE]),
        Fault::Slow(_)
        | Fault::NoAnswer
        | Fault::DroppedConnection
        | Fault::ServerError(_)
        | Fault::Complaint(_)
        | Fault::HtmlPage
        | Fault::Blocked
        | Fault::RateLimited { .. }
        | Fault::PriceChange { .. }
        | Fault::WrongKey
        | Fault::TruncatedJson
        | Fault::BrokenBody
        | Fault::EmptyBody => true,
    };
    action_fits && order_fits && kind_fits
}
