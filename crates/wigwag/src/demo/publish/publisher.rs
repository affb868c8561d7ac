use crate::demo::harbor::Place;
use crate::demo::limits::{EVENT_EVERY, PUBLISH_AGAIN_AFTER};
use crate::demo::stop::Stop;
use crate::demo::world::World;
use anyhow::{Context, Result};

/// Publishes the events of `place` until the demo stops; rests while nobody has looked for long.
pub(crate) fn publish(world: &World, place: Place, stop: &Stop) {
    let mut pause = EVENT_EVERY;
    while stop.sleep(pause).is_continue() {
        pause = EVENT_EVERY;
        if world.rests() {
            continue;
        }
        if let Err(error) = publish_next(world, place) {
            tracing::warn!("an event of {} was not published: {error:#}", place.full_path());
            pause = PUBLISH_AGAIN_AFTER;
        }
    }
}

fn publish_next(world: &World, place: Place) -> Result<()> {
    let event = world.outbox(place).next().context("cannot write the outbox")?;
    let path = format!("/v1/projects/{}/events", world.known.of(place).project);
    let accepted = world.platform.post(&path, &event.request())?.success()?;
    let id = accepted["id"].as_i64().context("the answer holds no id")?;
    world.outbox(place).acknowledge(id).context("cannot write the outbox")
}
