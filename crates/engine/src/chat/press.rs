//! Buttons below replies: what they carry, and what pressing one does. A button gives no right: whoever presses it is
//! judged as if the command were given anew, and only the state that was shown is changed.

use crate::Engine;
use crate::command::Transport;
use crate::flags::{FlagWritten, SeenStep, StateMark};
use serde_json::{Value, json};
use wigwag_access::Principal;
use wigwag_chat::limits::BUTTON_BYTES_MAX;
use wigwag_chat::{ButtonStyle, Reply};
use wigwag_flags::FlagName;

/// What a button carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Press {
    /// Makes the change that a dry run showed, if what is stored is still that.
    Apply {
        /// The command.
        command: String,
        /// What was stored.
        seen: StateMark,
    },
    /// Takes a change back, if it is still the last.
    Undo {
        /// Where.
        environment: String,
        /// Of what.
        flag: FlagName,
        /// The step.
        seen: SeenStep,
    },
}

/// A button that was pressed, as text.
pub(crate) struct Pressed(String);

impl Press {
    /// Takes back what was just written.
    pub(crate) fn undo(written: &FlagWritten) -> Self {
        Self::Undo {
            environment: written.environment.clone(),
            flag: written.flag.clone(),
            seen: SeenStep {
                before: StateMark::of(written.before.as_ref()),
                after: StateMark::of(written.after.as_ref()),
            },
        }
    }

    /// Puts a button below a reply, if its value fits.
    pub(crate) fn below(&self, reply: Reply) -> Reply {
        let (label, style, value) = match self {
            Self::Apply { command, seen } => {
                ("Apply", ButtonStyle::Primary, json!({ "do": "apply", "c": command, "s": seen.to_string() }))
            }
            Self::Undo { environment, flag, seen: SeenStep { before, after } } => (
                "Undo",
                ButtonStyle::Danger,
                json!({
                    "do": "undo", "e": environment, "f": flag.to_string(),
                    "b": before.to_string(), "a": after.to_string(),
                }),
            ),
        };
        let value = value.to_string();
        if value.len() > BUTTON_BYTES_MAX { reply } else { reply.button(label, style, value) }
    }

    fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let word = |key: &str| value[key].as_str();
        let mark = |key: &str| word(key)?.parse::<StateMark>().ok();
        match word("do")? {
            "apply" => Some(Self::Apply { command: word("c")?.to_owned(), seen: mark("s")? }),
            "undo" => Some(Self::Undo {
                environment: word("e")?.to_owned(),
                flag: word("f")?.parse().ok()?,
                seen: SeenStep { before: mark("b")?, after: mark("a")? },
            }),
            _ => None,
        }
    }
}

impl Pressed {
    pub(crate) fn new(value: String) -> Self {
        Self(value)
    }
}

impl Engine {
    /// Does what a button says, for whoever pressed it.
    pub(crate) async fn press(&self, principal: &Principal, pressed: &Pressed, from: &Transport) -> Reply {
        match Press::read(&pressed.0) {
            Some(Press::Apply { command, seen }) => self.apply_shown(principal, &command, seen, from).await,
            Some(Press::Undo { environment, flag, seen }) => {
                self.undo_shown(principal, &environment, &flag, seen, from).await
            }
            None => Reply::refused()
                .text("This button is of another version and says nothing any more. Give the command again."),
        }
    }
}
