//! What the exported files hold.

use super::tree::Entry;
use crate::git::{Call, Reach, failure, unavailable};
use crate::limits::{EXPORTED_BYTES_MAX, EXPORTED_FILE_BYTES_MAX, FETCH_DEADLINE, SCAN_DEADLINE};
use crate::mirror::Mirror;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use wigwag_ports::repository::RepositoryError;

/// One file as it will lie in the folder.
pub(super) struct File {
    path: String,
    content: Content,
}

enum Content {
    Whole(Arc<[u8]>),
    /// Longer than a definition may be: its length is kept, which is all that its reader will look at.
    TooLong,
}

impl File {
    pub(super) fn write(&self, root: &Path) -> io::Result<()> {
        let path = root.join(&self.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match &self.content {
            Content::Whole(bytes) => std::fs::write(path, bytes),
            Content::TooLong => std::fs::File::create(path)?.set_len(EXPORTED_FILE_BYTES_MAX as u64 + 1),
        }
    }
}

/// Reads every file; contents that a partial mirror lacks are fetched first, all in one go.
pub(super) async fn read(mirror: &Mirror, entries: Vec<Entry>) -> Result<Vec<File>, RepositoryError> {
    let mut sizes = sizes(mirror, &entries).await?;
    let missing: Vec<&Entry> = entries.iter().filter(|entry| !sizes.contains_key(&entry.id)).collect();
    if !missing.is_empty() {
        fetch(mirror, &missing).await?;
        sizes = self::sizes(mirror, &entries).await?;
    }
    // Several files may have one content.
    let total: usize =
        entries.iter().filter_map(|entry| sizes.get(&entry.id)).filter(|size| fits(**size)).sum();
    if total > EXPORTED_BYTES_MAX {
        return Err(unavailable(&format!("its flag definitions are longer than {EXPORTED_BYTES_MAX} bytes")));
    }
    let short: Vec<&str> = sizes.iter().filter(|(_, size)| fits(**size)).map(|(id, _)| id.as_str()).collect();
    let contents = contents(mirror, &short).await?;
    let file = |entry: Entry| {
        let size = sizes.get(&entry.id).copied();
        let content = match (size, contents.get(&entry.id)) {
            (Some(_), Some(bytes)) => Content::Whole(bytes.clone()),
            (Some(size), None) if !fits(size) => Content::TooLong,
            _ => return Err(unavailable(&format!("git has no content of {}", entry.path))),
        };
        Ok(File { path: entry.path, content })
    };
    entries.into_iter().map(file).collect()
}

fn fits(size: usize) -> bool {
    size <= EXPORTED_FILE_BYTES_MAX
}

fn lines<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    ids.into_iter().map(|id| format!("{id}\n")).collect()
}

/// How long each content is that the mirror has.
async fn sizes(mirror: &Mirror, entries: &[Entry]) -> Result<HashMap<String, usize>, RepositoryError> {
    let input = lines(entries.iter().map(|entry| entry.id.as_str()));
    let told = mirror.git.ask(Call::new(["cat-file", "--batch-check"]).input(input)).await?;
    let size = |line: &str| {
        let (id, rest) = line.split_once(' ')?;
        Some((id.to_owned(), rest.strip_prefix("blob ")?.parse().ok()?))
    };
    Ok(told.lines().filter_map(size).collect())
}

/// Fetches contents by their ids. Nothing is said of what is here already: the source would take the contents of those
/// commits for known.
async fn fetch(mirror: &Mirror, missing: &[&Entry]) -> Result<(), RepositoryError> {
    let words =
        ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
    let call = Call::new(words).with(["--no-auto-gc", "--filter=blob:none", "--stdin", "origin"]);
    let input = lines(missing.iter().map(|entry| entry.id.as_str()));
    let ended = mirror.git.run(call.input(input).reaching(Reach::Source).within(FETCH_DEADLINE)).await?;
    if ended.code == 0 { Ok(()) } else { Err(failure("fetch", &ended)) }
}

async fn contents(mirror: &Mirror, ids: &[&str]) -> Result<HashMap<String, Arc<[u8]>>, RepositoryError> {
    let call = Call::new(["cat-file", "--batch"]).input(lines(ids.iter().copied()));
    // A line before each content, and an end of line behind it.
    let bytes_max = EXPORTED_BYTES_MAX + ids.len() * 128;
    let ended = mirror.git.run(call.output_bytes_max(bytes_max).within(SCAN_DEADLINE)).await?;
    if ended.code != 0 {
        return Err(failure("cat-file", &ended));
    }
    let mut rest = ended.output.as_slice();
    let mut all = HashMap::with_capacity(ids.len());
    while !rest.is_empty() {
        let (id, content, after) = next(rest).ok_or_else(|| unavailable("git prints no contents"))?;
        all.insert(id, content.into());
        rest = after;
    }
    Ok(all)
}

/// `ID blob SIZE\nCONTENT\n` and what follows.
fn next(bytes: &[u8]) -> Option<(String, &[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let (id, size) = line.split_once(" blob ")?;
    let size: usize = size.parse().ok()?;
    let rest = &bytes[end + 1..];
    let content = rest.get(..size)?;
    (rest.get(size) == Some(&b'\n')).then(|| (id.to_owned(), content, &rest[size + 1..]))
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn contents_are_cut_where_their_size_says() {
        let check = |text: &str, expected| {
            let found = next(text.as_bytes());
            let found = found.map(|(id, content, rest)| {
                (
                    id,
                    String::from_utf8_lossy(content).into_owned(),
                    String::from_utf8_lossy(rest).into_owned(),
                )
            });
            let expected: Option<(&str, &str, &str)> = expected;
            assert_eq!(
                found,
                expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())),
                "{text:?}"
            );
        };
        check("a1 blob 3\nx\ny\nrest", Some(("a1", "x\ny", "rest")));
        check("a1 blob 0\n\n", Some(("a1", "", "")));
        check("a1 blob 9\nxy\n", None);
        check("a1 missing\n", None);
        check("a1 blob 1\nxy\n", None);
    }
}
