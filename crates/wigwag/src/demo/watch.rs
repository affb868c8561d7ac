//! Keeps the facts fresh and lets the story go on by them.

use super::facts;
use super::limits::{WATCH_EVERY, WATCH_EVERY_UNSEEN};
use super::stop::Stop;
use super::world::World;

/// Watches until the demo stops.
pub(crate) fn watch(world: &World, stop: &Stop) {
    loop {
        look(world);
        let pause = if world.is_looked_at() { WATCH_EVERY } else { WATCH_EVERY_UNSEEN };
        if stop.sleep(pause).is_break() {
            return;
        }
    }
}

/// Gathers the facts once.
pub(crate) fn look(world: &World) {
    let gathered = facts::gather(world);
    if let Ok(facts) = &gathered {
        world.story().goes_on(facts, None);
    }
    world.see(gathered);
}
