//! Overrides: a flag is off on this node at once, whatever the store says or does not say.
//!
//! ```text
//!            switch off                       the store answers
//! (none) ---------------> active, not yet recorded -------------> active, recorded   (flag stored off, audit row)
//!    ^   or a row in the file          |                               |
//!    |                                 | lift (may bring it back:      | lift (nothing comes back:
//!    +---------------------------------+ right to turn on)             | the flag stays stored off)
//!    +-----------------------------------------------------------------+
//! ```
//!
//! Switching off changes the memory first, then the file, then the store; lifting changes the file first. While an
//! override is active nobody can turn the flag on: the write is refused with what to do.

use crate::flags::write::check_reason;
use crate::flags::{FlagChange, Mode, Occasion, TargetNames, UnknownFlag, direction, unknown_flag};
use crate::limits::{OVERRIDE_RECORD_WAIT, OVERRIDES_EVERY, OVERRIDES_MAX, OVERRIDES_RECORD_EVERY};
use crate::rights::allow;
use crate::{Engine, EngineError};
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wigwag_access::{Action, Direction, Principal, Thing};
use wigwag_base::UserId;
use wigwag_flags::{Change, FlagName, FlagState, Origin};
use wigwag_ports::OverrideFile;
use wigwag_ports::overrides::{Override, Recorded};

/// Who is named for a row that was written into the file by hand.
pub const OVERRIDE_BY_HAND: &str = "file";

/// The overrides of this node, and where they are kept.
pub(crate) struct Overrides {
    /// Held while the snapshots are swapped too, so that an older list never overtakes a newer one.
    rows: Mutex<Vec<Override>>,
    file: Option<Arc<dyn OverrideFile>>,
    /// What the file held when it was last read or written; locked while it is read or written.
    kept: tokio::sync::Mutex<Vec<Override>>,
    /// Whether the file lags behind, because it could not be written.
    behind: AtomicBool,
}

/// What became of an override.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overridden {
    /// The override.
    pub row: Override,
    /// Why it would not survive a restart, if the file could not be written.
    pub not_kept: Option<String>,
}

impl Overrides {
    pub(crate) fn new(file: Option<Arc<dyn OverrideFile>>) -> Self {
        Self {
            rows: Mutex::default(),
            file,
            kept: tokio::sync::Mutex::default(),
            behind: AtomicBool::new(false),
        }
    }

    /// What memory and a file that was edited meanwhile come to together: what either added is there, what either took
    /// away is not.
    fn merged(now: &[Override], kept: &[Override], read: Vec<Override>) -> Vec<Override> {
        let among = |rows: &[Override], row: &Override| rows.iter().any(|other| same(other, row));
        let lifted = |row: &Override| among(kept, row) && !among(now, row);
        let mut rows: Vec<Override> = read.into_iter().filter(|row| !lifted(row)).collect();
        for row in &mut rows {
            // What memory knows of a row is newer: whether the store has it.
            if let Some(known) = now.iter().find(|known| same(known, row)) {
                *row = known.clone();
            }
        }
        let added =
            now.iter().filter(|row| !among(kept, row) && !among(&rows, row)).cloned().collect::<Vec<_>>();
        rows.extend(added);
        rows
    }
}

