//! One stream: where it is in its hub's ring, and what wakes it. It keeps no messages of its own, so a client that reads
//! slowly costs nothing, and one that fell behind the ring is cut off.

use super::{Hub, Kind, Place, encode};
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

/// An answer that lasts as long as the stream.
pub(crate) fn answer(stream: Stream) -> Response {
    let fixed = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        // A proxy of the kind that gathers answers lets this one through as it comes.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (fixed, Body::from_stream(stream)).into_response()
}

/// How the hub reaches a stream.
pub(super) struct Listener {
    ends_at: Instant,
    waker: Mutex<Option<Waker>>,
    beats: AtomicBool,
    ended: AtomicBool,
}

impl Listener {
    pub(super) fn new(ends_at: Instant) -> Self {
        Self {
            ends_at,
            waker: Mutex::default(),
            beats: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        }
    }

    /// Lets the stream look for messages.
    pub(super) fn wake(&self) {
        if let Some(waker) = self.waker.lock().take() {
            waker.wake();
        }
    }

    /// Lets the stream say that it is alive.
    pub(super) fn beat(&self) {
        self.beats.store(true, Ordering::Release);
        self.wake();
    }

    /// Ends the stream.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.wake();
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.ends_at <= now
    }

    fn listen(&self, waker: &Waker) {
        let mut kept = self.waker.lock();
        if !kept.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            *kept = Some(waker.clone());
        }
    }
}

/// The bytes of one stream.
pub(crate) struct Stream {
    hub: Arc<Hub>,
    kind: Kind,
    listener: Arc<Listener>,
    id: u64,
    first: std::vec::IntoIter<Bytes>,
    next: u64,
    _place: Place,
}

impl Stream {
    pub(super) fn new(
        hub: Arc<Hub>,
        kind: Kind,
        (id, listener): (u64, Arc<Listener>),
        (first, next): (Vec<Bytes>, u64),
        place: Place,
    ) -> Self {
        Self { hub, kind, listener, id, first: first.into_iter(), next, _place: place }
    }

    /// What there is to say now; `Err` at the end.
    fn say(&mut self) -> Result<Option<Bytes>, End> {
        if self.listener.ended.load(Ordering::Acquire) {
            return Err(End);
        }
        if let Some(first) = self.first.next() {
            return Ok(Some(first));
        }
        match self.hub.message(self.kind, self.next) {
            Some(Ok((bytes, next))) => {
                self.next = next;
                return Ok(Some(bytes));
            }
            Some(Err(_lagging)) => return Err(End),
            None => {}
        }
        let beats = self.listener.beats.swap(false, Ordering::AcqRel);
        Ok(beats.then_some(encode::HEARTBEAT))
    }
}

/// The stream is over; its client asks for another one.
struct End;

impl tokio_stream::Stream for Stream {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Twice: what came between looking and listening woke nobody.
        for try_number in 0..2 {
            match self.say() {
                Ok(Some(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Err(End) => return Poll::Ready(None),
                Ok(None) if try_number == 0 => self.listener.listen(context.waker()),
                Ok(None) => {}
            }
        }
        Poll::Pending
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.hub.leave(self.id);
    }
}
