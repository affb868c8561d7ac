use crate::world::World;
use std::collections::HashSet;

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
