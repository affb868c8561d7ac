use crate::{EngineError, EnvironmentKind, Settings, Source};
use arc_swap::ArcSwap;
use parking_lot::Mutex as SyncMutex;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, MutexGuard, watch};
use wigwag_flags::{Definition, FlagName, FlagState, Snapshot, StaticGroups, shipped};
use wigwag_hooks::Switch;
use wigwag_ports::Store;
use wigwag_ports::definitions::Finding;
use wigwag_ports::flags::{FlagWrite, StoredFlag};

/// The chance at which the server's own switches are drawn: only a percentage of time of 100 opens at it, so that a
/// switch never flickers.
const NEVER_BY_CHANCE: f64 = 1.0 - f64::EPSILON;

/// The flags of every environment, in memory: each a snapshot that is never changed, only replaced. Stored state is
/// replaced after the store has the write; definitions, groups and overrides when they are read or given. Environments
/// with `flags_of` share their base's snapshot.
pub struct FlagBoard {
    /// The base of every environment, itself where it keeps its own state.
    bases: HashMap<String, Arc<Base>>,
    /// Whether anybody real is on an environment that reads the flags of a base, by the base's name.
    kinds: HashMap<String, EnvironmentKind>,
    own: Arc<Base>,
    catalog: ArcSwap<Catalog>,
    groups: ArcSwap<StaticGroups>,
    /// Held while a write is under way, so that this node's writes come one after the other.
    versions: Mutex<Versions>,
    /// Held for each swap and never across a wait: whoever switches off does not queue behind a store that hangs.
    swapping: SyncMutex<()>,
    auto_disabling: AtomicBool,
    rung: watch::Sender<u64>,
}

/// An environment that keeps state.
struct Base {
    name: String,
    kept: Kept,
    snapshot: ArcSwap<Snapshot>,
}

/// Who keeps an environment's state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kept {
    /// Our store.
    Here,
    /// Another server, which defines its flags too.
    Elsewhere,
}

/// What is defined, and what is wrong with what could not be.
#[derive(Default)]
struct Catalog {
    definitions: Vec<Arc<Definition>>,
    findings: Vec<Finding>,
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
    /// store, unread. Only the shipped flags are defined until [`FlagBoard::define`] brings others.
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
            kinds: kinds(settings),
            bases,
            catalog: ArcSwap::from_pointee(Catalog { definitions, findings: Vec::new() }),
            groups: ArcSwap::default(),
            versions: Mutex::default(),
            swapping: SyncMutex::default(),
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

    /// Whether a change of the flags of `environment` reaches real users, by whatever environment reads them; so does
    /// one of an environment that is not configured.
    pub fn kind_of(&self, environment: &str) -> EnvironmentKind {
        let base = self.base_of(environment).unwrap_or(environment);
        self.kinds.get(base).copied().unwrap_or(EnvironmentKind::Production)
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
    pub fn definitions(&self) -> Vec<Arc<Definition>> {
        self.catalog.load().definitions.clone()
    }

    /// The definition of one flag.
    pub fn definition(&self, flag: &str) -> Option<Arc<Definition>> {
        let catalog = self.catalog.load();
        let at =
            catalog.definitions.binary_search_by(|definition| definition.name.as_str().cmp(flag)).ok()?;
        Some(catalog.definitions[at].clone())
    }

    /// What is wrong with definitions that could not be taken.
    pub fn findings(&self) -> Vec<Finding> {
        self.catalog.load().findings.clone()
    }

    /// The named groups of actors, as they are now.
    pub fn groups(&self) -> Arc<StaticGroups> {
        self.groups.load_full()
    }

    pub(super) async fn lock(&self) -> MutexGuard<'_, Versions> {
        self.versions.lock().await
    }

    /// Takes these definitions beside the shipped ones, whatever was defined before.
    pub(super) fn define(&self, read: Vec<Definition>, mut findings: Vec<Finding>) {
        let mut definitions: Vec<_> = shipped::definitions().into_iter().map(Arc::new).collect();
        for definition in read {
            if definitions.iter().any(|shipped| shipped.name == definition.name) {
                findings.push(comes_with_the_product(&definition));
            } else {
                definitions.push(Arc::new(definition));
            }
        }
        definitions.sort_by(|a, b| a.name.cmp(&b.name));
        self.swap(
            |at, base, now| match base.kept {
                Kept::Here => now.with_definitions(at, definitions.iter().cloned()),
                Kept::Elsewhere => now.clone(),
            },
            || {
                self.catalog.store(Arc::new(Catalog { definitions: definitions.clone(), findings }));
            },
        );
    }

    /// Takes these groups of actors, whatever was before.
    pub(super) fn group(&self, groups: StaticGroups) {
        let groups = Arc::new(groups);
        self.swap(
            |at, _, now| now.with_overrides(at, now.overrides().clone()).with_groups(groups.clone()),
            || self.groups.store(groups.clone()),
        );
    }

    /// Switches exactly these flags off, whatever is stored: by environment that keeps state.
    pub(super) fn override_with(&self, overridden: &HashMap<String, BTreeSet<FlagName>>) {
        let _swapping = self.swapping.lock();
        let at = self.next();
        for base in self.keeping() {
            let wanted = overridden.get(&base.name).cloned().unwrap_or_default();
            let now = base.snapshot.load();
            if **now.overrides() != wanted {
                base.snapshot.store(Arc::new(now.with_overrides(at, Arc::new(wanted))));
            }
        }
        self.ring(at);
    }

