//! The override file: the way to switch a flag off when nothing else answers any more. It can do nothing but that.
//!
//! Either the JSON that a server keeps its own overrides in (of each row only `flag` is required), or a flag's name on
//! each line, with `#` before remarks:
//!
//! ```text
//! {"overrides": [{"flag": "new_checkout", "environment": "production"}]}
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::SystemTime;

use serde_json::Value;
use wigwag_flags::FlagName;

use super::file;
use crate::limits::{OVERRIDE_FILE_BYTES_MAX, OVERRIDE_FILE_EVERY, OVERRIDE_FILE_FRESH, OVERRIDES_MAX};
use crate::shared::Shared;

/// One program's override file.
pub(crate) struct OverrideFile {
    path: PathBuf,
    /// The environment that the program asks for; rows of others do not concern it.
    environment: Option<String>,
    seen: Option<Seen>,
}

/// What a file looked like when it was read.
#[derive(PartialEq, Eq, Debug)]
struct Seen {
    modified: Option<SystemTime>,
    length: u64,
    /// Zero where files have none.
    inode: u64,
    /// It may change once more without looking different.
    fresh: bool,
    /// Rows may be left out for the sake of the snapshot's environment.
    environment: Option<String>,
}

/// What a file says.
#[derive(PartialEq, Eq, Default, Debug)]
struct Said {
    off: BTreeSet<FlagName>,
    /// What of it is not understood.
    trouble: Option<String>,
}

impl OverrideFile {
    pub(crate) fn new(path: PathBuf, environment: Option<String>) -> Self {
        Self { path, environment, seen: None }
    }

