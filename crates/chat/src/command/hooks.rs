//! Which hooks fail now.

/// Lists failing hooks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HooksFailing {
    /// Only those of this project, by full path or id.
    pub project: Option<String>,
    /// Only those of this group and what lies in it, by full path or id.
    pub group: Option<String>,
}
