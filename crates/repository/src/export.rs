//! Flag definitions out of the repository: the folder at the default branch's head, written beside the mirror whenever the
//! head is another.

use crate::git::{Git, unavailable};
use crate::limits::{EXPORTED_FILE_BYTES_MAX, EXPORTED_FILES_MAX, QUESTION_DEADLINE};
use std::path::{Path, PathBuf};
use wigwag_ports::repository::RepositoryError;

/// One file of the tree.
struct Entry {
    id: String,
    path: String,
}

/// Writes `folder` of the head into `to`, which only ever holds a whole tree: a new one is made beside it and put in its
/// place. Links, submodules and files that are too large are left out.
pub(crate) async fn export(git: &Git, folder: &str, to: &Path) -> Result<(), RepositoryError> {
    let tree = format!("HEAD:{}", folder.trim_matches('/'));
    let words = ["ls-tree", "-r", "-l", "-z", "--full-tree", &tree];
    let told = git.ask(&words, QUESTION_DEADLINE).await?;
    let entries: Vec<Entry> = told.split('\0').filter_map(entry).take(EXPORTED_FILES_MAX).collect();
    let next = beside(to, "next");
    let failed =
        |error: std::io::Error| unavailable(&format!("its flag definitions cannot be written: {error}"));
    if next.exists() {
        std::fs::remove_dir_all(&next).map_err(failed)?;
    }
    std::fs::create_dir_all(&next).map_err(failed)?;
    for Entry { id, path } in entries {
        let content = git.ask(&["cat-file", "blob", &id], QUESTION_DEADLINE).await?;
        let file = next.join(&path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(file, content).map_err(failed)?;
    }
    let old = beside(to, "old");
    if old.exists() {
        std::fs::remove_dir_all(&old).map_err(failed)?;
    }
    if to.exists() {
        std::fs::rename(to, &old).map_err(failed)?;
    }
    std::fs::rename(&next, to).map_err(failed)?;
    if old.exists() {
        std::fs::remove_dir_all(&old).map_err(failed)?;
    }
    Ok(())
}

/// `100644 blob ID SIZE\tPATH`: a plain file of YAML with a path that stays where it is.
fn entry(line: &str) -> Option<Entry> {
    let (facts, path) = line.split_once('\t')?;
    let facts: Vec<&str> = facts.split_whitespace().collect();
    let [mode, "blob", id, size] = facts.as_slice() else { return None };
    let plain = |part: &str| !part.is_empty() && part != ".." && part != "." && !part.contains('\\');
    let stays = path.split('/').all(plain);
    let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    let fits = size.parse::<u64>().is_ok_and(|size| size <= EXPORTED_FILE_BYTES_MAX);
    let is_file = mode.starts_with("100");
    (is_file && stays && is_yaml && fits).then(|| Entry { id: (*id).to_owned(), path: path.to_owned() })
}

fn beside(path: &Path, word: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn links_submodules_and_crooked_paths_are_left_out() {
        let check = |line: &str, is: Option<&str>| {
            assert_eq!(entry(line).map(|entry| entry.path).as_deref(), is, "{line}");
        };
        check("100644 blob abc      12\tbeta/f.yml", Some("beta/f.yml"));
        check("120000 blob abc      12\tbeta/f.yml", None);
        check("160000 commit abc       -\tbeta", None);
        check("100644 blob abc      12\t../f.yml", None);
        check("100644 blob abc      12\tbeta/README.md", None);
        check("100644 blob abc 99999999\tbeta/f.yml", None);
        check("nonsense", None);
    }
}
