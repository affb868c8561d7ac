//! What a server reaches besides hooks: production checks, Grafana, the repository.

use crate::slack::FLAG;
use crate::world::{Ended, Server, World};
use serde_json::{Value, json};
use std::process::Command;
use wigwag_testkit::{ROOT_TOKEN, Receiver, Reply};

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

async fn run(server: &Server, words: &[&str]) -> Ended {
    let mut command = World::new().wigwag(&[&["chatops", "run"], words].concat());
    command.current_dir("/").env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    Ended::of(command).await
}

#[tokio::test]
async fn a_silent_production_check_refuses_or_passes_as_it_was_set() {
    let world = World::new();
    let sources = |when_silent: &str| {
        let common = format!("url = \"{NOWHERE}\"\nwhen_silent = \"{when_silent}\"\ndeadline_s = 2\n");
        let issues = "project = \"acme/production\"\nlabels = [\"incident\"]\n";
        format!(
            "[[production_checks]]\nname = \"web health\"\nkind = \"prometheus\"\nquery = \"min(up)\"\nred_when = \"< 1\"\n{common}\
             [[production_checks]]\nname = \"alerts\"\nkind = \"alertmanager\"\nlabel = \"blocks_flags\"\n{common}\
             [[production_checks]]\nname = \"incidents\"\nkind = \"gitlab_issues\"\n{issues}{common}\
             [[production_checks]]\nname = \"changes\"\nkind = \"github_issues\"\n{issues}{common}"
        )
    };
    for (when_silent, passes) in [("refuse", false), ("pass", true)] {
        world.write("wigwag.toml", sources(when_silent));
        let server = world.start().await;
        assert_eq!(run(&server, &["feature", "set", FLAG, "true", "--staging"]).await.code, Some(0));
        let set = run(&server, &["feature", "set", FLAG, "true"]).await;
        assert_eq!(set.code == Some(0), passes, "{}", set.stdout);
        for name in ["web health", "alerts", "incidents", "changes"] {
            assert!(passes || set.stdout.contains(name), "{name} is missing in {}", set.stdout);
        }
        let off = run(&server, &["feature", "set", FLAG, "false"]).await;
        assert_eq!(off.code, Some(0), "turning off asks nobody: {}", off.stdout);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_rule_of_a_source_is_refused_before_anything_is_made() {
    let world = World::new();
    let prometheus = "[[production_checks]]\nname = \"web\"\nkind = \"prometheus\"\nquery = \"up\"\n";
    for (file, told) in [
        (
            format!("{prometheus}url = \"{NOWHERE}\"\nred_when = \"below one\"\n"),
            "production_checks, \"web\": red_when: ",
        ),
        (
            format!("{prometheus}url = \"http://169.254.169.254\"\nred_when = \"< 1\"\n"),
            "production_checks, \"web\": url: ",
        ),
        ("[grafana]\nurl = \"http://169.254.169.254\"\n".to_owned(), "grafana: url: "),
        ("[mail]\nhost = \"169.254.169.254\"\nfrom = \"w@w.example\"\n".to_owned(), "mail: host: "),
        ("[mail]\nhost = \"mail.example\"\nfrom = \"nobody\"\n".to_owned(), "mail: from: "),
        ("[notices]\nchat_url_env = \"NOTICES_URL\"\n".to_owned(), "notices: chat_url: "),
        ("[chat.slack]\napi_url = \"http://169.254.169.254\"\n".to_owned(), "chat.slack: api_url: "),
    ] {
        world.write("wigwag.toml", &file);
        let mut command = world.serve(&[]);
        command.env("WIGWAG_GRAFANA_TOKEN", "glsa-1").env("WIGWAG_SLACK_SIGNING_SECRET", "secret");
        command.env("NOTICES_URL", "http://169.254.169.254/hook");
        Ended::of(command).await.refused(2, &[told]);
        assert!(!world.path("wigwag-data").exists(), "{file}: nothing was made");
    }
}

#[tokio::test]
async fn large_steps_are_refused_where_the_environment_says_so() {
    let world = World::new();
    world.write(
        "wigwag.toml",
        "[[environments]]\nname = \"production\"\nproduction = true\nlarge_steps = \"refuse\"\n",
    );
    let server = world.start().await;
    let large = run(&server, &["feature", "set", FLAG, "50", "--actors"]).await;
    assert_eq!(large.code, Some(1), "{}", large.stdout);
    assert!(large.stdout.contains("--large-step"), "{}", large.stdout);
    assert_eq!(run(&server, &["feature", "set", FLAG, "50", "--actors", "--large-step"]).await.code, Some(0));
    server.stop().await;
}

#[tokio::test]
async fn changes_are_drawn_into_grafana_and_published_to_hooks() {
    let world = World::new();
    let (mut grafana, mut hook) = (Receiver::start().await, Receiver::start().await);
    let json = ("content-type", "application/json".to_owned());
    grafana.replies(Reply::With(200, json, "{\"id\": 1, \"message\": \"Annotation added\"}".into()));
    world.write("token", "glsa-of-the-tests\n");
    world.write(
        "wigwag.toml",
        format!(
            "[chat]\nchange_events_project = \"root/shop\"\n[grafana]\nurl = {:?}\ntoken_file = \"token\"\n",
            grafana.url()
        ),
    );
    let server = world.start().await;
    server.root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
    let receives = json!({ "url": hook.url(), "feature_flag_events": true, "push_events": false });
    server.root.post("/api/v4/projects/1/hooks", receives).await.created();
    server.root.post(&format!("/api/v4/features/{FLAG}"), json!({ "value": true })).await.created();
    let drawn = grafana.next().await;
    assert_eq!(drawn.uri.path(), "/hook/api/annotations");
    assert_eq!(drawn.header("authorization"), "Bearer glsa-of-the-tests");
    let drawn: Value = serde_json::from_slice(&drawn.body).unwrap();
    assert!(drawn["text"].as_str().unwrap().contains(FLAG), "{drawn}");
    let event: Value = serde_json::from_slice(&hook.next().await.body).unwrap();
    assert!(event.to_string().contains(FLAG), "{event}");
    server.stop().await;
}

/// A repository with one definition, and another one later.
fn commit(world: &World, flag: &str) {
    let folder = world.path("repository");
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(&folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        git.env("HOME", &folder).env("GIT_CONFIG_NOSYSTEM", "1");
        git.args(["-c", "user.name=mara", "-c", "user.email=mara@platform.example"]).args(words);
        let output = git.output().expect("git is installed");
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    std::fs::create_dir_all(folder.join("config/flags/beta")).unwrap();
    if !folder.join(".git").exists() {
        git(&["init", "--quiet", "--initial-branch=main"]);
    }
    let definition = format!(
        "name: {flag}\ntype: beta\ndescription: of the repository\ngroup: group::tests\nmilestone: '15.2'\n\
         introduced_by_url: https://gitlab.example/a/b/-/merge_requests/1\n\
         rollout_issue_url: https://gitlab.example/a/b/-/issues/1\ndefault_enabled: false\n"
    );
    std::fs::write(folder.join(format!("config/flags/beta/{flag}.yml")), definition).unwrap();
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", &format!("Add {flag}")]);
}

#[tokio::test]
async fn definitions_come_from_a_folder_of_the_repository() {
    let world = World::new();
    commit(&world, "new_nav");
    world.write(
        "wigwag.toml",
        "[repository]\nsource = \"repository\"\nflags = \"config/flags\"\nrefresh_s = 1\n",
    );
    let mut command = world.serve(&[]);
    command.env("PATH", std::env::var_os("PATH").unwrap());
    let server = Server::start(command).await;
    let known = async |flag: &str| {
        let asked = async {
            loop {
                let get = run(&server, &["feature", "get", flag]).await;
                if get.stdout.contains("of the repository") {
                    return;
                }
            }
        };
        tokio::time::timeout(crate::world::WITHIN, asked)
            .await
            .expect("the definition should be known by now");
    };
    known("new_nav").await;
    commit(&world, "newer_nav");
    known("newer_nav").await;
    server.stop().await;
}

/// The blocks of one language in a page of Markdown.
fn blocks(page: &str, language: &str) -> String {
    let mut parts = page.split("```").skip(1).step_by(2);
    parts
        .by_ref()
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn the_settings_of_the_guide_start_a_server() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/using/chatops-setup.md");
    let settings = blocks(&std::fs::read_to_string(guide).unwrap(), "toml");
    for table in ["[chat]", "[chat.slack]", "[chat.mattermost]", "[grafana]", "[repository]", "github_issues"]
    {
        assert!(settings.contains(table), "{table} is missing in the guide");
    }
    let world = World::new();
    std::fs::create_dir(world.path("etc")).unwrap();
    for line in settings.lines().filter(|line| line.contains("/etc/wigwag/")) {
        let name = line.rsplit('/').next().unwrap().trim_end_matches('"');
        world.write(&format!("etc/{name}"), "secret-of-the-tests");
    }
    world.write("wigwag.toml", settings.replace("/etc/wigwag/", "etc/"));
    let mut command = world.serve(&[]);
    command.env("GITHUB_TOKEN", "github_pat_1").env("PATH", std::env::var_os("PATH").unwrap());
    let server = Server::start(command).await;
    assert_eq!(run(&server, &["feature", "get", FLAG]).await.code, Some(0));
    server.stop().await;
}
