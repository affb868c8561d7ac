//! The tree of addresses. Full paths of projects and groups are as deep as their groups nest, so what follows them is
//! told apart by `/-/`; before it stands nothing for the hooks of the system.
//!
//! ```text
//! /                                     overview
//! /-/projects  /-/console  /-/audit     projects and groups; chat commands; who changed what
//! /-/console/complete                   what could stand in the console's box, for its script
//! /-/deployments                        what runs where
//! /-/notices                            what one is told of by mail;  POST chooses
//! /-/notices/unsubscribe                the link in a mail, for whoever has it
//! /-/chat                               chat accounts, roles, what waits;  POST /code  /unlink  /role
//! /-/flags                              every flag
//! /-/flags/NAME                         flag; /change;  POST /change  /off  /undo  /override  /lift
//!                                       POST /rollback  /ack  /note
//! /FULL/PATH                            project or group
//! /-/hooks                              which hooks fail, across projects
//! /-/system                             the hooks of the system
//! [/FULL/PATH]/-/hooks                  POST makes a hook; /new asks for one
//! [/FULL/PATH]/-/hooks/ID               hook; /edit  /delete  /policy;  POST /test  /enable  /on  /off
//! [/FULL/PATH]/-/hooks/ID/deliveries    what became of its events;  /replay  POST sends some again
//! [/FULL/PATH]/-/hooks/ID/attempts/ID   one attempt
//! /groups/FULL/PATH[/-/hooks...]        the same, as GitLab writes a group's address
//! /projects/ID[/hooks/ID], /groups/...  the same by number: what the banner's button and the API link to
//! ```

use crate::answer::{Outcome, problem, see_other};
use crate::ask::Ask;
use crate::page;
use crate::place::{Place, path_by_number};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wigwag_access::Source;
use wigwag_base::{AttemptId, GroupId, HookId, ProjectId};
use wigwag_engine::{Engine, EngineError};

/// Where addresses of programs begin: who asks there is answered as a program.
const PROGRAMS: [&str; 7] = ["api", "v1", "ofrep", "environments", "embed", "chat", "favicon.ico"];

/// What an address means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Route<'a> {
    Overview,
    Projects,
    FailingHooks,
    System,
    Console,
    Complete,
    Deployments,
    Notices,
    Chat,
    PressChat(page::chat::Button),
    Audit,
    Flags,
    Flag { name: &'a str, at: AtFlag },
    ByNumber { source: Source, hook: Option<HookId> },
    Place(&'a str),
    Hooks { place: &'a str, at: AtHooks },
}

/// What an address below one flag means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum AtFlag {
    Itself,
    Change,
    Press(page::flags::press::Button),
    Talk(page::flags::rollout::Talk),
}

/// What an address below the hooks of one place means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum AtHooks {
    List,
    New,
    One(HookId),
    Edit(HookId),
    Delete(HookId),
    Policy(HookId),
    Press(HookId, page::press::Button),
    Deliveries(HookId),
    Replay(HookId),
    Attempt(HookId, AttemptId),
    Resend(HookId, AttemptId),
}

