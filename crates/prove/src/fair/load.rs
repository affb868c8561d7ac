use crate::api::{Api, publish};
use crate::http::Connection;
use crate::receiver::{Receive, Reply, Request};
use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Connections over which the healthy hook's events are published, so that one slow answer delays no other event.
const CONNECTIONS: u32 = 8;
/// How long an event may be on its way before it counts as lost.
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

/// When each event was due, until it has arrived, and how long it took.
#[derive(Default)]
pub(super) struct Meter(Mutex<Times>);

#[derive(Default)]
struct Times {
    next: u64,
    due: HashMap<u64, Instant>,
    took: Vec<Duration>,
    answered: Vec<Duration>,
}

/// How long events of one turn took, sorted.
#[derive(Default)]
pub(super) struct Took {
    /// Until the receiver had them.
    pub(super) arrived: Vec<Duration>,
    /// Until the server had acknowledged them: when they were on its disk.
    pub(super) acknowledged: Vec<Duration>,
}

impl Meter {
    fn due_at(&self, due: Instant) -> u64 {
        let mut times = self.0.lock();
        times.next += 1;
        let number = times.next;
        times.due.insert(number, due);
        number
    }
}

impl Receive for Meter {
    fn receive(&self, request: &Request) -> Reply {
        let now = Instant::now();
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if let Some(number) = body["number"].as_u64() {
            let mut times = self.0.lock();
            if let Some(due) = times.due.remove(&number) {
                times.took.push(now - due);
            }
        }
        Reply::status(200)
    }
}

/// Tells the lanes in turn when an event is due. On a thread of its own, since the runtime's timers round up to whole
/// milliseconds, by another fraction in each turn.
fn pace(lanes: &[mpsc::UnboundedSender<Instant>], begin: Instant, every: Duration, events: u32) {
    for (number, lane) in (0..events).zip(lanes.iter().cycle()) {
        let due = begin + every * number;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        // A lane that is gone has ended with an error, which is told.
        let _ = lane.send(due);
    }
}

/// Publishes `rate` events a second for one turn, whether or not earlier ones were answered, and waits until all have
/// arrived.
pub(super) async fn steady(
    api: Api,
    project: i64,
    rate: u32,
    turn: Duration,
    meter: Arc<Meter>,
) -> Result<Took> {
    let every = Duration::from_secs(1) / rate;
    let events = (turn.as_secs_f64() * f64::from(rate)) as u32;
    let mut tasks = JoinSet::new();
    let mut lanes = Vec::new();
    for _ in 0..CONNECTIONS {
        let meter = meter.clone();
        let (lane, mut due_times) = mpsc::unbounded_channel();
        lanes.push(lane);
        tasks.spawn(async move {
            let mut connection = Connection::open(api.address).await?;
            while let Some(due) = due_times.recv().await {
                let number = meter.due_at(due);
                let payload = format!(r#"{{"number":{number},"text":"a small event"}}"#);
                publish(&mut connection, project, &payload)
                    .await?
                    .context("an event was not acknowledged")?;
                meter.0.lock().answered.push(due.elapsed());
            }
            anyhow::Ok(())
        });
    }
    let begin = Instant::now() + Duration::from_millis(50);
    std::thread::spawn(move || pace(&lanes, begin, every, events));
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let published = Instant::now();
    while !meter.0.lock().due.is_empty() {
        if published.elapsed() > ARRIVES_WITHIN {
            bail!("{} events of the healthy hook have not arrived", meter.0.lock().due.len());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut times = meter.0.lock();
    let mut took =
        Took { arrived: std::mem::take(&mut times.took), acknowledged: std::mem::take(&mut times.answered) };
    took.arrived.sort_unstable();
    took.acknowledged.sort_unstable();
    Ok(took)
}
