//! The root of the tree: nothing that a handler does ends the dispatcher.
//!
//! Invariant: a panic or an error in a handler ends that update only; the user is told, the fault
//! is logged once, and the update is marked handled either way. (In teloxide 0.17 a panic ends the
//! chat's worker, and the chat's next update ends the whole dispatcher.)

use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt;
use teloxide::dispatching::UpdateHandler;
use teloxide::dptree;
use teloxide::dptree::di::DependencyMap;
use teloxide::types::{Update, UpdateKind};

use crate::bot::context::{Context, language_of, user_id};
use crate::bot::error::{BotError, Incident};
use crate::bot::views::{Look, menu, refusal};

/// How the tree's handling of one update ended.
enum Ending {
    /// Well, or nothing matched.
    Well,
    /// With an error.
    Failed(BotError),
    /// With a panic.
    Panicked,
}

/// Wraps the bot's tree.
pub(crate) fn guarded(tree: UpdateHandler<BotError>) -> UpdateHandler<BotError> {
    caught(tree, |deps, ending| async move {
        let context: Arc<Arc<Context>> = deps.get();
        let update: Arc<Update> = deps.get();
        match ending {
            Ending::Well => {}
            Ending::Failed(error) => tell(&context, &update, &error).await,
            Ending::Panicked => {
                // What a panic says may quote what the user wrote.
                let incident = Incident::random();
                log::error!("incident {incident}: a handler panicked");
                tell_broken(&context, &update, &incident).await;
            }
        }
        context.keeper.handled(i64::from(update.id.0));
        context.gate.done();
    })
}

/// Hands every ending of a tree to `ended`; what comes out has the tree's own type signature and
/// description, and always ends well.
fn caught<Ended, Told>(tree: UpdateHandler<BotError>, ended: Ended) -> UpdateHandler<BotError>
where
    Ended: Fn(DependencyMap, Ending) -> Told + Send + Sync + 'static,
    Told: Future<Output = ()> + Send + 'static,
{
    let description = tree.description().clone();
    let signature = tree.sig().clone();
    let ended = Arc::new(ended);
    dptree::from_fn_with_description(
        description,
        move |deps: DependencyMap, _rest| {
            let (tree, ended) = (tree.clone(), Arc::clone(&ended));
            async move {
                let handling = AssertUnwindSafe(tree.dispatch(deps.clone())).catch_unwind();
                let ending = match handling.await {
                    Ok(ControlFlow::Break(Ok(())) | ControlFlow::Continue(_)) => Ending::Well,
                    Ok(ControlFlow::Break(Err(error))) => Ending::Failed(error),
                    Err(_panic) => Ending::Panicked,
                };
                let telling = AssertUnwindSafe(ended(deps, ending)).catch_unwind();
                if telling.await.is_err() {
                    log::error!("telling how a handler ended panicked too");
                }
                ControlFlow::Break(Ok(()))
            }
        },
        signature,
    )
}

async fn tell(context: &Context, update: &Update, error: &BotError) {
    let BotError::Shop(refused) = error;
    let text = look(context, update)
        .await
        .and_then(|look| refusal::text(&look, refused).map(|text| (look, text)));
    if let Some((look, text)) = text {
        answer_press(context, update);
        let screen = refusal::screen(&look, refused, text);
        drop(context.sender.reply(look.user.0, screen));
        return;
    }
    let incident = Incident::random();
    log::error!("incident {incident}: {error:#}");
    tell_broken(context, update, &incident).await;
}

async fn tell_broken(context: &Context, update: &Update, incident: &Incident) {
    context.incidents.fetch_add(1, Ordering::Relaxed);
    answer_press(context, update);
    if let Some(look) = look(context, update).await {
        let screen = menu::broken(&look, incident.as_str());
        drop(context.sender.reply(look.user.0, screen));
    }
}

fn answer_press(context: &Context, update: &Update) {
    if let UpdateKind::CallbackQuery(query) = &update.kind {
        context.sender.answer(&query.id.0, None, false);
    }
}

/// How to talk to whoever wrote, as far as that still works; only in their private chat.
async fn look(context: &Context, update: &Update) -> Option<Look> {
    let from = update.from()?;
    if update.chat().is_some_and(|chat| !chat.is_private()) {
        return None;
    }
    let user = user_id(from)?;
    Some(context.look(language_of(&context.shop, from).await, user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use teloxide::dispatching::UpdateFilterExt;

    #[tokio::test]
    async fn neither_a_panic_nor_an_error_gets_past_the_guard() {
        let endings = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&endings);
        let tree: UpdateHandler<BotError> = dptree::entry()
            .branch(
                dptree::filter(|word: &'static str| word == "panic")
                    .endpoint(|| async { panic!("boom") }),
            )
            .branch(
                dptree::filter(|word: &'static str| word == "error")
                    .endpoint(|| async { Err(BotError::Shop(crate::shop::ShopError::SoldOut)) }),
            )
            .branch(
                dptree::filter(|word: &'static str| word == "well").endpoint(|| async { Ok(()) }),
            );
        let signature = tree.sig().clone();
        let guarded = caught(tree, move |_, ending| {
            let word = match ending {
                Ending::Well => "well",
                Ending::Failed(_) => "failed",
                Ending::Panicked => "panicked",
            };
            seen.lock().unwrap().push(word);
            async move {
                assert_ne!(word, "failed", "a panic while telling is caught too");
            }
        });
        assert_eq!(guarded.sig(), &signature);
        for word in ["panic", "well", "error", "nothing matches"] {
            let ended = guarded.dispatch(dptree::deps![word]).await;
            assert!(matches!(ended, ControlFlow::Break(Ok(()))), "{word}");
        }
        let expected = ["panicked", "well", "failed", "well"];
        assert_eq!(*endings.lock().unwrap(), expected);
    }

    #[test]
    fn the_guard_hides_no_kind_of_update() {
        let tree: UpdateHandler<BotError> =
            dptree::entry().branch(Update::filter_message().endpoint(|| async { Ok(()) }));
        let expected = format!("{:?}", tree.description());
        let guarded = caught(tree, |_, _| async {});
        assert_eq!(format!("{:?}", guarded.description()), expected);
    }
}
