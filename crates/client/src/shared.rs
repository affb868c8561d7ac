//! What the client's parts share: the view that evaluations read, and the desk from which it is made.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use wigwag_flags::{FlagName, Snapshot};

use crate::counters::Counters;
use crate::decision::{Reason, Source};
use crate::feed::Known;
use crate::health::{Connection, Health};
use crate::view::{ByName, Found, View, WhenRight};

/// Evaluations read `view`; everything else goes over the desk.
pub(crate) struct Shared {
    pub(crate) view: ArcSwap<View>,
    desk: Mutex<Desk>,
    /// Rings when a decision or its source may be another than before.
    pub(crate) changed: watch::Sender<u64>,
    pub(crate) health: watch::Sender<Health>,
    /// Rings when the server was reached by another way than the stream: whoever waits to try again need not.
    pub(crate) reached: Notify,
    /// What the snapshot file should hold.
    pub(crate) to_save: watch::Sender<Option<Arc<Known>>>,
}

struct Desk {
    known: Option<Arc<Known>>,
    source: Source,
    right: Option<WhenRight>,
    /// What the override file switches off.
    file: Arc<BTreeSet<FlagName>>,
    /// Of every flag that was ever known, until it was gone and reported.
    counters: ByName<Arc<Counters>>,
    found: Arc<ByName<Found>>,
    /// The [`Known::names`] that `found` was made for.
    names: u64,
}

/// One count to report.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Counted {
    pub(crate) flag: Arc<str>,
    pub(crate) enabled: bool,
    pub(crate) reason: Reason,
}

impl Shared {
    pub(crate) fn new() -> Self {
        let desk = Desk {
            known: None,
            source: Source::Caller,
            right: None,
            file: Arc::default(),
            counters: ByName::default(),
            found: Arc::default(),
            names: 0,
        };
        Self {
            view: ArcSwap::from_pointee(desk.view()),
            desk: Mutex::new(desk),
            changed: watch::Sender::new(0),
            health: watch::Sender::new(Health::new()),
            reached: Notify::new(),
            to_save: watch::Sender::new(None),
        }
    }

    /// What is known, whatever its source.
    pub(crate) fn known(&self) -> Option<Arc<Known>> {
        self.desk.lock().known.clone()
    }

    /// Takes what a file gave before the server said anything.
    pub(crate) fn begin_with(&self, known: Known, source: Source, right: Option<WhenRight>) {
        self.publish(|desk| {
            desk.known = Some(Arc::new(known));
            (desk.source, desk.right) = (source, right);
        });
    }

    /// Takes what the stream gave.
    pub(crate) fn learn(&self, known: Known) {
        self.tell_return();
        let known = Arc::new(known);
        self.publish(|desk| {
            desk.known = Some(known.clone());
            (desk.source, desk.right) = (Source::Live, None);
        });
        self.to_save.send_replace(Some(known));
        self.set_connection(Connection::Live);
    }

    /// The stream is there again, and nothing changed meanwhile.
    pub(crate) fn go_on(&self) {
        self.tell_return();
        if self.desk.lock().source != Source::Live {
            self.publish(|desk| (desk.source, desk.right) = (Source::Live, None));
        }
        self.set_connection(Connection::Live);
    }

    fn tell_return(&self) {
        if matches!(self.health.borrow().connection, Connection::Lost { .. } | Connection::Refused { .. }) {
            tracing::info!("the stream of flags is there again");
        }
    }

    /// There is no stream.
    pub(crate) fn lose(&self, connection: Connection) {
        if self.desk.lock().source == Source::Live {
            self.publish(|desk| (desk.source, desk.right) = (Source::Memory, Some(WhenRight::now())));
        }
        self.set_connection(connection);
    }

    /// Switches off what the override file says, and nothing else.
    pub(crate) fn switch_off(&self, file: BTreeSet<FlagName>) {
        if *self.desk.lock().file != file {
            let file = Arc::new(file);
            self.publish(|desk| desk.file = file);
        }
    }

    /// Takes all counts since they were taken last.
    pub(crate) fn take_counts(&self) -> Vec<(Counted, u64)> {
        let mut desk = self.desk.lock();
        let desk = &mut *desk;
        let of_flag = |(flag, counters): (&Arc<str>, &Arc<Counters>)| {
            let flag = flag.clone();
            let counted =
                move |(enabled, reason, count)| (Counted { flag: flag.clone(), enabled, reason }, count);
            counters.take().map(counted).collect::<Vec<_>>()
        };
        let counts = desk.counters.iter().flat_map(of_flag).collect();
        let found = &desk.found;
        desk.counters.retain(|flag, counters| found.contains_key(flag) || Arc::strong_count(counters) > 1);
        counts
    }

    /// Changes health, and tells of it if it is another then.
    pub(crate) fn set_health(&self, change: impl FnOnce(&mut Health)) {
        self.health.send_if_modified(|health| {
            let before = health.clone();
            change(health);
            *health != before
        });
    }

    fn set_connection(&self, connection: Connection) {
        self.set_health(|health| health.connection = connection);
    }

    fn publish(&self, change: impl FnOnce(&mut Desk)) {
        let mut desk = self.desk.lock();
        change(&mut desk);
        desk.find();
        let view = desk.view();
        self.set_health(|health| {
            health.source = view.source;
            health.environment = desk.known.as_ref().map(|known| known.environment.clone());
            health.version = desk.known.as_ref().map(|known| known.version.clone());
            health.overridden = desk.file.iter().map(ToString::to_string).collect();
        });
        self.view.store(Arc::new(view));
        drop(desk);
        self.changed.send_modify(|changes| *changes += 1);
    }
}

impl Desk {
    /// Finds every flag anew if there are others.
    fn find(&mut self) {
        let Some(known) = self.known.as_ref().filter(|known| known.names != self.names) else { return };
        let mut found = ByName::default();
        for (name, _) in known.flags.flags() {
            let name: Arc<str> = name.as_str().into();
            let counters = self.counters.entry(name.clone()).or_insert_with(|| Arc::new(Counters::new()));
            let handle = known.flags.handle(&name);
            found.insert(name, Found { handle, counters: counters.clone() });
        }
        self.found = Arc::new(found);
        self.names = known.names;
    }

    fn view(&self) -> View {
        let flags = match &self.known {
            Some(known) => known.flags.clone(),
            None => Snapshot::new(0, [], []),
        };
        let all = || Arc::new(self.file.union(flags.overrides()).cloned().collect());
        View {
            flags: if self.file.is_empty() { flags } else { flags.with_overrides(flags.version(), all()) },
            found: self.found.clone(),
            file: self.file.clone(),
            source: self.source,
            right: self.right,
        }
    }
}
