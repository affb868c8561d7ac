//! What one is told of by mail: chosen here, or ended by the link in a mail, which works without signing in.

use crate::answer::{Outcome, page, page_with};
use crate::ask::{Ask, done};
use crate::fields::{Fields, query_string};
use crate::place::path_by_number;
use crate::shell::{Nav, Notice, Shell, Tone};
use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use wigwag_access::Source;
use wigwag_base::{GroupId, ProjectId, UserId};
use wigwag_engine::{Engine, EngineError};
use wigwag_hooks::Switch;
use wigwag_ports::notices::OptOut;
use wigwag_ports::registry::PathKey;

/// Where the page is.
pub(crate) const NOTICES: &str = "/-/notices";

/// Where the link in a mail leads.
pub(crate) const UNSUBSCRIBE: &str = "/-/notices/unsubscribe";

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    shell: Shell,
    address: String,
    is_on: bool,
    /// Whether the server sends mail at all.
    is_set_up: bool,
    silent: Vec<Row>,
}

struct Row {
    /// `project:1`, for the form.
    value: String,
    path: String,
}

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct UnsubscribePage {
    shell: Shell,
    state: Stage,
}

/// What came of the link.
enum Stage {
    /// It is ours: the address of the button, and whose mail it ends.
    Asks { action: String, address: String },
    /// Mail ended; the address of the button that takes it back.
    Ended { action: String },
    /// Mail goes on.
    GoesOn,
    /// It is not ours.
    Unknown,
}

pub(crate) async fn show(ask: &Ask) -> Outcome {
    let told = match ask.query.get("done") {
        Some("off") => Some("No more mail about failing webhooks."),
        Some("on") => Some("Mail about failing webhooks goes to you again."),
        Some("silent") => Some("Nothing more is told of the webhooks there."),
        Some("heard") => Some("What happens to the webhooks there is told again."),
        _ => None,
    };
    let notice = told.map(|text| Notice { tone: Tone::Good, text: text.to_owned() });
    Ok(page(&view(ask, notice).await?))
}

/// Does what the pressed button says.
pub(crate) async fn press(ask: &Ask) -> Outcome {
    let choose = async |what, to| ask.engine.set_notice_opt_out(&ask.principal, what, to).await;
    match ask.form.get("do").unwrap_or_default() {
        "off" => choose(OptOut::Everything, Switch::On).await?,
        "on" => choose(OptOut::Everything, Switch::Off).await?,
        "heard" => {
            let source = ask.form.get("source").and_then(source).ok_or(EngineError::NotFound("project"))?;
            choose(OptOut::Of(source), Switch::Off).await?;
        }
        "silent" => {
            let path = ask.form.get("path").unwrap_or_default().trim().trim_matches('/').to_owned();
            let chosen = match find(ask, &path).await? {
                Some(source) => choose(OptOut::Of(source), Switch::On).await,
                None => Err(EngineError::NotFound("project")),
            };
            match chosen {
                Err(EngineError::NotFound(_)) => {
                    let text =
                        format!("There is no project or group {path:?} that you see; write its full path.");
                    let notice = Some(Notice { tone: Tone::Bad, text });
                    return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &view(ask, notice).await?));
                }
                other => other?,
            }
        }
        _ => return Err(EngineError::NotFound("button")),
    }
    let word = ask.form.get("do").unwrap_or_default();
    done(&format!("{NOTICES}?{}", query_string(&[("done", word)])))
}

async fn find(ask: &Ask, path: &str) -> Result<Option<Source>, EngineError> {
    let project = ask.engine.find_project(PathKey::FullPath(path.to_owned())).await?;
    if let Some(placed) = project {
        return Ok(Some(Source::Project(placed.project.id)));
    }
    let group = ask.engine.find_group(PathKey::FullPath(path.to_owned())).await?;
    Ok(group.and_then(|groups| groups.first().map(|group| Source::Group(group.id))))
}

async fn view(ask: &Ask, notice: Option<Notice>) -> Result<NoticesPage, EngineError> {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let preferences = ask.engine.notice_preferences(&ask.principal).await?;
    let mut silent = Vec::with_capacity(preferences.silent.len());
    for source in preferences.silent {
        let value = match source {
            Source::Project(id) => format!("project:{id}"),
            Source::Group(id) => format!("group:{id}"),
        };
        // Who lost the right to see a place may still hear of it again.
        let path = path_by_number(ask, source).await.unwrap_or_else(|_| value.replace(':', " "));
        silent.push(Row { value, path });
    }
    Ok(NoticesPage {
        shell: Shell::of(ask, Nav::None).telling(notice),
        address: ask.user.email.clone(),
        is_on: preferences.mail.is_on(),
        is_set_up: ask.engine.sends_mail(),
        silent,
    })
}

fn source(value: &str) -> Option<Source> {
    match value.split_once(':')? {
        ("project", id) => Some(Source::Project(ProjectId(id.parse().ok()?))),
        ("group", id) => Some(Source::Group(GroupId(id.parse().ok()?))),
        _ => None,
    }
}

/// Shows what the link of a mail does. It is done by the button alone: mail programs open links by themselves.
pub(crate) async fn ask_unsubscribe(State(engine): State<Engine>, RawQuery(query): RawQuery) -> Response {
    let link = Link::read(query.as_deref());
    let known = engine.opt_out_reader(link.user, &link.key).await;
    answer(known.map(|user| Stage::Asks { action: link.action("off"), address: user.email }))
}

/// Ends mail, or lets it go on: the button's way, and that of mail programs, which send `List-Unsubscribe=One-Click`.
pub(crate) async fn unsubscribe(
    State(engine): State<Engine>,
    RawQuery(query): RawQuery,
    _body: Bytes,
) -> Response {
    let link = Link::read(query.as_deref());
    let goes_on = link.then == "on";
    let to = Switch::from_bool(!goes_on);
    let chosen = engine.opt_out_by_link(link.user, &link.key, to).await;
    answer(chosen.map(|()| if goes_on { Stage::GoesOn } else { Stage::Ended { action: link.action("on") } }))
}

/// What the address of a mail's link holds.
struct Link {
    user: UserId,
    key: String,
    then: String,
}

impl Link {
    fn read(query: Option<&str>) -> Self {
        let fields = Fields::read(query.unwrap_or_default().as_bytes());
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        Self { user: UserId(text("user").parse().unwrap_or(0)), key: text("key"), then: text("then") }
    }

    fn action(&self, then: &str) -> String {
        let user = self.user.to_string();
        let fields = [("user", user.as_str()), ("key", self.key.as_str()), ("then", then)];
        format!("{UNSUBSCRIBE}?{}", query_string(&fields))
    }
}

fn answer(state: Result<Stage, EngineError>) -> Response {
    let (status, state) = match state {
        Ok(state) => (StatusCode::OK, state),
        Err(EngineError::NotFound(_)) => (StatusCode::NOT_FOUND, Stage::Unknown),
        Err(error) => return crate::answer::unavailable(&error),
    };
    crate::answer::unreferred(page_with(status, &UnsubscribePage { shell: Shell::outside(), state }))
}
