//! Presses of buttons: decoded in one place, matched exhaustively.
//!
//! Invariant: a press by somebody for whom the button was not drawn, who may not press it (any
//! more), of an older form, or outside the user's private chat changes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use teloxide::types::CallbackQuery;

use crate::admin::providers::on_selling;
use crate::admin::{self, request};
use crate::bot::ban::Errand;
use crate::bot::callback::payload::Pressed;
use crate::bot::callback::{Callback, Iso2};
use crate::bot::context::{Context, Guest, user_id};
use crate::bot::courier::Courier;
use crate::bot::error::BotError;
use crate::bot::handler::{
    browse, invite, mailbox, orders, rental, transfer, trust, waiting, wallet,
};
use crate::bot::html::plain;
use crate::bot::i18n::Lang;
use crate::bot::keyboard::Screen;
use crate::bot::views::menu;
use crate::shop::ShopError;
use crate::shop::browse::ServiceId;
use crate::shop::buy::CardPlace;

/// A press in a user's private chat.
pub(crate) struct Press {
    pub(crate) context: Arc<Context>,
    pub(crate) guest: Guest,
    query: String,
    message: i32,
    answered: AtomicBool,
    /// The user's turn that this press began.
    pub(super) turn: u64,
}

impl Press {
    /// Ends the button's spinning without a word.
    pub(crate) fn ack(&self) {
        self.answer(None, false);
    }

    /// A toast over the button.
    pub(crate) fn toast(&self, text: &str) {
        self.answer(Some(text), false);
    }

    fn answer(&self, text: Option<&str>, alert: bool) {
        if !self.answered.swap(true, Ordering::SeqCst) {
            self.context.sender.answer(&self.query, text, alert);
        }
    }

    /// Shows something in place of the message with the button.
    pub(crate) fn show(&self, screen: Screen) {
        let sender = &self.context.sender;
        drop(sender.replace(self.guest.chat(), self.message, screen));
    }

    /// Shows something below.
    pub(crate) fn below(&self, screen: Screen) {
        drop(self.context.sender.reply(self.guest.chat(), screen));
    }

    /// Shows something below, and that is all.
    fn ends_below(&self, screen: Screen) -> Result<(), BotError> {
        self.below(screen);
        Ok(())
    }

    /// Tells whether something got a star or lost it.
    pub(super) fn tell_star(&self, set: Result<(), ShopError>, on: bool) -> Result<(), BotError> {
        set.inspect_err(|_| self.ack())?;
        let lang = self.guest.look.lang;
        self.toast(&if on {
            plain!(lang, "toast-starred")
        } else {
            plain!(lang, "toast-unstarred")
        });
        Ok(())
    }

    /// The message with the button, as a place for a card.
    pub(crate) fn place(&self) -> CardPlace {
        CardPlace {
            chat_id: self.guest.chat(),
            message_id: self.message,
        }
    }

    pub(super) fn courier(&self) -> Courier {
        Courier::new(Arc::clone(&self.context.shop), self.context.sender.clone())
    }
}

/// A press of any button.
pub(crate) async fn on_press(context: Arc<Context>, query: CallbackQuery) -> Result<(), BotError> {
    // A private chat has the number of the one who presses in it.
    let own = user_id(&query.from).map(|user| user.0);
    let private = query.message.as_ref().filter(|message| {
        let chat = message.chat();
        chat.is_private() && Some(chat.id.0) == own
    });
    let (Some(message), Some(data)) = (private, query.data.as_deref()) else {
        context.sender.answer(&query.id.0, None, false);
        return Ok(());
    };
    let pressed = Pressed::decode(data);
    let errand = pressed
        .as_ref()
        .filter(|pressed| Some(pressed.user.0) == own)
        .map_or(Errand::Other, |pressed| Errand::Press(&pressed.callback));
    let guest = context.enter(&query.from, errand).await?;
    let message = message.id().0;
    let turn = context.turn_of(guest.user.id);
    let press = Press {
        turn,
        context,
        guest,
        query: query.id.0,
        message,
        answered: AtomicBool::new(false),
    };
    let lang = press.guest.look.lang;
    match pressed {
        Some(pressed) if pressed.user == press.guest.user.id => {
            let role = press.context.shop.role(press.guest.user.id);
            match pressed.callback.least_role() {
                // They see what they would see for any button that is no more.
                Some(least) if role < Some(least) => outdated(&press),
                Some(_) | None => return act(&press, pressed.callback).await,
            }
            Ok(())
        }
        Some(_) => {
            press.answer(Some(&plain!(lang, "toast-not-yours")), true);
            Ok(())
        }
        None => {
            outdated(&press);
            Ok(())
        }
    }
}

/// An old button: says so, and brings a fresh menu below (the message may be an order's card).
pub(crate) fn outdated(press: &Press) {
    let look = &press.guest.look;
    press.toast(&plain!(look.lang, "toast-outdated"));
    press.below(menu::outdated(look));
}

