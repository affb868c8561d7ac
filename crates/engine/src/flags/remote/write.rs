//! Changing a flag that another server keeps.

use super::asking::{self, Request};
use super::known::Catalogue;
use super::parse;
use super::place::{RemotePlace, Told};
use super::server::RemoteError;
use crate::flags::write::{Job, check_overridden, unknown_environment};
use crate::flags::{
    FlagBoard, FlagChange, FlagWritten, Mode, TargetNames, UnknownFlag, direction, unknown_flag,
};
use crate::limits::{REMOTE_AUDIT_WAIT, RETRY_AFTER_UNAVAILABLE};
use crate::{Engine, EngineError};
use std::sync::Arc;
use std::time::Duration;
use wigwag_access::Direction;
use wigwag_flags::{Change, FlagName, Note, Origin, Written, apply};
use wigwag_ports::flags::AuditEntry;

/// A change that was judged, and what is to be sent for it.
struct Planned {
    written: FlagWritten,
    request: Request,
    /// Whether `written.after` can be believed before the other server has said so.
    after: After,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum After {
    /// It is what comes of it.
    Sure,
    /// It has stand-ins for those who are named, or what was before is not known for sure.
    Guessed,
}

impl Job {
    /// Makes its change on the server that keeps the environment.
    ///
    /// # Errors
    /// As [`Engine::set_flags`]; [`EngineError::Unavailable`] if that server cannot be asked, with what to do instead.
    pub(in crate::flags) async fn run_elsewhere(
        &self,
        engine: &Engine,
        place: &Arc<RemotePlace>,
    ) -> Result<FlagWritten, EngineError> {
        let asked = self.only_one(engine, place)?;
        let _turn = place.turn().await;
        let seen = self.see(engine, place, asked).await?;
        let planned = self.planned(engine, place, asked, seen)?;
        if self.occasion.mode == Mode::Try {
            return Ok(previewed(place, asked, planned));
        }
        if planned.after == After::Sure && planned.written.before == planned.written.after {
            return Ok(planned.written);
        }
        self.check_rolled_back(&*engine.inner.store, std::iter::once(&planned.written)).await?;
        self.make(engine, place, planned).await
    }

    /// The one change; another server makes one at a time.
    fn only_one(&self, engine: &Engine, place: &RemotePlace) -> Result<&FlagChange, EngineError> {
        let (first, others) = self.changes.split_first().ok_or_else(|| unknown_environment(""))?;
        let here = |change: &FlagChange| {
            engine.inner.flags.base_of(&change.environment) == Some(place.environment.as_str())
        };
        let same = |other: &FlagChange| {
            here(other)
                && other.flag == first.flag
                && other.change == first.change
                && other.names == first.names
        };
        if here(first) && others.iter().all(same) {
            return Ok(first);
        }
        Err(EngineError::Conflict(format!(
            "the flags of {} are kept by {}, which makes one change at a time; ask for this one by itself",
            place.environment,
            place.server.url()
        )))
    }

    /// Reads the flags anew. What can only take a flag from people goes on without.
    async fn see(
        &self,
        engine: &Engine,
        place: &RemotePlace,
        asked: &FlagChange,
    ) -> Result<After, EngineError> {
        let takes_only =
            matches!(asked.change, Change::DisableEveryone | Change::Disable(_) | Change::OptOut(_));
        if takes_only && !matches!(self.occasion.mode, Mode::MakeIfStill(_)) {
            return Ok(After::Guessed);
        }
        match place.look(engine).await {
            Ok(()) => Ok(After::Sure),
            Err(_) if takes_only => Ok(After::Guessed),
            Err(reason) => Err(place.unavailable(&asked.flag, Direction::OnWard, &reason)),
        }
    }

