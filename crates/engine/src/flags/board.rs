use crate::{EngineError, Settings};
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, MutexGuard, watch};
use wigwag_flags::{Definition, FlagName, Snapshot, shipped};
use wigwag_hooks::Switch;
use wigwag_ports::Store;
use wigwag_ports::flags::{FlagWrite, StoredFlag};

/// The chance at which the server's own switches are drawn: only a percentage of time of 100 opens at it, so that a
/// switch never flickers.
const NEVER_BY_CHANCE: f64 = 1.0 - f64::EPSILON;

/// The flags of every environment, in memory: each a snapshot that is never changed, only replaced after the store has
/// the write. Environments with `flags_of` share their base's snapshot.
pub struct FlagBoard {
    /// The base of every environment, itself where it keeps its own state.
    bases: HashMap<String, Arc<Base>>,
    own: Arc<Base>,
    definitions: Vec<Arc<Definition>>,
    /// Held while a write is under way, so that this node's writes come one after the other.
    versions: Mutex<Versions>,
    auto_disabling: AtomicBool,
    rung: watch::Sender<u64>,
}

/// An environment that keeps state.
struct Base {
    name: String,
    snapshot: ArcSwap<Snapshot>,
}

/// The version of each stored flag, by environment and name.
#[derive(Default)]
pub(super) struct Versions(HashMap<(String, FlagName), i64>);

impl Versions {
    /// The version to name in a write; 0 without stored state.
    pub(super) fn seen(&self, environment: &str, flag: &FlagName) -> i64 {
        self.0.get(&(environment.to_owned(), flag.clone())).copied().unwrap_or(0)
    }
}

impl FlagBoard {
    /// Reads what is stored of every environment. State of environments that are no longer configured stays in the
    /// store, unread.
    ///
    /// # Errors
    /// The store's; [`EngineError::Invalid`] if the environments of the settings do not fit together.
    pub async fn load(store: &dyn Store, settings: &Settings) -> Result<Self, EngineError> {
        let definitions: Vec<_> = shipped::definitions().into_iter().map(Arc::new).collect();
        let bases = bases(settings, &definitions)?;
        let own = bases
            .get(&settings.environment)
            .ok_or_else(|| wrong(&settings.environment, "is not configured"))?;
        let board = Self {
            own: own.clone(),
            bases,
            definitions,
            versions: Mutex::default(),
            auto_disabling: AtomicBool::new(true),
            rung: watch::Sender::new(0),
        };
        let mut versions = board.versions.lock().await;
        board.reload(store, &mut versions).await?;
        drop(versions);
        Ok(board)
    }

    /// The flags of the server's own environment.
    pub fn own(&self) -> Arc<Snapshot> {
        self.own.snapshot.load_full()
    }

    /// The flags of `environment`; `None` if none of that name is configured.
    pub fn of(&self, environment: &str) -> Option<Arc<Snapshot>> {
        Some(self.bases.get(environment)?.snapshot.load_full())
    }

    /// The environment that keeps the state of `environment`: its `flags_of`, or itself.
    pub fn base_of(&self, environment: &str) -> Option<&str> {
        Some(&self.bases.get(environment)?.name)
    }

    /// Whether hooks that keep failing are paused and disabled: `auto_disabling_web_hooks` in the server's own
    /// environment. One atomic load.
    pub fn auto_disabling(&self) -> Switch {
        Switch::from_bool(self.auto_disabling.load(Ordering::Acquire))
    }

    /// Rings after each swap of a snapshot; the number counts the swaps of this process.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.rung.subscribe()
    }

    /// Every definition, by name.
    pub fn definitions(&self) -> &[Arc<Definition>] {
        &self.definitions
    }

    /// The definition of one flag.
    pub fn definition(&self, flag: &str) -> Option<Arc<Definition>> {
        self.definitions.iter().find(|definition| definition.name.as_str() == flag).cloned()
    }

    pub(super) async fn lock(&self) -> MutexGuard<'_, Versions> {
        self.versions.lock().await
    }

    /// Replaces every snapshot by what is stored now.
    pub(super) async fn reload(&self, store: &dyn Store, versions: &mut Versions) -> Result<(), EngineError> {
        let stored = store.stored_flags().await?;
        let at = self.next();
        for base in self.bases.values().filter(|base| self.base_of(&base.name) == Some(&base.name)) {
            let of_base = |flag: &&StoredFlag| flag.environment == base.name;
            let states = stored.iter().filter(of_base).map(|flag| (flag.name.clone(), flag.state.clone()));
            base.snapshot.store(Arc::new(snapshot(at, &self.definitions, states)));
        }
        versions.0 = stored.into_iter().map(|flag| ((flag.environment, flag.name), flag.version)).collect();
        self.ring(at);
        Ok(())
    }

    /// Swaps in what the store has just committed.
    pub(super) fn committed(&self, writes: Vec<FlagWrite>, versions: &mut Versions) {
        let at = self.next();
        for write in writes {
            let Some(base) = self.bases.get(&write.environment) else { continue };
            base.snapshot.store(Arc::new(base.snapshot.load().with_state(
                at,
                &write.name,
                write.after.clone(),
            )));
            let key = (write.environment, write.name);
            match write.after {
                Some(_) => versions.0.insert(key, write.seen_version + 1),
                None => versions.0.remove(&key),
            };
        }
        self.ring(at);
    }

    fn next(&self) -> u64 {
        *self.rung.borrow() + 1
    }

    fn ring(&self, at: u64) {
        let own = self.own.snapshot.load();
        let switch = own.is_enabled(shipped::AUTO_DISABLING_WEB_HOOKS, &[], || NEVER_BY_CHANCE);
        self.auto_disabling.store(switch.enabled, Ordering::Release);
        self.rung.send_replace(at);
    }
}

fn snapshot(
    version: u64,
    definitions: &[Arc<Definition>],
    states: impl IntoIterator<Item = (FlagName, wigwag_flags::FlagState)>,
) -> Snapshot {
    Snapshot::new(version, definitions.iter().cloned(), states)
}

/// Every environment with its base; one that reads another's flags shares that one's.
fn bases(
    settings: &Settings,
    definitions: &[Arc<Definition>],
) -> Result<HashMap<String, Arc<Base>>, EngineError> {
    let mut bases: HashMap<String, Arc<Base>> = HashMap::new();
    let keeps_state = |environment: &&crate::Environment| environment.flags_of.is_none();
    for environment in settings.environments.iter().filter(keeps_state) {
        let base = Base {
            name: environment.name.clone(),
            snapshot: ArcSwap::from_pointee(snapshot(0, definitions, [])),
        };
        if bases.insert(environment.name.clone(), Arc::new(base)).is_some() {
            return Err(wrong(&environment.name, "is configured twice"));
        }
    }
    let own_state = bases.clone();
    for environment in &settings.environments {
        let Some(of) = &environment.flags_of else { continue };
        let base = own_state.get(of).ok_or_else(|| {
            wrong(&environment.name, &format!("reads the flags of {of:?}, which keeps none of its own"))
        })?;
        if bases.insert(environment.name.clone(), base.clone()).is_some() {
            return Err(wrong(&environment.name, "is configured twice"));
        }
    }
    Ok(bases)
}

fn wrong(environment: &str, rule: &str) -> EngineError {
    EngineError::Invalid { field: "environment", rule: format!("{environment:?} {rule}") }
}
