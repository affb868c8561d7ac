//! Weighs what the benchmark `evaluate` times: allocations of each case, bytes of a flag and of an actor. A program of
//! its own, because its allocator counts, which would slow the others down. Prints one line of JSON.

#![allow(clippy::print_stdout)]

use allocation_counter::measure;
use anyhow::Result;
use serde_json::{Map, Value, json};
use wigwag_bench::evaluation::world::{FLAGS, lists};
use wigwag_bench::evaluation::{client, ours, rival};
use wigwag_flags::Snapshot;

/// Evaluations that allocations are counted over.
const TIMES: u64 = 1_000;

fn main() -> Result<()> {
    let mut allocations = Map::new();
    for mut case in ours::cases().into_iter().chain(client::cases()).chain(rival::cases()?) {
        (case.ask)(1);
        let counted = measure(|| (case.ask)(TIMES)).count_total as f64 / TIMES as f64;
        allocations.insert(case.name.to_owned(), counted.into());
    }
    let (many, few) = (100 * FLAGS, FLAGS / 100);
    let per_flag = bytes(many, 0) / many as f64;
    let actors = 100_000 / few;
    let per_actor = (bytes(few, actors) - bytes(few, 0)) / (few * actors) as f64;
    let weighed = json!({
        "allocations": Value::Object(allocations), "bytes_per_flag": per_flag, "bytes_per_actor": per_actor,
    });
    println!("{weighed}");
    Ok(())
}

/// What a snapshot of so many stored flags, each of which lists so many actors, holds of the memory.
fn bytes(flags: usize, actors: usize) -> f64 {
    let mut kept = None;
    let held = measure(|| kept = Some(Snapshot::new(1, [], lists(flags, actors)))).bytes_current;
    drop(kept);
    held as f64
}
