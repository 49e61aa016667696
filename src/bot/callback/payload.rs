//! The text form of what a button carries: `1.<user>.<what>[.<part>…]`.
//!
//! Invariant: what is read here was written here, character for character.

use crate::bot::callback::alerting::Alerting;
use crate::bot::callback::broadcasting::Broadcasting;
use crate::bot::callback::desk::DeskPress;
use crate::bot::callback::inviting::Inviting;
use crate::bot::callback::mailing::Mailing;
use crate::bot::callback::pricing::PricingPress;
use crate::bot::callback::renting::Renting;
use crate::bot::callback::shopkeeping::Shopkeeping;
use crate::bot::callback::staff::StaffPress;
use crate::bot::callback::{Callback, Iso2, OperatorTag, Route};
use crate::domain::audience::Audience;
use crate::domain::id::{Nonce, OrderId, ProviderId, UserId};
use crate::domain::money::Money;
use crate::shop::browse::{ServerNumber, ServiceId};
use crate::shop::doubts::Ruling;
use crate::shop::request::{Decision, RequestId, Way};
use crate::shop::watch::WatchId;

/// The form of the payloads; a new one makes all older buttons "out of date".
const VERSION: &str = "1";
/// The longest name of an upstream that a button carries.
const LONGEST_PROVIDER: usize = 32;
/// Telegram's limit.
pub(super) const LARGEST_BYTES: usize = 64;

impl Route {
    fn encode(&self) -> String {
        let tag = |tag: OperatorTag| base36(i64::from(tag.0));
        let operator = self.operator.map_or(String::new(), tag);
        let server = self
            .server
            .map_or(String::new(), |server| format!(".{}", server.0));
        let service = base36(self.service.0);
        format!("{}.{service}.{operator}{server}", self.country.as_str())
    }
}

/// A payload with the user it was drawn for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed {
    /// For whom the button was drawn.
    pub user: UserId,
    /// What it asks for.
    pub callback: Callback,
}

impl Pressed {
    /// The payload.
    pub fn encode(&self) -> String {
        let user = base36(self.user.0);
        let what = letters(&self.callback);
        let payload = format!("{VERSION}.{user}.{what}");
        debug_assert!(payload.len() <= LARGEST_BYTES, "{} bytes", payload.len());
        payload
    }

    /// Reads a payload; `None` for an older form, or for anything that we did not write.
    pub fn decode(payload: &str) -> Option<Self> {
        if payload.len() > LARGEST_BYTES {
            return None;
        }
        let mut parts = payload.split('.');
        if parts.next()? != VERSION {
            return None;
        }
        let user = UserId(from_base36(parts.next()?)?);
        let what = parts.next()?;
        let callback = decode_callback(what, &mut Parts(&mut parts))?;
        // More parts than we write mean that somebody else wrote it.
        parts.next().is_none().then_some(Self { user, callback })
    }
}

fn tell(route: &Route, limit: Option<Money>) -> String {
    match limit {
        None => format!("n.{}", route.encode()),
        Some(limit) => format!("B.{}.{}", base36(limit.as_minor()), route.encode()),
    }
}

/// An admin's word on a request.
fn word_on(id: RequestId, decision: Decision) -> String {
    let id = base36(id.0);
    match decision {
        Decision::Approve => format!("ra.{id}"),
        Decision::ApproveOther(amount) => format!("rb.{id}.{}", base36(amount.as_minor())),
        Decision::Reject => format!("rj.{id}"),
    }
}

