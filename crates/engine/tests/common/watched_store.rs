//! The real store behind a door that counts who comes through, can be shut, and can hold writers of flags.

use async_trait::async_trait;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use wigwag_access::*;
use wigwag_base::*;
use wigwag_flags::FlagName;
use wigwag_hooks::health::Transition;
use wigwag_hooks::{Attempt, Delivery, Event, Hook, HookScope, NewEvent, PastAttempt, Switch};
use wigwag_ports::callout_outcomes::*;
use wigwag_ports::callouts::*;
use wigwag_ports::chat_users::*;
use wigwag_ports::credentials::*;
use wigwag_ports::deliveries::*;
use wigwag_ports::deployments::*;
use wigwag_ports::flags::*;
use wigwag_ports::hooks::*;
use wigwag_ports::intake::*;
use wigwag_ports::log::*;
use wigwag_ports::maintenance::*;
use wigwag_ports::notices::*;
use wigwag_ports::outbox::*;
use wigwag_ports::registry::*;
use wigwag_ports::rollout_log::*;
use wigwag_ports::{Store, StoreError};

pub(crate) struct WatchedStore {
    inner: Arc<dyn Store>,
    calls: AtomicU64,
    shut: AtomicBool,
    broken: AtomicBool,
    notes_refused: AtomicBool,
    flag_writes_refused: AtomicBool,
    flag_writers: Semaphore,
    /// Gets a permit for each flag write that has arrived.
    pub(crate) arrived: Semaphore,
    recorders: Semaphore,
    leaves_off: AtomicBool,
    disk: Mutex<Option<StoreStatus>>,
    /// What was to be written, since somebody began to watch.
    recorded: Mutex<Option<Vec<Offer>>>,
    /// Gets a permit for each result that is durable.
    pub(crate) written: Semaphore,
}

/// One call with results.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) records: Vec<Record>,
    pub(crate) at_least: usize,
}

impl WatchedStore {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            calls: AtomicU64::new(0),
            shut: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            notes_refused: AtomicBool::new(false),
            flag_writes_refused: AtomicBool::new(false),
            flag_writers: Semaphore::new(1_000),
            arrived: Semaphore::new(0),
            recorders: Semaphore::new(1_000),
            leaves_off: AtomicBool::new(false),
            disk: Mutex::default(),
            recorded: Mutex::default(),
            written: Semaphore::new(0),
        }
    }

    /// Calls since the last time this was asked; those of the loops (deliveries, maintenance) are not counted.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.swap(0, Ordering::SeqCst)
    }

    /// From now on every call fails.
    pub(crate) fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    /// From now on every call fails as after a failed fsync.
    pub(crate) fn break_for_good(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    pub(crate) fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
    }

    /// Whether flags can be written, as on a full disk.
    pub(crate) fn refuse_flag_writes(&self, refuse: bool) {
        self.flag_writes_refused.store(refuse, Ordering::SeqCst);
    }

    /// Whether what came of messages can be noted, as on a full disk.
    pub(crate) fn refuse_notes(&self, refuse: bool) {
        self.notes_refused.store(refuse, Ordering::SeqCst);
    }

    /// From now on flag writes wait, until as many permits are dropped as were taken.
    pub(crate) async fn hold_flag_writes(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.flag_writers.acquire_many(1_000).await.unwrap()
    }

    /// From now on results wait, until as many permits are dropped as were taken.
    pub(crate) async fn hold_records(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.recorders.acquire_many(1_000).await.unwrap()
    }

    /// From now on the store's disk is so large, and so much of it is free.
    pub(crate) fn set_disk(&self, disk_bytes: Option<u64>, disk_free_bytes: Option<u64>) {
        *self.disk.lock().unwrap() = Some(StoreStatus { disk_free_bytes, disk_bytes });
    }

    /// From now on no more results are written of a call than must be, as beside many new events.
    pub(crate) fn leave_off(&self) {
        self.leaves_off.store(true, Ordering::SeqCst);
    }

    /// From now on what each call is to write is remembered.
    pub(crate) fn watch_records(&self) {
        *self.recorded.lock().unwrap() = Some(Vec::new());
    }

    /// What each call was to write since then.
    pub(crate) fn recorded(&self) -> Vec<Offer> {
        self.recorded.lock().unwrap().take().unwrap()
    }

    fn counted(&self) -> Result<&dyn Store, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.pass()
    }

    fn pass(&self) -> Result<&dyn Store, StoreError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError::Fatal("broken by the test".into()));
        }
        if self.shut.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("shut by the test".into()));
        }
        Ok(&*self.inner)
    }
}

