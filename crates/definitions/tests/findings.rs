//! Everything that can be wrong with definitions, each with the words in which it is told.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use common::{Tree, definition, told};
use wigwag_definitions::limits::{
    DEPTH_MAX, DESCRIPTION_BYTES_MAX, FILE_BYTES_MAX, FINDINGS_PER_FILE_MAX, OWNERS_MAX, TEXT_BYTES_MAX,
    URL_BYTES_MAX,
};
use wigwag_flags::limits::DEPENDS_ON_MAX;

/// One file alone with what is told of it; it is taken if nothing is.
#[track_caller]
fn check(path: &str, text: impl AsRef<[u8]>, is: &[&str]) {
    let tree = Tree::new();
    tree.write(path, text);
    let read = tree.read();
    assert_eq!(told(&read), is);
    assert_eq!(read.good.len(), usize::from(is.is_empty()));
}

/// A good file of the flag `f` with one part replaced.
#[track_caller]
fn replaced(part: &str, with: &str, is: &[&str]) {
    let good = definition("f", "beta");
    assert!(good.contains(part), "{part:?}");
    check("beta/f.yml", good.replace(part, with), is);
}

/// A good file with lines behind it.
#[track_caller]
fn added(lines: &str, is: &[&str]) {
    check("beta/f.yml", definition("f", "beta") + lines, is);
}

#[test]
fn a_whole_definition_is_read() {
    let tree = Tree::new();
    let more = "description: Shows f.\nfeature_issue_url: https://a.example/1\nrollout_issue_url: http://a.example/2\n\
                log_state_changes: true\nintended_to_rollout_by: '15.12'\nowners: [ann, 'bob']\nchannel: '#f'\nlarge_steps: refuse\n\
                depends_on:\n  - auto_disabling_web_hooks\n";
    tree.write("beta/f.yml", definition("f", "beta") + more);
    let read = tree.read();
    assert_eq!(told(&read), [""; 0]);
    let [f] = read.good.try_into().unwrap();
    assert_eq!((f.name.as_str(), f.kind.as_str(), f.default_enabled), ("f", "beta", false));
    assert_eq!((f.milestone.as_str(), f.group.as_str()), ("15.10", "group::a"));
    assert_eq!(f.introduced_by_url, "https://a.example/-/merge_requests/1");
    assert_eq!((f.description.as_str(), f.channel.as_deref()), ("Shows f.", Some("#f")));
    assert_eq!(f.feature_issue_url.as_deref(), Some("https://a.example/1"));
    assert_eq!(f.rollout_issue_url.as_deref(), Some("http://a.example/2"));
    assert_eq!((f.log_state_changes, f.intended_to_rollout_by.as_deref()), (Some(true), Some("15.12")));
    assert_eq!(f.owners, ["ann", "bob"]);
    assert_eq!(f.large_steps, Some(wigwag_flags::LargeStepPolicy::Refuse));
    assert_eq!(f.depends_on, ["auto_disabling_web_hooks".parse().unwrap()]);
}

#[test]
fn empty_optional_fields_are_none() {
    added(
        "rollout_issue_url:\nfeature_issue_url: ~\ndescription: null\nowners:\ndepends_on: []\nchannel:\n",
        &[],
    );
}

#[test]
fn fields_are_known_and_written_once() {
    added(
        "defualt_enabled: true\n",
        &["beta/f.yml:8 defualt_enabled: is no field of a definition; did you mean default_enabled?"],
    );
    added("colour: red\n", &["beta/f.yml:8 colour: is no field of a definition"]);
    added("group: group::b\n", &["beta/f.yml:8 group: is already set in line 6; keep one of the two"]);
    added("a\u{1b}[31m: 1\n", &["beta/f.yml:8 a\\u{1b}[31m: is no field of a definition"]);
}

#[test]
fn required_fields_are_there() {
    replaced("group: group::a\n", "", &["beta/f.yml group: is required"]);
    replaced("group::a", "", &["beta/f.yml:6 group: is required"]);
    replaced("group::a", "''", &["beta/f.yml:6 group: is required"]);
    replaced("default_enabled: false\n", "", &["beta/f.yml default_enabled: is required"]);
    let all: Vec<String> = ["name", "type", "default_enabled", "introduced_by_url", "milestone", "group"]
        .map(|field| format!("beta/f.yml {field}: is required"))
        .into();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    check("beta/f.yml", "description: nothing else\n", &all);
}

