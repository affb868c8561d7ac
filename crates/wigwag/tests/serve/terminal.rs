//! Colours: on a terminal that wants them, and nowhere else.

use crate::slack::FLAG;
use crate::world::{Ended, Server, WITHIN, World};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use tokio::process::Command;
use wigwag_testkit::ROOT_TOKEN;

fn run(server: &Server, words: &[&str]) -> Command {
    let mut command = World::new().wigwag(&[&["chatops", "run"], words].concat());
    command.current_dir("/").env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    command.env("TERM", "xterm-256color");
    command
}

/// What a terminal gets to show.
async fn on_terminal(mut command: Command) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    command.stdout(Stdio::from(theirs.try_clone().unwrap())).stderr(Stdio::from(theirs));
    let mut child = command.spawn().unwrap();
    // The other end closes with the last process that has it.
    drop(command);
    let reading = tokio::task::spawn_blocking(move || {
        let (mut shown, mut ours) = (Vec::new(), File::from(ours));
        // A terminal without anybody at its other end is an error to read from, not an end.
        let _ = ours.read_to_end(&mut shown);
        String::from_utf8(shown).unwrap()
    });
    tokio::time::timeout(WITHIN, child.wait()).await.expect("it ends").unwrap();
    tokio::time::timeout(WITHIN, reading).await.expect("the terminal closes").unwrap()
}

#[tokio::test]
async fn a_terminal_shows_colours_unless_they_are_not_wanted() {
    let server = World::new().start().await;
    let get = ["feature", "get", FLAG];
    let shown = on_terminal(run(&server, &get)).await;
    assert!(shown.contains("\u{1b}[32m") && shown.contains(FLAG), "{shown:?}");
    let refused = on_terminal(run(&server, &["feature", "get", "no_such_flag"])).await;
    assert!(refused.contains("\u{1b}[31m"), "{refused:?}");
    for (variable, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut command = run(&server, &get);
        command.env(variable, value);
        let plain = on_terminal(command).await;
        assert!(!plain.contains('\u{1b}') && plain.contains(FLAG), "{variable}={value}: {plain:?}");
    }
    let mut json = run(&server, &["--json", "feature", "get", FLAG]);
    json.env("TERM", "xterm");
    let json = on_terminal(json).await;
    assert!(!json.contains('\u{1b}') && json.starts_with('{'), "{json:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_pipe_never_gets_colours() {
    let world = World::new();
    let server = world.start().await;
    for words in [["feature", "get", FLAG].as_slice(), &["feature", "get", "no_such_flag"], &["help"]] {
        let ended = Ended::of(run(&server, words)).await;
        assert!(!ended.stdout.is_empty() && !ended.stdout.contains('\u{1b}'), "{ended:?}");
        assert!(!ended.stderr.contains('\u{1b}'), "{ended:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_log_in_a_file_has_no_colours() {
    let world = World::new();
    let mut command = world.serve(&[]);
    command.env("WIGWAG_LOG", "info").env("TERM", "xterm");
    command.stderr(File::create(world.path("log")).unwrap());
    Server::start(command).await.stop().await;
    let log = std::fs::read_to_string(world.path("log")).unwrap();
    assert!(log.contains("INFO") && !log.contains('\u{1b}'), "{log:?}");
}

#[tokio::test]
async fn whoever_waits_at_a_terminal_is_told_what_for() {
    let world = World::new();
    let hangs = wigwag_testkit::Receiver::start().await;
    hangs.replies(wigwag_testkit::Reply::Hang);
    world.write(
        "wigwag.toml",
        format!(
            "[[production_checks]]\nname = \"web\"\nkind = \"prometheus\"\nurl = {:?}\nquery = \"up\"\nred_when = \"< 1\"\n\
             deadline_s = 2\n",
            hangs.url()
        ),
    );
    let server = world.start().await;
    let set = ["feature", "set", FLAG, "true", "--ignore-feature-flag-consistency-check"];
    let shown = on_terminal(run(&server, &set)).await;
    assert!(shown.starts_with("still waiting: production checks"), "{shown:?}");
    assert!(shown.contains("web"), "{shown:?}");
    let quiet = Ended::of(run(&server, &set)).await;
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(1), ""), "a pipe is told the result alone");
    server.stop().await;
}
