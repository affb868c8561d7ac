//! What is told of changes: once, where it is not known yet, by and by if it does not go through, and in nobody's way.

use crate::world::{Made, World};
use std::time::Duration;
use wigwag_access::ChatRole;
use wigwag_base::Page;
use wigwag_engine::ChatSettings;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::outbox::Outbox;

fn later(reason: &str, after: Option<Duration>) -> ChatOutError {
    ChatOutError::Later { reason: reason.into(), after }
}

/// A world in which `checkout` may go on in production.
async fn ready() -> World {
    let world = World::new().await;
    world.done("feature set checkout true --with-dependencies --staging").await;
    world.done("feature set basket true --with-dependencies").await;
    world.quiet().await;
    world
}

#[tokio::test]
async fn a_change_in_production_is_told_in_its_channel_the_flags_own_and_the_log() {
    let world = ready().await;
    world.done("feature set checkout 10 --actors --ignore-production-check --reason='as planned'").await;
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(world.chat.hears().await);
    }
    heard.sort_by(|a, b| a.place.cmp(&b.place));
    let places: Vec<&str> = heard.iter().map(|heard| heard.place.as_str()).collect();
    assert_eq!(places, ["#checkout", "#log", "#production"]);
    assert!(heard.iter().all(|one| one.text == heard[0].text));
    insta::assert_snapshot!(heard[0].text, @r#"
    checkout in production: off -> conditional.
      percentage of actors  not set -> 10 %
      share of actors       0 % -> 10 %
        feature set checkout 10 --actors --ignore-production-check --reason="as planned" --env=production
      by      ann
      from    cli
      reason  as planned --ignore-production-check
      page    http://127.0.0.1:8080/-/flags/checkout
    To undo:
        feature delete checkout --env=production
    "#);

    world.engine.send_outbox().await.unwrap();
    let drawn = world.charts.0.lock().unwrap().clone();
    assert_eq!(drawn.len(), 1, "{drawn:?}");
    assert_eq!(drawn[0].tags, ["feature-flag", "checkout", "production"]);
    assert!(drawn[0].text.contains("by ann (cli)"), "{drawn:?}");
    assert!(world.engine.outbox(&world.as_admin(), Page::new(1, 100)).await.unwrap().rows.is_empty());
    assert!(world.chat.heard().await.is_empty(), "each once");
}

#[tokio::test]
async fn a_channel_reads_once_what_was_done_in_it() {
    let world = ready().await;
    world.person("rita", ChatRole::Release).await;
    let told = world.says("rita", "#production", "feature set checkout 10 --actors").await;
    assert!(
        !told.starts_with("(to the channel)"),
        "a message tells the channel, and is kept until it does: {told}"
    );
    world.engine.send_outbox().await.unwrap();
    let mut places: Vec<String> = world.chat.heard().await.into_iter().map(|heard| heard.place).collect();
    places.sort();
    assert_eq!(places, ["#checkout", "#log", "#production"]);

    let told = world.says("rita", "#general", "feature set stock 10 --actors --dev").await;
    assert!(told.starts_with("(to the channel)"), "nothing else tells this one: {told}");
    world.engine.send_outbox().await.unwrap();
    let places: Vec<String> = world.chat.heard().await.into_iter().map(|heard| heard.place).collect();
    assert_eq!(places, ["#log"], "outside of production the log alone");
}

#[tokio::test]
async fn what_was_done_in_part_is_told_like_what_was_done() {
    let world = ready().await;
    world.person("rita", ChatRole::Release).await;
    let told = world.says("rita", "#general", "feature set slow_lane true --dev --production").await;
    assert!(told.starts_with("refused\n(to the channel)"), "{told}");
    assert!(told.contains("Done before: dev."), "{told}");
}