macro_rules! port {
    ($port:path, $pass:ident { $($method:ident($($arg:ident: $type:ty),*) -> $out:ty;)* } $($own:tt)*) => {
        #[async_trait]
        impl $port for WatchedStore {
            $(async fn $method(&self, $($arg: $type),*) -> Result<$out, StoreError> {
                self.$pass()?.$method($($arg),*).await
            })*
            $($own)*
        }
    };
}

port!(CalloutOutcomes, pass {
    keep_callout_outcomes(batch: OutcomeBatch) -> ();
    open_episodes() -> Vec<Episode>;
    callout_outcomes(query: OutcomeQuery) -> OutcomeFigures;
});

port!(Callouts, counted {
    worse_counts() -> Vec<(Source, u64)>;
    dismissals() -> Vec<Dismissal>;
    dismiss(dismissal: Dismissal) -> ();
});

#[async_trait]
impl Credentials for WatchedStore {
    async fn create_token(&self, token: Token) -> Result<Token, StoreError> {
        self.counted()?.create_token(token).await
    }

    async fn tokens(&self, key: TokenKey) -> Result<Vec<Token>, StoreError> {
        // The loop that keeps tokens for emergencies is not counted, as no loop is.
        let store = if matches!(key, TokenKey::SwitchingOff(_)) { self.pass()? } else { self.counted()? };
        store.tokens(key).await
    }

    async fn mark_token(&self, id: TokenId, mark: TokenMark, at: Timestamp) -> Result<(), StoreError> {
        self.counted()?.mark_token(id, mark, at).await
    }

    async fn password_hash(&self, user: UserId) -> Result<Option<Secret<String>>, StoreError> {
        self.counted()?.password_hash(user).await
    }

    async fn set_password_hash(&self, user: UserId, hash: Option<Secret<String>>) -> Result<(), StoreError> {
        self.counted()?.set_password_hash(user, hash).await
    }

    async fn create_session(&self, session: Session) -> Result<(), StoreError> {
        self.counted()?.create_session(session).await
    }

    async fn session(&self, hash: [u8; 32], call: SessionCall) -> Result<Option<Session>, StoreError> {
        self.counted()?.session(hash, call).await
    }

    async fn login_link(&self, call: LinkCall) -> Result<Option<LoginLink>, StoreError> {
        self.counted()?.login_link(call).await
    }

    async fn use_once(&self, id: [u8; 32], now: Timestamp, expires_at: Timestamp) -> Result<(), StoreError> {
        self.counted()?.use_once(id, now, expires_at).await
    }

    async fn embed_keys(&self, call: EmbedKeyCall) -> Result<Vec<EmbedKey>, StoreError> {
        self.counted()?.embed_keys(call).await
    }
}

port!(Deliveries, pass {
    waiting(query: WaitingQuery) -> Backlog;
    oldest_waiting(hook: HookId, limit: u32) -> Vec<Delivery>;
    waiting_hooks() -> Vec<WaitingHook>;
    unsettled(after: EventId, limit: u32) -> Vec<Unsettled>;
    event(id: EventId) -> Option<Event>;
    replayable(filter: ReplayFilter, after: DeliveryKey, limit: u32) -> Vec<DeliveryKey>;
    replay(deliveries: Vec<DeliveryKey>) -> u64;
    chain(query: ChainQuery) -> Vec<ChainedEvent>;
    expire(hook: HookId, accepted_before: Timestamp, count_max: u64, limit: u32) -> u64;
}
    async fn record_at_least(
        &self,
        epoch: NodeEpoch,
        mut records: Vec<Record>,
        at_least: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        if let Some(recorded) = &mut *self.recorded.lock().unwrap() {
            recorded.push(Offer { records: records.clone(), at_least });
        }
        let _may = self.recorders.acquire().await.unwrap();
        if self.leaves_off.load(Ordering::SeqCst) {
            records.truncate(at_least);
        }
        let written = self.pass()?.record_at_least(epoch, records, at_least).await?;
        self.written.add_permits(written.len());
        Ok(written)
    }
);

