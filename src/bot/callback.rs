//! What a button carries, as one enum; its compact text form is [`payload`].
//!
//! Invariant: every payload fits Telegram's 64 bytes, is bound to the user it was drawn for, and
//! decodes here or nowhere. A payload that no longer decodes is an old button, never an error.

pub mod alerting;
pub mod broadcasting;
pub mod desk;
pub mod inviting;
pub mod mailing;
pub mod payload;
pub mod pricing;
pub mod renting;
pub mod shopkeeping;
pub mod staff;

use crate::bot::callback::alerting::Alerting;
use crate::bot::callback::broadcasting::Broadcasting;
use crate::bot::callback::desk::DeskPress;
use crate::bot::callback::inviting::Inviting;
use crate::bot::callback::mailing::Mailing;
use crate::bot::callback::pricing::PricingPress;
use crate::bot::callback::renting::Renting;
use crate::bot::callback::shopkeeping::Shopkeeping;
use crate::bot::callback::staff::StaffPress;
use crate::domain::id::{Nonce, OrderId, ProviderId};
use crate::domain::money::Money;
use crate::domain::role::Role;
use crate::shop::browse::{ServerNumber, ServiceId};
use crate::shop::buy::Choice;
use crate::shop::doubts::Ruling;
use crate::shop::request::{Decision, RequestId, Way};
use crate::shop::watch::WatchId;

/// An operator by a hash of its name: names are too long for a button, and a place in a list
/// means another operator once the list changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorTag(pub u32);

impl OperatorTag {
    /// The tag of a name (FNV-1a, the same on every machine and in every version).
    pub fn of(name: &str) -> Self {
        Self(name.bytes().fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        }))
    }
}

/// An ISO 3166 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iso2([u8; 2]);

impl Iso2 {
    /// Two capitals, or `None`.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(bytes))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// What would be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The country.
    pub country: Iso2,
    /// The service.
    pub service: ServiceId,
    /// The operator; `None` for any.
    pub operator: Option<OperatorTag>,
    /// The upstream; `None` for any.
    pub server: Option<ServerNumber>,
}

