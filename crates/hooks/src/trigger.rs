use crate::{EventType, Hook, HookScope};
use std::borrow::Cow;
use wigwag_base::Timestamp;

/// The three kinds of hook, by what they hang on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ScopeKind {
    /// A project's hook.
    Project,
    /// A group's hook.
    Group,
    /// A hook of the system.
    System,
}

impl HookScope {
    /// Which kind this is.
    pub const fn kind(self) -> ScopeKind {
        match self {
            Self::Project(_) => ScopeKind::Project,
            Self::Group(_) => ScopeKind::Group,
            Self::System => ScopeKind::System,
        }
    }
}

/// One of the forge's events that a hook can want. The order is stored (see [`TriggerSet`]): new ones go to the end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Trigger {
    /// `push_events`, event type `push`; the only one on by default.
    Push,
    /// `tag_push_events`, event type `tag_push`.
    TagPush,
    /// `issues_events`, event type `issue`.
    Issues,
    /// `confidential_issues_events`, event type `confidential_issue`.
    ConfidentialIssues,
    /// `note_events`, event type `note`.
    Note,
    /// `confidential_note_events`, event type `confidential_note`.
    ConfidentialNote,
    /// `merge_requests_events`, event type `merge_request`.
    MergeRequests,
    /// `job_events`, event type `job`.
    Job,
    /// `pipeline_events`, event type `pipeline`.
    Pipeline,
    /// `wiki_page_events`, event type `wiki_page`.
    WikiPage,
    /// `deployment_events`, event type `deployment`.
    Deployment,
    /// `feature_flag_events`, event type `feature_flag`.
    FeatureFlag,
    /// `releases_events`, event type `release`.
    Releases,
    /// `milestone_events`, event type `milestone`.
    Milestone,
    /// `emoji_events`, event type `emoji`.
    Emoji,
    /// `resource_access_token_events`, event type `resource_access_token`.
    ResourceAccessToken,
    /// `resource_deploy_token_events`, event type `resource_deploy_token`.
    ResourceDeployToken,
    /// `vulnerability_events`, event type `vulnerability`.
    Vulnerability,
    /// `member_events`, event type `member`; groups only.
    Member,
    /// `subgroup_events`, event type `subgroup`; groups only.
    Subgroup,
    /// `project_events`, event type `project`; groups only.
    Project,
    /// `repository_update_events`, event type `repository_update`; system hooks only.
    RepositoryUpdate,
}

/// What the outside calls a trigger.
struct Names {
    api: &'static str,
    event_type: &'static str,
    header: &'static str,
}

impl Trigger {
    /// All triggers, in the order of their bits.
    pub const ALL: [Trigger; 22] = [
        Self::Push,
        Self::TagPush,
        Self::Issues,
        Self::ConfidentialIssues,
        Self::Note,
        Self::ConfidentialNote,
        Self::MergeRequests,
        Self::Job,
        Self::Pipeline,
        Self::WikiPage,
        Self::Deployment,
        Self::FeatureFlag,
        Self::Releases,
        Self::Milestone,
        Self::Emoji,
        Self::ResourceAccessToken,
        Self::ResourceDeployToken,
        Self::Vulnerability,
        Self::Member,
        Self::Subgroup,
        Self::Project,
        Self::RepositoryUpdate,
    ];

    /// The triggers that hooks of this kind have.
    pub fn of_kind(kind: ScopeKind) -> impl Iterator<Item = Trigger> {
        Self::ALL.into_iter().filter(move |trigger| trigger.exists_for(kind))
    }

    /// Whether hooks of this kind have this trigger.
    pub const fn exists_for(self, kind: ScopeKind) -> bool {
        match self {
            Self::Member | Self::Subgroup | Self::Project => matches!(kind, ScopeKind::Group),
            Self::RepositoryUpdate => matches!(kind, ScopeKind::System),
            _ => true,
        }
    }