impl Engine {
    /// The overrides of this node; for a token that is bound to environments, those of these.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub fn overrides(&self, principal: &Principal) -> Result<Vec<Override>, EngineError> {
        let rows = self.inner.overrides.rows.lock();
        let Some(bound) = principal.environments.as_deref().and_then(<[String]>::first) else {
            allow(principal, Action::ReadFlags, Thing::Server)?;
            return Ok(rows.clone());
        };
        self.allow_in(principal, Action::ReadFlags, bound)?;
        let readable =
            |row: &&Override| self.allow_in(principal, Action::ReadFlags, &row.environment).is_ok();
        Ok(rows.iter().filter(readable).cloned().collect())
    }

    /// Switches a flag off on this node, now: evaluation says so before this returns. No store is asked; it is told when
    /// it answers. Doing it twice changes nothing.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; [`EngineError::NotFound`] (the environment); [`EngineError::Invalid`] (an unknown flag,
    /// a reason with control characters, or more than [`OVERRIDES_MAX`] overrides).
    pub async fn override_flag(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &str,
        reason: Option<String>,
    ) -> Result<Overridden, EngineError> {
        let base = self.allow_in(principal, Action::WriteFlags(Direction::OffWard), environment)?.to_owned();
        let board = &self.inner.flags;
        let snapshot = board.of(&base).ok_or(EngineError::NotFound("environment"))?;
        if snapshot.flag(flag).is_none() {
            return Err(unknown_flag(&snapshot, flag));
        }
        let flag: FlagName = flag.parse().map_err(|_| EngineError::NotFound("feature flag"))?;
        check_reason(reason.as_deref())?;
        let since = self.inner.clock.now();
        let author = self.name_in_memory(principal.user);
        let row = Override { flag, environment: base, author, reason, since, recorded: Recorded::NotYet };
        let row = self.switch_off(row)?;
        let not_kept = self.keep_overrides().await.err();
        if let Some(problem) = &not_kept {
            tracing::error!(flag = row.flag.as_str(), problem, "an override is active but could not be kept");
        }
        // Told at once where the store answers; a store that does not is told later.
        let engine = self.clone();
        let recording = tokio::spawn(async move { engine.record_overrides().await });
        let _ = tokio::time::timeout(OVERRIDE_RECORD_WAIT, recording).await;
        let rows = self.inner.overrides.rows.lock();
        let row = rows.iter().find(|known| same(known, &row)).cloned().unwrap_or(row);
        Ok(Overridden { row, not_kept })
    }

    /// Ends an override. What is stored decides again.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] (one that the store does not know yet may bring the feature back, which takes the right
    /// to turn on); [`EngineError::NotFound`]; [`EngineError::Unavailable`] if the file cannot be written: the override
    /// stays then.
    pub async fn lift_override(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &str,
    ) -> Result<(), EngineError> {
        let base = self.allow_in(principal, Action::WriteFlags(Direction::OffWard), environment)?;
        let here = |row: &Override| row.environment == base && row.flag.as_str() == flag;
        let taken = {
            let mut rows = self.inner.overrides.rows.lock();
            let at = rows.iter().position(here).ok_or(EngineError::NotFound("override"))?;
            if rows[at].recorded == Recorded::NotYet || self.may_come_back(base, flag) {
                self.allow_in(principal, Action::WriteFlags(Direction::OnWard), environment)?;
            }
            rows.remove(at)
        };
        if let Err(reason) = self.keep_overrides().await {
            let mut rows = self.inner.overrides.rows.lock();
            rows.push(taken);
            self.apply_overrides(&rows);
            let retry_after = crate::limits::RETRY_AFTER_UNAVAILABLE;
            return Err(EngineError::Unavailable { reason, retry_after });
        }
        self.apply_overrides(&self.inner.overrides.rows.lock());
        Ok(())
    }

    /// Takes over what the file says, if it has changed. Called again and again by itself.
    ///
    /// # Errors
    /// What is wrong with the file, in words; what was known stays active.
    pub async fn look_at_overrides(&self) -> Result<(), String> {
        let Some(file) = &self.inner.overrides.file else { return Ok(()) };
        let mut kept = self.inner.overrides.kept.lock().await;
        self.take_over(&**file, &mut kept).await
    }

    /// Reads the file if somebody else changed it.
    async fn take_over(&self, file: &dyn OverrideFile, kept: &mut Vec<Override>) -> Result<(), String> {
        let Some(read) = file.read().await.map_err(|error| error.to_string())? else { return Ok(()) };
        let read: Vec<Override> = read.into_iter().map(|row| self.in_its_base(row)).collect();
        let mut rows = self.inner.overrides.rows.lock();
        *rows = Overrides::merged(&rows, kept, read.clone());
        *kept = read;
        self.apply_overrides(&rows);
        Ok(())
    }

    /// Writes what is in memory now, after taking over what somebody else wrote meanwhile: a row that was added by hand is
    /// never overwritten unseen.
    async fn keep_overrides(&self) -> Result<(), String> {
        let overrides = &self.inner.overrides;
        let Some(file) = &overrides.file else { return Ok(()) };
        let mut kept = overrides.kept.lock().await;
        let written = match self.take_over(&**file, &mut kept).await {
            Ok(()) => {
                let rows = overrides.rows.lock().clone();
                let written = file.write(rows.clone()).await.map_err(|error| error.to_string());
                if written.is_ok() {
                    *kept = rows;
                }
                written
            }
            Err(problem) => Err(problem),
        };
        overrides.behind.store(written.is_err(), Ordering::Relaxed);
        written
    }

    /// A row written by hand may name an environment that reads another's flags: that one is meant.
    fn in_its_base(&self, row: Override) -> Override {
        match self.inner.flags.base_of(&row.environment) {
            Some(base) => Override { environment: base.to_owned(), ..row },
            None => {
                let (flag, environment) = (row.flag.as_str(), &row.environment);
                tracing::error!(flag, environment, "an override names an environment that is not configured");
                row
            }
        }
    }

    /// Tells the store of every override that it does not know. Called again and again by itself.
    pub async fn record_overrides(&self) {
        let waiting: Vec<Override> = {
            let rows = self.inner.overrides.rows.lock();
            rows.iter().filter(|row| row.recorded == Recorded::NotYet).cloned().collect()
        };
        for row in waiting {
            if self.inner.flags.base_of(&row.environment).is_none() {
                continue;
            }
            let occasion = Occasion {
                via: "override".into(),
                origin: Origin::Command,
                reason: row.reason.clone(),
                unknown: UnknownFlag::Accept,
                mode: Mode::Make,
                spoken: None,
            };
            let change = FlagChange {
                environment: row.environment.clone(),
                flag: row.flag.clone(),
                change: Change::DisableEveryone,
                names: TargetNames::default(),
            };
            match self.set_flags_for(&row.author, change, occasion).await {
                Ok(_) => {
                    let mut rows = self.inner.overrides.rows.lock();
                    rows.iter_mut().filter(|known| same(known, &row)).for_each(|known| {
                        known.recorded = Recorded::Yes;
                    });
                }
                Err(error) => {
                    // The next one may be of another environment, on another server.
                    tracing::warn!(flag = row.flag.as_str(), %error, "an override waits for the store");
                    continue;
                }
            }
            if let Err(problem) = self.keep_overrides().await {
                tracing::warn!(problem, "could not note in the file that the store knows of an override");
            }
        }
    }

    /// Whether what is stored, or the default, gives the flag to anybody once nothing switches it off any more: it may
    /// have been turned on elsewhere since.
    fn may_come_back(&self, base: &str, flag: &str) -> bool {
        let Some(snapshot) = self.inner.flags.of(base) else { return true };
        let Some(found) = snapshot.flag(flag) else { return false };
        let nothing = FlagState { boolean: Some(false), ..FlagState::default() };
        let (definition, stored) = (found.definition.as_deref(), found.state.as_deref());
        direction(definition, Some(&nothing), stored) == Direction::OnWard
    }

    fn switch_off(&self, row: Override) -> Result<Override, EngineError> {
        let mut rows = self.inner.overrides.rows.lock();
        if let Some(known) = rows.iter().find(|known| same(known, &row)) {
            return Ok(known.clone());
        }
        // For each environment: whoever may only touch one leaves the others their brake.
        if rows.iter().filter(|other| other.environment == row.environment).count() >= OVERRIDES_MAX {
            let place = &row.environment;
            let rule = format!(
                "cannot be overridden: there are {OVERRIDES_MAX} overrides in {place} already; lift some"
            );
            return Err(EngineError::Invalid { field: "name", rule });
        }
        rows.push(row.clone());
        self.apply_overrides(&rows);
        Ok(row)
    }

    /// Swaps the snapshots to what `rows` say; whoever calls it holds them locked.
    fn apply_overrides(&self, rows: &[Override]) {
        let mut overridden: HashMap<String, BTreeSet<FlagName>> = HashMap::new();
        for row in rows {
            let Some(base) = self.inner.flags.base_of(&row.environment) else { continue };
            overridden.entry(base.to_owned()).or_default().insert(row.flag.clone());
        }
        self.inner.flags.override_with(&overridden);
    }

    /// The author's name without asking the store: it may be what is gone.
    pub(super) fn name_in_memory(&self, user: UserId) -> String {
        self.user_in_memory(user).map_or_else(|| format!("user {user}"), |user| user.username.clone())
    }
}

fn same(a: &Override, b: &Override) -> bool {
    a.flag == b.flag && a.environment == b.environment
}

/// Watches the file, and beside it tells the store, until the engine stops: a store that hangs holds up no look.
pub(crate) fn spawn(engine: Engine) {
    let recording = engine.clone();
    tokio::spawn(async move {
        while !recording.inner.stopping.load(Ordering::Relaxed) {
            recording.record_overrides().await;
            if recording.inner.overrides.behind.load(Ordering::Relaxed) {
                // Said when it failed first; in silence until it works.
                let _ = recording.keep_overrides().await;
            }
            tokio::time::sleep(OVERRIDES_RECORD_EVERY).await;
        }
    });
    tokio::spawn(async move {
        let mut told: Option<String> = None;
        while !engine.inner.stopping.load(Ordering::Relaxed) {
            let problem = engine.look_at_overrides().await.err();
            if let Some(problem) = problem.as_ref().filter(|problem| told.as_ref() != Some(*problem)) {
                tracing::error!(problem, "the overrides' file is not taken; those known before stay active");
            }
            told = problem;
            tokio::time::sleep(OVERRIDES_EVERY).await;
        }
    });
}
