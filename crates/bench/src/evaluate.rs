//! `evaluate`: nanoseconds of one flag evaluation in process, beside the engine of Unleash in the same minutes; then
//! what loading and changing flags costs, and how much memory they take.

use crate::process::Process;
use crate::results::{append, median};
use anyhow::Result;
use clap::Args;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use wigwag_bench::evaluation::{Case, client, ours, rival, world};
use wigwag_flags::{FlagState, Snapshot};

/// How the benchmark runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Runs; in each, every case has its turn, and the table shows the median
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Turns of each case in one run, of 10 ms each
    #[arg(long, default_value_t = 20)]
    turns: u32,
}

/// Figures to reach: nanoseconds at most.
const AT_MOST_NS: [(&str, f64); 3] =
    [(ours::BY_NAME, 20.0), (ours::BY_HANDLE, 8.0), (ours::PERCENTAGE_BY_NAME, 30.0)];
/// Figures to reach: how many times as fast as the rival, both loading their flags at each call.
const AT_LEAST_TIMES: [(&str, &str, f64); 2] =
    [(ours::SWAPPED, rival::SWITCH, 1.6), (ours::PERCENTAGE_SWAPPED, rival::GRADUAL, 2.0)];

/// How long a case is asked in one turn: short, so that whatever else the machine does hits all cases alike.
const TURN: Duration = Duration::from_millis(10);

/// Nanoseconds of each run.
struct Timed {
    name: &'static str,
    ns: Vec<f64>,
}

/// Runs it and prints the tables.
pub(crate) async fn run(options: Options) -> Result<()> {
    let weighed = weigh().await?;
    let mut cases: Vec<Case> =
        ours::cases().into_iter().chain(client::cases()).chain(rival::cases()?).collect();
    let times: Vec<u64> = cases.iter_mut().map(times).collect();
    let mut timed: Vec<Timed> = cases.iter().map(|case| Timed { name: case.name, ns: Vec::new() }).collect();
    for _ in 0..options.runs {
        let mut took = vec![Duration::ZERO; cases.len()];
        for _ in 0..options.turns {
            for ((case, times), took) in cases.iter_mut().zip(&times).zip(&mut took) {
                *took += time(|| (case.ask)(*times));
            }
        }
        for ((timed, times), took) in timed.iter_mut().zip(&times).zip(took) {
            timed.ns.push(took.as_secs_f64() * 1e9 / (u64::from(options.turns) * times) as f64);
        }
    }
    let changes = changes(options.runs);
    print_cases(&timed, &weighed["allocations"]);
    let ratios = print_ratios(&timed);
    print_changes(&changes, &weighed);
    append("evaluate", &record(&options, &timed, ratios, &changes, &weighed))
}

/// Asks the program beside this one, whose allocator counts.
async fn weigh() -> Result<Value> {
    let program = std::env::current_exe()?.with_file_name("wigwag-bench-memory");
    let mut process = Process::start(&program, &[], &[])?;
    let weighed = process.line(|line| serde_json::from_str(line).ok()).await?;
    process.end().await?;
    Ok(weighed)
}

/// How often a case is to be asked in one turn; asking warms it up, too.
fn times(case: &mut Case) -> u64 {
    let mut times = 1_000;
    loop {
        let took = time(|| (case.ask)(times));
        if took >= TURN {
            return (times as f64 * TURN.as_secs_f64() / took.as_secs_f64()).ceil() as u64;
        }
        times *= 2;
    }
}

/// The CPU time that this thread takes for `work`: others may share the cores.
fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let begun = now();
    black_box(work());
    now().saturating_sub(begun)
}

