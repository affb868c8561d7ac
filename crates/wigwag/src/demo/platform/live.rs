//! What changes on a page while it is looked at: texts, states and pieces of markup, each under a name. The first page
//! and the script's news are made from the same.

use crate::demo::facts::{Facts, PlaceFacts};
use crate::demo::harbor::{Place, Viewer};
use crate::demo::publish::Published;
use crate::demo::story::{CHAPTERS, Mark};
use crate::demo::world::{Block, Exchange, World};
use askama::Template;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wigwag_base::Timestamp;

/// Everything that changes.
#[derive(Default)]
pub(crate) struct Live {
    texts: BTreeMap<String, String>,
    states: BTreeMap<String, String>,
    markup: BTreeMap<String, String>,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Arrived,
    Waits,
    Underway,
}

impl Fate {
    const fn name(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Waits => "waits",
            Self::Underway => "underway",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Waits => "waits",
            Self::Underway => "on its way",
        }
    }
}

struct Row {
    event: Published,
    ago: String,
    fate: Fate,
}

#[derive(Template)]
#[template(path = "feed.html")]
struct Feed {
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "exchanges.html")]
struct Exchanges {
    exchanges: Vec<Exchange>,
}

impl Live {
    /// As it is now, for the page of `place`.
    pub(crate) fn of(world: &World, place: Place, now: Timestamp) -> askama::Result<Self> {
        let seen = world.seen();
        let mut live = Self::default();
        live.text("trouble", seen.trouble.clone().unwrap_or_default());
        live.state("trouble", if seen.trouble.is_some() { "some" } else { "none" });
        live.figures(seen.facts.places.of(place));
        for place in Place::ALL {
            live.scene(place, seen.facts.places.of(place));
        }
        live.story(world);
        let rows = rows(world, place, &seen.facts, now);
        live.markup.insert("feed".into(), Feed { rows }.render()?);
        live.markup.insert("exchanges".into(), Exchanges { exchanges: world.exchanges() }.render()?);
        Ok(live)
    }

    /// The news for the script.
    pub(crate) fn json(&self) -> Value {
        json!({ "texts": self.texts, "states": self.states, "markup": self.markup })
    }

    /// A text by name, for the templates.
    pub(crate) fn t(&self, name: &str) -> &str {
        self.texts.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A state by name, for the templates.
    pub(crate) fn s(&self, name: &str) -> &str {
        self.states.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A piece of markup by name, for the templates.
    pub(crate) fn m(&self, name: &str) -> &str {
        self.markup.get(name).map(String::as_str).unwrap_or_default()
    }

    fn text(&mut self, name: &str, text: impl Into<String>) {
        self.texts.insert(name.to_owned(), text.into());
    }

    fn state(&mut self, name: &str, state: &str) {
        self.states.insert(name.to_owned(), state.to_owned());
    }

    fn figures(&mut self, facts: &PlaceFacts) {
        self.text("published", number(facts.published));
        self.text("arrived", number(facts.arrived));
        self.text("waiting", number(facts.waiting));
        self.text("sentence", sentence(facts));
        self.state("sentence", if facts.health.is_failing() { "failing" } else { "well" });
    }

    fn scene(&mut self, place: Place, facts: &PlaceFacts) {
        let name = |what: &str| format!("{}.{what}", place.slug());
        self.text(&name("receiver"), if facts.broken { "broken" } else { "works" });
        self.state(&name("receiver"), if facts.broken { "broken" } else { "works" });
        let failures = match facts.failures {
            0 => String::new(),
            1 => ", 1 failure".to_owned(),
            n => format!(", {n} failures"),
        };
        self.text(&name("hook"), format!("{}{failures}", facts.health.word()));
        self.state(&name("hook"), facts.health.name());
        self.text(&name("waiting"), number(facts.waiting));
        self.text(&name("arrived"), format!("{} of {}", number(facts.arrived), number(facts.published)));
        let irregular = match facts.irregular {
            0 => "none".to_owned(),
            n => number(n),
        };
        self.text(&name("irregular"), irregular);
        self.text(&name("error"), facts.last_error.clone().unwrap_or_default());
        self.text(&name("flag"), if facts.flag_on { "on" } else { "off" });
        self.state(&name("flag"), if facts.flag_on { "on" } else { "off" });
        for viewer in Viewer::ALL {
            let banner = facts.banner(viewer);
            self.text(&name(viewer.username()), banner.unwrap_or("none"));
            self.state(&name(viewer.username()), if banner.is_some() { "shown" } else { "none" });
        }
    }

    fn story(&mut self, world: &World) {
        let story = world.story();
        let states = story.states();
        for (chapter, state) in CHAPTERS.iter().zip(&states) {
            self.state(&format!("chapter.{}", chapter.id), state.name());
        }
        let done = states.iter().filter(|state| state.name() == "done").count();
        self.text("progress", format!("{done} of {}", CHAPTERS.len()));
        self.state("end", if done == CHAPTERS.len() { "reached" } else { "ahead" });
        for (mark, name) in Mark::ALL {
            let (state, word) = if story.has(mark) { ("done", "happened") } else { ("open", "not yet") };
            self.state(&format!("mark.{name}"), state);
            self.text(&format!("mark.{name}"), word);
        }
    }
}

fn rows(world: &World, place: Place, facts: &Facts, now: Timestamp) -> Vec<Row> {
    let failing = facts.places.of(place).health.is_failing();
    let row = |event: Published| {
        let fate = match facts.arrived.contains(&event.key) {
            true => Fate::Arrived,
            false if failing || facts.places.of(place).broken => Fate::Waits,
            false => Fate::Underway,
        };
        Row { ago: ago(now.since(event.at).as_secs()), event, fate }
    };
    world.outbox(place).recent().into_iter().map(row).collect()
}

/// The page's first line: how it is, in one sentence.
fn sentence(facts: &PlaceFacts) -> String {
    let missing = facts.published.saturating_sub(facts.arrived);
    match missing {
        0 if facts.published == 0 => "The harbor wakes up: the first events are on their way.".to_owned(),
        0 => format!("All {} events arrived.", number(facts.published)),
        1 => "1 event has not arrived yet.".to_owned(),
        missing => format!("{} events have not arrived yet.", number(missing)),
    }
}

fn ago(s: u64) -> String {
    match s {
        0 => "now".to_owned(),
        1..60 => format!("{s} s"),
        60..3_600 => format!("{} min", s / 60),
        _ => format!("{} h", s / 3_600),
    }
}

/// With its thousands apart.
fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut parted = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    parted
}

#[cfg(test)]
mod tests {
    use super::{PlaceFacts, ago, number, sentence};

    #[test]
    fn figures_read_well() {
        assert_eq!([0, 12, 1_234, 1_234_567].map(number), ["0", "12", "1,234", "1,234,567"]);
        assert_eq!([0, 59, 60, 7_200].map(ago), ["now", "59 s", "1 min", "2 h"]);
        let check = |published, arrived, text: &str| {
            assert_eq!(sentence(&PlaceFacts { published, arrived, ..PlaceFacts::default() }), text);
        };
        check(0, 0, "The harbor wakes up: the first events are on their way.");
        check(1_000, 1_000, "All 1,000 events arrived.");
        check(3, 2, "1 event has not arrived yet.");
        check(30, 2, "28 events have not arrived yet.");
        check(2, 3, "All 2 events arrived.");
    }
}
