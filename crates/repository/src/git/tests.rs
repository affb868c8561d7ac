use super::*;
use crate::limits::COMPLAINT_BYTES_MAX;
use std::collections::HashMap;
use std::io::Read;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A repository with one commit that holds one file, and how git is called in it.
struct Ground {
    folder: tempfile::TempDir,
    git: Git,
}

fn ground(source: &str, token: Option<&str>) -> Ground {
    let folder = tempfile::tempdir().unwrap();
    let (mirror, global) = (folder.path().join("mirror.git"), folder.path().join("gitconfig"));
    std::fs::write(&global, GLOBAL).unwrap();
    let token = token.map(|token| Secret::new(token.to_owned()));
    let git = Git::new(mirror, global, &Source::parse(source).unwrap(), token.as_ref());
    Ground { folder, git }
}

async fn made(source: &str) -> Ground {
    let ground = ground(source, None);
    ground.git.ask(Call::new(["init", "--quiet", "--bare", "--template="])).await.unwrap();
    ground
}

/// A server that takes one connection and never answers.
struct SilentServer {
    url: String,
    /// Rings when it hears something.
    hears: oneshot::Receiver<()>,
    /// Ends when the other side is gone.
    gone: JoinHandle<()>,
}

fn silent_server() -> SilentServer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/project.git", listener.local_addr().unwrap());
    let (ring, hears) = oneshot::channel();
    let gone = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0]).unwrap();
        ring.send(()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    SilentServer { url, hears, gone }
}

#[tokio::test]
async fn a_git_that_hangs_is_ended_with_whatever_it_started() {
    let server = silent_server();
    let ground = made(&server.url).await;
    let call = Call::new(["ls-remote", "origin"]).reaching(Reach::Source).within(Duration::from_secs(2));
    let ended = ground.git.run(call).await.map(drop);
    assert_eq!(ended, Err(RepositoryError::TimedOut(2)));
    // A helper of git's has the connection, which closes with it alone.
    server.gone.join().unwrap();
}

#[tokio::test]
async fn a_git_that_nobody_waits_for_any_more_is_ended() {
    let server = silent_server();
    let ground = made(&server.url).await;
    let asked = tokio::spawn(async move {
        ground.git.run(Call::new(["ls-remote", "origin"]).reaching(Reach::Source)).await.map(drop)
    });
    server.hears.await.unwrap();
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    server.gone.join().unwrap();
}

