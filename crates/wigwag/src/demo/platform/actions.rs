//! What the platform's buttons do. Whatever concerns Wigwag goes over its HTTP interface.

use super::viewer::{Looking, cookie};
use crate::demo::harbor::{Place, Viewer};
use crate::demo::watch::look;
use crate::demo::world::{Block, Exchange, World};
use anyhow::{Context, Result};
use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) type Fields = Form<HashMap<String, String>>;

/// Where a form without a way back leads.
const START: &str = "/harbor/lighthouse";

/// Someone else looks from now on.
pub(crate) async fn look_as(Form(fields): Fields) -> Response {
    let Some(viewer) = fields.get("user").and_then(|name| Viewer::find(name)) else {
        return refused("There is no such viewer.");
    };
    ([(header::SET_COOKIE, cookie(viewer))], back(&fields)).into_response()
}

/// Pulls or puts in a receiver's plug.
pub(crate) async fn switch(State(world): State<Arc<World>>, Form(fields): Fields) -> Response {
    let place = fields.get("project").and_then(|slug| Place::find(slug));
    let broken = match fields.get("to").map(String::as_str) {
        Some("broken") => Some(true),
        Some("mended") => Some(false),
        _ => None,
    };
    let (Some(place), Some(broken)) = (place, broken) else {
        return refused("A switch needs a project, and broken or mended.");
    };
    let thrown = on_thread(move || {
        let path = format!("/-/switch/{}", place.slug());
        world.receiver.post(&path, &json!({ "broken": broken }))?.success()?;
        look(&world);
        Ok(())
    });
    answer(thrown.await, &fields)
}

/// Runs a chat command as the platform's operators.
pub(crate) async fn console(State(world): State<Arc<World>>, Form(fields): Fields) -> Response {
    let command = fields.get("command").map(|text| text.trim().to_owned()).unwrap_or_default();
    let ran = on_thread(move || {
        let reply = world.operator.post("/v1/chatops", &json!({ "text": command }))?;
        let (reply, ok) = match reply.success() {
            Ok(reply) => (blocks(&reply), reply["ok"] == true),
            Err(error) => (vec![Block::Text(format!("{error:#}"))], false),
        };
        world.said(Exchange { command, reply, ok });
        look(&world);
        Ok(())
    });
    answer(ran.await, &fields)
}

/// The pieces of a reply; one that is not known is shown as it came.
fn blocks(reply: &Value) -> Vec<Block> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let block = |block: &Value| match block["type"].as_str() {
        Some("text") => Block::Text(text(&block["text"])),
        Some("code") => Block::Code(text(&block["text"])),
        Some("fields") => {
            let fields = block["fields"].as_array().into_iter().flatten();
            Block::Fields(fields.map(|field| (text(&field["label"]), text(&field["value"]))).collect())
        }
        _ => Block::Code(block.to_string()),
    };
    reply["blocks"].as_array().into_iter().flatten().map(block).collect()
}

/// Opens Wigwag, signed in by a one-time link, as a platform with single sign-on would.
pub(crate) async fn open_wigwag(State(world): State<Arc<World>>, Form(fields): Fields) -> Response {
    let user = match fields.get("user").map(String::as_str) {
        Some("root") => "root",
        other => other.and_then(Viewer::find).unwrap_or(Viewer::Maintainer).username(),
    };
    let link = on_thread(move || {
        let link = world.operator.post("/v1/login_links", &json!({ "user": user }))?.success()?;
        link["url"].as_str().map(str::to_owned).context("the answer holds no link")
    });
    match link.await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => failed(&error),
    }
}

/// The story from its beginning: everything mended, the flag as it was.
pub(crate) async fn again(State(world): State<Arc<World>>, Form(fields): Fields) -> Response {
    let begun = on_thread(move || {
        for place in Place::ALL {
            world
                .receiver
                .post(&format!("/-/switch/{}", place.slug()), &json!({ "broken": false }))?
                .success()?;
            let known = world.known.of(place);
            let enable = format!("/v1/projects/{}/hooks/{}/enable", known.project, known.hook);
            world.platform.post(&enable, &Value::Null)?.success()?;
        }
        let command = format!("feature set {} false", crate::demo::setup::FLAG);
        world.operator.post("/v1/chatops", &json!({ "text": command }))?.success()?;
        world.story().begin_again();
        look(&world);
        Ok(())
    });
    answer(begun.await, &fields)
}

/// A fresh embed token for the viewer's banner.
pub(crate) async fn banner_token(
    State(world): State<Arc<World>>,
    Looking(viewer): Looking,
    Path(slug): Path<String>,
) -> Response {
    let Some(place) = Place::find(&slug) else { return StatusCode::NOT_FOUND.into_response() };
    match on_thread(move || mint(&world, viewer, place)).await {
        Ok(token) => Json(json!({ "token": token })).into_response(),
        Err(error) => failed(&error),
    }
}

/// Asks Wigwag for an embed token.
pub(crate) fn mint(world: &World, viewer: Viewer, place: Place) -> Result<String> {
    let body = json!({ "user": viewer.username(), "project": place.full_path() });
    let minted = world.platform.post("/v1/embed_tokens", &body)?.success()?;
    minted["token"].as_str().map(str::to_owned).context("the answer holds no token")
}

/// Runs what blocks on a thread for it.
pub(crate) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.context("the work broke off")?
}

fn answer(done: Result<()>, fields: &HashMap<String, String>) -> Response {
    match done {
        Ok(()) => back(fields).into_response(),
        Err(error) => failed(&error),
    }
}

fn back(fields: &HashMap<String, String>) -> Redirect {
    Redirect::to(fields.get("back").map(String::as_str).filter(|to| is_local(to)).unwrap_or(START))
}

/// A path on the same server, and nothing that a browser would read as another.
fn is_local(to: &str) -> bool {
    to.starts_with('/')
        && !to.starts_with("//")
        && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

pub(crate) fn refused(why: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, why.to_owned()).into_response()
}

pub(crate) fn failed(error: &anyhow::Error) -> Response {
    (StatusCode::BAD_GATEWAY, format!("It was not done: {error:#}. Go back and try again.")).into_response()
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn a_way_back_stays_on_this_server() {
        let check = |to: &str, local: bool| assert_eq!(is_local(to), local, "{to}");
        check("/harbor/ferry?chapter=who", true);
        check("//elsewhere.example", false);
        check("https://elsewhere.example", false);
        check("/\\elsewhere.example", false);
        check("/a\r\nSet-Cookie: b", false);
        check("", false);
    }
}
