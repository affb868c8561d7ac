use crate::world::World;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use wigwag_engine::Settings;
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::FailurePolicy;

#[tokio::test]
async fn a_restart_sends_what_was_accepted_and_nothing_that_was_delivered() {
    let mut world = World::new().await;
    for n in 0..10 {
        world.publish(&format!("{{\"n\":{n}}}")).await;
    }
    for _ in 0..10 {
        world.receiver.next().await;
    }
    world.settled().await;
    world.receiver.close();
    let mut accepted = HashSet::new();
    for n in 10..18 {
        world.publish(&format!("{{\"n\":{n}}}")).await;
        accepted.insert(world.receiver.next().await);
    }
    // The first life never hears an answer: as if it had been killed in the middle of every request.
    let _second_life = world.house.restarted().await;
    let mut again = HashSet::new();
    for _ in 0..8 {
        again.insert(world.receiver.next().await);
    }
    assert_eq!(again, accepted, "the same ids and the same bytes, and none of the first ten");
}

/// Hooks that are down together. The proof `recovery` takes up to ten thousand, in real time.
const DOWN_TOGETHER: usize = 1_000;

#[tokio::test]
async fn hooks_that_come_back_together_try_64_a_second_and_get_what_was_held_in_order() {
    let settings = Settings {
        project_hooks_max: DOWN_TOGETHER as u64,
        failure_policy: FailurePolicy { threshold: 1, ..FailurePolicy::REFERENCE },
        ..Settings::default()
    };
    let mut world = World::under(settings, HookFields::default()).await;
    for number in 1..DOWN_TOGETHER {
        world.hook_to(&format!("{}/{number}", world.receiver.url)).await;
    }
    world.receiver.answer_with(500);
    world.publish("{\"n\":0}").await;
    world.settled().await;
    world.publish("{\"n\":1}").await;
    world.publish("{\"n\":2}").await;
    world.settled().await;
    assert_eq!(world.receiver.seen().len(), DOWN_TOGETHER, "each is paused by its first failure");

    world.receiver.answer_with(200);
    world.later(Duration::from_secs(60));
    let mut came: HashMap<String, Vec<String>> = HashMap::new();
    let mut seconds = 0;
    while came.len() < DOWN_TOGETHER {
        world.settled().await;
        let before = came.len();
        for arrived in world.receiver.seen() {
            let body = String::from_utf8_lossy(&arrived.body).into_owned();
            came.entry(arrived.path).or_default().push(body);
        }
        assert!(came.len() - before <= 64, "{} came back in one second", came.len() - before);
        seconds += 1;
        assert!(seconds <= DOWN_TOGETHER, "{} of {DOWN_TOGETHER} came back", came.len());
        world.later(Duration::from_secs(1));
    }
    assert_eq!(seconds, DOWN_TOGETHER.div_ceil(64));
    let all = ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"];
    assert!(came.values().all(|bodies| *bodies == all), "everything, in the order of events");
}
