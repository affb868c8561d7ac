//! What the unit tests of this crate share.

use crate::{Hook, HookScope, HookUuid};
use wigwag_base::{HookId, Secret, Timestamp};

/// A hook as it is made where nobody says anything but its scope.
pub(crate) fn hook(scope: HookScope) -> Hook {
    let url = Secret::new("https://example.com/hook".to_owned());
    let blank = Hook::new(scope, HookUuid([0xAB; 16]), url, Timestamp::from_secs(0));
    Hook { id: HookId(7), revision: 1, ..blank }
}
