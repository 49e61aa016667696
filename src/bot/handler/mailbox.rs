//! Mailboxes: from the first tap to the confirmation card.
//!
//! Invariant: no money moves here; everything is read from memory or the database.

use crate::bot::callback::mailing::Mailing;
use crate::bot::callback::{Callback, OperatorTag};
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::handler::rental::ask_then_quote;
use crate::bot::keyboard::Screen;
use crate::bot::views::mailbox;
use crate::shop::browse::ServiceId;
use crate::shop::mailbox::choice;
use crate::shop::{Shop, ShopError};

/// Services on one page: two columns that fit a phone.
const SERVICES_PER_PAGE: usize = 20;
/// The same in one column.
const ROWS_PER_PAGE: usize = 12;

/// The services; what is typed next is looked for among them.
pub(super) async fn begin(
    context: &Context,
    guest: &Guest,
    text: &str,
) -> Result<Screen, BotError> {
    dialogue::ask(&context.shop, guest.chat(), Question::Mailbox).await?;
    let text = Some(text.trim()).filter(|text| !text.is_empty());
    let habits = context.shop.habits(guest.user.id).await?;
    let page = context
        .shop
        .mail_services(&habits, text, 0, SERVICES_PER_PAGE);
    Ok(mailbox::services(&guest.look, &page, &habits, text))
}

/// A press of one of the mailboxes' buttons.
pub(super) async fn on_press(press: &Press, mailing: Mailing) -> Result<(), BotError> {
    let (context, guest, look) = (&press.context, &press.guest, &press.guest.look);
    let shop = &context.shop;
    let screen = match mailing {
        Mailing::Services { page: 0 } => begin(context, guest, "").await?,
        Mailing::Services { page } => {
            let habits = shop.habits(guest.user.id).await?;
            let page = shop.mail_services(&habits, None, page, SERVICES_PER_PAGE);
            mailbox::services(look, &page, &habits, None)
        }
        Mailing::Domains => mailbox::domains(look, &shop.mail_domains()),
        Mailing::Service { service } => self::service(press, service).await?,
        Mailing::Star { service, on } => {
            let set = shop.set_favourite(guest.user.id, service, on).await;
            press.tell_star(set, on)?;
            self::service(press, service).await?
        }
        Mailing::Domain { domain, page } => {
            let domain = named(shop, domain)?;
            let page = shop.mail_services_at(&domain, page, ROWS_PER_PAGE);
            mailbox::domain(look, &domain, &page)
        }
        Mailing::Offer { service, domain } => {
            let choice = choice(service, named(shop, domain)?);
            let back = Callback::Mail(Mailing::Service { service });
            ask_then_quote(press, choice, back);
            return Ok(());
        }
    };
    press.show(screen);
    Ok(())
}

/// The domains of a service.
async fn service(press: &Press, service: ServiceId) -> Result<Screen, BotError> {
    let (shop, guest) = (&press.context.shop, &press.guest);
    let (entry, domains) = shop.mail_domains_of(service)?;
    let habits = shop.habits(guest.user.id).await?;
    let is_favourite = habits.is_favourite(service);
    Ok(mailbox::service(
        &guest.look,
        &entry,
        &domains,
        is_favourite,
    ))
}

/// The domain of a button; one that left the shelf is no longer sold.
fn named(shop: &Shop, tag: OperatorTag) -> Result<String, ShopError> {
    let mut domains = shop.mail_domains().into_iter();
    domains
        .find(|domain| OperatorTag::of(domain) == tag)
        .ok_or(ShopError::NotSold)
}
