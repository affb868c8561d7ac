use crate::chat::Heard;
use crate::flags::board::{FlagBoard, Versions};
use crate::flags::remote::RemotePlace;
use crate::flags::{StateMark, TargetNames, direction, unknown_flag};
use crate::limits::{FLAG_WRITE_TRIES_MAX, REASON_CHARACTERS_MAX, REMOTE_AUDIT_WAIT};
use crate::rights::allow;
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{Action, Direction, Principal, Thing};
use wigwag_base::{Timestamp, UserId};
use wigwag_flags::{
    Change, Definition, FlagName, FlagState, Note, Origin, Snapshot, WriteContext, Written, apply,
};
use wigwag_ports::flags::{AuditEntry, FlagWrite};
use wigwag_ports::outbox::NewMessage;
use wigwag_ports::registry::UserKey;
use wigwag_ports::{Store, StoreError};

/// One change that is asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct FlagChange {
    /// The environment, by name.
    pub environment: String,
    /// The flag.
    pub flag: FlagName,
    /// What becomes of it.
    pub change: Change,
    /// Whom it is for, as the author named them, if it was by name: another server finds them by itself.
    pub names: TargetNames,
}

/// The circumstances of a change.
#[derive(Clone, Debug)]
pub struct Occasion {
    /// Where from, for the audit log: `api`, `chat:CHANNEL`, `console`, `cli`, `page`.
    pub via: String,
    /// Whether a default that is on is kept for everyone else.
    pub origin: Origin,
    /// Why, if the author said so.
    pub reason: Option<String>,
    /// Whether a flag may be made that is neither defined nor stored.
    pub unknown: UnknownFlag,
    /// Whether the change is made.
    pub mode: Mode,
    /// The command that it came by, if it came by one.
    pub spoken: Option<Spoken>,
}

/// A command as it was given.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// Its text; empty if a button was pressed that takes something back.
    pub command: String,
    /// The chat in which it was given, if it was one.
    pub heard: Option<Heard>,
}

/// What to do with a name that is neither defined nor stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownFlag {
    /// Refuse it, naming the nearest one.
    Refuse,
    /// Take it (`force`).
    Accept,
}

/// Whether a change is made or only tried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Make it.
    Make,
    /// Make it if what is stored of these flags is still what somebody was shown, or what the checks were asked of; else
    /// refuse.
    MakeIfStill(Vec<Seen>),
    /// Say what would be (`--dry-run`), with all checks.
    Try,
}

/// What was stored of a flag when somebody looked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The flag.
    pub flag: FlagName,
    /// What was stored of it.
    pub mark: StateMark,
}

/// What a change did, in one environment.
#[derive(Clone, PartialEq, Debug)]
pub struct FlagWritten {
    /// The environment that keeps the state.
    pub environment: String,
    /// The environments that were named and are this one or read its flags.
    pub named: Vec<String>,
    /// The flag.
    pub flag: FlagName,
    /// Its definition, if it has one.
    pub definition: Option<Arc<Definition>>,
    /// What was stored.
    pub before: Option<FlagState>,
    /// What is stored now.
    pub after: Option<FlagState>,
    /// Gates and opt-outs that were swept away.
    pub lost: FlagState,
    /// What to tell.
    pub notes: Vec<Note>,
    /// Whether anyone may have gained the feature.
    pub direction: Direction,
    /// What else to tell, each a sentence.
    pub remarks: Vec<String>,
}

impl Engine {
    /// Changes flags: all of the changes, with their audit rows, in one transaction, or none. Environments that read
    /// another's flags are written once, in that one. Nothing is written where nothing changes. The new state is what
    /// this node evaluates by before this returns, and it is completed even if the caller goes away.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`], [`EngineError::Invalid`] (an unknown flag or environment, a change that the rules
    /// refuse, or a reason with control characters), the store's.
    pub async fn set_flags(
        &self,
        principal: &Principal,
        changes: Vec<FlagChange>,
        occasion: Occasion,
    ) -> Result<Vec<FlagWritten>, EngineError> {
        check_reason(occasion.reason.as_deref())?;
        let elsewhere = self.remote_among(&changes);
        let author = self.audit_name(principal.user, elsewhere.as_deref()).await?;
        let sudo_by = match principal.sudo_by {
            Some(user) => Some(self.audit_name(user, elsewhere.as_deref()).await?),
            None => None,
        };
        let asking = Some(principal.clone());
        self.run_job(Job { author, sudo_by, asking, changes, occasion }).await
    }

