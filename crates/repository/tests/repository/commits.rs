use crate::ground::Ground;
use wigwag_base::Timestamp;
use wigwag_ports::Repository;
use wigwag_ports::repository::RepositoryError;

#[tokio::test]
async fn a_commit_is_found_by_its_id_and_by_its_beginning() {
    let (ground, first) = Ground::with_a_commit();
    let second = ground.commit("Second\n\nWith more to say");
    let mirror = ground.mirror().await;
    for id in [&second[..7], &second[..11], &second[..39], second.as_str(), &second.to_uppercase()] {
        let found = mirror.commit(id).await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.title.as_str()), (second.as_str(), "Second"), "{id}");
        assert!(found.at > Timestamp::from_secs(1_650_000_000), "{}", found.at);
    }
    assert_eq!(mirror.commit(&first).await.unwrap().unwrap().title, "First");
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    let (ground, first) = Ground::with_a_commit();
    ground.git(&["tag", "-a", "v1.0.0", "-m", "A tag is no commit"]);
    let tag = ground.git(&["rev-parse", "refs/tags/v1.0.0"]);
    let tree = ground.git(&["rev-parse", "HEAD^{tree}"]);
    let mirror = ground.mirror().await;
    let long = format!("{first}0");
    let longest = "a".repeat(64);
    let hostile = [
        "--upload-pack=touch x",
        "HEAD",
        "main",
        "v1.0.0",
        "../x",
        "@{-1}",
        ":/First",
        "main^{commit}",
        "--all",
        "-1",
        "",
        &first[..6],
        &format!("{}\n", &first[..10]),
        &format!("{first}^"),
        &long,
        &longest,
        &"0".repeat(40),
        &"f".repeat(65),
        &tag,
        &tree,
    ];
    for id in hostile {
        assert_eq!(mirror.commit(id).await, Ok(None), "{id:?}");
    }
}

#[tokio::test]
async fn a_branch_that_is_called_like_an_id_hides_nothing() {
    let (ground, first) = Ground::with_a_commit();
    let second = ground.commit("Second");
    ground.git(&["branch", &first[..7], &second]);
    ground.git(&["tag", &first[..8], &second]);
    ground.git(&["branch", "abcdef0", &second]);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.commit(&first[..7]).await.unwrap().unwrap().id, first);
    assert_eq!(mirror.commit(&first[..8]).await.unwrap().unwrap().id, first);
    assert_eq!(mirror.commit("abcdef0").await, Ok(None));
}

#[tokio::test]
async fn a_beginning_of_several_ids_is_ambiguous() {
    let (ground, _) = Ground::with_a_commit();
    let tree = ground.git(&["hash-object", "-t", "tree", "-w", "/dev/null"]);
    // Two numbers whose commits begin alike.
    for number in [22_163, 28_018] {
        let who = "mara <mara@example.com> 1650000000 +0000";
        let commit = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nnumber {number}\n");
        std::fs::write(ground.path("commit"), commit).unwrap();
        let path = ground.path("commit");
        let id = ground.git(&["hash-object", "-t", "commit", "-w", path.to_str().unwrap()]);
        ground.git(&["branch", &format!("number-{number}"), &id]);
    }
    let mirror = ground.mirror().await;
    assert_eq!(mirror.commit("be12139").await, Err(RepositoryError::Ambiguous("be12139".into())));
    assert_eq!(mirror.commit("be12139e").await.unwrap().unwrap().title, "number 22163");
    assert_eq!(mirror.commit("be121397").await.unwrap().unwrap().title, "number 28018");
}

#[tokio::test]
async fn hostile_titles_are_tamed() {
    let (ground, _) = Ground::with_a_commit();
    let check = [
        (
            ground.commit("Red \u{1b}[31m alert \u{202e}txt\u{200b}"),
            "Red \u{fffd}[31m alert \u{fffd}txt\u{fffd}".into(),
        ),
        (ground.commit("a\tb\r\u{7}\n\nbody"), "a\u{fffd}b\u{fffd}\u{fffd}".into()),
        (ground.commit(&"x".repeat(100_000)), "x".repeat(200)),
        (ground.commit("ids\u{1}like\u{0002}these"), "ids\u{fffd}like\u{fffd}these".into()),
    ];
    let mirror = ground.mirror().await;
    for (id, title) in check {
        assert_eq!(mirror.commit(&id).await.unwrap().unwrap().title, title);
    }
}

#[tokio::test]
async fn commits_ahead_are_counted() {
    let (ground, first) = Ground::with_a_commit();
    ground.commit("Second");
    let third = ground.commit("Third");
    ground.branch("side", &first);
    let side = ground.commit("Aside");
    let mirror = ground.mirror().await;
    let unknown = "1".repeat(40);
    for (older, newer, expected) in [
        (&first, &third, Some(2)),
        (&third, &first, Some(0)),
        (&side, &third, Some(2)),
        (&third, &third, Some(0)),
        (&unknown, &third, None),
        (&third, &unknown, None),
        (&"--all".to_owned(), &third, None),
        (&"HEAD".to_owned(), &third, None),
    ] {
        assert_eq!(mirror.ahead(older, newer).await, Ok(expected), "{older} {newer}");
    }
}
