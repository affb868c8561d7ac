//! What is asked before something is turned on in production, and where changes are drawn into charts.

use async_trait::async_trait;
use wigwag_base::Timestamp;

/// One source of the production check: a health query, firing alerts, open incidents.
#[async_trait]
pub trait ProductionCheck: Send + Sync {
    /// What people call it, such as `web health`.
    fn name(&self) -> &str;

    /// What becomes of a change if the source does not answer.
    fn when_silent(&self) -> WhenSilent;

    /// Asks, within the source's own deadline.
    async fn look(&self) -> SourceAnswer;
}

/// What becomes of a change whose source does not answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhenSilent {
    /// It is refused; the default.
    Refuse,
    /// It goes on, and the reply says so.
    Pass,
}

/// What a source says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceAnswer {
    /// Nothing stands in the way.
    Clear,
    /// These do.
    Blocked(Vec<Blocker>),
    /// It cannot be told: the source is down, empty, stale, unauthorised, or answers nonsense. The text says which and
    /// what to do.
    Silent(String),
}

/// One thing that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blocker {
    /// What it is: an incident's title, an alert's name, a service and its figure.
    pub what: String,
    /// Where to read on.
    pub url: Option<String>,
}

/// Where changes are drawn into charts.
#[async_trait]
pub trait Annotations: Send + Sync {
    /// Draws one.
    ///
    /// # Errors
    /// As for chat: whether trying again may help.
    async fn annotate(&self, annotation: &Annotation) -> Result<(), crate::chat_platform::ChatOutError>;
}

/// A mark in charts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annotation {
    /// When.
    pub at: Timestamp,
    /// What to filter by: `feature-flag`, the flag's name, the environment.
    pub tags: Vec<String>,
    /// What to read.
    pub text: String,
}
