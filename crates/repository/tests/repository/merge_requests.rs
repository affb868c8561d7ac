use crate::ground::{Ground, PROJECT, request};
use std::time::Duration;
use wigwag_chat::MergeRequestUrl;
use wigwag_ports::Repository;
use wigwag_ports::repository::MergeState;
use wigwag_repository::GitRepository;
use wigwag_repository::limits::MENTIONS_MAX;

async fn merged_by(mirror: &GitRepository, request: &MergeRequestUrl) -> Option<String> {
    match mirror.merge_request(request).await.unwrap() {
        MergeState::Merged(commit) => Some(commit.id),
        MergeState::Open | MergeState::Unknown => None,
    }
}

#[tokio::test]
async fn a_merge_commit_names_its_request() {
    let (ground, _) = Ground::with_a_commit();
    let (twelfth, _) =
        ground.merge("twelfth", "Merge branch 'twelfth'\n\nSee merge request group/project!12");
    let (first, _) = ground.merge("first", "Merge branch 'first'\n\nSee merge request group/project!1");
    ground.commit("We said:\n\nSee merge request group/project!3 for more");
    ground.commit("Merge branch 'x'\n\nSee merge request other/project!4");
    ground.commit("See issue (#5)");
    let mirror = ground.mirror().await;
    let check = |number, expected: Option<&String>| {
        let (mirror, expected) = (mirror.clone(), expected.cloned());
        async move { assert_eq!(merged_by(&mirror, &request(number)).await, expected, "!{number}") }
    };
    check(1, Some(&first)).await;
    check(12, Some(&twelfth)).await;
    // From memory.
    check(12, Some(&twelfth)).await;
    for number in [2, 3, 4, 5] {
        assert_eq!(mirror.merge_request(&request(number)).await, Ok(MergeState::Unknown), "!{number}");
    }
}

#[tokio::test]
async fn the_first_that_names_it_merged_it_and_later_picks_did_not() {
    let (ground, first) = Ground::with_a_commit();
    let message = "Merge branch 'x'\n\nSee merge request group/project!1";
    let (merge, _) = ground.merge("x", message);
    ground.branch("1-0-stable", &first);
    ground.git(&["cherry-pick", "-x", "--mainline", "1", &merge]);
    ground.checkout("main");
    ground.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "--strategy=ours",
        "--message",
        "Bring stable back",
        "1-0-stable",
    ]);
    let mirror = ground.mirror().await;
    assert_eq!(merged_by(&mirror, &request(1)).await, Some(merge));
}

#[tokio::test]
async fn github_names_requests_in_first_lines() {
    let (ground, _) = Ground::with_a_commit();
    let (merge, _) = ground.merge("one", "Merge pull request #1 from ann/one\n\nOne");
    let squashed = ground.commit("Two things (#2)\n\n* and more");
    ground.commit("Mentions (#3) in passing");
    let mirror = ground.mirror().await;
    let pull = |number| MergeRequestUrl::parse(&format!("{PROJECT}/pull/{number}")).unwrap();
    assert_eq!(merged_by(&mirror, &pull(1)).await, Some(merge));
    assert_eq!(merged_by(&mirror, &pull(2)).await, Some(squashed));
    assert_eq!(merged_by(&mirror, &pull(3)).await, None);
}

#[tokio::test]
async fn refs_tell_of_requests_that_no_commit_names() {
    let (ground, _) = Ground::with_a_commit();
    let merged = ground.commit("Merged fast-forward");
    ground.git(&["update-ref", "refs/merge-requests/7/head", &merged]);
    ground.branch("work", "main");
    let open = ground.commit("Not merged");
    ground.git(&["update-ref", "refs/merge-requests/8/head", &open]);
    ground.git(&["update-ref", "refs/pull/9/head", &open]);
    ground.checkout("main");
    ground.git(&["branch", "--quiet", "-D", "work"]);
    let mirror = ground.mirror().await;
    assert_eq!(merged_by(&mirror, &request(7)).await, Some(merged));
    assert_eq!(mirror.merge_request(&request(8)).await, Ok(MergeState::Open));
    assert_eq!(mirror.merge_request(&request(9)).await, Ok(MergeState::Open));
    assert_eq!(mirror.merge_request(&request(10)).await, Ok(MergeState::Unknown));
    // What was asked for once is known while the source is away.
    std::fs::rename(ground.source(), ground.path("away")).unwrap();
    assert_eq!(mirror.merge_request(&request(8)).await, Ok(MergeState::Open));
    assert_eq!(mirror.merge_request(&request(11)).await, Ok(MergeState::Unknown));
}

