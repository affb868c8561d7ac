//! `rollout ...`: the talk about a flag's way to everyone.

use super::Command;
use super::feature::name;
use crate::error::Fault;
use crate::limits::NAME_BYTES_MAX;
use crate::parse::Parsed;
use crate::spec::{Argument, CommandSpec, Count, FLAG, Named, OptionSpec, Runs, Takes};
use crate::text::{check, option_text};

/// Does something with a flag's rollout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rollout {
    /// The flag, or the rollout's name, as written.
    pub name: String,
    /// What.
    pub verb: RolloutVerb,
}

/// What is done with a rollout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RolloutVerb {
    /// Begins it.
    Start,
    /// Shows where it stands.
    Status,
    /// Takes the next step.
    Next,
    /// Holds it.
    Pause,
    /// Goes on.
    Resume,
    /// Ticks a condition.
    Tick,
    /// Approves the next step.
    Approve,
    /// Acknowledges a roll-back: the flag may be turned on again.
    Ack {
        /// Why, for the audit log.
        reason: Option<String>,
    },
    /// Tells the channels.
    Announce {
        /// When it will be enabled, in words.
        at: Option<String>,
        /// What to say instead of the template.
        text: Option<String>,
        /// Whom to tell.
        audiences: Audiences,
        /// Only show what would be said.
        dry_run: bool,
    },
    /// Keeps a remark, or the result of somebody's test, and tells the flag's own channel.
    Note {
        /// What.
        text: String,
        /// Whether it is the result of a test.
        qa: bool,
    },
    /// Sets the default to on.
    Release,
    /// Removes the flag.
    Cleanup,
    /// Turns it off in every environment.
    Rollback {
        /// Why, for the audit log.
        reason: Option<String>,
    },
    /// Ends it.
    Close,
}

/// Whom an announcement goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Audiences {
    /// The flag's own channel, the production channel and support's, as far as they are configured.
    All,
    /// These alone, by word (`team`, `production`, `support`, `log`) or by a channel's name with its `#`.
    Some(Vec<String>),
}

const REASON: &[OptionSpec] = &[OptionSpec::new("reason", Takes::One("TEXT"), "why, for the audit log")];

const ANNOUNCING: &[OptionSpec] = &[
    OptionSpec::new("at", Takes::One("TEXT"), "when it will be enabled, such as 'tomorrow at 9 UTC'"),
    OptionSpec::new("text", Takes::One("TEXT"), "what to say instead of the template"),
    OptionSpec::new("to", Takes::List("WHOM"), "only these: team, production, support, log, or a #channel"),
    OptionSpec::new("dry-run", Takes::Nothing, "only show what would be said"),
];

/// A verb that needs the flag alone.
const fn plain(
    name: &'static str,
    summary: &'static str,
    build: fn(Parsed) -> Result<Command, Fault>,
) -> CommandSpec {
    CommandSpec {
        name,
        summary,
        arguments: &[FLAG],
        options: &[],
        runs: Runs::Anywhere,
        examples: &[],
        build,
    }
}

pub(crate) const START: CommandSpec =
    plain("rollout start", "Begin a rollout with steps. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Start)
    });
pub(crate) const STATUS: CommandSpec =
    plain("rollout status", "Show where a flag stands, and what was said and done.", |parsed| {
        of(&parsed, RolloutVerb::Status)
    });
pub(crate) const NEXT: CommandSpec =
    plain("rollout next", "Take the next step. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Next)
    });
pub(crate) const PAUSE: CommandSpec =
    plain("rollout pause", "Hold a rollout. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Pause)
    });
pub(crate) const RESUME: CommandSpec =
    plain("rollout resume", "Go on with a rollout. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Resume)
    });
pub(crate) const TICK: CommandSpec =
    plain("rollout tick", "Tick a condition. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Tick)
    });
pub(crate) const APPROVE: CommandSpec =
    plain("rollout approve", "Approve the next step. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Approve)
    });
pub(crate) const RELEASE: CommandSpec =
    plain("rollout release", "Set the default to on. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Release)
    });
pub(crate) const CLEANUP: CommandSpec =
    plain("rollout cleanup", "Remove the flag. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Cleanup)
    });
pub(crate) const CLOSE: CommandSpec =
    plain("rollout close", "End a rollout. Not in this version yet.", |parsed| {
        of(&parsed, RolloutVerb::Close)
    });

pub(crate) const ACK: CommandSpec = CommandSpec {
    options: &[REASON],
    examples: &["rollout ack webhooks_failed_callout"],
    ..plain("rollout ack", "Acknowledge a roll-back: the flag may be turned on again.", |parsed| {
        let reason = option_text(&parsed, "reason")?;
        of(&parsed, RolloutVerb::Ack { reason })
    })
};

pub(crate) const ROLLBACK: CommandSpec = CommandSpec {
    options: &[REASON],
    examples: &["rollout rollback webhooks_failed_callout --reason='errors rise'"],
    ..plain("rollout rollback", "Turn a flag off in every environment, at once.", |parsed| {
        let reason = option_text(&parsed, "reason")?;
        of(&parsed, RolloutVerb::Rollback { reason })
    })
};

pub(crate) const ANNOUNCE: CommandSpec = CommandSpec {
    options: &[ANNOUNCING],
    examples: &["rollout announce webhooks_failed_callout --at='tomorrow at 9 UTC' --to=team,support"],
    ..plain("rollout announce", "Tell the flag's own channel, production and support.", announce)
};

pub(crate) const NOTE: CommandSpec = CommandSpec {
    arguments: &[FLAG, Argument::new("TEXT", Count::Rest, Named::Free)],
    options: &[&[OptionSpec::new("qa", Takes::Nothing, "it is the result of a test")]],
    examples: &["rollout note webhooks_failed_callout 'the banner shows and goes' --qa"],
    ..plain("rollout note", "Keep a remark, or a test's result, and tell the flag's own channel.", note)
};

fn of(parsed: &Parsed, verb: RolloutVerb) -> Result<Command, Fault> {
    Ok(Command::Rollout(Rollout { name: name(parsed)?, verb }))
}

fn announce(parsed: Parsed) -> Result<Command, Fault> {
    let mut named: Vec<String> = Vec::new();
    for given in parsed.options.iter().filter(|given| given.name == "to") {
        for word in given.value.split(',') {
            let plain = |c: char| c.is_alphanumeric() || "#-_.".contains(c);
            if word.is_empty() || word.len() > NAME_BYTES_MAX || !word.chars().all(plain) {
                let message =
                    format!("`{word}` is nobody to tell; write team, production, support, log or #channel.");
                return Err(Fault::new(given.at, message));
            }
            if !named.iter().any(|known| known == word) {
                named.push(word.to_owned());
            }
        }
    }
    let verb = RolloutVerb::Announce {
        at: option_text(&parsed, "at")?,
        text: option_text(&parsed, "text")?,
        audiences: if named.is_empty() { Audiences::All } else { Audiences::Some(named) },
        dry_run: parsed.option("dry-run").is_some(),
    };
    of(&parsed, verb)
}

fn note(parsed: Parsed) -> Result<Command, Fault> {
    let words: Vec<&str> = parsed.arguments[1..].iter().map(|word| word.text.as_str()).collect();
    let text = check(&words.join(" "), parsed.arguments[1].at)?;
    let qa = parsed.option("qa").is_some();
    of(&parsed, RolloutVerb::Note { text, qa })
}
