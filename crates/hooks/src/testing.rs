//! What the unit tests of this crate share.

use crate::health::HealthRecord;
use crate::{BranchFilter, Hook, HookScope, HookUuid, PolicyChoice, Switch, TriggerSet, WhilePaused};
use wigwag_base::{HookId, Secret, Timestamp};

/// A hook as it is made where nobody says anything but its scope.
pub(crate) fn hook(scope: HookScope) -> Hook {
    Hook {
        id: HookId(7),
        uuid: HookUuid([0xAB; 16]),
        scope,
        url: Secret::new("https://example.com/hook".to_owned()),
        url_variables: Vec::new(),
        name: String::new(),
        description: String::new(),
        triggers: TriggerSet::NEW_HOOK,
        event_types: Vec::new(),
        token: None,
        signing_keys: Vec::new(),
        custom_headers: Vec::new(),
        template: None,
        branch_filter: BranchFilter::default(),
        certificate_check: Switch::On,
        enabled: Switch::On,
        rate_per_minute: None,
        while_paused: WhilePaused::Hold,
        failure_policy: PolicyChoice::Inherit,
        retry_policy: None,
        created_at: Timestamp::from_secs(0),
        revision: 1,
        health: HealthRecord::new(Timestamp::from_secs(0)),
    }
}
