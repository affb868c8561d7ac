//! Which release had a commit first: the lowest version among the tags that contain it, or a pick of it.

use crate::limits::{QUESTION_DEADLINE, TAGS_MAX};
use crate::mirror::Mirror;
use wigwag_chat::Version;
use wigwag_ports::repository::{ReleaseTag, RepositoryError};

/// A tag's version in full, for the order of releases.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Order {
    /// Releases before candidates.
    is_candidate: bool,
    major: u32,
    minor: u32,
    patch: u32,
    rest: String,
}

/// The first among the tags that contain any of `commits`.
pub(crate) async fn first(
    mirror: &Mirror,
    commits: &[String],
) -> Result<Option<ReleaseTag>, RepositoryError> {
    let mut found: Vec<String> = Vec::new();
    for commit in commits {
        let contains = format!("--contains={commit}");
        let words = ["tag", "--list", &contains, "--format=%(refname:short)"];
        let told = mirror.git.ask(&words, QUESTION_DEADLINE).await?;
        found.extend(told.lines().take(TAGS_MAX).map(str::to_owned));
    }
    Ok(lowest(&found))
}

fn lowest(tags: &[String]) -> Option<ReleaseTag> {
    let versions = tags.iter().filter_map(|name| Some((order(name)?, name)));
    let best = versions.min();
    let tag = |name: &String, version| ReleaseTag { name: crate::git::tame(name, 100), version };
    match best {
        Some((order, name)) => Some(tag(name, Some(Version { major: order.major, minor: order.minor }))),
        None => tags.first().map(|name| tag(name, None)),
    }
}

/// `v15.2.0`, `v15.2.0-ee`, `15.2.0-rc42-ee`; `None` for what is no version.
fn order(name: &str) -> Option<Order> {
    let text = name.strip_prefix('v').unwrap_or(name);
    let (numbers, rest) = text.split_once('-').map_or((text, ""), |(numbers, rest)| (numbers, rest));
    let parts: Vec<u32> = numbers.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [major, minor, more @ ..] = parts.as_slice() else { return None };
    let candidate = ["rc", "alpha", "beta", "pre"].iter().any(|word| rest.starts_with(word));
    Some(Order {
        is_candidate: candidate,
        major: *major,
        minor: *minor,
        patch: more.first().copied().unwrap_or(0),
        rest: rest.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::lowest;

    #[test]
    fn the_lowest_release_comes_first() {
        let check = |tags: &[&str], is: Option<&str>| {
            let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
            assert_eq!(lowest(&tags).map(|tag| tag.name).as_deref(), is, "{tags:?}");
        };
        check(&[], None);
        check(&["v15.10.0-ee", "v15.2.1-ee", "v15.2.0-ee"], Some("v15.2.0-ee"));
        check(&["v15.2.0-rc42-ee", "v15.3.0-ee"], Some("v15.3.0-ee"));
        check(&["v15.2.0-rc42-ee"], Some("v15.2.0-rc42-ee"));
        check(&["nightly", "2.0"], Some("2.0"));
        check(&["nightly"], Some("nightly"));
    }
}
