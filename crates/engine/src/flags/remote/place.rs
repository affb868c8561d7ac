use super::known::Known;
use super::server::{Reading, RemoteServer};
use super::status::{RemoteStatus, Trouble};
use crate::limits::{REMOTE_AUDIT_WAITING_MAX, REMOTE_FINDINGS_MAX, REMOTE_KEEP_EVERY};
use crate::{Engine, EngineError, Settings, Source};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Mutex, MutexGuard, Notify};
use wigwag_base::Timestamp;
use wigwag_flags::{FlagName, FlagState};
use wigwag_ports::definitions::Finding;
use wigwag_ports::flags::{AuditEntry, RemoteCopy};
use wigwag_ports::outbox::NewMessage;
use wigwag_ports::{Egress, Store, StoreError};

/// Every environment that another server keeps, by name.
pub(crate) struct Remotes(BTreeMap<String, Arc<RemotePlace>>);

impl Remotes {
    /// Those of the settings, with what the store remembers of them.
    ///
    /// # Errors
    /// The store's; [`EngineError::Invalid`] for a URL that nobody can be asked at.
    pub(crate) async fn load(
        store: &dyn Store,
        egress: &dyn Egress,
        settings: &Settings,
    ) -> Result<Self, EngineError> {
        let mut places = BTreeMap::new();
        for environment in settings.environments.iter().filter(|one| one.flags_of.is_none()) {
            let Source::Remote(remote) = &environment.source else { continue };
            let server = RemoteServer::new(remote, &settings.user_agent, egress)?;
            places.insert(environment.name.clone(), RemotePlace::new(&environment.name, server));
        }
        if !places.is_empty() {
            for copy in store.remote_copies().await? {
                if let Some(place) = places.get(&copy.environment) {
                    place.remember(&copy);
                }
            }
        }
        Ok(Self(places.into_iter().map(|(name, place)| (name, Arc::new(place))).collect()))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<RemotePlace>> {
        self.0.values()
    }

    /// The one that keeps the state of `base`.
    pub(crate) fn of(&self, base: &str) -> Option<&Arc<RemotePlace>> {
        self.0.get(base)
    }
}

/// One environment that another server keeps.
pub(crate) struct RemotePlace {
    pub(super) environment: String,
    pub(super) server: RemoteServer,
    /// Held by whoever changes something there.
    writing: Mutex<()>,
    /// Held by whoever reads; what was read last.
    reading: Mutex<Reading>,
    /// Held by whoever keeps a copy, so that an older one never overtakes a newer.
    keeping: Mutex<()>,
    /// Rises when a change begins and when it ends: what was read meanwhile may be older than the change.
    changes: AtomicU64,
    /// Readings that failed.
    failures: AtomicU64,
    held: parking_lot::Mutex<Held>,
    due: Notify,
}

/// The row of a change that was made there, and the messages that tell of it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) row: AuditEntry,
    pub(super) messages: Vec<NewMessage>,
}

/// What is known.
#[derive(Default)]
struct Held {
    known: Arc<Known>,
    read_at: Option<Timestamp>,
    trouble: Option<Trouble>,
    findings: Vec<Finding>,
    /// Whether a change was made since the last reading: then the next one is taken even if it says the same.
    changed: bool,
    /// When the store was given what is known.
    kept_at: Option<Timestamp>,
    /// Rows of changes that were made there and that the store does not have yet, numbered.
    unwritten: VecDeque<(u64, Told)>,
    /// The number of the next row.
    next_row: u64,
}

impl RemotePlace {
    fn new(environment: &str, server: RemoteServer) -> Self {
        Self {
            environment: environment.to_owned(),
            server,
            writing: Mutex::default(),
            reading: Mutex::default(),
            keeping: Mutex::default(),
            changes: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            held: parking_lot::Mutex::default(),
            due: Notify::new(),
        }
    }

