//! Every flag, environment beside environment.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::fields::query_string;
use crate::limits::{FINDINGS_SHOWN_MAX, FLAGS_PER_PAGE};
use crate::page::flags::places::{Here, Knowledge, Overridden, Place, overrides};
use crate::page::flags::{FLAGS, href, words};
use crate::shell::{Nav, Shell};
use crate::view::{Badge, Pager};
use crate::words::count;
use askama::Template;
use std::collections::{BTreeMap, HashMap};
use wigwag_base::PageOf;
use wigwag_engine::EngineError;
use wigwag_engine::flags::FlagView;
use wigwag_flags::life::{newest_milestone, stale};
use wigwag_flags::{Definition, FlagName, FlagType, State, shipped};
use wigwag_ports::definitions::Finding;

#[derive(Template)]
#[template(path = "flags.html")]
struct FlagsPage {
    shell: Shell,
    headline: String,
    /// The environment that the counts are of.
    counted_in: String,
    /// Words, address, whether the list shows just these.
    counts: Vec<(String, String, bool)>,
    overrides: Vec<Overridden>,
    findings: Vec<FindingRow>,
    findings_more: usize,
    findings_text: String,
    places: Vec<Place>,
    rows: Vec<Row>,
    pager: Pager,
    filter: Filter,
    is_filtered: bool,
    only_shipped: bool,
    total: usize,
}

/// Something wrong with a definition's file.
struct FindingRow {
    file: String,
    field: String,
    rule: String,
}

/// A flag's line.
struct Row {
    href: String,
    name: String,
    about: String,
    owner: String,
    kind: &'static str,
    /// `9 milestones old`, if it has outlived its type.
    past: Option<String>,
    cells: Vec<Cell>,
}

/// A flag in one environment.
struct Cell {
    environment: String,
    badge: Badge,
    note: String,
}

/// What the form asks for.
struct Filter {
    q: String,
    state: &'static str,
    kind: &'static str,
    environment: String,
    states: Vec<(&'static str, &'static str, bool)>,
    kinds: Vec<(&'static str, &'static str, bool)>,
}

/// What the form offers, and what a count of it says.
const STATES: [(&str, &str, &str); 6] = [
    ("", "any state", ""),
    ("on", "on", "on"),
    ("conditional", "conditional", "conditional"),
    ("off", "off", "off"),
    ("overridden", "overridden", "overridden"),
    ("past", "past its life", "past their life"),
];

/// A flag with its state everywhere.
struct Known {
    name: FlagName,
    here: Vec<Here>,
    past: Option<String>,
}

impl Known {
    fn definition(&self) -> Option<&Definition> {
        self.here.iter().find_map(|here| here.view.definition.as_deref())
    }
}

pub(crate) fn show(ask: &Ask) -> Outcome {
    let places = Place::all(ask)?;
    let all = known(ask, &places)?;
    let filter = Filter::read(ask, &places);
    let column = places.iter().position(|place| place.name == filter.environment).unwrap_or(0);
    let fitting: Vec<&Known> = all.iter().filter(|flag| filter.takes(flag, column)).collect();
    let page_asked = ask.query.page(FLAGS_PER_PAGE);
    let skipped = usize::try_from(page_asked.offset()).unwrap_or(usize::MAX);
    let shown = fitting.iter().skip(skipped).take(FLAGS_PER_PAGE as usize);
    let listing = PageOf {
        rows: shown.map(|flag| row(flag, &places)).collect::<Vec<_>>(),
        page: page_asked,
        total: fitting.len() as u64,
    };
    let fields = [
        ("q", filter.q.as_str()),
        ("state", filter.state),
        ("type", filter.kind),
        ("in", &filter.environment),
    ];
    let findings = findings(ask)?;
    let view = FlagsPage {
        shell: Shell::of(ask, Nav::Flags),
        headline: count(all.len() as u64, "flag", "flags"),
        counted_in: filter.environment.clone(),
        counts: counts(&all, column, &filter),
        overrides: overrides(ask)?,
        findings_more: findings.len().saturating_sub(FINDINGS_SHOWN_MAX),
        findings_text: count(findings.len() as u64, "mistake", "mistakes"),
        findings: findings.iter().take(FINDINGS_SHOWN_MAX).map(finding_row).collect(),
        pager: Pager::new(&listing, "Pages of flags", FLAGS, &fields, ""),
        rows: listing.rows,
        is_filtered: filter.narrows(),
        only_shipped: all.iter().all(|flag| is_shipped(&flag.name)),
        total: all.len(),
        places,
        filter,
    };
    Ok(page(&view))
}

/// Every flag that any environment knows, by name.
fn known(ask: &Ask, places: &[Place]) -> Result<Vec<Known>, EngineError> {
    let mut overridden: HashMap<(String, String), Overridden> = HashMap::new();
    for row in overrides(ask)? {
        overridden.insert((row.environment.clone(), row.flag.clone()), row);
    }
    let mut unread = vec![Knowledge::Known; places.len()];
    let mut flags: BTreeMap<FlagName, Vec<Option<FlagView>>> = BTreeMap::new();
    for (column, place) in places.iter().enumerate() {
        let views = match ask.engine.flags(&ask.principal, &place.name) {
            // Another server keeps them and was never read: that is told, and the others are shown.
            Err(EngineError::Unavailable { .. }) => {
                unread[column] = Knowledge::Unread;
                Vec::new()
            }
            views => views?,
        };
        for view in views {
            let views = flags.entry(view.name.clone()).or_insert_with(|| vec![None; places.len()]);
            views[column] = Some(view);
        }
    }
    let past = past(ask);
    let with_places = |name: &FlagName, views: Vec<Option<FlagView>>| {
        let of = |((place, knowledge), view): ((&Place, &Knowledge), Option<FlagView>)| {
            let never = Here::never_set(name, *knowledge);
            let overridden = overridden.get(&(place.name.clone(), name.to_string())).cloned();
            Here { view: view.unwrap_or(never.view), overridden, knowledge: *knowledge }
        };
        places.iter().zip(&unread).zip(views).map(of).collect()
    };
    Ok(flags
        .into_iter()
        .map(|(name, views)| Known { here: with_places(&name, views), past: past.get(&name).cloned(), name })
        .collect())
}