impl Route {
    /// Small enough for a button; `None` for a country without a usual code.
    pub(crate) fn of(
        choice: &Choice,
        number: impl FnOnce(&ProviderId) -> Option<ServerNumber>,
    ) -> Option<Self> {
        Some(Self {
            country: Iso2::new(&choice.country)?,
            service: choice.service,
            operator: choice.operator.as_deref().map(OperatorTag::of),
            server: choice.server.as_ref().and_then(number),
        })
    }
}

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callback {
    /// The main menu, in place of the message.
    Menu,
    /// The main menu as a new message: under cards that stay.
    MenuBelow,
    /// Countries, or services where there is one country.
    Buy,
    /// All countries, even after one was chosen.
    Countries {
        /// From 0.
        page: usize,
    },
    /// The services of all countries.
    Everywhere {
        /// From 0.
        page: usize,
    },
    /// The countries that sell a service.
    Places {
        /// The service.
        service: ServiceId,
        /// From 0.
        page: usize,
    },
    /// The services of a country.
    Services {
        /// The country.
        country: Iso2,
        /// From 0.
        page: usize,
    },
    /// The operators of a service.
    Service {
        /// The country.
        country: Iso2,
        /// The service.
        service: ServiceId,
    },
    /// Gives a service a star, or takes it away, on the screen of its operators.
    Star {
        /// The country.
        country: Iso2,
        /// The service.
        service: ServiceId,
        /// Whether it gets the star.
        on: bool,
    },
    /// The confirmation card.
    Offer {
        /// What would be bought.
        route: Route,
    },
    /// Tells the user when it can be bought again, or is cheap enough.
    Tell {
        /// What.
        route: Route,
        /// The most that it may cost to be worth a word. It is only a wish: nothing is ever paid
        /// by it.
        limit: Option<Money>,
    },
    /// What to do about something that is too dear.
    Cheaper {
        /// What.
        route: Route,
    },
    /// The card for an order that waits until it can be bought.
    Queue {
        /// What.
        route: Route,
        /// Which of the limits, from 0.
        limit: u8,
    },
    /// What the user wants to hear of.
    Watches,
    /// Forgets one of these.
    Unwatch {
        /// Which.
        id: WatchId,
    },
    /// Buys what the quote stands for.
    Confirm {
        /// The quote's key.
        nonce: Nonce,
    },
    /// The list of orders, in place of the message.
    Orders {
        /// From 0.
        page: usize,
    },
    /// The list of orders as a new message.
    OrdersBelow,
    /// One order.
    Order {
        /// Which.
        id: OrderId,
    },
    /// Cancels an order.
    Cancel {
        /// Which.
        id: OrderId,
    },
    /// Asks for another SMS.
    Resend {
        /// Which.
        id: OrderId,
    },
    /// Closes an order.
    Finish {
        /// Which.
        id: OrderId,
    },
    /// The same again at today's price.
    Again {
        /// Which.
        id: OrderId,
    },
    /// The wallet.
    Wallet,
    /// What is offered for Stars.
    Stars,
    /// An invoice.
    PayStars {
        /// Over so many Stars.
        stars: u32,
    },
    /// Asks for another number of Stars.
    OtherStars,
    /// The settings.
    Settings,
    /// Chooses a language.
    Language {
        /// Its tag.
        tag: String,
    },
    /// The help.
    Help,
    /// Books an admin's top-up.
    TopUp {
        /// The draft's key.
        nonce: Nonce,
    },
    /// A request to be credited for money that is sent.
    Send {
        /// How.
        way: Way,
    },
    /// Takes one's request back.
    WithdrawRequest {
        /// Which.
        id: RequestId,
    },
    /// An admin's word on the money of a request.
    Decide {
        /// Which.
        id: RequestId,
        /// Whether it came, and how much.
        decision: Decision,
    },
    /// An admin says that another amount came: which one is asked.
    OtherAmount {
        /// Which.
        id: RequestId,
    },
    /// Asks for the code of a voucher.
    Voucher,
    /// Makes an admin's voucher.
    MakeVoucher {
        /// The draft's key.
        nonce: Nonce,
    },
    /// Books an admin's deduction.
    Deduct {
        /// The draft's key.
        nonce: Nonce,
    },
    /// Begins a refund of Stars.
    RefundStars {
        /// The draft's key.
        nonce: Nonce,
    },
    /// Lets an upstream sell, or keeps it from selling.
    Selling {
        /// The upstream.
        provider: ProviderId,
        /// Whether it sells.
        is_on: bool,
    },
    /// An admin's word on a purchase that is not proven.
    Rule {
        /// The order.
        id: OrderId,
        /// What the admin found out.
        ruling: Ruling,
    },
    /// Takes a difference of a balance into the books.
    AcceptFloat {
        /// The draft's key.
        nonce: Nonce,
    },
    /// Forgets an admin's draft.
    Discard,
    /// What the buttons of rentals ask for.
    Rent(Renting),
    /// What the buttons of mailboxes ask for.
    Mail(Mailing),
    /// What the admins' buttons of prices and rates ask for.
    Pricing(PricingPress),
    /// What the admins' buttons of services, announcements and maintenance ask for.
    Shopkeeping(Shopkeeping),
    /// What the buttons about the staff ask for.
    Staff(StaffPress),
    /// What the buttons about messages to many ask for.
    Broadcast(Broadcasting),
    /// What the buttons under warnings ask for.
    Alert(Alerting),
    /// What the buttons about inviting others ask for.
    Invite(Inviting),
    /// What the buttons of the admins' desk ask for.
    Desk(DeskPress),
}