/// Every address that is no other route's.
pub(crate) async fn entry(State(engine): State<Engine>, request: Request) -> Response {
    let first = request.uri().path().trim_start_matches('/').split('/').next().unwrap_or_default();
    if PROGRAMS.contains(&first) {
        let json = [(header::CONTENT_TYPE, "application/json")];
        return (StatusCode::NOT_FOUND, json, r#"{"message":"404 Not Found"}"#).into_response();
    }
    let ask = match Ask::of(engine, request).await {
        Ok(ask) => ask,
        Err(answer) => return answer,
    };
    match answer(&ask).await {
        Ok(answer) => answer,
        Err(error) => problem(&ask, &error).await,
    }
}

/// Whoever is fully signed in is asked for first. What that one may not is tried for the user of a banner's button, if
/// it was pressed in this browser: both are the same person.
async fn answer(ask: &Ask) -> Outcome {
    let Some(route) = route(&ask.path) else { return Err(EngineError::NotFound("page")) };
    let outcome = open(ask, route).await;
    if let Err(EngineError::NotFound(_) | EngineError::Forbidden(_)) = outcome
        && let Some(by_button) = ask.by_button().await?
        && let Ok(answer) = open(&by_button, route).await
    {
        return Ok(answer);
    }
    outcome
}

async fn open(ask: &Ask, route: Route<'_>) -> Outcome {
    let is_post = ask.method == Method::POST;
    if !is_post && !ask.method.is_safe() {
        return Ok(
            (StatusCode::METHOD_NOT_ALLOWED, "A page is read by GET and changed by POST.\n").into_response()
        );
    }
    match route {
        Route::Overview => page::overview::show(ask).await,
        Route::Projects => page::projects::show(ask).await,
        Route::FailingHooks if is_post => {
            open_hooks(ask, &Place::find(ask, "").await?, AtHooks::List, true).await
        }
        Route::FailingHooks => page::hooks::show(ask).await,
        Route::System => page::place::show(ask, &Place::find(ask, "").await?).await,
        Route::Console if is_post => page::console::run(ask).await,
        Route::Console => page::console::show(ask),
        Route::Complete => page::console::complete(ask).await,
        Route::Deployments => page::deployments::show(ask).await,
        Route::Notices if is_post => page::notices::press(ask).await,
        Route::Notices => page::notices::show(ask).await,
        Route::Chat => page::chat::show(ask).await,
        Route::PressChat(button) if is_post => page::chat::press(ask, button).await,
        Route::PressChat(_) => Ok(see_other(page::chat::CHAT)),
        Route::Audit => page::audit::show(ask).await,
        Route::Flags => page::flags::list::show(ask),
        Route::Flag { name, at } => open_flag(ask, name, at, is_post).await,
        Route::ByNumber { source, hook } => {
            let path = path_by_number(ask, source).await?;
            Ok(see_other(&hook.map_or_else(|| format!("/{path}"), |id| format!("/{path}/-/hooks/{id}"))))
        }
        Route::Place(path) => page::place::show(ask, &Place::find(ask, path).await?).await,
        Route::Hooks { place, at } => {
            let place = Place::find(ask, place).await?;
            open_hooks(ask, &place, at, is_post).await
        }
    }
}

async fn open_flag(ask: &Ask, name: &str, at: AtFlag, is_post: bool) -> Outcome {
    match (at, is_post) {
        (AtFlag::Itself, _) => page::flags::show::show(ask, name).await,
        (AtFlag::Change, true) => page::flags::change::make(ask, name).await,
        (AtFlag::Change, false) => page::flags::change::ask_change(ask, name).await,
        (AtFlag::Press(button), true) => page::flags::press::press(ask, name, button).await,
        // The address of a button, opened after a sign-in on the way: nothing is pressed by that.
        (AtFlag::Talk(talk), true) => page::flags::rollout::say(ask, name, talk).await,
        (AtFlag::Press(_) | AtFlag::Talk(_), false) => Ok(see_other(&page::flags::href(name))),
    }
}

async fn open_hooks(ask: &Ask, place: &Place, at: AtHooks, is_post: bool) -> Outcome {
    match (at, is_post) {
        (AtHooks::List, true) => page::hook_form::create(ask, place).await,
        (AtHooks::List, false) => Ok(see_other(&place.href())),
        (AtHooks::New, _) => page::hook_form::new(ask, place).await,
        (AtHooks::One(id), _) => page::hook::show(ask, place, id).await,
        (AtHooks::Edit(id), true) => page::hook_form::save(ask, place, id).await,
        (AtHooks::Edit(id), false) => page::hook_form::edit(ask, place, id).await,
        (AtHooks::Delete(id), true) => page::press::delete(ask, place, id).await,
        (AtHooks::Delete(id), false) => page::press::ask_delete(ask, place, id).await,
        (AtHooks::Policy(id), _) => page::policy::show(ask, place, id).await,
        (AtHooks::Press(id, button), true) => page::press::press(ask, place, id, button).await,
        // The address of a button, opened after a sign-in on the way: nothing is pressed by that.
        (AtHooks::Press(id, _), false) => Ok(see_other(&place.hook_href(id))),
        (AtHooks::Deliveries(id), _) => page::deliveries::show(ask, place, id).await,
        (AtHooks::Replay(id), true) => page::replay::replay(ask, place, id).await,
        (AtHooks::Replay(id), false) => page::replay::ask_replay(ask, place, id).await,
        (AtHooks::Attempt(id, attempt), _) => page::attempt::show(ask, place, id, attempt).await,
        (AtHooks::Resend(id, attempt), true) => page::attempt::resend(ask, place, id, attempt).await,
        (AtHooks::Resend(id, attempt), false) => Ok(see_other(&place.attempt_href(id, attempt))),
    }
}

fn route(path: &str) -> Option<Route<'_>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    match path {
        "" => return Some(Route::Overview),
        "-/projects" => return Some(Route::Projects),
        "-/hooks" => return Some(Route::FailingHooks),
        "-/system" => return Some(Route::System),
        "-/console" => return Some(Route::Console),
        "-/console/complete" => return Some(Route::Complete),
        "-/deployments" => return Some(Route::Deployments),
        "-/notices" => return Some(Route::Notices),
        "-/chat" => return Some(Route::Chat),
        "-/audit" => return Some(Route::Audit),
        "-/flags" => return Some(Route::Flags),
        _ => {}
    }
    if let Some(word) = path.strip_prefix("-/chat/") {
        return page::chat::Button::from_word(word).map(Route::PressChat);
    }
    if let Some(rest) = path.strip_prefix("-/flags/") {
        return flag(rest);
    }
    if let Some(route) = by_number(path) {
        return Some(route);
    }
    // As GitLab writes the address of a group, and `web_url` of the API with it.
    let path = path.strip_prefix("groups/").unwrap_or(path);
    match path.strip_prefix("-/").map(|rest| ("", rest)).or_else(|| path.split_once("/-/")) {
        Some((place, rest)) => Some(Route::Hooks { place, at: at_hooks(rest)? }),
        None => Some(Route::Place(path)),
    }
}

