use super::dependencies::{darkened, unmet};
use super::places::Place;
use super::targets::Asked;
use super::{undo, words};
use crate::flags::{FlagChange, FlagWritten, Mode, Occasion, TargetNames, UnknownFlag};
use crate::{Engine, EngineError};
use std::collections::BTreeSet;
use wigwag_access::{Action, Direction, Principal};
use wigwag_chat::{FeatureDelete, FeatureSet, IgnoredCheck, Reply, ShareOf, Value};
use wigwag_flags::{Change, FlagName, Note, Origin};

/// One writing command, made ready.
pub(super) struct Writing<'c> {
    principal: &'c Principal,
    flag: FlagName,
    pub(super) occasion: Occasion,
    /// `None` for `feature delete`.
    pub(super) asked: Option<Asked<'c>>,
    dry_run: bool,
}

/// Why one environment was refused.
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) commands: Vec<String>,
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        Self { reason: words::sentence(&error), commands: Vec::new() }
    }
}

impl Engine {
    /// `feature set`.
    pub(super) async fn run_set(&self, principal: &Principal, set: &FeatureSet, via: &str) -> Reply {
        match self.ready_to_set(principal, set, via).await {
            Ok(writing) => self.write_everywhere(&writing, &set.environments).await,
            Err(error) => Reply::refused().text(words::sentence(&error)),
        }
    }

    /// `feature delete`.
    pub(super) async fn run_delete(&self, principal: &Principal, delete: &FeatureDelete, via: &str) -> Reply {
        match ready_to_delete(principal, delete, via) {
            Ok(writing) => self.write_everywhere(&writing, &delete.environments).await,
            Err(error) => Reply::refused().text(words::sentence(&error)),
        }
    }

    /// Finds what a `feature set` names.
    pub(super) async fn ready_to_set<'c>(
        &self,
        principal: &'c Principal,
        set: &'c FeatureSet,
        via: &str,
    ) -> Result<Writing<'c>, EngineError> {
        // Before names are looked up: a refusal of one tells the nearest that exists.
        for environment in set.environments.iter().filter(|_| !set.targets.is_empty()) {
            self.allow_in(principal, Action::WriteFlags(Direction::OffWard), environment)?;
        }
        let asked = Some(self.ask(set).await?);
        let flag = flag_name(&set.name)?;
        let random = matches!(set.value, Value::Share(_, ShareOf::Time));
        if random && !set.ignored.contains(&IgnoredCheck::RandomDeprecation) {
            let why = "a percentage of time rolls the dice anew at every call and has caused outages. Use --actors; or, \
                       if it must be, add --ignore-random-deprecation-check.";
            return Err(EngineError::Conflict(why.into()));
        }
        let occasion = occasion(via, reason_with_ignored(set));
        Ok(Writing { principal, flag, occasion, asked, dry_run: set.dry_run })
    }

    async fn write_everywhere(&self, writing: &Writing<'_>, environments: &[String]) -> Reply {
        let places = Place::all(&self.inner.flags, environments);
        let mut reply = Reply::done();
        for (index, place) in places.iter().enumerate() {
            match self.write_in(writing, place).await {
                Ok(written) => reply = self.tell(reply, writing, place, &written),
                Err(refusal) => {
                    reply.ok = false;
                    reply = reply.text(format!("{} is refused. {}", place.title(), refusal.reason));
                    if !refusal.commands.is_empty() {
                        reply = reply.code(refusal.commands.join("\n"));
                    }
                    return tell_rest(reply, &places[..index], &places[index + 1..]);
                }
            }
        }
        if writing.dry_run { reply.text("This was a dry run: nothing was changed.") } else { reply }
    }

    async fn write_in(&self, writing: &Writing<'_>, place: &Place) -> Result<FlagWritten, Refusal> {
        let tried = self.change_in(writing, place, Mode::Try).await?;
        if let Some(refusal) = self.unmet(writing, &tried) {
            return Err(refusal);
        }
        if writing.dry_run {
            return Ok(tried);
        }
        Ok(self.change_in(writing, place, Mode::Make).await?)
    }

    /// What a change that was tried depends on and is not on; nothing where nobody gains.
    pub(super) fn unmet(&self, writing: &Writing<'_>, tried: &FlagWritten) -> Option<Refusal> {
        let asked = writing.asked.as_ref().filter(|_| tried.direction == Direction::OnWard)?;
        let unmet = unmet(&self.inner.flags, tried, asked.set, asked.targets(self.kept(&tried.environment)))?;
        Some(Refusal { reason: unmet.reason, commands: unmet.commands })
    }

    /// Tries or makes the change in one environment.
    pub(super) async fn change_in(
        &self,
        writing: &Writing<'_>,
        place: &Place,
        mode: Mode,
    ) -> Result<FlagWritten, EngineError> {
        let (made, names) = match &writing.asked {
            None => (Change::Delete, TargetNames::default()),
            Some(asked) => (asked.change(self.kept(&place.base)), asked.names()),
        };
        let change = |environment: &String| FlagChange {
            environment: environment.clone(),
            flag: writing.flag.clone(),
            change: made.clone(),
            names: names.clone(),
        };
        let changes = place.named.iter().map(change).collect();
        let occasion = Occasion { mode, ..writing.occasion.clone() };
        let mut written = self.set_flags(writing.principal, changes, occasion).await?;
        written.pop().ok_or(EngineError::NotFound("environment"))
    }

    fn tell(&self, reply: Reply, writing: &Writing<'_>, place: &Place, written: &FlagWritten) -> Reply {
        let definition = written.definition.as_deref();
        let was = words::state(definition, written.before.as_ref());
        let is = words::state(definition, written.after.as_ref());
        let moved =
            if written.before == written.after { format!("still {is}") } else { format!("{was} -> {is}") };
        let mut reply = reply.text(format!("{} in {}: {moved}.", written.flag, place.title()));
        let mut fields = words::changes(written);
        if let Some(asked) = &writing.asked
            && !writing.dry_run
        {
            fields.extend(self.decided(written, asked));
        }
        if !fields.is_empty() {
            reply = reply.fields(fields);
        }
        for note in &written.notes {
            reply = reply.text(words::note(note));
        }
        for remark in &written.remarks {
            reply = reply.text(remark.clone());
        }
        if is == "off" && was != "off" {
            let dark: BTreeSet<_> = darkened(&self.inner.flags, written).into_iter().collect();
            if !dark.is_empty() {
                reply =
                    reply.text(format!("What depends on it goes dark with it: {}.", words::listed(&dark)));
            }
        }
        if let Some(asked) = &writing.asked
            && !asked.set.ignored.is_empty()
        {
            let ignored: BTreeSet<_> = asked.set.ignored.iter().map(|check| check.as_str()).collect();
            reply = reply.text(format!("Checks passed over: {}.", words::listed(&ignored)));
        }
        if writing.dry_run || written.notes.contains(&Note::Unchanged) {
            return reply;
        }
        match undo::commands(written) {
            Some(commands) => reply.text("To undo:").code(commands.join("\n")),
            None => reply,
        }
    }
}

