//! The feed: one stream after the other, for as long as the client lives.

mod backoff;
mod decode;
mod sse;
mod stream;

pub(crate) use decode::{DecodeError, Known};
pub(crate) use sse::SseError;

use tokio::time::sleep;

use crate::http::Http;
use crate::shared::Shared;
use crate::stop::Stopping;
use crate::trouble::Trouble;
use backoff::Backoff;
use stream::{Follower, follow};

/// Keeps `shared` up to date until the client stops.
pub(crate) async fn keep_up(shared: &Shared, http: &Http, mut stopping: Stopping) {
    let mut backoff = Backoff::default();
    let mut follower = Follower::default();
    loop {
        let (trouble, lived) = tokio::select! {
            ended = follow(shared, http, &mut follower) => ended,
            () = stopping.wait() => return,
        };
        shared.lose(trouble.connection());
        let wait = backoff.after(&trouble, lived, fastrand::f64());
        tell(&trouble, wait.as_millis());
        tokio::select! {
            () = sleep(wait) => {}
            () = stopping.wait() => return,
        }
    }
}

/// A stream that ends after its time is no news; everything else is.
fn tell(trouble: &Trouble, wait_ms: u128) {
    match trouble {
        Trouble::Ended => tracing::debug!(wait_ms, "the stream of flags ended and is opened again"),
        _ => tracing::warn!(wait_ms, "no stream of flags, the last good snapshot decides: {trouble}"),
    }
}
