//! A real server with a client of it.

#![allow(dead_code, reason = "each test program uses what it needs")]

use serde_json::{Value, json};
use wigwag_client::{Builder, Client, Health};
use wigwag_testkit::{ROOT_TOKEN, Server};

/// A server, and a client that was told its token and what `build` says.
pub(crate) async fn pair(build: impl FnOnce(Builder) -> Builder) -> (Server, Client) {
    let server = Server::start().await;
    let client = client_of(&server, build);
    (server, client)
}

/// Another client of a server.
pub(crate) fn client_of(server: &Server, build: impl FnOnce(Builder) -> Builder) -> Client {
    build(Client::builder(format!("http://{}", server.address)).token(ROOT_TOKEN)).connect()
}

/// Stores a state in the server's own environment.
pub(crate) async fn store(root: &wigwag_testkit::Client, flag: &str, state: Value) {
    let input = json!({ "state": state, "force": true });
    root.put(&format!("/v1/flags/{flag}/state"), input).await.ok();
}

/// Stores a state in an environment.
pub(crate) async fn store_in(root: &wigwag_testkit::Client, environment: &str, flag: &str, state: Value) {
    let input = json!({ "environment": environment, "state": state, "force": true });
    root.put(&format!("/v1/flags/{flag}/state"), input).await.ok();
}

/// Waits until a decision is this one; it is asked once after each change.
pub(crate) async fn until_enabled(client: &Client, flag: &str, actors: &[&str], enabled: bool) {
    let mut rings = client.subscribe();
    // The explanation is not counted.
    while client.explain(flag, actors).starts_with("on") != enabled {
        rings.changed().await.expect("the client lives");
    }
    assert_eq!(client.is_enabled(flag, actors), enabled);
}

/// Waits until the client's health is as `is` says.
pub(crate) async fn until(client: &Client, is: impl FnMut(&Health) -> bool) -> Health {
    client.health_changes().wait_for(is).await.expect("the client lives").clone()
}
