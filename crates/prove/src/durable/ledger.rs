use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// What was acknowledged and what arrived, by the number that each event carries in its payload.
#[derive(Default)]
pub(super) struct Ledger {
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    acknowledged: HashMap<u64, ()>,
    arrived: HashMap<u64, Arrival>,
    missing: u64,
    requests: u64,
    mismatches: Vec<String>,
    last_arrival: Option<Instant>,
}

struct Arrival {
    id: String,
    body: u64,
    times: u32,
}

/// The judge's figures.
pub(super) struct Figures {
    pub(super) acknowledged: u64,
    pub(super) lost: Vec<u64>,
    pub(super) requests: u64,
    pub(super) repeated: u64,
    pub(super) unacknowledged_but_arrived: u64,
    pub(super) mismatches: Vec<String>,
}

impl Ledger {
    /// The server answered 202 for this event.
    pub(super) fn note_acknowledged(&self, number: u64) {
        let mut rows = self.rows.lock();
        let rows = &mut *rows;
        if rows.acknowledged.insert(number, ()).is_none() && !rows.arrived.contains_key(&number) {
            rows.missing += 1;
        }
    }

    /// A request arrived at the receiver.
    pub(super) fn note_arrived(&self, number: Option<u64>, id: &str, body: &[u8]) {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let body = hasher.finish();
        let mut rows = self.rows.lock();
        let rows = &mut *rows;
        rows.requests += 1;
        rows.last_arrival = Some(Instant::now());
        let Some(number) = number else {
            rows.mismatches.push("a request whose body carries no number".to_owned());
            return;
        };
        match rows.arrived.get_mut(&number) {
            None => {
                rows.arrived.insert(number, Arrival { id: id.to_owned(), body, times: 1 });
                if rows.acknowledged.contains_key(&number) {
                    rows.missing -= 1;
                }
            }
            Some(first) => {
                first.times += 1;
                if first.id != id {
                    rows.mismatches.push(format!("event {number} came as {} and as {id}", first.id));
                }
                if first.body != body {
                    rows.mismatches.push(format!("event {number} came with other bytes"));
                }
            }
        }
    }

    /// How many events were acknowledged.
    pub(super) fn acknowledged(&self) -> u64 {
        self.rows.lock().acknowledged.len() as u64
    }

    /// How many acknowledged events have not arrived yet.
    pub(super) fn missing(&self) -> u64 {
        self.rows.lock().missing
    }

    /// How long nothing has arrived.
    pub(super) fn silent_for(&self) -> Duration {
        self.rows.lock().last_arrival.map_or(Duration::ZERO, |at| at.elapsed())
    }

    pub(super) fn figures(&self) -> Figures {
        let rows = self.rows.lock();
        let mut lost: Vec<u64> =
            rows.acknowledged.keys().filter(|number| !rows.arrived.contains_key(number)).copied().collect();
        lost.sort_unstable();
        Figures {
            acknowledged: rows.acknowledged.len() as u64,
            lost,
            requests: rows.requests,
            repeated: rows.arrived.values().filter(|arrival| arrival.times > 1).count() as u64,
            unacknowledged_but_arrived: rows
                .arrived
                .keys()
                .filter(|number| !rows.acknowledged.contains_key(number))
                .count() as u64,
            mismatches: rows.mismatches.clone(),
        }
    }
}
