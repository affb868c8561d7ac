use super::{Check, Checked, Verdict};
use crate::Engine;
use crate::command::told;
use crate::flags::FlagWritten;

impl Engine {
    /// What was rolled back comes back only after somebody said that they know; no option passes over this.
    pub(super) async fn check_acknowledged(&self, written: &FlagWritten) -> Checked {
        let said = |verdict, reason: String| Checked::new(Check::Acknowledged, verdict, reason);
        match self.inner.store.open_rollback(written.flag.clone()).await {
            Ok(None) => said(Verdict::Passed, String::new()),
            Ok(Some(open)) => {
                let (flag, entry) = (&written.flag, &open.entry);
                let why = if entry.text.is_empty() { String::new() } else { format!(": {}", entry.text) };
                let reason = format!(
                    "{flag} was rolled back by {} at {}{why}. Nobody has acknowledged that yet, and no option passes over it.",
                    entry.author, entry.at
                );
                said(Verdict::Refused, reason).mended_by(vec![format!("rollout ack {flag}")])
            }
            Err(error) => said(Verdict::Refused, told::sentence(&error.into())),
        }
    }
}
