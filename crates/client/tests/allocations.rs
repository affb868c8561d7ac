//! Whoever asks allocates nothing: the counter sees every allocation of the calling thread.

use allocation_counter::measure;
use wigwag_client::{Client, Reason};

const BOOTSTRAP: &[u8] = br#"{"environment": "production", "version": "1", "flags": [
    {"name": "boolean", "state": {"boolean": true}},
    {"name": "default", "default_enabled": true},
    {"name": "actors", "state": {"actors": ["User:1"]}},
    {"name": "percentage_of_actors", "state": {"percentage_of_actors": 100.0}},
    {"name": "percentage_of_time", "state": {"percentage_of_time": 100.0}},
    {"name": "groups", "state": {"groups": ["staff"]}},
    {"name": "dependency", "default_enabled": true, "depends_on": ["off"]},
    {"name": "opt_out", "state": {"boolean": true, "opt_outs": ["User:1"]}},
    {"name": "off", "state": {}},
    {"name": "override", "default_enabled": true}
], "groups": {"staff": ["User:1"]}, "overrides": ["override"]}"#;

#[test]
fn whoever_asks_allocates_nothing() {
    let client = Client::builder("http://127.0.0.1:9").bootstrap(BOOTSTRAP).connect();
    let actors = ["User:1", "Project:2", "Group:3", "User:4"];
    let reasons = [
        Reason::Boolean,
        Reason::Default,
        Reason::Actors,
        Reason::PercentageOfActors,
        Reason::PercentageOfTime,
        Reason::Groups,
        Reason::Dependency,
        Reason::OptOut,
        Reason::Off,
        Reason::Override,
        Reason::Unknown,
    ];
    // The first question of a thread makes what the thread keeps.
    client.is_enabled("boolean", &[]);
    for reason in reasons {
        let name = reason.as_str();
        let handle = client.handle(name);
        handle.is_enabled(&[]);
        for asked in 0..=actors.len() {
            let by_name = measure(|| _ = client.decide(name, &actors[..asked]));
            let by_handle = measure(|| _ = handle.decide(&actors[..asked]));
            assert_eq!((by_name.count_total, by_handle.count_total), (0, 0), "{name}, {asked} actors");
        }
        assert_eq!(client.decide(name, &actors).reason, reason);
        assert_eq!(handle.decide(&actors).reason, reason);
    }
}
