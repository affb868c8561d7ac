//! Chat commands: a line from a chat, a terminal or the console page is parsed, judged, run, and answered.
//!
//! ```text
//! text -> wigwag_chat::parse -> per environment, in deployment order:
//!         try the change -> checks/ -> make it (engine::flags) -> one part of the reply
//!         the first refusal stops the rest; the reply says what was done and what was not
//! ```
//!
//! A page asks beforehand: `preview.rs` gives the checks and the outcome as data, and makes the change that was shown;
//! `shown.rs` does the same for buttons.

mod checks;
mod complete;
mod contended;
mod failing;
mod gainers;
mod get;
mod list;
mod places;
mod preview;
mod releases;
mod rollout;
mod set;
mod shown;
mod targets;
pub(crate) mod told;
mod transport;
mod undo;
mod writing;

pub use checks::{Check, Checked, Verdict};
pub(crate) use contended::Contended;
pub use preview::Preview;
pub use transport::Transport;

use crate::chat::channel;
use crate::completed::completed;
use crate::limits::CHANNEL_CHARACTERS_MAX;
use crate::rights::allow;
use crate::{Engine, EngineError, EnvironmentKind};
use wigwag_access::{Action, Principal, Thing};
use wigwag_chat::{Command, Environment, ParseError, Reply, RolloutVerb, help, parse};

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
        channel_name: Option<&str>,
        via: &str,
    ) -> Result<Reply, EngineError> {
        allow(principal, Action::RunChat, Thing::Server)?;
        let from = match channel_name {
            None => Transport::direct(via),
            Some(name) => {
                allow(principal, Action::NameChatChannel, Thing::Server)?;
                Transport::Gateway(channel(checked_channel(name)?))
            }
        };
        let command = match self.parse(text) {
            Err(error) => return Ok(Reply::from(&error)),
            Ok(command) => command,
        };
        // To its end, even if whoever asked hangs up: a command may change one environment after the other.
        let (engine, principal) = (self.clone(), principal.clone());
        completed(async move { Ok(engine.run_parsed(&principal, &command, &from).await) }).await
    }

    /// The command that a text is, in the environments of this server.
    ///
    /// # Errors
    /// [`ParseError`] points at the place.
    pub fn parse(&self, text: &str) -> Result<Command, ParseError> {
        parse(text, &self.chat_environments())
    }

    /// Runs a command that was parsed. That the principal may run commands was asked before.
    pub(crate) async fn run_parsed(
        &self,
        principal: &Principal,
        command: &Command,
        from: &Transport,
    ) -> Reply {
        match command {
            Command::Help(topic) => help(*topic, &self.chat_environments()),
            Command::FeatureGet(get) => self.run_get(get),
            Command::FeatureList(list) => self.run_list(list),
            Command::FeatureSet(set) => self.run_set(principal, set, from).await,
            Command::FeatureDelete(delete) => self.run_delete(principal, delete, from).await,
            Command::AutoDeployStatus(asked) => self.run_auto_deploy_status(asked).await,
            Command::ReleaseCheck(check) => self.run_release_check(check).await,
            Command::Rollout(rollout) => self.run_rollout(principal, rollout, from).await,
            Command::HooksFailing(hooks) => self.run_hooks_failing(principal, hooks).await,
            Command::Link(_) => Reply::refused().text(
                "`link` is said in a chat, with the code that `wigwag chat link` prints where you are signed in.",
            ),
        }
    }

    /// The environments as the grammar knows them.
    pub fn chat_environments(&self) -> Vec<Environment<'_>> {
        let environments = self.inner.settings.environments.iter();
        let is_production = |kind| kind == EnvironmentKind::Production;
        environments
            .map(|one| Environment { name: &one.name, is_production: is_production(one.kind) })
            .collect()
    }
}

/// Whether a command asks for a change, be it only to see what would come of it: nobody does that who is not known.
pub(crate) fn asks_for_change(command: &Command) -> bool {
    match command {
        Command::FeatureSet(_) | Command::FeatureDelete(_) => true,
        Command::Rollout(rollout) => rollout.verb != RolloutVerb::Status,
        _ => false,
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
