//! Trying an actor: what a flag decides for somebody, and why.

use crate::ask::Ask;
use crate::limits::TRIED_ACTORS_MAX;
use crate::page::flags::gates::{Named, name};
use crate::page::flags::places::Place;
use crate::words::{number, sentence};
use std::collections::BTreeSet;
use wigwag_base::{GroupId, ProjectId};
use wigwag_engine::EngineError;
use wigwag_engine::flags::TargetNames;
use wigwag_flags::gates::BUCKETS;
use wigwag_flags::{ActorId, FlagName};
use wigwag_ports::registry::PathKey;

/// The form and, if it was filled, the answer.
pub(crate) struct Trial {
    /// What stands in the box.
    pub(crate) text: String,
    /// Environments, and which is chosen.
    pub(crate) environments: Vec<(String, bool)>,
    pub(crate) answer: Option<Answer>,
}

/// What came of it.
pub(crate) enum Answer {
    /// A decision.
    Decided {
        actors: Vec<Named>,
        environment: String,
        enabled: bool,
        text: String,
        gate: Option<String>,
        bucket: Option<String>,
    },
    /// Somebody who does not exist, in words.
    Refused(String),
}

/// Reads the fields `actor` and `in`.
///
/// # Errors
/// As the engine's; whoever does not exist is no error.
pub(crate) async fn trial(ask: &Ask, flag: &FlagName, places: &[Place]) -> Result<Trial, EngineError> {
    let settings = ask.engine.settings();
    let asked = ask.query.filled("in").unwrap_or(&settings.environment);
    let all = settings.environments.iter().map(|one| one.name.as_str());
    let chosen = all.clone().find(|name| *name == asked).unwrap_or(&settings.environment);
    let text = ask.query.get("actor").unwrap_or_default().trim().to_owned();
    let base = ask.engine.flag_board().base_of(chosen).unwrap_or(chosen);
    let place = places.iter().find(|place| place.name == base);
    let answer = match (text.as_str(), place) {
        (_, None) => None,
        ("", _) if ask.query.get("actor").is_none() => None,
        (text, Some(place)) => Some(decide(ask, flag, place, chosen, text).await?),
    };
    let environments = all.map(|name| (name.to_owned(), name == chosen)).collect();
    Ok(Trial { text, environments, answer })
}

async fn decide(
    ask: &Ask,
    flag: &FlagName,
    place: &Place,
    environment: &str,
    text: &str,
) -> Result<Answer, EngineError> {
    let words: Vec<&str> = text.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty()).collect();
    if words.len() > TRIED_ACTORS_MAX {
        return Ok(Answer::Refused(format!("At most {TRIED_ACTORS_MAX} actors are tried together.")));
    }
    let by_name = words.iter().any(|word| !word.contains(':'));
    if let Some(remote) = place.remote.as_ref().filter(|_| by_name) {
        return Ok(Answer::Refused(format!(
            "Paths and names in {} are known to {} alone: write Type:id, such as Project:1.",
            place.name, remote.url
        )));
    }
    let mut ids = Vec::new();
    for word in words {
        match found(ask, word).await {
            Ok(actors) => ids.extend(actors),
            Err(
                error @ (EngineError::Invalid { .. }
                | EngineError::NotFound(_)
                | EngineError::Unavailable { .. }),
            ) => {
                return Ok(Answer::Refused(sentence(&error.to_string())));
            }
            Err(other) => return Err(other),
        }
    }
    let asked: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    let explained = match ask.engine.explain_flag(&ask.principal, environment, flag.as_str(), &asked) {
        Err(error @ EngineError::Unavailable { .. }) => {
            return Ok(Answer::Refused(sentence(&error.to_string())));
        }
        explained => explained?,
    };
    let mut actors = Vec::new();
    for id in &asked {
        actors.push(name(ask, place, id).await?);
    }
    // The bucket has a line of its own.
    let in_text = explained.bucket.map(|bucket| format!("; bucket {bucket} of {BUCKETS}"));
    let told = explained.text.replace(&in_text.unwrap_or_default(), "");
    Ok(Answer::Decided {
        actors,
        environment: environment.to_owned(),
        enabled: explained.enabled,
        text: sentence(&told),
        gate: explained.gate.map(|gate| gate.replace('_', " ")),
        bucket: explained
            .bucket
            .map(|bucket| format!("{} of {}", number(u64::from(bucket)), number(u64::from(BUCKETS)))),
    })
}

async fn found(ask: &Ask, word: &str) -> Result<BTreeSet<ActorId>, EngineError> {
    let names = meant(ask, word).await?;
    Ok(ask.engine.flag_targets(&names).await?.actors)
}

/// Who a word means: `Type:id`, `@user`, else a project's path, else a group's, else a user's name.
async fn meant(ask: &Ask, word: &str) -> Result<TargetNames, EngineError> {
    let one = || vec![word.to_owned()];
    if word.contains(':') {
        return Ok(TargetNames { actors: one(), ..TargetNames::default() });
    }
    if word.starts_with('@') {
        return Ok(TargetNames { users: one(), ..TargetNames::default() });
    }
    let group: PathKey<GroupId> = PathKey::FullPath(word.to_owned());
    let project: PathKey<ProjectId> = PathKey::FullPath(word.to_owned());
    if ask.engine.find_project(project).await?.is_some() || word.contains('/') {
        return Ok(TargetNames { projects: one(), ..TargetNames::default() });
    }
    if ask.engine.find_group(group).await?.is_some() {
        return Ok(TargetNames { groups: one(), ..TargetNames::default() });
    }
    Ok(TargetNames { users: one(), ..TargetNames::default() })
}
