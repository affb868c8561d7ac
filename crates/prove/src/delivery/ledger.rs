use super::kinds::{Doors, Kind, Moment};
use crate::receiver::{Receive, Reply, Request};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// A result is written soon after the answer. A crash that comes later than this after an answer explains no repetition.
const CRASH_EXPLAINS: Duration = Duration::from_secs(5);

/// What was acknowledged, what arrived and what was answered, by kind of receiver and by the event's number.
#[derive(Default)]
pub(super) struct Ledger {
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    acknowledged: HashMap<u64, i64>,
    seen: HashMap<(Kind, u64), Seen>,
    keys: HashMap<String, (Kind, u64)>,
    /// Keys of requests that were answered with a 2xx, whole or not.
    said_yes: HashSet<String>,
    kills: Vec<Instant>,
    asked_again: HashMap<String, u32>,
    open: bool,
    requests: u64,
    repeated: u64,
    faults: Vec<String>,
}

struct Seen {
    key: String,
    body: Vec<u8>,
    times: u32,
    taken_at: Option<Instant>,
}

/// The judge's figures.
pub(super) struct Figures {
    pub(super) acknowledged: u64,
    pub(super) unacknowledged_but_arrived: u64,
    pub(super) kills: usize,
    pub(super) requests: u64,
    pub(super) repeated: u64,
    pub(super) lost: Vec<(Kind, u64)>,
    pub(super) faults: Vec<String>,
}

impl Ledger {
    /// The server answered 202 for this event.
    pub(super) fn note_acknowledged(&self, number: u64, id: i64) {
        self.rows.lock().acknowledged.insert(number, id);
    }

    pub(super) fn acknowledged(&self) -> u64 {
        self.rows.lock().acknowledged.len() as u64
    }

    /// The server is killed now.
    pub(super) fn note_kill(&self) {
        self.rows.lock().kills.push(Instant::now());
    }

    /// From now on every receiver takes what comes.
    pub(super) fn open_doors(&self) {
        self.rows.lock().open = true;
    }

    /// Somebody asks for one more request under this key.
    pub(super) fn note_asked_again(&self, key: &str) {
        *self.rows.lock().asked_again.entry(key.to_owned()).or_default() += 1;
    }

    /// Deliveries of acknowledged events that no receiver has taken yet.
    pub(super) fn missing(&self) -> usize {
        self.rows.lock().lost().len()
    }

    pub(super) fn figures(&self) -> Figures {
        let rows = self.rows.lock();
        let numbers: HashSet<u64> = rows.seen.keys().map(|(_, number)| *number).collect();
        let unacknowledged = numbers.iter().filter(|number| !rows.acknowledged.contains_key(number));
        Figures {
            acknowledged: rows.acknowledged.len() as u64,
            unacknowledged_but_arrived: unacknowledged.count() as u64,
            kills: rows.kills.len(),
            requests: rows.requests,
            repeated: rows.repeated,
            lost: rows.lost(),
            faults: rows.faults.clone(),
        }
    }

    /// Whether a receiver of this kind took the event with this id; none if no such event was acknowledged.
    pub(super) fn was_taken(&self, kind: Kind, event: i64) -> Option<bool> {
        let rows = self.rows.lock();
        let number = rows.acknowledged.iter().find(|(_, id)| **id == event).map(|(number, _)| *number)?;
        Some(rows.said_yes_to(kind, number))
    }

    /// Whether some receiver answered 2xx to a request with this key.
    pub(super) fn said_yes(&self, key: &str) -> bool {
        self.rows.lock().said_yes.contains(key)
    }

