use super::environments;
use crate::limits::{ENVIRONMENTS_MAX, TOKEN_FILE_BYTES_MAX};
use toml::Table;
use wigwag_engine::{Environment, EnvironmentKind, Source};

fn read(text: &str) -> anyhow::Result<Vec<Environment>> {
    let table: Table = text.parse().unwrap();
    environments(&table["environments"])
}

fn check(text: &str, told: &str) {
    let error = read(text).map(|_| "good".to_owned()).unwrap_or_else(|error| error.to_string());
    assert_eq!(error, told, "{text}");
}

/// One table after `name = "a"`.
fn check_one(more: &str, told: &str) {
    check(&format!("[[environments]]\nname = \"a\"\n{more}"), told);
}

#[test]
fn environments_stand_in_the_order_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "  glpat-of-file\n").unwrap();
    let text = format!(
        "[[environments]]\nname = \"pre\"\n[[environments]]\nname = \"canary\"\nflags_of = \"prod\"\nproduction = true\n\
         [[environments]]\nname = \"prod\"\nproduction = true\nurl = \"https://gitlab.example/gitlab/\"\ntoken_file = {:?}\n\
         [[environments]]\nname = \"other\"\nurl = \"http://10.0.0.1:8080/environments/dev\"\ntoken_env = \"PATH_OF_TOKEN\"\n",
        file.display().to_string()
    );
    // Variables cannot be set safely beside other tests: the one that is not set is refused by name.
    let error = read(&text).unwrap_err().to_string();
    assert_eq!(error, "environments, \"other\": token_env: the variable PATH_OF_TOKEN is not set");
    let all = read(text.split("[[environments]]\nname = \"other\"").next().unwrap()).unwrap();
    let names: Vec<_> = all.iter().map(|one| (one.name.as_str(), one.flags_of.as_deref())).collect();
    assert_eq!(names, [("pre", None), ("canary", Some("prod")), ("prod", None)]);
    let kinds: Vec<_> = all.iter().map(|one| one.kind == EnvironmentKind::Production).collect();
    assert_eq!(kinds, [false, true, true]);
    let Source::Remote(remote) = &all[2].source else { panic!("{:?}", all[2].source) };
    assert_eq!(
        (remote.url.as_str(), remote.token.expose().as_str()),
        ("https://gitlab.example/gitlab", "glpat-of-file")
    );
    assert!(all[..2].iter().all(|one| one.source == Source::Local));
}

#[test]
fn what_is_wrong_is_named_with_its_table_and_key() {
    let tables = "environments: must be tables, each under [[environments]], with a name and production = true or false";
    check("environments = \"dev\"", tables);
    check("environments = []", "environments: there must be 1 to 50; there are 0");
    check("environments = [1]", "environments, table 1: must be a table");
    check("[[environments]]\nproduction = true", "environments, table 1: name: is missing");
    check("[[environments]]\nname = 5", "environments, table 1: name: must be a text, and is integer");
    let letters = "must begin with a lower-case letter and hold only those, digits, '-' and '_'";
    check("[[environments]]\nname = \"Prod\"", &format!("environments, table 1: name: \"Prod\" {letters}"));
    let twice = "[[environments]]\nname = \"a\"\n[[environments]]\nname = \"a\"";
    check(twice, "environments: \"a\" is there twice");
    check_one("production = \"yes\"", "environments, \"a\": production: must be true or false");
    let keys = "name, production, flags_of, url, token_file, token_env, large_steps";
    check_one(
        "prodution = true",
        &format!("environments, \"a\": there is no \"prodution\"; there are {keys}"),
    );
    check_one("large_steps = \"refuse\"", "good");
    check_one(
        "large_steps = \"forbid\"",
        "environments, \"a\": large_steps: must be \"warn\" or \"refuse\", and is \"forbid\"",
    );
    let of = "environments, \"a\": flags_of: \"b\" is none that keeps flags; those are ";
    check_one("flags_of = \"b\"", of);
    check_one("flags_of = \"b\"\n[[environments]]\nname = \"c\"", &format!("{of}c"));
    let chain =
        "flags_of = \"b\"\n[[environments]]\nname = \"b\"\nflags_of = \"c\"\n[[environments]]\nname = \"c\"";
    check_one(chain, &format!("{of}c"));
}

