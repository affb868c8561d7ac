//! What `--help` shows has something to copy.

use crate::world::{Ended, World};

async fn check(words: &[&str], shown: &[&str]) {
    let ended = Ended::of(World::new().wigwag(words)).await;
    for text in shown {
        assert!(ended.printed().contains(text), "{text:?} is missing in\n{}", ended.stdout);
    }
}

#[tokio::test]
async fn help_says_what_there_is_and_gives_examples() {
    check(&["--help"], &["Usage: wigwag <COMMAND>", "serve", "demo", "Examples:", "wigwag serve --listen"])
        .await;
    check(
        &["serve", "--help"],
        &["--data <FOLDER>", "[env: WIGWAG_DATA=]", "wigwag.toml", "Examples:", "WIGWAG_ROOT_TOKEN"],
    )
    .await;
    check(&["demo", "--help"], &["--reset", "Examples:"]).await;
    check(&["chatops", "run", "--help"], &["Examples:", "feature set", "--project=acme/rockets"]).await;
    for (verb, example) in [
        ("link", "/chatops run link CODE"),
        ("links", "wigwag chat links --all"),
        ("unlink", "wigwag chat unlink slack"),
        ("roles", "wigwag chat roles"),
        ("role", "wigwag chat role mara release"),
        ("outbox", "wigwag chat outbox"),
    ] {
        check(&["chat", verb, "--help"], &["Example", example, "--json"]).await;
    }
    check(&["deployments", "--help"], &["Examples:", "report", "--json"]).await;
    check(&["deployments", "report", "--help"], &["Examples:", "--status", "[default:"]).await;
    check(&["completions", "--help"], &["Examples:", "source <(wigwag completions bash)"]).await;
    check(&["data-key", "rotate", "--help"], &["Examples:", "wigwag data-key rotate --data", "--json"]).await;
    check(&["token", "login", "--help"], &["Makes a one-time link", "Example"]).await;
    check(&["token", "create", "--help"], &["--scope", "Example"]).await;
    check(&["token", "embed-key", "--help"], &["printed once", "Example"]).await;
    check(&["events", "publish", "--help"], &["Examples:", "--idempotency-key", "standard input"]).await;
    for verb in ["list", "log", "deliveries", "show", "enable", "test", "resend", "replay", "import"] {
        let example = format!("wigwag hooks {verb} ");
        check(&["hooks", verb, "--help"], &["Example", example.trim_end(), "--json"]).await;
    }
    check(&["flags", "--help"], &["lint", "override", "import"]).await;
    for verb in
        ["list", "get", "set", "delete", "explain", "lint", "stale", "refs", "release", "cleanup", "import"]
    {
        let example = format!("wigwag flags {verb} ");
        check(&["flags", verb, "--help"], &["Examples:", example.trim_end(), "--json"]).await;
    }
    check(&["--version"], &["wigwag 0"]).await;
}

#[tokio::test]
async fn secrets_in_the_environment_are_not_shown() {
    let world = World::new();
    for words in [["serve", "--help"].as_slice(), &["events", "publish", "--help"]] {
        let mut command = world.wigwag(words);
        command.env("WIGWAG_TOKEN", "hidden-secret").env("WIGWAG_ROOT_TOKEN", "hidden-secret");
        assert!(!Ended::of(command).await.printed().contains("hidden-secret"));
    }
}

#[tokio::test]
async fn wrong_use_is_said_in_words() {
    let world = World::new();
    for (words, told) in [
        ([].as_slice(), "Usage: wigwag"),
        (&["serv"], "a similar subcommand exists: 'serve'"),
        (&["chatops", "run"], "Usage: wigwag chatops run"),
        (&["events", "publish", "shop"], "<EVENT_TYPE>"),
    ] {
        Ended::of(world.wigwag(words)).await.refused(2, &[told]);
    }
}