/// The letters of what a button asks for, with its parts.
fn letters(callback: &Callback) -> String {
    use Callback as C;
    match callback {
        C::Menu => "m".to_owned(),
        C::MenuBelow => "M".to_owned(),
        C::Buy => "b".to_owned(),
        C::Countries { page } => format!("k.{page}"),
        C::Everywhere { page } => format!("A.{page}"),
        C::Places { service, page } => format!("c.{}.{page}", base36(service.0)),
        C::Services { country, page } => format!("l.{}.{page}", country.as_str()),
        C::Service { country, service } => {
            format!("s.{}.{}", country.as_str(), base36(service.0))
        }
        C::Star {
            country,
            service,
            on,
        } => {
            let on = u8::from(*on);
            format!("t.{}.{}.{on}", country.as_str(), base36(service.0))
        }
        C::Offer { route } => format!("o.{}", route.encode()),
        C::Tell { route, limit } => tell(route, *limit),
        C::Cheaper { route } => format!("z.{}", route.encode()),
        C::Queue { route, limit } => format!("q.{limit}.{}", route.encode()),
        C::Watches => "N".to_owned(),
        C::Unwatch { id } => format!("u.{}", base36(id.0)),
        C::Confirm { nonce } => format!("y.{nonce}"),
        C::Orders { page } => format!("h.{page}"),
        C::OrdersBelow => "H".to_owned(),
        C::Order { id } => format!("v.{}", base36(id.0)),
        C::Cancel { id } => format!("x.{}", base36(id.0)),
        C::Resend { id } => format!("r.{}", base36(id.0)),
        C::Finish { id } => format!("f.{}", base36(id.0)),
        C::Again { id } => format!("a.{}", base36(id.0)),
        C::Wallet => "w".to_owned(),
        C::Stars => "S".to_owned(),
        C::PayStars { stars } => format!("i.{stars}"),
        C::OtherStars => "O".to_owned(),
        C::Voucher => "V".to_owned(),
        C::Send { way: Way::Transfer } => "tr".to_owned(),
        C::Send { way: Way::Qris } => "qr".to_owned(),
        C::WithdrawRequest { id } => format!("wr.{}", base36(id.0)),
        C::Decide { id, decision } => word_on(*id, *decision),
        C::OtherAmount { id } => format!("ro.{}", base36(id.0)),
        C::MakeVoucher { nonce } => format!("mv.{nonce}"),
        C::Settings => "e".to_owned(),
        C::Language { tag } => format!("g.{tag}"),
        C::Help => "p".to_owned(),
        C::TopUp { nonce } => format!("T.{nonce}"),
        C::Deduct { nonce } => format!("dd.{nonce}"),
        C::RefundStars { nonce } => format!("rs.{nonce}"),
        C::Selling { provider, is_on } => format!("U.{provider}.{}", u8::from(*is_on)),
        C::Rule { id, ruling } => format!("R.{}.{}", base36(id.0), ruling.letter()),
        C::AcceptFloat { nonce } => format!("F.{nonce}"),
        C::Discard => "D".to_owned(),
        C::Rent(renting) => renting.encode(),
        C::Mail(mailing) => mailing.encode(),
        C::Pricing(pricing) => pricing.encode(),
        C::Shopkeeping(what) => what.encode(),
        C::Staff(what) => what.encode(),
        C::Broadcast(what) => what.encode(),
        C::Alert(what) => what.encode(),
        C::Invite(what) => what.encode(),
        C::Desk(desk) => desk.encode(),
    }
}

