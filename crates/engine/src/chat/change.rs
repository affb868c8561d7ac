//! What is told of a change of a flag: in channels, in charts, to hooks.

use super::content::to_content;
use super::destination::Destination;
use crate::Engine;
use crate::command::told;
use crate::flags::{FlagWritten, Occasion};
use bytes::Bytes;
use serde_json::json;
use wigwag_access::EnvironmentKind;
use wigwag_chat::Reply;
use wigwag_ports::flags::AuditEntry;
use wigwag_ports::outbox::NewMessage;

impl Engine {
    /// The messages that tell of a change, to be kept with it: also for the channel in which the command was given, where the
    /// answer alone could be lost. Without any chat there are none for channels; one that no chat reaches is given up with
    /// the reason, for people to see.
    pub(crate) fn messages_of(
        &self,
        written: &FlagWritten,
        row: &AuditEntry,
        occasion: &Occasion,
    ) -> Vec<NewMessage> {
        let message = |destination: &Destination, content: Bytes| NewMessage {
            destination: destination.to_string(),
            content,
            at: row.at,
        };
        let mut messages = Vec::new();
        let channels = self.channels_of(written);
        if !channels.is_empty() {
            let content = to_content(&self.report(written, row, occasion));
            let channels = channels.into_iter().map(Destination::Channel);
            messages.extend(channels.map(|channel| message(&channel, content.clone())));
        }
        if self.inner.outside.annotations.is_some() {
            messages.push(message(&Destination::Annotation, annotation(written, row)));
        }
        if self.inner.settings.chat.change_events_project.is_some() {
            messages.push(message(&Destination::Event, event(written, row)));
        }
        messages
    }

    /// Notes for the answer that a change was made, and whether a message tells of it where the command was given.
    pub(crate) fn note_made(&self, written: &FlagWritten, occasion: &Occasion) {
        let Some(heard) = occasion.spoken.as_ref().and_then(|spoken| spoken.heard.as_ref()) else { return };
        let is_here = |name: &String| self.names_channel(name, Some(heard.platform), &heard.channel);
        heard.note(self.channels_of(written).iter().any(is_here));
    }

    fn channels_of(&self, written: &FlagWritten) -> Vec<String> {
        if !self.has_chats() {
            return Vec::new();
        }
        let chat = &self.inner.settings.chat;
        let own = written.definition.as_deref().and_then(|definition| definition.channel.as_deref());
        let mut names: Vec<&str> = Vec::new();
        if self.inner.flags.kind_of(&written.environment) == EnvironmentKind::Production {
            names.extend([Some(chat.production_channel.as_str()), own].into_iter().flatten());
        }
        names.extend(chat.log_channel.as_deref());
        let mut told: Vec<String> = Vec::new();
        for name in names {
            if !told.iter().any(|one| one == name) {
                told.push(name.to_owned());
            }
        }
        told
    }

    /// What a channel is told.
    fn report(&self, written: &FlagWritten, row: &AuditEntry, occasion: &Occasion) -> Reply {
        let mut reply = told::change(Reply::done(), written, &written.environment, Vec::new());
        if let Some(spoken) = occasion.spoken.as_ref().filter(|spoken| !spoken.command.is_empty()) {
            reply = reply.code(spoken.command.clone());
        }
        let by = match &row.sudo_by {
            Some(admin) => format!("{} (by {admin})", row.author),
            None => row.author.clone(),
        };
        let mut fields = vec![("by".to_owned(), by), ("from".to_owned(), row.via.clone())];
        fields.extend(row.reason.iter().map(|reason| ("reason".to_owned(), reason.clone())));
        fields.push(("page".to_owned(), told::page(&self.inner.settings, &written.flag)));
        told::undo(reply.fields(fields), written)
    }
}

fn annotation(written: &FlagWritten, row: &AuditEntry) -> Bytes {
    let (flag, environment) = (&written.flag, &written.environment);
    let text =
        format!("{flag} in {environment}: {} -> {}, by {} ({})", row.before, row.after, row.author, row.via);
    let tags = ["feature-flag".to_owned(), flag.to_string(), environment.clone()];
    json!({ "at": row.at.as_millis(), "tags": tags, "text": text }).to_string().into()
}

fn event(written: &FlagWritten, row: &AuditEntry) -> Bytes {
    let state = told::state(written.definition.as_deref(), written.after.as_ref());
    json!({
        "object_kind": "feature_flag",
        "object_attributes": { "name": written.flag.to_string(), "active": state != "off", "state": state },
        "environment": written.environment,
        "before": row.before,
        "after": row.after,
        "user_username": row.author,
        "via": row.via,
        "reason": row.reason,
        "changed_at": row.at.to_string(),
    })
    .to_string()
    .into()
}
