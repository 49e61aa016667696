//! Brings notices to users, and keeps the cards of open orders true.
//!
//! Invariant: a notice is delivered only when Telegram shows it; what it says is read from the
//! shop when it leaves, in the user's language of that moment.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::bot::api::Copy;
use crate::bot::i18n::Lang;
use crate::bot::keyboard::Screen;
use crate::bot::sender::{Body, CopyEnd, Draw, Job, Outcome, Priority, Sender, Target};
use crate::bot::views::order::CardUse;
use crate::bot::views::{
    Look, alert, broadcast, browse, desk, order, rental, staff, stars, transfer, waiting, wallet,
};
use crate::domain::id::{BroadcastId, OrderId, UserId};
use crate::domain::money::Money;
use crate::domain::product::Product;
use crate::shop::broadcast::{Copied, Original};
use crate::shop::buy::{CardPlace, Choice};
use crate::shop::notice::{Delivery, Notice};
use crate::shop::orders::OrderView;
use crate::shop::request::RequestNews;
use crate::shop::{Shop, ShopError};

/// Longer than this a delivery does not wait for one chat's turn: the outbox asks again.
const PATIENCE: Duration = Duration::from_secs(4);
/// When to ask again after trouble of our own or of Telegram's.
const AGAIN: Duration = Duration::from_secs(3);

/// When to ask again after Telegram refused the message itself: a new version may word it better.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);

/// The bot's courier. Cloning is cheap.
#[derive(Clone)]
pub struct Courier {
    shop: Arc<Shop>,
    sender: Sender,
}

impl Courier {
    pub(crate) fn new(shop: Arc<Shop>, sender: Sender) -> Self {
        Self { shop, sender }
    }

    /// Redraws the card of an open order, for its clock. Dropped where the chat is busy: a card
    /// that is a minute old is better than a late code.
    pub fn refresh_card(&self, order: &OrderView) {
        if let Some(card) = order.card
            && self.sender.is_quiet(card.chat_id)
        {
            let draw = draw_card(Arc::clone(&self.shop), order.user, order.id);
            drop(self.sender.enqueue(Job {
                chat: card.chat_id,
                target: Target::Edit {
                    message: card.message_id,
                    or_new: false,
                },
                body: Body::Live(draw),
                priority: Priority::Background,
                patience: Some(Duration::ZERO),
            }));
        }
    }

    /// Draws a card where the user just pressed. Where Telegram gives it another message, the
    /// shop is told; nobody waits for that.
    pub(crate) fn draw_at(&self, user: UserId, id: OrderId, place: CardPlace) {
        let outcome = self.sender.enqueue(Job {
            chat: place.chat_id,
            target: Target::Edit {
                message: place.message_id,
                or_new: true,
            },
            body: Body::Live(draw_card(Arc::clone(&self.shop), user, id)),
            priority: Priority::Reply,
            patience: None,
        });
        let shop = Arc::clone(&self.shop);
        tokio::spawn(async move {
            if let Ok(Outcome::Sent { message }) = outcome.await
                && message != place.message_id
            {
                let chat_id = place.chat_id;
                let moved = CardPlace {
                    chat_id,
                    message_id: message,
                };
                if let Err(error) = shop.place_card(user, id, moved).await {
                    log::warn!("the new place of order {id}'s card was not kept: {error}");
                }
            }
        });
    }

    /// Says at a card's former place that it stands elsewhere now.
    pub(crate) fn leave(&self, look: &Look, view: &OrderView, former: CardPlace) {
        drop(self.sender.enqueue(Job {
            chat: former.chat_id,
            target: Target::Edit {
                message: former.message_id,
                or_new: false,
            },
            body: Body::Ready(Box::new(order::moved(look, view))),
            priority: Priority::Background,
            patience: None,
        }));
    }