    /// The field's name in the API, such as `push_events`.
    pub const fn api_name(self) -> &'static str {
        self.names().api
    }

    /// The type of the events that it wants, such as `push`.
    pub const fn event_type(self) -> &'static str {
        self.names().event_type
    }

    /// The trigger with this API name.
    pub fn from_api_name(name: &str) -> Option<Trigger> {
        Self::ALL.into_iter().find(|trigger| trigger.api_name() == name)
    }

    /// The trigger of this event type; `None` for a platform's own types.
    pub fn of_event_type(event_type: &str) -> Option<Trigger> {
        Self::ALL.into_iter().find(|trigger| trigger.event_type() == event_type)
    }

    const fn names(self) -> Names {
        let (api, event_type, header) = match self {
            Self::Push => ("push_events", "push", "Push Hook"),
            Self::TagPush => ("tag_push_events", "tag_push", "Tag Push Hook"),
            Self::Issues => ("issues_events", "issue", "Issue Hook"),
            Self::ConfidentialIssues => {
                ("confidential_issues_events", "confidential_issue", "Confidential Issue Hook")
            }
            Self::Note => ("note_events", "note", "Note Hook"),
            Self::ConfidentialNote => {
                ("confidential_note_events", "confidential_note", "Confidential Note Hook")
            }
            Self::MergeRequests => ("merge_requests_events", "merge_request", "Merge Request Hook"),
            Self::Job => ("job_events", "job", "Job Hook"),
            Self::Pipeline => ("pipeline_events", "pipeline", "Pipeline Hook"),
            Self::WikiPage => ("wiki_page_events", "wiki_page", "Wiki Page Hook"),
            Self::Deployment => ("deployment_events", "deployment", "Deployment Hook"),
            Self::FeatureFlag => ("feature_flag_events", "feature_flag", "Feature Flag Hook"),
            Self::Releases => ("releases_events", "release", "Release Hook"),
            Self::Milestone => ("milestone_events", "milestone", "Milestone Hook"),
            Self::Emoji => ("emoji_events", "emoji", "Emoji Hook"),
            Self::ResourceAccessToken => {
                ("resource_access_token_events", "resource_access_token", "Resource Access Token Hook")
            }
            Self::ResourceDeployToken => {
                ("resource_deploy_token_events", "resource_deploy_token", "Resource Deploy Token Hook")
            }
            Self::Vulnerability => ("vulnerability_events", "vulnerability", "Vulnerability Hook"),
            Self::Member => ("member_events", "member", "Member Hook"),
            Self::Subgroup => ("subgroup_events", "subgroup", "Subgroup Hook"),
            Self::Project => ("project_events", "project", "Project Hook"),
            Self::RepositoryUpdate => {
                ("repository_update_events", "repository_update", "Repository Update Hook")
            }
        };
        Names { api, event_type, header }
    }
}

/// What a request's event header says: GitLab's name of a forge's event (`System Hook` for hooks of the system), the
/// type itself for a platform's own.
pub fn event_header(event_type: &EventType, scope: HookScope) -> Cow<'_, str> {
    match (Trigger::of_event_type(event_type.as_str()), scope) {
        (None, _) => Cow::Borrowed(event_type.as_str()),
        (Some(_), HookScope::System) => Cow::Borrowed("System Hook"),
        (Some(trigger), HookScope::Project(_) | HookScope::Group(_)) => Cow::Borrowed(trigger.names().header),
    }
}

/// What the delivery log calls the trigger of an event, as GitLab: `push_hooks` for `push`.
pub fn log_trigger(event_type: &EventType) -> String {
    format!("{event_type}_hooks")
}

/// The triggers of a hook, as bits in the order of [`Trigger`]; the bits are stored, so their order is fixed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TriggerSet(pub u32);

impl TriggerSet {
    /// None.
    pub const NONE: TriggerSet = TriggerSet(0);
    /// What a new hook wants where nobody says otherwise: push events.
    pub const NEW_HOOK: TriggerSet = TriggerSet::NONE.with(Trigger::Push);

    /// This set and the trigger.
    #[must_use]
    pub const fn with(self, trigger: Trigger) -> Self {
        Self(self.0 | 1 << trigger as u8)
    }

    /// This set less the trigger.
    #[must_use]
    pub const fn without(self, trigger: Trigger) -> Self {
        Self(self.0 & !(1 << trigger as u8))
    }

    /// Whether the trigger is in it.
    pub const fn contains(self, trigger: Trigger) -> bool {
        self.0 & (1 << trigger as u8) != 0
    }

    /// Those that hooks of this kind have.
    #[must_use]
    pub fn only_of_kind(self, kind: ScopeKind) -> Self {
        Trigger::of_kind(kind).filter(|trigger| self.contains(*trigger)).fold(Self::NONE, Self::with)
    }
}

