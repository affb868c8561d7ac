//! How fast the store writes: durable events with so many waiting committers, then results in batches.
//!
//! `cargo run --release -p wigwag-store-sqlite --example append [SECONDS]` prints a table; each row is one run on a
//! fresh store. The figures are those of this disk: compare within one run only.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wigwag_access::{Namespace, UserRole};
use wigwag_base::{AttemptId, EventId, HookId, ProjectId, Timestamp};
use wigwag_hooks::{Attempt, AttemptKind, EventType, NewEvent, Outcome, Response};
use wigwag_ports::deliveries::{Deliveries, DeliveryChange, Record};
use wigwag_ports::intake::{Appended, Intake};
use wigwag_ports::maintenance::Maintenance;
use wigwag_ports::registry::{NewProject, NewUser, Registry};
use wigwag_store_sqlite::{DataKey, Options, SqliteStore};

const PAYLOAD_BYTES: usize = 1024;
const BATCH: usize = 64;
const HOOKS: i64 = 10;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let seconds = std::env::args().nth(1).map_or(5, |text| text.parse().expect("SECONDS is a number"));
    let time = Duration::from_secs(seconds);
    println!(
        "{:<34} {:>10} {:>9} {:>9} {:>9} {:>9}",
        "what", "per s", "CPU us", "p50 ms", "p99 ms", "max ms"
    );
    for committers in [1, 8, 64, 512] {
        append(committers, time).await;
    }
    for callers in [1, 4] {
        record(callers, time).await;
    }
    cycle(64, time).await;
    paced(870, time).await;
}

struct Bench {
    store: Arc<SqliteStore>,
    project: ProjectId,
    _folder: tempfile::TempDir,
}

async fn fresh() -> Bench {
    let folder = tempfile::tempdir_in(".").unwrap();
    let store =
        SqliteStore::open(&folder.path().join("bench.db"), &Options::new(DataKey::new([1; 32]))).unwrap();
    let now = Timestamp::from_secs(1);
    let user = NewUser {
        username: "a".into(),
        name: "a".into(),
        email: "a@example.org".into(),
        role: UserRole::Regular,
        password_hash: None,
        created_at: now,
    };
    let user = store.create_user(user).await.unwrap().id;
    let project =
        NewProject { name: "p".into(), path: "p".into(), namespace: Namespace::User(user), created_at: now };
    let project = store.create_project(project).await.unwrap().id;
    Bench { store: Arc::new(store), project, _folder: folder }
}

fn event(project: ProjectId) -> NewEvent {
    NewEvent {
        project,
        event_type: EventType::new("push").unwrap(),
        payload: vec![b'x'; PAYLOAD_BYTES].into(),
        idempotency_key: None,
        digest: [0; 32],
        chain: None,
        accepted_at: Timestamp::from_secs(1_800_000_000),
    }
}

fn result(event: EventId, hook: HookId, project: ProjectId) -> Record {
    let headers =
        [("content-type", "application/json"), ("date", "Mon, 01 Jan 2026 00:00:00 GMT"), ("server", "x")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let attempt = Attempt {
        id: AttemptId(0),
        event: Some(event),
        hook,
        project: Some(project),
        event_type: EventType::new("push").unwrap(),
        kind: AttemptKind::First,
        url: "https://hooks.example.org/services/incoming/one".into(),
        request_headers: Vec::new(),
        request_body: wigwag_hooks::SentBody::Payload,
        started_at: Timestamp::from_secs(1_800_000_000),
        duration: Duration::from_micros(4321),
        outcome: Outcome::Success(Response { status: 200, headers, body: "{\"ok\":true}".into() }),
    };
    let delivery = Some(DeliveryChange::Delivered { hook, event });
    Record { attempt: Some(attempt), delivery, health: None, settled: Some(event) }
}

/// Runs `step` in so many tasks for so long; each call counts for `weight` and is timed.
async fn load<Fut: Future<Output = ()> + Send>(
    name: String,
    callers: usize,
    weight: usize,
    time: Duration,
    step: impl Fn() -> Fut + Clone + Send + 'static,
) {
    let over = Arc::new(AtomicBool::new(false));
    let (begun, cpu_before) = (Instant::now(), cpu_seconds());
    let caller = || {
        let (over, step) = (Arc::clone(&over), step.clone());
        async move {
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                step().await;
                times.push(begun.elapsed());
            }
            times
        }
    };
    let tasks: Vec<_> = (0..callers).map(|_| tokio::spawn(caller())).collect();
    tokio::time::sleep(time).await;
    over.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let elapsed = begun.elapsed().as_secs_f64();
    print(&name, times, weight, elapsed, cpu_seconds() - cpu_before);
}