    async fn send(&self, to: UserId, body: Body, priority: Priority) -> Outcome {
        let outcome = self.sender.enqueue(Job {
            chat: to.0,
            target: Target::New,
            body,
            priority,
            patience: Some(PATIENCE),
        });
        outcome.await.unwrap_or(Outcome::Later(AGAIN))
    }

    async fn deliver_card(&self, user: UserId, id: OrderId) -> Result<Delivery, ShopError> {
        let draw = || Body::Live(draw_card(Arc::clone(&self.shop), user, id));
        let edited = match self.shop.card_of(user, id).await? {
            Some(card) => {
                let outcome = self.sender.enqueue(Job {
                    chat: card.chat_id,
                    target: Target::Edit {
                        message: card.message_id,
                        or_new: false,
                    },
                    body: draw(),
                    priority: Priority::Urgent,
                    patience: Some(PATIENCE),
                });
                outcome.await.unwrap_or(Outcome::Later(AGAIN))
            }
            None => Outcome::Gone,
        };
        if edited != Outcome::Gone {
            return Ok(delivery(edited, None));
        }
        let sent = self.send(user, draw(), Priority::Urgent).await;
        let chat_id = user.0;
        let card = match sent {
            Outcome::Sent { message } => Some(CardPlace {
                chat_id,
                message_id: message,
            }),
            Outcome::Superseded
            | Outcome::Unreachable
            | Outcome::Gone
            | Outcome::Later(_)
            | Outcome::Lost
            | Outcome::Refused => None,
        };
        Ok(delivery(sent, card))
    }

    fn available(
        &self,
        look: &Look,
        choice: &Choice,
        service: &str,
        limit: Option<Money>,
    ) -> Screen {
        let shop = &self.shop;
        let server = choice.server.as_ref();
        let subject = waiting::Subject {
            service,
            country: &shop.country(&choice.country),
            server: server.and_then(|id| shop.server_number(id)),
            choice,
        };
        waiting::available(look, &subject, shop.price_now(choice), limit)
    }

    /// A request goes to the admins as a message that is remembered, for it changes when it ends.
    async fn request(&self, to: UserId, news: &RequestNews) -> Result<Delivery, ShopError> {
        let shop = &self.shop;
        let look = look(shop, to).await?;
        let outcome = match news {
            RequestNews::Paper { request: id } => {
                let request = shop.request(*id).await?;
                if !request.state.is_open() {
                    return Ok(Delivery::Sent { card: None });
                }
                let user = shop.user(request.user).await?;
                let body = Body::Ready(Box::new(transfer::paper(&look, &request, &user)));
                let sent = self.send(to, body, Priority::Reply).await;
                if let Outcome::Sent { message } = sent {
                    shop.note_paper(*id, to, message).await?;
                }
                sent
            }
            RequestNews::Closed { request: id } => {
                let Some(message) = shop.paper(*id, to).await? else {
                    return Ok(Delivery::Sent { card: None });
                };
                let request = shop.request(*id).await?;
                let user = shop.user(request.user).await?;
                let decided_by = match request.decided_by {
                    Some(admin) => Some(shop.user(admin).await?),
                    None => None,
                };
                let closed = transfer::closed(&look, &request, &user, decided_by.as_ref());
                let edited = self.sender.enqueue(Job {
                    chat: to.0,
                    target: Target::Edit {
                        message,
                        or_new: false,
                    },
                    body: Body::Ready(Box::new(closed)),
                    priority: Priority::Reply,
                    patience: Some(PATIENCE),
                });
                let edited = edited.await.unwrap_or(Outcome::Later(AGAIN));
                if edited == Outcome::Gone {
                    // The admin removed it: there is nothing left to change.
                    return Ok(Delivery::Sent { card: None });
                }
                edited
            }
            RequestNews::Ended { request: id } => {
                let request = shop.request(*id).await?;
                let body = Body::Ready(Box::new(transfer::ended(&look, &request)));
                self.send(to, body, Priority::Reply).await
            }
        };
        Ok(delivery(outcome, None))
    }

