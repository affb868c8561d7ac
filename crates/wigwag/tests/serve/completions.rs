//! Completion in shells: the scripts, and what they ask.

use crate::slack::FLAG;
use crate::world::{Ended, WITHIN, World};
use serde_json::json;
use std::path::Path;
use tokio::process::Command;
use wigwag_testkit::ROOT_TOKEN;

/// A shell that finds the binary, and nothing else of this process's environment.
fn shell(world: &World, script: &str) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_wigwag")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell.env_clear().env("PATH", path).current_dir(world.path("")).args(["--norc", "-c", script]);
    shell.kill_on_drop(true);
    shell
}

/// What bash offers for a line whose cursor is at its end.
fn offers(world: &World, line: &str) -> Command {
    let script = "source <(wigwag completions bash)
        COMP_LINE=$1 COMP_POINT=${#1}
        read -r -a COMP_WORDS <<< \"$1\"; [[ $1 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _wigwag_chatops wigwag \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
        printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut command = shell(world, script);
    command.args(["bash", line]);
    command
}

#[tokio::test]
async fn scripts_are_what_their_shells_understand() {
    let world = World::new();
    Ended::of(shell(&world, "wigwag completions bash | bash -n")).await.printed();
    for (name, pieces) in [
        ("bash", ["complete -F _wigwag_chatops", "wigwag chatops complete --"]),
        ("zsh", ["#compdef wigwag", "compdef _wigwag_chatops wigwag"]),
        ("fish", ["complete -c wigwag", "(__wigwag_chatops)"]),
    ] {
        let script = Ended::of(world.wigwag(&["completions", name])).await;
        for piece in pieces {
            assert!(script.printed().contains(piece), "{name}: {piece:?} is missing");
        }
    }
    for name in ["zsh", "fish"] {
        // Where the shell is installed, it reads its script too.
        let read = format!("command -v {name} >/dev/null || exit 0; wigwag completions {name} | {name} -n");
        Ended::of(shell(&world, &read)).await.printed();
    }
    Ended::of(world.wigwag(&["completions", "tcsh"]))
        .await
        .refused(2, &["[possible values: bash, zsh, fish]"]);
}

#[tokio::test]
async fn bash_completes_verbs_and_the_words_of_commands() {
    let world = World::new();
    for (line, told) in [
        ("wigwag depl", "deployments"),
        ("wigwag chatops r", "run"),
        ("wigwag chatops run feature s", "set"),
        ("wigwag chatops run feature ", "delete\nget\nlist\nset"),
        ("wigwag chatops run --json feature g", "get"),
        ("wigwag chatops run feature set a true --proj", "--project="),
        ("wigwag chatops run feature set a true --env=dev,staging-", "dev,staging-canary"),
        ("wigwag chatops run feature get a --prod", "--production\n--production-canary"),
        ("wigwag chatops run nonsense x", ""),
    ] {
        assert_eq!(Ended::of(offers(&world, line)).await.printed(), told, "{line}");
    }
}

#[tokio::test]
async fn names_come_from_the_server_if_it_is_there() {
    let world = World::new();
    world.write(
        "wigwag.toml",
        "[[environments]]\nname = \"prelude\"\n[[environments]]\nname = \"production\"\nproduction = true\n",
    );
    let server = world.start().await;
    server.root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
    let asked = async |line: &str, url: &str| {
        let mut command = offers(&world, line);
        command.env("WIGWAG_URL", url).env("WIGWAG_TOKEN", ROOT_TOKEN);
        Ended::of(command).await.printed().to_owned()
    };
    // A busy machine may answer too late, and then nothing is offered: it is asked again.
    let offered = async |line: &str, told: &str| {
        let asking = async { while asked(line, &server.url).await != told {} };
        tokio::time::timeout(WITHIN, asking).await.unwrap_or_else(|_| panic!("{line} never offers {told}"));
    };
    offered("wigwag chatops run feature get webhooks_f", FLAG).await;
    offered("wigwag chatops run feature set a true --project=root/s", "root/shop").await;
    offered("wigwag chatops run feature get a --prel", "--prelude").await;
    let url = server.url.clone();
    server.stop().await;
    assert_eq!(asked("wigwag chatops run feature get webhooks_f", &url).await, "", "and fails silently");
    assert_eq!(asked("wigwag chatops run feature g", &url).await, "get", "while the grammar stays");
}
