//! Tidewharf, a make-believe platform: two projects with pages of its own, in which the banner's component stands as in
//! any customer's product. Beside them the guide. Everything works without script; script keeps the figures live.

mod actions;
mod guard;
mod live;
mod pages;
mod viewer;

use super::limits::{BODY_BYTES_MAX, CONNECTIONS_END};
use super::world::World;
use anyhow::Result;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The running platform.
pub(crate) struct Platform {
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
}

impl Platform {
    /// Serves `world` on `listener`.
    pub(crate) fn start(listener: std::net::TcpListener, world: Arc<World>) -> Result<Self> {
        let guard = guard::Guard::new(listener.local_addr()?, world.operator.base())?;
        let listener = TcpListener::from_std(listener)?;
        let routes = routes(world).layer(middleware::from_fn_with_state(Arc::new(guard), guard::guard));
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            let ended = async {
                let _ = stopped.await;
            };
            if let Err(error) = axum::serve(listener, routes).with_graceful_shutdown(ended).await {
                tracing::error!(%error, "the platform's listener ended");
            }
        });
        Ok(Self { stop, served })
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        let mut served = self.served;
        if tokio::time::timeout(CONNECTIONS_END, &mut served).await.is_err() {
            served.abort();
        }
    }
}

fn routes(world: Arc<World>) -> Router {
    const STYLE: &str = concat!(
        include_str!("../../../assets/demo/style.css"),
        include_str!("../../../assets/demo/guide.css")
    );
    const SCRIPT: &str = include_str!("../../../assets/demo/live.js");
    const ICON: &str = include_str!("../../../assets/demo/icon.svg");
    Router::new()
        .route("/", get(pages::start))
        .route("/harbor/{project}", get(pages::activity))
        .route("/harbor/{project}/-/hooks", get(pages::hooks))
        .route("/live/{project}", get(pages::live))
        .route("/banner-token/{project}", get(actions::banner_token))
        .route("/viewer", post(actions::look_as))
        .route("/switch", post(actions::switch))
        .route("/console", post(actions::console))
        .route("/wigwag", post(actions::open_wigwag))
        .route("/hook-page", post(pages::hand_over))
        .route("/again", post(actions::again))
        .route("/assets/style.css", get(|| file("text/css; charset=utf-8", STYLE)))
        .route("/assets/live.js", get(|| file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/assets/icon.svg", get(|| file("image/svg+xml", ICON)))
        .fallback(missing)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(world)
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], text).into_response()
}

async fn missing() -> Response {
    let page = "<!doctype html><html lang=en><title>Not here</title><link rel=stylesheet href=/assets/style.css>\
                <main class=alone><h1>There is no such page on Tidewharf</h1><p><a href=/>Back to the harbor</a></main>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}