/// Whether a hook wants an event that was accepted at this time: by a trigger that its kind has or by a pattern, and
/// only if the hook existed by then. Neither its switch nor its health is judged here.
pub fn wants(hook: &Hook, event_type: &EventType, accepted_at: Timestamp) -> bool {
    let text = event_type.as_str();
    hook.created_at <= accepted_at
        && (Trigger::of_event_type(text)
            .is_some_and(|trigger| hook.triggers.contains(trigger) && trigger.exists_for(hook.scope.kind()))
            || hook.event_types.iter().any(|glob| glob.matches(text)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ScopeKind, Trigger, TriggerSet, event_header, log_trigger, wants};
    use crate::{EventGlob, EventType, Hook, HookScope, testing::hook};
    use std::collections::HashSet;
    use wigwag_base::{GroupId, ProjectId, Timestamp};

    const PROJECT: HookScope = HookScope::Project(ProjectId(1));
    const GROUP: HookScope = HookScope::Group(GroupId(1));

    fn event_type(text: &str) -> EventType {
        EventType::new(text).unwrap()
    }

    #[test]
    fn every_trigger_has_a_bit_and_names_of_its_own() {
        let distinct =
            |names: Vec<&str>| assert_eq!(names.iter().collect::<HashSet<_>>().len(), 22, "{names:?}");
        distinct(Trigger::ALL.iter().map(|t| t.api_name()).collect());
        distinct(Trigger::ALL.iter().map(|t| t.event_type()).collect());
        distinct(Trigger::ALL.iter().map(|t| t.names().header).collect());
        for (bit, trigger) in Trigger::ALL.into_iter().enumerate() {
            assert_eq!(trigger as usize, bit);
            assert_eq!(Trigger::from_api_name(trigger.api_name()), Some(trigger));
            assert!(trigger.api_name().ends_with("_events"));
            assert!(EventType::new(trigger.event_type()).is_some());
        }
        assert_eq!(Trigger::from_api_name("push"), None);
    }

    #[test]
    fn each_kind_of_hook_has_its_own_triggers() {
        let check = |kind, count, own: &[Trigger]| {
            let all: Vec<_> = Trigger::of_kind(kind).collect();
            assert_eq!(all.len(), count, "{kind:?}");
            assert_eq!(&all[18..], own);
        };
        check(ScopeKind::Project, 18, &[]);
        check(ScopeKind::Group, 21, &[Trigger::Member, Trigger::Subgroup, Trigger::Project]);
        check(ScopeKind::System, 19, &[Trigger::RepositoryUpdate]);
        let all = TriggerSet(u32::MAX).only_of_kind(ScopeKind::System);
        assert!(all.contains(Trigger::RepositoryUpdate) && !all.contains(Trigger::Member));
        assert_eq!(all.0.count_ones(), 19);
    }

    #[test]
    fn a_set_takes_and_gives_triggers() {
        assert_eq!(TriggerSet::NEW_HOOK, TriggerSet(1));
        let set = TriggerSet::NEW_HOOK.with(Trigger::Job).with(Trigger::Job).without(Trigger::Push);
        assert_eq!(set, TriggerSet(1 << 7));
        assert_eq!(set.without(Trigger::Push), set);
    }

    #[test]
    fn the_event_header_speaks_as_gitlab() {
        let check =
            |event, scope, header| assert_eq!(event_header(&event_type(event), scope), header, "{event}");
        check("push", PROJECT, "Push Hook");
        check("tag_push", GROUP, "Tag Push Hook");
        check("merge_request", PROJECT, "Merge Request Hook");
        check("confidential_note", PROJECT, "Confidential Note Hook");
        check("release", PROJECT, "Release Hook");
        check("push", HookScope::System, "System Hook");
        check("invoice.paid", PROJECT, "invoice.paid");
        check("invoice.paid", HookScope::System, "invoice.paid");
        assert_eq!(log_trigger(&event_type("tag_push")), "tag_push_hooks");
    }

    #[test]
    fn a_hook_wants_what_its_triggers_and_patterns_say() {
        let at = Timestamp::from_secs(50);
        let check = |hook: &Hook, event: &str, wanted| {
            assert_eq!(wants(hook, &event_type(event), at), wanted, "{event}")
        };
        let mut hook = Hook { created_at: at, ..hook(PROJECT) };
        check(&hook, "push", true);
        check(&hook, "tag_push", false);
        check(&hook, "push_events", false);
        check(&hook, "invoice.paid", false);
        hook.event_types = vec![EventGlob::new("invoice.*").unwrap(), EventGlob::new("job").unwrap()];
        check(&hook, "invoice.paid", true);
        check(&hook, "invoices", false);
        check(&hook, "job", true);
        hook.triggers = TriggerSet(u32::MAX);
        check(&hook, "pipeline", true);
        check(&hook, "member", false);
        check(&Hook { scope: GROUP, ..hook.clone() }, "member", true);
        check(&Hook { scope: GROUP, ..hook.clone() }, "repository_update", false);
        check(&Hook { scope: HookScope::System, ..hook.clone() }, "repository_update", true);
        check(&Hook { created_at: Timestamp::from_secs(51), ..hook }, "push", false);
    }
}
