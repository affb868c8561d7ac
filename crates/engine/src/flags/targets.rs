use crate::limits::NEAREST_CANDIDATES_MAX;
use crate::{Engine, EngineError};
use std::collections::BTreeSet;
use wigwag_base::{GroupId, Page, ProjectId, UserId};
use wigwag_flags::{ActorId, Change, Snapshot, Targets};
use wigwag_ports::registry::{PathKey, UserKey};

/// Who a change is for, as people write it: a full path or username, or a number.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TargetNames {
    /// Projects, by full path or id.
    pub projects: Vec<String>,
    /// Groups, by full path or id.
    pub groups: Vec<String>,
    /// Namespaces: groups, or users by whose own namespace they are, by path; a number is a group's id.
    pub namespaces: Vec<String>,
    /// Users, by username (`@` before it or not) or id.
    pub users: Vec<String>,
    /// Repositories, as their platform names them: `@hashed/ab/cd.git`.
    pub repositories: Vec<String>,
    /// Named groups of actors, such as `staff`.
    pub feature_groups: Vec<String>,
    /// Ids as flags keep them, such as `Project:1` or any `Type:id` of a platform.
    pub actors: Vec<String>,
}

impl TargetNames {
    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Those that a change lists, by their ids.
    pub(super) fn of(change: &Change) -> Self {
        let ids = |actors: &BTreeSet<ActorId>| actors.iter().map(ToString::to_string).collect();
        match change {
            Change::Enable(Targets { actors, groups }) | Change::Disable(Targets { actors, groups }) => {
                Self {
                    actors: ids(actors),
                    feature_groups: groups.iter().cloned().collect(),
                    ..Self::default()
                }
            }
            Change::OptOut(actors) | Change::RemoveOptOut(actors) => {
                Self { actors: ids(actors), ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    /// Whether somebody is named by a path or username, of which another server alone knows the id.
    pub(super) fn are_by_name(&self) -> bool {
        let by_name = |name: &String| name.parse::<i64>().is_err();
        [&self.projects, &self.groups, &self.namespaces, &self.users].into_iter().flatten().any(by_name)
    }

    /// Actors that stand in for those of another server: its ids where they are given, the names elsewhere. They are
    /// shown in a preview and never stored.
    fn stand_ins(&self) -> Result<Targets, EngineError> {
        let kinds = [
            ("project", "Project", &self.projects),
            ("group", "Group", &self.groups),
            ("namespace", "Group", &self.namespaces),
            ("user", "User", &self.users),
            ("repository", "Repository", &self.repositories),
        ];
        let mut actors = BTreeSet::new();
        for (field, kind, names) in kinds {
            for name in names {
                actors.insert(actor_id(field, &format!("{kind}:{}", name.trim_start_matches('@')))?);
            }
        }
        for id in &self.actors {
            actors.insert(actor_id("actor", id)?);
        }
        Ok(Targets { actors, groups: self.feature_groups.iter().cloned().collect() })
    }
}

impl Engine {
    /// The flag actors that are meant in `environment`; where another server keeps it, what stands in for them, since it
    /// finds them by itself.
    ///
    /// # Errors
    /// As [`Engine::flag_targets`]; of another server's, [`EngineError::Invalid`] for what cannot be a name.
    pub async fn flag_targets_in(
        &self,
        environment: &str,
        names: &TargetNames,
    ) -> Result<Targets, EngineError> {
        match self.remote_of(environment) {
            Some(_) => names.stand_ins(),
            None => self.flag_targets(names).await,
        }
    }

    /// The flag actors that are meant. All are found, or none.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] says which name is unknown, and the nearest one that exists.
    pub async fn flag_targets(&self, names: &TargetNames) -> Result<Targets, EngineError> {
        let mut actors = BTreeSet::new();
        for name in &names.projects {
            actors.insert(self.project_actor(name).await?);
        }
        for name in &names.groups {
            actors.insert(self.group_actor("group", name).await?);
        }
        for name in &names.namespaces {
            actors.insert(self.namespace_actor(name).await?);
        }
        for name in &names.users {
            actors.insert(self.user_actor(name).await?);
        }
        for name in &names.repositories {
            actors.insert(actor_id("repository", &format!("Repository:{name}"))?);
        }
        for id in &names.actors {
            actors.insert(actor_id("actor", id)?);
        }
        Ok(Targets { actors, groups: names.feature_groups.iter().cloned().collect() })
    }

    async fn project_actor(&self, name: &str) -> Result<ActorId, EngineError> {
        let key = path_key(name, ProjectId);
        match self.inner.store.project(key).await? {
            Some((project, _)) => actor_id("project", &format!("Project:{}", project.id)),
            None => Err(unknown("project", name, self.project_paths().await?)),
        }
    }

    async fn group_actor(&self, field: &'static str, name: &str) -> Result<ActorId, EngineError> {
        match self.group_id(name).await? {
            Some(id) => actor_id(field, &format!("Group:{id}")),
            None => Err(unknown(field, name, self.group_paths().await?)),
        }
    }

    async fn namespace_actor(&self, name: &str) -> Result<ActorId, EngineError> {
        if self.group_id(name).await?.is_none()
            && let Some(id) = self.user_id(&UserKey::Username(name.to_owned())).await?
        {
            return actor_id("namespace", &format!("User:{id}"));
        }
        self.group_actor("namespace", name).await
    }

    async fn user_actor(&self, name: &str) -> Result<ActorId, EngineError> {
        let bare = name.strip_prefix('@').unwrap_or(name);
        let key = match bare.parse().map(UserId) {
            Ok(id) => UserKey::Id(id),
            Err(_) => UserKey::Username(bare.to_owned()),
        };
        match self.user_id(&key).await? {
            Some(id) => actor_id("user", &format!("User:{id}")),
            None => Err(unknown("user", name, self.usernames().await?)),
        }
    }

    async fn group_id(&self, name: &str) -> Result<Option<GroupId>, EngineError> {
        let line = self.inner.store.group(path_key(name, GroupId)).await?;
        Ok(line.and_then(|line| line.first().map(|group| group.id)))
    }

    async fn user_id(&self, key: &UserKey) -> Result<Option<UserId>, EngineError> {
        Ok(self.inner.store.user(key.clone()).await?.map(|user| user.id))
    }

    async fn project_paths(&self) -> Result<Vec<String>, EngineError> {
        let mut paths = Vec::new();
        for page in candidate_pages() {
            let rows = self.inner.store.projects(None, page).await?.rows;
            let last = rows.len() < page.per_page as usize;
            paths.extend(rows.into_iter().map(|project| project.full_path));
            if last {
                break;
            }
        }
        Ok(paths)
    }

    async fn group_paths(&self) -> Result<Vec<String>, EngineError> {
        let mut paths = Vec::new();
        for page in candidate_pages() {
            let rows = self.inner.store.groups(None, page).await?.rows;
            let last = rows.len() < page.per_page as usize;
            paths.extend(rows.into_iter().map(|group| group.full_path));
            if last {
                break;
            }
        }
        Ok(paths)
    }

    async fn usernames(&self) -> Result<Vec<String>, EngineError> {
        let mut names = Vec::new();
        for page in candidate_pages() {
            let rows = self.inner.store.users(None, page).await?.rows;
            let last = rows.len() < page.per_page as usize;
            names.extend(rows.into_iter().map(|user| user.username));
            if last {
                break;
            }
        }
        Ok(names)
    }
}

/// The pages of a listing that are looked through for the nearest name.
fn candidate_pages() -> impl Iterator<Item = Page> {
    let pages = NEAREST_CANDIDATES_MAX.div_ceil(Page::PER_PAGE_MAX);
    (1..=pages).map(|number| Page::new(number, Page::PER_PAGE_MAX))
}

fn path_key<Id>(name: &str, id: impl FnOnce(i64) -> Id) -> PathKey<Id> {
    match name.parse() {
        Ok(number) => PathKey::Id(id(number)),
        Err(_) => PathKey::FullPath(name.to_owned()),
    }
}

fn actor_id(field: &'static str, text: &str) -> Result<ActorId, EngineError> {
    text.parse().map_err(|error| EngineError::Invalid { field, rule: format!("{text:?} {error}") })
}

/// The refusal of a name that does not exist.
fn unknown(field: &'static str, name: &str, candidates: Vec<String>) -> EngineError {
    let near = wigwag_chat::nearest(name, candidates.iter().map(String::as_str));
    let meant = near.map_or(String::new(), |near| format!("; did you mean {near:?}?"));
    EngineError::Invalid { field, rule: format!("{name:?} does not exist{meant}") }
}

/// The refusal of a flag that is neither defined nor stored.
pub(crate) fn unknown_flag(snapshot: &Snapshot, name: &str) -> EngineError {
    let names = snapshot.flags().into_iter().map(|(name, _)| name.to_string()).collect();
    unknown("name", name, names)
}
