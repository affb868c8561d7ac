//! What is pressed on a hook's page. Only deleting asks first, and names what is lost.

use crate::answer::{Outcome, page, retry_after};
use crate::ask::{Ask, done};
use crate::page::hook;
use crate::place::Place;
use crate::shell::{Notice, Shell, Tone};
use crate::view::hook_title;
use crate::words::{count, sentence};
use askama::Template;
use axum::http::StatusCode;
use wigwag_base::HookId;
use wigwag_engine::EngineError;
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::Switch;

/// A button of a hook's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Button {
    /// Sends a made-up event.
    Test,
    /// Makes a failing hook healthy.
    Enable,
    /// The owner's own switch.
    On,
    /// The same.
    Off,
}

impl Button {
    /// The last part of its address.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "test" => Some(Self::Test),
            "enable" => Some(Self::Enable),
            "on" => Some(Self::On),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// Does what a button says.
pub(crate) async fn press(ask: &Ask, place: &Place, id: HookId, button: Button) -> Outcome {
    let href = place.hook_href(id);
    match button {
        Button::Test => test(ask, place, id).await,
        Button::Enable => {
            ask.engine.enable_hook(&ask.principal, place.scope, id).await?;
            done(&format!("{href}?done=enabled"))
        }
        Button::On => switch(ask, place, id, Switch::On, "on").await,
        Button::Off => switch(ask, place, id, Switch::Off, "off").await,
    }
}

async fn switch(ask: &Ask, place: &Place, id: HookId, to: Switch, word: &str) -> Outcome {
    let fields = HookFields { enabled: Some(to), ..HookFields::default() };
    ask.engine.update_hook(&ask.principal, place.scope, id, fields).await?;
    done(&format!("{}?done={word}", place.hook_href(id)))
}

/// Leads to the attempt, which shows what was sent and what came back; a refusal is told on the hook's page.
async fn test(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let trigger = ask.form.filled("trigger").unwrap_or("push_events");
    let error = match ask.engine.test_hook(&ask.principal, place.scope, id, trigger).await {
        Ok(attempt) => return done(&format!("{}/attempts/{}", place.hook_href(id), attempt.id)),
        Err(error) => error,
    };
    let status = match &error {
        EngineError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        EngineError::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        _ => return Err(error),
    };
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    let notice = Notice { tone: Tone::Bad, text: sentence(&error.to_string()) };
    Ok(retry_after(hook::render(ask, place, view, Some(notice), status).await?, &error))
}

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage {
    shell: Shell,
    title: String,
    href: String,
    /// What goes with it, one a line.
    lost: Vec<String>,
}

/// Asks once, naming what is lost.
pub(crate) async fn ask_delete(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    let (href, title) = (place.hook_href(id), hook_title(&view.hook));
    let mut lost = Vec::new();
    if view.waiting > 0 {
        lost.push(format!("{} that wait for it; they are cancelled", count(view.waiting, "event", "events")));
    }
    let secrets = [
        (view.hook.token.is_some(), "its token"),
        (!view.hook.signing_keys.is_empty(), "its signing tokens"),
        (!view.hook.custom_headers.is_empty(), "the values of its own headers"),
        (!view.hook.url_variables.is_empty(), "the secret parts of its URL"),
    ];
    lost.extend(secrets.iter().filter(|(there, _)| *there).map(|(_, words)| (*words).to_owned()));
    lost.push("everything that is set on it".to_owned());
    let crumbs = place.crumbs_to(&[(&title, Some(href.clone())), ("Delete", Some(format!("{href}/delete")))]);
    let shell = Shell::of(ask, place.nav()).at(&crumbs);
    Ok(page(&DeletePage { shell, title, href, lost }))
}

/// Deletes a hook.
pub(crate) async fn delete(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    ask.engine.delete_hook(&ask.principal, place.scope, id).await?;
    done(&format!("{}?done=deleted", place.href()))
}
