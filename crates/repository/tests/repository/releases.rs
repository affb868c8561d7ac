use crate::ground::Ground;
use wigwag_chat::Version;
use wigwag_ports::Repository;
use wigwag_ports::repository::StableBranch;

const X: Version = Version { major: 15, minor: 2 };

#[tokio::test]
async fn the_lowest_version_that_has_a_commit_or_a_pick_is_the_first() {
    let (ground, first) = Ground::with_a_commit();
    ground.git(&["tag", "v15.1.0-ee"]);
    let fix = ground.commit("Fix");
    ground.git(&["tag", "v15.3.0-rc1-ee"]);
    ground.git(&["tag", "-a", "-m", "A release", "v15.3.0-ee"]);
    ground.git(&["tag", "nightly"]);
    ground.branch("15-2-stable-ee", &first);
    let other = ground.commit("For the release alone");
    ground.git(&["tag", "v15.2.0-ee"]);
    ground.pick(&fix);
    ground.git(&["tag", "v15.2.1-ee"]);
    ground.checkout("main");
    let untagged = ground.commit("Not tagged");
    let nightly = ground.commit("In no release");
    ground.git(&["tag", "--force", "nightly"]);
    let candidate = ground.commit("In a candidate");
    ground.git(&["tag", "v15.4.0-rc1"]);
    let mirror = ground.mirror().await;
    let unknown = "4".repeat(40);
    for (commit, expected) in [
        (&first, Some("v15.1.0-ee")),
        (&fix, Some("v15.2.1-ee")),
        (&other, Some("v15.2.0-ee")),
        (&candidate, Some("v15.4.0-rc1")),
        (&nightly, Some("v15.4.0-rc1")),
        (&untagged, Some("v15.4.0-rc1")),
        (&unknown, None),
        (&"--all".to_owned(), None),
    ] {
        let found = mirror.first_tag(commit).await.unwrap();
        assert_eq!(found.map(|tag| tag.name).as_deref(), expected, "{commit}");
    }
}

#[tokio::test]
async fn a_commit_in_no_release_has_no_tag() {
    let (ground, _) = Ground::with_a_commit();
    ground.git(&["tag", "v1.0.0"]);
    let later = ground.commit("Later");
    ground.git(&["tag", "nightly"]);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.first_tag(&later).await, Ok(None));
}

#[tokio::test]
async fn a_tag_that_was_taken_back_is_gone() {
    let (ground, first) = Ground::with_a_commit();
    ground.git(&["tag", "v1.0.0"]);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.first_tag(&first).await.unwrap().unwrap().name, "v1.0.0");
    ground.git(&["tag", "-d", "v1.0.0"]);
    ground.git(&["tag", "v1.0.1"]);
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.first_tag(&first).await.unwrap().unwrap().name, "v1.0.1");
}

#[tokio::test]
async fn stable_branches_hold_commits_and_picks() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    let later = ground.commit("Later");
    ground.branch("15-2-stable-ee", &first);
    ground.pick(&fix);
    ground.checkout("main");
    let mirror = ground.mirror().await;
    let name = || "15-2-stable-ee".to_owned();
    assert_eq!(mirror.in_stable_branch(X, &first).await, Ok(StableBranch::Holds(name())));
    assert_eq!(mirror.in_stable_branch(X, &fix).await, Ok(StableBranch::Holds(name())));
    assert_eq!(mirror.in_stable_branch(X, &later).await, Ok(StableBranch::Lacks(name())));
    let none = Version { major: 15, minor: 20 };
    assert_eq!(mirror.in_stable_branch(none, &first).await, Ok(StableBranch::Missing));
}

#[tokio::test]
async fn stable_branches_are_called_as_configured() {
    let (ground, first) = Ground::with_a_commit();
    ground.git(&["branch", "release/15.2"]);
    ground.git(&["branch", "15-2-stable"]);
    // A tag of that name is no branch.
    ground.git(&["tag", "v15.2-special"]);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.in_stable_branch(X, &first).await, Ok(StableBranch::Holds("15-2-stable".into())));
    drop(mirror);
    let mut config = ground.config();
    config.stable_branches = vec!["v{major}.{minor}-special".into(), "release/{major}.{minor}".into()];
    let mirror = ground.tried(config).await;
    assert_eq!(mirror.in_stable_branch(X, &first).await, Ok(StableBranch::Holds("release/15.2".into())));
}
