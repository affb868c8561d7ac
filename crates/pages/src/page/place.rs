//! A project, a group or the system: its hooks, and who is told when one of them fails.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::limits::{HOOKS_PER_PAGE, MEMBERS_SHOWN_MAX};
use crate::place::Place;
use crate::shell::{Notice, Shell, Tone};
use crate::view::{Headline, HookRow, Pager, hook_row};
use crate::words::{count, verb};
use askama::Template;
use wigwag_access::{Namespace, Source};
use wigwag_base::{Page, PageOf};
use wigwag_callouts::{FlagAnswer, Why};
use wigwag_engine::callouts::Audience;
use wigwag_engine::hook_admin::HookView;
use wigwag_engine::{EngineError, Member, MemberReach};

#[derive(Template)]
#[template(path = "place.html")]
struct PlacePage {
    shell: Shell,
    kind: &'static str,
    name: String,
    full_path: String,
    role: Option<String>,
    tone: Tone,
    headline: Headline,
    hooks_href: String,
    /// None where one may not see them; then `refusal` says why.
    hooks: Option<Vec<HookRow>>,
    pager: Option<Pager>,
    refusal: Option<String>,
    people: Option<People>,
    /// For groups: the projects in it.
    projects: Option<Vec<(String, String)>>,
}

/// Who is told.
struct People {
    /// The banner as those see it who see it.
    callout: Option<Shown>,
    /// What stands against it for everybody, if something does.
    flag_note: Option<&'static str>,
    /// Which roles see it.
    rule: &'static str,
    rows: Vec<Person>,
    more: u64,
}

/// The banner's words.
struct Shown {
    tone: &'static str,
    title: String,
    text: String,
}

struct Person {
    name: String,
    username: String,
    role: String,
    sees: bool,
    why: &'static str,
}

pub(crate) async fn show(ask: &Ask, place: &Place) -> Outcome {
    let listed = ask.engine.hooks(&ask.principal, place.scope, ask.query.page(HOOKS_PER_PAGE)).await;
    let (hooks, refusal) = match listed {
        Ok(hooks) => (Some(hooks), None),
        Err(EngineError::Forbidden(reason)) => (None, Some(reason)),
        Err(other) => return Err(other),
    };
    let (tone, headline) = headline(place, hooks.as_ref());
    let people = match (&hooks, place.source) {
        (_, Some(source)) if ask.limit().is_none() => Some(people(ask, source, hooks.is_some()).await?),
        _ => None,
    };
    let anchor = "#hooks";
    let row = |view: &HookView| hook_row(view, place.hook_href(view.hook.id), "", ask.now);
    let view = PlacePage {
        shell: Shell::of(ask, place.nav()).at(&place.crumbs).telling(notice(ask)),
        kind: place.kind(),
        name: place.name.clone(),
        full_path: place.full_path.clone(),
        role: place.level.map(|level| level.to_string()),
        tone,
        headline,
        hooks_href: place.hooks_href(),
        pager: hooks.as_ref().map(|hooks| Pager::new(hooks, "Pages of hooks", &place.href(), &[], anchor)),
        hooks: hooks.map(|hooks| hooks.rows.iter().map(row).collect()),
        refusal,
        people,
        projects: projects(ask, place).await?,
    };
    Ok(page(&view))
}

fn notice(ask: &Ask) -> Option<Notice> {
    let text = match ask.query.get("done")? {
        "deleted" => "The hook is deleted. What waited for it is cancelled.",
        _ => return None,
    };
    Some(Notice { tone: Tone::Good, text: text.to_owned() })
}

/// That none of so many hooks fails; a longer list than a page tells no more than that.
fn working(hooks: &PageOf<HookView>, total: u64) -> (Tone, Headline) {
    let off = hooks.rows.iter().filter(|view| !view.hook.enabled.is_on()).count() as u64;
    let is_whole = hooks.rows.len() as u64 == total;
    let text = match (off, total) {
        (0, 1) => "The hook works".to_owned(),
        (_, 1) => "The hook is switched off".to_owned(),
        (0, n) if is_whole => format!("All {} work", count(n, "hook", "hooks")),
        (off, n) if off == n => "All hooks are switched off".to_owned(),
        (off, _) if is_whole => {
            format!("No hook fails; {}", count(off, "is switched off", "are switched off"))
        }
        (_, n) => format!("None of {} fails", count(n, "hook", "hooks")),
    };
    let tone = if off == total { Tone::Plain } else { Tone::Good };
    (tone, Headline::plain(&text))
}