fn decode_callback(what: &str, parts: &mut Parts<'_, '_>) -> Option<Callback> {
    use Callback as C;
    Some(match what {
        "m" => C::Menu,
        "M" => C::MenuBelow,
        "b" => C::Buy,
        "k" => C::Countries {
            page: parts.page()?,
        },
        "A" => C::Everywhere {
            page: parts.page()?,
        },
        "c" => C::Places {
            service: parts.service()?,
            page: parts.page()?,
        },
        "l" => C::Services {
            country: parts.country()?,
            page: parts.page()?,
        },
        "s" => C::Service {
            country: parts.country()?,
            service: parts.service()?,
        },
        "t" => C::Star {
            country: parts.country()?,
            service: parts.service()?,
            on: parts.flag()?,
        },
        "o" => return parts.route().map(|route| C::Offer { route }),
        "n" => C::Tell {
            route: parts.route()?,
            limit: None,
        },
        "B" => C::Tell {
            limit: Some(parts.amount()?),
            route: parts.route()?,
        },
        "z" => return parts.route().map(|route| C::Cheaper { route }),
        "q" => C::Queue {
            limit: parts.limit()?,
            route: parts.route()?,
        },
        "N" => C::Watches,
        "u" => C::Unwatch {
            id: WatchId(from_base36(parts.0.next()?)?),
        },
        "y" => C::Confirm {
            nonce: parts.nonce()?,
        },
        "h" => C::Orders {
            page: parts.page()?,
        },
        "H" => C::OrdersBelow,
        "v" => C::Order { id: parts.order()? },
        "x" => C::Cancel { id: parts.order()? },
        "r" => C::Resend { id: parts.order()? },
        "f" => C::Finish { id: parts.order()? },
        "a" => C::Again { id: parts.order()? },
        "w" => C::Wallet,
        "e" => C::Settings,
        "g" => C::Language { tag: parts.tag()? },
        "p" => C::Help,
        _ => return decode_money_callback(what, parts),
    })
}

/// How money comes in.
fn decode_money_callback(what: &str, parts: &mut Parts<'_, '_>) -> Option<Callback> {
    use Callback as C;
    Some(match what {
        "S" => C::Stars,
        "i" => C::PayStars {
            stars: parts.count()?,
        },
        "O" => C::OtherStars,
        "V" => C::Voucher,
        "tr" => C::Send { way: Way::Transfer },
        "qr" => C::Send { way: Way::Qris },
        "wr" => C::WithdrawRequest {
            id: parts.request()?,
        },
        _ => return decode_product_callback(what, parts),
    })
}

fn decode_product_callback(what: &str, parts: &mut Parts<'_, '_>) -> Option<Callback> {
    match what.chars().next()? {
        'E' => Mailing::decode(what, parts).map(Callback::Mail),
        'i' => Renting::decode(what, parts).map(Callback::Rent),
        'P' => PricingPress::decode(what, parts).map(Callback::Pricing),
        'W' => Shopkeeping::decode(what, parts).map(Callback::Shopkeeping),
        'Z' => StaffPress::decode(what, parts).map(Callback::Staff),
        'J' => Inviting::decode(what).map(Callback::Invite),
        'X' => Alerting::decode(what, parts).map(Callback::Alert),
        'Y' => Broadcasting::decode(what, parts).map(Callback::Broadcast),
        'K' => DeskPress::decode(what, parts).map(Callback::Desk),
        _ => decode_admin_callback(what, parts),
    }
}

fn decode_admin_callback(what: &str, parts: &mut Parts<'_, '_>) -> Option<Callback> {
    use Callback as C;
    Some(match what {
        "T" => C::TopUp {
            nonce: parts.nonce()?,
        },
        "ra" => C::Decide {
            id: parts.request()?,
            decision: Decision::Approve,
        },
        "ro" => C::OtherAmount {
            id: parts.request()?,
        },
        "rb" => C::Decide {
            id: parts.request()?,
            decision: Decision::ApproveOther(parts.amount()?),
        },
        "rj" => C::Decide {
            id: parts.request()?,
            decision: Decision::Reject,
        },
        "mv" => C::MakeVoucher {
            nonce: parts.nonce()?,
        },
        "dd" => C::Deduct {
            nonce: parts.nonce()?,
        },
        "rs" => C::RefundStars {
            nonce: parts.nonce()?,
        },
        "U" => C::Selling {
            provider: ProviderId::from(word(parts.0.next()?, LONGEST_PROVIDER)?),
            is_on: parts.flag()?,
        },
        "R" => C::Rule {
            id: parts.order()?,
            ruling: Ruling::from_letter(parts.0.next()?)?,
        },
        "F" => C::AcceptFloat {
            nonce: parts.nonce()?,
        },
        "D" => C::Discard,
        _ => return None,
    })
}