#[test]
fn values_have_their_fields_type() {
    let number = "is a number, \"15.10\", where a text belongs; put it in quotes: as a number 15.10 and 15.1 are the same, as a text they are not";
    replaced("'15.10'", "15.10", &[&format!("beta/f.yml:5 milestone: {number}")]);
    replaced("'15.10'", "[15]", &["beta/f.yml:5 milestone: must be a text; it is a list"]);
    replaced(
        "group::a",
        "12",
        &["beta/f.yml:6 group: is a number, \"12\", where a text belongs; put it in quotes"],
    );
    replaced(
        "group::a",
        "yes",
        &["beta/f.yml:6 group: is a truth value, \"yes\", where a text belongs; put it in quotes"],
    );
    for word in ["'false'", "off", "0", "maybe"] {
        let bare = word.trim_matches('\'');
        let is =
            format!("beta/f.yml:7 default_enabled: must be true or false, without quotes; it is \"{bare}\"");
        replaced("false", word, &[&is]);
    }
    replaced(
        "false",
        "{a: b}",
        &["beta/f.yml:7 default_enabled: must be true or false; it is a group of fields"],
    );
    added("owners: ann\n", &["beta/f.yml:8 owners: must be a list, such as [a, b]; it is \"ann\""]);
    added(
        "owners: [[ann], {a: [b]}]\ncolour: red\n",
        &[
            "beta/f.yml:8 owners: must be a list, such as [a, b]; it is a list of lists or of groups",
            "beta/f.yml:9 colour: is no field of a definition",
        ],
    );
    added("owners: [12]\n", &["beta/f.yml:8 owners: holds a number, \"12\"; put it in quotes"]);
    added("owners:\n  - ''\n", &["beta/f.yml:9 owners: holds an empty text"]);
    added(
        "log_state_changes: maybe\n",
        &["beta/f.yml:8 log_state_changes: must be true or false, without quotes; it is \"maybe\""],
    );
}

#[test]
fn texts_are_tame_and_not_too_long() {
    let long = |bytes: usize| "x".repeat(bytes);
    replaced("group::a", &long(TEXT_BYTES_MAX), &[]);
    replaced("group::a", &long(TEXT_BYTES_MAX + 1), &["beta/f.yml:6 group: is longer than 255 bytes"]);
    replaced("group::a", "\"a\\nb\"", &["beta/f.yml:6 group: holds a line break or a control character"]);
    replaced("group::a", "\"a\\e[31m\"", &["beta/f.yml:6 group: holds a control character"]);
    added(&format!("description: {}\n", long(DESCRIPTION_BYTES_MAX)), &[]);
    added(
        &format!("description: {}\n", long(DESCRIPTION_BYTES_MAX + 1)),
        &["beta/f.yml:8 description: is longer than 4096 bytes"],
    );
    added("description: |\n  two\n  lines\n", &[]);
    let people = |n: usize| format!("owners: [{}]\n", vec!["a"; n].join(", "));
    added(&people(OWNERS_MAX), &[]);
    added(&people(OWNERS_MAX + 1), &["beta/f.yml:8 owners: holds more than 32 entries"]);
    added(
        &format!("owners: [{}]\n", long(TEXT_BYTES_MAX + 1)),
        &["beta/f.yml:8 owners: holds a text of more than 255 bytes"],
    );
}

