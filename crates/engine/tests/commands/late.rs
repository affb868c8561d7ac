//! A chat is answered in time, whatever is asked outside; the rest follows.

use crate::chat::said;
use crate::world::{Made, World};
use wigwag_access::ChatRole;
use wigwag_ports::chat_platform::ChatOutError;

/// A world in which a source hangs, and rita waits for it.
async fn waiting(channel: &str, text: &str) -> World {
    let world = World::made(Made::hurried()).await;
    world.done("feature set stock true --staging").await;
    world.person("rita", ChatRole::Release).await;
    world.quiet().await;
    world.source.hangs();
    let asked = world.source.asked();
    let told = world.says("rita", channel, text).await;
    assert!(told.contains("The result follows here"), "{told}");
    world.source.was_asked(asked + 1).await;
    assert_eq!(world.state("stock", "production").await, "off");
    world
}

const SET: &str = "feature set stock 10 --actors";

#[tokio::test]
async fn what_takes_long_is_answered_at_once_and_told_when_it_is_done() {
    let world = waiting("#production", SET).await;
    world.source.clear();
    let told = world.answer().await;
    assert!(told.contains("stock in production: off -> conditional"), "{told}");
    assert_eq!(world.state("stock", "production").await, "conditional");
    assert!(world.button("Undo").contains("stock"), "it has its button all the same");
}

#[tokio::test]
async fn a_refusal_follows_too_and_is_tried_again() {
    let world = waiting("#production", SET).await;
    world.chat.fails([ChatOutError::Later { reason: "down".into(), after: None }]);
    world.source.blocked("Incident 7");
    // The first try fails, and the second is due a second later.
    while world.engine.outbox(&world.as_admin(), wigwag_base::Page::new(1, 9)).await.unwrap().rows.is_empty()
    {
        tokio::task::yield_now().await;
    }
    world.engine.send_outbox().await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(1));
    world.engine.send_outbox().await.unwrap();
    let told = world.answer().await;
    assert!(told.contains("Incident 7"), "{told}");
}

#[tokio::test]
async fn an_answer_for_one_person_goes_nowhere_else() {
    let world = waiting("#production", SET).await;
    world.chat.fails([ChatOutError::Never("the address has ended".into())]);
    world.source.blocked("Incident 7");
    loop {
        world.engine.send_outbox().await.unwrap();
        let left = world.engine.outbox(&world.as_admin(), wigwag_base::Page::new(1, 9)).await.unwrap().rows;
        if left.iter().any(|one| one.due_at.is_none()) {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(world.chat.heard().await.is_empty());
}

#[tokio::test]
async fn a_stop_waits_for_what_was_asked_and_its_answer_goes_out_afterwards() {
    let mut world = waiting("#production", SET).await;
    let (engine, source) = (world.engine.clone(), world.source.clone());
    let stopping = tokio::spawn(async move { engine.stop().await });
    while !world.engine.is_stopping() {
        tokio::task::yield_now().await;
    }
    source.clear();
    stopping.await.unwrap().unwrap();
    assert!(world.chat.heard().await.is_empty(), "nothing is begun any more");
    let again = world.reopened().await;
    again.send_outbox().await.unwrap();
    assert!(world.answer().await.contains("stock in production: off -> conditional"));
}

#[tokio::test]
async fn who_cannot_be_asked_for_reads_all_the_same() {
    let world = World::made(Made::hurried()).await;
    for text in ["feature get stock", "help"] {
        world.chat.fails([ChatOutError::Later { reason: "down".into(), after: None }]);
        let told = world.says("rita", "#general", text).await;
        let told = if told.contains("follows") { world.answer().await } else { told };
        assert!(!told.starts_with("refused"), "{text}: {told}");
    }
}

#[tokio::test]
async fn who_somebody_is_may_take_long_too() {
    let world = World::made(Made::hurried()).await;
    world.chat.fails([ChatOutError::Later { reason: "down".into(), after: None }]);
    let told = world.sends(&said("rita", "#general", "run feature set stock true --dev")).await.1;
    let told = if told.contains("follows") { world.answer().await } else { told };
    assert!(told.contains("has to be asked of handchat, which fails: down"), "{told}");
    assert!(!told.contains("wigwag chat link"), "that is not to be unknown: {told}");
}
