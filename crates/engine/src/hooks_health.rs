//! Which hooks fail, since when and why, over every project and group that one administers: the question across
//! places. What fails is known in memory, so where nothing does there is nothing to ask the store; else one bounded query
//! answers, that does not look at healthy hooks.

use crate::hook_admin::HookView;
use crate::limits::TOLD_PER_HOOK_MAX;
use crate::rights::{READ_HOOKS, allow};
use crate::{Engine, EngineError};
use wigwag_access::{Action, Principal, Thing, may};
use wigwag_base::{GroupId, HookId, Page, PageOf, Timestamp};
use wigwag_callouts::Phrases;
pub use wigwag_ports::hooks::HealthClass;
use wigwag_ports::hooks::{HealthFilter, LevelReach, PlacedHook, Reach};
use wigwag_ports::notices::ToldOf;
pub use wigwag_ports::notices::{Channel, NoticeState};
use wigwag_ports::registry::{PathKey, UserKey};

/// Whose hooks are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HealthScope {
    /// Every hook that the asking user may administer; an admin's are all.
    Mine,
    /// Of those, a group's own and those of every group and project below it.
    Group(PathKey<GroupId>),
    /// Every hook of the server, those of the system too. Admins only.
    Instance,
}

/// How hooks do across projects.
#[derive(Clone, PartialEq, Debug)]
pub struct HooksHealth {
    /// Hooks within the scope that fail and are switched on, whatever else was asked for.
    pub failing: u64,
    /// Deliveries that wait for those.
    pub waiting: u64,
    /// The hooks that were asked for: of failing and unhealthy ones those first that have been so the longest.
    pub hooks: PageOf<PlacedView>,
}

/// Somebody who was told that a hook's health changed, or is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldWhom {
    /// The user, where it is one.
    pub username: Option<String>,
    /// By what.
    pub channel: Channel,
    /// When its state became what it is.
    pub at: Timestamp,
    /// What became of it.
    pub state: NoticeState,
}

/// A hook with where it hangs.
#[derive(Clone, PartialEq, Debug)]
pub struct PlacedView {
    /// The hook.
    pub view: HookView,
    /// The full path of its project or group; empty for the system.
    pub place: String,
    /// Who was told of its changes, newest first; at most [`TOLD_PER_HOOK_MAX`].
    pub told: Vec<ToldWhom>,
}

impl HooksHealth {
    /// The state in one sentence.
    pub fn sentence(&self) -> String {
        let number = |n| Phrases::ENGLISH.number(n);
        let waiting = match self.waiting {
            0 => String::new(),
            1 => "; 1 event waits".to_owned(),
            n => format!("; {} events wait", number(n)),
        };
        match self.failing {
            0 => "No hook fails".to_owned(),
            1 => format!("1 hook fails{waiting}"),
            n => format!("{} hooks fail{waiting}", number(n)),
        }
    }
}

impl Engine {
    /// How hooks do, over all projects and groups. Only hooks are told of that the principal may see where they hang.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] for a credential that reaches one place alone, and for the instance if the principal is
    /// no admin; [`EngineError::NotFound`] for a group that is not there for the principal.
    pub async fn hooks_health(
        &self,
        principal: &Principal,
        scope: HealthScope,
        class: HealthClass,
        page: Page,
    ) -> Result<HooksHealth, EngineError> {
        let reach = self.reach(principal, scope).await?;
        // Memory tells of the hooks of projects and groups; those of the system are an admin's.
        let none_fails = reach != Reach::default() && self.inner.watch.counts().failing == 0;
        let failing = match none_fails {
            true => Vec::new(),
            false => self.inner.store.failing_within(reach).await?,
        };
        let hooks = match (class, failing.as_slice()) {
            (HealthClass::Failing, []) => PageOf { rows: Vec::new(), page, total: 0 },
            _ => self.inner.store.hooks_by_health(HealthFilter { reach, class }, page).await?,
        };
        let mut rows = Vec::with_capacity(hooks.rows.len());
        for row in hooks.rows {
            rows.extend(self.if_seen(principal, row).await?);
        }
        self.add_told(&mut rows).await?;
        let waiting = self.waiting_for(&failing).await?;
        let hooks = PageOf { rows, page, total: hooks.total };
        Ok(HooksHealth { failing: failing.len() as u64, waiting, hooks })
    }

