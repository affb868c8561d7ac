//! The folder of cases: `given.json` says which flags there are, every other `*.json` holds cases.

use crate::case::{self, Case, Given};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The name of the file with the given flags.
const GIVEN: &str = "given.json";

/// The given flags, and the cases of all files in the order of their names.
pub(crate) fn read(folder: &Path) -> Result<(Vec<Given>, Vec<Case>)> {
    let given = list(&folder.join(GIVEN), "flags")?;
    let given = given.iter().map(case::given).collect::<Result<Vec<_>>>().with_context(|| GIVEN)?;
    let mut cases: Vec<Case> = Vec::new();
    for path in paths(folder)? {
        let found = list(&path, "cases")?;
        let read = found.iter().map(case::case).collect::<Result<Vec<_>>>();
        cases.extend(read.with_context(|| path.display().to_string())?);
    }
    let mut names = BTreeSet::new();
    match cases.iter().find(|case| !names.insert(case.name.as_str())) {
        Some(twice) => bail!("two cases are called {:?}", twice.name),
        None => Ok((given, cases)),
    }
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") && !path.ends_with(GIVEN) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn list(path: &Path, field: &str) -> Result<Vec<Value>> {
    let read = || -> Result<Vec<Value>> {
        let value: Value = serde_json::from_slice(&std::fs::read(path)?)?;
        value
            .get(field)
            .and_then(Value::as_array)
            .cloned()
            .with_context(|| format!("there is no list {field:?}"))
    };
    read().with_context(|| path.display().to_string())
}
