use anyhow::Result;
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::Write;

/// Appends one run's figures to `bench/results/NAME.jsonl`.
pub(crate) fn append(name: &str, figures: &Value) -> Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/results");
    std::fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new().create(true).append(true).open(format!("{folder}/{name}.jsonl"))?;
    Ok(writeln!(file, "{figures}")?)
}

/// The middle of some figures, with the least and the most.
pub(crate) fn median(mut figures: Vec<f64>) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    let middle = figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN);
    (middle, figures.first().copied().unwrap_or(f64::NAN), figures.last().copied().unwrap_or(f64::NAN))
}
