//! The ceiling of `ofrep`: the same path on a bare axum router, which reads nothing and answers a constant.

use anyhow::Result;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

/// An answer as long as ours.
const ANSWER: &str = r#"{"key":"flag_7","value":true,"reason":"SPLIT","variant":"on","metadata":{"reason":"percentage_of_actors","bucket":12345}}"#;

/// Prints its address in one line and answers until it is ended.
pub(crate) async fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let route = post(|| async { ([(CONTENT_TYPE, "application/json")], ANSWER) });
    let router = Router::new().route("/ofrep/v1/evaluate/flags/{key}", route);
    Ok(axum::serve(listener, router).await?)
}
