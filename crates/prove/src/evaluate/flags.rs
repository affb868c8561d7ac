//! Flags and actors as a seed draws them.

use anyhow::Result;
use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What is drawn of one flag.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) defined: bool,
    pub(super) default_enabled: bool,
    pub(super) depends_on: Vec<String>,
    pub(super) stored: Option<Stored>,
}

/// What is stored of it.
#[derive(Clone, Default, Debug)]
pub(super) struct Stored {
    pub(super) boolean: Option<bool>,
    pub(super) actors: Vec<String>,
    pub(super) opt_outs: Vec<String>,
    pub(super) percentage_of_actors: Option<f64>,
    pub(super) percentage_of_time: Option<f64>,
}

/// Actors are drawn from so few that lists and opt-outs are met.
const ACTORS: u64 = 40;
/// As deep as dependencies may reach.
const DEPTH_MAX: usize = 4;

/// Draws `count` flags: most are defined, some depend on others, most have something stored.
pub(super) fn draw(random: &mut Rng, count: usize) -> BTreeMap<String, Drawn> {
    let mut flags: BTreeMap<String, Drawn> = BTreeMap::new();
    let mut depths: Vec<(String, usize)> = Vec::new();
    for number in 0..count {
        let name = format!("drawn_{number}_{}", random.u16(..));
        let defined = random.u8(..10) < 8;
        let mut depth = 0;
        let mut depends_on = Vec::new();
        if defined && !depths.is_empty() && random.u8(..3) == 0 {
            for _ in 0..random.usize(1..3) {
                let (needed, below) = &depths[random.usize(..depths.len())];
                if below + 1 < DEPTH_MAX && !depends_on.contains(needed) {
                    depth = depth.max(below + 1);
                    depends_on.push(needed.clone());
                }
            }
        }
        // What is neither defined nor stored is no flag.
        let stored = (!defined || random.u8(..10) < 7).then(|| stored(random));
        let default_enabled = defined && random.bool();
        // Only what is defined can be depended on.
        if defined {
            depths.push((name.clone(), depth));
        }
        flags.insert(name, Drawn { defined, default_enabled, depends_on, stored });
    }
    flags
}

fn stored(random: &mut Rng) -> Stored {
    let mut some = |of: u8| (0..random.u8(..of)).map(|_| actor(random)).collect::<Vec<_>>();
    let (actors, opt_outs) = (some(6), some(3));
    let thousandths = random.u32(..=100_000);
    Stored {
        boolean: [None, None, Some(false), Some(true)][random.usize(..4)],
        percentage_of_actors: random.bool().then(|| f64::from(thousandths) / 1_000.0),
        percentage_of_time: [None, None, None, Some(0.0), Some(100.0)][random.usize(..5)],
        opt_outs: opt_outs.into_iter().filter(|out| !actors.contains(out)).collect(),
        actors,
    }
}

fn actor(random: &mut Rng) -> String {
    let kind = ["User", "Project", "Group", "Tenant"][random.usize(..4)];
    format!("{kind}:{}", random.u64(1..=ACTORS))
}

/// One question: a flag, now and then one that does not exist, and up to four actors.
pub(super) fn question(random: &mut Rng, names: &[String]) -> (String, Vec<String>) {
    let name = match random.u8(..50) {
        0 => "never_heard_of".to_owned(),
        _ => names[random.usize(..names.len())].clone(),
    };
    (name, (0..random.u8(..5)).map(|_| actor(random)).collect())
}

/// Writes the definitions as files.
pub(super) fn write_definitions(folder: &Path, flags: &BTreeMap<String, Drawn>) -> Result<()> {
    let folder = folder.join("ops");
    fs::create_dir_all(&folder)?;
    for (name, flag) in flags.iter().filter(|(_, flag)| flag.defined) {
        let needs: String = flag.depends_on.iter().map(|needed| format!("  - {needed}\n")).collect();
        let needs = if needs.is_empty() { String::new() } else { format!("depends_on:\n{needs}") };
        let text = format!(
            "---\nname: {name}\ntype: ops\ndefault_enabled: {}\nintroduced_by_url: https://example.com/1\n\
             milestone: '1.0'\ngroup: group::proof\n{needs}",
            flag.default_enabled
        );
        fs::write(folder.join(format!("{name}.yml")), text)?;
    }
    Ok(())
}

/// What is stored, as `PUT /v1/flags/NAME/state` takes it.
pub(super) fn state(stored: &Stored) -> Value {
    json!({
        "force": true,
        "state": {
            "boolean": stored.boolean,
            "actors": stored.actors,
            "opt_outs": stored.opt_outs,
            "percentage_of_actors": stored.percentage_of_actors,
            "percentage_of_time": stored.percentage_of_time,
        },
    })
}
