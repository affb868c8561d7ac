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
    let (mut backoff, mut follower, mut told) = (Backoff::default(), Follower::default(), None);
    loop {
        let (trouble, lived) = tokio::select! {
            ended = follow(shared, http, &mut follower) => ended,
            () = stopping.wait() => return,
        };
        shared.lose(trouble.connection());
        if !lived.is_zero() {
            told = None;
        }
        tell(&trouble, &mut told);
        let reached = shared.reached.notified();
        let sooner = trouble.retry_after().is_none() && !trouble.needs_a_person();
        tokio::select! {
            () = sleep(backoff.after(&trouble, lived, fastrand::f64())) => {}
            () = reached, if sooner => backoff = Backoff::default(),
            () = stopping.wait() => return,
        }
    }
}

/// Warns of each trouble once, until there is another or a stream was there. A stream that ends after its time is none.
fn tell(trouble: &Trouble, told: &mut Option<String>) {
    let says = trouble.to_string();
    if matches!(trouble, Trouble::Ended) || told.as_ref() == Some(&says) {
        return tracing::debug!("no stream of flags: {says}");
    }
    tracing::warn!("no stream of flags, the last good snapshot decides: {says}");
    *told = Some(says);
}
