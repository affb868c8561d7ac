//! An entry in a changelog that keeps to Keep a Changelog: below `## [Unreleased]`, in the section of its kind.

use anyhow::{Result, bail};

/// The section that an entry belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Section {
    /// What is there from now on.
    Added,
    /// What is gone.
    Removed,
}

impl Section {
    const fn heading(self) -> &'static str {
        match self {
            Self::Added => "### Added",
            Self::Removed => "### Removed",
        }
    }

    /// The trailer of a commit message that stands for an entry where changelogs are made of commits.
    pub(super) const fn trailer(self) -> &'static str {
        match self {
            Self::Added => "Changelog: added",
            Self::Removed => "Changelog: removed",
        }
    }
}

/// The text of a changelog with an entry more, at the end of its section; every other line stays as it is. An entry
/// that is there already is not written twice.
///
/// # Errors
/// If there is no place for it.
pub(super) fn with_entry(text: &str, section: Section, entry: &str) -> Result<String> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let Some(unreleased) = lines.iter().position(|line| is_unreleased(line)) else {
        bail!("it has no heading \"## [Unreleased]\" to write below");
    };
    let after = |from: usize, ends: &dyn Fn(&str) -> bool| {
        lines[from..].iter().position(|line| ends(line)).map_or(lines.len(), |at| from + at)
    };
    // Links at the end of the file belong to no release.
    let release_ends = |line: &str| line.starts_with("## ") || is_link(line);
    let release_end = after(unreleased + 1, &release_ends);
    let entry_line = format!("- {entry}{end}");
    if lines[unreleased..release_end].iter().any(|line| line.trim_end() == entry_line.trim_end()) {
        return Ok(text.to_owned());
    }
    let heading = lines[unreleased..release_end].iter().position(|line| line.trim_end() == section.heading());
    let (at, new) = match heading {
        Some(heading) => {
            let first = unreleased + heading + 1;
            let section_end =
                after(first, &|line| line.starts_with('#') || release_ends(line)).min(release_end);
            let last = lines[first..section_end].iter().rposition(|line| !line.trim().is_empty());
            match last {
                Some(last) => (first + last + 1, entry_line),
                None => (first, format!("{end}{entry_line}")),
            }
        }
        None => (unreleased + 1, format!("{end}{}{end}{end}{entry_line}", section.heading())),
    };
    let ended;
    if let Some(before) = lines.get_mut(at - 1).filter(|line| !line.ends_with('\n')) {
        ended = format!("{before}{end}");
        *before = &ended;
    }
    lines.insert(at, &new);
    Ok(lines.concat())
}

fn is_unreleased(line: &str) -> bool {
    let heading = line.strip_prefix("## ").unwrap_or_default().trim();
    heading
        .trim_start_matches('[')
        .split(']')
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("unreleased"))
}

/// `[1.0.0]: https://...`
fn is_link(line: &str) -> bool {
    line.starts_with('[') && line.contains("]: ")
}

#[cfg(test)]
mod tests {
    use super::{Section, with_entry};

    fn check(before: &str, section: Section, after: &str) {
        assert_eq!(with_entry(before, section, "New.").unwrap(), after);
        assert_eq!(with_entry(after, section, "New.").unwrap(), after, "twice");
    }

    #[test]
    fn an_entry_goes_to_the_end_of_its_section() {
        check(
            "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Old,\n  on two lines.\n\n### Fixed\n\n- It.\n\n## [1.0.0]\n\n### Removed\n\n- x\n",
            Section::Added,
            "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Old,\n  on two lines.\n- New.\n\n### Fixed\n\n- It.\n\n## [1.0.0]\n\n### Removed\n\n- x\n",
        );
        check("## Unreleased\n### Removed\n", Section::Removed, "## Unreleased\n### Removed\n\n- New.\n");
        check(
            "## [Unreleased]\r\n\r\n### Added\r\n- Old.",
            Section::Added,
            "## [Unreleased]\r\n\r\n### Added\r\n- Old.\r\n- New.\r\n",
        );
    }

    #[test]
    fn a_section_that_is_missing_is_made() {
        check(
            "## [Unreleased]\n\n### Added\n\n- Old.\n\n## [1.0.0]\n\n### Removed\n\n- x\n",
            Section::Removed,
            "## [Unreleased]\n\n### Removed\n\n- New.\n\n### Added\n\n- Old.\n\n## [1.0.0]\n\n### Removed\n\n- x\n",
        );
        check(
            "## [Unreleased]\n\n[1.0.0]: https://a.example\n",
            Section::Added,
            "## [Unreleased]\n\n### Added\n\n- New.\n\n[1.0.0]: https://a.example\n",
        );
        check("## [Unreleased]", Section::Added, "## [Unreleased]\n\n### Added\n\n- New.\n");
    }

    #[test]
    fn a_file_without_a_place_is_refused() {
        let refused = with_entry("# News\n\n## 1.0\n", Section::Added, "New.").unwrap_err();
        assert!(refused.to_string().contains("[Unreleased]"), "{refused}");
    }
}
