//! Where a code base refers to a flag.

use crate::limits::{REFERENCE_CHARS_MAX, REFERENCES_MAX, SEARCHED_FILE_BYTES_MAX};
use anyhow::{Context, Result, anyhow};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Lossy;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};
use ignore::WalkBuilder;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use wigwag_flags::FlagName;

/// Where a file that is no text shows it.
const BEGINNING_BYTES: u64 = 8 << 10;

/// A line that names the flag.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Reference {
    pub(super) kind: Kind,
    pub(super) file: PathBuf,
    pub(super) line: u64,
    /// The line, without the blanks around it, cut if it is long.
    pub(super) text: String,
}

/// What a reference stands in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Code,
    Test,
    Doc,
    Definition,
}

impl Kind {
    /// Every kind, in the order of a report.
    pub(super) const ALL: [Self; 4] = [Self::Code, Self::Test, Self::Doc, Self::Definition];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Test => "test",
            Self::Doc => "doc",
            Self::Definition => "definition",
        }
    }
}

/// What a search came to.
#[derive(Default)]
pub(super) struct Found {
    pub(super) references: BTreeSet<Reference>,
    /// There are more than [`REFERENCES_MAX`].
    pub(super) more: bool,
    /// What could not be looked at.
    pub(super) unread: Vec<String>,
}

/// Every line below `paths` that names `flag` as a whole word, files that version control ignores left out.
///
/// # Errors
/// If one of `paths` does not exist.
pub(super) fn search(flag: &FlagName, paths: &[PathBuf]) -> Result<Found> {
    let matcher = matcher(flag.as_str())?;
    let mut found = Found::default();
    for path in paths {
        path.metadata().with_context(|| format!("cannot look in {}", path.display()))?;
        walk(path, &mut found, |file, found| look(&matcher, flag, file, found));
        if found.more {
            break;
        }
    }
    Ok(found)
}

/// The name with underscores or with hyphens, whole: neither letters, digits nor underscores beside it. A name of one
/// word must not have hyphens beside it either, since `ci` is no part of `ci-cache`; nor may the form with hyphens.
fn matcher(name: &str) -> Result<RegexMatcher> {
    let exact = regex_escape(name);
    let hyphens = regex_escape(&name.replace('_', "-"));
    let pattern = if name.contains('_') {
        format!(
            r"(?:^|[^0-9A-Za-z_]){exact}(?:[^0-9A-Za-z_]|$)|(?:^|[^0-9A-Za-z_-]){hyphens}(?:[^0-9A-Za-z_-]|$)"
        )
    } else {
        let underscores = regex_escape(&name.replace('-', "_"));
        format!(r"(?:^|[^0-9A-Za-z_-])(?:{exact}|{underscores})(?:[^0-9A-Za-z_-]|$)")
    };
    let built = RegexMatcherBuilder::new().line_terminator(Some(b'\n')).build(&pattern);
    built.map_err(|error| anyhow!("cannot look for {name:?}: {error}"))
}

/// Names hold letters, digits, `_`, `-` and `:`, none of which means anything outside of brackets.
fn regex_escape(name: &str) -> String {
    name.replace('-', r"\-")
}

fn walk(path: &Path, found: &mut Found, mut look: impl FnMut(&Path, &mut Found)) {
    let mut walk = WalkBuilder::new(path);
    // What version control ignores is left out without a repository too; hidden files are code like others.
    walk.hidden(false).require_git(false);
    walk.filter_entry(|entry| entry.file_name() != ".git");
    walk.sort_by_file_path(Path::cmp);
    for entry in walk.build() {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                match too_long(entry.path()) {
                    Ok(false) => look(entry.path(), found),
                    Ok(true) => found.unread.push(format!(
                        "{}: longer than {SEARCHED_FILE_BYTES_MAX} bytes",
                        entry.path().display()
                    )),
                    Err(error) => found.unread.push(format!("{}: {error}", entry.path().display())),
                }
            }
            Ok(_) => {}
            Err(error) => found.unread.push(error.to_string()),
        }
        if found.more {
            return;
        }
    }
}

/// Whether a file is text of more than [`SEARCHED_FILE_BYTES_MAX`]. One that begins like a picture or an archive is no code,
/// however long.
fn too_long(file: &Path) -> std::io::Result<bool> {
    if file.metadata()?.len() <= SEARCHED_FILE_BYTES_MAX {
        return Ok(false);
    }
    let mut beginning = Vec::new();
    std::fs::File::open(file)?.take(BEGINNING_BYTES).read_to_end(&mut beginning)?;
    Ok(!beginning.contains(&0))
}

fn look(matcher: &RegexMatcher, flag: &FlagName, file: &Path, found: &mut Found) {
    let mut searcher: Searcher = SearcherBuilder::new().binary_detection(BinaryDetection::quit(0)).build();
    let kind = kind(file, flag);
    let shown = file.strip_prefix(".").unwrap_or(file);
    let Found { references, more, unread } = found;
    let sink = Lossy(|line, text| {
        if references.len() == REFERENCES_MAX {
            *more = true;
            return Ok(false);
        }
        let mut chars = text.trim().chars();
        let mut text: String = chars.by_ref().take(REFERENCE_CHARS_MAX).collect();
        if chars.next().is_some() {
            text.push_str("...");
        }
        references.insert(Reference { kind, file: shown.to_owned(), line, text });
        Ok(true)
    });
    if let Err(error) = searcher.search_path(matcher, file, sink) {
        unread.push(format!("{}: {error}", shown.display()));
    }
}

