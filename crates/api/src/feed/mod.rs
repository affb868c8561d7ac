//! The flag feed: each environment has one hub, which finds out what a change changed, writes it down once as bytes, and
//! hands the same bytes to every stream.
//!
//! ```text
//! FlagBoard::changed -> Hub::catch_up: difference -> one message -> ring of the last ones -> every stream is woken
//!                       Hub::tick: heartbeats, and the end of streams that are old
//! ```

mod body;
mod difference;
mod encode;
mod hub;
mod places;
mod ring;

pub(crate) use body::answer as stream_answer;
pub(crate) use hub::{Hub, Kind};
pub(crate) use places::{Crowded, Place};

use crate::limits::{FLAG_STREAMS_MAX, FLAG_STREAMS_PER_USER_MAX};
use parking_lot::Mutex;
use places::Places;
use std::collections::HashMap;
use std::sync::Arc;
use wigwag_base::UserId;
use wigwag_engine::Engine;

/// The hubs of this node, each made when it is first asked for.
pub(crate) struct Feeds {
    engine: Engine,
    epoch: String,
    hubs: Mutex<HashMap<String, Arc<Hub>>>,
    places: Arc<Places>,
}

impl Feeds {
    pub(crate) fn new(engine: Engine) -> Self {
        let epoch = encode::epoch();
        let places = Places::new(FLAG_STREAMS_MAX, FLAG_STREAMS_PER_USER_MAX);
        Self { engine, epoch, hubs: Mutex::default(), places: Arc::new(places) }
    }

    /// The hub of a configured environment, level with the flags as they are now.
    pub(crate) fn hub(&self, environment: &str) -> Option<Arc<Hub>> {
        let known = self.hubs.lock().get(environment).cloned();
        let hub = match known {
            Some(hub) => hub,
            None => {
                let made = Hub::start(&self.engine, environment, &self.epoch)?;
                self.hubs.lock().entry(environment.to_owned()).or_insert(made).clone()
            }
        };
        hub.catch_up(self.engine.flag_board());
        Some(hub)
    }

    /// A place for one more stream of this user.
    pub(crate) fn place(&self, user: UserId) -> Result<Place, Crowded> {
        self.places.take(user)
    }

    /// How a version of this process is written: different after a restart.
    pub(crate) fn version(&self, number: u64) -> String {
        encode::version(&self.epoch, number)
    }
}
