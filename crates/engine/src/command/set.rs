//! `feature set` and `feature delete`: environment by environment, in deployment order, to the first refusal.

use super::checks::{Checked, Depth, Verdict, darkened};
use super::places::Place;
use super::writing::{Refusal, Trial, Writing, ready_to_delete};
use super::{Transport, told};
use crate::chat::Press;
use crate::flags::{FlagWritten, Mode, StateMark};
use crate::{Engine, EngineError};
use std::collections::BTreeSet;
use wigwag_access::Principal;
use wigwag_chat::{Command, FeatureDelete, FeatureSet, Reply};
use wigwag_flags::Note;

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
        let writing = match self.ready_to_set(principal, set, from).await {
            Ok(writing) => writing,
            Err(error) => return Reply::refused().text(told::sentence(&error)),
        };
        let command = Command::FeatureSet(FeatureSet { dry_run: false, ..set.clone() });
        self.write_everywhere(&writing, &set.environments, &command).await
    }

    /// `feature delete`.
    pub(super) async fn run_delete(
        &self,
        principal: &Principal,
        delete: &FeatureDelete,
        from: &Transport,
    ) -> Reply {
        let writing = match ready_to_delete(principal, delete, from) {
            Ok(writing) => writing,
            Err(error) => return Reply::refused().text(told::sentence(&error)),
        };
        let command = Command::FeatureDelete(FeatureDelete { dry_run: false, ..delete.clone() });
        self.write_everywhere(&writing, &delete.environments, &command).await
    }

    async fn write_everywhere(
        &self,
        writing: &Writing<'_>,
        environments: &[String],
        command: &Command,
    ) -> Reply {
        let places = Place::all(&self.inner.flags, environments);
        if writing.dry_run {
            return self.show_everywhere(writing, &places, command).await;
        }
        let mut reply = Reply::done();
        for (index, place) in places.iter().enumerate() {
            match self.write_in(writing, place, Mode::Make).await {
                Ok(done) => {
                    let page = if index + 1 == places.len() { Page::Told } else { Page::LaterTold };
                    reply = self.tell(reply, writing, place, (&done, page));
                    if let ([_], Some(own)) = (places.as_slice(), done.written.last()) {
                        reply = self.undo_button(reply, own);
                    }
                }
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
        reply
    }

    /// Passes every check and makes the change.
    pub(super) async fn write_in(
        &self,
        writing: &Writing<'_>,
        place: &Place,
        mode: Mode,
    ) -> Result<Done, Refusal> {
        let trial = self.try_in(writing, place).await?;
        let checks = self.judge(writing, &trial, Depth::UntilRefused).await;
        if let Some(refused) = checks.iter().find(|checked| checked.verdict == Verdict::Refused) {
            return Err(Refusal { reason: refused.reason.clone(), commands: refused.commands.clone() });
        }
        let written = self.make(writing, trial, mode).await?;
        Ok(Done { written, checks })
    }

    /// `--dry-run`: what each environment would come to, with every check's outcome.
    async fn show_everywhere(&self, writing: &Writing<'_>, places: &[Place], command: &Command) -> Reply {
        let mut reply = Reply::done();
        let mut shown: Option<StateMark> = None;
        for place in places {
            let trial = match self.try_in(writing, place).await {
                Ok(trial) => trial,
                Err(error) => {
                    reply.ok = false;
                    reply = reply.text(format!("{} is refused. {}", place.title(), told::sentence(&error)));
                    continue;
                }
            };
            let checks = self.judge(writing, &trial, Depth::All).await;
            reply.ok &= checks.iter().all(|checked| checked.verdict != Verdict::Refused);
            reply = self.show(reply, writing, place, (trial, &checks));
            shown = self.mark_of(writing, place);
        }
        let reply = reply.text("This was a dry run: nothing was changed.");
        match (places, shown) {
            ([_], Some(seen)) if reply.ok => Press::Apply { command: command.to_string(), seen }.below(reply),
            _ => reply,
        }
    }

    fn show(
        &self,
        mut reply: Reply,
        writing: &Writing<'_>,
        place: &Place,
        (trial, checks): (Trial, &[Checked]),
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

    /// What was stored when it was shown.
    fn mark_of(&self, writing: &Writing<'_>, place: &Place) -> Option<StateMark> {
        let snapshot = self.inner.flags.of(&place.base)?;
        let flag = snapshot.flag(writing.flag.as_str());
        Some(StateMark::of(flag.and_then(|flag| flag.state.as_deref())))
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

/// What a refusal of what was shown says.
pub(super) fn refused(refusal: Refusal) -> EngineError {
    EngineError::Conflict(refusal.reason)
}
