//! A file of JSON lines that only grows. A line counts once its newline is on disk; what a kill left of a line is cut off
//! when the file is opened again.

use anyhow::{Context, Result};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

/// The open file, at its end.
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Opens or makes the file and tells what is in it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<Value>)> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        if whole < bytes.len() {
            file.set_len(u64::try_from(whole)?)?;
        }
        let lines = bytes[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let values = lines
            .map(serde_json::from_slice)
            .collect::<Result<_, _>>()
            .with_context(|| format!("{} is damaged; start anew with --reset", path.display()))?;
        Ok((Self { file }, values))
    }

    /// Adds a line; it is on disk when this returns.
    pub(crate) fn append(&mut self, value: &Value) -> std::io::Result<()> {
        let mut line = value.to_string();
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Journal;
    use serde_json::json;
    use std::io::Write;

    #[test]
    fn a_line_that_a_kill_tore_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, before) = Journal::open(&path).unwrap();
        assert!(before.is_empty());
        journal.append(&json!({ "n": 1 })).unwrap();
        journal.file.write_all(b"{\"n\": 2").unwrap();
        let (mut journal, kept) = Journal::open(&path).unwrap();
        assert_eq!(kept, [json!({ "n": 1 })]);
        journal.append(&json!({ "n": 3 })).unwrap();
        assert_eq!(Journal::open(&path).unwrap().1, [json!({ "n": 1 }), json!({ "n": 3 })]);
    }
}
