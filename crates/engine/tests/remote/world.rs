//! A house whose production a GitLab keeps, beside a dev of its own.

use crate::common::house::House;
use crate::gitlab::Gitlab;
use wigwag_access::Principal;
use wigwag_base::{Page, Secret};
use wigwag_engine::flags::{FlagChange, FlagWritten, Mode, Occasion, RemoteStatus, TargetNames, UnknownFlag};
use wigwag_engine::{
    Engine, EngineError, Environment, EnvironmentKind, LargeSteps, Remote, Settings, Source,
};
use wigwag_flags::{Change, Origin};
use wigwag_ports::flags::{AuditFilter, Flags};

pub(crate) struct World {
    pub(crate) house: House,
    pub(crate) gitlab: Gitlab,
}

pub(crate) fn settings(url: &str) -> Settings {
    let environment = |name: &str, flags_of: Option<&str>, kind, source| Environment {
        name: name.into(),
        flags_of: flags_of.map(Into::into),
        kind,
        source,
        large_steps: LargeSteps::Warn,
    };
    let remote = Remote { url: url.to_owned(), token: Secret::new("glpat-secret".to_owned()) };
    let environments = vec![
        environment("dev", None, EnvironmentKind::NonProduction, Source::Local),
        environment("canary", Some("production"), EnvironmentKind::Production, Source::Local),
        environment("production", None, EnvironmentKind::Production, Source::Remote(remote)),
    ];
    Settings { environments, environment: "dev".into(), ..Settings::default() }
}

impl World {
    /// One that has read everything once.
    pub(crate) async fn new() -> Self {
        let world = Self::unread().await;
        world.look().await;
        // Two requests are ours; the other two are of its own first reading, which the next one comes behind.
        world.gitlab.was_asked(4).await;
        world.look().await;
        world.gitlab.asked();
        world
    }

    pub(crate) async fn unread() -> Self {
        Self::beside(Gitlab::start().await).await
    }

    pub(crate) async fn beside(gitlab: Gitlab) -> Self {
        Self { house: House::with(settings(&gitlab.url())).await, gitlab }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.house.engine
    }

    pub(crate) async fn look(&self) {
        self.engine().look_at_remotes().await;
    }

    pub(crate) fn status(&self) -> RemoteStatus {
        status(self.engine(), &self.house.root)
    }

    /// Every flag of which something is stored, as a line each.
    pub(crate) fn stored(&self) -> Vec<String> {
        stored(self.engine(), &self.house.root)
    }

    /// Why it cannot be read now.
    pub(crate) fn trouble(&self) -> String {
        self.status().trouble.map_or_else(|| "none".into(), |trouble| trouble.reason)
    }

    pub(crate) async fn change(&self, flag: &str, change: Change) -> Result<FlagWritten, EngineError> {
        self.change_by(&self.house.root, flag, change, TargetNames::default()).await
    }

    pub(crate) async fn change_by(
        &self,
        principal: &Principal,
        flag: &str,
        change: Change,
        names: TargetNames,
    ) -> Result<FlagWritten, EngineError> {
        let change =
            FlagChange { environment: "production".into(), flag: flag.parse().unwrap(), change, names };
        let mut written = self.engine().set_flags(principal, vec![change], occasion()).await?;
        Ok(written.pop().unwrap())
    }

    /// The audit log, newest first: `flag: before -> after`.
    pub(crate) async fn audit(&self) -> Vec<String> {
        let rows = self.house.store.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
        let line = |entry: &wigwag_ports::flags::AuditEntry| {
            format!("{}: {} -> {}", entry.flag.as_deref().unwrap_or("-"), entry.before, entry.after)
        };
        rows.iter().map(|row| line(&row.entry)).collect()
    }
}

pub(crate) fn occasion() -> Occasion {
    Occasion {
        via: "api".into(),
        origin: Origin::Rest,
        reason: None,
        unknown: UnknownFlag::Refuse,
        mode: Mode::Make,
        spoken: None,
    }
}

pub(crate) fn status(engine: &Engine, root: &Principal) -> RemoteStatus {
    let all = engine.environments(root).unwrap();
    all.into_iter().find(|one| one.name == "production").unwrap().remote.unwrap()
}

pub(crate) fn stored(engine: &Engine, root: &Principal) -> Vec<String> {
    let flags = engine.flags(root, "production").unwrap();
    let line = |flag: &wigwag_engine::flags::FlagView| {
        Some(format!("{}: {}", flag.name, flag.stored.as_deref()?.words().join("; ")))
    };
    flags.iter().filter_map(line).collect()
}
