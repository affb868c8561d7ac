//! Which files of a tree are exported.

use crate::git::{Call, unavailable};
use crate::limits::{
    EXPORTED_FILES_MAX, EXPORTED_NAME_BYTES_MAX, EXPORTED_PATH_BYTES_MAX, LISTING_BYTES_MAX, SCAN_DEADLINE,
};
use crate::mirror::Mirror;
use wigwag_ports::repository::RepositoryError;

/// The folder that a code base keeps its definitions in: if there are such, only what they hold counts.
const USUAL_FOLDER: &str = "feature_flags";

/// One file of the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) id: String,
    /// Below the folder, with `/` between.
    pub(super) path: String,
}

/// The files of a tree that may hold a definition: no links, no submodules, nothing with a crooked path.
pub(super) async fn list(mirror: &Mirror, tree: &str) -> Result<Vec<Entry>, RepositoryError> {
    let call = Call::new(["ls-tree", "-r", "-z", "--full-tree", tree]);
    let told = mirror.git.ask(call.output_bytes_max(LISTING_BYTES_MAX).within(SCAN_DEADLINE)).await?;
    chosen(told.split('\0').filter_map(entry).collect())
}

fn chosen(mut entries: Vec<Entry>) -> Result<Vec<Entry>, RepositoryError> {
    let usual = |entry: &Entry| entry.path.split('/').rev().skip(1).any(|part| part == USUAL_FOLDER);
    if entries.iter().any(usual) {
        entries.retain(usual);
    }
    match entries.len() <= EXPORTED_FILES_MAX {
        true => Ok(entries),
        false => Err(unavailable(&format!("it has more than {EXPORTED_FILES_MAX} flag definitions"))),
    }
}

/// `100644 blob ID\tPATH`: a plain file of YAML with a path that stays where it is.
fn entry(line: &str) -> Option<Entry> {
    let (facts, path) = line.split_once('\t')?;
    let facts: Vec<&str> = facts.split_whitespace().collect();
    let [mode, "blob", id] = facts.as_slice() else { return None };
    let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    let stays = path.len() <= EXPORTED_PATH_BYTES_MAX && path.split('/').all(is_plain);
    (mode.starts_with("100") && is_yaml && stays)
        .then(|| Entry { id: (*id).to_owned(), path: path.to_owned() })
}

/// A part of a path that is a name and nothing else. Hidden files hold no definitions.
fn is_plain(part: &str) -> bool {
    let named = !part.is_empty() && !part.starts_with('.') && part.len() <= EXPORTED_NAME_BYTES_MAX;
    named && !part.chars().any(|c| c.is_control() || c == '\\' || c == char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_submodules_and_crooked_paths_are_left_out() {
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(entry(line).map(|entry| entry.path).as_deref(), expected, "{line}");
        };
        check("100644 blob abc\tbeta/f.yml", Some("beta/f.yml"));
        check("100755 blob abc\tbeta/f.yaml", Some("beta/f.yaml"));
        check("120000 blob abc\tbeta/f.yml", None);
        check("160000 commit abc\tbeta/f.yml", None);
        check("100644 blob abc\t../f.yml", None);
        check("100644 blob abc\t/etc/f.yml", None);
        check("100644 blob abc\tbeta//f.yml", None);
        check("100644 blob abc\tbeta/.f.yml", None);
        check("100644 blob abc\tbeta/a\nb.yml", None);
        check("100644 blob abc\tbeta/README.md", None);
        check("nonsense", None);
        let named = |bytes: usize| format!("100644 blob abc\t{}.yml", "a".repeat(bytes - 4));
        assert!(entry(&named(EXPORTED_NAME_BYTES_MAX)).is_some());
        assert!(entry(&named(EXPORTED_NAME_BYTES_MAX + 1)).is_none());
        let deep = |bytes: usize| format!("100644 blob abc\t{}f.yml", "d/".repeat((bytes - 5) / 2));
        assert!(entry(&deep(EXPORTED_PATH_BYTES_MAX)).is_some());
        assert!(entry(&deep(EXPORTED_PATH_BYTES_MAX + 2)).is_none());
    }

    #[test]
    fn folders_called_feature_flags_count_alone_if_there_are_any() {
        let check = |paths: &[&str], expected: &[&str]| {
            let entry = |path: &&str| Entry { id: "abc".into(), path: (*path).into() };
            let chosen = chosen(paths.iter().map(entry).collect()).unwrap();
            assert_eq!(chosen.into_iter().map(|entry| entry.path).collect::<Vec<_>>(), expected);
        };
        check(&["beta/a.yml", "ops/b.yml"], &["beta/a.yml", "ops/b.yml"]);
        check(&["config/feature_flags/beta/a.yml", "ci.yml"], &["config/feature_flags/beta/a.yml"]);
        check(&["beta/feature_flags"], &["beta/feature_flags"]);
    }

    #[test]
    fn too_many_definitions_are_refused() {
        let entries = |count| vec![Entry { id: "abc".into(), path: "beta/a.yml".into() }; count];
        assert!(chosen(entries(EXPORTED_FILES_MAX)).is_ok());
        assert!(chosen(entries(EXPORTED_FILES_MAX + 1)).is_err());
    }
}
