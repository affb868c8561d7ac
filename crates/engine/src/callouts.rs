//! Callouts: which banners a user sees on a page of a project or group, and closing one.
//!
//! The question is asked on every page of a platform. Nearly always nothing fails there, and one look into the index
//! answers; else the flag, the viewer's level and the dismissals are in memory too. What cannot be found out (a store
//! that does not answer) shows no banner: the host's page is never harmed by ours.

mod audience;
pub(crate) mod outcomes;

pub use audience::Audience;
pub use outcomes::{CalloutOutcomes, Endings};

use crate::rights::allow;
use crate::watch::{CalloutCounts, Watch, scope_at};
use crate::{Engine, EngineError};
use wigwag_access::{Action, Principal, Source, Thing, User};
use wigwag_base::{HookId, UserId};
use wigwag_callouts::{
    Asked, Callout, Dismissals, Failing, FailingIndex, Feature, FlagAnswer, Known, Phrases, Scope, Verdict,
    Why, callout, show,
};
use wigwag_hooks::{Hook, HookScope};
use wigwag_ports::callouts::Dismissal;
use wigwag_ports::registry::UserKey;

/// Whose callouts are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// The asking user's own.
    Oneself,
    /// Those of the user with this username or id.
    Another(UserKey),
}

/// What is known of a viewer and a place besides what fails there.
#[derive(Clone, Copy)]
struct Told {
    flag: FlagAnswer,
    level: Option<i64>,
}

impl Engine {
    /// The banners that `viewer` sees on `page` (the path of the host platform's page) of a project or group. An unknown
    /// project, group or user has none. No store read once the viewer's level there is warm.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] if the principal may not ask for that user; nothing else.
    pub async fn callouts(
        &self,
        principal: &Principal,
        viewer: &Viewer,
        source: Source,
        page: Option<&str>,
    ) -> Result<Vec<Callout>, EngineError> {
        let actions = (Action::AskOwnCallouts, Action::AskCalloutsOfAnother);
        let Some(user) = self.viewer(principal, viewer, source, actions).await? else {
            return Ok(Vec::new());
        };
        let mut callouts = Vec::new();
        for feature in Feature::ALL {
            let asked = Asked { user, scope: scope_at(source), page, feature };
            callouts.extend(self.one_callout(asked, source).await);
        }
        Ok(callouts)
    }

    /// Closes a banner for `viewer`, in this project or group alone, until a hook of it gets worse. Nothing happens where
    /// nothing fails or the viewer could not see the banner. Completed even if the caller goes away.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; [`EngineError::NotFound`] if there is no such callout or user; the store's.
    pub async fn dismiss_callout(
        &self,
        principal: &Principal,
        viewer: &Viewer,
        source: Source,
        feature: &str,
    ) -> Result<(), EngineError> {
        let actions = (Action::DismissOwnCallouts, Action::DismissCalloutsOfAnother);
        let viewer = self.viewer(principal, viewer, source, actions).await?;
        let feature = Feature::from_name(feature).ok_or(EngineError::NotFound("callout"))?;
        let user = viewer.ok_or(EngineError::NotFound("user"))?;
        let scope = scope_at(source);
        let Some(worse_count) = self.inner.watch.worse_count(scope) else { return Ok(()) };
        let level = self.level(user, source).await?;
        if level.is_none_or(|level| level.number() < scope.level_min()) {
            return Ok(());
        }
        let dismissal = Dismissal { user, source, feature: feature.name().to_owned(), worse_count };
        let inner = self.inner.clone();
        // A task of its own: a caller that goes away between commit and memory must not leave one behind the other.
        let work = tokio::spawn(async move {
            inner.store.dismiss(dismissal).await?;
            inner.watch.dismissed(user, scope, feature, worse_count);
            Ok(())
        });
        work.await.map_err(|_| EngineError::Unavailable {
            reason: "closing the banner was interrupted".into(),
            retry_after: crate::limits::RETRY_AFTER_UNAVAILABLE,
        })?
    }

    /// What fails, and what banners did: for streams and for metrics.
    pub fn watch(&self) -> &Watch {
        &self.inner.watch
    }

    /// What banners did since this node started.
    pub fn callout_counts(&self) -> CalloutCounts {
        self.inner.watch.counts()
    }

    /// The page of a hook of a project or group.
    pub fn hook_page_url(&self, source: Source, hook: HookId) -> String {
        let base = &self.inner.settings.external_url;
        match source {
            Source::Project(id) => format!("{base}/projects/{id}/hooks/{hook}"),
            Source::Group(id) => format!("{base}/groups/{id}/hooks/{hook}"),
        }
    }

