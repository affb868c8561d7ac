use crate::limits::RETRY_AFTER_UNAVAILABLE;
use crate::{Engine, EngineError, EnvironmentKind};
use wigwag_access::{Action, Principal};
use wigwag_base::Timestamp;
use wigwag_ports::definitions::Finding;

/// An environment, and how it stands with its flags.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvironmentView {
    /// Its name.
    pub name: String,
    /// The environment whose flags it reads, if not its own.
    pub flags_of: Option<String>,
    /// Whether users are on it.
    pub kind: EnvironmentKind,
    /// The other server that keeps its flags (or those that it reads), if one does.
    pub remote: Option<RemoteStatus>,
}

/// How it stands with the flags that another server keeps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteStatus {
    /// Where it is.
    pub url: String,
    /// When its flags were read last; `None` if never.
    pub read_at: Option<Timestamp>,
    /// Why they cannot be read now, if they cannot.
    pub trouble: Option<Trouble>,
    /// What was wrong with single flags and definitions when they were read last.
    pub findings: Vec<Finding>,
}

/// Why another server's flags cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What happens instead, as the end of a sentence.
    pub reason: String,
}

impl Engine {
    /// The environments in deployment order; for a token that is bound to some, those.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub fn environments(&self, principal: &Principal) -> Result<Vec<EnvironmentView>, EngineError> {
        let all = &self.inner.settings.environments;
        let readable: Vec<_> = all
            .iter()
            .map(|one| self.allow_in(principal, Action::ReadFlags, &one.name).map(|base| (one, base)))
            .collect();
        if readable.iter().all(Result::is_err) {
            // The same refusal for each of them.
            return readable.into_iter().find_map(Result::err).map_or(Ok(Vec::new()), Err);
        }
        let view = |(one, base): (&crate::Environment, &str)| EnvironmentView {
            name: one.name.clone(),
            flags_of: one.flags_of.clone(),
            kind: one.kind,
            remote: self.inner.remotes.of(base).map(|place| place.status()),
        };
        Ok(readable.into_iter().flatten().map(view).collect())
    }

    /// Every environment that another server keeps, and how it stands with it: for the figures.
    pub fn remotes(&self) -> Vec<(String, RemoteStatus)> {
        let all = self.inner.remotes.all();
        all.map(|place| (place.environment.clone(), place.status())).collect()
    }

    /// As of when the flags of `environment` are known, if another server keeps it and cannot be asked now.
    pub(crate) fn stale_since(&self, environment: &str) -> Option<Timestamp> {
        self.remote_of(environment)?.stale_since()
    }

    /// Refuses where another server keeps the flags of `environment` and was never read: nothing is known of them.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`].
    pub(crate) fn check_read(&self, environment: &str) -> Result<(), EngineError> {
        let Some(place) = self.remote_of(environment).filter(|place| !place.is_read()) else { return Ok(()) };
        let status = place.status();
        let why = status.trouble.map_or_else(|| "it was not asked yet".to_owned(), |trouble| trouble.reason);
        Err(EngineError::Unavailable {
            reason: format!(
                "the flags of {environment} are kept by {} and were never read: {why}",
                status.url
            ),
            retry_after: RETRY_AFTER_UNAVAILABLE,
        })
    }
}
