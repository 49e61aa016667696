//! A courier that loses, repeats and delays, finds some doors shut, and remembers what was brought.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use numshop::domain::id::{BroadcastId, OrderId, UserId};
use numshop::shop::broadcast::{Copied, Original};
use numshop::shop::notice::{Courier, Delivery, Notice};

use crate::baton::pause;
use crate::scene::Scene;

/// Everything that ever arrived in a chat, and what found the door shut.
#[derive(Debug)]
pub(crate) struct Postman {
    scene: Arc<Scene>,
    /// What was brought to whom, in JSON, and how many steps had been made when it was last.
    brought: Mutex<HashMap<(i64, String), i64>>,
    /// The same for what its reader had blocked the bot for.
    turned_away: Mutex<HashMap<(i64, String), i64>>,
    blocked: Mutex<HashSet<i64>>,
}

impl Postman {
    pub(crate) fn new(scene: Arc<Scene>) -> Self {
        Self {
            scene,
            brought: Mutex::default(),
            turned_away: Mutex::default(),
            blocked: Mutex::default(),
        }
    }

    /// When this was last brought, if it ever was.
    pub(crate) fn last_ms(&self, to: i64, notice: &str) -> Option<i64> {
        let brought = self.brought.lock().unwrap();
        brought.get(&(to, notice.to_owned())).copied()
    }

    /// When this last found the door shut, if it ever did.
    pub(crate) fn turned_away_ms(&self, to: i64, notice: &str) -> Option<i64> {
        let turned_away = self.turned_away.lock().unwrap();
        turned_away.get(&(to, notice.to_owned())).copied()
    }

    /// From now on nothing arrives.
    pub(crate) fn block(&self, user: UserId) {
        self.blocked.lock().unwrap().insert(user.0);
    }

    /// From now on everything arrives; whether it was not so before.
    pub(crate) fn unblock(&self, user: UserId) -> bool {
        self.blocked.lock().unwrap().remove(&user.0)
    }

    pub(crate) fn is_blocked(&self, user: UserId) -> bool {
        self.blocked.lock().unwrap().contains(&user.0)
    }
}

#[async_trait]
impl Courier for Postman {
    async fn deliver(&self, to: UserId, notice: &Notice) -> Delivery {
        pause(|| format!("before bringing {notice:?} to {to}"));
        let later = Delivery::Later(Duration::from_secs(
            u64::try_from(self.scene.between(1, 9)).unwrap(),
        ));
        if self.scene.trouble(8) {
            self.scene.note("the messenger was not reached".to_owned());
            return later;
        }
        let text = serde_json::to_string(notice).unwrap();
        let now_ms = self.scene.now_ms();
        if self.is_blocked(to) {
            self.scene.note(format!("{to} has blocked us"));
            let mut turned_away = self.turned_away.lock().unwrap();
            turned_away.insert((to.0, text), now_ms);
            return Delivery::Unreachable;
        }
        self.scene.note(format!("brought {text} to {to}"));
        self.brought.lock().unwrap().insert((to.0, text), now_ms);
        pause(|| format!("after bringing {notice:?} to {to}"));
        if self.scene.trouble(5) {
            self.scene
                .note("the messenger's answer was lost".to_owned());
            return later;
        }
        Delivery::Sent { card: None }
    }

    async fn redraw(&self, _: UserId, _: OrderId) {}

    async fn copy(&self, to: UserId, _: Original) -> Copied {
        if self.is_blocked(to) {
            Copied::BLOCKED
        } else {
            Copied::DELIVERED
        }
    }

    async fn show_broadcast(&self, _: BroadcastId) {}
}
