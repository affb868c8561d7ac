//! The listener's connections: HTTP/1.1, each bounded in time and all in number, so that clients that send slowly, or
//! nothing, hold up nobody else.

use crate::limits;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

/// What one client may take from the others.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// See [`limits::HEAD_WITHIN`].
    pub(crate) head_within: Duration,
    /// See [`limits::ANSWER_WITHIN`].
    pub(crate) answer_within: Duration,
    /// See [`limits::UNREAD_WITHIN`].
    pub(crate) unread_within: Duration,
    /// See [`limits::CONNECTIONS_MAX`].
    pub(crate) connections_max: usize,
}

impl Bounds {
    /// Those of a server. Asks the system for as many files as it may have, and leaves enough of them to the rest.
    pub(crate) fn of_server(delivery_deadline: Duration) -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = limits::FILES_WANTED.min(maximum.unwrap_or(u64::MAX)).max(current.unwrap_or(u64::MAX));
        let raised = Rlimit { current: current.map(|_| wanted), maximum };
        let files = match setrlimit(Resource::Nofile, raised) {
            Ok(()) => wanted,
            Err(_) => current.unwrap_or(wanted),
        };
        let share = files.saturating_sub(limits::FILES_RESERVED).max(files / 2);
        let share = usize::try_from(share).unwrap_or(usize::MAX);
        Self {
            head_within: limits::HEAD_WITHIN,
            answer_within: limits::ANSWER_WITHIN + delivery_deadline,
            unread_within: limits::UNREAD_WITHIN,
            connections_max: limits::CONNECTIONS_MAX.min(share).max(1),
        }
    }
}

/// Serves until `stopped`, then until each request under way is answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stopped: impl Future) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(bounds.connections_max));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(bounds.head_within)
        .max_buf_size(limits::HEAD_BYTES_MAX);
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let (stream, peer, place) = tokio::select! {
            accepted = accept(&listener, &room, bounds.unread_within) => accepted,
            _ = &mut stopped => break,
        };
        let router = router.clone();
        let service = hyper::service::service_fn(move |request| {
            let router = router.clone();
            async move { Ok::<_, Infallible>(answer(router, request, peer, bounds.answer_within).await) }
        });
        let served = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(%error, %peer, "a connection broke");
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    unread_within: Duration,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = Arc::clone(room).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                let unread_ms = u32::try_from(unread_within.as_millis()).unwrap_or(u32::MAX);
                let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, unread_ms);
                return (stream, peer, place);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(limits::ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
}

async fn answer(router: Router, request: Request<Incoming>, peer: SocketAddr, within: Duration) -> Response {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    match tokio::time::timeout(within, router.oneshot(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => {
            let text = "The request did not arrive whole, or was not answered, in time. Send it again.\n";
            (StatusCode::REQUEST_TIMEOUT, text).into_response()
        }
    }
}

#[cfg(test)]
mod tests;
