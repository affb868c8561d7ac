//! Which release had a commit first: the lowest version among the tags that contain it, or a pick of it.

use crate::git::{Call, Git};
use std::cmp::Ordering;
use wigwag_chat::Version;
use wigwag_ports::repository::{ReleaseTag, RepositoryError};

/// Endings that say which edition it is; every other one says that it comes before the release.
const EDITIONS: [&str; 4] = ["ee", "ce", "foss", "jh"];

/// A version in full, for the order of releases.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Release {
    stage: Stage,
    /// Major, minor, patch.
    numbers: [u32; 3],
    /// `rc42`.
    ending: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Stage {
    Released,
    BeforeRelease,
}

/// The first release among the tags that contain any of `commits`, which are full ids. Tags that say no version
/// (`nightly`, a deployment's `15.2.202207010320-1a2b`) are no releases.
pub(crate) async fn first(git: &Git, commits: &[String]) -> Result<Option<ReleaseTag>, RepositoryError> {
    let contains: Vec<String> = commits.iter().map(|commit| format!("--contains={commit}")).collect();
    let call = Call::new(["for-each-ref", "--format=%(refname:strip=2)"]);
    let told = git.ask(call.with(contains.iter().map(String::as_str)).with(["refs/tags/"])).await?;
    Ok(lowest(told.lines()))
}

fn lowest<'a>(tags: impl Iterator<Item = &'a str>) -> Option<ReleaseTag> {
    let releases = tags.filter_map(|name| Some((Release::parse(name)?, name)));
    let (release, name) = releases.min_by(|(a, name_a), (b, name_b)| a.order(b).then(name_a.cmp(name_b)))?;
    let [major, minor, _] = release.numbers;
    Some(ReleaseTag { name: name.to_owned(), version: Some(Version { major, minor }) })
}

impl Release {
    /// Reads `15.2.0`, `v15.2`, `v15.2.0-ee`, `v15.2.0-rc42-ee`; `None` for what is none of them.
    fn parse(name: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        let text = Some(name.strip_prefix('v').unwrap_or(name)).filter(|text| text.chars().all(plain))?;
        let (numbers, ending) = text.split_once('-').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let number = |part: &str| if digits(part) { part.parse::<u32>().ok() } else { None };
        let parts = numbers.split('.').map(number).collect::<Option<Vec<u32>>>()?;
        let numbers = match *parts.as_slice() {
            [major, minor] => [major, minor, 0],
            [major, minor, patch] => [major, minor, patch],
            _ => return None,
        };
        let edition = |part: &&str| part.is_empty() || EDITIONS.contains(part);
        let ending: Vec<&str> = ending.split('-').filter(|part| !edition(part)).collect();
        let stage = if ending.is_empty() { Stage::Released } else { Stage::BeforeRelease };
        Some(Self { stage, numbers, ending: ending.join("-") })
    }

    /// Releases first, then by version; `rc9` before `rc10`.
    fn order(&self, other: &Self) -> Ordering {
        let ending = (self.ending.len(), &self.ending).cmp(&(other.ending.len(), &other.ending));
        self.stage.cmp(&other.stage).then(self.numbers.cmp(&other.numbers)).then(ending)
    }
}

#[cfg(test)]
mod tests {
    use super::lowest;

    #[test]
    fn the_lowest_release_comes_first() {
        let check = |tags: &[&str], expected: Option<&str>| {
            let found = lowest(tags.iter().copied());
            assert_eq!(found.map(|tag| tag.name).as_deref(), expected, "{tags:?}");
        };
        check(&[], None);
        check(&["v15.10.0-ee", "v15.2.1-ee", "v15.2.0-ee"], Some("v15.2.0-ee"));
        check(&["15.2.0", "v15.2.0-ee", "v15.2.0"], Some("15.2.0"));
        check(&["v15.2.0-rc42-ee", "v15.3.0-ee"], Some("v15.3.0-ee"));
        check(&["v15.2.0-rc10-ee", "v15.2.0-rc9-ee"], Some("v15.2.0-rc9-ee"));
        check(&["v15.3.0-rc1", "v15.2.0-rc2"], Some("v15.2.0-rc2"));
        check(&["nightly", "2.0"], Some("2.0"));
        check(&["nightly", "15", "v", "15.", "15.2.0.1", "1.x", "15.2.0+x", "a15.2"], None);
        check(&["15.2.202207010320-1a2b.3c4d"], None);
    }

    #[test]
    fn the_version_is_told() {
        let version = lowest(["v15.2.7-ee"].into_iter()).unwrap().version.unwrap();
        assert_eq!((version.major, version.minor), (15, 2));
    }
}
