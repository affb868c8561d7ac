//! Flags: all of them side by side, one with everything that is known of it, and changing it.
//!
//! ```text
//! list ---> show: sentence, gates, try, definition, exposure, history
//!            |--> change: form -> preview (GET) -> the previewed change (POST)
//!            |--> press: off, undo, override, lift (POST; none of them asks)
//!            `--> rollout: rollback, ack, note (POST)
//! ```

pub(crate) mod change;
mod exposure;
mod facts;
mod form;
mod gates;
mod history;
pub(crate) mod list;
mod places;
pub(crate) mod press;
mod preview;
mod reach;
pub(crate) mod rollout;
pub(crate) mod show;
mod trial;
mod words;

pub(crate) use history::{ChangeRow, change_row};
pub(crate) use places::{Overridden, overrides};

/// Where all flags are.
pub(crate) const FLAGS: &str = "/-/flags";

/// The page of one flag. Names hold no character that an address would need to escape.
pub(crate) fn href(name: &str) -> String {
    format!("{FLAGS}/{name}")
}

/// What a change made here is told by in the audit log.
pub(crate) const VIA: &str = "page";
