//! Which hooks fail, since when and why, over every project and group that one administers.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::limits::{HOOKS_PER_PAGE, TOLD_SHOWN_MAX};
use crate::place::SYSTEM;
use crate::shell::{Nav, Shell, Tone};
use crate::view::{Headline, HookRow, Pager, When, hook_row};
use crate::words::{count, verb};
use askama::Template;
use wigwag_base::{GroupId, Page, Timestamp};
use wigwag_engine::EngineError;
use wigwag_engine::hooks_health::{
    Channel, HealthClass, HealthScope, HooksHealth, NoticeState, PlacedView, ToldWhom,
};
use wigwag_hooks::HookScope;
use wigwag_hooks::health::Health;
use wigwag_ports::registry::PathKey;

/// Its address.
const HOOKS: &str = "/-/hooks";

#[derive(Template)]
#[template(path = "hooks.html")]
struct HooksPage {
    shell: Shell,
    tone: Tone,
    headline: Headline,
    advice: &'static str,
    rows: Vec<Row>,
    pager: Pager,
    /// Value, words, whether it is chosen.
    scopes: Vec<(String, String, bool)>,
    states: Vec<(&'static str, &'static str, bool)>,
    is_filtered: bool,
    /// Whether anything but what fails is asked for.
    is_of_others: bool,
}

/// A hook's line, and where it hangs.
struct Row {
    hook: HookRow,
    is_of_group: bool,
    place_href: String,
    /// What it waits for, where no time is known.
    next: &'static str,
    told: Vec<Told>,
    told_more: usize,
}

/// Somebody who was told.
struct Told {
    who: String,
    how: &'static str,
    at: When,
}

/// Word in the address, words on the page.
const STATES: [(&str, &str, HealthClass); 3] = [
    ("", "failing", HealthClass::Failing),
    ("unhealthy", "unhealthy, not paused yet", HealthClass::Unhealthy),
    ("all", "all", HealthClass::Any),
];

pub(crate) async fn show(ask: &Ask) -> Outcome {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let (asked, scope) = scope(ask)?;
    let state = ask.query.filled("state").unwrap_or_default();
    let (state, _, class) = STATES.into_iter().find(|(word, _, _)| *word == state).unwrap_or(STATES[0]);
    let found = ask.engine.hooks_health(&ask.principal, scope, class, ask.query.page(HOOKS_PER_PAGE)).await?;
    let fields = [("scope", asked.as_str()), ("state", state)];
    let (tone, headline) = headline(&found);
    let view = HooksPage {
        shell: Shell::of(ask, Nav::Hooks),
        tone,
        headline,
        advice: advice(&found),
        pager: Pager::new(&found.hooks, "Pages of hooks", HOOKS, &fields, "#hooks"),
        rows: found.hooks.rows.iter().map(|row| line(ask, row)).collect(),
        scopes: scopes(ask, &asked).await?,
        states: STATES.map(|(word, words, _)| (word, words, word == state)).to_vec(),
        is_filtered: !asked.is_empty() || !state.is_empty(),
        is_of_others: class != HealthClass::Failing,
    };
    Ok(page(&view))
}

/// Whose hooks, as the address says it, and for the engine.
fn scope(ask: &Ask) -> Result<(String, HealthScope), EngineError> {
    match ask.query.filled("scope").unwrap_or_default() {
        "" | "mine" => Ok((String::new(), HealthScope::Mine)),
        "instance" => Ok(("instance".to_owned(), HealthScope::Instance)),
        other => {
            let group = other.strip_prefix("group:").ok_or(EngineError::NotFound("scope"))?;
            let key = group.parse().map_or_else(|_| PathKey::FullPath(group.to_owned()), PathKey::Id);
            Ok((other.to_owned(), HealthScope::Group(key)))
        }
    }
}

/// What may be chosen: one's own, and each group.
async fn scopes(ask: &Ask, asked: &str) -> Result<Vec<(String, String, bool)>, EngineError> {
    let groups = ask.engine.groups(&ask.principal, Page::new(1, Page::PER_PAGE_MAX)).await?;
    let own = if ask.is_admin() { "the whole server" } else { "all that I administer" };
    let mut scopes = vec![(String::new(), own.to_owned(), asked.is_empty() || asked == "instance")];
    let word = |id: GroupId| format!("group:{id}");
    for group in groups.rows {
        // The list holds groups above one's own too, that one may not open.
        if ask.engine.group(&ask.principal, PathKey::Id(group.id)).await.is_ok() {
            let path = asked.strip_prefix("group:");
            let is_asked = asked == word(group.id) || path == Some(group.full_path.as_str());
            scopes.push((word(group.id), format!("{} and below", group.full_path), is_asked));
        }
    }
    Ok(scopes)
}

fn headline(found: &HooksHealth) -> (Tone, Headline) {
    let waiting = match found.waiting {
        0 => String::new(),
        n => format!("; {} {}", count(n, "event", "events"), verb(n, "waits", "wait")),
    };
    let disabled = |row: &PlacedView| row.view.hook.health.state == Health::Disabled;
    match found.failing {
        0 => (Tone::Good, Headline::plain("No hook fails.")),
        n => {
            let tone = if found.hooks.rows.iter().any(disabled) { Tone::Bad } else { Tone::Warning };
            let rest = format!(" {}{waiting}.", verb(n, "fails", "fail"));
            (tone, Headline { counted: count(n, "hook", "hooks"), href: "#hooks", rest })
        }
    }
}

fn advice(found: &HooksHealth) -> &'static str {
    match found.failing {
        0 => "When a hook is paused or disabled, it stands here with what happened and what to do.",
        _ => "Those that have failed the longest come first. What waits goes out when a hook works again.",
    }
}

fn line(ask: &Ask, row: &PlacedView) -> Row {
    let (hook, place) = (&row.view.hook, row.place.as_str());
    let place_href = if place.is_empty() { SYSTEM.to_owned() } else { format!("/{place}") };
    let href = match place {
        "" => format!("/-/hooks/{}", hook.id),
        _ => format!("/{place}/-/hooks/{}", hook.id),
    };
    Row {
        hook: hook_row(&row.view, href, place, ask.now),
        is_of_group: matches!(hook.scope, HookScope::Group(_)),
        place_href,
        told: row.told.iter().take(TOLD_SHOWN_MAX).map(|whom| told(whom, ask.now)).collect(),
        told_more: row.told.len().saturating_sub(TOLD_SHOWN_MAX),
        next: match (hook.enabled.is_on(), hook.health.state) {
            (false, _) => "when switched on",
            (_, Health::Disabled) => "when enabled",
            (_, Health::HalfOpen | Health::Paused { .. }) => "next event",
            (_, Health::Healthy | Health::Unhealthy { .. }) => "at once",
        },
    }
}

fn told(whom: &ToldWhom, now: Timestamp) -> Told {
    let who = match (&whom.username, whom.channel) {
        (Some(username), _) => username.clone(),
        (None, Channel::Mail) => "somebody who is gone".to_owned(),
        (None, Channel::Chat) => "the chat".to_owned(),
        (None, Channel::Events) => "operational hooks".to_owned(),
    };
    let how = match whom.state {
        NoticeState::Waiting => "will be told",
        NoticeState::Sent => "told",
        NoticeState::Failed => "could not be told",
        NoticeState::Withheld => "not told any more",
    };
    Told { who, how, at: When::new(whom.at, now) }
}
