//! The project, group or system whose hooks a page is about.

use crate::ask::Ask;
use crate::shell::{Crumb, Nav};
use wigwag_access::{AccessLevel, Group, Namespace, Source};
use wigwag_base::{AttemptId, HookId, UserId};
use wigwag_engine::EngineError;
use wigwag_hooks::HookScope;
use wigwag_ports::registry::{PathKey, UserKey};

/// The page of the system's hooks.
pub(crate) const SYSTEM: &str = "/-/system";

/// Where hooks hang.
pub(crate) struct Place {
    /// For the engine.
    pub(crate) scope: HookScope,
    /// The project or group; none for the system.
    pub(crate) source: Option<Source>,
    /// What people call it.
    pub(crate) name: String,
    /// Its path; empty for the system.
    pub(crate) full_path: String,
    /// The way to it, itself last.
    pub(crate) crumbs: Vec<Crumb>,
    /// The asking user's level there.
    pub(crate) level: Option<AccessLevel>,
}

impl Place {
    /// The place with this full path, if one may know of it; the system for an empty one.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], for strangers too; the store's.
    pub(crate) async fn find(ask: &Ask, full_path: &str) -> Result<Self, EngineError> {
        if full_path.is_empty() {
            return if ask.is_admin() { Ok(Self::system()) } else { Err(EngineError::NotFound("page")) };
        }
        if let Some(placed) = ask.engine.find_project(PathKey::FullPath(full_path.to_owned())).await? {
            let project = &placed.project;
            let source = Source::Project(project.id);
            Self::reach(ask, source).await?;
            let mut crumbs = match project.namespace {
                Namespace::User(owner) => vec![owner_crumb(ask, owner).await?],
                Namespace::Group(_) => group_crumbs(ask, &placed.ancestors),
            };
            crumbs.push(Crumb { text: project.name.clone(), href: Some(format!("/{}", project.full_path)) });
            return Ok(Self {
                scope: HookScope::Project(project.id),
                source: Some(source),
                name: project.name.clone(),
                full_path: project.full_path.clone(),
                crumbs,
                level: ask.engine.level(ask.principal.user, source).await?,
            });
        }
        let line = ask.engine.find_group(PathKey::FullPath(full_path.to_owned())).await?;
        let line = line.ok_or(EngineError::NotFound("page"))?;
        let group = line.first().ok_or(EngineError::NotFound("page"))?;
        let source = Source::Group(group.id);
        Self::reach(ask, source).await?;
        Ok(Self {
            scope: HookScope::Group(group.id),
            source: Some(source),
            name: group.name.clone(),
            full_path: group.full_path.clone(),
            crumbs: group_crumbs(ask, &line),
            level: ask.engine.level(ask.principal.user, source).await?,
        })
    }

    fn system() -> Self {
        Self {
            scope: HookScope::System,
            source: None,
            name: "System".into(),
            full_path: String::new(),
            crumbs: vec![Crumb { text: "System".into(), href: Some(SYSTEM.into()) }],
            level: None,
        }
    }

    /// Lets those in who may know of the place: whoever may read it, or came by a banner's button of it.
    async fn reach(ask: &Ask, source: Source) -> Result<(), EngineError> {
        match (ask.limit(), source) {
            (Some(limit), _) if limit == source => Ok(()),
            (Some(_), _) => Err(EngineError::NotFound("page")),
            (None, Source::Project(id)) => {
                ask.engine.project(&ask.principal, PathKey::Id(id)).await.map(drop)
            }
            (None, Source::Group(id)) => ask.engine.group(&ask.principal, PathKey::Id(id)).await.map(drop),
        }
    }

    /// Its page.
    pub(crate) fn href(&self) -> String {
        if self.source.is_some() { format!("/{}", self.full_path) } else { SYSTEM.into() }
    }

    /// Where its hooks are.
    pub(crate) fn hooks_href(&self) -> String {
        if self.source.is_some() { format!("/{}/-/hooks", self.full_path) } else { "/-/hooks".into() }
    }

    /// The page of one of its hooks.
    pub(crate) fn hook_href(&self, id: HookId) -> String {
        format!("{}/{id}", self.hooks_href())
    }

    /// The page of one request to one of its hooks.
    pub(crate) fn attempt_href(&self, hook: HookId, attempt: AttemptId) -> String {
        format!("{}/attempts/{attempt}", self.hook_href(hook))
    }

    /// Its entry in the navigation.
    pub(crate) const fn nav(&self) -> Nav {
        if self.source.is_some() { Nav::Projects } else { Nav::System }
    }

    /// What it is.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.source {
            Some(Source::Project(_)) => "project",
            Some(Source::Group(_)) => "group",
            None => "system",
        }
    }

    /// The way to a page below it.
    pub(crate) fn crumbs_to(&self, below: &[(&str, Option<String>)]) -> Vec<Crumb> {
        let below = below.iter().map(|(text, href)| Crumb { text: (*text).to_owned(), href: href.clone() });
        self.crumbs.iter().cloned().chain(below).collect()
    }
}

/// The full path of a project or group that an address names by number.
///
/// # Errors
/// [`EngineError::NotFound`], for strangers too.
pub(crate) async fn path_by_number(ask: &Ask, source: Source) -> Result<String, EngineError> {
    let path = match source {
        Source::Project(id) => {
            ask.engine.find_project(PathKey::Id(id)).await?.map(|placed| placed.project.full_path.clone())
        }
        Source::Group(id) => {
            let line = ask.engine.find_group(PathKey::Id(id)).await?;
            line.and_then(|line| line.first().map(|group| group.full_path.clone()))
        }
    };
    let path = path.ok_or(EngineError::NotFound("page"))?;
    Place::reach(ask, source).await?;
    Ok(path)
}

/// The groups of a line, root first. A session from a banner's button may not open the groups above.
fn group_crumbs(ask: &Ask, line: &[Group]) -> Vec<Crumb> {
    let href = |group: &Group| match ask.limit() {
        Some(limit) if limit != Source::Group(group.id) => None,
        _ => Some(format!("/{}", group.full_path)),
    };
    line.iter().rev().map(|group| Crumb { text: group.name.clone(), href: href(group) }).collect()
}

async fn owner_crumb(ask: &Ask, owner: UserId) -> Result<Crumb, EngineError> {
    let owner = ask.engine.find_user(UserKey::Id(owner)).await?;
    Ok(Crumb { text: owner.map_or_else(|| "user".to_owned(), |owner| owner.username.clone()), href: None })
}
