//! The entity tag of a bulk evaluation: everything that its answer is made of. It changes with the flags, with who is
//! asked about, with the environment, with the address of the event stream, and with the process, whose versions begin
//! anew.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// The keys of this process's tags.
static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The tag, with its quotes.
pub(super) fn tag(environment: &str, version: u64, actors: &[&str], ticket: Option<&str>) -> String {
    format!("\"{:016x}\"", KEYS.hash_one((environment, version, actors, ticket)))
}

/// Whether `If-None-Match` names a tag. One client of the protocol sends it without its quotes.
pub(super) fn names(if_none_match: &str, tag: &str) -> bool {
    let same = |one: &str| one.trim_start_matches("W/").trim_matches('"') == tag.trim_matches('"');
    if_none_match.split(',').map(str::trim).any(|one| one == "*" || same(one))
}

#[cfg(test)]
mod tests {
    use super::{names, tag};

    #[test]
    fn a_tag_covers_the_flags_and_the_context() {
        let of = |environment, version, actors: &[&str]| tag(environment, version, actors, Some("t"));
        let one = of("production", 7, &["User:5"]);
        assert_eq!(one, of("production", 7, &["User:5"]));
        assert_ne!(one, of("production", 8, &["User:5"]));
        assert_ne!(one, of("staging", 7, &["User:5"]));
        assert_ne!(one, of("production", 7, &["User:6"]));
        assert_ne!(one, of("production", 7, &["User:5", "Project:1"]));
        assert_ne!(one, tag("production", 7, &["User:5"], Some("u")));
        assert_ne!(of("production", 7, &["a", "b"]), of("production", 7, &["ab"]));
    }

    #[test]
    fn clients_write_tags_in_several_ways() {
        let check = |sent: &str, same: bool| assert_eq!(names(sent, "\"ab\""), same, "{sent}");
        check("\"ab\"", true);
        check("W/\"ab\"", true);
        check("ab", true);
        check("\"x\", \"ab\"", true);
        check("*", true);
        check("\"abc\"", false);
        check("", false);
    }
}
