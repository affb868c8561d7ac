use crate::ground::{Ground, overwrite};
use std::time::Duration;
use wigwag_ports::Repository;
use wigwag_ports::repository::MergeState;
use wigwag_repository::{GitRepository, OpenError};

#[tokio::test]
async fn what_is_new_is_there_after_a_refresh() {
    let (ground, _) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    let second = ground.commit("Second");
    assert_eq!(mirror.commit(&second).await, Ok(None));
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.commit(&second).await.unwrap().unwrap().title, "Second");
}

#[tokio::test]
async fn a_mirror_that_is_fresh_is_not_fetched_again() {
    let (ground, _) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    let tries = *mirror.tries().borrow();
    mirror.refresh().await.unwrap();
    assert_eq!(*mirror.tries().borrow(), tries);
}

#[tokio::test]
async fn it_is_kept_fresh_by_itself() {
    let (ground, _) = Ground::with_a_commit();
    let mut config = ground.config();
    config.refresh_every = Duration::from_millis(1);
    let mirror = ground.tried(config).await;
    let second = ground.commit("Second");
    let mut tries = mirror.tries();
    let seen = *tries.borrow();
    // One may be under way; the next begins after the commit.
    tries.wait_for(|now| *now >= seen + 2).await.unwrap();
    assert!(mirror.commit(&second).await.unwrap().is_some());
}

#[tokio::test]
async fn a_source_that_is_away_leaves_the_last_good_state_and_comes_back() {
    let (ground, first) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    let fresh = mirror.freshness();
    std::fs::rename(ground.source(), ground.path("away")).unwrap();
    let refused = ground.refresh(&mirror).await.unwrap_err().to_string();
    assert!(refused.contains("does not appear to be a git repository"), "{refused}");
    let stale = mirror.freshness();
    assert_eq!((stale.at, stale.problem), (fresh.at, Some(refused.clone())));
    assert_eq!(mirror.commit(&first).await.unwrap().unwrap().title, "First");
    // Whoever asks again at once hears the same without another try.
    let tries = *mirror.tries().borrow();
    assert_eq!(mirror.refresh().await.unwrap_err().to_string(), refused);
    assert_eq!(*mirror.tries().borrow(), tries);
    std::fs::rename(ground.path("away"), ground.source()).unwrap();
    let second = ground.commit("Second");
    ground.refresh(&mirror).await.unwrap();
    assert!(mirror.commit(&second).await.unwrap().is_some());
    assert_eq!(mirror.freshness().problem, None);
    assert!(mirror.freshness().at > fresh.at);
}

#[tokio::test]
async fn a_restart_without_the_source_answers_from_what_was_there() {
    let (ground, first) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    let at = mirror.freshness().at;
    drop(mirror);
    std::fs::rename(ground.source(), ground.path("away")).unwrap();
    let mirror = ground.tried(ground.config()).await;
    assert_eq!(mirror.freshness().at, at);
    assert!(mirror.freshness().problem.is_some());
    assert!(mirror.commit(&first).await.unwrap().is_some());
}

#[tokio::test]
async fn a_source_that_became_empty_empties_no_mirror() {
    let (ground, first) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    std::fs::rename(ground.source(), ground.path("away")).unwrap();
    ground.make_source();
    let refused = ground.refresh(&mirror).await.unwrap_err().to_string();
    assert!(refused.ends_with("its source is empty, or says nothing of a default branch"), "{refused}");
    assert!(mirror.commit(&first).await.unwrap().is_some());
}

#[tokio::test]
async fn a_mirror_that_was_never_read_says_why() {
    let ground = Ground::new();
    std::fs::remove_dir_all(ground.source()).unwrap();
    let mirror = ground.tried(ground.config()).await;
    assert_eq!(mirror.freshness().at, None);
    let said = mirror.commit(&"1".repeat(40)).await.unwrap_err().to_string();
    assert!(said.contains("does not appear to be a git repository"), "{said}");
}

#[tokio::test]
async fn a_folder_has_one_mirror_at_a_time() {
    let (ground, _) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    let second = GitRepository::open(ground.config(), ground.clock.clone());
    assert_eq!(second.err(), Some(OpenError::InUse(ground.path("mirror"))));
    drop(mirror);
    ground.mirror().await;
}

