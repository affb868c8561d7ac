//! Completion: the grammar says what is looked for, the board and the store say which names there are.

use crate::limits::COMPLETED_NAMES_MAX;
use crate::rights::allow;
use crate::{Engine, EngineError};
use std::cell::RefCell;
use wigwag_access::{Action, Principal, Thing, UserRole};
use wigwag_base::Page;
use wigwag_chat::limits::TEXT_BYTES_MAX;
use wigwag_chat::{Completion, Names, TargetKind, complete};

/// What the grammar looks for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Wanted {
    Flags(String),
    Targets(TargetKind, String),
}

/// Notes what is looked for.
#[derive(Default)]
struct Asked(RefCell<Option<Wanted>>);

impl Names for Asked {
    fn flags(&self, prefix: &str) -> Vec<String> {
        *self.0.borrow_mut() = Some(Wanted::Flags(prefix.to_owned()));
        Vec::new()
    }

    fn targets(&self, kind: TargetKind, prefix: &str) -> Vec<String> {
        *self.0.borrow_mut() = Some(Wanted::Targets(kind, prefix.to_owned()));
        Vec::new()
    }
}

/// Names that were found.
struct Found(Vec<String>);

impl Names for Found {
    fn flags(&self, _: &str) -> Vec<String> {
        self.0.clone()
    }

    fn targets(&self, _: TargetKind, _: &str) -> Vec<String> {
        self.0.clone()
    }
}

impl Engine {
    /// What could stand at byte `cursor` of a command. Names of projects, groups and users are told to those alone who
    /// may see them.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; [`EngineError::TooLarge`]; the store's.
    pub async fn complete_command(
        &self,
        principal: &Principal,
        text: &str,
        cursor: usize,
    ) -> Result<Vec<Completion>, EngineError> {
        allow(principal, Action::RunChat, Thing::Server)?;
        if text.len() > TEXT_BYTES_MAX {
            return Err(EngineError::TooLarge(format!("a command may be {TEXT_BYTES_MAX} bytes long")));
        }
        let wanted = {
            let asked = Asked::default();
            let found = complete(text, cursor, &self.chat_environments(), &asked);
            match asked.0.into_inner() {
                None => return Ok(found),
                Some(wanted) => wanted,
            }
        };
        let names = Found(self.names_for(principal, wanted).await?);
        Ok(complete(text, cursor, &self.chat_environments(), &names))
    }

    async fn names_for(&self, principal: &Principal, wanted: Wanted) -> Result<Vec<String>, EngineError> {
        match wanted {
            Wanted::Flags(prefix) => {
                let mut names: Vec<String> = Vec::new();
                for environment in &self.inner.settings.environments {
                    let Some(snapshot) = self.inner.flags.of(&environment.name) else { continue };
                    let flags = snapshot.flags();
                    names.extend(flags.iter().map(|(name, _)| name.to_string()));
                }
                Ok(beginning(names, &prefix))
            }
            Wanted::Targets(TargetKind::FeatureGroup, prefix) => {
                let groups = self.inner.settings.actor_groups.iter();
                Ok(beginning(groups.map(|group| group.name.clone()).collect(), &prefix))
            }
            Wanted::Targets(kind, prefix) => self.targets_for(principal, kind, &prefix).await,
        }
    }

    async fn targets_for(
        &self,
        principal: &Principal,
        kind: TargetKind,
        prefix: &str,
    ) -> Result<Vec<String>, EngineError> {
        let page = Page::new(1, COMPLETED_NAMES_MAX);
        let own = (principal.role != UserRole::Admin).then_some(principal.user);
        let store = &self.inner.store;
        let names: Vec<String> = match kind {
            TargetKind::Project => {
                let found = store.projects(own, page).await?.rows;
                found.into_iter().map(|project| project.full_path).collect()
            }
            TargetKind::Group | TargetKind::Namespace => {
                let found = store.groups(own, page).await?.rows;
                found.into_iter().map(|group| group.full_path).collect()
            }
            TargetKind::User => {
                if allow(principal, Action::ReadUsers, Thing::Server).is_err() || prefix.is_empty() {
                    return Ok(Vec::new());
                }
                let bare = prefix.trim_start_matches('@').to_owned();
                let found = store.users(Some(bare.clone()), page).await?.rows;
                return Ok(beginning(found.into_iter().map(|user| user.username).collect(), &bare));
            }
            TargetKind::Repository | TargetKind::FeatureGroup => Vec::new(),
        };
        Ok(beginning(names, prefix))
    }
}

/// Those that begin so, each once, in order.
fn beginning(mut names: Vec<String>, prefix: &str) -> Vec<String> {
    let prefix = prefix.to_lowercase();
    names.retain(|name| name.to_lowercase().starts_with(&prefix));
    names.sort();
    names.dedup();
    names
}
