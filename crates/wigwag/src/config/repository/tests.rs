use super::repository;
use std::path::Path;
use std::time::Duration;
use toml::Table;
use wigwag_repository::RepositoryConfig;

fn read(text: &str) -> anyhow::Result<RepositoryConfig> {
    let table: Table = text.parse().unwrap();
    repository(&table["repository"], Path::new("data"))
}

/// A repository with this source and these lines.
fn check(source: &str, more: &str, told: &str) {
    let text = format!("[repository]\nsource = {source:?}\n{more}");
    let error = read(&text).map(|_| "good".to_owned()).unwrap_or_else(|error| error.to_string());
    let told = if told == "good" { told.into() } else { format!("repository: {told}") };
    assert_eq!(error, told, "{text}");
}

#[test]
fn everything_is_read_and_the_rest_is_as_it_comes() {
    let all = read(
        "[repository]\nsource = \"https://gitlab.example/acme/shop.git\"\n\
         project_url = [\"https://gitlab.example/acme/shop\", \"https://old.example/acme/shop/\"]\n\
         default_branch = \"trunk\"\nstable_branches = \"rel-{major}.{minor}\"\nrefresh_s = 10\nflags = \"config/flags/\"\n",
    );
    let all = all.unwrap();
    assert_eq!(all.folder, Path::new("data/repository"));
    assert_eq!((all.project_urls.len(), all.default_branch.as_deref()), (2, Some("trunk")));
    assert_eq!(all.stable_branches, ["rel-{major}.{minor}"]);
    assert_eq!(
        (all.refresh_every, all.flags_folder.as_deref()),
        (Duration::from_secs(10), Some("config/flags"))
    );

    let least = read("[repository]\nsource = \"git@gitlab.example:acme/shop.git\"").unwrap();
    assert_eq!(least.stable_branches.len(), 3);
    assert_eq!((least.refresh_every, least.flags_folder), (Duration::from_secs(60), None));
}

#[test]
fn a_source_is_a_folder_or_what_git_takes_for_a_url() {
    let folder = tempfile::tempdir().unwrap();
    for good in [
        folder.path().to_str().unwrap(),
        "ssh://git@gitlab.example/acme/shop.git",
        "git@gitlab.example:acme/shop.git",
        "file:///srv/git/shop.git",
    ] {
        check(good, "", "good");
    }
    check("", "", "source: is empty");
    check("/no/such/folder", "", "source: /no/such/folder is no folder");
    check("--upload-pack=x", "", "source: \"--upload-pack=x\" is neither a path nor a URL");
    check("ext::sh", "", "source: \"ext::sh\" is neither a path nor a URL");
    check("ftp://x", "", "source: a URL must begin with https://, http://, ssh://, git:// or file://");
    check(
        "https://me:secret@gitlab.example/a.git",
        "",
        "source: a name or password does not belong into it; name a token by token_file",
    );
    let error = read("[repository]\nrefresh_s = 5").map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, "repository: source: is missing");
}

#[test]
fn what_is_wrong_is_named() {
    let of = |more: &str, told: &str| check("https://x/a/b.git", more, told);
    of(
        "project_url = \"gitlab.example/a/b\"",
        "project_url: \"gitlab.example/a/b\" must be a project's address, such as https://gitlab.example/group/project",
    );
    of("project_url = [5]", "project_url: must be a text or a list of texts");
    of(
        "stable_branches = [\"stable-{major}\"]",
        "stable_branches: \"stable-{major}\" must hold {major} and {minor}",
    );
    for (key, name) in
        [("default_branch", "--all"), ("default_branch", "a..b"), ("flags", "/etc"), ("flags", "a:b")]
    {
        of(&format!("{key} = {name:?}"), &format!("{key}: {name:?} is no name in a repository"));
    }
    of("refresh_s = 86400", "good");
    of("refresh_s = 86401", "refresh_s: must be a whole number from 1 to 86400");
    of("refresh_s = 0", "refresh_s: must be a whole number from 1 to 86400");
    of(
        "folder = \"x\"",
        "there is no \"folder\"; there are source, project_url, default_branch, stable_branches, refresh_s, token_file, \
         token_env, flags",
    );
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "glpat-1").unwrap();
    let token = format!("token_file = {:?}", token.to_str().unwrap());
    let told = "token: is of no use with this source: it is shown to an https:// server alone";
    of(&token, "good");
    check("http://127.0.0.1:8080/a/b.git", &token, "good");
    for source in
        ["git@gitlab.example:a/b.git", "http://gitlab.example/a/b.git", "http://localhost.example/a/b.git"]
    {
        check(source, &token, told);
    }
}
