//! The overview: what fails now and what waits, deliveries and failures over the last hours, what changed beside them,
//! and whether banners are seen.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::limits::{CHANGES_SPAN, CHART_SLICE, OVERVIEW_CHANGES_MAX, OVERVIEW_PROJECTS_MAX};
use crate::page::flags::{ChangeRow, Overridden, change_row, overrides};
use crate::shell::{Nav, Shell, Tone};
use crate::view::{Chart, Headline, HookRow, hook_row};
use crate::words::{count, number, span, verb};
use askama::Template;
use wigwag_base::Page;
use wigwag_engine::{EngineError, Overview};
use wigwag_hooks::HookScope;
use wigwag_ports::flags::AuditFilter;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    shell: Shell,
    tone: Tone,
    headline: Headline,
    failing: Vec<HookRow>,
    failing_more: u64,
    /// For admins: the whole server's.
    chart: Option<Chart>,
    changes: Option<Vec<ChangeRow>>,
    banners: Option<Banners>,
    overrides: Vec<Overridden>,
    projects: Vec<ProjectRow>,
    projects_total: String,
    projects_more: bool,
    checklist: Option<Vec<Step>>,
    external_url: String,
}

/// What banners did and led to lately.
struct Banners {
    sentence: String,
    /// What they did: words and numbers.
    did: [(&'static str, String); 3],
    /// What became of the hooks that they told of.
    hooks: [(&'static str, String); 5],
    none_shown: bool,
}

/// A project of the short list.
struct ProjectRow {
    path: String,
    failing: u64,
}

/// A step of the first run.
struct Step {
    done: bool,
    title: &'static str,
    text: &'static str,
    /// What to press: words and address.
    link: Option<(&'static str, String)>,
    /// What to run.
    command: Option<String>,
}

pub(crate) async fn show(ask: &Ask) -> Outcome {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let overview = ask.engine.overview(&ask.principal, Chart::since(ask.now), CHART_SLICE).await?;
    let projects = ask.engine.projects(&ask.principal, Page::new(1, OVERVIEW_PROJECTS_MAX)).await?;
    let (tone, headline) = headline(&overview);
    let failing: Vec<HookRow> = overview
        .failing
        .iter()
        .map(|failing| {
            let id = failing.view.hook.id;
            let href = match failing.place.as_str() {
                "" => format!("/-/hooks/{id}"),
                place => format!("/{place}/-/hooks/{id}"),
            };
            hook_row(&failing.view, href, &failing.place, ask.now)
        })
        .collect();
    let rows: Vec<ProjectRow> = projects
        .rows
        .iter()
        .map(|project| ProjectRow {
            path: project.full_path.clone(),
            failing: overview.failing.iter().filter(|failing| failing.place == project.full_path).count()
                as u64,
        })
        .collect();
    let checklist = checklist(ask, &overview, &projects.rows).await?;
    let page_view = OverviewPage {
        shell: Shell::of(ask, Nav::Overview),
        tone,
        headline,
        failing_more: overview.failing_count.saturating_sub(failing.len() as u64),
        failing,
        chart: overview.figures.as_deref().map(|figures| Chart::new(figures, ask.now)),
        changes: if ask.is_admin() { Some(changes(ask).await?) } else { None },
        banners: if ask.is_admin() { Some(banners(ask).await?) } else { None },
        overrides: if ask.is_admin() { overrides(ask)? } else { Vec::new() },
        projects_more: projects.total > rows.len() as u64,
        projects_total: number(projects.total),
        projects: rows,
        checklist,
        external_url: ask.engine.settings().external_url.clone(),
    };
    Ok(page(&page_view))
}

/// The state in one sentence.
fn headline(overview: &Overview) -> (Tone, Headline) {
    let fail = overview.failing_count;
    let disabled = overview.failing.iter().any(|failing| failing.view.hook.health.state.name() == "disabled");
    let waiting = match overview.waiting_total {
        0 => String::new(),
        n => format!(
            "; {} {} for {}",
            count(n, "event", "events"),
            verb(n, "waits", "wait"),
            verb(fail, "it", "them")
        ),
    };
    match fail {
        0 => (Tone::Good, Headline::plain("No hook fails.")),
        n => {
            let tone = if disabled { Tone::Bad } else { Tone::Warning };
            let rest = format!(" {}{waiting}.", verb(n, "fails", "fail"));
            (tone, Headline { counted: count(n, "hook", "hooks"), href: "#failing", rest })
        }
    }
}

async fn changes(ask: &Ask) -> Result<Vec<ChangeRow>, EngineError> {
    let filter = AuditFilter { since: Some(ask.now - CHANGES_SPAN), ..AuditFilter::default() };
    let rows = ask.engine.audit(&ask.principal, filter, Page::new(1, OVERVIEW_CHANGES_MAX)).await?.rows;
    Ok(rows.into_iter().map(|row| change_row(ask, row)).collect())
}

/// Whether banners lead to mended hooks.
async fn banners(ask: &Ask) -> Result<Banners, EngineError> {
    let figures = ask.engine.callout_outcomes(&ask.principal, None).await?.figures;
    let told_of = figures.mended + figures.deleted + figures.switched_off + figures.open;
    let sentence = match (figures.mended, figures.mend_median) {
        (0, _) | (_, None) => {
            format!("Of {} that banners told of, none was mended yet.", count(told_of, "hook", "hooks"))
        }
        (mended, Some(median)) => {
            let p90 = figures.mend_p90.unwrap_or(median);
            format!(
                "Of {} that banners told of, {} {} mended: half within {}, nine of ten within {}.",
                count(told_of, "hook", "hooks"),
                number(mended),
                verb(mended, "was", "were"),
                span(median),
                span(p90)
            )
        }
    };
    Ok(Banners {
        sentence,
        did: [
            ("shown", number(figures.shown)),
            ("followed", number(figures.followed)),
            ("dismissed", number(figures.dismissed)),
        ],
        hooks: [
            ("mended", number(figures.mended)),
            ("deleted", number(figures.deleted)),
            ("switched off", number(figures.switched_off)),
            ("ignored for a week", number(figures.ignored)),
            ("fail still", number(figures.open)),
        ],
        none_shown: figures.shown == 0 && told_of == 0,
    })
}

/// The steps of the first run, while one of them is not done.
async fn checklist(
    ask: &Ask,
    overview: &Overview,
    projects: &[wigwag_access::Project],
) -> Result<Option<Vec<Step>>, EngineError> {
    let mut hook = None;
    for project in projects {
        let scope = HookScope::Project(project.id);
        match ask.engine.hooks(&ask.principal, scope, Page::new(1, 1)).await {
            Ok(page) => hook = page.rows.into_iter().next().map(|view| (scope, view)),
            Err(EngineError::Forbidden(_) | EngineError::NotFound(_)) => {}
            Err(other) => return Err(other),
        }
        if hook.is_some() {
            break;
        }
    }
    let published = match (&overview.figures, &hook) {
        (Some(figures), _) if !figures.is_empty() => true,
        (_, Some((scope, view))) => {
            let query = wigwag_engine::AttemptQuery::default();
            ask.engine.attempts(&ask.principal, *scope, view.hook.id, query, Page::new(1, 1)).await?.total > 0
        }
        (_, None) => false,
    };
    let done = [!projects.is_empty(), hook.is_some(), published];
    if done == [true; 3] {
        return Ok(None);
    }
    Ok(Some(steps(ask, done, projects.first().map(|project| project.full_path.as_str()))))
}

fn steps(ask: &Ask, [project, hook, event]: [bool; 3], first: Option<&str>) -> Vec<Step> {
    let url = &ask.engine.settings().external_url;
    let curl = |path: &str, json: &str| {
        format!(
            "curl {url}{path} -H 'PRIVATE-TOKEN: YOUR-TOKEN' -H 'Content-Type: application/json' -d '{json}'"
        )
    };
    let path = first.unwrap_or("my/project").replace('/', "%2F");
    let publish =
        curl(&format!("/v1/projects/{path}/events"), r#"{"type":"push","payload":{"hello":"world"}}"#);
    vec![
        Step {
            done: project,
            title: "Make a project",
            text: "Projects are where events happen and where hooks hang.",
            link: None,
            command: (!project).then(|| curl("/api/v4/projects", r#"{"name":"My project"}"#)),
        },
        Step {
            done: hook,
            title: "Add a hook",
            text: "A hook is an address that wants events.",
            link: first.map(|path| ("Add a hook", format!("/{path}/-/hooks/new"))),
            command: None,
        },
        Step {
            done: event,
            title: "Publish an event",
            text: "One call; it is delivered to every hook that wants it.",
            link: None,
            command: (!event).then_some(publish),
        },
        Step {
            done: ask.engine.callout_counts().shown > 0,
            title: "Place the banner",
            text: "One tag in your page tells the right people when a hook of theirs fails.",
            link: None,
            command: Some(format!(
                "<script type=\"module\" src=\"{url}/embed/callout.js\"></script>\n<wigwag-callout project=\"{}\" token-src=\"/wigwag-token\"></wigwag-callout>",
                first.unwrap_or("my/project")
            )),
        },
    ]
}