    /// What the user could not pay before, with a fresh quote. Where it is no longer sold, the word
    /// that money came in is enough.
    async fn resume(&self, to: UserId, choice: &Choice) -> Result<Delivery, ShopError> {
        let quote = match self.shop.quote(to, choice.clone()).await {
            Ok(quote) => quote,
            Err(
                ShopError::NotSold
                | ShopError::SoldOut
                | ShopError::Unavailable
                | ShopError::Recovering,
            ) => return Ok(Delivery::Sent { card: None }),
            Err(error) => return Err(error),
        };
        self.shop.note_missing(to, &quote).await?;
        let screen = browse::resumed(&look(&self.shop, to).await?, &quote);
        let body = Body::Ready(Box::new(screen));
        let sent = self.send(to, body, Priority::Reply).await;
        Ok(delivery(sent, None))
    }

    /// News of an order, drawn as it stands now.
    async fn about(
        &self,
        to: UserId,
        order: OrderId,
        draw: fn(&Look, &OrderView) -> Screen,
    ) -> Result<Option<Screen>, ShopError> {
        let view = self.shop.order(to, order).await?;
        Ok(Some(draw(&look(&self.shop, to).await?, &view)))
    }

    /// How a message to many went; its card says so, too.
    async fn broadcast_over(&self, to: UserId, id: BroadcastId) -> Result<Screen, ShopError> {
        crate::shop::notice::Courier::show_broadcast(self, id).await;
        let view = self.shop.broadcast(id).await?;
        Ok(broadcast::card(&look(&self.shop, to).await?, &view))
    }

    async fn try_deliver(&self, to: UserId, notice: &Notice) -> Result<Delivery, ShopError> {
        let look = async || look(&self.shop, to).await;
        let screen = match notice {
            Notice::Card { order } => return self.deliver_card(to, *order).await,
            Notice::Sms { order, index } => {
                let (view, sms) = self.shop.sms(to, *order, *index).await?;
                let look = look().await?;
                sms.map(|sms| order::sms(&look, &view, &sms))
            }
            Notice::RentalEnds { order } => self.about(to, *order, rental::ends).await?,
            Notice::RentalOver { order } => self.about(to, *order, rental::over).await?,
            Notice::Refunded { order } => self.about(to, *order, order::refunded).await?,
            Notice::Arrived { order } => self.about(to, *order, order::arrived).await?,
            Notice::Available {
                choice,
                service_name,
                limit,
            } => Some(self.available(&look().await?, choice, service_name, *limit)),
            Notice::ToppedUp {
                amount,
                available,
                memo,
            } => Some(wallet::topped_up(
                &look().await?,
                *amount,
                *available,
                memo.as_deref(),
            )),
            Notice::Admin { word } => Some(desk::word(&look().await?, word)),
            Notice::Deducted { .. } => wallet::deducted(&look().await?, notice),
            Notice::Request { news } => return self.request(to, news).await,
            Notice::BroadcastOver { broadcast } => Some(self.broadcast_over(to, *broadcast).await?),
            Notice::Role { role } => Some(staff::role_news(&look().await?, role.as_deref())),
            Notice::Resume { choice } => return self.resume(to, choice).await,
            Notice::Stars { news } => {
                let user = self.shop.user(news.about().unwrap_or(to)).await?;
                Some(stars::news(&look().await?, news, &user))
            }
            Notice::LowBalance { .. }
            | Notice::Alert { .. }
            | Notice::Solved { .. }
            | Notice::OldRates { .. }
            | Notice::Restored { .. }
            | Notice::Finding { .. }
            | Notice::ManyCancelled { .. }
            | Notice::PossibleOrphan { .. } => alert::alert(&look().await?, notice),
        };
        let Some(screen) = screen else {
            log::error!("a notice names an SMS that does not exist");
            return Ok(Delivery::Sent { card: None });
        };
        let priority = if notice.is_urgent() {
            Priority::Urgent
        } else {
            Priority::Reply
        };
        let outcome = self.send(to, Body::Ready(Box::new(screen)), priority).await;
        Ok(delivery(outcome, None))
    }
}

