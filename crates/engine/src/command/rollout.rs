//! `rollout ...`, as far as it exists: announcing, notes, roll-backs and their acknowledgement.

use super::writing::{flag_name, occasion};
use super::{Transport, told};
use crate::chat::channel_message;
use crate::flags::{FlagChange, TargetNames, unknown_flag};
use crate::limits::{NOTE_CHARACTERS_MAX, REASON_CHARACTERS_MAX, ROLLOUT_ENTRIES_SHOWN};
use crate::rights::allow;
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{Action, Direction, EnvironmentKind, Principal, Thing};
use wigwag_base::{Page, PageOf};
use wigwag_chat::{Audiences, Command, Reply, Rollout, RolloutVerb};
use wigwag_flags::{Change, Definition, FlagName};
use wigwag_ports::flags::AuditEntry;
use wigwag_ports::rollout_log::{NewRolloutEntry, RolloutEntry, RolloutEntryKind};

/// A rollout command whose flag was found.
struct Asked<'c> {
    principal: &'c Principal,
    flag: FlagName,
    definition: Option<Arc<Definition>>,
    from: &'c Transport,
    /// The command, for the channels.
    command: String,
}

impl Engine {
    /// What was said and done about a flag's rollout, newest first, for whoever may run commands.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn rollout_log(
        &self,
        principal: &Principal,
        flag: &FlagName,
        page: Page,
    ) -> Result<PageOf<RolloutEntry>, EngineError> {
        allow(principal, Action::RunChat, Thing::Server)?;
        Ok(self.inner.store.rollout_entries(flag.clone(), page).await?)
    }

    /// The roll-back of a flag that nobody has acknowledged yet, for whoever may run commands.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn open_rollback(
        &self,
        principal: &Principal,
        flag: &FlagName,
    ) -> Result<Option<RolloutEntry>, EngineError> {
        allow(principal, Action::RunChat, Thing::Server)?;
        Ok(self.inner.store.open_rollback(flag.clone()).await?)
    }

    /// Runs what exists of it.
    pub(super) async fn run_rollout(
        &self,
        principal: &Principal,
        rollout: &Rollout,
        from: &Transport,
    ) -> Reply {
        let done = async {
            let asked = self.rollout_of(principal, rollout, from)?;
            match &rollout.verb {
                RolloutVerb::Status => self.rollout_status(&asked).await,
                RolloutVerb::Announce { at, text, audiences, dry_run } => {
                    let said = self.announcement(&asked, at.as_deref(), text.as_deref()).await?;
                    self.announce(&asked, said, audiences, *dry_run).await
                }
                RolloutVerb::Note { text, qa } => self.note_rollout(&asked, text, *qa).await,
                RolloutVerb::Ack { reason } => self.acknowledge(&asked, reason.as_deref()).await,
                RolloutVerb::Rollback { reason } => self.roll_back(&asked, reason.as_deref()).await,
                later => Ok(Reply::refused().text(format!(
                    "`rollout {}` belongs to rollouts with steps, which this version does not have yet. There are: rollout \
                     status, announce, note, ack, rollback.",
                    later.word()
                ))),
            }
        };
        let done: Result<Reply, EngineError> = done.await;
        match done {
            Ok(reply) => reply,
            Err(error) => self.not_ready((principal, from), &Command::Rollout(rollout.clone()), &error).await,
        }
    }

    fn rollout_of<'c>(
        &self,
        principal: &'c Principal,
        rollout: &Rollout,
        from: &'c Transport,
    ) -> Result<Asked<'c>, EngineError> {
        let flag = flag_name(&rollout.name)?;
        let names = self.inner.settings.environments.iter();
        let known = names.filter_map(|one| self.inner.flags.of(&one.name));
        let found = known.filter_map(|snapshot| Some(snapshot.flag(flag.as_str())?.definition.clone()));
        let definitions: Vec<Option<Arc<Definition>>> = found.collect();
        if definitions.is_empty() {
            return Err(unknown_flag(&self.inner.flags.own(), flag.as_str()));
        }
        let definition = definitions.into_iter().flatten().next();
        let command = Command::Rollout(rollout.clone()).to_string();
        Ok(Asked { principal, flag, definition, from, command })
    }

    /// What is stored, and what was said and done.
    async fn rollout_status(&self, asked: &Asked<'_>) -> Result<Reply, EngineError> {
        let flag = &asked.flag;
        let mut reply = Reply::done();
        if let Some(open) = self.inner.store.open_rollback(flag.clone()).await? {
            reply = reply
                .text(format!(
                    "{flag} was rolled back by {} at {}; turning it on is refused until that is acknowledged.",
                    open.entry.author, open.entry.at
                ))
                .code(format!("rollout ack {flag}"));
        }
        let states = self.bases().map(|name| (name.to_owned(), self.state_word(name, flag).to_owned()));
        reply = reply.fields(states.collect());
        let page = Page::new(1, ROLLOUT_ENTRIES_SHOWN);
        let entries = self.inner.store.rollout_entries(flag.clone(), page).await?;
        let rows = entries.rows.iter().map(|row| {
            let entry = &row.entry;
            vec![
                entry.at.to_string(),
                entry.kind.as_str().to_owned(),
                entry.author.clone(),
                entry.text.clone(),
            ]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        reply = match rows.is_empty() {
            true => reply.text("Nothing was announced or noted yet."),
            false => reply.table(&["at", "what", "by", "text"], rows),
        };
        Ok(reply.text(format!("Page: {}", told::page(&self.inner.settings, flag))))
    }

    /// What an announcement says.
    async fn announcement(
        &self,
        asked: &Asked<'_>,
        at: Option<&str>,
        text: Option<&str>,
    ) -> Result<String, EngineError> {
        let description = asked.definition.as_deref().map_or("", |one| one.description.as_str());
        let states: Vec<String> =
            self.bases().map(|name| format!("{} in {name}", self.state_word(name, &asked.flag))).collect();
        let author = self.author(asked).await?;
        let filled = [
            ("{flag}", asked.flag.to_string()),
            ("{description}", description.to_owned()),
            ("{state}", states.join(", ")),
            ("{time}", at.unwrap_or("soon").to_owned()),
            ("{author}", author),
            ("{url}", told::page(&self.inner.settings, &asked.flag)),
        ];
        let template = text.unwrap_or(&self.inner.settings.chat.announcement);
        Ok(fill(template, &filled))
    }

    /// Tells the channels, and keeps that it was told.
    async fn announce(
        &self,
        asked: &Asked<'_>,
        said: String,
        audiences: &Audiences,
        dry_run: bool,
    ) -> Result<Reply, EngineError> {
        let (channels, missing) = self.audience(asked, audiences)?;
        let mut reply = if dry_run {
            Reply::done().text("This would be said:").text(said.clone())
        } else {
            self.keep_entry(asked, RolloutEntryKind::Announcement, &said, &channels).await?;
            Reply::done().text(said.clone())
        };
        let told = if dry_run { "would be told" } else { "told" };
        if !channels.is_empty() {
            reply = reply.fields(vec![(told.into(), channels.join(", "))]);
        }
        for reason in missing {
            reply = reply.text(reason);
        }
        if dry_run { Ok(reply.text("This was a dry run: nothing was said.")) } else { Ok(reply) }
    }

    /// The channels of an announcement, and why others are left out.
    fn audience(
        &self,
        asked: &Asked<'_>,
        audiences: &Audiences,
    ) -> Result<(Vec<String>, Vec<String>), EngineError> {
        let chat = &self.inner.settings.chat;
        let own = asked.definition.as_deref().and_then(|one| one.channel.clone());
        let words = [
            ("team", own, "the flag's definition names no channel"),
            ("production", Some(chat.production_channel.clone()), ""),
            ("support", chat.support_channel.clone(), "no support_channel is set under [chat]"),
            ("log", chat.log_channel.clone(), "no log_channel is set under [chat]"),
        ];
        let named: Vec<&str> = match audiences {
            Audiences::All => vec!["team", "production", "support"],
            Audiences::Some(named) => named.iter().map(String::as_str).collect(),
        };
        let (mut channels, mut missing) = (Vec::new(), Vec::new());
        for name in named {
            let channel = match words.iter().find(|(word, ..)| *word == name) {
                Some((_, Some(channel), _)) => channel.clone(),
                Some((word, None, why)) => {
                    missing.push(format!("Not told: {word}; {why}."));
                    continue;
                }
                None if name.starts_with('#') => name.to_owned(),
                None => {
                    let rule = format!(
                        "{name:?} is nobody to tell; there are team, production, support, log, or #channel"
                    );
                    return Err(EngineError::Invalid { field: "to", rule });
                }
            };
            if !self.reaches(&channel) {
                missing.push(format!("Not told: {channel}; no chat is configured that reaches it."));
            } else if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        if channels.is_empty() {
            return Err(EngineError::Conflict(format!("nobody would hear it. {}", missing.join(" "))));
        }
        Ok((channels, missing))
    }

    async fn note_rollout(&self, asked: &Asked<'_>, text: &str, qa: bool) -> Result<Reply, EngineError> {
        let kind = if qa { RolloutEntryKind::Qa } else { RolloutEntryKind::Note };
        let own = asked.definition.as_deref().and_then(|one| one.channel.clone());
        let channels: Vec<String> = own.into_iter().filter(|name| self.reaches(name)).collect();
        self.keep_entry(asked, kind, text, &channels).await?;
        let what = if qa { "The QA result" } else { "The note" };
        let reply = Reply::done().text(format!("{what} on {} is kept: {text}", asked.flag));
        Ok(if channels.is_empty() { reply } else { reply.fields(vec![("told".into(), channels.join(", "))]) })
    }

    async fn acknowledge(&self, asked: &Asked<'_>, reason: Option<&str>) -> Result<Reply, EngineError> {
        let flag = &asked.flag;
        let Some(open) = self.inner.store.open_rollback(flag.clone()).await? else {
            return Ok(Reply::done().text(format!("No roll-back of {flag} waits for that.")));
        };
        for environment in self.production() {
            self.allow_in(asked.principal, Action::CommandFlags(Direction::OnWard), environment)?;
        }
        let channels = self.watchers(asked);
        self.keep_entry(asked, RolloutEntryKind::Acknowledgement, reason.unwrap_or(""), &channels).await?;
        Ok(Reply::done().text(format!(
            "The roll-back of {flag} by {} is acknowledged: it may be turned on again.",
            open.entry.author
        )))
    }

    /// Off in every environment, production first; nothing stands in its way but the right to turn off. That it is rolled
    /// back is kept before, so that nobody turns it on between; if it cannot be kept, it goes off all the same.
    async fn roll_back(&self, asked: &Asked<'_>, reason: Option<&str>) -> Result<Reply, EngineError> {
        self.allow_talk(asked)?;
        let flag = &asked.flag;
        let mut reply = Reply::done();
        let channels = self.watchers(asked);
        let text: String = reason.unwrap_or_default().chars().take(NOTE_CHARACTERS_MAX).collect();
        let kept = self.keep_entry(asked, RolloutEntryKind::Rollback, &text, &channels).await;
        let mut environments: Vec<&str> = self.bases().collect();
        environments.reverse();
        for environment in environments {
            let why = reason.map_or_else(|| "roll-back".to_owned(), |reason| format!("roll-back: {reason}"));
            let change = FlagChange {
                environment: environment.to_owned(),
                flag: flag.clone(),
                change: Change::DisableEveryone,
                names: TargetNames::default(),
            };
            let why = why.chars().take(REASON_CHARACTERS_MAX).collect();
            let occasion = occasion(asked.from, Some(why), asked.command.clone());
            match self.set_flags(asked.principal, vec![change], occasion).await {
                Ok(written) => {
                    for one in &written {
                        reply = told::change(reply, one, environment, Vec::new());
                    }
                }
                Err(error) => {
                    reply.ok = false;
                    reply = reply.text(format!("{environment}: {}", told::sentence(&error)));
                }
            }
        }
        Ok(match kept {
            Ok(()) => reply
                .text("Turning it on is refused until somebody says that they know:")
                .code(format!("rollout ack {flag}")),
            Err(error) => {
                let text = format!(
                    "That it was rolled back could not be kept, so nothing keeps it from being turned on again. {} Say it once \
                     more.",
                    told::sentence(&error)
                );
                Reply { ok: false, ..reply }.text(text)
            }
        })
    }

    /// Keeps what was said with its audit row and the messages that tell of it.
    async fn keep_entry(
        &self,
        asked: &Asked<'_>,
        kind: RolloutEntryKind,
        text: &str,
        channels: &[String],
    ) -> Result<(), EngineError> {
        if text.chars().count() > NOTE_CHARACTERS_MAX {
            let rule = format!("is longer than {NOTE_CHARACTERS_MAX} characters");
            return Err(EngineError::Invalid { field: "text", rule });
        }
        self.allow_talk(asked)?;
        let (at, author, flag) = (self.inner.clock.now(), self.author(asked).await?, &asked.flag);
        let entry =
            NewRolloutEntry { flag: flag.clone(), kind, author: author.clone(), text: text.to_owned(), at };
        let sudo_by = match asked.principal.sudo_by {
            Some(admin) => Some(self.username_of(admin).await?),
            None => None,
        };
        let row = AuditEntry {
            at,
            author: author.clone(),
            sudo_by,
            via: asked.from.via(),
            flag: Some(flag.to_string()),
            environment: None,
            before: String::new(),
            after: format!("{}: {text}", kind.as_str()),
            reason: None,
        };
        let title = match kind {
            RolloutEntryKind::Announcement => format!("Announcement by {author}:"),
            RolloutEntryKind::Note => format!("{author} on {flag}:"),
            RolloutEntryKind::Qa => format!("QA result of {flag}, by {author}:"),
            RolloutEntryKind::Rollback => format!("{author} rolled {flag} back. {text}"),
            RolloutEntryKind::Acknowledgement => {
                format!("{author} acknowledged the roll-back of {flag}. {text}")
            }
        };
        let mut said = Reply::done().text(title);
        if matches!(kind, RolloutEntryKind::Announcement | RolloutEntryKind::Note | RolloutEntryKind::Qa) {
            said = said.text(text);
        }
        let messages = channels.iter().map(|name| channel_message(name, &said, at)).collect();
        self.inner.store.append_rollout_entry(entry, row, messages).await?;
        if let Some(heard) = asked.from.heard() {
            let is_here = |name: &String| self.names_channel(name, Some(heard.platform), &heard.channel);
            heard.note(channels.iter().any(is_here));
        }
        self.inner.outbox.ring();
        Ok(())
    }

    /// Whoever may write anywhere may speak of a rollout.
    fn allow_talk(&self, asked: &Asked<'_>) -> Result<(), EngineError> {
        let action = Action::CommandFlags(Direction::OffWard);
        let mut refused = EngineError::NotFound("environment");
        for environment in self.bases() {
            match self.allow_in(asked.principal, action, environment) {
                Ok(_) => return Ok(()),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    async fn author(&self, asked: &Asked<'_>) -> Result<String, EngineError> {
        self.allow_talk(asked)?;
        self.username_of(asked.principal.user).await
    }

    /// The channels of those who watch: production's and the flag's own.
    fn watchers(&self, asked: &Asked<'_>) -> Vec<String> {
        let own = asked.definition.as_deref().and_then(|one| one.channel.clone());
        let production = self.inner.settings.chat.production_channel.clone();
        let mut names: Vec<String> = [Some(production), own].into_iter().flatten().collect();
        names.dedup();
        names.retain(|_| self.has_chats());
        names
    }

    /// The environments that keep flags, in deployment order.
    fn bases(&self) -> impl Iterator<Item = &str> {
        let environments = self.inner.settings.environments.iter();
        environments.filter(|one| one.flags_of.is_none()).map(|one| one.name.as_str())
    }

    fn production(&self) -> impl Iterator<Item = &str> {
        self.bases().filter(|name| self.inner.flags.kind_of(name) == EnvironmentKind::Production)
    }

    fn state_word(&self, environment: &str, flag: &FlagName) -> &'static str {
        let snapshot = self.inner.flags.of(environment);
        let found = snapshot.as_ref().and_then(|snapshot| snapshot.flag(flag.as_str()));
        let definition = found.and_then(|flag| flag.definition.as_deref());
        told::state(definition, found.and_then(|flag| flag.state.as_deref()))
    }
}

/// A template with its places filled, each once and from left to right: what is filled in is never looked at again.
fn fill(template: &str, filled: &[(&str, String)]) -> String {
    let (mut said, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('{') {
        said.push_str(&rest[..at]);
        rest = &rest[at..];
        match filled.iter().find(|(place, _)| rest.starts_with(place)) {
            Some((place, text)) => {
                said.push_str(text);
                rest = &rest[place.len()..];
            }
            None => {
                said.push('{');
                rest = &rest[1..];
            }
        }
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        let filled = [("{a}", "{b}".to_owned()), ("{b}", "2".to_owned())];
        assert_eq!(fill("{a} {b} {c} {", &filled), "{b} 2 {c} {");
        assert_eq!(fill("", &filled), "");
    }
}
