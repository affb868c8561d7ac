//! Definitions as they are edited while the server runs: the last good version stays until there is a better one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod common;

use common::{Tree, definition, names, told};
use wigwag_definitions::FolderSource;
use wigwag_ports::DefinitionSource;
use wigwag_ports::definitions::Definitions;

/// A folder with one good flag, read once.
async fn started() -> (Tree, FolderSource) {
    let tree = Tree::new();
    tree.write("beta/f.yml", definition("f", "beta"));
    let source = FolderSource::new(tree.path(""));
    let read = source.read().await.unwrap();
    assert_eq!((names(&read), told(&read)), (vec!["f".to_owned()], vec![]));
    assert_eq!(source.read().await, None);
    (tree, source)
}

fn milestone(read: &Definitions) -> &str {
    &read.good.iter().find(|definition| definition.name.as_str() == "f").unwrap().milestone
}

#[tokio::test]
async fn a_new_version_is_taken_and_a_removed_file_removes_its_flag() {
    let (tree, source) = started().await;
    tree.write("beta/f.yml", definition("f", "beta").replace("15.10", "15.11"));
    assert_eq!(milestone(&source.read().await.unwrap()), "15.11");
    tree.write("ops/g.yml", definition("g", "ops"));
    assert_eq!(names(&source.read().await.unwrap()), ["f", "g"]);
    tree.remove("beta/f.yml");
    assert_eq!(names(&source.read().await.unwrap()), ["g"]);
}

#[tokio::test]
async fn the_last_good_version_of_a_bad_file_stays() {
    let (tree, source) = started().await;
    let good = definition("f", "beta").replace("15.10", "15.11");
    for bad in ["", "name: f", &good[..good.len() - 1].replace("false", "fal"), "name: [f", "\u{1}"] {
        tree.write("beta/f.yml", bad);
        let read = source.read().await.unwrap();
        assert_eq!(milestone(&read), "15.10", "{bad:?}");
        assert!(!read.findings.is_empty(), "{bad:?}");
    }
    tree.write("beta/f.yml", &good);
    let read = source.read().await.unwrap();
    assert_eq!((milestone(&read), told(&read)), ("15.11", vec![]));
}

#[tokio::test]
async fn a_circle_that_an_edit_brings_leaves_the_version_before() {
    let (tree, source) = started().await;
    tree.arrows(&["a>f", "b>a"]);
    assert_eq!(names(&source.read().await.unwrap()), ["a", "b", "f"]);
    tree.arrows(&["f>b"]);
    let read = source.read().await.unwrap();
    assert_eq!(told(&read), ["beta/f.yml:8 depends_on: leads in a circle: f -> b -> a -> f"]);
    assert_eq!(read.good[2].depends_on, []);
    tree.arrows(&["b>"]);
    let read = source.read().await.unwrap();
    assert_eq!((told(&read), read.good[2].depends_on.len()), (vec![], 1), "the circle is gone");
}

#[tokio::test]
async fn a_flag_that_moves_to_another_type_keeps_one_definition() {
    let (tree, source) = started().await;
    tree.write("ops/f.yml", definition("f", "ops"));
    let read = source.read().await.unwrap();
    assert_eq!(read.good[0].kind.as_str(), "beta");
    assert_eq!(
        told(&read),
        ["ops/f.yml:2 name: is f, which beta/f.yml defines already; keep one of the files"]
    );
    tree.remove("beta/f.yml");
    let read = source.read().await.unwrap();
    assert_eq!((read.good[0].kind.as_str(), told(&read)), ("ops", vec![]));
}

#[tokio::test]
async fn a_folder_that_goes_away_changes_nothing() {
    let (tree, source) = started().await;
    let (here, elsewhere) = (tree.path(""), Tree::new());
    let away = elsewhere.path("away");
    std::fs::rename(&here, &away).unwrap();
    let read = source.read().await.unwrap();
    assert_eq!((names(&read), read.findings.len()), (vec!["f".to_owned()], 1));
    assert!(read.findings[0].rule.contains("cannot be read"), "{read:?}");
    assert_eq!(source.read().await, None);
    std::fs::rename(&away, &here).unwrap();
    let read = source.read().await.unwrap();
    assert_eq!((names(&read), told(&read)), (vec!["f".to_owned()], vec![]));
}

#[tokio::test]
async fn a_link_to_another_checkout_is_followed() {
    let tree = Tree::new();
    tree.write("one/beta/f.yml", definition("f", "beta"));
    tree.write("two/beta/f.yml", definition("f", "beta").replace("15.10", "15.11"));
    tree.link("current", tree.path("one"));
    let source = FolderSource::new(tree.path("current"));
    assert_eq!(milestone(&source.read().await.unwrap()), "15.10");
    tree.link("next", tree.path("two"));
    std::fs::rename(tree.path("next"), tree.path("current")).unwrap();
    assert_eq!(milestone(&source.read().await.unwrap()), "15.11");
}

#[tokio::test]
async fn what_cannot_be_looked_at_keeps_its_last_good_version() {
    let (tree, source) = started().await;
    let elsewhere = Tree::new();
    std::fs::rename(tree.path("beta"), elsewhere.path("beta")).unwrap();
    tree.link("beta", elsewhere.path("beta"));
    let read = source.read().await.unwrap();
    let out = "is a link that leads out of the folder; put the file itself here";
    assert_eq!((names(&read), told(&read)), (vec!["f".to_owned()], vec![format!("beta: {out}")]));
    tree.remove("beta");
    assert_eq!(names(&source.read().await.unwrap()), [""; 0]);
}
