//! The client itself: everything that a program asks.

use std::fmt;
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use crate::builder::Builder;
use crate::decision::{Decision, Source};
use crate::health::{Connection, Health};
use crate::shared::Shared;
use crate::stop::Stop;
use crate::view::Found;

/// Decides flags in this program. Cheap to clone; all clones are one client, which ends with the last of them.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    life: Arc<Life>,
}

/// Ends what runs beside the program, when it is dropped.
struct Life {
    stop: Stop,
    ended: watch::Receiver<()>,
    _watching: Option<mpsc::Sender<()>>,
}

impl Client {
    /// Begins a client of the server at `url`, such as `https://wigwag.example.com`.
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder::new(url.into())
    }

    pub(crate) fn new(
        shared: Arc<Shared>,
        stop: Stop,
        ended: watch::Receiver<()>,
        watching: Option<mpsc::Sender<()>>,
    ) -> Self {
        Self { shared, life: Arc::new(Life { stop, ended, _watching: watching }) }
    }

    /// Whether flag `name` is enabled for `actors` together: ids such as `Project:1`; none is allowed. Off if the flag
    /// is unknown.
    ///
    /// Takes no lock, waits for nothing, never panics, and for up to 16 actors allocates nothing.
    #[inline]
    pub fn is_enabled(&self, name: &str, actors: &[&str]) -> bool {
        self.is_enabled_or(name, actors, false)
    }

    /// As [`is_enabled`](Self::is_enabled), with another answer if the flag is unknown: because there is no snapshot
    /// yet, or because the snapshot does not have it. An override still switches it off.
    #[inline]
    pub fn is_enabled_or(&self, name: &str, actors: &[&str], default: bool) -> bool {
        self.decide_or(name, actors, default).enabled
    }

    /// As [`is_enabled`](Self::is_enabled), with the reason, where the knowledge came from and how old it is.
    #[inline]
    pub fn decide(&self, name: &str, actors: &[&str]) -> Decision {
        self.decide_or(name, actors, false)
    }

    /// As [`is_enabled_or`](Self::is_enabled_or), with the reason, where the knowledge came from and how old it is.
    #[inline]
    pub fn decide_or(&self, name: &str, actors: &[&str], default: bool) -> Decision {
        let view = self.shared.view.load();
        match view.found.get(name) {
            Some(found) => view.decide(found, actors, default),
            None => view.decide_unknown(name, default),
        }
    }

    /// A handle of flag `name` for code that asks often; the flag need not exist yet.
    pub fn handle(&self, name: impl Into<String>) -> FlagHandle {
        FlagHandle { client: self.clone(), name: name.into(), found: OnceLock::new() }
    }

    /// The decision as a sentence for the person who wonders: "on because Project:1 is in the list; bucket 3033 of
    /// 100000 (live)". It is not counted.
    pub fn explain(&self, name: &str, actors: &[&str]) -> String {
        self.shared.view.load().explain(name, actors)
    }

    /// Why nothing is known of flag `name`, if nothing is. Counts nothing.
    #[cfg(feature = "openfeature")]
    pub(crate) fn reason_if_unknown(&self, name: &str) -> Option<crate::Reason> {
        let view = self.shared.view.load();
        (!view.found.contains_key(name)).then(|| view.decide_unknown(name, false).reason)
    }

    /// Waits for the first word from the server: until the stream is there, or the first attempt has failed. Never long:
    /// an attempt has at most half a minute. Says where answers come from then.
    pub async fn ready(&self) -> Source {
        let mut health = self.health_changes();
        let tried = health.wait_for(|health| health.connection != Connection::Connecting).await;
        // The sender lives as long as this client.
        tried.map_or(Source::Caller, |health| health.source)
    }

    /// How the client is doing.
    pub fn health(&self) -> Health {
        self.shared.health.borrow().clone()
    }

    /// Rings whenever [`health`](Self::health) changes, and holds it.
    pub fn health_changes(&self) -> watch::Receiver<Health> {
        self.shared.health.subscribe()
    }

    /// Rings whenever a decision, or where it comes from, may be another than before: for caches and for tests. The
    /// number counts the changes.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// Ends the stream, reports what was counted and writes the snapshot file; a server or a disk that is away is given
    /// 3 s. Evaluation goes on with the last snapshot.
    pub async fn shutdown(&self) {
        self.life.stop.stop();
        // An error is the end: nobody holds the sender any more.
        while self.life.ended.clone().changed().await.is_ok() {}
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("health", &self.health()).finish_non_exhaustive()
    }
}

/// One flag of a client, found once and then asked without looking for its name. Keep it where the flag is asked.
#[derive(Clone)]
pub struct FlagHandle {
    client: Client,
    name: String,
    found: OnceLock<Found>,
}

impl FlagHandle {
    /// The flag's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As [`Client::is_enabled`].
    #[inline]
    pub fn is_enabled(&self, actors: &[&str]) -> bool {
        self.decide_or(actors, false).enabled
    }

    /// As [`Client::is_enabled_or`].
    #[inline]
    pub fn is_enabled_or(&self, actors: &[&str], default: bool) -> bool {
        self.decide_or(actors, default).enabled
    }

    /// As [`Client::decide`].
    #[inline]
    pub fn decide(&self, actors: &[&str]) -> Decision {
        self.decide_or(actors, false)
    }

    /// As [`Client::decide_or`].
    #[inline]
    pub fn decide_or(&self, actors: &[&str], default: bool) -> Decision {
        let view = self.client.shared.view.load();
        if let Some(found) = self.found.get() {
            return view.decide(found, actors, default);
        }
        match view.found.get(self.name.as_str()) {
            Some(found) => {
                // Whoever comes second finds the same.
                let _ = self.found.set(found.clone());
                view.decide(found, actors, default)
            }
            None => view.decide_unknown(&self.name, default),
        }
    }
}

impl fmt::Debug for FlagHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlagHandle").field("name", &self.name).finish_non_exhaustive()
    }
}