#[tokio::test]
async fn an_open_request_is_merged_after_the_next_fetch() {
    let (ground, _) = Ground::with_a_commit();
    ground.branch("work", "main");
    let work = ground.commit("Work");
    ground.git(&["update-ref", "refs/merge-requests/1/head", &work]);
    ground.checkout("main");
    let mirror = ground.mirror().await;
    assert_eq!(mirror.merge_request(&request(1)).await, Ok(MergeState::Open));
    ground.git(&["merge", "--no-ff", "--message", "Merge\n\nSee merge request group/project!1", "work"]);
    let merge = ground.git(&["rev-parse", "HEAD"]);
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(merged_by(&mirror, &request(1)).await, Some(merge));
}

#[tokio::test]
async fn requests_of_years_ago_are_found_with_and_without_a_ref() {
    let (ground, _) = Ground::with_a_commit();
    let (first, inner) = ground.merge("first", "Merge\n\nSee merge request group/project!1");
    ground.git(&["update-ref", "refs/merge-requests/1/head", &inner]);
    let (second, _) = ground.merge("second", "Merge\n\nSee merge request group/project!2");
    ground.clock.advance(Duration::from_secs(5 * 365 * 86_400));
    let mirror = ground.mirror().await;
    assert_eq!(merged_by(&mirror, &request(1)).await, Some(first));
    assert_eq!(merged_by(&mirror, &request(2)).await, Some(second));
}

#[tokio::test]
async fn requests_of_other_projects_are_not_ours() {
    let (ground, _) = Ground::with_a_commit();
    let (merge, _) = ground.merge("x", "Merge\n\nSee merge request group/security/project!1");
    ground.git(&["update-ref", "refs/merge-requests/2/head", &merge]);
    let mut config = ground.config();
    config.project_urls.push("https://git.example/group/security/project.git/".into());
    let mirror = ground.tried(config).await;
    let parse = |text: &str| MergeRequestUrl::parse(text).unwrap();
    let other = parse("https://git.example/other/project/-/merge_requests/1");
    assert!(!mirror.is_ours(&other));
    assert_eq!(mirror.merge_request(&other).await, Ok(MergeState::Unknown));
    assert!(!mirror.is_ours(&parse("https://elsewhere.example/group/project/-/merge_requests/1")));
    assert!(!mirror.is_ours(&parse("https://git.example/group/project/sub/-/merge_requests/1")));
    assert!(mirror.is_ours(&parse("http://GIT.example/Group/Project/-/merge_requests/1")));
    // A second project's commits come here too; the source's refs say nothing of its requests.
    let security =
        |number| parse(&format!("https://git.example/group/security/project/-/merge_requests/{number}"));
    assert_eq!(merged_by(&mirror, &security(1)).await, Some(merge.clone()));
    assert_eq!(mirror.merge_request(&security(2)).await, Ok(MergeState::Unknown));
    assert_eq!(merged_by(&mirror, &request(2)).await, Some(merge));
}

#[tokio::test]
async fn a_branch_that_was_rewritten_does_not_keep_its_merges() {
    let (ground, first) = Ground::with_a_commit();
    let (merge, _) = ground.merge("x", "Merge\n\nSee merge request group/project!1");
    let mirror = ground.mirror().await;
    assert_eq!(merged_by(&mirror, &request(1)).await, Some(merge));
    ground.git(&["reset", "--quiet", "--hard", &first]);
    ground.commit("Another history");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.merge_request(&request(1)).await, Ok(MergeState::Unknown));
}

#[tokio::test]
async fn as_many_mentions_as_may_be_are_read() {
    let (ground, _) = Ground::with_a_commit();
    let (merge, _) = ground.merge("x", "Merge\n\nSee merge request group/project!1");
    let mention = || "See merge request group/project!1 for more".to_owned();
    ground.commit_many("more", "main", &vec![mention(); MENTIONS_MAX - 1]);
    ground.git(&["merge", "--quiet", "--ff-only", "more"]);
    let mirror = ground.mirror().await;
    assert_eq!(merged_by(&mirror, &request(1)).await, Some(merge));
    drop(mirror);
    ground.commit(&mention());
    let mirror = ground.mirror().await;
    assert_eq!(merged_by(&mirror, &request(1)).await, None);
}

#[tokio::test]
async fn hostile_messages_are_told_apart() {
    let (ground, first) = Ground::with_a_commit();
    let forged = format!("Text\u{1}{first}\nSee merge request group/project!1 \u{1}\n--format=%H");
    ground.commit(&forged);
    let (merge, _) = ground.merge("x", "--output=x\n\nSee merge request group/project!2");
    let mirror = ground.mirror().await;
    // A line of its own is a line of its own, whatever stands around it; more in the line is prose.
    assert_eq!(merged_by(&mirror, &request(1)).await, None);
    assert_eq!(merged_by(&mirror, &request(2)).await, Some(merge));
}
