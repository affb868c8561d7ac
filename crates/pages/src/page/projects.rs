//! Every project and group that the asking user may see.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::limits::PROJECTS_PER_PAGE;
use crate::shell::{Nav, Shell};
use crate::view::Pager;
use crate::words::count;
use askama::Template;
use wigwag_base::Page;
use wigwag_engine::EngineError;

#[derive(Template)]
#[template(path = "projects.html")]
struct ProjectsPage {
    shell: Shell,
    headline: String,
    projects: Vec<Row>,
    projects_pager: Pager,
    groups: Vec<Row>,
    groups_more: bool,
}

struct Row {
    name: String,
    path: String,
}

pub(crate) async fn show(ask: &Ask) -> Outcome {
    if ask.limit().is_some() {
        return Err(EngineError::NotFound("page"));
    }
    let projects = ask.engine.projects(&ask.principal, ask.query.page(PROJECTS_PER_PAGE)).await?;
    let groups = ask.engine.groups(&ask.principal, Page::new(1, Page::PER_PAGE_MAX)).await?;
    let headline = format!(
        "{} in {}",
        count(projects.total, "project", "projects"),
        count(groups.total, "group", "groups")
    );
    let view = ProjectsPage {
        shell: Shell::of(ask, Nav::Projects),
        headline,
        projects_pager: Pager::new(&projects, "Pages of projects", "/-/projects", &[], ""),
        groups_more: groups.total > groups.rows.len() as u64,
        projects: projects.rows.into_iter().map(|row| Row { name: row.name, path: row.full_path }).collect(),
        groups: groups.rows.into_iter().map(|row| Row { name: row.name, path: row.full_path }).collect(),
    };
    Ok(page(&view))
}
