//! The root of the tree: nothing that a handler does ends the dispatcher.
//!
//! Invariant: a panic or an error in a handler ends that update only; the user is told, the fault
//! is logged once, and the update is marked handled either way. (In teloxide 0.17 a panic ends the
//! chat's worker, and the chat's next update ends the whole dispatcher.)

use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use teloxide::dispatching::UpdateHandler;
use teloxide::dptree;
use teloxide::types::{Update, UpdateKind};

use crate::bot::context::{Context, user_id};
use crate::bot::error::{BotError, Incident};
use crate::bot::i18n::Lang;
use crate::bot::views::{Look, menu, refusal};

/// Wraps a tree; what comes out has the tree's own type signature and description.
pub(crate) fn guarded(tree: UpdateHandler<BotError>) -> UpdateHandler<BotError> {
    let description = tree.description().clone();
    let signature = tree.sig().clone();
    dptree::from_fn_with_description(
        description,
        move |deps: dptree::di::DependencyMap, _rest| {
            let tree = tree.clone();
            async move {
                let context: Arc<Arc<Context>> = deps.get();
                let update: Arc<Update> = deps.get();
                let outcome = AssertUnwindSafe(tree.dispatch(deps)).catch_unwind().await;
                match outcome {
                    Ok(ControlFlow::Break(Err(error))) => tell(&context, &update, &error).await,
                    Ok(ControlFlow::Break(Ok(())) | ControlFlow::Continue(_)) => {}
                    Err(_panic) => {
                        // What a panic says may quote what the user wrote.
                        let incident = Incident::random();
                        log::error!("incident {incident}: a handler panicked");
                        tell_broken(&context, &update, &incident).await;
                    }
                }
                context.keeper.handled(i64::from(update.id.0));
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
    let language = match context.shop.user(user).await {
        Ok(user) => user.language,
        Err(_) => from.language_code.clone(),
    };
    Some(context.look(Lang::of(language.as_deref()), user))
}