/// The state of its hooks in one sentence.
fn headline(place: &Place, hooks: Option<&PageOf<HookView>>) -> (Tone, Headline) {
    let Some(hooks) = hooks else { return (Tone::Plain, Headline::plain(&place.name)) };
    let on = |view: &&HookView| view.hook.enabled.is_on() && view.hook.health.state.is_failing();
    let failing: Vec<&HookView> = hooks.rows.iter().filter(on).collect();
    let waiting: u64 = failing.iter().map(|view| view.waiting).sum();
    let is_disabled = failing.iter().any(|view| view.hook.health.state.name() == "disabled");
    match (failing.len() as u64, hooks.total) {
        (0, 0) => (Tone::Plain, Headline::plain("No hooks yet")),
        (0, total) => working(hooks, total),
        (n, total) => {
            let of = if total == n { String::new() } else { format!(" of {total}") };
            let waiting = match waiting {
                0 => String::new(),
                w => format!("; {} {}", count(w, "event", "events"), verb(w, "waits", "wait")),
            };
            let noun = if total == 1 { "hook" } else { "hooks" };
            let tone = if is_disabled { Tone::Bad } else { Tone::Warning };
            let rest = format!(" {}{waiting}", verb(n, "fails", "fail"));
            (tone, Headline { counted: format!("{n}{of} {noun}"), href: "#hooks", rest })
        }
    }
}

/// Who sees the banner, and who does not and why.
async fn people(ask: &Ask, source: Source, sees_hooks: bool) -> Result<People, EngineError> {
    let listing = Page::new(1, MEMBERS_SHOWN_MAX);
    let members = ask.engine.members(&ask.principal, source, MemberReach::All, listing).await?;
    let ids: Vec<_> = members.rows.iter().map(|member| member.user.id).collect();
    let audience = match sees_hooks {
        true => Some(ask.engine.callout_audience(&ask.principal, source, &ids).await?),
        false => None,
    };
    let fails = audience.as_ref().is_some_and(|audience| audience.callout.is_some());
    let person = |(index, member): (usize, &Member)| {
        let told = audience.as_ref().and_then(|audience| audience.people.get(index));
        let (sees, why) = told_to(source, member, told.map(|(_, why)| *why), fails);
        Person {
            name: member.user.name.clone(),
            username: member.user.username.clone(),
            role: member.level.to_string(),
            sees,
            why,
        }
    };
    Ok(People {
        flag_note: audience.as_ref().and_then(flag_note),
        rule: match source {
            Source::Project(_) => {
                "Maintainers and owners see the banner on the project's pages; guests, reporters and developers do not."
            }
            Source::Group(_) => "Owners see the banner on the group's pages; all others do not.",
        },
        rows: members.rows.iter().enumerate().map(person).collect(),
        more: members.total.saturating_sub(members.rows.len() as u64),
        callout: audience.and_then(|audience| audience.callout).map(|callout| Shown {
            tone: callout.tone.name(),
            title: callout.title,
            text: callout.text,
        }),
    })
}

fn flag_note(audience: &Audience) -> Option<&'static str> {
    match audience.flag {
        FlagAnswer::On => None,
        FlagAnswer::Off => {
            Some("The flag webhooks_failed_callout is off here, so nobody sees it until it is turned on.")
        }
        FlagAnswer::Unknown => {
            Some("The flag webhooks_failed_callout could not be asked, so nobody sees it now.")
        }
    }
}

/// Whether a member sees the banner (or would, when something fails), and why.
fn told_to(source: Source, member: &Member, why: Option<Option<Why>>, fails: bool) -> (bool, &'static str) {
    let level_min = match source {
        Source::Project(_) => 40,
        Source::Group(_) => 50,
    };
    let administers = member.level.number() >= level_min;
    match why {
        Some(None) => (true, "sees it now"),
        Some(Some(Why::Dismissed)) => (false, "closed it; it comes back when a hook gets worse"),
        Some(Some(Why::FlagOff | Why::FlagUnknown)) if administers => {
            (false, "would see it; the flag is off")
        }
        _ if administers && !fails => (true, "will see it when a hook fails"),
        _ if administers => (true, "sees it"),
        _ => (false, "may not administer hooks"),
    }
}

/// The projects that lie in a group.
async fn projects(ask: &Ask, place: &Place) -> Result<Option<Vec<(String, String)>>, EngineError> {
    let (Some(Source::Group(group)), None) = (place.source, ask.limit()) else { return Ok(None) };
    let mine = ask.engine.projects(&ask.principal, Page::new(1, Page::PER_PAGE_MAX)).await?;
    let here = mine.rows.into_iter().filter(|project| project.namespace == Namespace::Group(group));
    Ok(Some(here.map(|project| (project.name, project.full_path)).collect()))
}
