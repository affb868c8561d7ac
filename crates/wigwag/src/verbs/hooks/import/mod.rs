//! `wigwag hooks import`: recreates here what another server has, as far as it can be read, and says what is left to do.

mod here;
mod origin;
mod plan;

use super::options::ImportOptions;
use super::print::{self, Style, styled, table, tame};
use crate::cli::Server;
use crate::exit;
use crate::verbs::client::Client;
use anyhow::{Context, Result};
use here::Here;
use origin::{Origin, Place};
use plan::Wanted;
use serde_json::{Value, json};

/// What is to become, or has become, of one hook.
enum Fate {
    /// It is to be made.
    Planned,
    /// It was made, with this number.
    Made(i64),
    /// It is here already, with this number.
    Same(i64),
    /// It could not be made.
    Failed(String),
}

/// One hook of the other server.
struct Planned {
    place: Place,
    wanted: Wanted,
    fate: Fate,
}

/// A place whose hooks could not be taken at all.
struct Failed {
    place: String,
    reason: String,
}

/// Plans, does it unless it is a dry run, and tells what is left to do.
pub(super) fn run(options: &ImportOptions) -> Result<()> {
    let server = Server { url: options.url.clone(), token: options.wigwag_token.clone(), json: options.json };
    let here = Client::with_token_of(&server, "--wigwag-token").context("nowhere to import to")?;
    let origin = Origin::new(options)?;
    let (mut planned, mut failed) = (Vec::new(), Vec::new());
    for place in origin.places(options, &mut failed)? {
        match take(&origin, &here, &place, options) {
            Ok(hooks) => planned.extend(hooks),
            Err(error) => failed.push(Failed { place: place.title(), reason: format!("{error:#}") }),
        }
    }
    tell(options, &planned, &failed)
}

/// Takes the hooks of one place. One that cannot be made stops no other.
fn take(origin: &Origin, client: &Client, place: &Place, options: &ImportOptions) -> Result<Vec<Planned>> {
    let found = origin.hooks(place)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let mut here = Here::ask(client, place)?;
    let one = |hook: &Value| {
        let mut wanted = plan::wanted(hook, place.kind, options.off);
        let fate = match here.take_same(&wanted) {
            Some((id, same)) => {
                wanted.to_do = plan::left_to_do(hook, &wanted, &same);
                Fate::Same(id)
            }
            None if options.dry_run => Fate::Planned,
            None => match here.make(&wanted) {
                Ok(id) => Fate::Made(id),
                Err(error) => Fate::Failed(format!("{error:#}")),
            },
        };
        Planned { place: place.clone(), wanted, fate }
    };
    Ok(found.iter().map(one).collect())
}

/// What became of each, what is left to do, and what failed.
fn tell(options: &ImportOptions, planned: &[Planned], failed: &[Failed]) -> Result<()> {
    let count = |is: fn(&Fate) -> bool| planned.iter().filter(|one| is(&one.fate)).count();
    let failures = count(|fate| matches!(fate, Fate::Failed(_))) + failed.len();
    if options.json {
        let hooks: Vec<Value> = planned.iter().map(as_json).collect();
        let failed: Vec<Value> =
            failed.iter().map(|one| json!({ "place": one.place, "reason": one.reason })).collect();
        print::json(&json!({ "dry_run": options.dry_run, "hooks": hooks, "failed": failed }))?;
    } else {
        let made = count(|fate| matches!(fate, Fate::Made(_) | Fate::Planned));
        let same = count(|fate| matches!(fate, Fate::Same(_)));
        let made_word = if options.dry_run { "would be made" } else { "made" };
        let mut text = table_of(planned) + &to_dos(planned) + &reasons(planned, failed);
        text += &format!("{} {made_word}, {same} here already", print::counted(made, "hook"));
        if failures > 0 {
            text += &format!(", {failures} failed");
        }
        print::text(&text)?;
    }
    if failures == 0 { Ok(()) } else { Err(exit::Refused.into()) }
}

fn table_of(planned: &[Planned]) -> String {
    if planned.is_empty() {
        return String::new();
    }
    let row = |one: &Planned| {
        let what = match &one.fate {
            Fate::Planned | Fate::Made(_) if !one.wanted.enabled => styled("make, off", Style::Yellow),
            Fate::Planned | Fate::Made(_) => styled("make", Style::Green),
            Fate::Same(_) => styled("here already", Style::Dim),
            Fate::Failed(_) => styled("failed", Style::Red),
        };
        vec![one.place.title(), tame(&one.wanted.name), tame(&one.wanted.url), what]
    };
    table(&["WHERE", "NAME", "URL", "WHAT"], &planned.iter().map(row).collect::<Vec<_>>()) + "\n"
}

/// One line for each hook that somebody must do something about.
fn to_dos(planned: &[Planned]) -> String {
    let to_do = |one: &Planned| {
        let hook = match one.fate {
            Fate::Made(id) | Fate::Same(id) => format!("hook {id}"),
            Fate::Planned if one.wanted.name.is_empty() => format!("the hook to {}", tame(&one.wanted.url)),
            Fate::Planned => format!("hook {}", tame(&one.wanted.name)),
            Fate::Failed(_) => return None,
        };
        let what = one.wanted.to_do.join("; ");
        (!what.is_empty()).then(|| format!("to do: {hook} in {}: {}\n", one.place.title(), tame(&what)))
    };
    planned.iter().filter_map(to_do).collect()
}

fn reasons(planned: &[Planned], failed: &[Failed]) -> String {
    let of_hook = |one: &Planned| match &one.fate {
        Fate::Failed(reason) => {
            Some(format!("failed: {} in {}: {}\n", tame(&one.wanted.url), one.place.title(), tame(reason)))
        }
        Fate::Planned | Fate::Made(_) | Fate::Same(_) => None,
    };
    let of_place = |one: &Failed| format!("failed: {}: {}\n", tame(&one.place), tame(&one.reason));
    planned.iter().filter_map(of_hook).chain(failed.iter().map(of_place)).collect()
}

fn as_json(one: &Planned) -> Value {
    let (outcome, id, reason) = match &one.fate {
        Fate::Planned => ("would_be_made", None, None),
        Fate::Made(id) => ("made", Some(id), None),
        Fate::Same(id) => ("same", Some(id), None),
        Fate::Failed(reason) => ("failed", None, Some(reason)),
    };
    let to_do: &[String] = if matches!(one.fate, Fate::Failed(_)) { &[] } else { &one.wanted.to_do };
    json!({
        "from": one.place.from, "to": one.place.to, "kind": one.place.kind_word(), "name": one.wanted.name,
        "url": one.wanted.url, "enabled": one.wanted.enabled, "outcome": outcome, "id": id, "to_do": to_do,
        "reason": reason,
    })
}
