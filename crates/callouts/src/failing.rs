use crate::limits::{ERROR_CHARACTERS_MAX, TITLE_CHARACTERS_MAX};
use crate::plain;
use std::cmp::Reverse;
use std::sync::Arc;
use wigwag_base::{HookId, Timestamp};

/// A failing hook with what a banner says of it. Its texts are cut and cleaned here, once; faces still escape them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailingHook {
    pub(crate) id: HookId,
    pub(crate) title: Arc<str>,
    pub(crate) state: FailingState,
    pub(crate) last_error: Arc<str>,
    pub(crate) since: Timestamp,
    pub(crate) waiting: u64,
}

/// The states of health that count as failing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailingState {
    /// No request before then.
    Paused {
        /// When it will be tried next.
        next_try_at: Timestamp,
    },
    /// The pause is over; the next event is the test.
    HalfOpen,
    /// No request until somebody enables it again or a test succeeds.
    Disabled,
}

impl FailingState {
    /// The stable word of the hook's health.
    pub const fn health(self) -> &'static str {
        match self {
            Self::Paused { .. } => "paused",
            Self::HalfOpen => "half_open",
            Self::Disabled => "disabled",
        }
    }

    /// GitLab's word for it.
    pub const fn alert_status(self) -> &'static str {
        match self {
            Self::Paused { .. } => "temporarily_disabled",
            Self::HalfOpen => "executable",
            Self::Disabled => "disabled",
        }
    }

    /// How bad it is; more is worse.
    pub(crate) const fn badness(self) -> u8 {
        match self {
            Self::HalfOpen => 0,
            Self::Paused { .. } => 1,
            Self::Disabled => 2,
        }
    }
}

impl FailingHook {
    /// `title` is the hook's name, else its host; `last_error` may be empty; `since` is when it was paused first, or disabled.
    pub fn new(
        id: HookId,
        title: &str,
        state: FailingState,
        last_error: &str,
        since: Timestamp,
        waiting: u64,
    ) -> Self {
        let title = plain::line(title, TITLE_CHARACTERS_MAX).into();
        let last_error = plain::line(last_error, ERROR_CHARACTERS_MAX).into();
        Self { id, title, state, last_error, since, waiting }
    }

    /// The hook.
    pub const fn id(&self) -> HookId {
        self.id
    }

    /// How many of its deliveries wait.
    pub const fn waiting(&self) -> u64 {
        self.waiting
    }

    /// How it fails.
    pub const fn state(&self) -> FailingState {
        self.state
    }
}

/// The failing hooks of one project or group, worst first: disabled, paused, half open; the longest first in each.
/// Never empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Failing {
    worse_count: u64,
    hooks: Vec<FailingHook>,
}

impl Failing {
    /// The "got worse" counter of the project or group, which dismissals remember.
    pub const fn worse_count(&self) -> u64 {
        self.worse_count
    }

    /// The hooks, worst first.
    pub fn hooks(&self) -> &[FailingHook] {
        &self.hooks
    }

    /// The one to name first.
    pub fn worst(&self) -> Option<&FailingHook> {
        self.hooks.first()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hooks.is_empty()
    }

    pub(crate) fn hooks_capacity(&self) -> usize {
        self.hooks.capacity()
    }

    /// Puts the hook at its place, or in place of what was known of it.
    pub(crate) fn put(&mut self, hook: FailingHook) {
        self.take(hook.id);
        let order = |hook: &FailingHook| (Reverse(hook.state.badness()), hook.since, hook.id);
        let at = self.hooks.partition_point(|other| order(other) < order(&hook));
        self.hooks.reserve_exact(1);
        self.hooks.insert(at, hook);
    }

    pub(crate) fn take(&mut self, id: HookId) -> Option<FailingHook> {
        let at = self.hooks.iter().position(|hook| hook.id == id)?;
        Some(self.hooks.remove(at))
    }

    pub(crate) fn get_mut(&mut self, id: HookId) -> Option<&mut FailingHook> {
        self.hooks.iter_mut().find(|hook| hook.id == id)
    }

    /// The counter never goes back: a change that arrives late or twice is harmless.
    pub(crate) fn raise(&mut self, worse_count: u64) {
        self.worse_count = self.worse_count.max(worse_count);
    }
}