async fn act(press: &Press, callback: Callback) -> Result<(), BotError> {
    use Callback as C;
    let (context, guest, look) = (&*press.context, &press.guest, &press.guest.look);
    if !callback.has_a_toast() {
        press.ack();
    }
    let screen = match callback {
        C::Confirm { nonce } => return orders::confirm(press, &nonce).await,
        C::Cancel { id } => return orders::cancel(press, id).await,
        C::Resend { id } => return orders::resend(press, id).await,
        C::Finish { id } => return orders::finish(press, id).await,
        C::Language { tag } => return choose_language(press, &tag).await,
        C::TopUp { nonce } => return admin::on_top_up(press, &nonce).await,
        C::Deduct { nonce } => return admin::deduct::on_deduct(press, &nonce).await,
        C::RefundStars { nonce } => return admin::stars::on_refund(press, &nonce).await,
        C::WithdrawRequest { id } => return transfer::withdraw(press, id).await,
        C::Decide { id, decision } => return request::on_decision(press, id, decision).await,
        C::OtherAmount { id } => return request::on_other(press, id).await,
        C::MakeVoucher { nonce } => return admin::voucher::on_make(press, &nonce).await,
        C::PayStars { stars } => return wallet::pay_stars(press, stars).await,
        C::Pricing(it) => return admin::prices::on_press(press, it).await,
        C::Shopkeeping(it) => return admin::shopkeeping::on_press(press, it).await,
        C::Selling { provider, is_on } => return on_selling(press, &provider, is_on).await,
        C::Rule { id, ruling } => return admin::doubts::on_ruling(press, id, ruling).await,
        C::AcceptFloat { nonce } => return admin::doubts::on_accept(press, &nonce).await,
        C::Discard => return admin::on_discard(press),
        C::Staff(what) => return admin::staff::on_press(press, what).await,
        C::Invite(what) => return invite::on_press(press, what).await,
        C::Alert(what) => return admin::alert::on_press(press, what).await,
        C::Broadcast(what) => return admin::broadcast::on_press(press, what).await,
        C::Desk(desk) => return admin::desk::on_press(press, desk).await,
        C::Mail(mailing) => return mailbox::on_press(press, mailing).await,
        C::Rent(renting) => return rental::on_press(press, renting).await,
        C::Trust(asked) => return trust::on_press(press, asked).await,
        C::Order { id } => return orders::open(press, id).await,
        C::Again { id } => return orders::again(press, id).await,
        C::MenuBelow => return press.ends_below(menu::menu(look, &context.shop.front())),
        C::OrdersBelow => return press.ends_below(orders::list(context, guest, 0).await?),
        C::Star {
            country,
            service,
            on,
        } => star(press, country, service, on).await?,
        C::Menu => menu::menu(look, &context.shop.front()),
        C::Settings => settings(context, guest).await?,
        C::Help => menu::help(look),
        C::Orders { page } => orders::list(context, guest, page).await?,
        C::Wallet => wallet::wallet(context, guest).await?,
        C::Stars => wallet::stars_offers(context, guest).await?,
        C::Send { way } => transfer::begin(context, guest, way).await?,
        C::Voucher => wallet::ask_voucher(context, guest).await?,
        C::OtherStars => wallet::other_stars(context, guest).await?,
        C::Buy => browse::begin(context, guest).await?,
        C::Countries { page } => browse::countries(context, guest, page).await?,
        C::Everywhere { page } => browse::everywhere(context, guest, page).await?,
        C::Places { service, page } => browse::places(context, guest, service, page).await?,
        C::Services { country, page } => browse::services(context, guest, country, page).await?,
        C::Service { country, service } => {
            browse::service(context, guest, country, service).await?
        }
        C::Offer { route } => browse::offer(context, guest, route).await?,
        C::Queue { route, limit } => waiting::queue(context, guest, route, limit).await?,
        C::Cheaper { route } => waiting::cheaper(context, guest, route).await?,
        C::Tell { route, limit } => waiting::tell(press, route, limit).await?,
        C::Watches => waiting::watches(context, guest).await?,
        C::Unwatch { id } => waiting::unwatch(press, id).await?,
    };
    press.show(screen);
    Ok(())
}

/// Gives a service a star, or takes it away; the screen then says how it is.
async fn star(
    press: &Press,
    country: Iso2,
    service: ServiceId,
    on: bool,
) -> Result<Screen, BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let set = context.shop.set_favourite(guest.user.id, service, on).await;
    press.tell_star(set, on)?;
    browse::service(context, guest, country, service).await
}

async fn choose_language(press: &Press, tag: &str) -> Result<(), BotError> {
    let Some(lang) = Lang::exactly(tag) else {
        outdated(press);
        return Ok(());
    };
    let user = press.guest.user.id;
    press.context.shop.choose_language(user, lang.tag()).await?;
    press.toast(&plain!(lang, "toast-language"));
    let look = press.context.look(lang, user);
    let wants_news = press.context.shop.wants_news(user).await?;
    press.show(menu::settings(&look, wants_news));
    Ok(())
}

/// What a user can set.
pub(crate) async fn settings(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let wants_news = context.shop.wants_news(guest.user.id).await?;
    Ok(menu::settings(&guest.look, wants_news))
}
