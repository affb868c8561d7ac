use crate::receiver::{Receive, Reply, Request};
use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// How long each answer takes, so that requests that lie upon each other are seen.
const ANSWER_AFTER: Duration = Duration::from_millis(20);
/// Successes that a hook that recovers must have before it may get two requests at once.
const SERIAL_SUCCESSES: usize = 33;

/// What arrived at each hook's receiver, and when.
pub(super) struct Ledger(Mutex<Rows>);

struct Rows {
    hooks: Vec<Row>,
    requests_while_paused: Vec<Instant>,
    all_paused: bool,
    up_at: Option<Instant>,
    requests_up: Vec<Instant>,
    taken: u64,
    strangers: u64,
}

#[derive(Default, Clone)]
struct Row {
    seen: bool,
    under_way: usize,
    /// Requests that lay upon each other while they must not.
    overlaps: usize,
    /// The first request after the receivers were back.
    first_up: Option<Instant>,
    /// Numbers of the events, in the order in which they were taken.
    taken: Vec<u64>,
}

/// The judge's figures.
pub(super) struct Figures {
    pub(super) hooks: usize,
    pub(super) events: u64,
    pub(super) never_paused: usize,
    pub(super) lost: u64,
    pub(super) repeated: u64,
    pub(super) out_of_order: usize,
    pub(super) overlaps: usize,
    pub(super) strangers: u64,
    /// The most requests within any second while all were down and paused: probes.
    pub(super) probes_peak: usize,
    /// The most hooks that came back within any second.
    pub(super) recoveries_peak: usize,
    /// The most requests within any second after the receivers were back.
    pub(super) requests_peak: usize,
    /// From the first hook that came back to the last.
    pub(super) recovery: Duration,
    /// From the moment that the receivers were back to the last hook that came back.
    pub(super) back_after: Duration,
}

impl Ledger {
    pub(super) fn new(hooks: usize) -> Self {
        Self(Mutex::new(Rows {
            hooks: vec![Row::default(); hooks],
            requests_while_paused: Vec::new(),
            all_paused: false,
            up_at: None,
            requests_up: Vec::new(),
            taken: 0,
            strangers: 0,
        }))
    }

    /// How many hooks' receivers were asked at all.
    pub(super) fn hooks_seen(&self) -> usize {
        self.0.lock().hooks.iter().filter(|row| row.seen).count()
    }

    /// From now on every hook has failed and is paused: what comes are probes.
    pub(super) fn note_all_paused(&self) {
        self.0.lock().all_paused = true;
    }

    /// Every receiver takes what comes.
    pub(super) fn come_up(&self) {
        self.0.lock().up_at = Some(Instant::now());
    }

    /// Requests that were answered with 200.
    pub(super) fn taken(&self) -> u64 {
        self.0.lock().taken
    }

    pub(super) fn figures(&self, events: u64) -> Figures {
        let rows = self.0.lock();
        let mut first_up: Vec<Instant> = rows.hooks.iter().filter_map(|row| row.first_up).collect();
        first_up.sort_unstable();
        let lost = |row: &Row| (0..events).filter(|number| !row.taken.contains(number)).count() as u64;
        let distinct = |row: &Row| (0..events).filter(|number| row.taken.contains(number)).count();
        let (first, last) = (first_up.first(), first_up.last());
        Figures {
            hooks: rows.hooks.len(),
            events,
            never_paused: rows.hooks.iter().filter(|row| !row.seen).count(),
            lost: rows.hooks.iter().map(lost).sum(),
            repeated: rows.hooks.iter().map(|row| (row.taken.len() - distinct(row)) as u64).sum(),
            out_of_order: rows.hooks.iter().filter(|row| !row.taken.is_sorted()).count(),
            overlaps: rows.hooks.iter().map(|row| row.overlaps).sum(),
            strangers: rows.strangers,
            probes_peak: peak(&rows.requests_while_paused),
            recoveries_peak: peak(&first_up),
            requests_peak: peak(&rows.requests_up),
            recovery: first.zip(last).map_or(Duration::ZERO, |(first, last)| *last - *first),
            back_after: rows.up_at.zip(last.copied()).map_or(Duration::ZERO, |(up, last)| last - up),
        }
    }
}

/// The most of these times that lie within one second; they are sorted.
fn peak(times: &[Instant]) -> usize {
    let mut from = 0;
    let mut most = 0;
    for (to, at) in times.iter().enumerate() {
        while *at - times[from] >= Duration::from_secs(1) {
            from += 1;
        }
        most = most.max(to - from + 1);
    }
    most
}

/// The hook's and the event's number.
fn numbers(request: &Request) -> Option<(usize, u64)> {
    let hook = request.path.trim_start_matches('/').parse().ok()?;
    let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
    Some((hook, body["number"].as_u64()?))
}

impl Receive for Ledger {
    fn receive(&self, request: &Request) -> Reply {
        let now = Instant::now();
        let mut rows = self.0.lock();
        let rows = &mut *rows;
        let Some((row, number)) =
            numbers(request).and_then(|(hook, number)| Some((rows.hooks.get_mut(hook)?, number)))
        else {
            rows.strangers += 1;
            return Reply::status(400);
        };
        row.seen = true;
        row.under_way += 1;
        let serial = rows.all_paused && row.taken.len() < SERIAL_SUCCESSES;
        if serial && row.under_way > 1 {
            row.overlaps += 1;
        }
        let status = if rows.up_at.is_some() { 200 } else { 500 };
        if status == 200 {
            rows.requests_up.push(now);
            row.first_up.get_or_insert(now);
            row.taken.push(number);
            rows.taken += 1;
        } else if rows.all_paused {
            rows.requests_while_paused.push(now);
        }
        Reply::Answer { status, headers: String::new(), body: b"{}".to_vec(), after: ANSWER_AFTER }
    }

    fn answering(&self, request: &Request) {
        let mut rows = self.0.lock();
        if let Some(row) = numbers(request).and_then(|(hook, _)| rows.hooks.get_mut(hook)) {
            row.under_way -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, peak};
    use crate::receiver::{Receive, Request};
    use std::time::{Duration, Instant};

    fn request(hook: usize, number: u64) -> Request {
        let body = format!(r#"{{"number":{number}}}"#).into_bytes();
        Request { path: format!("/{hook}"), head: String::new(), body }
    }

    #[test]
    fn the_ledger_sees_what_is_lost_out_of_order_and_two_at_once() {
        let ledger = Ledger::new(2);
        let take = |hook, number| {
            let request = request(hook, number);
            ledger.receive(&request);
            ledger.answering(&request);
        };
        take(0, 0);
        take(1, 0);
        ledger.note_all_paused();
        ledger.come_up();
        take(0, 1);
        take(0, 0);
        let _both = [ledger.receive(&request(1, 0)), ledger.receive(&request(1, 1))];
        let figures = ledger.figures(3);
        assert_eq!((figures.lost, figures.out_of_order, figures.overlaps), (2, 1, 1));
        assert_eq!((figures.recoveries_peak, figures.requests_peak), (2, 4));
    }

    #[test]
    fn the_peak_is_that_of_any_second() {
        let begin = Instant::now();
        let at = |ms: &[u64]| ms.iter().map(|ms| begin + Duration::from_millis(*ms)).collect::<Vec<_>>();
        assert_eq!(peak(&at(&[0, 900, 950, 1_000, 1_890, 3_000])), 4);
        assert_eq!(peak(&[]), 0);
    }
}
