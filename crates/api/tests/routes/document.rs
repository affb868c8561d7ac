//! The document itself: served as it was reviewed.

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

#[tokio::test]
async fn the_document_is_served() {
    let server = Server::start().await;
    let answer = server.root().anonymous().request("GET", "/openapi.json").outside_of_document().send().await;
    let document = answer.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/v1/projects/{id}/events"]["post"].is_object());
}
