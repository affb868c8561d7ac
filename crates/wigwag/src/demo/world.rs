//! What the demo's threads and pages share.

use super::facts::Facts;
use super::harbor::{PerPlace, Place};
use super::http::Http;
use super::limits::{EXCHANGES_MAX, LOOKS_FOR, RESTS_AFTER};
use super::publish::Outbox;
use super::setup::Known;
use super::story::Story;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A command and its reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Exchange {
    /// What was typed.
    pub(crate) command: String,
    /// What came back, piece by piece.
    pub(crate) reply: Vec<Block>,
    /// Whether it was done.
    pub(crate) ok: bool,
}

/// One piece of a reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Block {
    /// A paragraph.
    Text(String),
    /// Labels with their values.
    Fields(Vec<(String, String)>),
    /// Something to be read letter by letter.
    Code(String),
}

/// Everything.
pub(crate) struct World {
    /// Wigwag, by the platform's token.
    pub(crate) platform: Http,
    /// Wigwag, by the operator's token.
    pub(crate) operator: Http,
    /// The receiver's own doors.
    pub(crate) receiver: Http,
    /// The projects' ids.
    pub(crate) known: PerPlace<Known>,
    outboxes: PerPlace<Mutex<Outbox>>,
    story: Mutex<Story>,
    facts: Mutex<Seen>,
    console: Mutex<VecDeque<Exchange>>,
    looked_at: Mutex<Instant>,
}

/// The newest facts, or why there are none.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    /// As they last were.
    pub(crate) facts: Facts,
    /// What keeps newer ones away.
    pub(crate) trouble: Option<String>,
}

/// How the world begins.
pub(crate) struct Beginning {
    /// See [`World`].
    pub(crate) platform: Http,
    /// See [`World`].
    pub(crate) operator: Http,
    /// See [`World`].
    pub(crate) receiver: Http,
    /// See [`World`].
    pub(crate) known: PerPlace<Known>,
    /// What was published.
    pub(crate) outboxes: PerPlace<Outbox>,
    /// How far the story is.
    pub(crate) story: Story,
}

impl World {
    /// Puts it together.
    pub(crate) fn new(beginning: Beginning) -> Self {
        Self {
            platform: beginning.platform,
            operator: beginning.operator,
            receiver: beginning.receiver,
            known: beginning.known,
            outboxes: PerPlace(beginning.outboxes.0.map(Mutex::new)),
            story: Mutex::new(beginning.story),
            facts: Mutex::default(),
            console: Mutex::default(),
            looked_at: Mutex::new(Instant::now()),
        }
    }

    /// A project's events.
    pub(crate) fn outbox(&self, place: Place) -> MutexGuard<'_, Outbox> {
        held(self.outboxes.of(place))
    }

    /// How far the story is.
    pub(crate) fn story(&self) -> MutexGuard<'_, Story> {
        held(&self.story)
    }

    /// The newest facts.
    pub(crate) fn seen(&self) -> Seen {
        held(&self.facts).clone()
    }

    /// Takes newer facts, or why there are none.
    pub(crate) fn see(&self, gathered: anyhow::Result<Facts>) {
        let mut seen = held(&self.facts);
        match gathered {
            Ok(facts) => *seen = Seen { facts, trouble: None },
            Err(error) => seen.trouble = Some(format!("{error:#}")),
        }
    }

    /// What the console shows, oldest first.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        held(&self.console).iter().cloned().collect()
    }

    /// Keeps an exchange.
    pub(crate) fn said(&self, exchange: Exchange) {
        let mut console = held(&self.console);
        console.push_back(exchange);
        while console.len() > EXCHANGES_MAX {
            console.pop_front();
        }
    }

    /// Somebody looks.
    pub(crate) fn looked(&self) {
        *held(&self.looked_at) = Instant::now();
    }

    /// Whether somebody looks now.
    pub(crate) fn is_looked_at(&self) -> bool {
        held(&self.looked_at).elapsed() < LOOKS_FOR
    }

    /// Whether nobody has looked for long.
    pub(crate) fn rests(&self) -> bool {
        held(&self.looked_at).elapsed() >= RESTS_AFTER
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
