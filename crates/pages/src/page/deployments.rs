//! What runs where: every environment in deployment order with the commit that it runs and how far it is behind the one
//! before it, then what was reported lately.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::limits::DEPLOYMENTS_PER_PAGE;
use crate::shell::{Nav, Shell};
use crate::view::{Badge, Pager, When, deployment_badge};
use crate::words::count;
use askama::Template;
use wigwag_base::Timestamp;
use wigwag_engine::EngineError;
use wigwag_engine::deployments::Running;
use wigwag_ports::deployments::{Deployment, DeploymentFilter};

/// Letters of a commit's id that are shown; the whole id is in its title.
const SHORT_ID: usize = 11;

#[derive(Template)]
#[template(path = "deployments.html")]
struct DeploymentsPage {
    shell: Shell,
    headline: String,
    places: Vec<PlaceRow>,
    rows: Vec<Row>,
    pager: Pager,
    environment: String,
    environments: Vec<(String, bool)>,
}

/// An environment.
struct PlaceRow {
    name: String,
    current: Option<Row>,
    /// A newer one, on its way.
    coming: Option<Row>,
    behind: String,
}

/// A deployment.
struct Row {
    environment: String,
    badge: Badge,
    short: String,
    sha: String,
    reference: String,
    author: String,
    at: When,
}

pub(crate) async fn show(ask: &Ask) -> Outcome {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let running = ask.engine.what_runs_where(&ask.principal).await?;
    let asked = ask.query.get("environment").unwrap_or_default();
    let names: Vec<&str> = running.iter().map(|one| one.environment.as_str()).collect();
    let environment = names.iter().copied().find(|name| *name == asked).unwrap_or_default();
    let filter = DeploymentFilter {
        environment: (!environment.is_empty()).then(|| environment.to_owned()),
        ..DeploymentFilter::default()
    };
    let listing =
        ask.engine.deployments(&ask.principal, filter, ask.query.page(DEPLOYMENTS_PER_PAGE)).await?;
    let fields = [("environment", environment)];
    let pager = Pager::new(&listing, "Pages of deployments", "/-/deployments", &fields, "#rows");
    let known = running.iter().filter(|one| one.current.is_some()).count();
    let headline = match known {
        0 => "Nothing was deployed yet, as far as this server was told".to_owned(),
        known if known == running.len() => "What runs where".to_owned(),
        known => {
            let all = count(running.len() as u64, "environment", "environments");
            format!("What runs where: {known} of {all} reported so far")
        }
    };
    let mut places = Vec::new();
    for (index, one) in running.iter().enumerate() {
        places.push(PlaceRow {
            name: one.environment.clone(),
            current: one.current.as_ref().map(|found| row(found, ask.now)),
            coming: one.coming.as_ref().map(|found| row(found, ask.now)),
            behind: behind(ask, running.get(..index).unwrap_or_default(), one).await,
        });
    }
    Ok(page(&DeploymentsPage {
        shell: Shell::of(ask, Nav::Deployments),
        headline,
        places,
        rows: listing.rows.iter().map(|found| row(found, ask.now)).collect(),
        pager,
        environments: names.iter().map(|name| ((*name).to_owned(), *name == environment)).collect(),
        environment: environment.to_owned(),
    }))
}

/// How far an environment is behind the nearest one before it of which something is known.
async fn behind(ask: &Ask, before: &[Running], one: &Running) -> String {
    let Some(current) = &one.current else { return String::new() };
    let nearest = before.iter().rev().find_map(|other| Some((other, other.current.as_ref()?)));
    let Some((other, newer)) = nearest else { return String::new() };
    if newer.reported.sha == current.reported.sha {
        return format!("same as {}", other.environment);
    }
    match ask.engine.commits_ahead(&current.reported.sha, &newer.reported.sha).await {
        Some(0) => format!("nothing of {} is missing", other.environment),
        Some(ahead) => format!("{} behind {}", count(ahead, "commit", "commits"), other.environment),
        None => format!("differs from {}", other.environment),
    }
}

fn row(found: &Deployment, now: Timestamp) -> Row {
    let reported = &found.reported;
    Row {
        environment: reported.environment.clone(),
        badge: deployment_badge(reported.status),
        short: reported.sha.chars().take(SHORT_ID).collect(),
        sha: reported.sha.clone(),
        reference: reported.reference.clone(),
        author: reported.author.clone(),
        at: When::new(found.updated_at, now),
    }
}
