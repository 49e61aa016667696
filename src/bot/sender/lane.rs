//! One chat's queue and pace, without any I/O.
//!
//! Invariant: what is urgent leaves first; within a rank, first come, first served; two queued
//! edits of one message are one.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Job, Outcome, Priority, Target};

/// A job that waits for its turn.
pub(super) struct Queued {
    pub(super) job: Job,
    pub(super) done: oneshot::Sender<Outcome>,
    pub(super) attempts: u32,
    pub(super) queued_at: Instant,
}

/// How fast one chat may be written to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) interval: Duration,
    pub(super) burst: u32,
}

/// A chat's queue.
pub(super) struct Lane {
    /// One queue a rank, the most urgent last.
    queues: [VecDeque<Queued>; Priority::COUNT],
    /// When the bucket would be full again: each message moves it on by one interval.
    full_at: Instant,
    /// Telegram asked for silence until then, or an attempt failed.
    frozen_until: Instant,
    /// Whether a task works on this lane.
    pub(super) busy: bool,
}

/// What the lane's task should do.
pub(super) enum Step {
    /// Nothing is queued.
    Rest,
    /// Nothing may leave before that moment.
    Wait(Instant),
    /// Send this now; its place in the pace is taken.
    Go(Box<Queued>),
}

impl Lane {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            queues: Default::default(),
            full_at: now,
            frozen_until: now,
            busy: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    /// Whether forgetting this lane would change nothing.
    pub(super) fn is_forgettable(&self, now: Instant) -> bool {
        !self.busy && self.len() == 0 && self.full_at <= now && self.frozen_until <= now
    }

    /// When the next message may leave.
    fn ready_at(&self, pace: Pace) -> Instant {
        let slack = pace.interval * pace.burst.saturating_sub(1);
        let paced = self.full_at.checked_sub(slack).unwrap_or(self.full_at);
        paced.max(self.frozen_until)
    }

    /// How long a message of that rank would wait if it were queued now.
    pub(super) fn expected_wait(&self, priority: Priority, pace: Pace, now: Instant) -> Duration {
        let ahead: usize = self.queues[priority.rank()..]
            .iter()
            .map(VecDeque::len)
            .sum();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        let queue = pace.interval.saturating_mul(ahead);
        (self.ready_at(pace) + queue).saturating_duration_since(now)
    }

    /// Queues a job. Gives back what was superseded by it.
    pub(super) fn push(&mut self, queued: Queued) -> Option<Queued> {
        let superseded = self.take_edit_of(queued.job.target);
        // The newer content goes, at the more urgent of the two ranks.
        let rank = superseded
            .as_ref()
            .map_or(0, |old| old.job.priority.rank())
            .max(queued.job.priority.rank());
        if let Some(queue) = self.queues.get_mut(rank) {
            queue.push_back(queued);
        }
        superseded
    }

    /// Puts a job that failed back in front; a newer edit of the same message supersedes it.
    pub(super) fn push_back(&mut self, queued: Queued) -> Option<Queued> {
        if self.has_edit_of(queued.job.target) {
            return Some(queued);
        }
        if let Some(queue) = self.queues.get_mut(queued.job.priority.rank()) {
            queue.push_front(queued);
        }
        None
    }

    /// Makes room for something urgent: gives up the newest of the least urgent.
    pub(super) fn evict_below(&mut self, priority: Priority) -> Option<Queued> {
        self.queues[..priority.rank()]
            .iter_mut()
            .find_map(VecDeque::pop_back)
    }

    fn has_edit_of(&self, target: Target) -> bool {
        target.message().is_some_and(|message| {
            self.queues
                .iter()
                .flatten()
                .any(|queued| queued.job.target.message() == Some(message))
        })
    }

    fn take_edit_of(&mut self, target: Target) -> Option<Queued> {
        let message = target.message()?;
        self.queues.iter_mut().find_map(|queue| {
            let index = queue
                .iter()
                .position(|queued| queued.job.target.message() == Some(message))?;
            queue.remove(index)
        })
    }

    /// What to do now.
    pub(super) fn step(&mut self, pace: Pace, now: Instant) -> Step {
        if self.len() == 0 {
            return Step::Rest;
        }
        let ready_at = self.ready_at(pace);
        if ready_at > now {
            return Step::Wait(ready_at);
        }
        let Some(queued) = self.queues.iter_mut().rev().find_map(VecDeque::pop_front) else {
            return Step::Rest;
        };
        self.take_place(pace, now);
        Step::Go(Box::new(queued))
    }

    /// A message leaves this chat's pace one place poorer.
    pub(super) fn take_place(&mut self, pace: Pace, now: Instant) {
        self.full_at = self.full_at.max(now) + pace.interval;
    }

