//! The client library's evaluation: ours, with the snapshot loaded and the decision counted at each call.

use super::Case;
use super::world::{self, BOOLEAN, PERCENTAGE};
use serde_json::json;
use std::hint::black_box;
use wigwag_client::Client;

const PROJECT: [&str; 1] = ["Project:278964"];

/// All of them. The client's server is away; asking costs the same.
pub fn cases() -> Vec<Case> {
    let client = Client::builder("http://127.0.0.1:9").bootstrap(snapshot()).without_exposures().connect();
    let by_name = |case, flag: &'static str| {
        let client = client.clone();
        Case::new(case, move || client.is_enabled(black_box(flag), black_box(&PROJECT)))
    };
    let by_handle = |case, flag: &'static str| {
        let handle = client.handle(flag);
        Case::new(case, move || black_box(&handle).is_enabled(black_box(&PROJECT)))
    };
    vec![
        by_name("client: boolean, by name", BOOLEAN),
        by_handle("client: boolean, by handle", BOOLEAN),
        by_name("client: percentage of actors, by name", PERCENTAGE),
        by_handle("client: percentage of actors, by handle", PERCENTAGE),
    ]
}

/// As many flags as the other cases are asked among, as a server would send them.
fn snapshot() -> Vec<u8> {
    let everyone = |name: &str| json!({ "name": name, "state": { "boolean": true } });
    let mut flags: Vec<_> = world::shuffled().iter().map(|name| everyone(name.as_str())).collect();
    flags.push(everyone(BOOLEAN));
    flags.push(json!({ "name": PERCENTAGE, "state": { "percentage_of_actors": 25.0 } }));
    json!({ "environment": "production", "version": "1", "flags": flags }).to_string().into_bytes()
}
