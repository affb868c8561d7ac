//! From changes of health to notices: who is to be told of what, by which channel.

use super::{gathered_for, ring};
use crate::limits::NOTICE_CHANGES_TURN_MAX;
use crate::{Engine, EngineError};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use wigwag_access::Source;
use wigwag_base::{ProjectId, TransitionId, UserId};
use wigwag_flags::shipped;
use wigwag_hooks::health::{Transition, TransitionKind};
use wigwag_hooks::{Hook, HookScope};
use wigwag_ports::StoreError;
use wigwag_ports::notices::{Changed, Channel, Line, NewNotice, News, OptOut, Telling};

/// What was found out in one turn, so that a thousand hooks of one project ask once.
#[derive(Default)]
struct Turn {
    recipients: HashMap<HookScope, Vec<UserId>>,
    opt_outs: HashMap<UserId, Vec<OptOut>>,
}

impl Engine {
    /// Takes every change of health that nobody was told of, and keeps who is to be told. It is done again and again by
    /// itself; this is for whoever moves the clock by hand.
    ///
    /// # Errors
    /// The store's; what was not taken is taken the next time.
    pub async fn take_changes(&self) -> Result<(), EngineError> {
        let _turn = self.inner.notices.turn.lock().await;
        // While nobody can be reached from here, it is not the hooks that fail: that is told when it is over, if it lasts.
        while !self.is_stopping() && !self.inner.notices.are_held_back() {
            let untold = self.inner.store.untold(NOTICE_CHANGES_TURN_MAX).await?;
            let changes = once_a_hook(&untold.changes);
            let Some(last) = changes.last() else { break };
            let telling = self.telling(untold.cursor, last.id, changes).await?;
            match self.inner.store.tell(telling).await {
                // Another node took them.
                Err(StoreError::Stale) => {}
                other => other?,
            }
            self.inner.outbox.ring();
        }
        Ok(())
    }

    async fn telling(
        &self,
        seen: TransitionId,
        upto: TransitionId,
        changes: &[Changed],
    ) -> Result<Telling, EngineError> {
        let at = self.inner.clock.now();
        let (mut notices, mut recovered, mut turn) = (Vec::new(), Vec::new(), Turn::default());
        for change in changes {
            let Some(news) = news(&change.transition) else { continue };
            // Of a hook that is gone there is nothing to tell.
            let Some(hook) = self.inner.store.hook(change.hook).await? else { continue };
            match news {
                News::Worse => notices.extend(self.worse(change, &hook, &mut turn).await?),
                News::Better => {
                    recovered.push(hook.id);
                    notices.extend(self.better(change, &hook).await?);
                }
            }
        }
        let lines: BTreeSet<Line> = notices.iter().map(|notice| notice.line).collect();
        let rings = lines.into_iter().map(|line| ring(line, at + gathered_for(line))).collect();
        Ok(Telling { seen, upto, notices, recovered, rings, at })
    }

    /// Whom to tell that a hook is worse.
    async fn worse(
        &self,
        change: &Changed,
        hook: &Hook,
        turn: &mut Turn,
    ) -> Result<Vec<NewNotice>, EngineError> {
        let notice = |line, project| NewNotice {
            transition: change.id,
            hook: hook.id,
            line,
            project,
            news: News::Worse,
        };
        let mut notices = Vec::new();
        // The first failure is for machines: most receivers answer the next request.
        let for_people = change.transition.kind != TransitionKind::Unhealthy;
        if for_people
            && self.inner.outside.mailer.is_some()
            && self.notices_on(Channel::Mail, hook.scope).await?
        {
            notices.extend(
                self.recipients(hook.scope, turn)
                    .await?
                    .into_iter()
                    .map(|user| notice(Line::Mail(user), None)),
            );
        }
        if for_people
            && self.inner.notices.chat.is_some()
            && self.notices_on(Channel::Chat, hook.scope).await?
        {
            notices.push(notice(Line::Chat, None));
        }
        if let Some(project) = published_in(change, hook)
            && self.notices_on(Channel::Events, hook.scope).await?
        {
            notices.push(notice(Line::Events, Some(project)));
        }
        Ok(notices)
    }