/// What a file is, by its name and its folders.
fn kind(file: &Path, flag: &FlagName) -> Kind {
    let lower = file.to_string_lossy().to_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let within = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
    if extension == "yml" && stem == flag.as_str().to_lowercase() {
        return Kind::Definition;
    }
    let words: Vec<&str> = stem.split(['.', '_', '-']).collect();
    let of_tests = |word: &&str| matches!(*word, "test" | "tests" | "spec" | "specs");
    let by_name = words.first().is_some_and(of_tests) || words.last().is_some_and(of_tests);
    if within(&["test", "tests", "spec", "specs", "__tests__", "e2e", "qa", "fixtures"])
        || (by_name && !extension.is_empty())
    {
        return Kind::Test;
    }
    let of_docs = ["md", "mdx", "markdown", "rst", "adoc", "asciidoc", "txt", "org"].contains(&extension);
    if of_docs || within(&["doc", "docs", "documentation"]) {
        return Kind::Doc;
    }
    Kind::Code
}

#[cfg(test)]
mod tests {
    use super::{Found, Kind, kind, matcher, search};
    use crate::limits::{REFERENCE_CHARS_MAX, REFERENCES_MAX, SEARCHED_FILE_BYTES_MAX};
    use grep_matcher::Matcher;
    use std::path::Path;

    /// What is found in a file that holds this.
    fn in_file(text: &str) -> Found {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.rs"), text).unwrap();
        search(&"new_nav".parse().unwrap(), &[folder.path().to_owned()]).unwrap()
    }

    #[test]
    fn a_search_ends_with_the_last_reference_that_is_listed() {
        let check = |lines: usize, more: bool| {
            let found = in_file(&"new_nav\n".repeat(lines));
            assert_eq!((found.references.len(), found.more), (lines.min(REFERENCES_MAX), more));
        };
        check(REFERENCES_MAX, false);
        check(REFERENCES_MAX + 1, true);
    }

    #[test]
    fn long_lines_are_cut_and_long_files_left_out() {
        let line = |chars: usize| format!("new_nav {}", "ü".repeat(chars - 8));
        let shown = |chars: usize| in_file(&line(chars)).references.pop_first().unwrap().text;
        assert_eq!(shown(REFERENCE_CHARS_MAX), line(REFERENCE_CHARS_MAX));
        assert_eq!(shown(REFERENCE_CHARS_MAX + 1), line(REFERENCE_CHARS_MAX) + "...");
        let bytes = usize::try_from(SEARCHED_FILE_BYTES_MAX).unwrap();
        let text = "new_nav\n".to_owned() + &"x\n".repeat((bytes - 8) / 2);
        assert_eq!(in_file(&text).references.len(), 1);
        let long = in_file(&(text + "x"));
        assert_eq!((long.references.len(), long.unread.len()), (0, 1));
        assert!(long.unread[0].ends_with("a.rs: longer than 16777216 bytes"), "{:?}", long.unread);
        let picture = in_file(&("\0".to_owned() + &"new_nav\n".repeat(bytes / 8)));
        assert_eq!((picture.references.len(), picture.unread.len()), (0, 0));
    }

    #[test]
    fn a_name_is_found_as_a_whole_word() {
        let check = |name: &str, line: &str, is: bool| {
            assert_eq!(matcher(name).unwrap().is_match(line.as_bytes()).unwrap(), is, "{name}: {line:?}");
        };
        for line in [
            "Feature.enabled?(:new_nav, project)",
            "is_enabled(\"new_nav\")",
            "'new_nav'",
            "new_nav",
            "`new_nav`:",
            "x = new_nav-1",
            "data-flag=\"new-nav\"",
            ":new_nav",
            "new_nav,new_nav_two",
            "größe new_nav ü",
        ] {
            check("new_nav", line, true);
        }
        for line in [
            "new_nav_two",
            "my_new_nav",
            "new_navy",
            "new-nav-two",
            "my-new-nav",
            "newNav",
            "new nav",
            "NEW_NAV",
        ] {
            check("new_nav", line, false);
        }
        check("ci", "Feature.enabled?(:ci)", true);
        check("ci", "ci-cache", false);
        check("ci-cache", "enabled(:ci_cache)", true);
        check("run_Ns::Worker", "'run_Ns::Worker'", true);
    }

    #[test]
    fn files_are_told_apart_by_name_and_folder() {
        let check = |path: &str, is: Kind| {
            assert_eq!(kind(Path::new(path), &"new_nav".parse().unwrap()), is, "{path}");
        };
        check("app/models/user.rb", Kind::Code);
        check("./src/latest.rs", Kind::Code);
        check("src/contest.rs", Kind::Code);
        check("Makefile", Kind::Code);
        check("test", Kind::Code);
        check("config/application.yml", Kind::Code);
        check("spec/models/user_spec.rb", Kind::Test);
        check("src/user.test.ts", Kind::Test);
        check("src/test_user.py", Kind::Test);
        check("src/user/tests.rs", Kind::Test);
        check("README.md", Kind::Doc);
        check("docs/api.json", Kind::Doc);
        check("feature_flags/beta/new_nav.yml", Kind::Definition);
        check("feature_flags/beta/other.yml", Kind::Code);
    }
}
