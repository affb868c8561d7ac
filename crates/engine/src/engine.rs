use crate::{
    EngineError, Settings,
    accounts::RegistryCache,
    authenticate::Authenticator,
    chat, command, dispatch,
    emergency::{self, EmergencyTokens},
    flags,
    flags::FlagBoard,
    notices::{self, Notices},
    rates::Rates,
    recorder::Recorder,
    recover,
    sign_in::Passwords,
    sweep,
    watch::Watch,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wigwag_base::Secret;
use wigwag_hooks::health::{self, Policy};
use wigwag_hooks::{HeaderStyle, Hook, PolicyChoice, RetryPolicy};
use wigwag_ports::maintenance::{Identity, Lease};
use wigwag_ports::{
    Annotations, ChatPlatform, Clock, DefinitionSource, Egress, Entropy, Mailer, OverrideFile,
    ProductionCheck, Repository, Store,
};

/// The engine of one node: cheap to clone, safe to share. Faces call its use cases; its loops run by themselves.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

/// What the roof gives an engine.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The client for every outgoing request.
    pub egress: Arc<dyn Egress>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// What the operator set.
    pub settings: Settings,
    /// Where flag definitions come from besides the product itself.
    pub definitions: Vec<Arc<dyn DefinitionSource>>,
    /// The file of overrides, if there is one.
    pub overrides: Option<Arc<dyn OverrideFile>>,
    /// Chats, monitors, the platform's repository: whatever else there is outside.
    pub outside: Outside,
    /// 32 bytes from which the keys of token hashes and minted embed tokens are derived; kept sealed in the store.
    pub root_key: Secret<[u8; 32]>,
}

/// What a node may reach besides hooks; nothing of it is needed to run.
#[derive(Clone, Default)]
pub struct Outside {
    /// Chats that commands come from and replies go to.
    pub platforms: Vec<Arc<dyn ChatPlatform>>,
    /// What is asked before something is turned on in production.
    pub production_checks: Vec<Arc<dyn ProductionCheck>>,
    /// Where changes are drawn into charts.
    pub annotations: Option<Arc<dyn Annotations>>,
    /// The platform's repository.
    pub repository: Option<Arc<dyn Repository>>,
    /// The mail server.
    pub mailer: Option<Arc<dyn Mailer>>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) egress: Arc<dyn Egress>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: Settings,
    pub(crate) root_key: Secret<[u8; 32]>,
    pub(crate) identity: Identity,
    pub(crate) lease: Lease,
    pub(crate) watch: Arc<Watch>,
    pub(crate) flags: Arc<FlagBoard>,
    pub(crate) definitions: flags::Sources,
    pub(crate) overrides: flags::Overrides,
    pub(crate) remotes: flags::Remotes,
    pub(crate) outside: Outside,
    pub(crate) outbox: chat::OutboxBell,
    pub(crate) notices: Notices,
    pub(crate) contended: command::Contended,
    pub(crate) errands: chat::Errands,
    pub(crate) refusals: chat::Refusals,
    /// Who members of the configured team are by their e-mail, for a while.
    pub(crate) chat_members: chat::Members,
    pub(crate) exposures: flags::Exposures,
    pub(crate) authenticator: Authenticator,
    pub(crate) emergency: EmergencyTokens,
    pub(crate) registry: RegistryCache,
    pub(crate) rates: Rates,
    pub(crate) passwords: Passwords,
    pub(crate) recorder: Recorder,
    pub(crate) dispatch: dispatch::Handle,
    pub(crate) header_style: HeaderStyle,
    /// Why the store takes no results at present, if it does not.
    pub(crate) healthy_store: tokio::sync::watch::Sender<Option<String>>,
    /// Why the store's disk has no room for more events, if it has none.
    pub(crate) room: tokio::sync::watch::Sender<Option<String>>,
    pub(crate) stopping: AtomicBool,
}

