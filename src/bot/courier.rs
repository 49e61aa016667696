//! Brings notices to users, and keeps the cards of open orders true.
//!
//! Invariant: a notice is delivered only when Telegram shows it; what it says is read from the
//! shop when it leaves, in the user's language of that moment.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::bot::i18n::Lang;
use crate::bot::keyboard::Screen;
use crate::bot::sender::{Body, Draw, Job, Outcome, Priority, Sender, Target};
use crate::bot::views::order::CardUse;
use crate::bot::views::{Look, order, wallet};
use crate::domain::id::{OrderId, UserId};
use crate::shop::buy::CardPlace;
use crate::shop::notice::{Delivery, Notice};
use crate::shop::orders::OrderView;
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

    async fn look(&self, user: UserId) -> Result<Look, ShopError> {
        let language = self.shop.user(user).await?.language;
        Ok(Look {
            lang: Lang::of(language.as_deref()),
            user,
            currency: self.shop.currency(),
            now: self.shop.now(),
        })
    }

    /// Redraws the card of an open order, for its clock. Dropped where the chat is busy: a card
    /// that is a minute old is better than a late code.
    pub fn refresh_card(&self, order: &OrderView) {
        if let Some(card) = order.card
            && self.sender.is_quiet(card.chat_id)
        {
            let draw = draw_card(Arc::clone(&self.shop), order.user, order.id, None);
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
            body: Body::Live(draw_card(Arc::clone(&self.shop), user, id, None)),
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

    async fn deliver_card(&self, look: &Look, view: &OrderView) -> Delivery {
        let now = order::card(look, view, CardUse::Live);
        let draw = |shown| draw_card(Arc::clone(&self.shop), view.user, view.id, Some(shown));
        let edited = match view.card {
            Some(card) => {
                let outcome = self.sender.enqueue(Job {
                    chat: card.chat_id,
                    target: Target::Edit {
                        message: card.message_id,
                        or_new: false,
                    },
                    body: Body::Live(draw(now.clone())),
                    priority: Priority::Urgent,
                    patience: Some(PATIENCE),
                });
                outcome.await.unwrap_or(Outcome::Later(AGAIN))
            }
            None => Outcome::Gone,
        };
        if edited != Outcome::Gone {
            return delivery(edited, None);
        }
        let body = Body::Live(draw(now));
        let sent = self.send(view.user, body, Priority::Urgent).await;
        let chat_id = view.user.0;
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
        delivery(sent, card)
    }

    async fn try_deliver(&self, to: UserId, notice: &Notice) -> Result<Delivery, ShopError> {
        let look = self.look(to).await?;
        let screen = match notice {
            Notice::Card { order } => {
                let view = self.shop.order(to, *order).await?;
                return Ok(self.deliver_card(&look, &view).await);
            }
            Notice::Sms { order, index } => {
                let view = self.shop.order(to, *order).await?;
                order::sms(&look, &view, *index)
            }
            Notice::Refunded { order } => {
                let view = self.shop.order(to, *order).await?;
                Some(order::refunded(&look, &view))
            }
            Notice::ToppedUp {
                amount,
                available,
                memo,
            } => Some(wallet::topped_up(
                &look,
                *amount,
                *available,
                memo.as_deref(),
            )),
            Notice::PossibleOrphan {
                order,
                provider,
                cost,
            } => {
                let order = order.to_string();
                Some(order::possible_orphan(&look, &order, provider, cost))
            }
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

/// Draws an order's card from what is true when it leaves. Where the shop cannot say, `shown`
/// goes: it was true a moment ago.
fn draw_card(shop: Arc<Shop>, user: UserId, id: OrderId, shown: Option<Screen>) -> Draw {
    Box::new(move || {
        let (shop, shown) = (Arc::clone(&shop), shown.clone());
        Box::pin(async move {
            let fresh = async {
                let view = shop.order(user, id).await?;
                let language = shop.user(user).await?.language;
                let look = Look {
                    lang: Lang::of(language.as_deref()),
                    user,
                    currency: shop.currency(),
                    now: shop.now(),
                };
                Ok::<_, ShopError>(order::card(&look, &view, CardUse::Live))
            };
            fresh.await.ok().or(shown)
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
}
