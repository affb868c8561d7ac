use super::places::Place;
use super::told;
use crate::Engine;
use crate::flags::unknown_flag;
use wigwag_chat::{FeatureGet, Reply};
use wigwag_flags::{Definition, Flag};

impl Engine {
    /// `feature get`: any user who may run commands may read.
    pub(super) fn run_get(&self, get: &FeatureGet) -> Reply {
        let board = &self.inner.flags;
        let places = Place::all(board, &get.environments);
        let snapshots: Vec<_> =
            places.iter().filter_map(|place| Some((place, board.of(&place.base)?))).collect();
        if let Some(error) = places.iter().find_map(|place| self.check_read(&place.base).err()) {
            return Reply::refused().text(told::sentence(&error));
        }
        if let Some((_, any)) = snapshots.first()
            && snapshots.iter().all(|(_, snapshot)| snapshot.flag(&get.name).is_none())
        {
            return Reply::refused().text(told::sentence(&unknown_flag(any, &get.name)));
        }
        let mut reply = Reply::done();
        for (place, snapshot) in &snapshots {
            reply = in_environment(reply, &get.name, &place.title(), snapshot.flag(&get.name));
            if let Some(at) = self.stale_since(&place.base) {
                reply = reply.text(format!("That is as of {at}: its server cannot be asked now."));
            }
        }
        let defined = |flag: &Flag| flag.definition.clone();
        match snapshots.iter().find_map(|(_, snapshot)| snapshot.flag(&get.name).and_then(defined)) {
            Some(definition) => reply.text("Definition:").fields(fields(&definition)),
            None => reply.text("It has no definition: nothing but its stored state keeps it."),
        }
    }
}

fn in_environment(reply: Reply, name: &str, environment: &str, flag: Option<&Flag>) -> Reply {
    let definition = flag.and_then(|flag| flag.definition.as_deref());
    let state = flag.and_then(|flag| flag.state.as_deref());
    let word = told::state(definition, state);
    match state {
        None => {
            let default = if word == "on" { "on" } else { "off" };
            reply.text(format!("{name} in {environment}: {word}. Never set there, and {default} by default."))
        }
        Some(state) => {
            let reply = reply.text(format!("{name} in {environment}: {word}."));
            let gates = told::gates(Some(state));
            if gates.is_empty() { reply.text("It is stored without any gate.") } else { reply.fields(gates) }
        }
    }
}

fn fields(definition: &Definition) -> Vec<(String, String)> {
    let needs: Vec<&str> = definition.depends_on.iter().map(|name| name.as_str()).collect();
    let default = if definition.default_enabled { "on" } else { "off" };
    let always = [
        ("description", definition.description.clone()),
        ("type", definition.kind.as_str().to_owned()),
        ("default", default.to_owned()),
        ("group", definition.group.clone()),
        ("milestone", definition.milestone.clone()),
        ("depends on", needs.join(", ")),
        ("introduced by", definition.introduced_by_url.clone()),
        ("rollout issue", definition.rollout_issue_url.clone().unwrap_or_default()),
    ];
    let filled = always.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(label, value)| (label.to_owned(), value)).collect()
}