#[test]
fn a_token_stays_outside_of_the_file() {
    let url = "url = \"https://gitlab.example\"\n";
    let one =
        |more: &str, told: &str| check_one(&format!("{url}{more}"), &format!("environments, \"a\": {told}"));
    one("", "url: needs a token: token_file = \"FILE\" or token_env = \"VARIABLE\"");
    one("token_file = \"x\"\ntoken_env = \"Y\"", "token_file and token_env: only one of them can be given");
    one(
        "token_file = \"/no/such/file\"",
        "token_file: /no/such/file: No such file or directory (os error 2)",
    );
    let text = "[[environments]]\nname = \"a\"\nurl = \"https://x\"\ntoken = \"glpat-typed-in\"";
    let error = read(text).unwrap_err().to_string();
    assert!(
        error.contains("token: a token does not belong into this file") && !error.contains("glpat"),
        "{error}"
    );
    check_one("token_env = \"Y\"", "environments, \"a\": token_env: is of no use without url");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let token_of = |content: &[u8]| {
        std::fs::write(&file, content).unwrap();
        let text =
            format!("[[environments]]\nname = \"a\"\n{url}token_file = {:?}", file.display().to_string());
        read(&text).map(|_| "good".to_owned()).unwrap_or_else(|error| error.to_string())
    };
    assert_eq!(token_of(b"glpat-x"), "good");
    assert!(token_of(b" \n").ends_with("token_file: holds no token"));
    assert!(token_of(b"one two").contains("token_file: holds more than a token"));
    assert!(token_of(b"gr\xc3\xb6\xc3\x9fe").contains("token_file: holds more than a token"));
    assert!(token_of(b"\xff\xfe").contains("valid UTF-8"));
    let longest = vec![b'x'; TOKEN_FILE_BYTES_MAX as usize];
    assert_eq!(token_of(&longest), "good");
    assert!(token_of(&[&longest[..], b"x"].concat()).contains("is longer than 4096 bytes"));
}

#[test]
fn a_url_is_what_stands_before_the_api() {
    let check = |url: &str, told: &str| {
        check_one(
            &format!("url = {url:?}\ntoken_file = \"/dev/null\""),
            &format!("environments, \"a\": {told}"),
        );
    };
    let good = "token_file: holds no token";
    for url in ["https://gitlab.example", "http://10.0.0.1:8080/environments/staging/", "https://x/a/b"] {
        check(url, good);
    }
    let shape =
        "must be http:// or https://, a host, and a path if there is one, such as https://gitlab.example";
    for url in [
        "",
        "gitlab.example",
        "ftp://x",
        "https://",
        "https:///x",
        "https://x?y",
        "https://x#y",
        "https://x y",
    ] {
        check(url, &format!("url: {url:?} {shape}"));
    }
    check("https://u:p@x", "url: a name or password does not belong into it; the token is shown by itself");
    for url in ["https://x/api/v4", "https://x/api/v4/", "https://x/api/v4/features"] {
        check(url, &format!("url: {url:?} names the API itself; write what stands before /api/v4"));
    }
}

#[test]
fn there_are_not_endlessly_many() {
    let many = |count: usize| -> String {
        (0..count).map(|n| format!("[[environments]]\nname = \"e{n}\"\n")).collect()
    };
    check(&many(ENVIRONMENTS_MAX), "good");
    check(&many(ENVIRONMENTS_MAX + 1), "environments: there must be 1 to 50; there are 51");
    check_one(
        "flags_of = \"a\"",
        "environments, \"a\": flags_of: \"a\" is none that keeps flags; those are ",
    );
}