fn delivery(outcome: Outcome, card: Option<CardPlace>) -> Delivery {
    match outcome {
        // A newer drawing of the same message says at least as much.
        Outcome::Sent { .. } | Outcome::Superseded => Delivery::Sent { card },
        Outcome::Unreachable => Delivery::Unreachable,
        Outcome::Later(wait) => Delivery::Later(wait),
        Outcome::Gone | Outcome::Lost => Delivery::Later(AGAIN),
        Outcome::Refused => Delivery::Later(AFTER_REFUSAL),
    }
}

async fn look(shop: &Shop, user: UserId) -> Result<Look, ShopError> {
    let language = shop.user(user).await?.language;
    Ok(Look {
        lang: Lang::of(language.as_deref()),
        user,
        currency: shop.currency(),
        now: shop.now(),
        rents: shop.has_on_shelf(Product::Rental),
        mails: shop.has_on_shelf(Product::Mailbox),
    })
}

/// Draws an order's card from what is true when it leaves. Where the shop cannot say, nothing
/// goes, and the card is asked for again.
fn draw_card(shop: Arc<Shop>, user: UserId, id: OrderId) -> Draw {
    Box::new(move || {
        let shop = Arc::clone(&shop);
        Box::pin(async move {
            let card = async {
                let view = shop.order(user, id).await?;
                let look = look(&shop, user).await?;
                Ok::<_, ShopError>(order::card(&look, &view, CardUse::Live))
            };
            match card.await {
                Ok(card) => Some(card),
                Err(error) => {
                    log::warn!("the card of order {id} could not be drawn: {error}");
                    None
                }
            }
        })
    })
}

#[async_trait]
impl crate::shop::notice::Courier for Courier {
    async fn deliver(&self, to: UserId, notice: &Notice) -> Delivery {
        match self.try_deliver(to, notice).await {
            Ok(delivery) => delivery,
            Err(error) => {
                log::warn!("a notice could not be drawn: {error}; asked again later");
                Delivery::Later(AGAIN)
            }
        }
    }

    async fn redraw(&self, user: UserId, order: OrderId) {
        if let Ok(view) = self.shop.order(user, order).await {
            self.refresh_card(&view);
        }
    }

    async fn copy(&self, to: UserId, original: Original) -> Copied {
        let look = match look(&self.shop, to).await {
            Ok(look) => look,
            Err(error) => {
                log::warn!("a copy could not be drawn: {error}; asked again later");
                return Copied::Later(AGAIN);
            }
        };
        let copy = Copy {
            to: to.0,
            from: original.chat.0,
            message: original.message,
            keyboard: broadcast::under_copy(&look).keyboard,
        };
        match self.sender.copy(&copy, Priority::Background).await {
            CopyEnd::Sent => Copied::DELIVERED,
            CopyEnd::Unreachable => Copied::BLOCKED,
            CopyEnd::Refused => Copied::FAILED,
            CopyEnd::Lost => Copied::LOST,
            CopyEnd::OriginalGone => Copied::OriginalGone,
            CopyEnd::Later(wait) => Copied::Later(wait),
        }
    }

    async fn show_broadcast(&self, id: BroadcastId) {
        let Ok(view) = self.shop.broadcast(id).await else {
            return;
        };
        let admin = view.original.chat;
        let Ok(look) = look(&self.shop, admin).await else {
            return;
        };
        drop(self.sender.enqueue(Job {
            chat: admin.0,
            target: Target::Edit {
                message: view.card,
                or_new: false,
            },
            body: Body::Ready(Box::new(broadcast::card(&look, &view))),
            priority: Priority::Background,
            patience: None,
        }));
    }
}