    /// Takes up what the store remembers, if it is of the same server.
    fn remember(&self, copy: &RemoteCopy) {
        if copy.url != self.server.url() {
            return;
        }
        match Known::from_content(&copy.content) {
            Ok(known) => {
                let mut held = self.held.lock();
                (held.known, held.read_at) = (Arc::new(known), Some(copy.read_at));
            }
            Err(problem) => tracing::error!(
                environment = self.environment,
                problem,
                "the kept flags of a remote environment cannot be read; it is unread until its server answers"
            ),
        }
    }

    /// Swaps in what is known, at start.
    pub(crate) fn show(&self, engine: &Engine) {
        let mut held = self.held.lock();
        if held.read_at.is_some() {
            let reason = "it was not asked yet since this server started".into();
            held.trouble = Some(Trouble { since: engine.inner.clock.now(), reason });
            self.swap_in(engine, &held.known);
        }
    }

    fn swap_in(&self, engine: &Engine, known: &Known) {
        let states = known.states.iter().map(|(name, state)| (name.clone(), state.clone()));
        engine.inner.flags.read_elsewhere(&self.environment, known.definitions.clone(), states);
    }

    /// Returns when the place wants to be read before its time.
    pub(super) async fn due(&self) {
        self.due.notified().await;
    }

    pub(super) fn call(&self) {
        self.due.notify_one();
    }

    pub(super) fn known(&self) -> Arc<Known> {
        self.held.lock().known.clone()
    }

    /// Whether anything is known of it.
    pub(super) fn is_read(&self) -> bool {
        self.held.lock().read_at.is_some()
    }

    /// As of when it is known, if it cannot be asked now.
    pub(super) fn stale_since(&self) -> Option<Timestamp> {
        let held = self.held.lock();
        held.trouble.as_ref().and(held.read_at)
    }

    /// How it stands with it.
    pub(crate) fn status(&self) -> RemoteStatus {
        let held = self.held.lock();
        RemoteStatus {
            url: self.server.url().to_owned(),
            read_at: held.read_at,
            trouble: held.trouble.clone(),
            findings: held.findings.clone(),
        }
    }

    /// Reads what is new there. What is wrong is kept, and what was known before stays.
    ///
    /// # Errors
    /// Why it could not be read, as the end of a sentence.
    pub(crate) async fn look(&self, engine: &Engine) -> Result<(), String> {
        let failures = self.failures.load(Ordering::SeqCst);
        let mut last = self.reading.lock().await;
        // Somebody who asked at the same time got no answer: nobody waits for the same silence twice.
        if self.failures.load(Ordering::SeqCst) != failures
            && let Some(trouble) = &self.held.lock().trouble
        {
            return Err(trouble.reason.clone());
        }
        let changes = self.changes.load(Ordering::SeqCst);
        let read = self.server.read(&last).await;
        // A change under way, or since: what was read may be older, and whoever changes calls again.
        if changes % 2 == 1 || self.changes.load(Ordering::SeqCst) != changes {
            return Ok(());
        }
        let now = engine.inner.clock.now();
        let taken = match read {
            Ok(read) if !self.is_news(&read, &last) => {
                *last = read;
                Ok(None)
            }
            Ok(read) => Known::read(&read.answers(), &self.known()).map(|found| {
                *last = read;
                Some(found)
            }),
            Err(error) => Err(error.to_string()),
        };
        taken.map(|found| self.take(engine, found, now)).map_err(|reason| self.fail(reason, now))?;
        drop(last);
        if self.is_to_be_kept(now)
            && let Err(error) = self.keep(engine, Vec::new()).await
        {
            tracing::warn!(
                environment = self.environment,
                %error,
                "a remote environment's flags could not be kept"
            );
        }
        Ok(())
    }

    fn is_news(&self, read: &Reading, last: &Reading) -> bool {
        let held = self.held.lock();
        held.read_at.is_none() || held.changed || !read.says_the_same(last)
    }

    fn is_to_be_kept(&self, now: Timestamp) -> bool {
        let held = self.held.lock();
        !held.unwritten.is_empty() || held.kept_at.is_none_or(|at| now.since(at) >= REMOTE_KEEP_EVERY)
    }

