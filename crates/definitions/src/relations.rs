//! The rules between definitions: one file a flag, dependencies that exist, no circles, no long chains.
//!
//! What is right by itself may be wrong together with others. Then what is new steps back to the version before, or
//! out if there was none, until everything fits; what was accepted before and has not changed never steps back, since
//! it fitted together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use wigwag_flags::limits::DEPENDENCY_DEPTH_MAX;
use wigwag_flags::{Definition, FlagName, shipped};

use crate::fields::Fault;
use crate::limits::{CHAIN_NAMES_MAX, SETTLE_ROUNDS_MAX, SUGGESTIONS_MAX};
use crate::parse::Parsed;
use crate::text::meant;

/// The version of each file that counts, by path.
pub(crate) type Accepted = BTreeMap<String, Arc<Parsed>>;

/// What is wrong, with the path of the file.
pub(crate) type Faults = Vec<(String, Fault)>;

/// The versions that count now. `wanted` has for each file its content if that is right by itself, else what counted
/// before; `before` is what this function gave last, less the files that are gone.
pub(crate) fn settle(wanted: Accepted, before: &Accepted) -> (Accepted, Faults) {
    settle_within(wanted, before, SETTLE_ROUNDS_MAX)
}

fn settle_within(wanted: Accepted, before: &Accepted, rounds_max: usize) -> (Accepted, Faults) {
    let mut faults = Faults::new();
    let mut now = unique(wanted, before, &mut faults);
    for _ in 0..rounds_max {
        let wrong = Graph::of(&now).wrong(before);
        if wrong.is_empty() {
            return (now, faults);
        }
        let mut changed = false;
        for (path, fault) in wrong {
            let line = now.get(&path).map(|parsed| parsed.depends_on_line);
            changed |= step_back(&mut now, before, &path);
            let told = faults.iter().any(|(known, earlier)| *known == path && earlier.field == fault.field);
            if !told {
                faults.push((path, Fault { line, ..fault }));
            }
        }
        if !changed {
            return (now, faults);
        }
    }
    // Only files made for it come here. What counted before fits together.
    let rule = "the definitions contradict each other in too many ways; nothing new is taken";
    faults.push((String::new(), Fault::of_file(rule)));
    (before.clone(), faults)
}

/// Takes what counted before in the place of what is new; whether anything changed.
fn step_back(now: &mut Accepted, before: &Accepted, path: &str) -> bool {
    match before.get(path) {
        Some(earlier) => now.insert(path.to_owned(), earlier.clone()).as_ref() != Some(earlier),
        None => now.remove(path).is_some(),
    }
}

/// Lets one file define each flag: the one that did before, else the first by path; Wigwag's own need none.
fn unique(wanted: Accepted, before: &Accepted, faults: &mut Faults) -> Accepted {
    let own: HashSet<FlagName> =
        shipped::definitions().into_iter().map(|definition| definition.name).collect();
    let held: HashMap<&FlagName, &String> =
        before.iter().map(|(path, parsed)| (&parsed.definition.name, path)).collect();
    let mut winners: HashMap<FlagName, String> = HashMap::new();
    for (path, parsed) in &wanted {
        let name = &parsed.definition.name;
        let holder = held.get(name).filter(|holder| wanted.contains_key(**holder));
        winners.entry(name.clone()).or_insert_with(|| holder.map_or_else(|| path.clone(), |h| (*h).clone()));
    }
    let mut now = Accepted::new();
    for (path, parsed) in wanted {
        let name = &parsed.definition.name;
        let rule = if own.contains(name) {
            format!("is {name}, one of Wigwag's own flags, which come with it; remove the file")
        } else if winners[name] != path {
            format!("is {name}, which {} defines already; keep one of the files", winners[name])
        } else {
            now.insert(path, parsed);
            continue;
        };
        faults.push((path, Fault::at(parsed.name_line, "name", rule)));
    }
    now
}

/// The definitions and their arrows, numbered in the order of the files.
struct Graph<'a> {
    nodes: Vec<(&'a String, &'a Arc<Parsed>)>,
    /// What each depends on, those with a number.
    needs: Vec<Vec<usize>>,
    /// What each depends on and nobody defines.
    unknown: Vec<Vec<&'a FlagName>>,
    /// How far each reaches, in arrows, over Wigwag's own flags alone.
    over_own: Vec<usize>,
}

