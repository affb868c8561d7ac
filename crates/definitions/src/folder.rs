use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use wigwag_flags::{Definition, FlagType};
use wigwag_ports::definitions::{Definitions, Finding};

use crate::fields::Fault;
use crate::files::{self, File, Found, Stamp};
use crate::limits::{FILES_MAX, FINDINGS_MAX, FINDINGS_PER_FILE_MAX, FOLDER_BYTES_MAX};
use crate::parse::{self, Parsed};
use crate::relations::{self, Accepted};

/// A folder of definitions with what is known of it, looked at again and again. Blocking.
pub struct Folder {
    root: PathBuf,
    /// What was read of each file, by path.
    known: HashMap<String, Known>,
    /// The version of each file that counts.
    accepted: Accepted,
    /// What was wrong with the folder itself at the last look; `None` if it could not be read.
    faults: Option<Vec<(String, Fault)>>,
    /// What was given last.
    given: Option<Definitions>,
}

/// What a look came to.
#[derive(Debug)]
pub struct Looked {
    /// Everything that counts now; `None` if that is what it was.
    pub changed: Option<Definitions>,
    /// Files that were looked at.
    pub files: usize,
    /// Of these, files that were read because they may have changed.
    pub read: usize,
}

/// One file as it was when it was read.
struct Known {
    /// `None` if a further change might not have shown in it.
    stamp: Option<Stamp>,
    content: Result<Arc<Parsed>, Vec<Fault>>,
}

impl Folder {
    /// The folder at `root`, which may be missing at first; nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            known: HashMap::new(),
            accepted: Accepted::new(),
            faults: None,
            given: None,
        }
    }

    /// Reads what may have changed. What cannot be read keeps its last good version and is a finding.
    pub fn look(&mut self) -> Looked {
        self.look_at(SystemTime::now(), FOLDER_BYTES_MAX)
    }

    /// The file, below the root, whose definition of `flag` counts.
    pub fn file_of(&self, flag: &str) -> Option<&Path> {
        let defines = |parsed: &Parsed| parsed.definition.name.as_str() == flag;
        self.accepted.iter().find(|(_, parsed)| defines(parsed)).map(|(path, _)| Path::new(path))
    }

    fn look_at(&mut self, now: SystemTime, bytes_max: u64) -> Looked {
        let walked = self.root.canonicalize().and_then(|root| Ok((files::walk(&root)?, root)));
        let (found, root) = match walked {
            Ok(walked) => walked,
            Err(error) => return self.unreadable(&error),
        };
        // The folder may be that of a type itself.
        let own_name = root.file_name().and_then(|name| name.to_str());
        let own_type = own_name.filter(|name| FlagType::from_word(name).is_some());
        let mut looked = Looked { changed: None, files: found.files.len(), read: 0 };
        let mut bytes_left = bytes_max;
        for file in &found.files {
            looked.read += self.read(file, own_type, &mut bytes_left, now);
        }
        let known = self.known.len();
        self.forget(&found);
        let same =
            looked.read == 0 && known == self.known.len() && self.faults.as_ref() == Some(&found.faults);
        if !same {
            self.faults = Some(found.faults);
            looked.changed = self.settle();
        }
        looked
    }

    /// Reads a file unless it is known as it is; 1 if it did.
    fn read(&mut self, file: &File, own_type: Option<&str>, bytes_left: &mut u64, now: SystemTime) -> usize {
        let fits = file.stamp.bytes <= *bytes_left;
        *bytes_left = bytes_left.saturating_sub(file.stamp.bytes);
        let known = self.known.get(&file.path).is_some_and(|known| known.stamp == Some(file.stamp));
        if known && fits {
            return 0;
        }
        let path = Path::new(&file.path);
        let parent = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let content = if fits {
            files::read(file)
                .map_err(|fault| vec![fault])
                .and_then(|bytes| parse::file(parent.or(own_type), stem, &bytes).map(Arc::new))
        } else {
            let rule = "is not read: the files before it are as long as all may be together".to_owned();
            Err(vec![Fault::of_file(rule)])
        };
        let stamp = Some(file.stamp).filter(|stamp| fits && stamp.is_believed(now));
        self.known.insert(file.path.clone(), Known { stamp, content });
        1
    }

    /// Forgets files that are gone, unless they lie where nobody could look.
    fn forget(&mut self, found: &Found) {
        let seen: HashSet<&str> = found.files.iter().map(|file| file.path.as_str()).collect();
        let mut unseen_left = FILES_MAX.saturating_sub(seen.len());
        let mut keep = |path: &str| {
            let unseen = || found.unseen.iter().any(|below| Path::new(path).starts_with(below));
            if seen.contains(path) {
                return true;
            }
            let keep = unseen_left > 0 && unseen();
            unseen_left -= usize::from(keep);
            keep
        };
        self.known.retain(|path, _| keep(path));
        self.accepted.retain(|path, _| self.known.contains_key(path));
    }

    fn settle(&mut self) -> Option<Definitions> {
        let mut wanted = Accepted::new();
        let mut faults: BTreeMap<&str, Vec<Fault>> = BTreeMap::new();
        for (path, known) in &self.known {
            let version = known.content.as_ref().ok().or_else(|| self.accepted.get(path));
            wanted.extend(version.map(|parsed| (path.clone(), parsed.clone())));
            faults
                .entry(path)
                .or_default()
                .extend(known.content.as_ref().err().into_iter().flatten().cloned());
        }
        let (accepted, between) = relations::settle(wanted, &self.accepted);
        for (path, fault) in self.faults.iter().flatten().chain(&between) {
            faults.entry(path).or_default().push(fault.clone());
        }
        let findings = findings(faults);
        self.accepted = accepted;
        self.give(Definitions { good: good(&self.accepted), findings })
    }

    /// Nothing is known anew but that the folder cannot be read.
    fn unreadable(&mut self, error: &std::io::Error) -> Looked {
        self.faults = None;
        let rule = format!("the folder {} cannot be read: {error}", self.root.display());
        let finding = Finding { file: String::new(), line: None, field: None, rule };
        let changed = self.give(Definitions { good: good(&self.accepted), findings: vec![finding] });
        Looked { changed, files: 0, read: 0 }
    }

    fn give(&mut self, now: Definitions) -> Option<Definitions> {
        if self.given.as_ref() == Some(&now) {
            return None;
        }
        self.given = Some(now.clone());
        Some(now)
    }
}

fn good(accepted: &Accepted) -> Vec<Definition> {
    let mut good: Vec<Definition> = accepted.values().map(|parsed| parsed.definition.clone()).collect();
    good.sort_by(|a, b| a.name.cmp(&b.name));
    good
}

/// As findings, by file and line; beyond the limits they are counted.
fn findings(faults: BTreeMap<&str, Vec<Fault>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut left_out = 0;
    for (file, faults) in faults {
        let room = FINDINGS_PER_FILE_MAX.min(FINDINGS_MAX - findings.len());
        left_out += faults.len().saturating_sub(room);
        findings.extend(faults.into_iter().take(room).map(|fault| {
            let Fault { line, field, rule } = fault;
            Finding { file: file.to_owned(), line, field, rule }
        }));
    }
    if left_out > 0 {
        let rule = format!("and {left_out} more findings, which are not shown");
        findings.push(Finding { file: String::new(), line: None, field: None, rule });
    }
    findings
}

#[cfg(test)]
mod tests;
