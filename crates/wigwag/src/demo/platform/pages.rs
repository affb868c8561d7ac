//! The platform's pages.

use super::actions::{Fields, failed, mint, on_thread, refused};
use super::live::Live;
use super::viewer::Looking;
use crate::clock::SystemClock;
use crate::demo::harbor::{PLATFORM, Place, Viewer};
use crate::demo::story::{CHAPTERS, Chapter, Mark, Page, Step, View};
use crate::demo::world::World;
use anyhow::Result;
use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use std::collections::HashMap;
use std::sync::Arc;

/// What every page has around it: the guide, the header, who looks.
struct Frame {
    wigwag: String,
    viewer: Viewer,
    place: Place,
    page: Page,
    open: String,
    live: Live,
    /// The banner's first token; the component asks for another where there is none.
    token: String,
}

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "hooks.html")]
struct Hooks {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "handover.html")]
struct HandOver {
    wigwag: String,
    viewer: Viewer,
    token: String,
    hook: i64,
}

impl Frame {
    fn path(&self) -> String {
        let rest = match self.page {
            Page::Activity => "",
            Page::Hooks => "/-/hooks",
        };
        format!("/{}{rest}", self.place.full_path())
    }

    /// Back here, with this chapter open.
    fn back(&self, chapter: &Chapter) -> String {
        format!("{}?chapter={}", self.path(), chapter.id)
    }

    fn after(&self, chapter: &Chapter) -> Option<&'static Chapter> {
        let at = CHAPTERS.iter().position(|known| known.id == chapter.id)?;
        CHAPTERS.get(at + 1)
    }

    fn chapter_state(&self, chapter: &Chapter) -> &str {
        self.live.s(&format!("chapter.{}", chapter.id))
    }

    fn mark_state(&self, mark: &Mark) -> &str {
        self.live.s(&format!("mark.{}", mark.name()))
    }

    fn mark_word(&self, mark: &Mark) -> &str {
        self.live.t(&format!("mark.{}", mark.name()))
    }

    fn text(&self, place: &Place, what: &str) -> &str {
        self.live.t(&format!("{}.{what}", place.slug()))
    }

    fn state(&self, place: &Place, what: &str) -> &str {
        self.live.s(&format!("{}.{what}", place.slug()))
    }
}

type Params = Query<HashMap<String, String>>;

/// The first project.
pub(crate) async fn start() -> Redirect {
    Redirect::to("/harbor/lighthouse")
}

/// What goes on in a project.
pub(crate) async fn activity(
    State(world): State<Arc<World>>,
    Looking(viewer): Looking,
    Path(slug): Path<String>,
    Query(params): Params,
) -> Response {
    let Some(place) = Place::find(&slug) else { return Redirect::to("/").into_response() };
    let made = on_thread(move || {
        let view = View { viewer, place, page: Page::Activity };
        Ok(Activity { frame: frame(&world, view, params)? }.render()?)
    });
    page(made.await)
}

/// A project's hooks.
pub(crate) async fn hooks(
    State(world): State<Arc<World>>,
    Looking(viewer): Looking,
    Path(slug): Path<String>,
    Query(params): Params,
) -> Response {
    let Some(place) = Place::find(&slug) else { return Redirect::to("/").into_response() };
    let made = on_thread(move || {
        let view = View { viewer, place, page: Page::Hooks };
        Ok(Hooks { frame: frame(&world, view, params)? }.render()?)
    });
    page(made.await)
}

/// Hands the viewer over to the hook's page in Wigwag, as the banner's button does: by an embed token, good for once.
pub(crate) async fn hand_over(
    State(world): State<Arc<World>>,
    Looking(viewer): Looking,
    Form(fields): Fields,
) -> Response {
    let Some(place) = fields.get("project").and_then(|slug| Place::find(slug)) else {
        return refused("There is no such project.");
    };
    let made = on_thread(move || {
        let hook = world.known.of(place).hook;
        let token = mint(&world, viewer, place)?;
        Ok(HandOver { wigwag: world.operator.base().to_owned(), viewer, token, hook }.render()?)
    });
    match made.await {
        Ok(page) => Html(page).into_response(),
        Err(error) => failed(&error),
    }
}

/// The news for the script.
pub(crate) async fn live(State(world): State<Arc<World>>, Path(slug): Path<String>) -> Response {
    let Some(place) = Place::find(&slug) else { return StatusCode::NOT_FOUND.into_response() };
    world.looked();
    match Live::of(&world, place, SystemClock::of_machine()) {
        Ok(live) => Json(live.json()).into_response(),
        Err(error) => page(Err(error.into())),
    }
}

fn frame(world: &World, view: View, params: HashMap<String, String>) -> Result<Frame> {
    let View { viewer, place, page } = view;
    world.looked();
    let facts = world.seen().facts;
    world.story().goes_on(&facts, Some(view));
    let token = mint(world, viewer, place).unwrap_or_else(|error| {
        tracing::warn!("no embed token: {error:#}");
        String::new()
    });
    let asked = params.get("chapter").filter(|id| CHAPTERS.iter().any(|chapter| chapter.id == *id));
    let open = asked.cloned().unwrap_or_else(|| current(world));
    let live = Live::of(world, place, SystemClock::of_machine())?;
    Ok(Frame { wigwag: world.operator.base().to_owned(), viewer, place, page, open, live, token })
}

/// The chapter to open: the first that is not done, else the last. The first chapter does itself, so it stays open until
/// the second is done too.
fn current(world: &World) -> String {
    let states = world.story().states();
    let at = states.iter().position(|state| state.name() == "current").unwrap_or(CHAPTERS.len() - 1);
    CHAPTERS[if at == 1 { 0 } else { at }].id.to_owned()
}

fn page(made: Result<String>) -> Response {
    match made {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!("a page was not made: {error:#}");
            (StatusCode::INTERNAL_SERVER_ERROR, "The page was not made; load it again.").into_response()
        }
    }
}
