//! The form of a change: what stands in it, and the command that it comes to.

use crate::ask::Ask;
use crate::fields::Fields;
use crate::page::flags::places::Place;
use wigwag_base::Percentage;
use wigwag_chat::limits::TARGETS_MAX;
use wigwag_chat::{
    Command, Environment, FeatureDelete, FeatureSet, IgnoredCheck, ShareOf, Target, TargetKind, Value, parse,
};
use wigwag_engine::EnvironmentKind;
use wigwag_flags::FlagName;
use wigwag_ports::registry::Kind;

/// What can be asked for: the field's value, and what people read.
const CHANGES: [(&str, &str); 9] = [
    ("on", "On for those named"),
    ("share", "On for a share of actors"),
    ("true", "On for everyone"),
    ("off", "No longer for those named"),
    ("opt_out", "Never for those named (opt out)"),
    ("remove_opt_out", "Take back an opt-out"),
    ("keep", "Off for everyone but those listed by name"),
    ("false", "Off for everyone"),
    ("delete", "Forget what is set: back to the default"),
];

const KINDS: [(&str, TargetKind); 6] = [
    ("project", TargetKind::Project),
    ("group", TargetKind::Group),
    ("user", TargetKind::User),
    ("namespace", TargetKind::Namespace),
    ("repository", TargetKind::Repository),
    ("feature-group", TargetKind::FeatureGroup),
];

const KIND_WORDS: [&str; 6] =
    ["projects", "groups", "users", "namespaces", "repositories", "named groups of actors"];

const COUNTED: [(&str, &str, Kind); 3] =
    [("project", "projects", Kind::Project), ("group", "groups", Kind::Group), ("user", "users", Kind::User)];

/// What the author may take upon himself: the field's value, and what people read.
const PASSES: [(&str, &str); 4] = [
    ("with-dependencies", "Turn on what it depends on with it"),
    ("large-step", "Take a large step"),
    ("ignore-production-check", "Do not ask whether production is well"),
    ("ignore-feature-flag-consistency-check", "Do not wait for staging"),
];

/// A choice of a list: value, words, whether it is the present one.
pub(crate) type Choice = (String, String, bool);

/// The form as it stands.
pub(crate) struct Form {
    pub(crate) environments: Vec<Choice>,
    pub(crate) changes: Vec<Choice>,
    pub(crate) kinds: Vec<Choice>,
    pub(crate) names: String,
    pub(crate) share: String,
    pub(crate) counted: Vec<Choice>,
    pub(crate) reason: String,
    /// What the author takes upon himself.
    pub(crate) passes: Vec<Choice>,
    /// Whether it was filled in.
    pub(crate) is_asked: bool,
}

/// A field that is wrong, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Complaint {
    pub(crate) field: &'static str,
    pub(crate) rule: String,
}

impl Complaint {
    fn new(field: &'static str, rule: impl Into<String>) -> Self {
        Self { field, rule: rule.into() }
    }
}

fn choices<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    all.map(|(value, words)| (value.to_owned(), words.to_owned(), value == chosen)).collect()
}

fn chosen(choices: &[Choice]) -> &str {
    choices.iter().find(|(_, _, chosen)| *chosen).map_or("", |(value, _, _)| value)
}

impl Form {
    /// Takes what was sent; what is no choice becomes the first one.
    pub(crate) fn read(ask: &Ask, fields: &Fields, places: &[Place]) -> Self {
        let sent = |name: &str| fields.get(name).unwrap_or_default().trim().to_owned();
        let environment = ask.engine.flag_board().base_of(&sent("environment")).unwrap_or_default();
        let own = places.iter().find(|place| place.is_own).map_or("", |place| place.name.as_str());
        let environment = if environment.is_empty() { own } else { environment };
        let names = places.iter().map(|place| (place.name.as_str(), place.name.as_str()));
        let among = |value: String, all: &[&str], otherwise: &str| {
            if all.contains(&value.as_str()) { value } else { otherwise.to_owned() }
        };
        let change = among(sent("change"), &CHANGES.map(|(value, _)| value), "on");
        let kind = among(sent("kind"), &KINDS.map(|(value, _)| value), "project");
        let like = if KIND_COUNTED.contains(&kind.as_str()) { kind.as_str() } else { "project" };
        let counted = among(sent("count"), &KIND_COUNTED, like);
        Self {
            environments: choices(names, environment),
            changes: choices(CHANGES.into_iter(), &change),
            kinds: choices(KINDS.map(|(value, _)| value).into_iter().zip(KIND_WORDS), &kind),
            names: sent("names"),
            share: sent("share"),
            counted: choices(COUNTED.iter().map(|(value, words, _)| (*value, *words)), &counted),
            reason: sent("reason"),
            passes: PASSES
                .map(|(value, words)| (value.to_owned(), words.to_owned(), fields.ticked("pass", value)))
                .into(),
            is_asked: fields.get("change").is_some(),
        }
    }

    /// The environment that is chosen.
    pub(crate) fn environment(&self) -> &str {
        chosen(&self.environments)
    }

    /// Of which kind those are that are counted, and what they are called.
    pub(crate) fn counted(&self) -> (Kind, &'static str) {
        let value = chosen(&self.counted);
        let found = COUNTED.iter().find(|(known, _, _)| *known == value);
        found.map_or((Kind::Project, "projects"), |(_, words, kind)| (*kind, words))
    }

