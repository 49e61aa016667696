//! One runs at a time: tasks are threads that hand a baton back to the director before and after
//! each effect, so that the seed alone decides who acts next and where a process dies.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::runtime::Handle;

/// What a task says when it hands the baton back.
pub(crate) enum Said<T> {
    /// It stands before or after an effect.
    At(String),
    /// It ended.
    Done(T),
    /// It panicked.
    Panicked(String),
}

/// What unwinds a task whose process dies.
struct Killed;

struct Seat {
    go: Receiver<()>,
    say: Box<dyn Fn(String) -> bool>,
    is_dead: Cell<bool>,
    order: Option<i64>,
    is_parallel: bool,
}

thread_local! {
    static SEAT: RefCell<Option<Seat>> = const { RefCell::new(None) };
}

/// Hands the baton back and waits for it; outside of a task nothing happens. A process that died
/// gets no further than this.
pub(crate) fn pause(place: impl FnOnce() -> String) {
    SEAT.with(|seat| {
        let seat = seat.borrow();
        let Some(seat) = seat.as_ref() else { return };
        let goes_on = !seat.is_dead.get() && (seat.say)(place()) && seat.go.recv().is_ok();
        if !goes_on {
            seat.is_dead.set(true);
            resume_unwind(Box::new(Killed));
        }
    });
}

/// The same for a task that does several things at once only: what it began is done before it
/// goes on, so that no race decides which of them is done first.
pub(crate) fn pause_if_parallel(place: impl FnOnce() -> String) {
    if SEAT.with(|seat| seat.borrow().as_ref().is_some_and(|seat| seat.is_parallel)) {
        pause(place);
    }
}

/// The order that the present task is about.
pub(crate) fn order() -> Option<i64> {
    SEAT.with(|seat| seat.borrow().as_ref().and_then(|seat| seat.order))
}

/// A task that waits for the baton.
pub(crate) struct Runner<T> {
    go: Sender<()>,
    said: Receiver<Said<T>>,
    thread: JoinHandle<()>,
}

impl<T: Send + 'static> Runner<T> {
    /// A task about `order`, if it is about one. It does nothing before its first step.
    pub(crate) fn new<F, W>(runtime: Handle, order: Option<i64>, is_parallel: bool, work: W) -> Self
    where
        F: Future<Output = T>,
        W: FnOnce() -> F + Send + 'static,
    {
        let (go, may_go) = channel();
        let (say, said) = channel();
        let thread = std::thread::spawn(move || {
            if may_go.recv().is_err() {
                return;
            }
            let place = say.clone();
            let seat = Seat {
                go: may_go,
                say: Box::new(move |text| place.send(Said::At(text)).is_ok()),
                is_dead: Cell::new(false),
                order,
                is_parallel,
            };
            SEAT.set(Some(seat));
            let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(work())));
            let last = match ended {
                Ok(value) => Said::Done(value),
                Err(payload) if payload.is::<Killed>() => return,
                Err(payload) => Said::Panicked(words(payload.as_ref())),
            };
            // Nobody listens any more where the process was killed.
            let _ = say.send(last);
        });
        Self { go, said, thread }
    }

    /// Lets it run up to its next effect.
    pub(crate) fn step(&self) -> Said<T> {
        let lost = || Said::Panicked("it ended without a word".to_owned());
        if self.go.send(()).is_err() {
            return lost();
        }
        self.said.recv().unwrap_or_else(|_| lost())
    }

    /// Ends it where it stands: nothing that it would have done happens.
    pub(crate) fn kill(self) {
        drop(self.go);
        drop(self.said);
        // It unwinds by a panic that belongs to the killing.
        let _ = self.thread.join();
    }
}

fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
