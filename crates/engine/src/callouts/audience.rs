//! Who will see the banner of a project or group, and why the others will not: the rule itself, asked for other people
//! without counting as a banner that was shown.

use super::Told;
use crate::rights::READ_HOOKS;
use crate::watch::scope_at;
use crate::{Engine, EngineError};
use wigwag_access::{Principal, Source};
use wigwag_base::UserId;
use wigwag_callouts::{Asked, Callout, Feature, FlagAnswer, Phrases, Why, callout};
use wigwag_hooks::HookScope;

/// What a banner would say in a project or group, and to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audience {
    /// The banner, whoever sees it; `None` if nothing fails there.
    pub callout: Option<Callout>,
    /// What the flag says there to the asking user.
    pub flag: FlagAnswer,
    /// Of each user asked about: `None` if that one sees it, else the first reason why not.
    pub people: Vec<(UserId, Option<Why>)>,
}

impl Engine {
    /// What the banner of `source` says now, and which of `people` see it. For those who may see its hooks.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] and [`EngineError::Forbidden`], as for the hooks.
    pub async fn callout_audience(
        &self,
        principal: &Principal,
        source: Source,
        people: &[UserId],
    ) -> Result<Audience, EngineError> {
        let hooks = match source {
            Source::Project(id) => HookScope::Project(id),
            Source::Group(id) => HookScope::Group(id),
        };
        self.allow_hooks(principal, READ_HOOKS, hooks).await?;
        let asked =
            |user| Asked { user, scope: scope_at(source), page: None, feature: Feature::WebHookDisabled };
        let own = asked(principal.user);
        let flag = self.flag_answer(&own, source).await;
        let now = self.inner.clock.now();
        let url = |hook| self.hook_page_url(source, hook);
        let known = &self.inner.watch.known;
        let said = known
            .read()
            .index
            .failing(own.scope)
            .and_then(|failing| callout(own.scope, failing, &Phrases::ENGLISH, now, url));
        let mut seen = Vec::with_capacity(people.len());
        for user in people {
            let asked = asked(*user);
            let level = self.level(*user, source).await?.map(wigwag_access::AccessLevel::number);
            let told = Told { flag: self.flag_answer(&asked, source).await, level };
            seen.push((*user, self.judged(&asked, told, |_| ()).err()));
        }
        Ok(Audience { callout: said, flag, people: seen })
    }
}