    /// Every field with its value, to be sent again.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        let mut fields = vec![
            ("environment", self.environment()),
            ("change", chosen(&self.changes)),
            ("kind", chosen(&self.kinds)),
            ("names", &self.names),
            ("share", &self.share),
            ("count", chosen(&self.counted)),
            ("reason", &self.reason),
        ];
        fields.extend(self.passed().map(|value| ("pass", value)));
        fields
    }

    /// What is ticked of what the author may take upon himself.
    fn passed(&self) -> impl Iterator<Item = &str> {
        self.passes.iter().filter(|(_, _, ticked)| *ticked).map(|(value, ..)| value.as_str())
    }

    /// Whether anything is.
    pub(crate) fn passes_any(&self) -> bool {
        self.passed().next().is_some()
    }

    /// The command that does the same.
    ///
    /// # Errors
    /// What is wrong, and in which field.
    pub(crate) fn command(&self, ask: &Ask, flag: &FlagName) -> Result<Command, Complaint> {
        let environments = vec![self.environment().to_owned()];
        let reason = (!self.reason.is_empty()).then(|| self.reason.clone());
        let change = chosen(&self.changes);
        let passes = |value: &str| self.passed().any(|passed| passed == value);
        let command = match change {
            "delete" => Command::FeatureDelete(FeatureDelete {
                name: flag.to_string(),
                dry_run: false,
                reason,
                environments,
            }),
            change => Command::FeatureSet(FeatureSet {
                name: flag.to_string(),
                value: self.value(change)?,
                targets: self.targets(change)?,
                ignored: [IgnoredCheck::Production, IgnoredCheck::Consistency]
                    .into_iter()
                    .filter(|check| passes(check.as_str()))
                    .collect(),
                keep_targets: change == "keep",
                with_dependencies: passes("with-dependencies"),
                large_step: passes("large-step"),
                dry_run: false,
                reason,
                environments,
            }),
        };
        typed(ask, command)
    }

    fn value(&self, change: &str) -> Result<Value, Complaint> {
        Ok(match change {
            "true" | "on" => Value::On,
            "opt_out" => Value::OptOut,
            "remove_opt_out" => Value::RemoveOptOut,
            "share" => share(&self.share)?,
            _ => Value::Off,
        })
    }

    fn targets(&self, change: &str) -> Result<Vec<Target>, Complaint> {
        if !matches!(change, "on" | "off" | "opt_out" | "remove_opt_out") {
            return Ok(Vec::new());
        }
        let value = chosen(&self.kinds);
        let kind =
            KINDS.iter().find(|(known, _)| *known == value).map_or(TargetKind::Project, |(_, kind)| *kind);
        if kind == TargetKind::FeatureGroup && matches!(change, "opt_out" | "remove_opt_out") {
            return Err(Complaint::new(
                "kind",
                "A named group cannot opt out; name projects, groups or users.",
            ));
        }
        let names = self.names.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty());
        let bare = |name: &str| {
            if kind == TargetKind::User { name.trim_start_matches('@').to_owned() } else { name.to_owned() }
        };
        let mut targets: Vec<Target> = Vec::new();
        for name in names {
            let target = Target { kind, name: bare(name) };
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        match targets.len() {
            0 => Err(Complaint::new("names", "Name at least one, or choose another change.")),
            1..=TARGETS_MAX => Ok(targets),
            n => Err(Complaint::new(
                "names",
                format!("{n} are named; one change takes at most {TARGETS_MAX}."),
            )),
        }
    }
}

const KIND_COUNTED: [&str; 3] = ["project", "group", "user"];

fn share(text: &str) -> Result<Value, Complaint> {
    let number = text.trim_end_matches('%').trim_end();
    if number.is_empty() {
        return Err(Complaint::new("share", "Write a number from 0 to 100, with at most three decimals."));
    }
    match number.parse::<Percentage>() {
        // As everywhere else: the ends of the scale are on and off.
        Ok(share) if share == Percentage::ZERO => Ok(Value::Off),
        Ok(share) if share == Percentage::HUNDRED => Ok(Value::On),
        Ok(share) => Ok(Value::Share(share, ShareOf::Actors)),
        Err(error) => Err(Complaint::new("share", crate::words::sentence(&format!("{number} {error}")))),
    }
}

/// The command, if it can be typed: what the page shows is what anybody can run.
fn typed(ask: &Ask, command: Command) -> Result<Command, Complaint> {
    let environments: Vec<Environment<'_>> = ask
        .engine
        .settings()
        .environments
        .iter()
        .map(|one| Environment { name: &one.name, is_production: one.kind == EnvironmentKind::Production })
        .collect();
    let field = |command: &Command| match command {
        Command::FeatureSet(set) if set.reason.is_none() => "names",
        _ => "reason",
    };
    match parse(&command.to_string(), &environments) {
        Ok(read) if read == command => Ok(command),
        Ok(_) => Err(Complaint::new(field(&command), "Leave out quotes and other marks of that kind.")),
        Err(error) => Err(Complaint::new(field(&command), error.message)),
    }
}
