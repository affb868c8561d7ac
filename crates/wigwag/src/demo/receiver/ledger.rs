//! Every arrival, in order, on disk before it is answered. The key is the platform's own name for an event; the message
//! is the `webhook-id`, which must be the same however often an event is sent.

use crate::clock::SystemClock;
use crate::demo::harbor::{PerPlace, Place};
use crate::demo::journal::Journal;
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

/// What the signature was worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Signed {
    /// Right and fresh.
    Verified,
    /// Missing, wrong or too old.
    Wrong,
}

/// What was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answered {
    /// 200.
    Taken,
    /// 500.
    Broken,
    /// 401.
    Unauthorized,
}

impl Answered {
    const fn status(self) -> u16 {
        match self {
            Self::Taken => 200,
            Self::Broken => 500,
            Self::Unauthorized => 401,
        }
    }
}

/// One request.
pub(crate) struct Arrival {
    /// To which service.
    pub(crate) place: Place,
    /// Which event; a test has none.
    pub(crate) key: Option<String>,
    /// The `webhook-id`.
    pub(crate) message: String,
    /// The event's type.
    pub(crate) event: String,
    /// What the signature was worth.
    pub(crate) signed: Signed,
    /// What was answered.
    pub(crate) answered: Answered,
}

/// What arrived at one service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    /// Events that were taken, each counted once.
    pub(crate) arrived: u64,
    /// Takings of an event that had been taken before.
    pub(crate) repeated: u64,
    /// Requests that were answered with 500.
    pub(crate) refused: u64,
    /// Requests without a right signature.
    pub(crate) unsigned: u64,
    /// Requests of an event under another id than its first: there must be none.
    pub(crate) other_id: u64,
}

struct Known {
    message: String,
    taken: bool,
}

/// The file and what it says.
pub(crate) struct Ledger {
    journal: Journal,
    known: HashMap<String, Known>,
    counts: PerPlace<Counts>,
}

impl Ledger {
    /// Opens the file and counts what it holds.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (journal, lines) = Journal::open(path)?;
        let mut ledger = Self { journal, known: HashMap::new(), counts: PerPlace::default() };
        for line in &lines {
            if let Some(arrival) = read(line) {
                ledger.count(arrival);
            }
        }
        Ok(ledger)
    }

    /// Writes an arrival; it is on disk when this returns.
    pub(crate) fn write(&mut self, arrival: Arrival) -> std::io::Result<()> {
        self.journal.append(&json!({
            "at": SystemClock::of_machine().to_string(),
            "service": arrival.place.slug(),
            "key": arrival.key,
            "webhook_id": arrival.message,
            "event": arrival.event,
            "signature": if arrival.signed == Signed::Verified { "verified" } else { "wrong" },
            "answered": arrival.answered.status(),
        }))?;
        self.count(arrival);
        Ok(())
    }

    /// Whether the event was taken.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.known.get(key).is_some_and(|known| known.taken)
    }

    /// What arrived at the service of `place`.
    pub(crate) const fn counts(&self, place: Place) -> Counts {
        *self.counts.of(place)
    }

    fn count(&mut self, arrival: Arrival) {
        let counts = self.counts.of_mut(arrival.place);
        match arrival.answered {
            Answered::Unauthorized => {
                counts.unsigned += 1;
                return;
            }
            Answered::Broken => counts.refused += 1,
            Answered::Taken => {}
        }
        let Some(key) = arrival.key else { return };
        let taken = arrival.answered == Answered::Taken;
        match self.known.get_mut(&key) {
            Some(known) => {
                counts.other_id += u64::from(known.message != arrival.message);
                counts.repeated += u64::from(taken && known.taken);
                counts.arrived += u64::from(taken && !known.taken);
                known.taken |= taken;
            }
            None => {
                counts.arrived += u64::from(taken);
                self.known.insert(key, Known { message: arrival.message, taken });
            }
        }
    }
}

fn read(line: &Value) -> Option<Arrival> {
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    Some(Arrival {
        place: Place::find(line["service"].as_str()?)?,
        key: text("key"),
        message: text("webhook_id")?,
        event: text("event")?,
        signed: if line["signature"] == "verified" { Signed::Verified } else { Signed::Wrong },
        answered: match line["answered"].as_u64()? {
            200 => Answered::Taken,
            500 => Answered::Broken,
            _ => Answered::Unauthorized,
        },
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Answered, Arrival, Counts, Ledger, Place, Signed};

    fn arrival(key: Option<&str>, message: &str, answered: Answered) -> Arrival {
        let signed = if answered == Answered::Unauthorized { Signed::Wrong } else { Signed::Verified };
        let (key, message) = (key.map(str::to_owned), message.to_owned());
        Arrival { place: Place::Ferry, key, message, event: "lamp.lit".into(), signed, answered }
    }

    #[test]
    fn an_event_arrives_once_and_the_count_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.ndjson");
        let mut ledger = Ledger::open(&path).unwrap();
        let mut write = |key, message, answered| ledger.write(arrival(key, message, answered)).unwrap();
        write(Some("a"), "1", Answered::Broken);
        write(Some("a"), "1", Answered::Taken);
        write(Some("a"), "1", Answered::Taken);
        write(Some("b"), "2", Answered::Taken);
        write(Some("b"), "3", Answered::Broken);
        write(Some("c"), "4", Answered::Unauthorized);
        write(None, "5", Answered::Taken);
        let expected = Counts { arrived: 2, repeated: 1, refused: 2, unsigned: 1, other_id: 1 };
        for ledger in [ledger, Ledger::open(&path).unwrap()] {
            assert_eq!(ledger.counts(Place::Ferry), expected);
            assert_eq!(ledger.counts(Place::Lighthouse), Counts::default());
            assert_eq!(["a", "b", "c", ""].map(|key| ledger.has(key)), [true, true, false, false]);
        }
    }
}
