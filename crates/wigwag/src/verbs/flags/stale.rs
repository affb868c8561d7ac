//! `wigwag flags stale`: flags that have outlived their type.

use super::definition::{Read, read, where_and_what};
use super::options::StaleOptions;
use super::print::{self, counted};
use crate::exit;
use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};
use wigwag_flags::Definition;
use wigwag_flags::life::{Life, Milestone, Stale, newest_milestone, stale};

/// Lists them, the longest overdue first.
pub(super) fn run(options: &StaleOptions) -> Result<()> {
    let Read { definitions, files, .. } = read(&options.folder);
    if let [finding, ..] = definitions.findings.as_slice()
        && files == 0
    {
        bail!("{}", where_and_what(&options.folder, finding));
    }
    let good = &definitions.good;
    let given = options.milestone.as_deref().map(|text| {
        text.parse::<Milestone>()
            .map_err(|error| anyhow!(exit::Usage(format!("--milestone: {text:?} {error}"))))
    });
    let Some(current) = given.transpose()?.or_else(|| newest_milestone(good)) else {
        bail!("no definition below {} names a milestone; give --milestone", options.folder.display());
    };
    if !definitions.findings.is_empty() {
        print::aside(&format!(
            "wigwag: {}, which `wigwag flags lint` shows; what is wrong is not counted",
            counted(definitions.findings.len(), "finding")
        ));
    }
    let past = stale(good, current);
    let ageless: Vec<&Definition> =
        good.iter().filter(|d| d.milestone.parse::<Milestone>().is_err()).collect();
    if options.json {
        let ageless: Vec<&str> = ageless.iter().map(|definition| definition.name.as_str()).collect();
        let stale: Vec<Value> = past.iter().map(as_json).collect();
        return print::json(&json!({ "milestone": current.to_string(), "stale": stale, "ageless": ageless }));
    }
    let mut text = if past.is_empty() {
        format!("none of {} flags has outlived its type at {current}\n", good.len())
    } else {
        let rows: Vec<Vec<String>> = past.iter().map(row).collect();
        let table = print::table(&["FLAG", "TYPE", "AGE", "LIFE", "ASK"], &rows);
        format!("{table}{} of {} flags have outlived their type at {current}\n", past.len(), good.len())
    };
    for definition in ageless {
        let (name, milestone) = (&definition.name, &definition.milestone);
        text += &format!("{name}: its milestone {milestone:?} is no X.Y, so it has no age\n");
    }
    print::text(&text)
}

fn row(stale: &Stale) -> Vec<String> {
    let life = match stale.life {
        Life::Ends(within) => within.to_string(),
        Life::ReviewAt(after) => format!("review at {after}"),
        Life::Unlimited => String::new(),
    };
    vec![stale.name.to_string(), stale.kind.as_str().into(), stale.age.to_string(), life, stale.owner.clone()]
}

fn as_json(stale: &Stale) -> Value {
    let (ends, review_at) = match stale.life {
        Life::Ends(within) => (Some(within), None),
        Life::ReviewAt(after) => (None, Some(after)),
        Life::Unlimited => (None, None),
    };
    json!({
        "name": stale.name.as_str(),
        "type": stale.kind.as_str(),
        "age_milestones": stale.age,
        "life_milestones": ends,
        "review_at_milestones": review_at,
        "owner": stale.owner,
    })
}
