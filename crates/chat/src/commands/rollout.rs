//! How each of them is written.

use crate::command::{Audiences, Command, Rollout, RolloutVerb};
use crate::commands::common::{DRY_RUN, FLAG, REASON, name, reason};
use crate::error::{Fault, shown};
use crate::limits::AUDIENCES_MAX;
use crate::lookalike::note;
use crate::names::{check_filled_in, check_name};
use crate::nearest::nearest;
use crate::parsed::{Given, Parsed};
use crate::spec::{Argument, CommandSpec, Holds, OptionSpec, Runs, Takes, Times};
use crate::text::{self, option_text};

/// Who can be told by a word, and who that is.
const AUDIENCES: &[(&str, &str)] = &[
    ("team", "the flag's own channel"),
    ("production", "the production channel"),
    ("support", "support's channel"),
    ("log", "the channel of all changes"),
];

const ANNOUNCEMENT: &[OptionSpec] = &[
    OptionSpec::text("at", "TEXT", "when it will be enabled, in words"),
    OptionSpec::text("text", "TEXT", "what to say instead of the template"),
    OptionSpec {
        name: "to",
        takes: Takes::List("WHOM"),
        holds: Holds::Words(AUDIENCES),
        help: "only to these: team, production, support, log, or a channel with its #",
    },
    DRY_RUN,
];

const QA: &[OptionSpec] = &[OptionSpec::plain("qa", "it is the result of a test")];

const NOTE_TEXT: Argument = Argument {
    name: "TEXT",
    times: Times::Text,
    holds: Holds::Text,
    help: "what to keep; words that begin with dashes need quotes",
};

/// A command with a name alone.
const fn named(
    name: &'static str,
    summary: &'static str,
    example: &'static [&'static str],
    build: fn(&Parsed) -> Result<Command, Fault>,
) -> CommandSpec {
    CommandSpec {
        name,
        summary,
        arguments: &[FLAG],
        options: &[],
        runs: Runs::Anywhere,
        examples: example,
        build,
    }
}

pub(crate) const START: CommandSpec = named(
    "rollout start",
    "Begin a rollout with steps. Not in this version yet.",
    &["rollout start webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Start),
);

pub(crate) const STATUS: CommandSpec = named(
    "rollout status",
    "Show where a flag stands, and what was said and done.",
    &["rollout status webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Status),
);

pub(crate) const NEXT: CommandSpec = named(
    "rollout next",
    "Take the next step. Not in this version yet.",
    &["rollout next webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Next),
);

pub(crate) const PAUSE: CommandSpec = named(
    "rollout pause",
    "Hold a rollout. Not in this version yet.",
    &["rollout pause webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Pause),
);

pub(crate) const RESUME: CommandSpec = named(
    "rollout resume",
    "Go on with a rollout. Not in this version yet.",
    &["rollout resume webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Resume),
);

pub(crate) const TICK: CommandSpec = named(
    "rollout tick",
    "Tick a condition. Not in this version yet.",
    &["rollout tick webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Tick),
);

pub(crate) const APPROVE: CommandSpec = named(
    "rollout approve",
    "Approve the next step. Not in this version yet.",
    &["rollout approve webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Approve),
);

pub(crate) const ACK: CommandSpec = CommandSpec {
    options: &[&[REASON]],
    ..named(
        "rollout ack",
        "Acknowledge a roll-back: the flag may be turned on again.",
        &["rollout ack webhooks_failed_callout --reason=\"the query has its index now\""],
        |parsed| of(parsed, RolloutVerb::Ack { reason: reason(parsed)? }),
    )
};

pub(crate) const ANNOUNCE: CommandSpec = CommandSpec {
    options: &[ANNOUNCEMENT],
    ..named(
        "rollout announce",
        "Tell the flag's own channel, production and support.",
        &[
            "rollout announce webhooks_failed_callout --at=\"Tuesday, 10:00 UTC\"",
            "rollout announce webhooks_failed_callout --to=support,#frontend --dry-run",
        ],
        announce,
    )
};

pub(crate) const NOTE: CommandSpec = CommandSpec {
    arguments: &[FLAG, NOTE_TEXT],
    options: &[QA],
    ..named(
        "rollout note",
        "Keep a remark, or a test's result, and tell the flag's own channel.",
        &["rollout note webhooks_failed_callout The menu opens on phones, too --qa"],
        |parsed| {
            let text = text::check(&parsed.text_from(1), parsed.arguments[1].at)?;
            of(parsed, RolloutVerb::Note { text, qa: parsed.has("qa") })
        },
    )
};

pub(crate) const RELEASE: CommandSpec = named(
    "rollout release",
    "Set the default to on. Not in this version yet.",
    &["rollout release webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Release),
);

pub(crate) const CLEANUP: CommandSpec = named(
    "rollout cleanup",
    "Remove the flag. Not in this version yet.",
    &["rollout cleanup webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Cleanup),
);

pub(crate) const ROLLBACK: CommandSpec = CommandSpec {
    options: &[&[REASON]],
    ..named(
        "rollout rollback",
        "Turn a flag off in every environment, at once.",
        &["rollout rollback webhooks_failed_callout --reason=\"errors at the checkout\""],
        |parsed| of(parsed, RolloutVerb::Rollback { reason: reason(parsed)? }),
    )
};

pub(crate) const CLOSE: CommandSpec = named(
    "rollout close",
    "End a rollout. Not in this version yet.",
    &["rollout close webhooks_failed_callout"],
    |parsed| of(parsed, RolloutVerb::Close),
);

fn of(parsed: &Parsed, verb: RolloutVerb) -> Result<Command, Fault> {
    Ok(Command::Rollout(Rollout { name: name(parsed)?, verb }))
}

fn announce(parsed: &Parsed) -> Result<Command, Fault> {
    let verb = RolloutVerb::Announce {
        at: option_text(parsed, "at")?,
        text: option_text(parsed, "text")?,
        audiences: audiences(parsed)?,
        dry_run: parsed.has("dry-run"),
    };
    of(parsed, verb)
}

fn audiences(parsed: &Parsed) -> Result<Audiences, Fault> {
    let mut named: Vec<String> = Vec::new();
    for given in parsed.options.iter().filter(|given| given.name == "to") {
        for (item, at) in given.items() {
            let name = audience(given, item, at)?;
            if !named.contains(&name) {
                named.push(name);
            }
        }
        if named.len() > AUDIENCES_MAX {
            let message = format!("At most {AUDIENCES_MAX} audiences in one announcement; use several.");
            return Err(Fault::new(given.at, message));
        }
    }
    Ok(if named.is_empty() { Audiences::All } else { Audiences::Some(named) })
}

fn audience(given: &Given, item: &str, at: usize) -> Result<String, Fault> {
    check_filled_in(item, at)?;
    if let Some(channel) = item.strip_prefix('#') {
        check_name(channel, at)?;
        return Ok(item.to_owned());
    }
    let words = || AUDIENCES.iter().map(|(word, _)| *word);
    match words().find(|word| word.eq_ignore_ascii_case(item)) {
        Some(word) => Ok(word.to_owned()),
        None => {
            let all = words().collect::<Vec<_>>().join(", ");
            let message = format!(
                "--{} knows no {}; there are {all}, or a channel with its #.{}",
                given.name,
                shown(item),
                note(item)
            );
            Err(Fault::new(at, message).suggest(nearest(item, words())))
        }
    }
}