    /// The places that a principal asks about, narrowed to those whose hooks it may administer.
    async fn reach(&self, principal: &Principal, scope: HealthScope) -> Result<Reach, EngineError> {
        allow(principal, Action::ReadHooksHealth, Thing::Server)?;
        let below = match scope {
            HealthScope::Mine => None,
            HealthScope::Instance => {
                allow(principal, Action::ReadEveryHooksHealth, Thing::Server)?;
                None
            }
            HealthScope::Group(key) => {
                let line = self.group(principal, key).await?;
                Some(line.first().ok_or(EngineError::NotFound("group"))?.id)
            }
        };
        let level = |action: Action| action.level_min().ok_or(EngineError::NotFound("level"));
        let of = match may(principal, Action::ReadEveryHooksHealth, Thing::Server).is_allowed() {
            true => None,
            false => Some(LevelReach {
                user: principal.user,
                project_level_min: level(Action::ReadHooks)?,
                group_level_min: level(Action::ReadGroupHooks)?,
            }),
        };
        Ok(Reach { of, below })
    }

    /// A hook that was found, if the one table of rights says so too.
    async fn if_seen(
        &self,
        principal: &Principal,
        row: PlacedHook,
    ) -> Result<Option<PlacedView>, EngineError> {
        match self.allow_hooks(principal, READ_HOOKS, row.hook.scope).await {
            Ok(()) => {}
            Err(EngineError::NotFound(_) | EngineError::Forbidden(_)) => return Ok(None),
            Err(other) => return Err(other),
        }
        let waiting = self.waiting_for(&[row.hook.id]).await?;
        Ok(Some(PlacedView { view: self.view(row.hook, waiting), place: row.place, told: Vec::new() }))
    }

    /// Adds who was told of each hook: a bounded question a hook, so that none crowds out another.
    async fn add_told(&self, rows: &mut [PlacedView]) -> Result<(), EngineError> {
        for row in rows {
            let hook = ToldOf::Hooks(vec![row.view.hook.id]);
            for told in self.inner.store.told(hook, TOLD_PER_HOOK_MAX as u32).await? {
                let user = match told.user {
                    Some(user) => self.find_user(UserKey::Id(user)).await?,
                    None => None,
                };
                let username = user.map(|user| user.username.clone());
                row.told.push(ToldWhom { username, channel: told.channel, at: told.at, state: told.state });
            }
        }
        Ok(())
    }

    /// How many deliveries wait for these hooks: out of memory for what fails, but for the few of the system.
    async fn waiting_for(&self, hooks: &[HookId]) -> Result<u64, EngineError> {
        let mut waiting = 0;
        for hook in hooks {
            waiting += match self.inner.watch.waiting_for(*hook) {
                Some(count) => count,
                None => self.inner.store.waiting_count(*hook).await?,
            };
        }
        Ok(waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::{HooksHealth, PageOf};
    use wigwag_base::Page;

    #[test]
    fn one_sentence_counts() {
        let check = |failing, waiting, told: &str| {
            let hooks = PageOf { rows: Vec::new(), page: Page::default(), total: 0 };
            assert_eq!(HooksHealth { failing, waiting, hooks }.sentence(), told);
        };
        check(0, 0, "No hook fails");
        check(1, 0, "1 hook fails");
        check(1, 1, "1 hook fails; 1 event waits");
        check(3, 1_204, "3 hooks fail; 1,204 events wait");
    }
}