impl Engine {
    /// Reads what the store knows, starts the loops, and takes up what a former life left unsettled.
    ///
    /// # Errors
    /// The store's, in words; nothing runs then.
    pub async fn start(parts: Parts) -> Result<Self, EngineError> {
        let identity = parts.store.identity().await?;
        let lease = parts.store.lease().await?;
        let board = Arc::new(FlagBoard::load(&*parts.store, &parts.settings).await?);
        let remotes = flags::Remotes::load(&*parts.store, &*parts.egress, &parts.settings).await?;
        let watch = Arc::new(Watch::rebuild(&*parts.store, &parts.settings).await?);
        let settings = &parts.settings;
        let header_style =
            HeaderStyle::new(&settings.header_prefix, &settings.user_agent, &settings.external_url)
                .map_err(|error| EngineError::Invalid { field: "settings", rule: format!(": {error}") })?;
        let notices = Notices::new(settings, &*parts.egress)?;
        let (recorder, recorder_loop) = Recorder::new(parts.store.clone(), lease.epoch);
        let (dispatch, dispatch_loop) = dispatch::Handle::new();
        let names = settings.environments.iter().map(|environment| environment.name.as_str());
        let exposures = flags::Exposures::new(parts.clock.now(), names);
        let inner = Arc::new(Inner {
            store: parts.store,
            egress: parts.egress,
            clock: parts.clock,
            entropy: parts.entropy,
            settings: parts.settings,
            root_key: parts.root_key,
            identity,
            lease,
            watch,
            flags: board,
            definitions: flags::Sources::new(parts.definitions),
            overrides: flags::Overrides::new(parts.overrides),
            remotes,
            outside: parts.outside,
            outbox: chat::OutboxBell::default(),
            notices,
            contended: command::Contended::default(),
            errands: chat::Errands::default(),
            refusals: chat::Refusals::default(),
            chat_members: chat::Members::default(),
            exposures,
            authenticator: Authenticator::default(),
            emergency: EmergencyTokens::default(),
            registry: RegistryCache::default(),
            rates: Rates::default(),
            passwords: Passwords::default(),
            recorder,
            dispatch,
            header_style,
            healthy_store: tokio::sync::watch::Sender::new(None),
            room: tokio::sync::watch::Sender::new(None),
            stopping: AtomicBool::new(false),
        });
        let engine = Self { inner };
        // Before anything is decided: what is defined, and what an operator switched off.
        engine.show_remotes();
        engine.look_at_definitions().await;
        engine.look_at_actor_groups().await?;
        engine.look_at_emergency_tokens().await?;
        engine.look_at_overrides().await.map_err(|problem| EngineError::Invalid {
            field: "overrides",
            rule: format!("cannot be read, and a flag that was switched off must not come back: {problem}"),
        })?;
        recorder_loop.spawn(engine.clone());
        dispatch_loop.spawn(engine.clone());
        recover::take_up(&engine).await?;
        sweep::spawn(engine.clone());
        flags::watch_outside(&engine);
        emergency::spawn(engine.clone());
        chat::spawn_outbox(engine.clone());
        notices::spawn(engine.clone());
        engine.warn_of_channels();
        Ok(engine)
    }

    /// Stops: accepts nothing more, waits for what is under way (at most one delivery deadline, and for what chats asked a
    /// production check), writes every result and closes the store. What was accepted and not sent is taken up at the next start.
    ///
    /// # Errors
    /// The store's; what it could not keep is sent again after the next start.
    pub async fn stop(&self) -> Result<(), EngineError> {
        self.inner.stopping.store(true, Ordering::Relaxed);
        self.inner.dispatch.stop().await;
        self.inner.errands.ended().await;
        self.inner.recorder.flush().await;
        if let Err(error) = self.write_callout_outcomes().await {
            tracing::warn!(%error, "what banners did in the last minute is not kept");
        }
        Ok(self.inner.store.close().await?)
    }

    /// Whether the engine was told to stop: what lasts as long as it does should come to an end.
    pub fn is_stopping(&self) -> bool {
        self.inner.stopping.load(Ordering::Relaxed)
    }

    /// Returns when everything accepted so far has come to rest: each delivery has ended, or waits for a time or a
    /// person, and every result is durable. Events of a former life count once they are read. Under steady traffic
    /// that may be never; it is for whoever moves the clock by hand, as tests do.
    pub async fn settle(&self) {
        // Twice: a change of health that the store refuses is seen when it is flushed, and lets more go out.
        for _ in 0..2 {
            self.inner.dispatch.settle().await;
            self.inner.recorder.flush().await;
        }
    }

    /// The clock was moved by hand, or something else that waits for a time should be looked at now.
    pub fn look(&self) {
        self.inner.dispatch.tell(dispatch::Message::Look);
    }

    /// What the operator set.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The time, as the engine sees it.
    pub fn now(&self) -> wigwag_base::Timestamp {
        self.inner.clock.now()
    }

    /// The failure policy that holds for a hook now.
    pub(crate) fn policy(&self, hook: &Hook) -> Policy {
        let instance = PolicyChoice::Own(self.inner.settings.failure_policy);
        health::effective([hook.failure_policy, instance], self.inner.flags.auto_disabling())
    }

    /// The retry policy that holds for a hook.
    pub(crate) fn retry_policy<'a>(&'a self, hook: &'a Hook) -> &'a RetryPolicy {
        hook.retry_policy.as_ref().unwrap_or(&self.inner.settings.retry_policy)
    }
}
