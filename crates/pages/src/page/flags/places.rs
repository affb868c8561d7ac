use crate::ask::Ask;
use crate::view::When;
use crate::words::and;
use wigwag_engine::EnvironmentKind;
use wigwag_engine::flags::FlagView;

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
}

impl Place {
    /// Every environment that keeps state, in deployment order.
    pub(crate) fn all(ask: &Ask) -> Vec<Self> {
        let settings = ask.engine.settings();
        let board = ask.engine.flag_board();
        let own = board.base_of(&settings.environment);
        let keeps_state = |name: &str| board.base_of(name) == Some(name);
        let readers = |base: &str| {
            let reads = |name: &&str| *name != base && board.base_of(name) == Some(base);
            settings.environments.iter().map(|one| one.name.as_str()).filter(reads).map(Into::into).collect()
        };
        let keeping = settings.environments.iter().filter(|one| keeps_state(&one.name));
        keeping
            .map(|one| Self {
                name: one.name.clone(),
                readers: readers(&one.name),
                is_production: one.kind == EnvironmentKind::Production,
                is_own: own == Some(&one.name),
            })
            .collect()
    }

    /// `also read by production-canary`, if others read it.
    pub(crate) fn readers_text(&self) -> Option<String> {
        (!self.readers.is_empty()).then(|| format!("also read by {}", and(&self.readers)))
    }
}

/// A flag in one environment.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    pub(crate) view: FlagView,
    /// The override that switches it off on this node.
    pub(crate) overridden: Option<Overridden>,
}

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
pub(crate) fn overrides(ask: &Ask) -> Result<Vec<Overridden>, wigwag_engine::EngineError> {
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