impl<'a> Graph<'a> {
    fn of(now: &'a Accepted) -> Self {
        let nodes: Vec<_> = now.iter().collect();
        let by_name: HashMap<&FlagName, usize> =
            nodes.iter().enumerate().map(|(at, (_, parsed))| (&parsed.definition.name, at)).collect();
        let own = shipped::definitions();
        let mut graph = Self { needs: Vec::new(), unknown: Vec::new(), over_own: Vec::new(), nodes };
        for (_, parsed) in &graph.nodes {
            let names = &parsed.definition.depends_on;
            graph.needs.push(names.iter().filter_map(|name| by_name.get(name).copied()).collect());
            let beyond = || names.iter().filter(|name| !by_name.contains_key(*name));
            graph.unknown.push(beyond().filter(|name| own_depth(&own, name).is_none()).collect());
            let deepest = beyond().filter_map(|name| own_depth(&own, name)).max();
            graph.over_own.push(deepest.map_or(0, |depth| depth + 1));
        }
        graph
    }

    /// The files that must step back, or that are to be told of, with the reason.
    fn wrong(&self, before: &Accepted) -> Faults {
        let mut wrong = self.unknown_names();
        let (depths, circling) = self.depths();
        if circling.is_empty() {
            wrong.extend(self.too_deep(&depths, before));
        } else {
            wrong.extend(self.circles(&circling, before));
        }
        wrong
    }

    fn unknown_names(&self) -> Faults {
        let own = shipped::definitions();
        let own = || own.iter().map(|definition| definition.name.as_str());
        let names = || self.nodes.iter().map(|(_, parsed)| parsed.definition.name.as_str()).chain(own());
        let mut suggestions_left = SUGGESTIONS_MAX;
        let told = |(at, unknown): (usize, &Vec<&FlagName>)| {
            let first = unknown.first()?;
            let own_name = self.nodes[at].1.definition.name.as_str();
            let near = if suggestions_left > 0 {
                meant(first.as_str(), names().filter(|name| *name != own_name))
            } else {
                String::new()
            };
            suggestions_left = suggestions_left.saturating_sub(1);
            let rule = format!("names {first}, which no good file defines{near}");
            Some((self.nodes[at].0.clone(), depends_on(rule)))
        };
        self.unknown.iter().enumerate().filter_map(told).collect()
    }

    /// How far each reaches, in arrows, and those of which it cannot be said because they are in a circle or between
    /// two. Each node and arrow is looked at a few times, however the arrows go.
    fn depths(&self) -> (Vec<usize>, Vec<usize>) {
        let count = self.nodes.len();
        let mut needed_by = vec![Vec::new(); count];
        for (at, needs) in self.needs.iter().enumerate() {
            needs.iter().for_each(|need| needed_by[*need].push(at));
        }
        let mut open: Vec<usize> = self.needs.iter().map(Vec::len).collect();
        let mut depths = self.over_own.clone();
        let mut ready: Vec<usize> = (0..count).filter(|at| open[*at] == 0).collect();
        while let Some(at) = ready.pop() {
            for user in &needed_by[at] {
                depths[*user] = depths[*user].max(depths[at] + 1);
                open[*user] -= 1;
                if open[*user] == 0 {
                    ready.push(*user);
                }
            }
        }
        // Whom no other of the rest needs stands before a circle, not in it.
        let mut rest: HashSet<usize> = (0..count).filter(|at| open[*at] > 0).collect();
        let mut users: Vec<usize> =
            needed_by.iter().map(|u| u.iter().filter(|u| rest.contains(u)).count()).collect();
        let mut before: Vec<usize> = rest.iter().copied().filter(|at| users[*at] == 0).collect();
        while let Some(at) = before.pop() {
            rest.remove(&at);
            for need in self.needs[at].iter().filter(|need| rest.contains(need)) {
                users[*need] -= 1;
                if users[*need] == 0 {
                    before.push(*need);
                }
            }
        }
        let mut circling: Vec<usize> = rest.into_iter().collect();
        circling.sort_unstable();
        (depths, circling)
    }