    /// As [`Engine::set_flags`], in the name of someone whose right was asked before.
    ///
    /// # Errors
    /// As [`Engine::set_flags`], but for rights.
    pub(crate) async fn set_flags_for(
        &self,
        author: &str,
        change: FlagChange,
        occasion: Occasion,
    ) -> Result<Vec<FlagWritten>, EngineError> {
        let author = author.to_owned();
        self.run_job(Job { author, sudo_by: None, asking: None, changes: vec![change], occasion }).await
    }

    async fn run_job(&self, job: Job) -> Result<Vec<FlagWritten>, EngineError> {
        let (engine, elsewhere) = (self.clone(), self.remote_among(&job.changes));
        let work = async move {
            match elsewhere {
                Some(place) => job.run_elsewhere(&engine, &place).await.map(|written| vec![written]),
                None => job.run(&engine).await,
            }
        };
        // A task of its own: a caller that goes away between commit and swap must not leave memory behind the store.
        tokio::spawn(work).await.map_err(|_| EngineError::Unavailable {
            reason: "the change was interrupted; look whether it was made".into(),
            retry_after: crate::limits::RETRY_AFTER_UNAVAILABLE,
        })?
    }

    /// The name that the audit log has for a user. What is kept elsewhere can be changed without our store: then the name
    /// that is known must do.
    async fn audit_name(&self, user: UserId, elsewhere: Option<&RemotePlace>) -> Result<String, EngineError> {
        let asked = self.inner.store.user(UserKey::Id(user));
        let found = match elsewhere {
            None => asked.await?,
            Some(_) => match tokio::time::timeout(REMOTE_AUDIT_WAIT, asked).await {
                Ok(Ok(found)) => found,
                _ => return Ok(self.name_in_memory(user)),
            },
        };
        found.map(|user| user.username).ok_or(EngineError::Unauthorized)
    }
}

/// Changes with everything that it takes to make them.
pub(super) struct Job {
    /// Whose rights are asked; nobody's if they were asked before.
    asking: Option<Principal>,
    author: String,
    sudo_by: Option<String>,
    pub(super) changes: Vec<FlagChange>,
    pub(super) occasion: Occasion,
}