    /// When this chat will have been quiet for so long that something more costs nobody a wait.
    pub(super) fn quiet_at(&self, pace: Pace, now: Instant) -> Instant {
        let rest = self.full_at.max(self.frozen_until);
        if self.busy || self.len() > 0 {
            rest.max(now + pace.interval)
        } else {
            rest
        }
    }

    /// Lets nothing leave until then.
    pub(super) fn freeze_until(&mut self, until: Instant) {
        self.frozen_until = self.frozen_until.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::html::Html;
    use crate::bot::keyboard::Screen;
    use crate::bot::sender::Body;

    const PACE: Pace = Pace {
        interval: Duration::from_secs(1),
        burst: 2,
    };

    fn queued(target: Target, priority: Priority, text: &str) -> Queued {
        Queued {
            job: Job {
                chat: 1,
                target,
                body: Body::Ready(Box::new(Screen::plain(Html::text(text)))),
                priority,
                patience: None,
            },
            done: oneshot::channel().0,
            attempts: 0,
            queued_at: Instant::now(),
        }
    }

    fn text(queued: &Queued) -> String {
        match &queued.job.body {
            Body::Ready(screen) => screen.text.to_plain(),
            Body::Live(_) => String::new(),
        }
    }

    fn edit(message: i32) -> Target {
        Target::Edit {
            message,
            or_new: false,
        }
    }

    /// Lets everything leave as fast as the pace allows: what left, and at which second.
    fn drain(lane: &mut Lane, start: Instant) -> Vec<(String, u64)> {
        let mut now = start;
        let mut left = Vec::new();
        loop {
            match lane.step(PACE, now) {
                Step::Rest => return left,
                Step::Wait(until) => now = until,
                Step::Go(queued) => left.push((text(&queued), (now - start).as_secs())),
            }
        }
    }

    #[test]
    fn a_burst_leaves_at_once_and_then_one_a_second_with_urgent_ones_first() {
        let now = Instant::now();
        let mut lane = Lane::new(now);
        for (name, priority) in [
            ("tick", Priority::Background),
            ("reply 1", Priority::Reply),
            ("reply 2", Priority::Reply),
            ("code", Priority::Urgent),
        ] {
            assert!(lane.push(queued(Target::New, priority, name)).is_none());
        }
        let expected = [("code", 0), ("reply 1", 0), ("reply 2", 1), ("tick", 2)];
        assert_eq!(
            drain(&mut lane, now),
            expected.map(|(name, second)| (name.to_owned(), second))
        );
    }

    #[test]
    fn the_newest_edit_of_a_message_is_the_one_that_leaves() {
        let now = Instant::now();
        let mut lane = Lane::new(now);
        assert!(
            lane.push(queued(edit(7), Priority::Urgent, "old"))
                .is_none()
        );
        assert!(
            lane.push(queued(edit(8), Priority::Reply, "other"))
                .is_none()
        );
        let superseded = lane.push(queued(edit(7), Priority::Background, "new"));
        assert_eq!(superseded.map(|old| text(&old)), Some("old".to_owned()));
        assert_eq!(
            drain(&mut lane, now),
            [("new".to_owned(), 0), ("other".to_owned(), 0)]
        );
    }

    #[test]
    fn a_failed_edit_does_not_come_back_over_a_newer_one() {
        let now = Instant::now();
        let mut lane = Lane::new(now);
        assert!(lane.push(queued(edit(7), Priority::Reply, "new")).is_none());
        assert!(
            lane.push_back(queued(edit(7), Priority::Urgent, "old"))
                .is_some()
        );
        assert!(
            lane.push_back(queued(edit(8), Priority::Reply, "first"))
                .is_none()
        );
        assert_eq!(
            drain(&mut lane, now),
            [("first".to_owned(), 0), ("new".to_owned(), 0)]
        );
    }

    #[test]
    fn a_frozen_lane_tells_how_long_it_will_take() {
        let now = Instant::now();
        let mut lane = Lane::new(now);
        lane.freeze_until(now + Duration::from_secs(30));
        let wait = lane.expected_wait(Priority::Urgent, PACE, now);
        assert_eq!(wait, Duration::from_secs(30));
        assert!(!lane.is_forgettable(now));
        assert!(lane.is_forgettable(now + Duration::from_secs(30)));
    }

    #[test]
    fn room_is_made_for_urgent_messages_only() {
        let mut lane = Lane::new(Instant::now());
        assert!(
            lane.push(queued(Target::New, Priority::Reply, "a"))
                .is_none()
        );
        assert!(
            lane.push(queued(Target::New, Priority::Urgent, "b"))
                .is_none()
        );
        assert!(lane.evict_below(Priority::Reply).is_none());
        let evicted = lane.evict_below(Priority::Urgent);
        assert_eq!(evicted.map(|old| text(&old)), Some("a".to_owned()));
        assert!(lane.evict_below(Priority::Urgent).is_none());
    }
}
