//! `wigwag flags` on a code base: definitions, references, the end of a flag's life.

use crate::world::{Ended, Server, World};
use serde_json::{Value, json};
use std::fs;
use wigwag_testkit::ROOT_TOKEN;

/// A code base with the flag `new_nav`.
fn code_base() -> World {
    let world = World::new();
    for (path, text) in [
        ("flags/beta/new_nav.yml", definition("new_nav", "beta").as_str()),
        ("app/nav.rb", "show if Feature.enabled?(:new_nav)\nnew_nav_two = 1\n"),
        ("app/nav.js", "const on = features['new-nav'];\n"),
        ("spec/nav_spec.rb", "stub_feature_flags(new_nav: false)\n"),
        ("docs/nav.md", "The flag `new_nav`.\n"),
        (
            "CHANGELOG.md",
            "# Changelog\r\n\r\n## [Unreleased]\r\n\r\n### Added\r\n\r\n- Old.\r\n\r\n## [1.0.0]\r\n",
        ),
        (".gitignore", "*.log\n/build/\n"),
        ("nav.log", "new_nav\n"),
        ("build/out.js", "new_nav\n"),
        (".hidden/ci.yml", "run: new_nav\n"),
    ] {
        write(&world, path, text);
    }
    fs::write(world.path("app/logo.png"), b"\x89PNG\0new_nav").unwrap();
    world
}

fn write(world: &World, path: &str, text: &str) {
    fs::create_dir_all(world.path(path).parent().unwrap()).unwrap();
    fs::write(world.path(path), text).unwrap();
}

fn definition(name: &str, kind: &str) -> String {
    format!(
        "---\n# who: ünsere Gruppe\nname: {name}\ndescription: Shows the new navigation.\nintroduced_by_url: https://a.example/1 # first\n\
         milestone:   '15.10'\ntype: {kind}\ngroup: group::nav\n\ndefault_enabled: false   # until it is rolled out\nowners: [ann]"
    )
}

async fn flags(world: &World, words: &[&str]) -> Ended {
    Ended::of(world.wigwag(&[&["flags"], words].concat())).await
}

/// With a server to ask.
/// A server at `home` that reads the definitions of the code base.
async fn knowing(world: &World, home: &World) -> Server {
    let folder = world.path("flags");
    Server::start(home.serve(&["--flags", folder.to_str().unwrap()])).await
}

async fn asking(world: &World, server: &Server, words: &[&str]) -> Ended {
    let mut command = world.wigwag(&[&["flags"], words].concat());
    command.env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    Ended::of(command).await
}

fn text(world: &World, path: &str) -> String {
    fs::read_to_string(world.path(path)).unwrap()
}

#[tokio::test]
async fn what_is_listed_commands_no_terminal() {
    let world = World::new();
    let row = json!({ "flag": "f", "environment": "dev", "author": "a\u{9b}2J", "reason": "b\u{1b}[2J\nc" });
    write(&world, "overrides.json", &json!({ "overrides": [row] }).to_string());
    let list = flags(&world, &["override", "--list", "--data", "."]).await;
    let is = "f in dev, by a\u{fffd}2J, not recorded yet: b\u{fffd}[2J\u{fffd}c";
    assert_eq!(list.printed(), is);
    let json = flags(&world, &["override", "--list", "--data", ".", "--json"]).await;
    assert!(!json.printed().contains(|c: char| c != '\n' && c.is_control()), "{json:?}");
}

#[tokio::test]
async fn lint_names_file_line_and_field() {
    let world = code_base();
    assert_eq!(flags(&world, &["lint", "flags"]).await.printed(), "1 definition, nothing wrong");
    write(&world, "flags/wip/other.yml", &definition("other", "wip").replace("'15.10'", "15.10"));
    let wrong = flags(&world, &["lint", "flags"]).await;
    let told = "flags/wip/other.yml:6: milestone is a number, \"15.10\", where a text belongs; put it in quotes: as a number \
                15.10 and 15.1 are the same, as a text they are not\n1 finding; 1 of 2 files good\n";
    assert_eq!((wrong.code, wrong.stdout.as_str(), wrong.stderr.as_str()), (Some(1), told, ""));
    let json = flags(&world, &["lint", "flags", "--json"]).await;
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (&json["good"], &json["findings"][0]["line"], &json["findings"][0]["field"]),
        (&json!(1), &json!(6), &json!("milestone"))
    );
    let missing = flags(&world, &["lint", "nowhere"]).await;
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.stdout.starts_with("the folder nowhere cannot be read: "), "{missing:?}");
    flags(&world, &["lint"]).await.refused(2, &["<FOLDER>"]);
}