impl Job {
    async fn run(&self, engine: &Engine) -> Result<Vec<FlagWritten>, EngineError> {
        let (board, store) = (&*engine.inner.flags, &*engine.inner.store);
        let now = engine.inner.clock.now();
        let mut versions = board.lock().await;
        for _ in 0..FLAG_WRITE_TRIES_MAX {
            let written = self.plan(board)?;
            let changed: Vec<&FlagWritten> = written.iter().filter(|one| one.before != one.after).collect();
            if changed.is_empty() || self.occasion.mode == Mode::Try {
                return Ok(written);
            }
            self.check_rolled_back(store, changed.iter().copied()).await?;
            let writes: Vec<FlagWrite> = changed.iter().map(|one| to_write(one, &versions)).collect();
            let audit: Vec<AuditEntry> = changed.iter().map(|one| self.audit(one, now)).collect();
            let told = changed.iter().zip(&audit);
            let messages: Vec<NewMessage> =
                told.flat_map(|(one, row)| engine.messages_of(one, row, &self.occasion)).collect();
            let some_wait = !messages.is_empty();
            match store.write_flags(writes.clone(), audit, messages).await {
                Ok(()) => {
                    board.committed(writes, &mut versions);
                    changed.iter().for_each(|one| engine.note_made(one, &self.occasion));
                    if some_wait {
                        engine.inner.outbox.ring();
                    }
                    return Ok(written);
                }
                Err(StoreError::Stale) => board.reload(store, &mut versions).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Stale.into())
    }

    /// What the changes come to by the flags as they are now in memory.
    fn plan(&self, board: &FlagBoard) -> Result<Vec<FlagWritten>, EngineError> {
        let mut written: Vec<FlagWritten> = Vec::new();
        for (index, asked) in self.changes.iter().enumerate() {
            let base =
                board.base_of(&asked.environment).ok_or_else(|| unknown_environment(&asked.environment))?;
            let same_place = |one: &&mut FlagWritten| one.environment == base && one.flag == asked.flag;
            if let Some(twin) = written.iter_mut().find(same_place) {
                self.allow(board, asked, base, twin.direction)?;
                let same = |other: &FlagChange| other.flag == asked.flag && other.change == asked.change;
                let alike = self.changes[..index].iter().filter(|other| other.flag == asked.flag);
                if !alike.filter(|other| board.base_of(&other.environment) == Some(base)).all(same) {
                    let text = format!("{} gets two different changes in {base}", asked.flag);
                    return Err(EngineError::Conflict(text));
                }
                twin.named.push(asked.environment.clone());
                continue;
            }
            written.push(self.one(board, base, asked)?);
        }
        Ok(written)
    }

    fn one(&self, board: &FlagBoard, base: &str, asked: &FlagChange) -> Result<FlagWritten, EngineError> {
        let snapshot = board.of(base).ok_or_else(|| unknown_environment(base))?;
        let flag = snapshot.flag(asked.flag.as_str());
        if flag.is_none() && self.occasion.unknown == UnknownFlag::Refuse {
            // Whoever may not change flags at all is not told which there are.
            self.allow(board, asked, base, Direction::OffWard)?;
            return Err(unknown_flag(&snapshot, asked.flag.as_str()));
        }
        let definition = flag.and_then(|flag| flag.definition.clone());
        let before = flag.and_then(|flag| flag.state.as_deref().cloned());
        self.check_still(board, asked, base, before.as_ref())?;
        let context = WriteContext {
            definition: definition.as_deref(),
            origin: self.occasion.origin,
            groups: &*board.groups(),
        };
        let Written { after, lost, notes } =
            apply(before.as_ref(), &asked.change, &context).map_err(|refused| EngineError::Invalid {
                field: "value",
                rule: format!("is refused: {refused}"),
            })?;
        let direction = direction(definition.as_deref(), before.as_ref(), after.as_ref());
        // Whoever may only turn off makes no flags: there would be no end of them.
        let needs = if flag.is_none() { Direction::OnWard } else { direction };
        self.allow(board, asked, base, needs)?;
        check_overridden(&snapshot, &asked.flag, base, direction)?;
        Ok(FlagWritten {
            environment: base.to_owned(),
            named: vec![asked.environment.clone()],
            flag: asked.flag.clone(),
            definition,
            before,
            after,
            lost,
            notes,
            direction,
            remarks: Vec::new(),
        })
    }

    /// Refuses where something else is stored than what was shown.
    pub(super) fn check_still(
        &self,
        board: &FlagBoard,
        asked: &FlagChange,
        base: &str,
        before: Option<&FlagState>,
    ) -> Result<(), EngineError> {
        let Mode::MakeIfStill(seen) = &self.occasion.mode else { return Ok(()) };
        let Some(seen) = seen.iter().find(|seen| seen.flag == asked.flag) else { return Ok(()) };
        self.allow(board, asked, base, Direction::OffWard)?;
        if StateMark::of(before) == seen.mark {
            return Ok(());
        }
        let FlagChange { environment, flag, .. } = asked;
        Err(EngineError::Conflict(format!(
            "{flag} was changed in {environment} since you looked at it, so nothing was done; look at it again"
        )))
    }

    /// What was rolled back after the checks were asked stays off too: here nothing comes between question and write. The
    /// roll-back is kept before it turns off, so that one of the two sees the other.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] names the roll-back; the store's.
    pub(super) async fn check_rolled_back<'w>(
        &self,
        store: &dyn Store,
        written: impl Iterator<Item = &'w FlagWritten>,
    ) -> Result<(), EngineError> {
        if self.occasion.origin != Origin::Command {
            return Ok(());
        }
        for one in written.filter(|one| one.direction == Direction::OnWard) {
            if let Some(open) = store.open_rollback(one.flag.clone()).await? {
                return Err(EngineError::Conflict(format!(
                    "{flag} was rolled back by {author} meanwhile, and nobody has acknowledged that yet; see \
                     `rollout status {flag}`",
                    flag = one.flag,
                    author = open.entry.author
                )));
            }
        }
        Ok(())
    }

