//! The console: chat commands in a box, with the same replies as in chat. What was run before is kept in the form itself,
//! so that nothing needs to be remembered elsewhere.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::assets;
use crate::limits::CONSOLE_HISTORY_MAX;
use crate::shell::{Nav, Shell};
use askama::Template;
use axum::Json;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use wigwag_chat::Completion;
use wigwag_chat::render::html;
use wigwag_engine::EngineError;

#[derive(Template)]
#[template(path = "console.html")]
struct ConsolePage {
    shell: Shell,
    /// What stands in the box.
    text: String,
    /// The command just run, whether it did what it should, and the reply, whose HTML is escaped where it is made.
    answer: Option<(String, bool, String)>,
    /// What was run before, newest first: text and whether it did what it should.
    history: Vec<(String, bool)>,
    environments: Vec<String>,
    own: String,
    /// Where the script of the box is.
    script: String,
}

/// The empty box; `?text=` fills it.
pub(crate) fn show(ask: &Ask) -> Outcome {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let text = ask.query.get("text").unwrap_or_default().to_owned();
    Ok(page(&console(ask, text, None, Vec::new())))
}

/// Runs a command, or puts one of the history back into the box.
pub(crate) async fn run(ask: &Ask) -> Outcome {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let mut history: Vec<(String, bool)> =
        ask.form.all("past").filter_map(past).take(CONSOLE_HISTORY_MAX).collect();
    if let Some(again) = ask.form.get("again") {
        return Ok(page(&console(ask, again.to_owned(), None, history)));
    }
    let Some(text) = ask.form.filled("text").map(ToOwned::to_owned) else {
        return Ok(page(&console(ask, String::new(), None, history)));
    };
    let reply = ask.engine.run_command(&ask.principal, &text, None, "console").await?;
    history.insert(0, (text.clone(), reply.ok));
    history.truncate(CONSOLE_HISTORY_MAX);
    Ok(page(&console(ask, String::new(), Some((text, reply.ok, html(&reply))), history)))
}

fn console(
    ask: &Ask,
    text: String,
    answer: Option<(String, bool, String)>,
    history: Vec<(String, bool)>,
) -> ConsolePage {
    let settings = ask.engine.settings();
    ConsolePage {
        shell: Shell::of(ask, Nav::Console),
        text,
        answer,
        history,
        environments: settings.environments.iter().map(|one| one.name.clone()).collect(),
        own: settings.environment.clone(),
        script: assets::address("console.js"),
    }
}

/// What could stand between `?before=` and `&after=`, for the script of the box: each with the words before and after it
/// once it is taken.
pub(crate) async fn complete(ask: &Ask) -> Outcome {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let given = |name: &str| ask.query.get(name).unwrap_or_default();
    let (before, after) = (given("before"), given("after"));
    let text = format!("{before}{after}");
    let found = ask.engine.complete_command(&ask.principal, &text, before.len()).await?;
    let offer = |one: &Completion| {
        let (start, end) = (text.get(..one.start)?, text.get(one.end..)?);
        Some(json!({
            "word": one.text, "help": one.help, "before": format!("{start}{}", one.text), "after": end,
        }))
    };
    let offers: Vec<Value> = found.iter().filter_map(offer).collect();
    Ok(Json(offers).into_response())
}

/// A line of the history as the form keeps it: `+` or `-`, then the command.
fn past(line: &str) -> Option<(String, bool)> {
    let text = line.strip_prefix(['+', '-'])?;
    Some((text.to_owned(), line.starts_with('+')))
}