    /// Looks at the file, and reads it if it may be another than before.
    pub(crate) fn look(&mut self, shared: &Shared) {
        let environment = shared.known().map(|known| known.environment.clone());
        let seen = match fs::metadata(&self.path) {
            Ok(metadata) => Some(seen(&metadata, environment)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return self.complain(shared, error.to_string()),
        };
        let Some(seen) = seen else {
            self.seen = None;
            shared.switch_off(BTreeSet::new());
            return shared.set_health(|health| health.override_file = None);
        };
        if self.seen.as_ref() == Some(&seen) && !seen.fresh {
            return;
        }
        match file::read(&self.path, OVERRIDE_FILE_BYTES_MAX) {
            Ok(bytes) => self.take(shared, &bytes, seen.environment.as_deref()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => self.complain(shared, error.to_string()),
        }
        self.seen = Some(seen);
    }

    fn take(&self, shared: &Shared, bytes: &[u8], environment: Option<&str>) {
        let ours = [self.environment.as_deref(), environment];
        match parse(bytes, &ours) {
            Ok(said) => {
                shared.switch_off(said.off);
                match said.trouble {
                    Some(trouble) => self.complain(shared, trouble),
                    None => shared.set_health(|health| health.override_file = None),
                }
            }
            Err(trouble) => self.complain(shared, trouble),
        }
    }

    /// Tells of it once.
    fn complain(&self, shared: &Shared, trouble: String) {
        if shared.health.borrow().override_file.as_ref() != Some(&trouble) {
            tracing::warn!(path = %self.path.display(), "the override file: {trouble}");
            shared.set_health(|health| health.override_file = Some(trouble));
        }
    }
}

/// Looks at the file until the client is gone. Takes a thread: no busy runtime may hold up a switch.
pub(crate) fn watch_override_file(mut file: OverrideFile, shared: Arc<Shared>, gone: &Receiver<()>) {
    while gone.recv_timeout(OVERRIDE_FILE_EVERY) == Err(RecvTimeoutError::Timeout) {
        file.look(&shared);
    }
}

fn seen(metadata: &fs::Metadata, environment: Option<String>) -> Seen {
    let modified = metadata.modified().ok();
    // A time ahead of the clock is as good as now.
    let age = |modified: SystemTime| modified.elapsed().unwrap_or_default();
    let fresh = modified.is_none_or(|modified| age(modified) < OVERRIDE_FILE_FRESH);
    Seen { modified, length: metadata.len(), inode: inode(metadata), fresh, environment }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// # Errors
/// Why nothing of it is taken. A row that is not understood leaves the others as they are: off must get through.
fn parse(bytes: &[u8], ours: &[Option<&str>]) -> Result<Said, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let rows = if text.trim_start().starts_with('{') { json_rows(text, ours)? } else { lines(text) };
    if rows.len() > OVERRIDES_MAX {
        return Err(format!("it switches off more than {OVERRIDES_MAX} flags"));
    }
    let mut said = Said::default();
    for row in rows {
        match row.and_then(|name| name.parse().map_err(|error| format!("flag `{name}` {error}"))) {
            Ok(name) => drop(said.off.insert(name)),
            Err(trouble) => said.trouble = Some(trouble),
        }
    }
    Ok(said)
}

fn lines(text: &str) -> Vec<Result<String, String>> {
    let names = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    names.filter(|name| !name.is_empty()).map(|name| Ok(name.to_owned())).collect()
}

fn json_rows(text: &str, ours: &[Option<&str>]) -> Result<Vec<Result<String, String>>, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let rows = json.get("overrides").and_then(Value::as_array);
    let rows = rows.ok_or(r#"it has no list "overrides""#)?;
    let concerns = |row: &&Value| match row.get("environment").and_then(Value::as_str) {
        Some(environment) => ours.contains(&Some(environment)) || ours.iter().all(Option::is_none),
        None => true,
    };
    let flag = |row: &Value| match row.get("flag").and_then(Value::as_str) {
        Some(flag) => Ok(flag.to_owned()),
        None => Err(r#"a row has no text "flag""#.to_owned()),
    };
    Ok(rows.iter().filter(concerns).map(flag).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Known;

    /// The flags that are off then, and what is wrong; `Err` if nothing of it is taken.
    fn check(text: &str, off: &[&str], trouble: Option<&str>) {
        let said = parse(text.as_bytes(), &[Some("production"), Some("base")]).unwrap();
        let names: Vec<&str> = said.off.iter().map(FlagName::as_str).collect();
        assert_eq!((names, said.trouble.as_deref()), (off.to_vec(), trouble), "{text}");
    }

    fn refused(text: &[u8], why: &str) {
        let told = parse(text, &[None]).unwrap_err();
        assert!(told.starts_with(why), "{told}");
    }

    #[test]
    fn rows_and_lines_switch_off() {
        check("", &[], None);
        check("\n# nothing is off\n", &[], None);
        check("b\r\na # incident 12", &["a", "b"], None);
        check(r#"{"overrides": []}"#, &[], None);
        let ours = r#" {"overrides": [{"flag": "a"}, {"flag": "b", "environment": "production", "author": "x"},
            {"flag": "c", "environment": "base"}, {"flag": "d", "environment": "staging"}]}"#;
        check(ours, &["a", "b", "c"], None);
        let all = parse(ours.as_bytes(), &[None, None]).unwrap();
        assert_eq!(all.off.len(), 4, "off is the safe side while the environment is not known");
    }

    #[test]
    fn a_bad_row_does_not_keep_the_others_from_working() {
        let wrong = "flag `no name` may hold only letters, digits, '_', '-' and ':'";
        check("a\nno name\nb\n", &["a", "b"], Some(wrong));
        let no_flag = r#"a row has no text "flag""#;
        check(r#"{"overrides": [{"flag": 1}, "x", {}, {"flag": "a"}]}"#, &["a"], Some(no_flag));
    }

    #[test]
    fn what_cannot_be_read_is_not_taken() {
        refused(b"{", "it is not JSON");
        refused(br#"{"overrides": {}}"#, r#"it has no list "overrides""#);
        refused(b"\xff", "it is not UTF-8");
        let lines = |count: usize| (0..count).map(|n| format!("f{n}\n")).collect::<String>();
        assert_eq!(parse(lines(OVERRIDES_MAX).as_bytes(), &[]).unwrap().off.len(), OVERRIDES_MAX);
        refused(lines(OVERRIDES_MAX + 1).as_bytes(), "it switches off more than 10000 flags");
    }

    fn off(shared: &Shared) -> Vec<String> {
        shared.health.borrow().overridden.clone()
    }

    #[test]
    fn what_held_holds_on_while_the_file_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("overrides");
        let (shared, mut file) = (Shared::new(), OverrideFile::new(path.clone(), None));
        let mut look = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            file.look(&shared);
            (off(&shared), shared.health.borrow().override_file.is_some())
        };
        assert_eq!(look(b"a"), (vec!["a".to_owned()], false));
        assert_eq!(look(br#"{"overrides": [{"fl"#), (vec!["a".to_owned()], true));
        let large = vec![b'#'; OVERRIDE_FILE_BYTES_MAX as usize + 1];
        assert_eq!(look(&large), (vec!["a".to_owned()], true));
        assert_eq!(look(&large[1..]), (vec![], false));
        assert_eq!(look(b"b"), (vec!["b".to_owned()], false));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        file.look(&shared);
        assert_eq!(off(&shared), ["b"]);
        fs::remove_dir(&path).unwrap();
        file.look(&shared);
        assert_eq!((off(&shared).len(), shared.health.borrow().override_file.clone()), (0, None));
    }

    #[test]
    fn a_file_that_did_not_change_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("overrides");
        let (shared, mut file) = (Shared::new(), OverrideFile::new(path.clone(), None));
        let long_ago = SystemTime::now() - OVERRIDE_FILE_FRESH * 2;
        let write = |text: &str, at: SystemTime| {
            fs::write(&path, text).unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        };
        write("a", long_ago);
        file.look(&shared);
        write("b", long_ago);
        file.look(&shared);
        assert_eq!(off(&shared), ["a"], "it looks the same");
        write("c", SystemTime::now());
        file.look(&shared);
        assert_eq!(off(&shared), ["c"], "another time");
        fs::write(&path, "d").unwrap();
        file.look(&shared);
        assert_eq!(off(&shared), ["d"], "young enough to be read again in any case");
    }

    #[test]
    fn rows_of_other_environments_are_judged_anew_with_the_snapshot() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("overrides");
        fs::write(&path, r#"{"overrides": [{"flag": "a", "environment": "staging"}]}"#).unwrap();
        let (shared, mut file) = (Shared::new(), OverrideFile::new(path, None));
        file.look(&shared);
        assert_eq!(off(&shared), ["a"]);
        let json = br#"{"environment": "production", "version": "1", "flags": []}"#;
        shared.learn(Known::read(json, None).unwrap());
        file.look(&shared);
        assert_eq!(off(&shared).len(), 0);
    }
}
