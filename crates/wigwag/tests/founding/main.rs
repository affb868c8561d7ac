//! The founding document, command by command: every line that it tells people to give in chat is given in its order, on a
//! fresh server with a real repository, from a terminal, over the API and by signed requests of Slack; the three must say
//! and do the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod document;
mod platform;
mod repository;
#[path = "../serve/signed.rs"]
mod signed;
mod walkthrough;
mod ways;
#[path = "../serve/world.rs"]
#[allow(dead_code, reason = "what the suite of the binary needs besides")]
mod world;

use platform::Platform;
use ways::Way;

/// What each line comes to: whether it is done, and a piece of what is said. A refused line is followed by the same with
/// the option that the refusal names.
const COMES_TO: [(bool, &str); 15] = [
    (true, "yes, since"),
    (true, "webhooks_failed_callout in staging: off -> on."),
    (true, "yes, since"),
    (true, "webhooks_failed_callout in production: off -> conditional."),
    (true, "gitlab-org (Group:"),
    (true, "mara (User:"),
    (true, "percentage of actors"),
    (false, "add --ignore-random-deprecation-check"),
    (true, "percentage of time"),
    (true, "webhooks_failed_callout in production: conditional -> on."),
    (true, "It is in the stable branch 15-2-stable-ee and will ship with 15.2."),
    (true, "webhooks_failed_callout in production: on -> off."),
    (true, "will ship with 15.2"),
    (true, "webhooks_failed_callout in production: still off."),
    (true, "webhooks_failed_callout in production: off -> off."),
];

#[tokio::test]
async fn every_command_of_the_founding_document_does_the_same_by_every_way() {
    let mut told = Vec::new();
    for way in Way::ALL {
        told.push(run(way).await);
    }
    let [terminal, api, slack] = &told[..] else { unreachable!("three ways") };
    for (index, said) in api.iter().enumerate() {
        let (command, step) = (&said.command, index + 1);
        assert_eq!(said.text, terminal[index].text, "{step}: {command}: API and terminal");
        for line in said.text.lines() {
            let missing = format!("{step}: {command}: Slack does not say {line:?}:\n{}", slack[index].text);
            assert!(slack[index].says(line), "{missing}");
        }
        for other in [&terminal[index], &slack[index]] {
            assert_eq!(said.stored, other.stored, "{step}: {command}: what is stored");
            assert_eq!(said.ok, other.ok, "{step}: {command}");
        }
    }
}

/// The whole document by one way, on a server of its own.
async fn run(way: Way) -> Vec<ways::Said> {
    let platform = Platform::start().await;
    let mut commands: Vec<String> = document::commands(&platform.merge_commit);
    let mut told = Vec::new();
    let mut index = 0;
    while index < commands.len() {
        let command = commands[index].clone();
        let said = platform.give(way, &command).await;
        let (ok, piece) = COMES_TO[index];
        assert_eq!(said.ok, ok, "{way:?}: {command}: {}", said.text);
        assert!(said.says(piece), "{way:?}: {command}: {piece:?} is missing in:\n{}", said.text);
        if !said.ok {
            commands.insert(index + 1, format!("{command} --ignore-random-deprecation-check"));
        }
        told.push(said);
        index += 1;
    }
    assert_eq!(told.len(), COMES_TO.len());
    platform.check_audit(&told).await;
    platform.stop().await;
    told
}