fn flag(rest: &str) -> Option<Route<'_>> {
    let (name, word) = rest.split_once('/').map_or((rest, None), |(name, word)| (name, Some(word)));
    let at = match word {
        None => AtFlag::Itself,
        Some("change") => AtFlag::Change,
        Some(word) => match page::flags::rollout::Talk::from_word(word) {
            Some(talk) => AtFlag::Talk(talk),
            None => AtFlag::Press(page::flags::press::Button::from_word(word)?),
        },
    };
    (!name.is_empty()).then_some(Route::Flag { name, at })
}

fn by_number(path: &str) -> Option<Route<'_>> {
    let mut parts = path.split('/');
    let source = match (parts.next()?, parts.next()?) {
        ("projects", id) => Source::Project(ProjectId(number(id)?)),
        ("groups", id) => Source::Group(GroupId(number(id)?)),
        _ => return None,
    };
    let hook = match (parts.next(), parts.next(), parts.next()) {
        (None, _, _) => None,
        (Some("hooks"), Some(id), None) => Some(HookId(number(id)?)),
        _ => return None,
    };
    Some(Route::ByNumber { source, hook })
}

fn at_hooks(rest: &str) -> Option<AtHooks> {
    let parts: Vec<&str> = rest.split('/').collect();
    Some(match parts[..] {
        ["hooks"] => AtHooks::List,
        ["hooks", "new"] => AtHooks::New,
        ["hooks", id] => AtHooks::One(HookId(number(id)?)),
        ["hooks", id, "edit"] => AtHooks::Edit(HookId(number(id)?)),
        ["hooks", id, "policy"] => AtHooks::Policy(HookId(number(id)?)),
        ["hooks", id, "delete"] => AtHooks::Delete(HookId(number(id)?)),
        ["hooks", id, "deliveries"] => AtHooks::Deliveries(HookId(number(id)?)),
        ["hooks", id, "replay"] => AtHooks::Replay(HookId(number(id)?)),
        ["hooks", id, "attempts", attempt] => {
            AtHooks::Attempt(HookId(number(id)?), AttemptId(number(attempt)?))
        }
        ["hooks", id, "attempts", attempt, "resend"] => {
            AtHooks::Resend(HookId(number(id)?), AttemptId(number(attempt)?))
        }
        ["hooks", id, word] => AtHooks::Press(HookId(number(id)?), page::press::Button::from_word(word)?),
        _ => return None,
    })
}

