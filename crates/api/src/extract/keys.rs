//! What a path segment names: a number is an id, anything else a full path (or a username).

use wigwag_access::{Principal, Source};
use wigwag_base::{GroupId, ProjectId, UserId};
use wigwag_engine::{Engine, EngineError};
use wigwag_ports::registry::{PathKey, UserKey};

/// By what a project is asked for.
pub(crate) fn project_key(text: &str) -> PathKey<ProjectId> {
    text.parse().map_or_else(|_| PathKey::FullPath(text.to_owned()), PathKey::Id)
}

/// By what a group is asked for.
pub(crate) fn group_key(text: &str) -> PathKey<GroupId> {
    text.parse().map_or_else(|_| PathKey::FullPath(text.to_owned()), PathKey::Id)
}

/// By what a user is asked for.
pub(crate) fn user_key(text: &str) -> UserKey {
    text.parse::<UserId>().map_or_else(|_| UserKey::Username(text.to_owned()), UserKey::Id)
}

/// A project that the asking user may see.
pub(crate) struct ProjectRef;

impl ProjectRef {
    /// Its id.
    pub(crate) async fn visible(
        engine: &Engine,
        principal: &Principal,
        text: &str,
    ) -> Result<ProjectId, EngineError> {
        Ok(engine.project(principal, project_key(text)).await?.project.id)
    }
}

/// The project that is named, whoever asks: for routes that tell nothing of what does not exist.
pub(crate) async fn source_of_project(engine: &Engine, text: &str) -> Result<Option<Source>, EngineError> {
    let placed = engine.find_project(project_key(text)).await?;
    Ok(placed.map(|placed| Source::Project(placed.project.id)))
}

/// The group that is named, likewise.
pub(crate) async fn source_of_group(engine: &Engine, text: &str) -> Result<Option<Source>, EngineError> {
    let line = engine.find_group(group_key(text)).await?;
    Ok(line.and_then(|line| line.first().map(|group| Source::Group(group.id))))
}