#[tokio::test]
async fn what_does_not_go_through_is_tried_again_in_order_and_holds_up_no_change() {
    let world = World::new().await;
    let down = later("the chat is down", None);
    world.chat.fails([down, later("slow down", Some(Duration::from_secs(77)))]);
    world.done("feature set stock 10 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    world.done("feature set stock 20 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    assert!(world.chat.heard().await.is_empty(), "what is new waits behind what is old");
    let waiting = || async {
        let rows = world.engine.outbox(&world.as_admin(), Page::new(1, 100)).await.unwrap().rows;
        rows.into_iter().map(|one| (one.attempts, one.last_error)).collect::<Vec<_>>()
    };
    assert_eq!(waiting().await, [(0, None), (1, Some("the chat is down".into()))], "newest first");

    // The second refusal names its own time, and nothing goes out before.
    world.clock.advance(Duration::from_secs(1));
    world.engine.send_outbox().await.unwrap();
    assert_eq!(waiting().await, [(0, None), (2, Some("slow down".into()))]);
    world.clock.advance(Duration::from_secs(76));
    world.engine.send_outbox().await.unwrap();
    assert!(world.chat.heard().await.is_empty());
    world.clock.advance(Duration::from_secs(1));
    world.engine.send_outbox().await.unwrap();
    let heard = world.chat.heard().await;
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(heard[0].text.contains("not set -> 10 %"), "{heard:?}");
    assert!(heard[1].text.contains("10 % -> 20 %"), "{heard:?}");
    assert!(waiting().await.is_empty());
}

#[tokio::test]
async fn a_channel_that_fails_holds_up_no_other() {
    let world = ready().await;
    let told = world.engine.outbox(&world.as_admin(), Page::new(1, 100)).await.unwrap();
    assert!(told.rows.is_empty());
    world.chat.fails_in("#production");
    world.done("feature set checkout 10 --actors").await;
    world.engine.send_outbox().await.unwrap();
    let mut places: Vec<String> = world.chat.heard().await.into_iter().map(|heard| heard.place).collect();
    places.sort();
    assert_eq!(places, ["#checkout", "#log"]);
    assert_eq!(world.charts.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_went_out_is_not_said_again_because_the_store_takes_no_note_of_it() {
    let world = World::new().await;
    world.done("feature set stock 10 --actors --dev").await;
    world.quiet().await;
    let message = wigwag_ports::outbox::NewMessage {
        destination: "channel:#log".into(),
        content: r#"{"ok":true,"blocks":[{"text":"hello"}],"buttons":[]}"#.into(),
        at: world.engine.now(),
    };
    world.store.refuse_notes(true);
    world.store.enqueue(vec![message]).await.unwrap();
    assert!(world.engine.send_outbox().await.is_err());
    assert!(world.engine.send_outbox().await.is_err());
    world.store.refuse_notes(false);
    world.engine.send_outbox().await.unwrap();
    assert_eq!(world.chat.heard().await.len(), 1);
    assert!(world.engine.outbox(&world.as_admin(), Page::new(1, 9)).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn a_channel_that_nothing_reaches_is_given_up_for_people_to_see() {
    let settings = ChatSettings { log_channel: Some("#deaf".into()), ..Made::default().settings };
    let world = World::made(Made { settings, ..Made::default() }).await;
    world.done("feature set stock 10 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    let left = world.engine.outbox(&world.as_admin(), Page::new(1, 9)).await.unwrap().rows;
    let errors: Vec<_> = left.iter().map(|one| one.last_error.as_deref().unwrap_or_default()).collect();
    assert!(
        errors.len() == 1 && errors[0].contains("no chat is configured that reaches this channel"),
        "{errors:?}"
    );
}

#[tokio::test]
async fn a_chat_that_wants_to_be_asked_again_at_once_is_not() {
    let world = World::new().await;
    world.chat.fails([later("slow down", Some(Duration::ZERO))]);
    world.done("feature set stock 10 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    world.engine.send_outbox().await.unwrap();
    assert!(world.chat.heard().await.is_empty());
    world.clock.advance(Duration::from_secs(1));
    world.engine.send_outbox().await.unwrap();
    assert_eq!(world.chat.heard().await.len(), 1);
}

#[tokio::test]
async fn a_write_that_fails_tells_nobody() {
    let world = ready().await;
    world.person("rita", ChatRole::Release).await;
    world.store.refuse_flag_writes(true);
    let told = world.says("rita", "#general", "feature set stock 10 --actors --dev").await;
    assert!(told.starts_with("refused\n") && !told.contains("(to the channel)"), "{told}");
    world.store.refuse_flag_writes(false);
    let told =
        world.says("rita", "#production", "feature set slow_lane true --dev --staging --production").await;
    assert!(told.contains("(to the channel)"), "what no message tells there, the answer does: {told}");
}

#[tokio::test]
async fn what_can_never_go_through_is_given_up_and_holds_up_nothing_behind_it() {
    let world = World::new().await;
    world.chat.fails([ChatOutError::Never("the channel is archived".into())]);
    world.done("feature set stock 10 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    world.done("feature set stock 20 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    let heard = world.chat.heard().await;
    assert!(heard.len() == 1 && heard[0].text.contains("20 %"), "{heard:?}");
    let left = world.engine.outbox(&world.as_admin(), Page::new(1, 100)).await.unwrap().rows;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!((left[0].due_at, left[0].last_error.as_deref()), (None, Some("the channel is archived")));
}

#[tokio::test]
async fn after_a_day_of_trying_a_message_is_given_up() {
    let world = World::new().await;
    world.chat.fails([later("down", None), later("still down", None)]);
    world.done("feature set stock 10 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    world.clock.advance(Duration::from_secs(86_400));
    world.engine.send_outbox().await.unwrap();
    let left = world.engine.outbox(&world.as_admin(), Page::new(1, 100)).await.unwrap().rows;
    assert_eq!(left.iter().map(|one| one.due_at).collect::<Vec<_>>(), [None], "{left:?}");
}

#[tokio::test]
async fn what_waits_goes_out_after_a_restart() {
    let world = World::new().await;
    world.chat.fails([later("down", None)]);
    world.done("feature set stock 10 --actors --dev").await;
    world.engine.send_outbox().await.unwrap();
    assert!(world.chat.heard().await.is_empty());
    world.clock.advance(Duration::from_secs(600));
    let again = world.another().await;
    again.send_outbox().await.unwrap();
    assert_eq!(world.chat.hears().await.place, "#log");
}