/// Reads the parts behind the letter, one after the other.
pub(super) struct Parts<'s, 'i>(pub(super) &'i mut std::str::Split<'s, char>);

impl Parts<'_, '_> {
    pub(super) fn page(&mut self) -> Option<usize> {
        self.0.next()?.parse().ok()
    }

    fn limit(&mut self) -> Option<u8> {
        let text = self.0.next()?;
        let limit: u8 = text.parse().ok()?;
        (limit.to_string() == text).then_some(limit)
    }

    fn request(&mut self) -> Option<RequestId> {
        from_base36(self.0.next()?).map(RequestId)
    }

    pub(super) fn user(&mut self) -> Option<UserId> {
        from_base36(self.0.next()?).map(UserId)
    }

    pub(super) fn count(&mut self) -> Option<u32> {
        let text = self.0.next()?;
        let count: u32 = text.parse().ok()?;
        (count.to_string() == text).then_some(count)
    }

    pub(super) fn number(&mut self) -> Option<i64> {
        from_base36(self.0.next()?)
    }

    /// Nothing at all stands for any.
    pub(super) fn some_service(&mut self) -> Option<Option<ServiceId>> {
        match self.0.next()? {
            "" => Some(None),
            id => from_base36(id).map(|id| Some(ServiceId(id))),
        }
    }

    pub(super) fn currency(&mut self) -> Option<String> {
        let code = self.0.next()?;
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        is_code.then(|| code.to_owned())
    }

    fn amount(&mut self) -> Option<Money> {
        let amount = Money::minor(from_base36(self.0.next()?)?);
        amount.is_positive().then_some(amount)
    }

    pub(super) fn country(&mut self) -> Option<Iso2> {
        Iso2::new(self.0.next()?)
    }

    pub(super) fn service(&mut self) -> Option<ServiceId> {
        from_base36(self.0.next()?).map(ServiceId)
    }

    fn route(&mut self) -> Option<Route> {
        Some(Route {
            country: self.country()?,
            service: self.service()?,
            operator: self.operator()?,
            server: self.server()?,
        })
    }

    pub(super) fn order(&mut self) -> Option<OrderId> {
        from_base36(self.0.next()?).map(OrderId)
    }

    pub(super) fn operator(&mut self) -> Option<Option<OperatorTag>> {
        match self.0.next()? {
            "" => Some(None),
            tag => Some(Some(OperatorTag(u32::try_from(from_base36(tag)?).ok()?))),
        }
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        match self.0.next()? {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }

    /// Nothing at all stands for any.
    fn server(&mut self) -> Option<Option<ServerNumber>> {
        match self.0.next() {
            None => Some(None),
            Some(number) => {
                let server: u8 = number.parse().ok().filter(|number| *number > 0)?;
                (server.to_string() == number).then_some(Some(ServerNumber(server)))
            }
        }
    }

    pub(super) fn audience(&mut self) -> Option<Audience> {
        Audience::from_word(word(self.0.next()?, 12)?)
    }

    pub(super) fn nonce(&mut self) -> Option<Nonce> {
        word(self.0.next()?, 32).map(Nonce::from)
    }

    fn tag(&mut self) -> Option<String> {
        word(self.0.next()?, 8).map(str::to_owned)
    }
}

fn word(text: &str, longest: usize) -> Option<&str> {
    let fits = (1..=longest).contains(&text.len());
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (fits && plain).then_some(text)
}

/// Base 36 in lower case; numbers of Telegram and of our tables are never negative, but a
/// negative one survives the way too.
pub(in crate::bot) fn base36(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(rest % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push('-');
    }
    digits.into_iter().rev().collect()
}

/// Reads what [`base36`] wrote, and nothing else.
pub(in crate::bot) fn from_base36(text: &str) -> Option<i64> {
    let number = i64::from_str_radix(text, 36).ok()?;
    // `+5`, `005` and `A` are readable, but we never wrote them.
    (base36(number) == text).then_some(number)
}
