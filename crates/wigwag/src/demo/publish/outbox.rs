//! What the platform has published, on disk before it is sent and again once it is acknowledged. An event that was being
//! sent when the demo was killed is sent again with the same idempotency key, so that none is lost and none is doubled.

use super::happenings::happening;
use crate::clock::SystemClock;
use crate::demo::harbor::Place;
use crate::demo::journal::Journal;
use crate::demo::limits::RECENT_EVENTS_MAX;
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::Path;
use wigwag_base::Timestamp;

/// One event of the platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Published {
    /// The platform's own name for it, and its idempotency key: `ferry-17`.
    pub(crate) key: String,
    /// Its type.
    pub(crate) event_type: String,
    /// What people read.
    pub(crate) text: String,
    /// When it happened.
    pub(crate) at: Timestamp,
}

/// One project's events.
pub(crate) struct Outbox {
    place: Place,
    journal: Journal,
    drafted: u64,
    acknowledged: u64,
    pending: Option<Published>,
    recent: VecDeque<Published>,
}

impl Outbox {
    /// Opens the file and finds out where it stopped.
    pub(crate) fn open(place: Place, path: &Path) -> Result<Self> {
        let (journal, lines) = Journal::open(path)?;
        let recent = VecDeque::new();
        let mut outbox = Self { place, journal, drafted: 0, acknowledged: 0, pending: None, recent };
        for line in &lines {
            match read(line) {
                Some(draft) => {
                    outbox.drafted += 1;
                    outbox.pending = Some(draft);
                }
                None => outbox.settle(),
            }
        }
        Ok(outbox)
    }

    /// The event to send now: one that was not acknowledged, else a new one.
    pub(crate) fn next(&mut self) -> std::io::Result<Published> {
        if let Some(pending) = &self.pending {
            return Ok(pending.clone());
        }
        let happened = happening(self.place, self.drafted);
        let draft = Published {
            key: format!("{}-{}", self.place.slug(), self.drafted),
            event_type: happened.event_type.to_owned(),
            text: happened.text,
            at: SystemClock::of_machine(),
        };
        self.journal.append(&json!({
            "key": draft.key,
            "type": draft.event_type,
            "text": draft.text,
            "at_ms": draft.at.as_millis(),
        }))?;
        self.drafted += 1;
        self.pending = Some(draft.clone());
        Ok(draft)
    }

    /// Wigwag has it, under this id.
    pub(crate) fn acknowledge(&mut self, id: i64) -> std::io::Result<()> {
        if let Some(pending) = &self.pending {
            self.journal.append(&json!({ "acknowledged": pending.key, "id": id }))?;
            self.settle();
        }
        Ok(())
    }

    /// How many events Wigwag acknowledged.
    pub(crate) const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The newest events, newest first.
    pub(crate) fn recent(&self) -> Vec<Published> {
        self.recent.iter().cloned().collect()
    }

    fn settle(&mut self) {
        if let Some(event) = self.pending.take() {
            self.acknowledged += 1;
            self.recent.push_front(event);
            self.recent.truncate(RECENT_EVENTS_MAX);
        }
    }
}

impl Published {
    /// What is posted; the same bytes however often.
    pub(crate) fn request(&self) -> Value {
        json!({
            "type": self.event_type,
            "idempotency_key": self.key,
            "payload": { "key": self.key, "event": self.event_type, "text": self.text, "at": self.at.to_string() },
        })
    }
}

/// A draft; `None` for an acknowledgement.
fn read(line: &Value) -> Option<Published> {
    let text = |field: &str| line[field].as_str().map(str::to_owned);
    Some(Published {
        key: text("key")?,
        event_type: text("type")?,
        text: text("text")?,
        at: Timestamp::from_millis(line["at_ms"].as_i64()?),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Outbox, Place};

    #[test]
    fn an_event_that_was_not_acknowledged_is_sent_again_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Outbox::open(Place::Ferry, &folder.path().join("outbox")).unwrap();
        let mut outbox = open();
        let first = outbox.next().unwrap();
        assert_eq!(first.key, "ferry-0");
        outbox.acknowledge(7).unwrap();
        let second = outbox.next().unwrap();
        drop(outbox);

        let mut again = open();
        assert_eq!((again.acknowledged(), again.recent()), (1, vec![first]));
        assert_eq!(again.next().unwrap().request(), second.request());
        again.acknowledge(8).unwrap();
        assert_eq!(open().next().unwrap().key, "ferry-2");
        assert_eq!(open().acknowledged(), 2);
    }
}
