//! `feature set` and `feature delete`: environment by environment, in deployment order, to the first refusal.

use super::checks::{Checked, Depth, Verdict, darkened};
use super::places::Place;
use super::writing::{Refusal, Trial, Writing, ready_to_delete};
use super::{Transport, told};
use crate::chat::Press;
use crate::flags::{FlagWritten, StateMark};
use crate::limits::JUDGED_AGAIN_MAX;
use crate::{Engine, EngineError};
use std::collections::BTreeSet;
use wigwag_access::Principal;
use wigwag_chat::{Command, FeatureDelete, FeatureSet, Reply};
use wigwag_flags::{FlagName, Note};

/// Whether a part of a reply names the flag's page: the last part does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Page {
    Told,
    LaterTold,
}

/// What was done in one environment.
pub(super) struct Done {
    pub(super) written: Vec<FlagWritten>,
    pub(super) checks: Vec<Checked>,
}

impl Engine {
    /// `feature set`.
    pub(super) async fn run_set(&self, principal: &Principal, set: &FeatureSet, from: &Transport) -> Reply {
        let command = Command::FeatureSet(FeatureSet { dry_run: false, ..set.clone() });
        let writing = match self.ready_to_set(principal, set, from).await {
            Ok(writing) => writing,
            Err(error) => return self.not_ready((principal, from), &command, &error).await,
        };
        self.write_everywhere(writing, &set.environments, &command).await
    }

    /// `feature delete`.
    pub(super) async fn run_delete(
        &self,
        principal: &Principal,
        delete: &FeatureDelete,
        from: &Transport,
    ) -> Reply {
        let command = Command::FeatureDelete(FeatureDelete { dry_run: false, ..delete.clone() });
        let writing = match ready_to_delete(principal, delete, from) {
            Ok(writing) => writing,
            Err(error) => return self.not_ready((principal, from), &command, &error).await,
        };
        self.write_everywhere(writing, &delete.environments, &command).await
    }

    /// Refuses a command that could not even be made ready.
    pub(super) async fn not_ready(
        &self,
        by: (&Principal, &Transport),
        command: &Command,
        error: &EngineError,
    ) -> Reply {
        self.note_not_allowed(by, &command.to_string(), error).await;
        Reply::refused().text(told::sentence(error))
    }

    async fn write_everywhere(
        &self,
        mut writing: Writing<'_>,
        environments: &[String],
        command: &Command,
    ) -> Reply {
        let places = Place::all(&self.inner.flags, environments);
        if writing.dry_run {
            return self.show_everywhere(&mut writing, &places, command).await;
        }
        let writing = &writing;
        let mut reply = Reply::done();
        for (index, place) in places.iter().enumerate() {
            match self.write_in(writing, place, None).await {
                Ok(done) => {
                    let page = if index + 1 == places.len() { Page::Told } else { Page::LaterTold };
                    reply = self.tell(reply, writing, place, (&done, page));
                    if let ([_], Some(own)) = (places.as_slice(), done.written.last()) {
                        reply = self.undo_button(reply, own);
                    }
                }
                Err(refusal) => {
                    reply = self.tell_refusal(reply, writing, place, refusal).await;
                    return tell_rest(reply, &places[..index], &places[index + 1..]);
                }
            }
        }
        reply
    }

    /// Says why an environment was refused, and notes it where who asked is the reason.
    pub(super) async fn tell_refusal(
        &self,
        reply: Reply,
        writing: &Writing<'_>,
        place: &Place,
        refusal: Refusal,
    ) -> Reply {
        let command = writing.occasion.spoken.as_ref().map_or("", |spoken| spoken.command.as_str());
        self.note_not_allowed((writing.principal, writing.from), command, &refusal.error).await;
        let reply =
            Reply { ok: false, ..reply }.text(format!("{} is refused. {}", place.title(), refusal.reason));
        if refusal.commands.is_empty() { reply } else { reply.code(refusal.commands.join("\n")) }
    }