    fn planned(
        &self,
        engine: &Engine,
        place: &RemotePlace,
        asked: &FlagChange,
        seen: After,
    ) -> Result<Planned, EngineError> {
        let (board, base) = (&engine.inner.flags, place.environment.as_str());
        let snapshot = board.of(base).ok_or_else(|| unknown_environment(base))?;
        let flag = snapshot.flag(asked.flag.as_str());
        let all_known = place.is_read() && place.known().catalogue == Catalogue::Whole;
        if flag.is_none() && self.occasion.unknown == UnknownFlag::Refuse && all_known {
            self.allow_each(board, base, Direction::OffWard)?;
            return Err(unknown_flag(&snapshot, asked.flag.as_str()));
        }
        let definition = flag.and_then(|flag| flag.definition.clone());
        let before = flag.and_then(|flag| flag.state.as_deref().cloned());
        self.check_still(board, asked, base, before.as_ref())?;
        let context = asking::context(definition.as_deref(), Origin::Rest);
        let invalid = |rule: String| EngineError::Invalid { field: "value", rule };
        let Written { after, lost, mut notes } = apply(before.as_ref(), &asked.change, &context)
            .map_err(|refused| invalid(format!("is refused: {refused}")))?;
        let direction = match asked.change {
            // By name nobody here can tell who it is.
            Change::Enable(_) | Change::RemoveOptOut(_) => Direction::OnWard,
            Change::Disable(_) | Change::OptOut(_) => Direction::OffWard,
            _ => direction(definition.as_deref(), before.as_ref(), after.as_ref()),
        };
        self.allow_each(board, base, direction)?;
        check_overridden(&snapshot, &asked.flag, base, direction)?;
        if self.occasion.origin == Origin::Command && notes.contains(&Note::DefaultShadowed) {
            return Err(EngineError::Conflict(format!(
                "this would take {flag} from everyone who is not named: it was never set in {base} and is on by default \
                 there; store it as on for everyone first: feature set {flag} true --env={base}",
                flag = asked.flag
            )));
        }
        let names = if asked.names.is_empty() { TargetNames::of(&asked.change) } else { asked.names.clone() };
        let mut request = asking::request(&asked.change, &names, definition.as_deref(), before.as_ref())
            .map_err(|why| {
                invalid(format!("is refused: the flags of {base} are kept by {}; {why}", place.server.url()))
            })?;
        if let (Request::Set(fields), UnknownFlag::Accept, None) = (&mut request, self.occasion.unknown, flag)
        {
            fields["force"] = "true".into();
        }
        let guessed = seen == After::Guessed || names.are_by_name();
        if guessed {
            notes.retain(|note| *note != Note::Unchanged);
        }
        let written = FlagWritten {
            environment: base.to_owned(),
            named: self.changes.iter().map(|change| change.environment.clone()).collect(),
            flag: asked.flag.clone(),
            definition,
            before,
            after,
            lost,
            notes,
            direction,
            remarks: Vec::new(),
        };
        Ok(Planned { written, request, after: if guessed { After::Guessed } else { After::Sure } })
    }

    /// Rights count for every environment that is named.
    fn allow_each(&self, board: &FlagBoard, base: &str, direction: Direction) -> Result<(), EngineError> {
        self.changes.iter().try_for_each(|change| self.allow(board, change, base, direction))
    }

    async fn make(
        &self,
        engine: &Engine,
        place: &Arc<RemotePlace>,
        planned: Planned,
    ) -> Result<FlagWritten, EngineError> {
        let Planned { mut written, request, .. } = planned;
        let by_name = self.changes.iter().any(|change| change.names.are_by_name());
        if written.direction == Direction::OnWard {
            place.can_be_audited(engine).await?;
        }
        let changing = place.changing();
        let done = match &request {
            Request::Set(fields) => place.server.set(&written.flag, fields).await.map(Some),
            Request::Delete => place.server.delete(&written.flag).await.map(|()| None),
        };
        let now = engine.inner.clock.now();
        let body = match done {
            Ok(body) => body,
            Err(error) => {
                drop(changing);
                if let RemoteError::Unanswered(reason) = &error {
                    let after = format!("not known: {reason}");
                    let row = AuditEntry { after, ..self.audit(&written, now) };
                    let _ = place.record(engine, Told { row, messages: Vec::new() }).await;
                }
                return Err(place.refusal(&written.flag, written.direction, error));
            }
        };
        match body.map(|body| parse::changed(&body)).transpose() {
            Ok(told) => written.after = told.map(|(_, state)| state),
            Err(problem) => {
                if by_name {
                    // Stand-ins are nobody: better what was known than what nobody has.
                    written.after.clone_from(&written.before);
                }
                written.remarks.push(format!(
                    "It was made, but {problem} What is shown may be wrong until {} is read again.",
                    place.environment
                ));
            }
        }
        place.changed(engine, &written.flag, written.after.clone());
        drop(changing);
        if written.before == written.after && !written.notes.contains(&Note::Unchanged) {
            written.notes.push(Note::Unchanged);
        }
        engine.note_made(&written, &self.occasion);
        let row = self.audit(&written, now);
        let messages = engine.messages_of(&written, &row, &self.occasion);
        if let Err(reason) = place.record(engine, Told { row, messages }).await {
            written.remarks.push(format!(
                "It is made, but the audit log does not have it yet: {reason}. It is written as soon as the store answers."
            ));
        }
        Ok(written)
    }
}

/// What would come of a change, with a word on what only the other server knows.
fn previewed(place: &RemotePlace, asked: &FlagChange, planned: Planned) -> FlagWritten {
    let mut written = planned.written;
    if asked.names.are_by_name() {
        written.remarks.push(format!(
            "Who that is in {} is known to {} alone, and is asked when the change is made.",
            place.environment,
            place.server.url()
        ));
    }
    written
}

impl RemotePlace {
    /// Nothing is turned on that could not be recorded: what waits is written, and what is known is kept anew.
    async fn can_be_audited(self: &Arc<Self>, engine: &Engine) -> Result<(), EngineError> {
        match self.keep_within(engine, Vec::new(), REMOTE_AUDIT_WAIT).await {
            Ok(()) => Ok(()),
            Err(reason) => Err(EngineError::Unavailable {
                reason: format!("the audit log cannot be written, so nothing is turned on: {reason}"),
                retry_after: RETRY_AFTER_UNAVAILABLE,
            }),
        }
    }

