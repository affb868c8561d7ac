use super::{Check, Checked, Verdict, forgets_only};
use crate::Engine;
use crate::chat::title;
use crate::command::told;
use crate::command::writing::Writing;
use crate::flags::FlagWritten;
use wigwag_access::{Action, Direction};

impl Engine {
    /// Whoever got here may make the change; forgetting what is stored in production takes as much as writing it.
    pub(super) fn check_rights(&self, writing: &Writing<'_>, written: &FlagWritten) -> Checked {
        if !forgets_only(writing, written) || !self.is_production(written) {
            return Checked::new(Check::Rights, Verdict::Passed, "");
        }
        let allowed = |action| self.allow_in(writing.principal, action, &written.environment).map(drop);
        // A token that may turn off may forget what is off: it is no role that it goes by.
        let by_token = allowed(Action::WriteFlags(Direction::OffWard));
        match by_token.or_else(|_| allowed(Action::CommandFlags(Direction::OnWard))) {
            Ok(()) => Checked::new(Check::Rights, Verdict::Passed, ""),
            Err(error) => Checked::new(Check::Rights, Verdict::Refused, told::sentence(&error)),
        }
    }

    /// What is turned on in production from a chat is said where everybody who watches production sees it.
    pub(super) fn check_channel(&self, writing: &Writing<'_>, written: &FlagWritten) -> Checked {
        let said = |verdict, reason: String| Checked::new(Check::Channel, verdict, reason);
        if !self.is_production(written) {
            return said(Verdict::NotNeeded, format!("{} is not production.", written.environment));
        }
        if written.direction == Direction::OffWard && !forgets_only(writing, written) {
            return said(Verdict::NotNeeded, "Nobody gets it by this.".into());
        }
        let production = &self.inner.settings.chat.production_channel;
        let platform = writing.from.heard().map(|heard| heard.platform);
        match writing.from.channel() {
            None => said(Verdict::NotNeeded, "From here the role is enough.".into()),
            Some(channel) if self.names_channel(production, platform, channel) => {
                said(Verdict::Passed, format!("It came from {production}."))
            }
            Some(channel) => {
                let where_from = title(channel);
                let where_from = if where_from.is_empty() { "a private conversation" } else { where_from };
                let why = format!(
                    "Production is changed in {production}, where everybody sees it; this came from {where_from}. Say it there. \
                     Turning off works from anywhere."
                );
                said(Verdict::Refused, why)
            }
        }
    }
}
