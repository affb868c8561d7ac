//! Which files of a folder may hold definitions, and by what one can tell that one has changed.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::fields::Fault;
use crate::limits::{DEPTH_MAX, ENTRIES_MAX, FILE_BYTES_MAX, FILES_MAX, STAMP_BELIEVED_AFTER};

/// The folder that a code base keeps its definitions in.
const USUAL_FOLDER: &str = "feature_flags";

/// Everything that was found.
#[derive(Default)]
pub(crate) struct Found {
    /// By path below the root, in that order.
    pub(crate) files: Vec<File>,
    /// What cannot be looked at, with the path that it is told of.
    pub(crate) faults: Vec<(String, Fault)>,
    /// Paths below which something may lie that was not seen: what is known of it stays.
    pub(crate) unseen: Vec<PathBuf>,
}

/// One file that is to hold a definition.
pub(crate) struct File {
    /// Below the root, with `/` between.
    pub(crate) path: String,
    /// Where to open it: no link on the way leads out of the root.
    pub(crate) real: PathBuf,
    pub(crate) stamp: Stamp,
}

/// What changes when a file does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    pub(crate) bytes: u64,
    modified: (i64, i64),
    /// The time of the last change of any kind, which no program can set.
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether the file was left alone long enough before `now` that a further change would show.
    pub(crate) fn is_believed(&self, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seconds = u64::try_from(self.changed.0).unwrap_or_default();
        let changed = Duration::new(seconds, u32::try_from(self.changed.1).unwrap_or_default());
        changed + STAMP_BELIEVED_AFTER <= now
    }
}

/// Looks through everything below `root`, which is to be a path without links.
///
/// # Errors
/// If the root itself cannot be read; nothing is known then.
pub(crate) fn walk(root: &Path) -> io::Result<Found> {
    walk_up_to(root, ENTRIES_MAX, FILES_MAX)
}

fn walk_up_to(root: &Path, entries_max: usize, files_max: usize) -> io::Result<Found> {
    let mut walk = Walk {
        root,
        found: Found::default(),
        entries_left: entries_max,
        visited: HashSet::new(),
        usual: Vec::new(),
    };
    walk.folder(root, Path::new(""), 0)?;
    let Walk { mut found, usual, entries_left, .. } = walk;
    if entries_left == 0 {
        let rule = format!("the folder holds {entries_max} entries or more; name a smaller one");
        found.faults.push((String::new(), Fault::of_file(rule)));
        found.unseen.push(PathBuf::new());
    }
    let in_usual = root.components().any(|part| part.as_os_str() == USUAL_FOLDER);
    if !in_usual && !usual.is_empty() {
        let counts = |path: &str| usual.iter().any(|folder| Path::new(path).starts_with(folder));
        found.files.retain(|file| counts(&file.path));
        found.faults.retain(|(path, _)| counts(path) || path.is_empty());
    }
    found.files.sort_by(|a, b| a.path.cmp(&b.path));
    if let Some(first) = found.files.get(files_max) {
        let rule =
            format!("is one more than the {files_max} files that are read; neither are those after it");
        found.faults.push((first.path.clone(), Fault::of_file(rule)));
        found.unseen.push(PathBuf::new());
        found.files.truncate(files_max);
    }
    Ok(found)
}

struct Walk<'r> {
    root: &'r Path,
    found: Found,
    entries_left: usize,
    /// Folders by device and inode: links must not lead in circles.
    visited: HashSet<(u64, u64)>,
    /// Folders with the usual name, below the root.
    usual: Vec<PathBuf>,
}

/// What an entry of a folder is.
enum Entry {
    /// It really lies there.
    At(PathBuf, Metadata),
    /// It went while it was looked at.
    Gone,
    /// It is a link; what is wrong with it.
    BadLink(&'static str),
    Unreadable(io::Error),
}

impl Walk<'_> {
    fn folder(&mut self, real: &Path, path: &Path, depth: usize) -> io::Result<()> {
        let metadata = fs::metadata(real)?;
        if !self.visited.insert((metadata.dev(), metadata.ino())) {
            return Ok(());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(real)?.take(self.entries_left) {
            names.push(entry?.file_name());
        }
        self.entries_left -= names.len();
        names.sort_unstable();
        for name in names.iter().filter(|name| !name.as_encoded_bytes().starts_with(b".")) {
            self.entry(&real.join(name), path.join(name), depth);
        }
        Ok(())
    }

    fn entry(&mut self, at: &Path, path: PathBuf, depth: usize) {
        let (real, metadata) = match self.look(at) {
            Entry::At(real, metadata) => (real, metadata),
            Entry::Gone => return,
            Entry::BadLink(_) if path.extension().is_some() && !is_definition(&path) => return,
            Entry::BadLink(rule) => return self.unreadable(path, rule.into()),
            Entry::Unreadable(error) => return self.unreadable(path, format!("cannot be read: {error}")),
        };
        if metadata.is_dir() {
            self.inner_folder(&real, path, depth + 1);
        } else if path.extension() == Some(OsStr::new("yaml")) {
            self.fault(&path, "ends in .yaml; definitions end in .yml, so rename it".into());
        } else if is_definition(&path) {
            self.file(real, &path, &metadata);
        }
    }

    fn inner_folder(&mut self, real: &Path, path: PathBuf, depth: usize) {
        if depth > DEPTH_MAX {
            return self.unreadable(path, format!("lies deeper than {DEPTH_MAX} folders"));
        }
        if path.file_name() == Some(OsStr::new(USUAL_FOLDER)) {
            self.usual.push(path.clone());
        }
        if let Err(error) = self.folder(real, &path, depth) {
            self.unreadable(path, format!("cannot be read: {error}"));
        }
    }

    fn file(&mut self, real: PathBuf, path: &Path, metadata: &Metadata) {
        let Some(text) = path.to_str().filter(|text| !text.contains(char::is_control)) else {
            return self.fault(path, "has a name that is no plain UTF-8".into());
        };
        if !metadata.is_file() {
            return self.fault(path, "is no ordinary file".into());
        }
        self.found.files.push(File { path: text.into(), real, stamp: Stamp::of(metadata) });
    }

    fn look(&self, at: &Path) -> Entry {
        let metadata = match fs::symlink_metadata(at) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Entry::Gone,
            Err(error) => return Entry::Unreadable(error),
        };
        if !metadata.is_symlink() {
            return Entry::At(at.into(), metadata);
        }
        let Ok(real) = at.canonicalize() else { return Entry::BadLink("is a link that leads nowhere") };
        if !real.starts_with(self.root) {
            return Entry::BadLink("is a link that leads out of the folder; put the file itself here");
        }
        fs::metadata(&real).map_or_else(Entry::Unreadable, |metadata| Entry::At(real, metadata))
    }

