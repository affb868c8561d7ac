//! The definitions of Wigwag's own flags: they come with the product and need no file. `feature_flags/` in the code base
//! says the same as files, for people; a test of the definitions' crate holds the two together.

use crate::definition::{Definition, FlagType};
use crate::names::FlagName;

/// Off means that no hook is ever paused or disabled for failing.
pub const AUTO_DISABLING_WEB_HOOKS: &str = "auto_disabling_web_hooks";

/// The banner that tells the people of a project that a hook of theirs fails.
pub const WEBHOOKS_FAILED_CALLOUT: &str = "webhooks_failed_callout";

/// Mail to those who may mend a failing hook.
pub const HOOK_NOTICES_MAIL: &str = "hook_notices_mail";

/// Messages in the operator's chat about failing hooks.
pub const HOOK_NOTICES_CHAT: &str = "hook_notices_chat";

/// Events about failing hooks, for hooks that want them.
pub const HOOK_NOTICES_EVENTS: &str = "hook_notices_events";

/// All shipped definitions, by name.
pub fn definitions() -> Vec<Definition> {
    vec![
        Definition {
            default_enabled: true,
            introduced_by_url: "https://gitlab.com/gitlab-org/gitlab/-/issues/329849".into(),
            ..definition(
                AUTO_DISABLING_WEB_HOOKS,
                FlagType::Ops,
                "Pause and disable web-hooks that keep failing; off: no hook is ever paused.",
            )
        },
        Definition {
            depends_on: vec![name(AUTO_DISABLING_WEB_HOOKS)],
            introduced_by_url: "https://gitlab.com/gitlab-org/gitlab/-/merge_requests/89471".into(),
            ..definition(
                WEBHOOKS_FAILED_CALLOUT,
                FlagType::Beta,
                "Show a banner on a project's pages when a web-hook of it fails.",
            )
        },
        notices(
            HOOK_NOTICES_CHAT,
            "Say in the operator's chat when a web-hook is paused, disabled or works again.",
        ),
        notices(
            HOOK_NOTICES_EVENTS,
            "Publish an event when a web-hook fails, is paused, disabled or works again.",
        ),
        notices(
            HOOK_NOTICES_MAIL,
            "Send mail to those who may mend a web-hook when it is paused, disabled or works again.",
        ),
    ]
}

/// One of the ways to tell people who are not on a page.
fn notices(flag: &str, description: &str) -> Definition {
    Definition {
        introduced_by_url: "https://gitlab.com/gitlab-org/gitlab/-/issues/329849".into(),
        ..definition(flag, FlagType::Beta, description)
    }
}

/// A definition with what the shipped ones have in common; off by default.
fn definition(flag: &str, kind: FlagType, description: &str) -> Definition {
    Definition {
        name: name(flag),
        kind,
        default_enabled: false,
        description: description.into(),
        depends_on: Vec::new(),
        introduced_by_url: String::new(),
        milestone: "0.1".into(),
        group: "group::integrations".into(),
        feature_issue_url: None,
        rollout_issue_url: None,
        intended_to_rollout_by: None,
        log_state_changes: None,
        owners: Vec::new(),
        channel: None,
        large_steps: None,
    }
}

fn name(flag: &str) -> FlagName {
    flag.parse().expect("the constants above are legal names")
}