#[tokio::test]
async fn stale_lists_the_longest_overdue_first_with_whom_to_ask() {
    let world = code_base();
    write(
        &world,
        "flags/derisk/risky.yml",
        &definition("risky", "derisk").replace("15.10", "15.1").replace("\nowners: [ann]", ""),
    );
    let stale = flags(&world, &["stale", "flags"]).await;
    let is = "FLAG   TYPE    AGE  LIFE  ASK\nrisky  derisk  9    2     group::nav\n1 of 2 flags have outlived their type at 15.10";
    assert_eq!(stale.printed(), is);
    let later = flags(&world, &["stale", "flags", "--milestone", "16.11", "--json"]).await;
    let later: Value = serde_json::from_str(later.printed()).unwrap();
    let names: Vec<_> = later["stale"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].clone(), one["age_milestones"].clone()))
        .collect();
    assert_eq!(names, [(json!("risky"), json!(22)), (json!("new_nav"), json!(13))]);
    flags(&world, &["stale", "flags", "--milestone", "soon"])
        .await
        .refused(2, &["\"soon\" is no milestone; write one such as 15.10"]);
    flags(&world, &["stale", "nowhere"]).await.refused(1, &["the folder nowhere cannot be read"]);
}

#[tokio::test]
async fn refs_finds_the_name_as_a_whole_word_and_nothing_that_is_ignored() {
    let world = code_base();
    let found = flags(&world, &["refs", "new_nav"]).await;
    let is = "code (3)\n  .hidden/ci.yml:1: run: new_nav\n  app/nav.js:1: const on = features['new-nav'];\n  \
              app/nav.rb:1: show if Feature.enabled?(:new_nav)\ntest (1)\n  spec/nav_spec.rb:1: stub_feature_flags(new_nav: false)\n\
              doc (1)\n  docs/nav.md:1: The flag `new_nav`.\ndefinition (1)\n  flags/beta/new_nav.yml:3: name: new_nav\n\
              6 references in 6 files";
    assert_eq!(found.printed(), is);
    let json = flags(&world, &["refs", "new_nav", "--in", "app", "--in", "docs", "--json"]).await;
    let json: Value = serde_json::from_str(json.printed()).unwrap();
    let places: Vec<_> = json["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].clone(), one["file"].clone(), one["line"].clone()))
        .collect();
    assert_eq!(
        places,
        [
            (json!("code"), json!("app/nav.js"), json!(1)),
            (json!("code"), json!("app/nav.rb"), json!(1)),
            (json!("doc"), json!("docs/nav.md"), json!(1))
        ]
    );
    assert_eq!(flags(&world, &["refs", "nobody"]).await.printed(), "nothing below . refers to nobody");
    flags(&world, &["refs", "new_nav", "--in", "nowhere"]).await.refused(1, &["cannot look in nowhere"]);
    flags(&world, &["refs", "a b"]).await.refused(2, &["\"a b\" is no flag's name"]);
}

#[tokio::test]
async fn release_changes_one_word_and_the_changelog() {
    let (world, home) = (code_base(), World::new());
    let server = home.start().await;
    let before = (text(&world, "flags/beta/new_nav.yml"), text(&world, "CHANGELOG.md"));
    let words = ["release", "new_nav", "--flags", "flags", "--changelog", "CHANGELOG.md"];

    let patch = asking(&world, &server, &[&words[..], &["--patch"]].concat()).await;
    assert!(
        patch.printed().starts_with("diff --git a/flags/beta/new_nav.yml b/flags/beta/new_nav.yml\n"),
        "{patch:?}"
    );
    assert!(patch.stdout.contains("-default_enabled: false   # until it is rolled out\n+default_enabled: true   # until it is rolled out\n"), "{patch:?}");
    let dry = asking(&world, &server, &[&words[..], &["--dry-run"]].concat()).await;
    assert!(dry.printed().contains("would be default_enabled: true"), "{dry:?}");
    assert_eq!(
        (text(&world, "flags/beta/new_nav.yml"), text(&world, "CHANGELOG.md")),
        before,
        "nothing was changed yet"
    );

    let released = asking(&world, &server, &words).await;
    assert!(released.printed().contains("nothing is stored anywhere"), "{released:?}");
    assert_eq!(
        text(&world, "flags/beta/new_nav.yml"),
        before.0.replace("default_enabled: false", "default_enabled: true")
    );
    let entry = "- Old.\r\n- Shows the new navigation (flag `new_nav`, on by default).\r\n";
    assert_eq!(text(&world, "CHANGELOG.md"), before.1.replace("- Old.\r\n", entry));
    let again = asking(&world, &server, &words).await;
    assert_eq!(again.printed(), "new_nav is on by default already: nothing to do");
    write(&world, "CHANGELOG.md", &before.1);
    let dry = asking(&world, &server, &[&words[..], &["--dry-run"]].concat()).await;
    assert!(dry.printed().contains("would be written: Shows the new navigation"), "{dry:?}");
    let mended = asking(&world, &server, &words).await;
    assert!(mended.printed().contains("the changelog lacked it"), "{mended:?}");
    assert_eq!(text(&world, "CHANGELOG.md"), before.1.replace("- Old.\r\n", entry));
    let older =
        text(&world, "CHANGELOG.md").replace("[Unreleased]\r\n", "[Unreleased]\r\n\r\n## [1.1.0]\r\n");
    write(&world, "CHANGELOG.md", &older);
    let again = asking(&world, &server, &words).await;
    assert_eq!(again.printed(), "new_nav is on by default already: nothing to do");
    server.stop().await;
}

#[tokio::test]
async fn a_patch_is_what_git_takes() {
    let world = code_base();
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        let done = command.current_dir(world.path("")).args(words).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let before = text(&world, "flags/beta/new_nav.yml");
    let words = ["new_nav", "--flags", "flags", "--changelog", "CHANGELOG.md", "--patch", "--accept-change"];
    let patch = |verb: &'static str, more: &'static [&'static str]| {
        let words = [&[verb], &words[..], more].concat();
        let world = &world;
        async move { flags(world, &words).await.stdout }
    };
    let release = patch("release", &[]).await;
    write(&world, "release.patch", &release);
    git(&["apply", "release.patch"]);
    assert_eq!(
        text(&world, "flags/beta/new_nav.yml"),
        before.replace("default_enabled: false", "default_enabled: true")
    );
    write(&world, "cleanup.patch", &patch("cleanup", &["--in", "app"]).await);
    git(&["apply", "cleanup.patch"]);
    assert!(!world.path("flags/beta/new_nav.yml").exists());
    assert!(
        text(&world, "CHANGELOG.md")
            .contains("### Removed\r\n\r\n- The flag `new_nav`; its feature is on for everyone.\r\n")
    );
}

#[tokio::test]
async fn release_asks_before_it_overrules_what_somebody_stored() {
    let (world, home) = (code_base(), World::new());
    let server = home.start().await;
    let feature = |environment: &str| format!("/environments/{environment}/api/v4/features/new_nav");
    server.root.post(&feature("dev"), json!({ "value": true, "force": true })).await.created();
    let words = ["release", "new_nav", "--flags", "flags"];
    let patch = [&words[..], &["--patch"]].concat();
    assert_eq!(asking(&world, &server, &patch).await.code, Some(0), "on where it is stored");
    server.root.post(&feature("production"), json!({ "value": false, "force": true })).await.created();
    let before = text(&world, "flags/beta/new_nav.yml");
    let refused = ["production", "off", "--accept-change goes on all the same"];
    asking(&world, &server, &words).await.refused(1, &refused);
    asking(&world, &server, &patch).await.refused(1, &refused);
    assert_eq!(text(&world, "flags/beta/new_nav.yml"), before);
    let accepted = asking(&world, &server, &[&words[..], &["--accept-change"]].concat()).await;
    assert!(
        accepted.printed().contains("production (off)") && accepted.stdout.contains("Changelog: added"),
        "{accepted:?}"
    );
    assert_ne!(text(&world, "flags/beta/new_nav.yml"), before);
    server.stop().await;
}

#[tokio::test]
async fn what_could_not_be_read_stops_release_and_cleanup() {
    let (world, home) = (code_base(), World::new());
    let server = home.start().await;
    let off = json!({ "value": false, "force": true });
    server.root.post("/environments/production/api/v4/features/new_nav", off).await.created();
    let made = json!({ "name": "ci", "scopes": ["flags:read"], "environments": ["staging"] });
    let token = server.root.post("/api/v4/users/root/personal_access_tokens", made).await.created();
    let run = async |words: &[&str]| {
        let mut command = world.wigwag(&[&["flags"], words].concat());
        command.env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", token["token"].as_str().unwrap());
        Ended::of(command).await
    };
    let before = text(&world, "flags/beta/new_nav.yml");
    let release = ["release", "new_nav", "--flags", "flags"];
    let cleanup = ["cleanup", "new_nav", "--flags", "flags", "--in", "docs"];
    let told = ["cannot tell what is stored of new_nav here", "\nproduction ", "--accept-change"];
    run(&release).await.refused(1, &told);
    run(&[&release[..], &["--patch"]].concat()).await.refused(1, &told);
    run(&[&cleanup[..], &["--yes"]].concat()).await.refused(1, &told);
    let listed = run(&cleanup).await;
    assert!(listed.printed().contains("not read: dev, production-canary, production"), "{listed:?}");
    assert_eq!(text(&world, "flags/beta/new_nav.yml"), before);
    let all = run(&["list", "--json"]).await;
    assert!(all.code == Some(0) && all.stderr.contains("not read: production: "), "{all:?}");
    run(&["list", "--environment", "dev"]).await.refused(1, &["the flags of dev could not be read"]);
    let accepted = run(&[&release[..], &["--accept-change", "--json"]].concat()).await;
    let accepted: Value = serde_json::from_str(accepted.printed()).unwrap();
    assert_eq!(accepted["unread"][2]["environment"], "production");
    assert_ne!(text(&world, "flags/beta/new_nav.yml"), before);
    server.stop().await;
}

#[tokio::test]
async fn cleanup_keeps_everything_while_a_part_was_not_searched() {
    let (world, home) = (code_base(), World::new());
    let server = home.start().await;
    server
        .root
        .post("/environments/dev/api/v4/features/new_nav", json!({ "value": false, "force": true }))
        .await
        .created();
    write(&world, "lib/generated.js", &"x = 1;\n".repeat((16 << 20) / 7 + 1));
    let words = ["cleanup", "new_nav", "--flags", "flags", "--in", "lib", "--yes"];
    let kept = asking(&world, &server, &words).await;
    assert_eq!(kept.code, Some(1), "{kept:?}");
    for told in
        ["not searched: lib/generated.js: longer than 16777216 bytes", "1 place could not be searched"]
    {
        assert!(kept.stderr.contains(told), "{told:?} is missing in {}", kept.stderr);
    }
    assert!(kept.stdout.contains("to delete: flags/beta/new_nav.yml"), "{kept:?}");
    assert!(world.path("flags/beta/new_nav.yml").exists());
    let stored = server.root.get("/environments/dev/api/v4/features/new_nav").await.ok();
    assert_eq!(stored["gates"][0]["value"], false, "{stored}");
    fs::remove_file(world.path("lib/generated.js")).unwrap();
    assert!(asking(&world, &server, &words).await.printed().contains("deleted flags/beta/new_nav.yml"));
    assert!(!world.path("flags/beta/new_nav.yml").exists());
    server.stop().await;
}

#[tokio::test]
async fn cleanup_of_what_was_rolled_out_keeps_the_branch_that_is_named() {
    let (world, home) = (code_base(), World::new());
    write(&world, "flags/derisk/risky.yml", &definition("risky", "derisk"));
    let server = knowing(&world, &home).await;
    write(&world, "app/risky.rb", "Feature.enabled?(:risky)\n");
    for environment in ["dev", "staging", "production"] {
        let path = format!("/environments/{environment}/api/v4/features/risky");
        server.root.post(&path, json!({ "value": true, "force": true })).await.created();
    }
    let words =
        ["cleanup", "risky", "--flags", "flags", "--in", "app", "--changelog", "CHANGELOG.md", "--yes"];
    let with = |more: &[&'static str]| [&words[..], more].concat();
    for more in [&[][..], &["--accept-change"]] {
        let told = ["risky is off by default, but something else", "production", "--keep on or --keep off"];
        asking(&world, &server, &with(more)).await.refused(1, &told);
    }
    asking(&world, &server, &with(&["--keep", "off"])).await.refused(1, &["risky will be off in the code"]);
    asking(&world, &server, &with(&["--keep", "maybe"])).await.refused(2, &["--keep"]);

    let kept = asking(&world, &server, &with(&["--keep", "on"])).await;
    assert!(kept.printed().contains("stored in dev (on), "), "code still asks for what is stored: {kept:?}");
    assert_eq!(server.root.get("/api/v4/features/risky").await.ok()["state"], "on");
    fs::remove_file(world.path("app/risky.rb")).unwrap();
    let done = asking(&world, &server, &with(&["--keep", "on"])).await;
    assert!(done.printed().contains("deleted what was stored in dev, "), "{done:?}");
    assert!(!world.path("flags/derisk/risky.yml").exists());
    assert!(text(&world, "CHANGELOG.md").contains("- The flag `risky`; its feature is on for everyone."));
    server.stop().await;
}

#[tokio::test]
async fn release_refuses_what_may_not_be_released() {
    let world = code_base();
    write(&world, "flags/wip/half.yml", &definition("half", "wip"));
    write(&world, "flags/beta/broken.yml", "name: broken\n");
    let release = async |name: &str, more: &[&str]| {
        flags(&world, &[&["release", name, "--flags", "flags"], more].concat()).await
    };
    release("new_nav", &[]).await.refused(2, &["no token", "--accept-change goes on without asking"]);
    release("new_nav", &["--url", "http://127.0.0.1:1", "--token", "t"])
        .await
        .refused(1, &["no answer from http://127.0.0.1:1", "--accept-change"]);
    release("half", &["--accept-change"])
        .await
        .refused(1, &["half is of type wip, which may not be on by default"]);
    release("broken", &["--accept-change"])
        .await
        .refused(1, &["flags/beta/broken.yml: milestone is required"]);
    release("new_nva", &["--accept-change"])
        .await
        .refused(1, &["no file below flags defines \"new_nva\"; did you mean new_nav?"]);
    release("webhooks_failed_callout", &["--accept-change"]).await.refused(1, &["one of Wigwag's own flags"]);
    release("new_nav", &["--accept-change", "--changelog", "docs/nav.md"])
        .await
        .refused(1, &["cannot change docs/nav.md", "## [Unreleased]"]);
    release("new_nav", &["--accept-change", "--changelog", "NEWS"]).await.refused(1, &["cannot read NEWS"]);
    assert_eq!(text(&world, "flags/beta/new_nav.yml"), definition("new_nav", "beta"));
}

#[tokio::test]
async fn cleanup_lists_then_forgets_and_deletes_the_definition_last() {
    let (world, home) = (code_base(), World::new());
    let server = knowing(&world, &home).await;
    for environment in ["dev", "production"] {
        let path = format!("/environments/{environment}/api/v4/features/new_nav");
        server.root.post(&path, json!({ "value": true, "force": true })).await.created();
    }
    let words = ["cleanup", "new_nav", "--flags", "flags", "--in", "."];
    let with = |more: &[&'static str]| [&words[..], more].concat();

    let listed = asking(&world, &server, &words).await;
    for told in [
        "app/nav.rb:1:",
        "to delete: flags/beta/new_nav.yml, after 4 references in code and tests",
        "stored in dev (on), ",
    ] {
        assert!(listed.printed().contains(told), "{told:?} is missing in\n{}", listed.stdout);
    }
    let offline = flags(&world, &words).await;
    assert!(offline.printed().contains("what is stored where was not asked: no token"), "{offline:?}");
    asking(&world, &server, &with(&["--yes"]))
        .await
        .refused(1, &["new_nav is off by default", "production", "--keep on or --keep off"]);
    let forgotten = asking(&world, &server, &with(&["--yes", "--keep", "off", "--accept-change"])).await;
    assert!(forgotten.printed().contains("deleted what was stored in dev, "), "{forgotten:?}");
    assert!(world.path("flags/beta/new_nav.yml").exists(), "code still asks for the flag");
    for environment in ["dev", "production"] {
        assert_eq!(
            server.root.get(&format!("/environments/{environment}/api/v4/features")).await.ok(),
            json!([])
        );
    }

    for gone in ["app", "spec", ".hidden"] {
        fs::remove_dir_all(world.path(gone)).unwrap();
    }
    let done = asking(&world, &server, &with(&["--yes", "--changelog", "CHANGELOG.md", "--json"])).await;
    let done: Value = serde_json::from_str(done.printed()).unwrap();
    assert_eq!((&done["definition_deleted"], &done["stored_deleted"]), (&json!(true), &json!([])));
    assert!(!world.path("flags/beta/new_nav.yml").exists());
    assert!(text(&world, "CHANGELOG.md").contains("- The flag `new_nav`; its feature is off for everyone."));
    server.stop().await;
}
