//! What is stored of a flag, gate by gate, with the names that people know.

use crate::ask::Ask;
use crate::limits::ACTORS_NAMED_MAX;
use crate::page::flags::places::Place;
use crate::words::{count, number};
use wigwag_base::{GroupId, Percentage, ProjectId, UserId};
use wigwag_engine::EngineError;
use wigwag_flags::gates::BUCKETS;
use wigwag_flags::{ActorId, FlagState};
use wigwag_ports::registry::{PathKey, UserKey};

/// One gate, as a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct GateLine {
    pub(crate) label: &'static str,
    /// What it says, where nobody is listed.
    pub(crate) text: String,
    /// Those who are listed.
    pub(crate) named: Vec<Named>,
    /// How many more.
    pub(crate) more: usize,
}

/// An actor as people know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Named {
    pub(crate) id: String,
    /// The path or username; the id where the registry knows none.
    pub(crate) name: String,
    pub(crate) href: Option<String>,
}

impl GateLine {
    fn plain(label: &'static str, text: String) -> Self {
        Self { label, text, named: Vec::new(), more: 0 }
    }

    /// All of it without links.
    pub(crate) fn words(&self) -> String {
        let names: Vec<&str> = self.named.iter().map(|one| one.name.as_str()).collect();
        match (self.more, names.is_empty()) {
            (_, true) => self.text.clone(),
            (0, false) => names.join(", "),
            (more, false) => format!("{} and {} more", names.join(", "), number(more as u64)),
        }
    }
}

/// Every gate that is set; empty for a state without any.
///
/// # Errors
/// The store's, when a name had to be looked up.
pub(crate) async fn gate_lines(
    ask: &Ask,
    place: &Place,
    state: &FlagState,
) -> Result<Vec<GateLine>, EngineError> {
    let mut lines = Vec::new();
    if let Some(on) = state.boolean {
        lines.push(GateLine::plain("Everyone", if on { "on" } else { "off" }.into()));
    }
    lines.extend(listed(ask, place, "On for", state.actors.iter()).await?);
    if let Some(share) = state.percentage_of_actors {
        lines.push(GateLine::plain("Share of actors", share_text(share)));
    }
    if let Some(share) = state.percentage_of_time {
        lines.push(GateLine::plain("Share of calls", format!("{share} %, by chance at every call")));
    }
    if !state.groups.is_empty() {
        let names: Vec<&str> = state.groups.iter().map(String::as_str).collect();
        lines.push(GateLine::plain("Named groups", names.join(", ")));
    }
    lines.extend(listed(ask, place, "Opted out", state.opt_outs.iter()).await?);
    Ok(lines)
}

/// `25 %: buckets below 25,000 of 100,000`.
fn share_text(share: Percentage) -> String {
    let open = (share.as_f64() * 1_000.0).ceil() as u64;
    format!("{share} %: buckets below {} of {}", number(open), number(u64::from(BUCKETS)))
}

async fn listed<'a>(
    ask: &Ask,
    place: &Place,
    label: &'static str,
    actors: impl ExactSizeIterator<Item = &'a ActorId>,
) -> Result<Option<GateLine>, EngineError> {
    let total = actors.len();
    if total == 0 {
        return Ok(None);
    }
    let mut named = Vec::new();
    for actor in actors.take(ACTORS_NAMED_MAX) {
        named.push(name(ask, place, actor.as_str()).await?);
    }
    let more = total - named.len();
    let text = count(total as u64, "actor", "actors");
    Ok(Some(GateLine { label, text, named, more }))
}

/// What people call an actor; its id where the registry does not know it, cannot be asked now, or is not the one that
/// counts: another server has its own.
///
/// # Errors
/// The store's, but for its absence: a flag's page is read when things are broken.
pub(crate) async fn name(ask: &Ask, place: &Place, id: &str) -> Result<Named, EngineError> {
    let known = match known(ask, id).await {
        _ if place.remote.is_some() => None,
        Err(EngineError::Unavailable { .. }) => None,
        found => found?,
    };
    let (name, href) = known.unwrap_or_else(|| (id.to_owned(), None));
    Ok(Named { id: id.to_owned(), name, href })
}

/// Name and page of an actor that the registry knows.
async fn known(ask: &Ask, id: &str) -> Result<Option<(String, Option<String>)>, EngineError> {
    let Some((kind, number)) = id.split_once(':') else { return Ok(None) };
    let Ok(number) = number.parse::<i64>() else { return Ok(None) };
    let at_path = |path: &str| (path.to_owned(), Some(format!("/{path}")));
    Ok(match kind {
        "Project" => {
            let placed = ask.engine.find_project(PathKey::Id(ProjectId(number))).await?;
            placed.map(|placed| at_path(&placed.project.full_path))
        }
        "Group" => {
            let line = ask.engine.find_group(PathKey::Id(GroupId(number))).await?;
            line.and_then(|line| line.first().map(|group| at_path(&group.full_path)))
        }
        "User" => {
            let user = ask.engine.find_user(UserKey::Id(UserId(number))).await?;
            user.map(|user| (format!("@{}", user.username), None))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::share_text;

    #[test]
    fn a_share_names_its_buckets() {
        let check = |share: &str, told: &str| assert_eq!(share_text(share.parse().unwrap()), told);
        check("25", "25 %: buckets below 25,000 of 100,000");
        check("0.001", "0.001 %: buckets below 1 of 100,000");
        // The product in double lies a hair above, as in the reference: bucket 32,639 is open.
        check("32.639", "32.639 %: buckets below 32,640 of 100,000");
        check("0", "0 %: buckets below 0 of 100,000");
    }
}