/// An id as addresses write it: digits alone.
fn number(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{AtFlag, AtHooks, Route, route};
    use crate::page;
    use crate::page::press::Button;
    use wigwag_access::Source;
    use wigwag_base::{AttemptId, GroupId, HookId, ProjectId};

    #[test]
    fn addresses_are_told_apart() {
        let check = |path, meant: Option<Route<'_>>| assert_eq!(route(path), meant, "{path}");
        let hooks = |place, at| Some(Route::Hooks { place, at });
        check("/", Some(Route::Overview));
        check("/-/projects", Some(Route::Projects));
        check("/-/console/", Some(Route::Console));
        check("/-/audit", Some(Route::Audit));
        check("/-/deployments", Some(Route::Deployments));
        check("/-/chat", Some(Route::Chat));
        check("/-/chat/unlink", Some(Route::PressChat(page::chat::Button::Unlink)));
        check("/-/chat/explode", None);
        check("/-/flags/", Some(Route::Flags));
        let flag = |name, at| Some(Route::Flag { name, at });
        check("/-/flags/a_b", flag("a_b", AtFlag::Itself));
        check("/-/flags/a:b/change", flag("a:b", AtFlag::Change));
        check("/-/flags/a/undo", flag("a", AtFlag::Press(page::flags::press::Button::Undo)));
        check("/-/flags/a/ack", flag("a", AtFlag::Talk(page::flags::rollout::Talk::Acknowledge)));
        check("/-/flags/a/explode", None);
        check("/-/flags//off", None);
        check("/-/flags/a/off/b", None);
        check("/acme", Some(Route::Place("acme")));
        check("/acme/shop/", Some(Route::Place("acme/shop")));
        check("/acme/shop/-/hooks", hooks("acme/shop", AtHooks::List));
        check("/acme/-/hooks/new", hooks("acme", AtHooks::New));
        check("/a/b/c/-/hooks/7", hooks("a/b/c", AtHooks::One(HookId(7))));
        check("/a/-/hooks/7/edit", hooks("a", AtHooks::Edit(HookId(7))));
        check("/a/-/hooks/7/delete", hooks("a", AtHooks::Delete(HookId(7))));
        check("/a/-/hooks/7/policy", hooks("a", AtHooks::Policy(HookId(7))));
        check("/a/-/hooks/7/test", hooks("a", AtHooks::Press(HookId(7), Button::Test)));
        check("/a/-/hooks/7/deliveries", hooks("a", AtHooks::Deliveries(HookId(7))));
        check("/a/-/hooks/7/replay", hooks("a", AtHooks::Replay(HookId(7))));
        check("/a/-/hooks/7/attempts/8", hooks("a", AtHooks::Attempt(HookId(7), AttemptId(8))));
        check("/a/-/hooks/7/attempts/8/resend", hooks("a", AtHooks::Resend(HookId(7), AttemptId(8))));
        check("/-/hooks", Some(Route::FailingHooks));
        check("/-/system", Some(Route::System));
        check("/-/hooks/7", hooks("", AtHooks::One(HookId(7))));
        let by_number = |source, hook| Some(Route::ByNumber { source, hook });
        check("/projects/3", by_number(Source::Project(ProjectId(3)), None));
        check("/projects/3/hooks/4", by_number(Source::Project(ProjectId(3)), Some(HookId(4))));
        check("/groups/3/hooks/4", by_number(Source::Group(GroupId(3)), Some(HookId(4))));
        check("/groups/acme", Some(Route::Place("acme")));
        check("/groups/acme/sub/-/hooks/7", hooks("acme/sub", AtHooks::One(HookId(7))));
        check("/groups/", Some(Route::Place("groups")));
        check("/a/-/hooks/x", None);
        check("/a/-/hooks/-7", None);
        check("/a/-/hooks/99999999999999999999", None);
        check("/a/-/hooks/7/explode", None);
        check("/a/-/hooks/7/attempts/8/9", None);
        check("/a/-/nothing", None);
        check("/-/nothing", None);
        check("nothing", None);
    }
}
