//! The document itself: served as it was reviewed.

use std::collections::HashSet;
use wigwag_testkit::Server;

#[test]
fn the_document_is_the_reviewed_one() {
    let text = wigwag_api::document().to_pretty_json().unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let same = kept == text;
    assert!(same, "the routes have changed: look at the difference and run this with UPDATE_SNAPSHOTS=1");
}

#[test]
fn every_operation_has_an_id_of_its_own_and_every_reference_leads_somewhere() {
    let document = serde_json::to_value(wigwag_api::document()).unwrap();
    let mut ids = HashSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values().filter(|one| one["responses"].is_object()) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}

#[tokio::test]
async fn the_document_is_served() {
    let server = Server::start().await;
    let answer = server.root().anonymous().request("GET", "/openapi.json").outside_of_document().send().await;
    let document = answer.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/v1/projects/{id}/events"]["post"].is_object());
}

/// Routes that the document does not name: itself, what chats send in forms of their own, and what answers for addresses
/// that do not exist.
const UNDOCUMENTED: [&str; 9] = [
    "\"/openapi.json\"",
    "\"/chat/{platform}\"",
    "\"/api/v4/{*rest}\"",
    "\"/v1/{*rest}\"",
    "\"/chat/{platform}/\"",
    "\"/chat/{platform}/{*rest}\"",
    "\"/embed/{*rest}\"",
    "\"/ofrep/{*rest}\"",
    "\"/environments/{environment}/{*rest}\"",
];

/// Calls that would add a route past the document, outside of those.
fn routes_past_the_document(source: &str) -> Vec<&str> {
    let calls = [".route(", ".route_service(", ".nest_service(", ".fallback("];
    source
        .lines()
        .map(str::trim)
        .filter(|line| calls.iter().any(|call| line.contains(call)))
        .filter(|line| !UNDOCUMENTED.iter().any(|known| line.contains(known)))
        .collect()
}

#[test]
fn no_route_is_added_past_the_document() {
    assert_eq!(
        routes_past_the_document(".route(\"/v1/secret\", get(secret))"),
        [".route(\"/v1/secret\", get(secret))"]
    );
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let source = std::fs::read_to_string(&path).unwrap();
            assert_eq!(routes_past_the_document(&source), Vec::<&str>::new(), "{}", path.display());
        }
    }
    assert!(files > 30, "only {files} files were read");
}