    fn circles(&self, circling: &[usize], before: &Accepted) -> Faults {
        let rest: HashSet<usize> = circling.iter().copied().collect();
        let told = |at: &usize| {
            let rule = format!("leads in a circle: {}", shown(&self.names(&self.circle_from(*at, &rest))));
            (self.nodes[*at].0.clone(), depends_on(rule))
        };
        self.new_ones(circling, before).iter().map(told).collect()
    }

    /// A circle that can be reached from a node, its first name repeated at the end.
    fn circle_from(&self, start: usize, rest: &HashSet<usize>) -> Vec<usize> {
        let (mut chain, mut places) = (vec![start], HashMap::from([(start, 0)]));
        loop {
            let last = chain[chain.len() - 1];
            let next = self.needs[last].iter().copied().find(|need| *need == start && chain.len() > 1);
            let next = next.or_else(|| self.needs[last].iter().copied().find(|need| rest.contains(need)));
            let Some(next) = next else { return chain };
            chain.push(next);
            if let Some(place) = places.insert(next, chain.len() - 1) {
                return chain.split_off(place);
            }
        }
    }

    fn too_deep(&self, depths: &[usize], before: &Accepted) -> Faults {
        let mut faults = Faults::new();
        for at in (0..depths.len()).filter(|at| depths[*at] > DEPENDENCY_DEPTH_MAX) {
            let (chain, over_own) = self.deepest(at, depths);
            let names = [self.names(&chain), over_own].concat();
            let rule = format!("reaches further than {DEPENDENCY_DEPTH_MAX} flags: {}", shown(&names));
            let blamed = if self.is_new(at, before) { vec![at] } else { self.new_ones(&chain, before) };
            faults.extend(blamed.iter().map(|at| (self.nodes[*at].0.clone(), depends_on(rule.clone()))));
        }
        faults
    }

    /// The longest chain from a node, and its end over Wigwag's own flags.
    fn deepest(&self, start: usize, depths: &[usize]) -> (Vec<usize>, Vec<FlagName>) {
        let (mut chain, mut last) = (vec![start], start);
        while let Some(next) = self.needs[last].iter().copied().find(|need| depths[*need] + 1 == depths[last])
        {
            chain.push(next);
            last = next;
        }
        let needed = &self.nodes[last].1.definition.depends_on;
        (chain, own_chain(&shipped::definitions(), needed))
    }

    fn new_ones(&self, of: &[usize], before: &Accepted) -> Vec<usize> {
        of.iter().copied().filter(|at| self.is_new(*at, before)).collect()
    }

    fn is_new(&self, at: usize, before: &Accepted) -> bool {
        let (path, parsed) = self.nodes[at];
        before.get(path) != Some(parsed)
    }

    fn names(&self, chain: &[usize]) -> Vec<FlagName> {
        chain.iter().map(|at| self.nodes[*at].1.definition.name.clone()).collect()
    }
}

/// A chain as a finding shows it.
fn shown(names: &[FlagName]) -> String {
    let first: Vec<&str> = names.iter().take(CHAIN_NAMES_MAX).map(FlagName::as_str).collect();
    match names.len().saturating_sub(CHAIN_NAMES_MAX) {
        0 => first.join(" -> "),
        more => format!("{} -> and {more} more", first.join(" -> ")),
    }
}

/// The longest chain over Wigwag's own flags that begins at one of `needed`.
fn own_chain(own: &[Definition], needed: &[FlagName]) -> Vec<FlagName> {
    let depth = |name: &&FlagName| own_depth(own, name);
    let Some(next) = needed.iter().filter(|name| depth(name).is_some()).max_by_key(depth) else {
        return Vec::new();
    };
    let definition = own.iter().find(|definition| definition.name == *next);
    let rest = definition.map_or_else(Vec::new, |definition| own_chain(own, &definition.depends_on));
    [vec![next.clone()], rest].concat()
}

/// How far one of Wigwag's own flags reaches, in arrows.
fn own_depth(own: &[Definition], name: &FlagName) -> Option<usize> {
    let definition = own.iter().find(|definition| definition.name == *name)?;
    let deepest = definition.depends_on.iter().filter_map(|needed| own_depth(own, needed)).max();
    Some(deepest.map_or(0, |depth| depth + 1))
}

fn depends_on(rule: String) -> Fault {
    Fault { line: None, field: Some("depends_on".into()), rule }
}

#[cfg(test)]
mod tests;