    /// Passes every check and makes the change, if what is stored of the flag is what was `shown`, where something was. What
    /// somebody changes between the checks and the write makes them be asked again: nothing is made that was not judged.
    pub(super) async fn write_in(
        &self,
        writing: &Writing<'_>,
        place: &Place,
        shown: Option<StateMark>,
    ) -> Result<Done, Refusal> {
        let mut trial = self.try_in(writing, place).await?;
        let mut turn = None;
        for _ in 0..JUDGED_AGAIN_MAX {
            let marks = trial.seen();
            let own = trial.own().map(|own| StateMark::of(own.before.as_ref()));
            if shown.is_some_and(|shown| own != Some(shown)) {
                return Err(changed_since(&writing.flag, &place.base).into());
            }
            let checks = self.judge(writing, &trial, Depth::UntilRefused).await;
            if let Some(refused) = checks.iter().find(|checked| checked.verdict == Verdict::Refused) {
                return Err(refused.into());
            }
            match self.make(writing, &trial).await {
                Ok(written) => return Ok(Done { written, checks }),
                Err(error @ EngineError::Conflict(_)) => {
                    if turn.is_none() {
                        turn = Some(self.inner.contended.turn(&writing.flag).await);
                    }
                    trial = self.try_in(writing, place).await?;
                    if trial.seen() == marks {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        let text = format!("{} is changed again and again at the same time; say it once more", writing.flag);
        Err(EngineError::Conflict(text).into())
    }

    /// `--dry-run`: what each environment would come to, with every check's outcome, as if those before it were done.
    async fn show_everywhere(&self, writing: &mut Writing<'_>, places: &[Place], command: &Command) -> Reply {
        let mut reply = Reply::done();
        let mut shown: Option<StateMark> = None;
        for place in places {
            let trial = match self.try_in(writing, place).await {
                Ok(trial) => trial,
                Err(error) => {
                    reply = self.tell_refusal(reply, writing, place, error.into()).await;
                    continue;
                }
            };
            let checks = self.judge(writing, &trial, Depth::All).await;
            let passes = checks.iter().all(|checked| checked.verdict != Verdict::Refused);
            reply.ok &= passes;
            shown = trial.own().map(|own| StateMark::of(own.before.as_ref()));
            reply = self.show(reply, writing, place, (&trial, &checks));
            if passes {
                writing.earlier.extend(trial.written);
            }
        }
        let reply = reply.text("This was a dry run: nothing was changed.");
        if !reply.ok {
            return reply;
        }
        let reply = reply.text("This makes it:").code(command.to_string());
        match (places, shown) {
            ([_], Some(seen)) => Press::Apply { command: command.to_string(), seen }.below(reply),
            _ => reply,
        }
    }

    fn show(
        &self,
        mut reply: Reply,
        writing: &Writing<'_>,
        place: &Place,
        (trial, checks): (&Trial, &[Checked]),
    ) -> Reply {
        for written in &trial.written {
            reply = told::change(reply, written, &place.title(), Vec::new());
            reply = self.remarks(reply, writing, written);
        }
        let line = |checked: &Checked| {
            let word = checked.verdict.as_str();
            let told = if checked.reason.is_empty() {
                word.to_owned()
            } else {
                format!("{word}: {}", checked.reason)
            };
            (checked.check.title().to_owned(), told)
        };
        reply = reply.text("Checks:").fields(checks.iter().map(line).collect());
        let mends: Vec<&str> =
            checks.iter().flat_map(|checked| &checked.commands).map(String::as_str).collect();
        if mends.is_empty() { reply } else { reply.code(mends.join("\n")) }
    }

    /// What was done in one environment, and how to take it back.
    pub(super) fn tell(
        &self,
        reply: Reply,
        writing: &Writing<'_>,
        place: &Place,
        (done, page): (&Done, Page),
    ) -> Reply {
        let mut reply = reply;
        for written in &done.written {
            let decided = writing.asked.as_ref().map(|asked| self.decided(written, asked));
            reply = told::change(reply, written, &place.title(), decided.unwrap_or_default());
            reply = self.remarks(reply, writing, written);
        }
        for checked in &done.checks {
            match checked.verdict {
                Verdict::Warned => reply = reply.text(format!("Mind: {}", checked.reason)),
                Verdict::PassedOver => {
                    let text = format!("Passed over: {}. {}", checked.check.title(), checked.reason);
                    reply = reply.text(text);
                }
                _ => {}
            }
        }
        if page == Page::Told {
            let page = told::page(&self.inner.settings, &writing.flag);
            reply = reply.text(format!("Page: {page}"));
        }
        let changed = done.written.iter().rev().filter(|one| !one.notes.contains(&Note::Unchanged));
        changed.fold(reply, told::undo)
    }

    /// What else there is to say of a change.
    fn remarks(&self, mut reply: Reply, writing: &Writing<'_>, written: &FlagWritten) -> Reply {
        for note in &written.notes {
            reply = reply.text(told::note(note));
        }
        for remark in &written.remarks {
            reply = reply.text(remark.clone());
        }
        let definition = written.definition.as_deref();
        let was = told::state(definition, written.before.as_ref());
        let is = told::state(definition, written.after.as_ref());
        if is == "off" && was != "off" {
            let dark: BTreeSet<_> = darkened(&self.inner.flags, written).into_iter().collect();
            if !dark.is_empty() {
                reply = reply.text(format!("What depends on it goes dark with it: {}.", told::listed(&dark)));
            }
            reply = self.warn_of_production(reply, writing, written);
        }
        reply
    }

    /// Turned off where it is tried first, and still on where users are: somebody should look.
    fn warn_of_production(&self, reply: Reply, writing: &Writing<'_>, written: &FlagWritten) -> Reply {
        let chat = &self.inner.settings.chat;
        let staging = self.inner.flags.base_of(&chat.consistency_environment);
        if staging != Some(written.environment.as_str()) {
            return reply;
        }
        let on: BTreeSet<&str> = self
            .inner
            .settings
            .environments
            .iter()
            .filter(|one| one.kind == crate::EnvironmentKind::Production && one.flags_of.is_none())
            .filter(|one| {
                let snapshot = self.inner.flags.of(&one.name);
                let flag = snapshot.as_ref().and_then(|snapshot| snapshot.flag(writing.flag.as_str()));
                let state = flag.and_then(|flag| flag.state.as_deref());
                told::state(flag.and_then(|flag| flag.definition.as_deref()), state) != "off"
            })
            .map(|one| one.name.as_str())
            .collect();
        if on.is_empty() {
            return reply;
        }
        reply.text(format!("Mind: {} is not off in {}.", writing.flag, told::listed(&on)))
    }

    /// A button that takes a change back, where our store knows what was before.
    pub(super) fn undo_button(&self, reply: Reply, written: &FlagWritten) -> Reply {
        let changed = written.before != written.after;
        if changed && self.remote_of(&written.environment).is_none() {
            Press::undo(written).below(reply)
        } else {
            reply
        }
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

/// What was shown is not what is there any more.
pub(super) fn changed_since(flag: &FlagName, environment: &str) -> EngineError {
    EngineError::Conflict(format!(
        "{flag} was changed in {environment} since you looked at it, so nothing was done; look at it again"
    ))
}
