//! The reference page in docs/ is the one that the grammar gives.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test reads the page that is kept"
)]

#[test]
fn the_page_is_the_grammars() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/using/chat-commands.md");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == wigwag_chat::reference_page(),
        "docs/using/chat-commands.md is old; make it anew: \
         cargo run -p wigwag-chat --example reference > docs/using/chat-commands.md"
    );
}