#[tokio::test]
async fn a_damaged_mirror_is_made_anew() {
    let (ground, first) = Ground::with_a_commit();
    ground.git(&["gc", "--quiet"]);
    let mirror = |name: &str| ground.path("mirror/mirror.git").join(name);
    let damages: [(&str, &dyn Fn()); 6] = [
        ("no folder", &|| std::fs::remove_dir_all(mirror("")).unwrap()),
        ("no repository", &|| std::fs::write(mirror("HEAD"), "nonsense").unwrap()),
        ("broken settings", &|| std::fs::write(mirror("config"), "[[[").unwrap()),
        ("broken refs", &|| {
            let _ = std::fs::remove_file(mirror("packed-refs"));
            std::fs::create_dir_all(mirror("refs/heads")).unwrap();
            std::fs::write(mirror("refs/heads/main"), "nonsense\n").unwrap();
        }),
        ("broken objects", &|| overwrite(&mirror("objects"), "nonsense")),
        ("no objects", &|| {
            std::fs::remove_dir_all(mirror("objects")).unwrap();
            std::fs::create_dir_all(mirror("objects")).unwrap();
        }),
    ];
    for (name, damage) in damages {
        drop(ground.mirror().await);
        damage();
        let mirror = ground.tried(ground.config()).await;
        assert_eq!(mirror.freshness().problem, None, "{name}");
        assert_eq!(mirror.commit(&first).await.unwrap().unwrap().title, "First", "{name}");
    }
}

#[tokio::test]
async fn a_mirror_that_is_damaged_while_it_is_used_is_made_anew() {
    let (ground, first) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    overwrite(&ground.path("mirror/mirror.git/objects"), "nonsense");
    ground.commit("Second");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.commit(&first).await.unwrap().unwrap().title, "First");
}

#[tokio::test]
async fn another_source_gets_another_mirror() {
    let (ground, first) = Ground::with_a_commit();
    drop(ground.mirror().await);
    std::fs::rename(ground.source(), ground.path("other")).unwrap();
    ground.make_source();
    let other = ground.commit("Other");
    let mut config = ground.config();
    config.source = ground.path("other").to_str().unwrap().to_owned();
    let mirror = ground.tried(config).await;
    assert!(mirror.commit(&first).await.unwrap().is_some());
    drop(mirror);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.commit(&first).await, Ok(None));
    assert!(mirror.commit(&other).await.unwrap().is_some());
}

#[tokio::test]
async fn the_default_branch_is_the_sources_own_or_the_one_that_is_set() {
    let (ground, _) = Ground::with_a_commit();
    let message = "Merge\n\nSee merge request group/project!1";
    ground.merge("x", message);
    ground.git(&["branch", "trunk", "main~1"]);
    let number_1 = crate::ground::request(1);
    let mirror = ground.mirror().await;
    assert!(matches!(mirror.merge_request(&number_1).await, Ok(MergeState::Merged(_))));
    drop(mirror);
    let mut config = ground.config();
    config.default_branch = Some("trunk".into());
    let mirror = ground.tried(config.clone()).await;
    assert_eq!(mirror.merge_request(&number_1).await, Ok(MergeState::Unknown));
    drop(mirror);
    config.default_branch = Some("absent".into());
    let problem = ground.tried(config).await.freshness().problem.unwrap();
    assert!(problem.ends_with("its source has no refs/heads/absent"), "{problem}");
    ground.git(&["checkout", "--quiet", "--detach", "main"]);
    let problem = ground.tried(ground.config()).await.freshness().problem.unwrap();
    assert!(problem.ends_with("its source is on no branch; set default_branch"), "{problem}");
}

#[tokio::test]
async fn ids_may_be_of_sha_256() {
    let ground = Ground::new();
    std::fs::remove_dir_all(ground.source()).unwrap();
    std::fs::create_dir_all(ground.source()).unwrap();
    ground.git(&["init", "--quiet", "--initial-branch=main", "--object-format=sha256", "."]);
    let first = ground.commit("First");
    assert_eq!(first.len(), 64);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.commit(&first[..9]).await.unwrap().unwrap().id, first);
}
