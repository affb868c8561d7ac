use crate::ask::Ask;
use crate::shell::Tone;
use crate::view::{Badge, Icon, When, flag_badge};
use crate::words::{and, sentence};
use wigwag_engine::flags::{EnvironmentView, FlagView, RemoteStatus};
use wigwag_engine::{EngineError, EnvironmentKind};
use wigwag_flags::{FlagName, State};

/// An environment that keeps state, as a column of the lists.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: String,
    /// Environments that read its flags.
    pub(crate) readers: Vec<String>,
    /// Whether users are on it.
    pub(crate) is_production: bool,
    /// Whether it is the server's own.
    pub(crate) is_own: bool,
    /// The other server that keeps its flags, if one does.
    pub(crate) remote: Option<Remote>,
}

/// Another server that keeps flags, and how it stands with them.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(crate) url: String,
    /// When they were read last.
    pub(crate) read: Option<When>,
    /// Since when they cannot be read, and what happens instead.
    pub(crate) trouble: Option<(When, String)>,
}

impl Place {
    /// Every environment that keeps state, in deployment order.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub(crate) fn all(ask: &Ask) -> Result<Vec<Self>, EngineError> {
        let board = ask.engine.flag_board();
        let own = board.base_of(&ask.engine.settings().environment);
        let all = ask.engine.environments(&ask.principal)?;
        let readers = |base: &str| {
            let reads = |one: &&EnvironmentView| one.flags_of.as_deref() == Some(base);
            all.iter().filter(reads).map(|one| one.name.clone()).collect()
        };
        let keeping = all.iter().filter(|one| one.flags_of.is_none());
        Ok(keeping
            .map(|one| Self {
                name: one.name.clone(),
                readers: readers(&one.name),
                is_production: one.kind == EnvironmentKind::Production,
                is_own: own == Some(&one.name),
                remote: one.remote.as_ref().map(|status| Remote::of(ask, status)),
            })
            .collect())
    }

    /// `also read by production-canary`, if others read it.
    pub(crate) fn readers_text(&self) -> Option<String> {
        (!self.readers.is_empty()).then(|| format!("also read by {}", and(&self.readers)))
    }
}

impl Remote {
    fn of(ask: &Ask, status: &RemoteStatus) -> Self {
        let trouble = status.trouble.as_ref();
        Self {
            url: status.url.clone(),
            read: status.read_at.map(|at| When::new(at, ask.now)),
            trouble: trouble.map(|one| (When::new(one.since, ask.now), sentence(&one.reason))),
        }
    }
}

/// A flag in one environment.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    pub(crate) view: FlagView,
    /// The override that switches it off on this node.
    pub(crate) overridden: Option<Overridden>,
    pub(crate) knowledge: Knowledge,
}

/// Whether anything is known of the flags of an environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Knowledge {
    /// It is.
    Known,
    /// Another server keeps them, and was never read.
    Unread,
}

impl Here {
    /// A flag that is neither defined nor stored here, or of which nothing is known.
    pub(crate) fn never_set(flag: &FlagName, knowledge: Knowledge) -> Self {
        let view = FlagView { name: flag.clone(), definition: None, stored: None, stale_since: None };
        Self { view, overridden: None, knowledge }
    }

    /// Its state as icon and word.
    pub(crate) fn badge(&self) -> Badge {
        match self.knowledge {
            Knowledge::Known => flag_badge(self.view.state(), self.overridden.is_some()),
            Knowledge::Unread => UNKNOWN,
        }
    }

    /// Its state, if that is known.
    pub(crate) fn state(&self) -> Option<State> {
        (self.knowledge == Knowledge::Known).then(|| self.view.state())
    }
}

const UNKNOWN: Badge = Badge { icon: Icon::Triangle, tone: Tone::Warning, word: "unknown" };

/// An override as pages tell it.
#[derive(Clone, Debug)]
pub(crate) struct Overridden {
    pub(crate) environment: String,
    pub(crate) flag: String,
    pub(crate) author: String,
    pub(crate) since: When,
    pub(crate) reason: Option<String>,
    pub(crate) is_recorded: bool,
}

/// Every override of this node.
///
/// # Errors
/// As the engine's.
pub(crate) fn overrides(ask: &Ask) -> Result<Vec<Overridden>, EngineError> {
    let rows = ask.engine.overrides(&ask.principal)?;
    Ok(rows
        .into_iter()
        .map(|row| Overridden {
            environment: row.environment,
            flag: row.flag.to_string(),
            author: row.author,
            since: When::new(row.since, ask.now),
            reason: row.reason,
            is_recorded: row.recorded == wigwag_ports::overrides::Recorded::Yes,
        })
        .collect())
}
