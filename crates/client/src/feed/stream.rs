//! One life of the stream: from the request to the trouble that ends it.
//!
//! ```text
//! without a version: snapshot ----> change, change, ... ----> trouble
//! from a version on: [comment] ---> change, change, ... ----> trouble      (or a snapshot, if the server cannot)
//! ```

use std::convert::Infallible;
use std::fmt::Display;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes};
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
    mut body: impl Body<Data = Bytes, Error: Display> + Unpin,
    follower: &mut Follower,
) -> Result<Infallible, Trouble> {
    let mut parser = Parser::new(EVENT_BYTES_MAX);
    let mut whole_by = Instant::now() + EVENT_TIME_MAX;
    loop {
        let bytes = next(&mut body, whole_by).await?;
        if digest(shared, follower, &mut parser, &bytes)? {
            whole_by = Instant::now() + EVENT_TIME_MAX;
        }
    }
}

/// Takes what the next bytes complete; whether they completed anything.
fn digest(
    shared: &Shared,
    follower: &mut Follower,
    parser: &mut Parser,
    bytes: &[u8],
) -> Result<bool, Trouble> {
    let mut items = Vec::new();
    let parsed = parser.feed(bytes, &mut items);
    let completed = !items.is_empty();
    for item in items {
        match item {
            Item::Event(event) => take(shared, event, follower)?,
            Item::Alive if follower.resumable.is_some() => shared.go_on(),
            Item::Alive => {}
        }
    }
    parsed?;
    Ok(completed)
}

async fn next(
    body: &mut (impl Body<Data = Bytes, Error: Display> + Unpin),
    whole_by: Instant,
) -> Result<Bytes, Trouble> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::StreamBody;
    use hyper::body::Frame;
    use proptest::prelude::*;
    use tokio_stream::StreamExt;

    const STREAM: &str = "retry: 1000\n\nevent: snapshot\nid: e-1\ndata: {\"environment\":\"production\",\"version\":\"e-1\",\
        \"flags\":[{\"name\":\"f\",\"default_enabled\":true,\"depends_on\":[\"g\"]},{\"name\":\"g\",\"state\":\
        {\"actors\":[\"User:1\"],\"opt_outs\":[\"User:2\"],\"percentage_of_actors\":32.639,\"groups\":[\"s\"]}}],\
        \"groups\":{\"s\":[\"User:3\"]},\"overrides\":[]}\n\n:\n\nevent: change\nid: e-2\ndata: {\"since\":\"e-1\",\
        \"version\":\"e-2\",\"flags\":[{\"name\":\"f\"}],\"removed\":[\"g\"],\"groups\":{},\"overrides\":[\"f\"]}\n\n";

    /// How a stream ends that gives `piece` every `every`, and when.
    async fn check_end(piece: &'static [u8], every: Duration, trouble: Trouble, after: Duration) {
        let give = move |()| async move {
            tokio::time::sleep(every).await;
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(piece)))
        };
        let pieces = Box::pin(tokio_stream::iter([(); 100]).then(give));
        let begun = Instant::now();
        let Err(ended) = read(&Shared::new(), StreamBody::new(pieces), &mut Follower::default()).await;
        assert_eq!((ended, begun.elapsed().as_secs()), (trouble, after.as_secs()));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_silent_or_never_comes_to_an_end_is_dead() {
        let (often, second) = (SILENCE_MAX - Duration::from_secs(5), Duration::from_secs(1));
        check_end(b":\n", SILENCE_MAX + second, Trouble::Silent, SILENCE_MAX).await;
        check_end(b"x", often, Trouble::Slow, EVENT_TIME_MAX).await;
        check_end(b"data: x\n", often, Trouble::Slow, EVENT_TIME_MAX).await;
        check_end(b":\n", often, Trouble::Ended, often * 100).await;
    }

    /// Digests `bytes` in pieces of `size`; the last version that was taken.
    fn digested(bytes: &[u8], size: usize) -> Option<String> {
        let (shared, mut follower, mut parser) = (Shared::new(), Follower::default(), Parser::new(4_000));
        for piece in bytes.chunks(size) {
            if digest(&shared, &mut follower, &mut parser, piece).is_err() {
                break;
            }
        }
        // Whatever it was, evaluation goes on.
        shared.view.load().decide_unknown("f", true);
        shared.view.load().explain("g", &["User:1"]);
        shared.known().map(|known| known.version.clone())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_stream_that_ends_anywhere_gives_whole_events_alone(end in 0..=STREAM.len(), size in 1..300_usize) {
            let snapshot_ends = STREAM.find("\n\n:\n").unwrap() + 2;
            let expected = match end {
                end if end < snapshot_ends => None,
                end if end < STREAM.len() => Some("e-1"),
                _ => Some("e-2"),
            };
            let taken = digested(&STREAM.as_bytes()[..end], size);
            prop_assert_eq!(taken.as_deref(), expected);
        }

        #[test]
        fn a_stream_with_anything_in_it_is_survived(
            changes in proptest::collection::vec((0..STREAM.len(), any::<Option<u8>>()), 1..8),
            size in 1..300_usize,
        ) {
            let mut bytes = STREAM.as_bytes().to_vec();
            for (at, byte) in changes {
                match byte {
                    Some(byte) => bytes[at] = byte,
                    None => drop(bytes.splice(at..(at + 7).min(STREAM.len()), *b"\n\n:{\"[]")),
                }
            }
            digested(&bytes, size);
        }
    }
}
