use super::super::places::Places;
use super::super::ring::Message;
use super::super::{Feeds, Hub, Kind, Place, encode};
use crate::limits::{FEED_MESSAGES_MAX, STREAM_AGE_MAX};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;
use tokio_stream::Stream as _;
use wigwag_base::UserId;
use wigwag_testkit::Server;

use crate::feed::body::Stream;

fn place() -> Place {
    Arc::new(Places::new(10, 10)).take(UserId(1)).ok().unwrap()
}

/// What a stream says now; nothing more comes by itself. `None` once it has ended.
fn said(stream: &mut Stream) -> Option<String> {
    let mut text = String::new();
    loop {
        match std::pin::pin!(&mut *stream).as_mut().poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(Ok(bytes))) => text.push_str(std::str::from_utf8(&bytes).unwrap()),
            Poll::Ready(None) => return None,
            Poll::Pending => return Some(text),
        }
    }
}

async fn hub() -> (Server, Feeds, Arc<Hub>) {
    let server = Server::start().await;
    let feeds = Feeds::new(server.engine.clone());
    let hub = feeds.hub("production").unwrap();
    (server, feeds, hub)
}

/// So many changes, without a store to write them.
fn change(hub: &Hub, times: usize) {
    let mut log = hub.log.write();
    for _ in 0..times {
        let version = log.now.version.clone();
        let message = Message {
            since: version.clone(),
            change: encode::event("change", &version, b"{}"),
            notice: encode::notice(&version),
        };
        log.ring.push(message);
    }
    hub.head.store(log.ring.head(), Ordering::Release);
}

#[tokio::test]
async fn each_stream_has_one_heartbeat_a_round_and_they_are_spread() {
    let (_server, _feeds, hub) = hub().await;
    let mut streams: Vec<Stream> = (0..30).map(|_| hub.subscribe(Kind::Changes, None, place())).collect();
    streams.iter_mut().for_each(|stream| drop(said(stream)));
    let mut beats = vec![0; streams.len()];
    for tick in 0..15 {
        hub.tick(tick, Instant::now());
        let mut at_once = 0;
        for (stream, beats) in streams.iter_mut().zip(&mut beats) {
            match said(stream).as_deref() {
                Some(":\n\n") => (at_once, *beats) = (at_once + 1, *beats + 1),
                other => assert_eq!(other, Some("")),
            }
        }
        assert_eq!(at_once, 2, "at tick {tick}");
    }
    assert_eq!(beats, vec![1; 30]);
}

#[tokio::test]
async fn a_stream_ends_when_it_is_old_and_its_hub_forgets_it() {
    let (_server, _feeds, hub) = hub().await;
    let mut stream = hub.subscribe(Kind::Notices, None, place());
    let now = Instant::now();
    hub.tick(1, now + STREAM_AGE_MAX - Duration::from_secs(1));
    assert!(said(&mut stream).is_some());
    hub.tick(2, now + STREAM_AGE_MAX + Duration::from_secs(1));
    assert_eq!(said(&mut stream), None);
    assert!(!hub.is_quiet());
    drop(stream);
    assert!(hub.is_quiet());
}

#[tokio::test]
async fn a_stream_that_reads_too_slowly_is_cut_off_and_one_that_keeps_up_is_not() {
    let (_server, _feeds, hub) = hub().await;
    let mut slow = hub.subscribe(Kind::Changes, None, place());
    let mut lazy = hub.subscribe(Kind::Notices, None, place());
    let mut level = hub.subscribe(Kind::Changes, None, place());
    for stream in [&mut slow, &mut lazy, &mut level] {
        assert!(said(stream).is_some());
    }
    change(&hub, FEED_MESSAGES_MAX);
    assert_eq!(said(&mut level).unwrap().matches("event: change").count(), FEED_MESSAGES_MAX);
    change(&hub, 1);
    assert_eq!(said(&mut slow), None, "it missed the first of the changes");
    assert_eq!(said(&mut level).unwrap().matches("event: change").count(), 1);
    assert_eq!(said(&mut lazy).unwrap().matches("refetchEvaluation").count(), 1, "the last says it all");
}

#[tokio::test]
async fn streams_end_when_the_engine_stops() {
    let (server, _feeds, hub) = hub().await;
    let mut stream = hub.subscribe(Kind::Changes, None, place());
    assert!(said(&mut stream).unwrap().contains("event: snapshot"));
    server.engine.stop().await.unwrap();
    let all = tokio_stream::StreamExt::collect::<Vec<_>>(stream);
    let said = tokio::time::timeout(Duration::from_secs(20), all).await;
    assert_eq!(said.expect("it should have ended").len(), 0);
}