    /// Whoever heard that it was worse hears that it is well again.
    async fn better(&self, change: &Changed, hook: &Hook) -> Result<Vec<NewNotice>, EngineError> {
        let mut notices = Vec::new();
        for owed in self.inner.store.owed(hook.id).await? {
            if self.notices_on(owed.line.channel(), hook.scope).await? {
                let (line, project) = (owed.line, owed.project);
                let news = News::Better;
                notices.push(NewNotice { transition: change.id, hook: hook.id, line, project, news });
            }
        }
        Ok(notices)
    }

    /// Whether the channel's flag is on: for the project or group, or for a group above it; for hooks of the system, for
    /// everything.
    pub(super) async fn notices_on(&self, channel: Channel, scope: HookScope) -> Result<bool, EngineError> {
        let flag = match channel {
            Channel::Mail => shipped::HOOK_NOTICES_MAIL,
            Channel::Chat => shipped::HOOK_NOTICES_CHAT,
            Channel::Events => shipped::HOOK_NOTICES_EVENTS,
        };
        let (itself, above) = match source_of(scope) {
            None => (None, Vec::new()),
            Some(source) => {
                let Some(lineage) = self.lineage(source).await? else { return Ok(false) };
                let itself = match source {
                    Source::Project(id) => format!("Project:{id}"),
                    Source::Group(id) => format!("Group:{id}"),
                };
                let above = lineage.ancestors.iter().map(|group| format!("Group:{group}")).collect();
                (Some(itself), above)
            }
        };
        let actors: Vec<&str> = itself.as_deref().into_iter().collect();
        let above: Vec<&str> = above.iter().map(String::as_str).collect();
        let flags = self.inner.flags.own();
        let decision = flags.is_enabled_or_listed(flag, &actors, &above, || self.inner.entropy.uniform());
        self.note_exposure(flag, &decision);
        Ok(decision.enabled)
    }

    /// Those who may mend a hook and want to hear of it.
    async fn recipients(&self, scope: HookScope, turn: &mut Turn) -> Result<Vec<UserId>, EngineError> {
        if let Some(known) = turn.recipients.get(&scope) {
            return Ok(known.clone());
        }
        let mut willing = Vec::new();
        for user in self.menders(scope).await? {
            let opt_outs = match turn.opt_outs.entry(user) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(self.inner.store.opt_outs(user).await?),
            };
            if !is_opted_out(opt_outs, scope) {
                willing.push(user);
            }
        }
        turn.recipients.insert(scope, willing.clone());
        Ok(willing)
    }
}

/// The longest beginning in which each hook is there once: what a later change of a hook owes is known only when the one
/// before it is kept.
fn once_a_hook(changes: &[Changed]) -> &[Changed] {
    let mut seen = HashSet::new();
    let end = changes.iter().position(|change| !seen.insert(change.hook)).unwrap_or(changes.len());
    &changes[..end]
}

/// What a change means for who is to be told; `None` if it is no news: a pause that ran out, and one that began again.
fn news(transition: &Transition) -> Option<News> {
    match transition.kind {
        TransitionKind::Unhealthy => Some(News::Worse),
        TransitionKind::Paused | TransitionKind::Disabled => transition.got_worse.then_some(News::Worse),
        TransitionKind::Recovered => Some(News::Better),
        TransitionKind::HalfOpen => None,
    }
}

/// The project in which the event of a hook that is worse is published. Hooks of groups and of the system have none of
/// their own: the one whose event failed is taken, and the hooks of that project itself do not hear it
/// ([`super::about`]). A failure to deliver such events makes no more of them: two hooks that hear of each other would
/// never come to an end.
fn published_in(change: &Changed, hook: &Hook) -> Option<ProjectId> {
    let cause = change.cause.as_ref();
    if cause.is_some_and(|cause| super::events::is_of_ours(cause.event_type.as_str())) {
        return None;
    }
    match hook.scope {
        HookScope::Project(project) => Some(project),
        HookScope::Group(_) | HookScope::System => cause?.project,
    }
}

/// The project or group that a hook belongs to.
pub(super) const fn source_of(scope: HookScope) -> Option<Source> {
    match scope {
        HookScope::Project(id) => Some(Source::Project(id)),
        HookScope::Group(id) => Some(Source::Group(id)),
        HookScope::System => None,
    }
}

/// Whether a user does not want to hear of hooks of this scope.
pub(super) fn is_opted_out(opt_outs: &[OptOut], scope: HookScope) -> bool {
    opt_outs.iter().any(|what| match what {
        OptOut::Everything => true,
        OptOut::Of(source) => source_of(scope) == Some(*source),
    })
}

#[cfg(test)]
mod tests;