    /// The page of any hook.
    pub fn page_url_of(&self, hook: &Hook) -> String {
        match hook.scope {
            HookScope::Project(id) => self.hook_page_url(Source::Project(id), hook.id),
            HookScope::Group(id) => self.hook_page_url(Source::Group(id), hook.id),
            HookScope::System => format!("{}/-/hooks/{}", self.inner.settings.external_url, hook.id),
        }
    }

    /// The user that is meant, if the principal may ask for that one; `None` if there is no such user, which only those
    /// are told who may ask for anyone.
    async fn viewer(
        &self,
        principal: &Principal,
        viewer: &Viewer,
        source: Source,
        (own, anothers): (Action, Action),
    ) -> Result<Option<UserId>, EngineError> {
        let thing = match source {
            Source::Project(id) => Thing::Project { id, level: None },
            Source::Group(id) => Thing::Group { id, level: None },
        };
        let Viewer::Another(key) = viewer else {
            allow(principal, own, thing)?;
            return Ok(Some(principal.user));
        };
        let named = self.find_user(key.clone()).await.unwrap_or(None);
        let named: Option<&User> = named.as_deref();
        if named.is_some_and(|user| user.id == principal.user) && allow(principal, own, thing).is_ok() {
            return Ok(Some(principal.user));
        }
        allow(principal, anothers, thing)?;
        Ok(named.map(|user| user.id))
    }

    async fn one_callout(&self, asked: Asked<'_>, source: Source) -> Option<Callout> {
        // First what needs neither flag nor level: the page, and whether anything fails at all.
        let nothing_told = Told { flag: FlagAnswer::Unknown, level: None };
        if self.judged(&asked, nothing_told, |_| ()) != Err(Why::FlagUnknown) {
            return None;
        }
        let flag = self.flag_answer(&asked, source).await;
        if flag != FlagAnswer::On {
            return None;
        }
        let level =
            self.level(asked.user, source).await.ok().flatten().map(wigwag_access::AccessLevel::number);
        let now = self.inner.clock.now();
        let url = |hook| self.hook_page_url(source, hook);
        let told = Told { flag, level };
        let made = |failing: &Failing| {
            let callout = callout(asked.scope, failing, &Phrases::ENGLISH, now, url)?;
            Some((callout, failing.worse_count()))
        };
        let (made, worse_count) = self.judged(&asked, told, made).ok().flatten()?;
        self.inner.watch.shown(asked.user, asked.scope, worse_count, now);
        Some(made)
    }

    /// What is made of the failing hooks if the rule shows a banner, else why none shows.
    fn judged<T>(&self, asked: &Asked<'_>, told: Told, make: impl FnOnce(&Failing) -> T) -> Result<T, Why> {
        let watch = &self.inner.watch;
        let kept = watch.known.read();
        let (index, dismissals): (&FailingIndex, &Dismissals) = (&kept.index, &kept.dismissals);
        let known = Known { quiet: &watch.quiet, index: Some(index), dismissals };
        match show(asked, &known, || told.flag, || told.level) {
            Verdict::Shown(failing) => Ok(make(failing)),
            Verdict::NotShown(why) => Err(why),
        }
    }

    /// The flag of the server's own environment for the project or group: percentages hash it alone; its actors gate may
    /// hold a group above it or the viewer, and an opt-out of any of them wins.
    async fn flag_answer(&self, asked: &Asked<'_>, source: Source) -> FlagAnswer {
        let lineage = match self.lineage(source).await {
            Ok(Some(lineage)) => lineage,
            Ok(None) => return FlagAnswer::Off,
            Err(_) => return FlagAnswer::Unknown,
        };
        let itself = asked.scope.to_string();
        let above = lineage.ancestors.iter().map(|group| Scope::Group(*group).to_string());
        let related: Vec<String> = above.chain([format!("User:{}", asked.user)]).collect();
        let related: Vec<&str> = related.iter().map(String::as_str).collect();
        let flags = self.inner.flags.own();
        let chance = || self.inner.entropy.uniform();
        let decision = flags.is_enabled_or_listed(asked.feature.flag(), &[&itself], &related, chance);
        self.note_exposure(asked.feature.flag(), &decision);
        if decision.enabled { FlagAnswer::On } else { FlagAnswer::Off }
    }
}
