//! What a flag's owner wrote down, and how it hangs together with others.

use crate::ask::Ask;
use crate::page::flags::list::past;
use crate::page::flags::places::{Here, Place};
use crate::page::flags::{href, words};
use crate::words::{and, count};
use wigwag_engine::EngineError;
use wigwag_flags::life::Life;
use wigwag_flags::{Definition, FlagName};

/// The definition as the page shows it.
pub(crate) struct Facts {
    pub(crate) description: String,
    pub(crate) rows: Vec<(&'static str, String)>,
    /// Words and addresses outside.
    pub(crate) links: Vec<(&'static str, String)>,
    pub(crate) needs: Vec<Related>,
    pub(crate) needed_by: Vec<Related>,
    /// Whom to ask, if it is past its life, and how old it is.
    pub(crate) past: Option<(String, String)>,
}

/// Another flag, with its state in one sentence.
pub(crate) struct Related {
    pub(crate) name: String,
    pub(crate) href: String,
    pub(crate) sentence: String,
}

/// What is known of a flag besides its state.
///
/// # Errors
/// As the engine's.
pub(crate) fn facts(
    ask: &Ask,
    flag: &FlagName,
    definition: Option<&Definition>,
    places: &[Place],
) -> Result<Option<Facts>, EngineError> {
    let Some(definition) = definition else { return Ok(None) };
    let mut needs = Vec::new();
    for needed in &definition.depends_on {
        needs.push(related(ask, needed, places)?);
    }
    let mut needed_by = Vec::new();
    for other in ask.engine.flag_board().definitions() {
        if other.depends_on.contains(flag) {
            needed_by.push(related(ask, &other.name, places)?);
        }
    }
    Ok(Some(Facts {
        description: definition.description.clone(),
        rows: rows(definition),
        links: links(definition),
        needs,
        needed_by,
        past: past(ask).remove(flag).map(|age| (definition.owner(), age)),
    }))
}

fn rows(definition: &Definition) -> Vec<(&'static str, String)> {
    let life = match definition.kind.life() {
        Life::Ends(within) => format!("released or removed within {}", milestones(within)),
        Life::ReviewAt(after) => format!("looked at again after {}", milestones(after)),
        Life::Unlimited => "as long as it is wanted".into(),
    };
    let all = [
        ("type", definition.kind.as_str().to_owned()),
        ("default", if definition.default_enabled { "on" } else { "off" }.to_owned()),
        ("group", definition.group.clone()),
        ("owners", and(&definition.owners)),
        ("milestone", definition.milestone.clone()),
        ("life", life),
        ("rolled out by", definition.intended_to_rollout_by.clone().unwrap_or_default()),
        ("channel", definition.channel.clone().unwrap_or_default()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn milestones(n: u32) -> String {
    count(n.into(), "milestone", "milestones")
}

/// The addresses that the definition names; what is none is left out.
fn links(definition: &Definition) -> Vec<(&'static str, String)> {
    let all = [
        ("came in with", Some(&definition.introduced_by_url)),
        ("feature", definition.feature_issue_url.as_ref()),
        ("rollout", definition.rollout_issue_url.as_ref()),
    ];
    let is_address = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
    let links = all.into_iter().filter_map(|(words, url)| Some((words, url.filter(is_address)?.clone())));
    links.collect()
}

fn related(ask: &Ask, name: &FlagName, places: &[Place]) -> Result<Related, EngineError> {
    let here = super::show::everywhere(ask, name, places)?;
    let named: Vec<(&str, &Here)> =
        places.iter().map(|place| place.name.as_str()).zip(here.iter().flatten()).collect();
    let is_known = here.iter().flatten().count() == places.len();
    Ok(Related {
        name: name.to_string(),
        href: href(name.as_str()),
        sentence: if is_known { words::sentence(&named) } else { "There is no such flag.".into() },
    })
}