    fn take(&self, engine: &Engine, found: Option<(Known, Vec<Finding>)>, now: Timestamp) {
        let mut held = self.held.lock();
        if held.trouble.take().is_some() {
            tracing::info!(environment = self.environment, "a remote environment's flags are read again");
        }
        let first = held.read_at.replace(now).is_none();
        let Some((known, mut findings)) = found else { return };
        held.changed = false;
        findings.truncate(REMOTE_FINDINGS_MAX);
        if held.findings != findings {
            for finding in &findings {
                let Finding { file, field, rule, .. } = finding;
                tracing::warn!(environment = self.environment, flag = file, field, "{rule}");
            }
            held.findings = findings;
        }
        if first || *held.known != known {
            held.known = Arc::new(known);
            held.kept_at = None;
            self.swap_in(engine, &held.known);
        }
    }

    fn fail(&self, reason: String, now: Timestamp) -> String {
        self.failures.fetch_add(1, Ordering::SeqCst);
        let mut held = self.held.lock();
        let since = held.trouble.as_ref().map_or(now, |trouble| trouble.since);
        if held.trouble.as_ref().is_none_or(|trouble| trouble.reason != reason) {
            tracing::warn!(
                environment = self.environment,
                url = self.server.url(),
                reason,
                "a remote environment's flags cannot be read; those known before stay"
            );
        }
        held.trouble = Some(Trouble { since, reason: reason.clone() });
        reason
    }

    /// The turn of whoever changes something there.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    /// Marks the time in which a change is under way.
    pub(super) fn changing(&self) -> Changing<'_> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        Changing(self)
    }

    /// Takes the state that a change left there.
    pub(super) fn changed(&self, engine: &Engine, flag: &FlagName, after: Option<FlagState>) {
        let mut held = self.held.lock();
        let mut known = (*held.known).clone();
        match &after {
            Some(state) => known.states.insert(flag.clone(), state.clone()),
            None => known.states.remove(flag),
        };
        held.known = Arc::new(known);
        held.changed = true;
        engine.inner.flags.written_elsewhere(&self.environment, flag, after);
    }

    /// Keeps what is known now, with these audit rows and those that wait.
    ///
    /// # Errors
    /// The store's; the rows wait then.
    pub(super) async fn keep(&self, engine: &Engine, rows: Vec<Told>) -> Result<(), StoreError> {
        self.put_down(rows);
        let _keeping = self.keeping.lock().await;
        let now = engine.inner.clock.now();
        let (copy, rows, last) = {
            let held = self.held.lock();
            let copy = held.read_at.map(|read_at| RemoteCopy {
                environment: self.environment.clone(),
                url: self.server.url().to_owned(),
                read_at,
                content: held.known.to_content(),
            });
            let rows: Vec<Told> = held.unwritten.iter().map(|(_, told)| told.clone()).collect();
            (copy, rows, held.next_row)
        };
        let (rows, messages): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|told| (told.row, told.messages)).unzip();
        let messages: Vec<NewMessage> = messages.into_iter().flatten().collect();
        let some_wait = !messages.is_empty();
        let store = &engine.inner.store;
        match copy {
            Some(copy) => store.keep_remote(copy, rows, messages).await?,
            None => store.write_flags(Vec::new(), rows, messages).await?,
        }
        if some_wait {
            engine.inner.outbox.ring();
        }
        let mut held = self.held.lock();
        held.kept_at = Some(now);
        held.unwritten.retain(|(number, _)| *number >= last);
        Ok(())
    }

    /// Notes audit rows in memory until the store has them.
    fn put_down(&self, rows: Vec<Told>) {
        let mut held = self.held.lock();
        for row in rows {
            let number = held.next_row;
            held.next_row += 1;
            held.unwritten.push_back((number, row));
        }
        while held.unwritten.len() > REMOTE_AUDIT_WAITING_MAX {
            let row = held.unwritten.pop_front();
            tracing::error!(?row, "too many audit rows wait for the store; this one is given up");
        }
    }
}

/// A change under way; ends when it is dropped.
pub(super) struct Changing<'a>(&'a RemotePlace);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        self.0.call();
    }
}