/// Microseconds of what does not happen at each call: loading all flags and changing one.
fn changes(runs: usize) -> Vec<(&'static str, Vec<f64>)> {
    let per_run = |mut once: Box<dyn FnMut() -> Duration>| -> Vec<f64> {
        (0..runs).map(|_| once().as_secs_f64() * 1e6).collect()
    };
    let load = |flags, actors| {
        per_run(Box::new(move || {
            let states = world::lists(flags, actors);
            time(|| Snapshot::new(1, [], states))
        }))
    };
    let swap = |flags, actors, of_list| {
        let snapshot = Arc::new(Snapshot::new(1, [], world::lists(flags, actors)));
        let name = world::name("feature_flag_number_0");
        per_run(Box::new(move || {
            let state = if of_list == 0 { FlagState::default() } else { world::listing(0..of_list) };
            time(|| snapshot.with_state(2, &name, Some(state)))
        }))
    };
    vec![
        ("load 10 flags of 10,000 actors each", load(10, 10_000)),
        ("load 100,000 flags of 1 actor each", load(100_000, 1)),
        ("replace one of 10,000 flags", swap(10_000, 0, 0)),
        ("replace one of 10,000 flags by a list of 10,000 actors", swap(10_000, 0, 10_000)),
    ]
}

fn print_cases(timed: &[Timed], allocations: &Value) {
    println!(
        "{:<52} {:>8} {:>8} {:>8} {:>12} {:>9}",
        "evaluate, ns", "median", "least", "most", "allocations", "to reach"
    );
    for case in timed {
        let (middle, least, most) = median(case.ns.clone());
        let to_reach = AT_MOST_NS.iter().find(|(name, _)| *name == case.name);
        let to_reach = to_reach.map_or(String::new(), |(_, ns)| format!("<= {ns}"));
        let allocated = allocations[case.name].as_f64().unwrap_or(f64::NAN);
        println!("{:<52} {middle:>8.1} {least:>8.1} {most:>8.1} {allocated:>12.1} {to_reach:>9}", case.name);
    }
}

/// Ours beside the rival's, each run by itself.
fn print_ratios(timed: &[Timed]) -> Map<String, Value> {
    let ns = |name: &str| timed.iter().find(|case| case.name == name).map_or(&[][..], |case| &case.ns);
    println!(
        "\n{:<52} {:>8} {:>8} {:>8} {:>9}",
        "against yggdrasil, ns", "ours", "theirs", "ratio", "to reach"
    );
    let mut ratios = Map::new();
    for (name, rivals, at_least) in AT_LEAST_TIMES {
        let ratio = ns(rivals).iter().zip(ns(name)).map(|(theirs, ours)| theirs / ours).collect();
        let (ours, theirs, (middle, least, most)) =
            (median(ns(name).to_vec()).0, median(ns(rivals).to_vec()).0, median(ratio));
        println!("{name:<52} {ours:>8.1} {theirs:>8.1} {middle:>8.2} {:>9}", format!(">= {at_least}"));
        println!("{:<52} {:>8} {:>8} {:>8}", "", "", "", format!("{least:.2}-{most:.2}"));
        ratios.insert(rivals.to_owned(), json!({ "median": middle, "least": least, "most": most }));
    }
    println!("yggdrasil is version {}", rival::VERSION);
    ratios
}

fn print_changes(changes: &[(&str, Vec<f64>)], weighed: &Value) {
    println!("\n{:<56} {:>10} {:>10} {:>10}", "load and change, us", "median", "least", "most");
    for (name, us) in changes {
        let (middle, least, most) = median(us.clone());
        println!("{name:<56} {middle:>10.1} {least:>10.1} {most:>10.1}");
    }
    let bytes = |key: &str| weighed[key].as_f64().unwrap_or(f64::NAN);
    println!(
        "\nbytes of a stored flag {:.0}, of a listed actor {:.0}",
        bytes("bytes_per_flag"),
        bytes("bytes_per_actor")
    );
}

fn record(
    options: &Options,
    timed: &[Timed],
    ratios: Map<String, Value>,
    changes: &[(&str, Vec<f64>)],
    weighed: &Value,
) -> Value {
    let spread = |figures: &[f64]| {
        let (middle, least, most) = median(figures.to_vec());
        json!({ "median": middle, "least": least, "most": most })
    };
    let ns: Map<String, Value> = timed.iter().map(|case| (case.name.to_owned(), spread(&case.ns))).collect();
    let us: Map<String, Value> = changes.iter().map(|(name, us)| ((*name).to_owned(), spread(us))).collect();
    json!({
        "runs": options.runs, "turns": options.turns, "ns": ns, "us": us,
        "yggdrasil": rival::VERSION, "ratios": ratios, "weighed": weighed,
    })
}
