//! One life of the stream: from the request to the trouble that ends it.
//!
//! ```text
//! without a version: snapshot ----> change, change, ... ----> trouble
//! from a version on: [comment] ---> change, change, ... ----> trouble      (or a snapshot, if the server cannot)
//! ```

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use tokio::time::{Instant, timeout, timeout_at};

use super::decode::{Known, change};
use super::sse::{Event, Item, Parser};
use crate::http::Http;
use crate::limits::{EVENT_BYTES_MAX, EVENT_TIME_MAX, SILENCE_MAX};
use crate::shared::Shared;
use crate::trouble::Trouble;

/// Follows the stream until it ends, which it always does: how, and how long it had been good.
pub(crate) async fn follow(shared: &Shared, http: &Http, follower: &mut Follower) -> (Trouble, Duration) {
    let body = match http.stream(follower.resume()).await {
        Ok(body) => body,
        Err(trouble) => return (trouble, Duration::ZERO),
    };
    let began = Instant::now();
    let trouble = match read(shared, body, follower).await {
        Ok(never) => match never {},
        Err(trouble) => trouble,
    };
    if !trouble.permits_resuming() {
        follower.resumable = None;
    }
    (trouble, began.elapsed())
}

/// What is remembered from one stream to the next: the last version that a stream gave. Never one from a file: nobody
/// knows which server that was.
#[derive(Default)]
pub(crate) struct Follower {
    resumable: Option<Resumable>,
}

/// Where the next stream may go on.
struct Resumable {
    known: Known,
    /// The id of the event that gave it.
    id: String,
}

impl Follower {
    fn resume(&self) -> Option<&str> {
        self.resumable.as_ref().map(|resumable| resumable.id.as_str())
    }
}

async fn read(
    shared: &Shared,
    mut body: Incoming,
    follower: &mut Follower,
) -> Result<std::convert::Infallible, Trouble> {
    let (mut parser, mut items) = (Parser::new(EVENT_BYTES_MAX), Vec::new());
    let mut whole_by = Instant::now() + EVENT_TIME_MAX;
    loop {
        let bytes = next(&mut body, whole_by).await?;
        let parsed = parser.feed(&bytes, &mut items);
        if !items.is_empty() {
            whole_by = Instant::now() + EVENT_TIME_MAX;
        }
        for item in items.drain(..) {
            match item {
                Item::Event(event) => take(shared, event, follower)?,
                Item::Comment if follower.resumable.is_some() => shared.go_on(),
                Item::Comment => {}
            }
        }
        parsed?;
    }
}

async fn next(body: &mut Incoming, whole_by: Instant) -> Result<Bytes, Trouble> {
    let frame = timeout_at(whole_by, timeout(SILENCE_MAX, body.frame())).await.map_err(|_| Trouble::Slow)?;
    match frame.map_err(|_| Trouble::Silent)? {
        None => Err(Trouble::Ended),
        Some(Err(error)) => Err(Trouble::Broken(error.to_string())),
        Some(Ok(frame)) => Ok(frame.into_data().unwrap_or_default()),
    }
}

fn take(shared: &Shared, event: Event, follower: &mut Follower) -> Result<(), Trouble> {
    let known = match event.name.as_str() {
        "snapshot" => Known::read(event.data.as_bytes(), shared.known().as_deref())?,
        "change" => {
            let change = change(event.data.as_bytes())?;
            match &follower.resumable {
                Some(resumable) if resumable.known.version == change.since => {
                    resumable.known.after(change)?
                }
                Some(Resumable { known, .. }) => {
                    return Err(Trouble::Gap { ours: known.version.clone(), since: change.since });
                }
                None => return Err(Trouble::Gap { ours: String::new(), since: change.since }),
            }
        }
        // What a newer server says besides.
        _ => return Ok(()),
    };
    let id = event.id.unwrap_or_else(|| known.version.clone());
    follower.resumable = Some(Resumable { known: known.clone(), id });
    shared.learn(known);
    Ok(())
}
