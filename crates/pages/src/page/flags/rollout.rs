//! What was said and done about a flag's rollout, and the buttons for it: each runs the command of the same name.

use crate::answer::Outcome;
use crate::ask::{Ask, done};
use crate::limits::ROLLOUT_ENTRIES_SHOWN;
use crate::page::flags::{VIA, href, show};
use crate::shell::{Notice, Tone};
use crate::view::When;
use axum::http::StatusCode;
use wigwag_base::Page;
use wigwag_chat::{Command, Rollout, RolloutVerb};
use wigwag_engine::EngineError;
use wigwag_flags::FlagName;
use wigwag_ports::rollout_log::{RolloutEntry, RolloutEntryKind};

/// A button below what was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Talk {
    /// Off everywhere.
    RollBack,
    /// It is known that it was rolled back.
    Acknowledge,
    /// Something is remarked.
    Note,
}

impl Talk {
    /// The last part of its address.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "rollback" => Some(Self::RollBack),
            "ack" => Some(Self::Acknowledge),
            "note" => Some(Self::Note),
            _ => None,
        }
    }
}

/// What the page shows of a rollout.
pub(crate) struct Told {
    /// The roll-back that nobody has acknowledged: when, by whom, why.
    pub(crate) open: Option<Row>,
    /// Newest first.
    pub(crate) rows: Vec<Row>,
}

/// One thing that was said or done.
pub(crate) struct Row {
    pub(crate) at: When,
    pub(crate) what: &'static str,
    pub(crate) author: String,
    pub(crate) text: String,
}

/// What was told of a flag's rollout; `None` if the database does not say now.
///
/// # Errors
/// [`EngineError::Forbidden`].
pub(crate) async fn told(ask: &Ask, flag: &FlagName) -> Result<Option<Told>, EngineError> {
    let page = Page::new(1, ROLLOUT_ENTRIES_SHOWN);
    let found = async {
        let open = ask.engine.open_rollback(&ask.principal, flag).await?;
        Ok((open, ask.engine.rollout_log(&ask.principal, flag, page).await?))
    };
    match found.await {
        Ok((open, entries)) => Ok(Some(Told {
            open: open.map(|entry| row(ask, &entry)),
            rows: entries.rows.iter().map(|entry| row(ask, entry)).collect(),
        })),
        Err(EngineError::Unavailable { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

fn row(ask: &Ask, kept: &RolloutEntry) -> Row {
    let entry = &kept.entry;
    let what = match entry.kind {
        RolloutEntryKind::Announcement => "announced",
        RolloutEntryKind::Note => "noted",
        RolloutEntryKind::Qa => "QA result",
        RolloutEntryKind::Rollback => "rolled back",
        RolloutEntryKind::Acknowledgement => "acknowledged",
    };
    Row { at: When::new(entry.at, ask.now), what, author: entry.author.clone(), text: entry.text.clone() }
}

/// Runs the command that a button stands for.
pub(crate) async fn say(ask: &Ask, name: &str, talk: Talk) -> Outcome {
    let (flag, _) = show::find(ask, name)?;
    let text = ask.form.filled("text").map(ToOwned::to_owned);
    let verb = match (talk, text) {
        (Talk::RollBack, reason) => {
            RolloutVerb::Rollback { reason: reason.map(|text| sayable(ask, &flag, text)) }
        }
        (Talk::Acknowledge, reason) => RolloutVerb::Ack { reason },
        (Talk::Note, Some(text)) => RolloutVerb::Note { text, qa: ask.form.ticked("qa", "1") },
        (Talk::Note, None) => {
            return refused(ask, name, "Write something before you keep it.".into()).await;
        }
    };
    let command = Command::Rollout(Rollout { name: flag.to_string(), verb });
    let reply = ask.engine.run_command(&ask.principal, &command.to_string(), None, VIA).await?;
    if !reply.ok {
        return refused(ask, name, reply.to_text()).await;
    }
    let word = match talk {
        Talk::RollBack => "rolled-back",
        Talk::Acknowledge => "acknowledged",
        Talk::Note => "noted",
    };
    done(&format!("{}?done={word}#rollout", href(flag.as_str())))
}

/// A reason as a command can hold it: nothing keeps a roll-back from being made, least of all how its reason is written.
fn sayable(ask: &Ask, flag: &FlagName, reason: String) -> String {
    let verb = RolloutVerb::Rollback { reason: Some(reason.clone()) };
    let command = Command::Rollout(Rollout { name: flag.to_string(), verb });
    if ask.engine.parse(&command.to_string()).is_ok_and(|parsed| parsed == command) {
        return reason;
    }
    let quotes = ['"', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{ab}', '\u{bb}'];
    reason.replace(quotes, "'").replace(|c: char| c.is_control(), " ")
}

async fn refused(ask: &Ask, name: &str, text: String) -> Outcome {
    let notice = Some(Notice { tone: Tone::Bad, text });
    show::render(ask, name, notice, StatusCode::CONFLICT).await
}