    fn arrived(&self, kind: Kind, number: u64, key: &str, body: &[u8]) -> Reply {
        let mut rows = self.rows.lock();
        let rows = &mut *rows;
        rows.requests += 1;
        let place = (kind, number);
        if let Some(other) = rows.keys.insert(key.to_owned(), place).filter(|other| *other != place) {
            rows.faults.push(format!("{kind:?} {number} came under the id of {other:?}"));
        }
        let first = Seen { key: key.to_owned(), body: body.to_vec(), times: 0, taken_at: None };
        let seen = rows.seen.entry(place).or_insert(first);
        if seen.key != key {
            rows.faults.push(format!("{kind:?} {number} came as {} and as {key}", seen.key));
        }
        if seen.body != body {
            let texts = [&seen.body, body].map(String::from_utf8_lossy);
            rows.faults.push(format!("{kind:?} {number} came with other bytes: {} {}", texts[0], texts[1]));
        }
        if let Some(taken) = seen.taken_at {
            rows.repeated += 1;
            let by_crash = rows
                .kills
                .iter()
                .any(|kill| *kill + Duration::from_millis(50) > taken && *kill < taken + CRASH_EXPLAINS);
            let asked = rows.asked_again.get_mut(key).filter(|times| **times > 0).map(|times| *times -= 1);
            if !by_crash && asked.is_none() {
                rows.faults.push(format!(
                    "{kind:?} {number} came again after it was taken, and nothing explains it"
                ));
            }
        }
        let doors = if rows.open { Doors::Open } else { Doors::Closed };
        let reply = kind.reply(&Moment { number, before: seen.times, doors });
        seen.times += 1;
        match &reply {
            Reply::Answer { status: 200, .. } => {
                seen.taken_at = Some(Instant::now());
                rows.said_yes.insert(key.to_owned());
            }
            Reply::Broken => drop(rows.said_yes.insert(key.to_owned())),
            _ => {}
        }
        reply
    }
}

impl Rows {
    fn said_yes_to(&self, kind: Kind, number: u64) -> bool {
        self.seen.get(&(kind, number)).is_some_and(|seen| self.said_yes.contains(&seen.key))
    }

    fn lost(&self) -> Vec<(Kind, u64)> {
        let all = self.acknowledged.keys().flat_map(|number| Kind::ALL.map(|kind| (kind, *number)));
        let is_lost = |place: &(Kind, u64)| self.seen.get(place).is_none_or(|seen| seen.taken_at.is_none());
        let mut lost: Vec<(Kind, u64)> = all.filter(is_lost).collect();
        lost.sort_unstable();
        lost
    }
}

impl Receive for Ledger {
    fn receive(&self, request: &Request) -> Reply {
        let body = serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        match (Kind::of_path(&request.path), body["number"].as_u64()) {
            (Some(kind), Some(number)) => {
                self.arrived(kind, number, request.header("idempotency-key"), &request.body)
            }
            _ => {
                self.rows.lock().faults.push(format!("a request that nobody published: {}", request.head));
                Reply::status(400)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Ledger};

    fn faults(arrivals: &[(Kind, u64, &str, &[u8])], between: impl Fn(&Ledger)) -> usize {
        let ledger = Ledger::default();
        for (kind, number, key, body) in arrivals {
            ledger.arrived(*kind, *number, key, body);
            between(&ledger);
        }
        ledger.figures().faults.len()
    }

    #[test]
    fn the_ledger_sees_other_ids_other_bytes_and_repetitions_without_a_reason() {
        let (steady, stumbles) = (Kind::Steady, Kind::Stumbles);
        let check = |arrivals: &[_], expected| assert_eq!(faults(arrivals, |_| {}), expected, "{arrivals:?}");
        check(&[(stumbles, 1, "a", b"x"), (stumbles, 1, "a", b"x")], 0);
        check(&[(stumbles, 1, "a", b"x"), (stumbles, 1, "b", b"x")], 1);
        check(&[(stumbles, 1, "a", b"x"), (stumbles, 1, "a", b"y")], 1);
        check(&[(steady, 1, "a", b"x"), (stumbles, 1, "a", b"x")], 1);
        let twice: &[(Kind, u64, &str, &[u8])] = &[(steady, 1, "a", b"x"), (steady, 1, "a", b"x")];
        check(twice, 1);
        assert_eq!(faults(twice, Ledger::note_kill), 0, "a crash explains it");
        assert_eq!(faults(twice, |ledger| ledger.note_asked_again("a")), 0, "somebody asked for it");
    }

    #[test]
    fn what_was_not_taken_is_missing() {
        let ledger = Ledger::default();
        ledger.note_acknowledged(1, 100);
        ledger.arrived(Kind::Steady, 1, "a", b"x");
        assert_eq!(ledger.missing(), Kind::ALL.len() - 1);
        assert_eq!(ledger.was_taken(Kind::Steady, 100), Some(true));
        assert_eq!(ledger.was_taken(Kind::Late, 100), Some(false));
        assert_eq!(ledger.was_taken(Kind::Late, 101), None);
    }
}