port!(Hooks, counted {
    create_hook(hook: Hook, count_max: u64, audit: Option<AuditEntry>) -> Hook;
    hook(id: HookId) -> Option<Hook>;
    hooks_of(scope: HookScope, page: Page) -> PageOf<Hook>;
    hooks_for(project: ProjectId) -> Vec<Hook>;
    failing_hooks() -> Vec<FailingHook>;
    hooks_by_health(filter: HealthFilter, page: Page) -> PageOf<PlacedHook>;
    failing_within(reach: Reach) -> Vec<HookId>;
    update_hook(hook: Hook, health: Option<HealthChange>, audit: Option<AuditEntry>) -> Hook;
    delete_hook(id: HookId) -> ();
});

port!(DeliveryLog, counted {
    attempts(filter: AttemptFilter, page: Page) -> PageOf<Attempt>;
    past_attempts(hook: HookId, since: Option<Timestamp>, limit: u32) -> Vec<PastAttempt>;
    attempt(id: AttemptId) -> Option<Attempt>;
    deliveries(filter: DeliveryFilter, page: Page) -> PageOf<Delivery>;
    timeline(hook: HookId, limit: u32) -> Vec<(TransitionId, Transition)>;
    waiting_count(hook: HookId) -> u64;
    figures(since: Timestamp, slice: Duration) -> Vec<Figures>;
});

port!(ChatUsers, counted {
    keep_link_code(code: LinkCode) -> ();
    take_link_code(hash: [u8; 32], link: ChatLink, audit: AuditEntry) -> Option<UserId>;
    keep_chat_link(link: ChatLink, audit: AuditEntry) -> ();
    chat_link(who: ChatUser) -> Option<ChatLink>;
    chat_links(user: Option<UserId>) -> Vec<ChatLink>;
    end_chat_link(who: ChatUser, audit: AuditEntry) -> ();
    set_chat_role(user: UserId, role: ChatRole, audit: AuditEntry) -> ();
    chat_roles() -> Vec<(UserId, ChatRole)>;
});

#[async_trait]
impl Outbox for WatchedStore {
    async fn enqueue(&self, messages: Vec<NewMessage>) -> Result<(), StoreError> {
        self.pass()?.enqueue(messages).await
    }

    async fn waiting_destinations(&self) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.pass()?.waiting_destinations().await
    }

    async fn waiting_messages(&self, destination: String, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.pass()?.waiting_messages(destination, limit).await
    }

    async fn drop_waiting(&self, destination: String, keep: u32) -> Result<u64, StoreError> {
        self.pass()?.drop_waiting(destination, keep).await
    }

    async fn note_message(&self, id: i64, came: MessageCame) -> Result<(), StoreError> {
        if self.notes_refused.load(Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        self.pass()?.note_message(id, came).await
    }

    async fn messages(&self, page: Page) -> Result<PageOf<Message>, StoreError> {
        self.pass()?.messages(page).await
    }
}

#[async_trait]
impl Notices for WatchedStore {
    async fn untold(&self, limit: u32) -> Result<Untold, StoreError> {
        self.pass()?.untold(limit).await
    }

    async fn owed(&self, hook: HookId) -> Result<Vec<Owed>, StoreError> {
        self.pass()?.owed(hook).await
    }

    async fn tell(&self, telling: Telling) -> Result<(), StoreError> {
        self.pass()?.tell(telling).await
    }

    async fn waiting_notices(&self, line: Line, limit: u32) -> Result<Vec<WaitingNotice>, StoreError> {
        self.pass()?.waiting_notices(line, limit).await
    }

