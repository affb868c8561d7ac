use super::places::Place;
use super::told;
use crate::Engine;
use crate::limits::LISTED_FLAGS_MAX;
use wigwag_base::Percentage;
use wigwag_chat::{FeatureList, Reply};
use wigwag_flags::{Flag, FlagName, FlagState};

impl Engine {
    /// `feature list`: what is on, conditional and off, with counts.
    pub(super) fn run_list(&self, list: &FeatureList) -> Reply {
        let board = &self.inner.flags;
        let mut reply = Reply::done();
        for place in Place::all(board, &list.environments) {
            if let Err(error) = self.check_read(&place.base) {
                reply.ok = false;
                reply = reply.text(told::sentence(&error));
                continue;
            }
            let Some(snapshot) = board.of(&place.base) else { continue };
            let flags: Vec<(&FlagName, &Flag)> =
                snapshot.flags().into_iter().filter(|(name, _)| matches(list, name)).collect();
            reply = in_place(reply, &place.title(), list, &flags);
            if let Some(at) = self.stale_since(&place.base) {
                reply = reply.text(format!("That is as of {at}: its server cannot be asked now."));
            }
        }
        reply
    }
}

fn matches(list: &FeatureList, name: &FlagName) -> bool {
    let name = name.as_str().to_lowercase();
    list.matching.as_deref().is_none_or(|text| name.contains(&text.to_lowercase()))
}

fn in_place(reply: Reply, title: &str, list: &FeatureList, flags: &[(&FlagName, &Flag)]) -> Reply {
    let word = |flag: &Flag| told::state(flag.definition.as_deref(), flag.state.as_deref());
    let count = |is: &str| flags.iter().filter(|(_, flag)| word(flag) == is).count();
    let of = match &list.matching {
        Some(text) => format!(" whose name holds `{text}`"),
        None => String::new(),
    };
    let reply = reply.text(format!(
        "{title}: {} on, {} conditional, {} off{of}.",
        count("on"),
        count("conditional"),
        count("off")
    ));
    if flags.is_empty() {
        return reply;
    }
    let mut sorted: Vec<&(&FlagName, &Flag)> = flags.iter().collect();
    // What is on for some is what people look for; then what is on, then the rest, each by name.
    sorted.sort_by_key(|(name, flag)| (rank(word(flag)), name.as_str().to_owned()));
    let row = |(name, flag): &&(&FlagName, &Flag)| {
        vec![name.to_string(), word(flag).to_owned(), detail(flag.state.as_deref())]
    };
    let rows: Vec<Vec<String>> = sorted.iter().take(LISTED_FLAGS_MAX).map(row).collect();
    let reply = reply.table(&["flag", "state", "for"], rows);
    match flags.len().saturating_sub(LISTED_FLAGS_MAX) {
        0 => reply,
        more => reply.text(format!("And {more} more; `--match=TEXT` narrows it.")),
    }
}

fn rank(word: &str) -> u8 {
    match word {
        "conditional" => 0,
        "on" => 1,
        _ => 2,
    }
}

/// How many a stored state lets in, in a few words.
fn detail(state: Option<&FlagState>) -> String {
    let Some(state) = state else { return "never set".into() };
    let counted = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let share = |share: Option<Percentage>, of: &str| {
        share.filter(|share| *share > Percentage::ZERO).map(|share| format!("{share} % of {of}"))
    };
    let parts = [
        (state.boolean == Some(true)).then(|| "everyone".to_owned()),
        share(state.percentage_of_actors, "actors"),
        share(state.percentage_of_time, "time"),
        counted(state.actors.len(), "by name"),
        counted(state.groups.len(), "feature groups"),
        counted(state.opt_outs.len(), "opted out"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