impl Callback {
    /// What somebody must be to press it; `None` for what every user may press. It is asked in one
    /// place, before anything else happens.
    pub fn least_role(&self) -> Option<Role> {
        match self {
            Self::RefundStars { .. } | Self::Discard => Some(Role::Support),
            Self::Staff(what) => Some(what.least_role()),
            Self::Broadcast(what) => what.least_role(),
            Self::Alert(what) => Some(what.least_role()),
            Self::Desk(desk) => Some(desk.least_role()),
            Self::TopUp { .. }
            | Self::Decide { .. }
            | Self::OtherAmount { .. }
            | Self::MakeVoucher { .. }
            | Self::Deduct { .. }
            | Self::Pricing(_)
            | Self::Shopkeeping(_)
            | Self::Selling { .. }
            | Self::Rule { .. }
            | Self::AcceptFloat { .. } => Some(Role::Admin),
            Self::Menu
            | Self::MenuBelow
            | Self::Buy
            | Self::Countries { .. }
            | Self::Everywhere { .. }
            | Self::Places { .. }
            | Self::Services { .. }
            | Self::Service { .. }
            | Self::Star { .. }
            | Self::Offer { .. }
            | Self::Tell { .. }
            | Self::Cheaper { .. }
            | Self::Queue { .. }
            | Self::Watches
            | Self::Unwatch { .. }
            | Self::Confirm { .. }
            | Self::Orders { .. }
            | Self::OrdersBelow
            | Self::Order { .. }
            | Self::Cancel { .. }
            | Self::Resend { .. }
            | Self::Finish { .. }
            | Self::Again { .. }
            | Self::Wallet
            | Self::Stars
            | Self::PayStars { .. }
            | Self::OtherStars
            | Self::Settings
            | Self::Language { .. }
            | Self::Help
            | Self::Send { .. }
            | Self::WithdrawRequest { .. }
            | Self::Voucher
            | Self::Rent(_)
            | Self::Invite(_)
            | Self::Mail(_) => None,
        }
    }

    /// Whether the answer to the press tells how it went; any other press is answered at once.
    pub fn has_a_toast(&self) -> bool {
        match self {
            Self::Rent(renting) => renting.has_a_toast(),
            Self::Mail(mailing) => mailing.has_a_toast(),
            Self::Desk(desk) => desk.has_a_toast(),
            Self::Pricing(pricing) => pricing.has_a_toast(),
            Self::Shopkeeping(what) => what.has_a_toast(),
            Self::Star { .. }
            | Self::Tell { .. }
            | Self::Unwatch { .. }
            | Self::Confirm { .. }
            | Self::Cancel { .. }
            | Self::Resend { .. }
            | Self::Finish { .. }
            | Self::Language { .. }
            | Self::TopUp { .. }
            | Self::WithdrawRequest { .. }
            | Self::Decide { .. }
            | Self::OtherAmount { .. }
            | Self::RefundStars { .. }
            | Self::Deduct { .. }
            | Self::Selling { .. }
            | Self::Rule { .. }
            | Self::AcceptFloat { .. }
            | Self::Staff(_)
            | Self::Broadcast(_)
            | Self::Discard => true,
            Self::Menu
            | Self::MenuBelow
            | Self::Buy
            | Self::Countries { .. }
            | Self::Everywhere { .. }
            | Self::Places { .. }
            | Self::Services { .. }
            | Self::Service { .. }
            | Self::Offer { .. }
            | Self::Cheaper { .. }
            | Self::Queue { .. }
            | Self::Watches
            | Self::Orders { .. }
            | Self::OrdersBelow
            | Self::Order { .. }
            | Self::Again { .. }
            | Self::Wallet
            | Self::Stars
            | Self::PayStars { .. }
            | Self::OtherStars
            | Self::Voucher
            | Self::Send { .. }
            | Self::MakeVoucher { .. }
            | Self::Settings
            | Self::Alert(_)
            | Self::Invite(_)
            | Self::Help => false,
        }
    }
}

#[cfg(test)]
mod tests;