    /// Replaces every stored state by what is stored now.
    pub(super) async fn reload(&self, store: &dyn Store, versions: &mut Versions) -> Result<(), EngineError> {
        let stored = store.stored_flags().await?;
        let states = |base: &str| -> Vec<_> {
            let of_base = |flag: &&StoredFlag| flag.environment == base;
            stored.iter().filter(of_base).map(|flag| (flag.name.clone(), flag.state.clone())).collect()
        };
        let _swapping = self.swapping.lock();
        let at = self.next();
        for base in self.keeping().filter(|base| base.kept == Kept::Here) {
            let now = base.snapshot.load();
            let definitions = self.catalog.load().definitions.clone();
            let next = Snapshot::new(at, definitions, states(&base.name))
                .with_overrides(at, now.overrides().clone())
                .with_groups(self.groups());
            base.snapshot.store(Arc::new(next));
        }
        versions.0 =
            stored.iter().map(|flag| ((flag.environment.clone(), flag.name.clone()), flag.version)).collect();
        self.ring(at);
        Ok(())
    }

    /// Swaps in what the store has just committed.
    pub(super) fn committed(&self, writes: Vec<FlagWrite>, versions: &mut Versions) {
        let _swapping = self.swapping.lock();
        let at = self.next();
        // One snapshot for all writes of an environment: nobody sees some of them under the version of all.
        let mut swapped: Vec<(Arc<Base>, Snapshot)> = Vec::new();
        for write in writes {
            let Some(base) = self.bases.get(&write.environment) else { continue };
            let index = swapped.iter().position(|(one, _)| Arc::ptr_eq(one, base)).unwrap_or_else(|| {
                swapped.push((base.clone(), base.snapshot.load().as_ref().clone()));
                swapped.len() - 1
            });
            swapped[index].1 = swapped[index].1.with_state(at, &write.name, write.after.clone());
            let key = (write.environment, write.name);
            match write.after {
                Some(_) => versions.0.insert(key, write.seen_version + 1),
                None => versions.0.remove(&key),
            };
        }
        for (base, snapshot) in swapped {
            base.snapshot.store(Arc::new(snapshot));
        }
        self.ring(at);
    }

    /// Takes what another server says of an environment that it keeps.
    pub(super) fn read_elsewhere(
        &self,
        environment: &str,
        definitions: Vec<Arc<Definition>>,
        states: impl IntoIterator<Item = (FlagName, FlagState)>,
    ) {
        self.swap_elsewhere(environment, |at, now| {
            now.with_definitions(at, self.with_own(environment, definitions)).with_states(at, states)
        });
    }

    /// Takes what another server says of one flag in an environment that it keeps.
    pub(super) fn written_elsewhere(&self, environment: &str, flag: &FlagName, state: Option<FlagState>) {
        self.swap_elsewhere(environment, |at, now| now.with_state(at, flag, state));
    }

    /// The server's own switches are defined wherever they are asked, whether or not the other server knows them.
    fn with_own(&self, environment: &str, mut definitions: Vec<Arc<Definition>>) -> Vec<Arc<Definition>> {
        if self.own.name == environment {
            for shipped in shipped::definitions() {
                if !definitions.iter().any(|known| known.name == shipped.name) {
                    definitions.push(Arc::new(shipped));
                }
            }
        }
        definitions
    }

    fn swap_elsewhere(&self, environment: &str, next: impl FnOnce(u64, &Snapshot) -> Snapshot) {
        let _swapping = self.swapping.lock();
        let Some(base) = self.bases.get(environment) else { return };
        let at = self.next();
        base.snapshot.store(Arc::new(next(at, &base.snapshot.load())));
        self.ring(at);
    }

    /// Replaces the snapshot of every environment; `beside` swaps what belongs to it at the same moment.
    fn swap(&self, next: impl Fn(u64, &Base, &Snapshot) -> Snapshot, beside: impl FnOnce()) {
        let _swapping = self.swapping.lock();
        let at = self.next();
        beside();
        for base in self.keeping() {
            base.snapshot.store(Arc::new(next(at, base, &base.snapshot.load())));
        }
        self.ring(at);
    }

    /// The environments that keep state.
    fn keeping(&self) -> impl Iterator<Item = &Arc<Base>> {
        self.bases.iter().filter(|(name, base)| **name == base.name).map(|(_, base)| base)
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

fn comes_with_the_product(definition: &Definition) -> Finding {
    Finding {
        file: format!("{}/{}.yml", definition.kind.as_str(), definition.name),
        line: None,
        field: Some("name".into()),
        rule: "is one of Wigwag's own flags, which come with it; remove the file".into(),
    }
}

fn kinds(settings: &Settings) -> HashMap<String, EnvironmentKind> {
    let mut kinds = HashMap::new();
    for environment in &settings.environments {
        let base = environment.flags_of.as_ref().unwrap_or(&environment.name);
        let kind = kinds.entry(base.clone()).or_insert(environment.kind);
        if environment.kind == EnvironmentKind::Production {
            *kind = EnvironmentKind::Production;
        }
    }
    kinds
}

/// Every environment with its base; one that reads another's flags shares that one's.
fn bases(
    settings: &Settings,
    definitions: &[Arc<Definition>],
) -> Result<HashMap<String, Arc<Base>>, EngineError> {
    let mut bases: HashMap<String, Arc<Base>> = HashMap::new();
    let keeps_state = |environment: &&crate::Environment| environment.flags_of.is_none();
    for environment in settings.environments.iter().filter(keeps_state) {
        let kept = match environment.source {
            Source::Local => Kept::Here,
            Source::Remote(_) => Kept::Elsewhere,
        };
        // What another server defines is known once it was read; the own switches must have their default before.
        let defined = kept == Kept::Here || environment.name == settings.environment;
        let definitions = definitions.iter().filter(|_| defined).cloned();
        let snapshot = ArcSwap::from_pointee(Snapshot::new(0, definitions, []));
        let base = Base { name: environment.name.clone(), kept, snapshot };
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