    async fn record(self: &Arc<Self>, engine: &Engine, told: Told) -> Result<(), String> {
        let recorded = self.keep_within(engine, vec![told], REMOTE_AUDIT_WAIT).await;
        if let Err(reason) = &recorded {
            tracing::error!(environment = self.environment, reason, "an audit row waits for the store");
        }
        recorded
    }

    /// Keeps in the background; a store that hangs holds up nobody for longer than `wait`.
    async fn keep_within(
        self: &Arc<Self>,
        engine: &Engine,
        rows: Vec<Told>,
        wait: Duration,
    ) -> Result<(), String> {
        let (place, engine) = (self.clone(), engine.clone());
        let keeping = tokio::spawn(async move { place.keep(&engine, rows).await });
        match tokio::time::timeout(wait, keeping).await {
            Ok(Ok(kept)) => kept.map_err(|error| error.to_string()),
            Ok(Err(_)) => Err("it was interrupted".into()),
            Err(_) => Err("the store does not answer".into()),
        }
    }

    /// Why nothing was done, for the person who asked.
    fn refusal(&self, flag: &FlagName, direction: Direction, error: RemoteError) -> EngineError {
        let place = format!("the flags of {} are kept by {}", self.environment, self.server.url());
        match error {
            RemoteError::Refused { status: 400 | 409 | 422, words, .. } => {
                let words = words.strip_prefix("400 Bad request - ").unwrap_or(&words);
                EngineError::Invalid { field: "value", rule: format!("is refused: {words} ({place})") }
            }
            RemoteError::Refused { status: 429, retry_after, .. } => {
                EngineError::TooMany { retry_after: retry_after.unwrap_or(RETRY_AFTER_UNAVAILABLE) }
            }
            RemoteError::Refused { status, words, .. } if status < 500 => EngineError::Conflict(format!(
                "{place}, which answers {status}: {words}. Nothing was changed"
            )),
            RemoteError::Unanswered(reason) => EngineError::Unavailable {
                reason: format!(
                    "{place}, from which no answer came back ({reason}): whether {flag} was changed is not known until it is \
                     read again. {}",
                    self.instead(flag, direction)
                ),
                retry_after: RETRY_AFTER_UNAVAILABLE,
            },
            error => self.unavailable(flag, direction, &error.to_string()),
        }
    }

    /// The other server cannot be asked, and what to do instead.
    fn unavailable(&self, flag: &FlagName, direction: Direction, reason: &str) -> EngineError {
        let (environment, url) = (&self.environment, self.server.url());
        let instead = match direction {
            Direction::OffWard => self.instead(flag, direction),
            Direction::OnWard => "Nothing was changed".into(),
        };
        EngineError::Unavailable {
            reason: format!(
                "the flags of {environment} are kept by {url}, which cannot be asked now: {reason}. {instead}"
            ),
            retry_after: RETRY_AFTER_UNAVAILABLE,
        }
    }

    /// What turns off meanwhile, or where to look.
    fn instead(&self, flag: &FlagName, direction: Direction) -> String {
        let environment = &self.environment;
        match direction {
            Direction::OffWard => format!(
                "Switch it off there yourself; for those who ask this node, an override does: \
                 wigwag flags override {flag} --environment {environment}"
            ),
            Direction::OnWard => format!("Look at {} before you do it again", self.server.url()),
        }
    }
}