fn print(name: &str, mut times: Vec<Duration>, weight: usize, elapsed: f64, cpu: f64) {
    times.sort_unstable();
    let ms = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let count = (times.len() * weight) as f64;
    let (rate, cpu) = (count / elapsed, cpu * 1e6 / count);
    println!("{name:<34} {rate:>10.0} {cpu:>9.2} {:>9.3} {:>9.3} {:>9.3}", ms(0.5), ms(0.99), ms(1.0));
}

/// Seconds of CPU that this process has used, in user and kernel mode (in ticks of 10 ms).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = |n: usize| fields.split_ascii_whitespace().nth(n).unwrap().parse::<f64>().unwrap();
    (ticks(11) + ticks(12)) / 100.0
}

async fn append(committers: usize, time: Duration) {
    let Bench { store, project, _folder } = fresh().await;
    let step = move || {
        let store = Arc::clone(&store);
        async move {
            store.append(vec![event(project)]).await.unwrap();
        }
    };
    load(format!("append, {committers} waiting"), committers, 1, time, step).await;
}

async fn record(callers: usize, time: Duration) {
    let Bench { store, project, _folder } = fresh().await;
    let epoch = store.lease().await.unwrap().epoch;
    let next = Arc::new(std::sync::atomic::AtomicI64::new(1));
    let step = move || {
        let (store, next) = (Arc::clone(&store), Arc::clone(&next));
        async move {
            let first = next.fetch_add(BATCH as i64, Ordering::Relaxed);
            let ids = first..first + BATCH as i64;
            let records = ids.map(|id| result(EventId(id), HookId(id % HOOKS), project)).collect();
            store.record(epoch, records).await.unwrap();
        }
    };
    load(format!("record, batches of {BATCH}, {callers} callers"), callers, BATCH, time, step).await;
}

/// Appends a batch and records its results: what a delivery costs the store.
async fn cycle(callers: usize, time: Duration) {
    let Bench { store, project, _folder } = fresh().await;
    let epoch = store.lease().await.unwrap().epoch;
    let step = move || {
        let store = Arc::clone(&store);
        async move {
            let answers = store.append(vec![event(project); 8]).await.unwrap();
            let records = answers.iter().map(|answer| match answer {
                Appended::New(id) | Appended::Repeated(id) => result(*id, HookId(id.0 % HOOKS), project),
            });
            let records = records.collect();
            store.record(epoch, records).await.unwrap();
        }
    };
    load(format!("append and record, {callers} callers"), callers, 8, time, step).await;
}

/// One event and its result at a time, at a steady rate: what a checkpoint does to the latency.
async fn paced(rate: u64, time: Duration) {
    let Bench { store, project, _folder } = fresh().await;
    let epoch = store.lease().await.unwrap().epoch;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate as u32);
    let (begun, cpu_before) = (Instant::now(), cpu_seconds());
    let mut tasks = Vec::new();
    while begun.elapsed() < time {
        ticks.tick().await;
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            let begun = Instant::now();
            let answers = store.append(vec![event(project)]).await.unwrap();
            let time = begun.elapsed();
            if let [Appended::New(id)] = answers[..] {
                store.record(epoch, vec![result(id, HookId(1), project)]).await.unwrap();
            }
            time
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.push(task.await.unwrap());
    }
    print(
        &format!("append at {rate}/s, then record"),
        times,
        1,
        begun.elapsed().as_secs_f64(),
        cpu_seconds() - cpu_before,
    );
}
