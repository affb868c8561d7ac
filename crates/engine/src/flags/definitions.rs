//! Definitions and named groups as they change outside: files are looked at again and again, memberships when one was
//! written.

use crate::limits::{DEFINITIONS_EVERY, FINDINGS_MAX};
use crate::settings::{ActorGroup, GroupMembers};
use crate::{Engine, EngineError};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wigwag_access::Source;
use wigwag_base::GroupId;
use wigwag_flags::{ActorId, StaticGroups};
use wigwag_ports::DefinitionSource;
use wigwag_ports::definitions::Definitions;
use wigwag_ports::registry::{MemberCall, PathKey};

/// Where definitions come from besides the product itself, and what each source held last.
pub(crate) struct Sources {
    sources: Vec<Arc<dyn DefinitionSource>>,
    held: tokio::sync::Mutex<Vec<Definitions>>,
    /// The generation of memberships that the groups were made of.
    grouped_in: parking_lot::Mutex<Option<u64>>,
}

impl Sources {
    pub(crate) fn new(sources: Vec<Arc<dyn DefinitionSource>>) -> Self {
        let held = vec![Definitions::default(); sources.len()];
        Self { sources, held: tokio::sync::Mutex::new(held), grouped_in: parking_lot::Mutex::default() }
    }
}

impl Engine {
    /// Takes over what has changed in the sources of definitions. Called again and again by itself.
    pub async fn look_at_definitions(&self) {
        let mut held = self.inner.definitions.held.lock().await;
        let mut changed = false;
        for (source, held) in self.inner.definitions.sources.iter().zip(held.iter_mut()) {
            if let Some(read) = source.read().await {
                *held = read;
                changed = true;
            }
        }
        if !changed {
            return;
        }
        let mut by_name = HashMap::new();
        for definition in held.iter().flat_map(|read| &read.good) {
            by_name.entry(definition.name.clone()).or_insert_with(|| definition.clone());
        }
        let findings: Vec<_> =
            held.iter().flat_map(|read| &read.findings).take(FINDINGS_MAX).cloned().collect();
        for finding in &findings {
            tracing::warn!(
                file = finding.file,
                line = finding.line,
                field = finding.field,
                "{}",
                finding.rule
            );
        }
        self.inner.flags.define(by_name.into_values().collect(), findings);
    }

    /// Takes over who belongs to the named groups of actors, if a membership has changed. Called again and again by
    /// itself.
    ///
    /// # Errors
    /// The store's; the members known before stay.
    pub async fn look_at_actor_groups(&self) -> Result<(), EngineError> {
        let groups = &self.inner.settings.actor_groups;
        let generation = self.inner.registry.memberships_generation();
        if groups.is_empty() || *self.inner.definitions.grouped_in.lock() == Some(generation) {
            return Ok(());
        }
        let mut members = Vec::new();
        for group in groups {
            members.push((group.name.clone(), self.actors_of(group).await?));
        }
        self.inner.flags.group(StaticGroups::new(members));
        *self.inner.definitions.grouped_in.lock() = Some(generation);
        Ok(())
    }

    async fn actors_of(&self, group: &ActorGroup) -> Result<HashSet<ActorId>, EngineError> {
        let path = match &group.members {
            GroupMembers::Actors(actors) => return Ok(actors.iter().cloned().collect()),
            GroupMembers::Group(path) => path,
        };
        let key: PathKey<GroupId> = PathKey::FullPath(path.clone());
        let mut actors = HashSet::new();
        // A group that does not exist (yet) has nobody.
        for level in self.inner.store.group(key).await?.unwrap_or_default() {
            for member in self.inner.store.members(MemberCall::List(Source::Group(level.id))).await? {
                actors.extend(format!("User:{}", member.user).parse::<ActorId>().ok());
            }
        }
        Ok(actors)
    }
}

/// Looks at both until the engine stops.
pub(crate) fn spawn(engine: Engine) {
    tokio::spawn(async move {
        while !engine.inner.stopping.load(Ordering::Relaxed) {
            engine.look_at_definitions().await;
            if let Err(error) = engine.look_at_actor_groups().await {
                tracing::warn!(%error, "the members of the named groups of actors stay as they were");
            }
            tokio::time::sleep(DEFINITIONS_EVERY).await;
        }
    });
}