/// Makes a `feature delete` ready.
pub(super) fn ready_to_delete<'c>(
    principal: &'c Principal,
    delete: &'c FeatureDelete,
    via: &str,
) -> Result<Writing<'c>, EngineError> {
    let flag = flag_name(&delete.name)?;
    let occasion = occasion(via, delete.reason.clone());
    let dry_run = delete.dry_run;
    Ok(Writing { principal, flag, occasion, asked: None, dry_run })
}

fn occasion(via: &str, reason: Option<String>) -> Occasion {
    Occasion {
        via: via.to_owned(),
        origin: Origin::Command,
        reason,
        unknown: UnknownFlag::Refuse,
        mode: Mode::Make,
    }
}

fn tell_rest(reply: Reply, done: &[Place], rest: &[Place]) -> Reply {
    let titles = |places: &[Place]| places.iter().map(Place::title).collect::<Vec<_>>().join(", ");
    match (done, rest) {
        ([], []) => reply,
        ([], rest) => reply.text(format!("Not tried: {}.", titles(rest))),
        (done, []) => reply.text(format!("Done before: {}.", titles(done))),
        (done, rest) => reply.text(format!("Done before: {}. Not tried: {}.", titles(done), titles(rest))),
    }
}

fn flag_name(text: &str) -> Result<FlagName, EngineError> {
    text.parse().map_err(|error| EngineError::Invalid { field: "name", rule: format!("{text:?} {error}") })
}

/// The author's reason, and after it the checks that were passed over.
fn reason_with_ignored(set: &FeatureSet) -> Option<String> {
    let ignored: Vec<String> = set.ignored.iter().map(|check| format!("--{}", check.as_str())).collect();
    let parts: Vec<String> = set.reason.iter().cloned().chain(ignored).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
