//! Threads that evaluate without a pause, whatever happens to the server and the files.

use super::judge::Watched;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wigwag_client::Client;

/// How many threads.
const THREADS: usize = 2;
/// Between two evaluations a thread lets others run for a moment: the machine has few cores.
const REST: Duration = Duration::from_micros(200);

pub(super) struct Watcher {
    stop: Arc<AtomicBool>,
    client: Arc<Mutex<Client>>,
    threads: Vec<JoinHandle<(u64, Duration)>>,
}

impl Watcher {
    pub(super) fn start(client: Client, names: &[String]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = Arc::new(Mutex::new(client));
        let threads = (0..THREADS)
            .map(|number| {
                let (stop, client, names) = (stop.clone(), client.clone(), names.to_vec());
                std::thread::spawn(move || evaluate(number, &stop, &client, &names))
            })
            .collect();
        Self { stop, client, threads }
    }

    /// The program has started again.
    pub(super) fn now_watch(&self, client: Client) {
        *self.client.lock() = client;
    }

    pub(super) fn end(self) -> Watched {
        self.stop.store(true, Ordering::Relaxed);
        let mut watched = Watched { evaluations: 0, longest: Duration::ZERO, panics: 0 };
        for thread in self.threads {
            match thread.join() {
                Ok((evaluations, longest)) => {
                    watched.evaluations += evaluations;
                    watched.longest = watched.longest.max(longest);
                }
                Err(_) => watched.panics += 1,
            }
        }
        watched
    }
}

fn evaluate(number: usize, stop: &AtomicBool, client: &Mutex<Client>, names: &[String]) -> (u64, Duration) {
    let (mut evaluations, mut longest) = (0, Duration::ZERO);
    let actors = ["User:1", "Project:2"];
    while !stop.load(Ordering::Relaxed) {
        let client = client.lock().clone();
        for name in names.iter().skip(number).step_by(THREADS) {
            let begun = Instant::now();
            std::hint::black_box(client.decide(name, &actors));
            longest = longest.max(begun.elapsed());
            evaluations += 1;
        }
        std::thread::sleep(REST);
    }
    (evaluations, longest)
}