    pub(super) fn allow(
        &self,
        board: &FlagBoard,
        asked: &FlagChange,
        base: &str,
        direction: Direction,
    ) -> Result<(), EngineError> {
        let Some(principal) = &self.asking else { return Ok(()) };
        // By command a role is enough; the reference's API is for administrators.
        let action = match self.occasion.origin {
            Origin::Command => Action::CommandFlags(direction),
            Origin::Rest => Action::WriteFlags(direction),
        };
        let kind = board.kind_of(base);
        allow(principal, action, Thing::Environment { name: &asked.environment, base, kind })
    }

    pub(super) fn audit(&self, written: &FlagWritten, at: Timestamp) -> AuditEntry {
        AuditEntry {
            at,
            author: self.author.clone(),
            sudo_by: self.sudo_by.clone(),
            via: self.occasion.via.clone(),
            flag: Some(written.flag.to_string()),
            environment: Some(written.environment.clone()),
            before: in_words(written.definition.as_deref(), written.before.as_ref()),
            after: in_words(written.definition.as_deref(), written.after.as_ref()),
            reason: self.occasion.reason.clone(),
        }
    }
}

/// Refuses to turn on what an override keeps off: nobody would get it.
pub(super) fn check_overridden(
    snapshot: &Snapshot,
    flag: &FlagName,
    base: &str,
    direction: Direction,
) -> Result<(), EngineError> {
    if direction == Direction::OffWard || !snapshot.overridden(flag.as_str()) {
        return Ok(());
    }
    Err(EngineError::Conflict(format!(
        "an override switches {flag} off on this node, so nobody would get it; lift the override \
         first: wigwag flags override {flag} --lift --environment {base}"
    )))
}

/// A reason is a sentence or two for the audit log, and is shown on terminals.
pub(super) fn check_reason(reason: Option<&str>) -> Result<(), EngineError> {
    let Some(reason) = reason else { return Ok(()) };
    let invalid = |rule: String| Err(EngineError::Invalid { field: "reason", rule });
    if reason.chars().count() > REASON_CHARACTERS_MAX {
        return invalid(format!("is longer than {REASON_CHARACTERS_MAX} characters"));
    }
    if reason.chars().any(char::is_control) {
        return invalid("holds control characters or line ends".into());
    }
    Ok(())
}

/// What is stored, for people: `on for everyone; actors: User:5`, or `never set (off by default)`.
pub fn in_words(definition: Option<&Definition>, state: Option<&FlagState>) -> String {
    let Some(state) = state else {
        let on = definition.is_some_and(|definition| definition.default_enabled);
        return format!("never set ({} by default)", if on { "on" } else { "off" });
    };
    let words = state.words();
    if words.is_empty() { "off, no gate is set".into() } else { words.join("; ") }
}

fn to_write(written: &FlagWritten, versions: &Versions) -> FlagWrite {
    FlagWrite {
        environment: written.environment.clone(),
        name: written.flag.clone(),
        seen_version: versions.seen(&written.environment, &written.flag),
        after: written.after.clone(),
    }
}

pub(super) fn unknown_environment(name: &str) -> EngineError {
    EngineError::Invalid { field: "environment", rule: format!("{name:?} is not configured") }
}