/// What is wrong with definitions, here and on other servers.
fn findings(ask: &Ask) -> Result<Vec<Finding>, EngineError> {
    let mut findings = ask.engine.flag_board().findings();
    for one in ask.engine.environments(&ask.principal)? {
        let of_own = one.remote.filter(|_| one.flags_of.is_none());
        for finding in of_own.into_iter().flat_map(|remote| remote.findings) {
            findings.push(Finding { file: format!("{}: {}", one.name, finding.file), ..finding });
        }
    }
    Ok(findings)
}

/// The flags past their life, with their age in words.
pub(super) fn past(ask: &Ask) -> HashMap<FlagName, String> {
    let definitions = ask.engine.flag_board().definitions();
    let all = || definitions.iter().map(AsRef::as_ref);
    let Some(newest) = newest_milestone(all()) else { return HashMap::new() };
    let told = |age: u32| format!("{} old", count(age.into(), "milestone", "milestones"));
    stale(all(), newest).into_iter().map(|one| (one.name, told(one.age))).collect()
}

fn is_shipped(name: &FlagName) -> bool {
    shipped::definitions().iter().any(|definition| definition.name == *name)
}

fn row(flag: &Known, places: &[Place]) -> Row {
    let definition = flag.definition();
    let cell = |(place, here): (&Place, &Here)| Cell {
        environment: place.name.clone(),
        badge: here.badge(),
        note: words::note(here),
    };
    Row {
        href: href(flag.name.as_str()),
        name: flag.name.to_string(),
        about: definition.map(|one| one.description.clone()).unwrap_or_default(),
        owner: definition.map(Definition::owner).unwrap_or_default(),
        kind: definition.map_or("not defined", |one| one.kind.as_str()),
        past: flag.past.clone(),
        cells: places.iter().zip(&flag.here).map(cell).collect(),
    }
}

fn finding_row(finding: &Finding) -> FindingRow {
    let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
    FindingRow {
        file: format!("{}{line}", finding.file),
        field: finding.field.clone().unwrap_or_default(),
        rule: finding.rule.clone(),
    }
}

/// How many are in which state, each a link to just these.
fn counts(all: &[Known], column: usize, filter: &Filter) -> Vec<(String, String, bool)> {
    let told = |(state, one, many): (&'static str, &'static str, &'static str)| {
        let narrowed = Filter { state, q: String::new(), kind: "", ..filter.bare() };
        let n = all.iter().filter(|flag| narrowed.takes(flag, column)).count() as u64;
        let address = format!("{FLAGS}?{}", query_string(&[("state", state), ("in", &filter.environment)]));
        (n > 0).then(|| (count(n, one, many), address, filter.state == state))
    };
    STATES.iter().skip(1).copied().filter_map(told).collect()
}

impl Filter {
    fn read(ask: &Ask, places: &[Place]) -> Self {
        let one_of = |name: &str, allowed: &[&'static str]| -> &'static str {
            let asked = ask.query.get(name).unwrap_or_default();
            allowed.iter().find(|known| **known == asked).copied().unwrap_or_default()
        };
        let state = one_of("state", &STATES.map(|(value, _, _)| value));
        let kind = one_of("type", &FlagType::ALL.map(FlagType::as_str));
        let asked = ask.query.get("in").and_then(|name| ask.engine.flag_board().base_of(name));
        let own = places.iter().find(|place| place.is_own).or(places.first());
        let mut kinds = vec![("", "any type", kind.is_empty())];
        kinds.extend(FlagType::ALL.map(|one| (one.as_str(), one.as_str(), one.as_str() == kind)));
        Self {
            q: ask.query.filled("q").unwrap_or_default().to_owned(),
            state,
            kind,
            environment: asked
                .map_or_else(|| own.map(|place| place.name.clone()).unwrap_or_default(), ToOwned::to_owned),
            states: STATES.map(|(value, words, _)| (value, words, value == state)).to_vec(),
            kinds,
        }
    }

    /// The same environment and nothing else asked for.
    fn bare(&self) -> Self {
        Self {
            q: String::new(),
            state: "",
            kind: "",
            environment: self.environment.clone(),
            states: Vec::new(),
            kinds: Vec::new(),
        }
    }

    fn narrows(&self) -> bool {
        !(self.q.is_empty() && self.state.is_empty() && self.kind.is_empty())
    }

    fn takes(&self, flag: &Known, column: usize) -> bool {
        let definition = flag.definition();
        let q = self.q.to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&q);
        let in_text = holds(flag.name.as_str())
            || definition.is_some_and(|one| holds(&one.description) || holds(&one.owner()));
        let of_kind = self.kind.is_empty() || definition.is_some_and(|one| one.kind.as_str() == self.kind);
        let Some(here) = flag.here.get(column) else { return false };
        let overridden = here.overridden.is_some();
        let in_state = match self.state {
            "on" => here.state() == Some(State::On) && !overridden,
            "conditional" => here.state() == Some(State::Conditional) && !overridden,
            "off" => here.state() == Some(State::Off) && !overridden,
            "overridden" => overridden,
            "past" => flag.past.is_some(),
            _ => true,
        };
        in_text && of_kind && in_state
    }
}
