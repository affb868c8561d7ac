//! `[groups]`: named groups of actors, for whom a flag can be on.

use crate::limits::{ACTOR_GROUPS_MAX, GROUP_ACTORS_MAX};
use anyhow::{Context, Result, anyhow, bail};
use toml::{Table, Value};
use wigwag_engine::{ActorGroup, GroupMembers};

/// Every group of the file.
pub(super) fn groups(value: &Value) -> Result<Vec<ActorGroup>> {
    let table =
        value.as_table().context("groups: must be a table such as staff = { group = \"acme/staff\" }")?;
    if table.len() > ACTOR_GROUPS_MAX {
        bail!("groups: there may be {ACTOR_GROUPS_MAX}; there are {}", table.len());
    }
    table.iter().map(|(name, value)| group(name, value)).collect()
}

fn group(name: &str, value: &Value) -> Result<ActorGroup> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if name.is_empty() || name.len() > 255 || !name.bytes().all(plain) {
        bail!("groups: {name:?} is no name: it may hold letters, digits, '_' and '-', up to 255");
    }
    let table = value.as_table().with_context(|| {
        format!("groups, {name:?}: must be {{ group = \"PATH\" }} or {{ actors = [\"User:1\"] }}")
    })?;
    let members = match (table.get("group"), table.get("actors"), table.len()) {
        (Some(path), None, 1) => {
            GroupMembers::Group(path_of(path).map_err(|why| anyhow!("groups, {name:?}: {why}"))?)
        }
        (None, Some(actors), 1) => {
            actors_of(actors).map_err(|why| anyhow!("groups, {name:?}: actors: {why}"))?
        }
        _ => bail!(
            "groups, {name:?}: takes group or actors, one of them and nothing else; there is {}",
            keys(table)
        ),
    };
    Ok(ActorGroup { name: name.to_owned(), members })
}

fn keys(table: &Table) -> String {
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    if keys.is_empty() { "nothing".into() } else { keys.join(", ") }
}

fn path_of(value: &Value) -> Result<String, String> {
    let path = value.as_str().map(|path| path.trim_matches('/')).filter(|path| !path.is_empty());
    path.map(str::to_owned).ok_or_else(|| "group: must be a group's full path, such as acme/staff".into())
}

fn actors_of(value: &Value) -> Result<GroupMembers, String> {
    let list = value.as_array().ok_or("must be a list such as [\"User:1\", \"Project:5\"]")?;
    if list.len() > GROUP_ACTORS_MAX {
        return Err(format!("may hold {GROUP_ACTORS_MAX} entries; there are {}", list.len()));
    }
    let actor = |value: &Value| {
        let text = value.as_str().ok_or_else(|| format!("{value} is no text"))?;
        text.parse().map_err(|error| format!("{text:?} {error}"))
    };
    list.iter().map(actor).collect::<Result<_, _>>().map(GroupMembers::Actors)
}

#[cfg(test)]
mod tests {
    use super::groups;
    use crate::limits::{ACTOR_GROUPS_MAX, GROUP_ACTORS_MAX};
    use toml::Table;
    use wigwag_engine::GroupMembers;

    fn check(text: &str, is: &str) {
        let table: Table = text.parse().unwrap();
        let told = match groups(&table["groups"]) {
            Err(error) => error.to_string(),
            Ok(groups) => {
                let shown = groups.iter().map(|group| match &group.members {
                    GroupMembers::Group(path) => format!("{} = {path}", group.name),
                    GroupMembers::Actors(actors) => format!("{} = {}", group.name, actors.len()),
                });
                shown.collect::<Vec<_>>().join(", ")
            }
        };
        assert_eq!(told, is, "{text}");
    }

    #[test]
    fn groups_are_read_and_what_is_wrong_is_named() {
        check(
            "[groups]\nstaff = { group = \"/acme/staff/\" }\nbeta = { actors = [\"User:1\", \"Project:5\"] }",
            "beta = 2, staff = acme/staff",
        );
        check("[groups]", "");
        check("[groups.staff]\nactors = []", "staff = 0");
        check("groups = 5", "groups: must be a table such as staff = { group = \"acme/staff\" }");
        check(
            "[groups]\n\"a b\" = {}",
            "groups: \"a b\" is no name: it may hold letters, digits, '_' and '-', up to 255",
        );
        check(
            "[groups]\nstaff = \"acme\"",
            "groups, \"staff\": must be { group = \"PATH\" } or { actors = [\"User:1\"] }",
        );
        let one = "groups, \"staff\": takes group or actors, one of them and nothing else; there is ";
        check("[groups]\nstaff = {}", &format!("{one}nothing"));
        check("[groups]\nstaff = { group = \"a\", actors = [] }", &format!("{one}actors, group"));
        check("[groups]\nstaff = { gruop = \"a\" }", &format!("{one}gruop"));
        check(
            "[groups]\nstaff = { group = \"/\" }",
            "groups, \"staff\": group: must be a group's full path, such as acme/staff",
        );
        check(
            "[groups]\nstaff = { actors = \"User:1\" }",
            "groups, \"staff\": actors: must be a list such as [\"User:1\", \"Project:5\"]",
        );
        check("[groups]\nstaff = { actors = [5] }", "groups, \"staff\": actors: 5 is no text");
        check(
            "[groups]\nstaff = { actors = [\"me\"] }",
            "groups, \"staff\": actors: \"me\" is not of the form Type:id, such as Project:1",
        );
    }

    #[test]
    fn there_are_not_endlessly_many() {
        let groups = |count: usize| -> String {
            (0..count).map(|n| format!("g{n:04} = {{ actors = [] }}\n")).collect()
        };
        let many = |count| format!("[groups]\n{}", groups(count));
        check(&many(ACTOR_GROUPS_MAX + 1), "groups: there may be 100; there are 101");
        let table: Table = many(ACTOR_GROUPS_MAX).parse().unwrap();
        assert_eq!(super::groups(&table["groups"]).unwrap().len(), ACTOR_GROUPS_MAX);
        let actors = |count: usize| {
            let ids: Vec<String> = (0..count).map(|n| format!("\"User:{n}\"")).collect();
            format!("[groups]\nall = {{ actors = [{}] }}", ids.join(","))
        };
        check(&actors(GROUP_ACTORS_MAX), "all = 10000");
        check(
            &actors(GROUP_ACTORS_MAX + 1),
            "groups, \"all\": actors: may hold 10000 entries; there are 10001",
        );
    }
}
