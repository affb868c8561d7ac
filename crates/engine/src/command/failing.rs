use super::told;
use crate::limits::LISTED_HOOKS_MAX;
use crate::{Engine, EngineError};
use wigwag_access::{Principal, Source};
use wigwag_base::{GroupId, ProjectId, UserId};
use wigwag_chat::{HooksFailing, Reply};
use wigwag_hooks::HookScope;
use wigwag_ports::registry::PathKey;

impl Engine {
    /// `hooks failing`: the hooks that fail now, as far as the author may see them, longest first.
    pub(super) async fn run_hooks_failing(&self, principal: &Principal, asked: &HooksFailing) -> Reply {
        match self.hooks_failing(principal, asked).await {
            Ok(reply) => reply,
            Err(error) => Reply::refused().text(told::sentence(&error)),
        }
    }

    async fn hooks_failing(&self, principal: &Principal, asked: &HooksFailing) -> Result<Reply, EngineError> {
        if principal.user == UserId(0) {
            let text = "Which hooks fail is told to those who may see them, and this chat does not know who you are. Run \
                        `wigwag chat link` where you are signed in and say here what it prints.";
            return Err(EngineError::Forbidden(text.into()));
        }
        let place = self.place_asked(principal, asked).await?;
        let mut failing = Vec::new();
        for one in self.failing_for(principal).await? {
            if self.lies_in(one.hook.scope, place).await? {
                failing.push(one);
            }
        }
        if failing.is_empty() {
            let rest = if place.is_some() { " there" } else { " that you may see" };
            return Ok(Reply::done().text(format!("No hook fails{rest}.")));
        }
        let waiting: u64 = failing.iter().map(|one| one.waiting).sum();
        let hooks = if failing.len() == 1 { "hook fails" } else { "hooks fail" };
        let reply = Reply::done().text(format!("{} {hooks}; {waiting} deliveries wait.", failing.len()));
        let mut rows = Vec::new();
        for one in failing.iter().take(LISTED_HOOKS_MAX) {
            let path = self.place_of(one.hook.scope).await?;
            let (hook, name) = (&one.hook, if path.is_empty() { "(system)" } else { &path });
            let error = hook.health.last_failure.as_ref().map(|failure| failure.text.clone());
            rows.push(vec![
                format!("{name} #{}", hook.id),
                hook.health.state.name().to_owned(),
                hook.health.since.to_string(),
                one.waiting.to_string(),
                error.unwrap_or_default(),
                self.hook_page(&path, hook.id),
            ]);
        }
        let columns = ["hook", "state", "since", "waiting", "last error", "page"];
        let reply = reply.table(&columns, rows);
        Ok(match failing.len().saturating_sub(LISTED_HOOKS_MAX) {
            0 => reply,
            more => reply.text(format!("And {more} more; --project or --group narrows it.")),
        })
    }

    /// The place that is asked for, if the author may know of it.
    async fn place_asked(
        &self,
        principal: &Principal,
        asked: &HooksFailing,
    ) -> Result<Option<Source>, EngineError> {
        if let Some(text) = &asked.project {
            let placed = self.find_project(key(text, ProjectId)).await?;
            let project = placed.ok_or(EngineError::NotFound("project"))?.project.clone();
            let action = wigwag_access::Action::ReadHooks;
            self.allow_at(principal, action, Source::Project(project.id)).await?;
            return Ok(Some(Source::Project(project.id)));
        }
        if let Some(text) = &asked.group {
            let line = self.find_group(key(text, GroupId)).await?;
            let group = line.and_then(|line| line.first().cloned()).ok_or(EngineError::NotFound("group"))?;
            let action = wigwag_access::Action::ReadGroup;
            self.allow_at(principal, action, Source::Group(group.id)).await?;
            return Ok(Some(Source::Group(group.id)));
        }
        Ok(None)
    }

    /// Whether a hook is one of this place, or of anything that lies in it.
    async fn lies_in(&self, scope: HookScope, place: Option<Source>) -> Result<bool, EngineError> {
        let own = match scope {
            HookScope::System => return Ok(place.is_none()),
            HookScope::Project(id) => Source::Project(id),
            HookScope::Group(id) => Source::Group(id),
        };
        match place {
            None => Ok(true),
            Some(place) if place == own => Ok(true),
            Some(Source::Project(_)) => Ok(false),
            Some(Source::Group(id)) => {
                let lineage = self.lineage(own).await?;
                Ok(lineage.is_some_and(|lineage| lineage.ancestors.contains(&id)))
            }
        }
    }

    fn hook_page(&self, place: &str, hook: wigwag_base::HookId) -> String {
        let at = if place.is_empty() { String::new() } else { format!("/{place}") };
        format!("{}{at}/-/hooks/{hook}", self.inner.settings.external_url)
    }
}

fn key<Id>(text: &str, id: impl FnOnce(i64) -> Id) -> PathKey<Id> {
    match text.parse() {
        Ok(number) => PathKey::Id(id(number)),
        Err(_) => PathKey::FullPath(text.to_owned()),
    }
}