    async fn note_line(&self, note: LineNote) -> Result<(), StoreError> {
        if self.notes_refused.load(Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        self.pass()?.note_line(note).await
    }

    async fn told(&self, of: ToldOf, limit: u32) -> Result<Vec<Told>, StoreError> {
        self.counted()?.told(of, limit).await
    }

    async fn backlog(&self, hook: HookId, call: BacklogCall) -> Result<Option<Timestamp>, StoreError> {
        self.pass()?.backlog(hook, call).await
    }

    async fn backlogs(&self) -> Result<Vec<HookId>, StoreError> {
        self.pass()?.backlogs().await
    }

    async fn opt_outs(&self, user: UserId) -> Result<Vec<OptOut>, StoreError> {
        self.counted()?.opt_outs(user).await
    }

    async fn set_opt_out(&self, user: UserId, what: OptOut, to: Switch) -> Result<(), StoreError> {
        self.counted()?.set_opt_out(user, what, to).await
    }

    async fn admins(&self, limit: u32) -> Result<Vec<UserId>, StoreError> {
        self.counted()?.admins(limit).await
    }
}

port!(Deployments, counted {
    record_deployment(deployment: NewDeployment) -> Deployment;
    move_deployment(id: i64, status: DeploymentStatus, at: Timestamp) -> Deployment;
    deployment(id: i64) -> Option<Deployment>;
    current_deployments() -> Vec<Deployment>;
    deployments(filter: DeploymentFilter, page: Page) -> PageOf<Deployment>;
});

port!(RolloutLog, counted {
    append_rollout_entry(entry: NewRolloutEntry, audit: AuditEntry, messages: Vec<NewMessage>) -> i64;
    rollout_entries(flag: FlagName, page: Page) -> PageOf<RolloutEntry>;
    open_rollback(flag: FlagName) -> Option<RolloutEntry>;
});

port!(Maintenance, pass {
    identity() -> Identity;
    lease() -> Lease;
    time_high_water(now: Timestamp) -> Timestamp;
    prune(before: Timestamp) -> u64;
    close() -> ();
}
    async fn ready(&self) -> Result<StoreStatus, StoreError> {
        let status = self.pass()?.ready().await?;
        Ok(self.disk.lock().unwrap().unwrap_or(status))
    }
);

port!(Registry, counted {
    create_user(user: NewUser) -> User;
    user(key: UserKey) -> Option<User>;
    users(search: Option<String>, page: Page) -> PageOf<User>;
    create_group(group: NewGroup) -> Group;
    group(key: PathKey<GroupId>) -> Option<Vec<Group>>;
    groups(user: Option<UserId>, page: Page) -> PageOf<Group>;
    create_project(project: NewProject) -> Project;
    project(key: PathKey<ProjectId>) -> Option<(Project, Vec<Group>)>;
    projects(user: Option<UserId>, page: Page) -> PageOf<Project>;
    count(kind: Kind) -> u64;
    ids(kind: Kind, after: i64, limit: u32) -> Vec<i64>;
    members(call: MemberCall) -> Vec<Membership>;
});

#[async_trait]
impl Intake for WatchedStore {
    async fn append(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, AppendError> {
        self.counted()?.append(events).await
    }
}

#[async_trait]
impl Flags for WatchedStore {
    async fn stored_flags(&self) -> Result<Vec<StoredFlag>, StoreError> {
        self.counted()?.stored_flags().await
    }

    async fn flag_before(
        &self,
        environment: String,
        name: FlagName,
    ) -> Result<Option<FlagBefore>, StoreError> {
        self.counted()?.flag_before(environment, name).await
    }

    async fn write_flags(
        &self,
        writes: Vec<FlagWrite>,
        audit: Vec<AuditEntry>,
        messages: Vec<NewMessage>,
    ) -> Result<(), StoreError> {
        if self.flag_writes_refused.load(Ordering::SeqCst) {
            return Err(StoreError::Full);
        }
        self.arrived.add_permits(1);
        let _turn = self.flag_writers.acquire().await.unwrap();
        self.counted()?.write_flags(writes, audit, messages).await
    }

    async fn remote_copies(&self) -> Result<Vec<RemoteCopy>, StoreError> {
        self.counted()?.remote_copies().await
    }

    async fn keep_remote(
        &self,
        copy: RemoteCopy,
        audit: Vec<AuditEntry>,
        messages: Vec<NewMessage>,
    ) -> Result<(), StoreError> {
        self.counted()?.keep_remote(copy, audit, messages).await
    }

    async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        self.counted()?.append_audit(entries).await
    }

    async fn audit(&self, filter: AuditFilter, page: Page) -> Result<PageOf<AuditRow>, StoreError> {
        self.counted()?.audit(filter, page).await
    }

    async fn verify_audit(&self, kept: Option<[u8; 32]>) -> Result<AuditCheck, StoreError> {
        self.counted()?.verify_audit(kept).await
    }
}