#[test]
fn urls_are_of_the_web() {
    let url = "https://a.example/-/merge_requests/1";
    for (bad, shown) in [
        ("merge_requests/1", "merge_requests/1"),
        ("ftp://a.example/1", "ftp://a.example/1"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("'https://a.example/ b'", "https://a.example/ b"),
        ("https://", "https://"),
    ] {
        replaced(
            url,
            bad,
            &[&format!("beta/f.yml:3 introduced_by_url: is no http or https URL: \"{shown}\"")],
        );
    }
    let of_length = |bytes: usize| format!("https://a.example/{}", "x".repeat(bytes - 18));
    replaced(url, &of_length(URL_BYTES_MAX), &[]);
    replaced(
        url,
        &of_length(URL_BYTES_MAX + 1),
        &["beta/f.yml:3 introduced_by_url: is longer than 2048 bytes"],
    );
    added(
        "rollout_issue_url: no\n",
        &["beta/f.yml:8 rollout_issue_url: is a truth value, \"no\", where a text belongs; put it in quotes"],
    );
    added("feature_issue_url: x\n", &["beta/f.yml:8 feature_issue_url: is no http or https URL: \"x\""]);
}

#[test]
fn names_and_types_are_those_of_the_file() {
    check(
        "beta/g.yml",
        definition("f", "beta"),
        &["beta/g.yml:2 name: is \"f\", but the file is called \"g\"; rename one of them"],
    );
    replaced("name: f", "name: f f", &["beta/f.yml:2 name: may hold only letters, digits, '_', '-' and ':'"]);
    check(
        "beta/F.yml",
        definition("F", "beta"),
        &["beta/F.yml:2 name: may hold only lower-case letters, digits, '_' and '-'"],
    );
    check(
        "wip/f.yml",
        definition("f", "beta"),
        &["wip/f.yml:4 type: is beta, but the file lies in the folder \"wip\"; move it to beta"],
    );
    check(
        "f.yml",
        definition("f", "beta"),
        &["f.yml:4 type: has no folder: move the file into a folder called beta"],
    );
    let all = "derisk, wip, beta, ops, experiment, worker, development";
    replaced(
        "type: beta",
        "type: betta",
        &[&format!("beta/f.yml:4 type: is none of {all}: \"betta\"; did you mean beta?")],
    );
    check("gitlab_com_derisk/f.yml", definition("f", "gitlab_com_derisk"), &[]);
    check("derisk/f.yml", definition("f", "gitlab_com_derisk"), &[]);
}

#[test]
fn defaults_are_on_only_where_they_may_be() {
    for (kind, may) in [
        ("derisk", false),
        ("wip", false),
        ("beta", true),
        ("ops", true),
        ("experiment", false),
        ("worker", false),
        ("development", true),
    ] {
        let text = definition("f", kind).replace("false", "true");
        let path = format!("{kind}/f.yml");
        let is = format!(
            "{path}:7 default_enabled: may be true only for the types beta, ops and development; this one is {kind}"
        );
        check(
            &path,
            text,
            if may { &[] } else { std::slice::from_ref(&is) }
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .as_slice(),
        );
    }
}

#[test]
fn a_file_is_one_complete_document_of_fields() {
    let file = "beta/f.yml";
    check(file, "", &["beta/f.yml:1: is empty"]);
    check(file, "---\n# nothing\n", &["beta/f.yml:3: is empty"]);
    check(file, "- name: f\n", &["beta/f.yml:1: is not a list of fields such as `name: my_flag`"]);
    check(file, "just words\n", &["beta/f.yml:1: is not a list of fields such as `name: my_flag`"]);
    added("---\nname: g\n", &["beta/f.yml:8: holds several documents (---); one file defines one flag"]);
    check(
        file,
        "name: f\n? [a]\n: b\n",
        &["beta/f.yml:2: has a list or a group of fields where a field's name belongs"],
    );
    for half in [
        "name: \"f\ntype: beta\n",
        "name: f\ngroup: [a, b\n",
        "name: f\n  type: beta\n",
        "name: f\n\ttype: beta\n",
        "name: 'f\n",
        "{name: f",
        "name: f\0\n",
    ] {
        let tree = Tree::new();
        tree.write(file, half);
        let read = tree.read();
        let [finding] = read.findings.as_slice() else { panic!("{half:?}: {read:?}") };
        assert!(finding.rule.starts_with("is not complete, correct YAML: "), "{half:?}: {finding:?}");
        assert!(finding.line.is_some_and(|line| (1..=3).contains(&line)), "{half:?}: {finding:?}");
    }
    check(file, b"name: f\ngroup: \xff\n", &["beta/f.yml:2: is not UTF-8"]);
    let utf_16: Vec<u8> = "name: f\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let tree = Tree::new();
    tree.write(file, utf_16);
    assert_eq!(tree.read().findings.len(), 1);
    check(file, format!("\u{feff}{}", definition("f", "beta")), &[]);
}

#[test]
fn nothing_is_expanded() {
    let anchors = "uses an anchor or an alias (& or *); write the text out";
    added("description: &a text\n", &[&format!("beta/f.yml:8: {anchors}")]);
    added(
        "<<: *a\n",
        &["beta/f.yml:8: is not complete, correct YAML: while parsing node, found unknown anchor"],
    );
    let mut laughs = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for (this, before) in ('b'..='z').zip('a'..='y') {
        let nine = vec![format!("*{before}"); 9].join(", ");
        laughs += &format!("{this}: &{this} [{nine}]\n");
    }
    check("beta/f.yml", laughs, &[&format!("beta/f.yml:1: {anchors}")]);
    added("description: !!str 12\n", &["beta/f.yml:8: uses a tag (!); write a plain text in quotes instead"]);
    added(
        "description: !ruby/object:Gem::Installer {}\n",
        &["beta/f.yml:8: uses a tag (!); write a plain text in quotes instead"],
    );
    let deep = format!("description: {}\n", "[".repeat(20_000));
    let tree = Tree::new();
    tree.write("beta/f.yml", definition("f", "beta") + &deep);
    assert_eq!(tree.read().findings.len(), 1);
    let deep: String = (0..300).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    check(
        "beta/f.yml",
        definition("f", "beta")
            + "description:\n"
            + &deep.lines().map(|l| format!(" {l}\n")).collect::<String>(),
        &["beta/f.yml:8 description: must be a text; it is a group of fields"],
    );
}

#[test]
fn dependencies_exist_and_are_not_too_many() {
    added("depends_on: [nobody]\n", &["beta/f.yml:8 depends_on: names nobody, which no good file defines"]);
    added(
        "depends_on: [auto_disabling_web_hook]\n",
        &[
            "beta/f.yml:8 depends_on: names auto_disabling_web_hook, which no good file defines; did you mean auto_disabling_web_hooks?",
        ],
    );
    added("depends_on: [f]\n", &["beta/f.yml:8 depends_on: leads in a circle: f -> f"]);
    added(
        "depends_on: ['a b']\n",
        &["beta/f.yml:8 depends_on: holds \"a b\", which may hold only letters, digits, '_', '-' and ':'"],
    );
    added("depends_on: [g, g]\n", &["beta/f.yml:8 depends_on: names g twice"]);
    let names = |n: usize| (0..n).map(|i| format!("g{i}")).collect::<Vec<_>>();
    let tree = Tree::new();
    names(DEPENDS_ON_MAX + 1)
        .iter()
        .for_each(|name| tree.write(&format!("beta/{name}.yml"), definition(name, "beta")));
    for (n, findings) in [
        (DEPENDS_ON_MAX, vec![]),
        (DEPENDS_ON_MAX + 1, vec!["beta/f.yml:8 depends_on: holds more than 8 entries"]),
    ] {
        let list = format!("depends_on: [{}]\n", names(n).join(", "));
        tree.write("beta/f.yml", definition("f", "beta") + &list);
        assert_eq!(told(&tree.read()), findings);
    }
}

#[test]
fn circles_and_long_chains_are_refused_and_the_rest_loads() {
    let tree = Tree::new();
    tree.arrows(&["a>b", "b>c", "c>a", "outside>a", "good>"]);
    let read = tree.read();
    let circle =
        |name: &str, chain: &str| format!("beta/{name}.yml:8 depends_on: leads in a circle: {chain}");
    let is = [
        circle("a", "a -> b -> c -> a"),
        circle("b", "b -> c -> a -> b"),
        circle("c", "c -> a -> b -> c"),
        "beta/outside.yml:8 depends_on: names a, which no good file defines".into(),
    ];
    assert_eq!(told(&read), is);
    assert_eq!(common::names(&read), ["good"]);

    let tree = Tree::new();
    tree.arrows(&["a>b", "b>c", "c>d", "d>e", "e>"]);
    assert_eq!(told(&tree.read()), [""; 0]);
    tree.arrows(&["a>b", "b>c", "c>d", "d>e", "e>auto_disabling_web_hooks"]);
    let read = tree.read();
    assert_eq!(
        told(&read),
        [
            "beta/a.yml:8 depends_on: reaches further than 4 flags: a -> b -> c -> d -> e -> auto_disabling_web_hooks"
        ]
    );
    assert_eq!(common::names(&read), ["b", "c", "d", "e"]);
}

#[test]
fn a_flag_is_defined_once() {
    let tree = Tree::new();
    tree.write("config/feature_flags/beta/f.yml", definition("f", "beta"));
    tree.write("ee/config/feature_flags/wip/f.yml", definition("f", "wip"));
    tree.write(".github/workflows/ci.yml", "on: push");
    tree.write("ci/other.yml", "on: push");
    let read = tree.read();
    assert_eq!(
        told(&read),
        [
            "ee/config/feature_flags/wip/f.yml:2 name: is f, which config/feature_flags/beta/f.yml defines already; keep one of the files"
        ]
    );
    assert_eq!(read.good[0].kind.as_str(), "beta");
    let own = "auto_disabling_web_hooks";
    check(
        &format!("ops/{own}.yml"),
        definition(own, "ops"),
        &[
            "ops/auto_disabling_web_hooks.yml:2 name: is auto_disabling_web_hooks, one of Wigwag's own flags, which come with it; remove the file",
        ],
    );
}

#[test]
fn files_are_ordinary_short_and_inside() {
    let padded = |bytes: u64| {
        let good = definition("f", "beta");
        let comment = usize::try_from(bytes).unwrap() - good.len();
        good + "#" + &"x".repeat(comment - 1)
    };
    check("beta/f.yml", padded(FILE_BYTES_MAX), &[]);
    check(
        "beta/f.yml",
        padded(FILE_BYTES_MAX + 1),
        &["beta/f.yml: is longer than 65536 bytes; a definition has some 500"],
    );
    check(
        "beta/f.yaml",
        definition("f", "beta"),
        &["beta/f.yaml: ends in .yaml; definitions end in .yml, so rename it"],
    );

    let (tree, other) = (Tree::new(), Tree::new());
    other.write("f.yml", definition("f", "beta"));
    tree.write("beta/g.yml", definition("g", "beta"));
    tree.link("beta/f.yml", other.path("f.yml"));
    tree.link("beta/up", other.path(""));
    tree.link("beta/nowhere.yml", tree.path("gone.yml"));
    tree.link("beta/circle", tree.path("beta"));
    std::fs::create_dir(tree.path("beta/folder.yml")).unwrap();
    let read = tree.read();
    let out = "is a link that leads out of the folder; put the file itself here";
    assert_eq!(
        told(&read),
        [
            format!("beta/f.yml: {out}"),
            "beta/nowhere.yml: is a link that leads nowhere".into(),
            format!("beta/up: {out}")
        ]
    );
    assert_eq!(common::names(&read), ["g"]);

    let deep = |folders: usize| format!("{}/beta/f.yml", vec!["d"; folders].join("/"));
    check(&deep(DEPTH_MAX - 1), definition("f", "beta"), &[]);
    let too_deep = vec!["d"; DEPTH_MAX].join("/") + "/beta";
    check(&deep(DEPTH_MAX), definition("f", "beta"), &[&format!("{too_deep}: lies deeper than 16 folders")]);
}

#[test]
fn links_inside_are_followed_as_mounted_volumes_need_it() {
    let tree = Tree::new();
    tree.write("..2024_10/beta/f.yml", definition("f", "beta"));
    tree.link("..data", tree.path("..2024_10"));
    tree.link("beta", tree.path("..data/beta"));
    let read = tree.read();
    assert_eq!((told(&read), common::names(&read)), (vec![], vec!["f".to_owned()]));
}

#[test]
fn the_folder_may_be_that_of_a_type() {
    let tree = Tree::new();
    tree.write("feature_flags/beta/f.yml", definition("f", "beta"));
    let read = wigwag_definitions::Folder::new(tree.path("feature_flags/beta")).look().changed.unwrap();
    assert_eq!((told(&read), common::names(&read)), (vec![], vec!["f".to_owned()]));
}

#[test]
fn a_folder_that_cannot_be_read_is_told() {
    let tree = Tree::new();
    let missing = wigwag_definitions::Folder::new(tree.path("no/such")).look().changed.unwrap();
    let told = told(&missing).remove(0);
    assert!(
        told.starts_with(": the folder ") && told.contains("no/such cannot be read: No such file"),
        "{told}"
    );
}

#[test]
fn findings_of_one_file_are_counted_beyond_a_limit() {
    let lines = |n: usize| (0..n).map(|i| format!("colour{i}: red\n")).collect::<String>();
    let count = |n: usize| {
        let tree = Tree::new();
        tree.write("beta/f.yml", definition("f", "beta") + &lines(n));
        told(&tree.read())
    };
    assert_eq!(count(FINDINGS_PER_FILE_MAX).len(), FINDINGS_PER_FILE_MAX);
    let more = count(FINDINGS_PER_FILE_MAX + 1);
    assert_eq!(
        (more.len(), more[FINDINGS_PER_FILE_MAX].as_str()),
        (FINDINGS_PER_FILE_MAX + 1, ": and 1 more findings, which are not shown")
    );
}