    /// Tells it, and keeps what is known below.
    fn unreadable(&mut self, path: PathBuf, rule: String) {
        self.fault(&path, rule);
        self.found.unseen.push(path);
    }

    fn fault(&mut self, path: &Path, rule: String) {
        let shown: String = path.to_string_lossy().chars().flat_map(tame).collect();
        self.found.faults.push((shown, Fault::of_file(rule)));
    }
}

/// A character of a path as it may be shown.
fn tame(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = escaped.is_none().then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

fn is_definition(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("yml"))
}

/// The content of a file, if it is still the one that was stamped and not too long.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn read(file: &File) -> Result<Vec<u8>, Fault> {
    let told = |error: io::Error| Fault::of_file(format!("cannot be read: {error}"));
    if file.stamp.bytes > FILE_BYTES_MAX {
        let rule = format!("is longer than {FILE_BYTES_MAX} bytes; a definition has some 500");
        return Err(Fault::of_file(rule));
    }
    let opened = fs::File::open(&file.real).map_err(told)?;
    let metadata = opened.metadata().map_err(told)?;
    if !metadata.is_file() {
        return Err(Fault::of_file("is no ordinary file"));
    }
    let mut bytes = Vec::new();
    opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Fault::of_file(format!("has grown to more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use std::time::{Duration, SystemTime};

    use super::{Found, Stamp, walk_up_to};
    use crate::limits::STAMP_BELIEVED_AFTER;

    #[test]
    fn a_stamp_is_believed_once_it_is_old_enough() {
        let stamp = Stamp { device: 1, inode: 1, bytes: 1, modified: (0, 0), changed: (1_000, 500) };
        let old_enough = SystemTime::UNIX_EPOCH + Duration::new(1_000, 500) + STAMP_BELIEVED_AFTER;
        assert!(stamp.is_believed(old_enough));
        assert!(!stamp.is_believed(old_enough - Duration::from_nanos(1)));
        assert!(!stamp.is_believed(SystemTime::UNIX_EPOCH), "a clock that was set back");
    }

    fn found(files: usize, entries_max: usize, files_max: usize) -> (Vec<String>, Vec<String>, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        (0..files).for_each(|n| fs::write(root.join(format!("f{n}.yml")), "").unwrap());
        let Found { files, faults, unseen } = walk_up_to(&root, entries_max, files_max).unwrap();
        let told = faults.into_iter().map(|(path, fault)| format!("{path}: {}", fault.rule)).collect();
        (files.into_iter().map(|file| file.path).collect(), told, unseen)
    }

    #[test]
    fn too_many_files_are_left_out_from_one_on_and_nothing_is_forgotten() {
        assert_eq!(found(2, 100, 2), (vec!["f0.yml".into(), "f1.yml".into()], vec![], vec![]));
        let told = "f2.yml: is one more than the 2 files that are read; neither are those after it";
        let everything = vec![PathBuf::from("")];
        assert_eq!(found(3, 100, 2), (vec!["f0.yml".into(), "f1.yml".into()], vec![told.into()], everything));
    }

    #[test]
    fn too_many_entries_end_the_walk_and_nothing_is_forgotten() {
        assert_eq!(found(3, 4, 100).1, Vec::<String>::new());
        let (files, told, unseen) = found(4, 4, 100);
        assert_eq!((files.len(), unseen), (4, vec![PathBuf::from("")]));
        assert_eq!(told, [": the folder holds 4 entries or more; name a smaller one"]);
        let (files, told, _) = found(9, 4, 100);
        assert_eq!((files.len(), told.len()), (4, 1));
        assert!(Path::new("anything").starts_with(""));
    }
}
