//! Chat commands: a line from a chat, a terminal or the console page is parsed, judged, run, and answered.
//!
//! ```text
//! text -> wigwag_chat::parse -> per environment, in deployment order:
//!         try the change -> checks -> make it (engine::flags) -> one part of the reply
//!         the first refusal stops the rest; the reply says what was done and what was not
//! ```
//!
//! A page asks beforehand: `preview.rs` gives the checks and the outcome as data, and makes the change that was shown.
//!
//! Checks so far: the name, the value and the targets exist; `--random` is asked for twice; dependencies are on.
//! A write by which nobody gains skips the dependencies: the way back is never locked.

mod dependencies;
mod get;
mod places;
mod preview;
mod set;
mod targets;
mod undo;
mod words;

pub use preview::{Check, Checked, Preview, Verdict};

use crate::limits::CHANNEL_CHARACTERS_MAX;
use crate::rights::allow;
use crate::{Engine, EngineError, EnvironmentKind};
use wigwag_access::{Action, Principal, Thing};
use wigwag_chat::{Command, Environment, Reply, help, parse};

impl Engine {
    /// Runs one command and says what came of it. `via` is the way it came by, for the audit log (`console`, `cli`,
    /// `api`); `channel` the chat channel, where a gateway that may name one does.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] if the principal may not run commands, or names a channel without the right to;
    /// whatever goes wrong later is said in the reply.
    pub async fn run_command(
        &self,
        principal: &Principal,
        text: &str,
        channel: Option<&str>,
        via: &str,
    ) -> Result<Reply, EngineError> {
        allow(principal, Action::RunChat, Thing::Server)?;
        let via = match channel {
            None => via.to_owned(),
            Some(channel) => {
                allow(principal, Action::NameChatChannel, Thing::Server)?;
                format!("chat:{}", checked_channel(channel)?)
            }
        };
        let environments = self.chat_environments();
        Ok(match parse(text, &environments) {
            Err(error) => Reply::from(&error),
            Ok(Command::Help(topic)) => help(topic, &environments),
            Ok(Command::FeatureGet(get)) => self.run_get(&get),
            Ok(Command::FeatureSet(set)) => self.run_set(principal, &set, &via).await,
            Ok(Command::FeatureDelete(delete)) => self.run_delete(principal, &delete, &via).await,
        })
    }

    fn chat_environments(&self) -> Vec<Environment<'_>> {
        let environments = self.inner.settings.environments.iter();
        let is_production = |kind| kind == EnvironmentKind::Production;
        environments
            .map(|one| Environment { name: &one.name, is_production: is_production(one.kind) })
            .collect()
    }
}

fn checked_channel(channel: &str) -> Result<&str, EngineError> {
    let wrong = |rule: String| Err(EngineError::Invalid { field: "channel", rule });
    if channel.is_empty() || channel.chars().count() > CHANNEL_CHARACTERS_MAX {
        return wrong(format!("must have 1 to {CHANNEL_CHARACTERS_MAX} characters"));
    }
    if channel.contains(|c: char| c.is_control()) {
        return wrong("may not hold control characters".into());
    }
    Ok(channel)
}