#[tokio::test]
async fn a_question_does_not_wait_for_a_source_that_hangs() {
    let server = silent_server();
    let ground = Arc::new(made(&server.url).await);
    let hanging: Vec<_> = (0..COMMANDS_MAX + 1)
        .map(|_| {
            let ground = ground.clone();
            let call = Call::new(["ls-remote", "origin"]).reaching(Reach::Source);
            tokio::spawn(async move { ground.git.run(call).await.map(drop) })
        })
        .collect();
    server.hears.await.unwrap();
    let told = ground.git.ask(Call::new(["rev-parse", "--is-bare-repository"])).await;
    assert_eq!(told.unwrap().trim(), "true");
    hanging.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn what_is_printed_is_bounded() {
    let ground = made("/absent").await;
    let content = "x".repeat(1_000);
    let id = ground.git.ask(Call::new(["hash-object", "-w", "--stdin"]).input(content)).await.unwrap();
    let blob = || Call::new(["cat-file", "blob", id.trim()]);
    assert_eq!(ground.git.ask(blob().output_bytes_max(1_000)).await.unwrap().len(), 1_000);
    let refused = ground.git.ask(blob().output_bytes_max(999)).await.unwrap_err();
    assert!(refused.to_string().contains("more than 999 bytes"), "{refused}");
    // Complaints are cut, and never in the way.
    let ids = format!("{}\n", "y".repeat(100)).repeat(2 * COMPLAINT_BYTES_MAX / 100);
    let ended = ground.git.run(Call::new(["update-ref", "--stdin"]).input(ids)).await.unwrap();
    assert!(ended.code != 0 && ended.complaint.len() <= COMPLAINT_BYTES_MAX);
}

#[tokio::test]
async fn a_machine_without_git_says_so() {
    let mut ground = ground("/absent", None);
    ground.git.environment = ground.git.environment.with_program("wigwag-absent-program");
    let said = ground.git.ask(Call::new(["version"])).await.unwrap_err().to_string();
    assert_eq!(said, "the repository cannot be asked: git is not installed; install the package git");
}

#[test]
fn a_token_is_in_no_argument_and_goes_to_the_source_alone() {
    let ground = ground("https://git.example/group/project.git", Some("planted-secret"));
    let command =
        |reach| ground.git.environment.command(ground.git.mirror(), &["ls-remote", "origin"], reach);
    let told = environment_of(&command(Reach::Source));
    assert_eq!(told.values().filter(|value| value.contains("Authorization")).count(), 1);
    assert!(told.values().any(|value| value == "http.https://git.example/.extraHeader"));
    assert!(!environment_of(&command(Reach::Mirror)).values().any(|value| value.contains("Authorization")));
    for reach in [Reach::Source, Reach::Mirror] {
        let command = command(reach);
        let arguments: Vec<_> =
            command.as_std().get_args().map(|one| one.to_string_lossy().into_owned()).collect();
        assert!(
            !arguments.iter().any(|one| one.contains("planted") || one.contains(ENCODED)),
            "{arguments:?}"
        );
    }
}

/// `oauth2:planted-secret`.
const ENCODED: &str = "b2F1dGgyOnBsYW50ZWQtc2VjcmV0";

fn environment_of(command: &tokio::process::Command) -> HashMap<String, String> {
    let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
    command.as_std().get_envs().filter_map(|(name, value)| Some((text(name), text(value?)))).collect()
}

#[test]
fn a_question_reaches_no_transport_and_a_fetch_reaches_one() {
    let ground = ground("ssh://git@git.example/project", None);
    let allowed = |reach| {
        let command = ground.git.environment.command(ground.git.mirror(), &["version"], reach);
        environment_of(&command).remove("GIT_ALLOW_PROTOCOL").unwrap()
    };
    assert_eq!(allowed(Reach::Mirror), "none");
    assert_eq!(allowed(Reach::Source), "ssh");
}

#[tokio::test]
async fn hooks_and_other_peoples_settings_are_not_run() {
    let ground = made("/absent").await;
    let mark = ground.folder.path().join("ran");
    let hooks = ground.git.mirror().join("hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    let hook = hooks.join("reference-transaction");
    std::fs::write(&hook, format!("#!/bin/sh\ntouch {}\n", mark.display())).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&hook).status().unwrap().success());
    let tree = ground.git.ask(Call::new(["mktree"])).await.unwrap();
    ground.git.ask(Call::new(["update-ref", "refs/heads/x", tree.trim()])).await.unwrap_err();
    ground.git.ask(Call::new(["update-ref", "refs/tags/x", tree.trim()])).await.unwrap();
    assert!(!mark.exists());
}

#[test]
fn failures_are_told_with_what_to_do_and_tamed() {
    let check = |complaint: &str, expected: &str| {
        let ended = Ended { code: 128, output: Vec::new(), complaint: complaint.into() };
        let said = failure("fetch", &ended).to_string();
        assert_eq!(said, format!("the repository cannot be asked: git fetch fails: {expected}"));
    };
    check("", "it says nothing");
    check("warning: x\nfatal: it is away\nmore", "fatal: it is away");
    check("remote: \u{1b}[2J\u{202e}", "remote: \u{fffd}[2J\u{fffd}");
    check(
        "fatal: unable to access 'http://x/': The requested URL returned error: 301",
        "fatal: unable to access 'http://x/': The requested URL returned error: 301; the server redirects: set the \
         address that it leads to, often with .git",
    );
    check(
        "fatal: could not read Username for 'https://x': terminal prompts disabled",
        "fatal: could not read Username for 'https://x': terminal prompts disabled; the server wants a token",
    );
}
