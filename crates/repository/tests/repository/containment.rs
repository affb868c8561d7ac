use crate::ground::Ground;
use wigwag_ports::Repository;
use wigwag_ports::repository::Containment::{Ancestor, No, Pick, UnknownHead};
use wigwag_repository::limits::{HEADS_MAX, PICK_DEPTH_MAX, PICKS_MAX};

#[tokio::test]
async fn heads_contain_ancestors_and_themselves() {
    let (ground, first) = Ground::with_a_commit();
    let second = ground.commit("Second");
    ground.branch("side", &first);
    let side = ground.commit("Aside");
    let mirror = ground.mirror().await;
    let heads = [first.clone(), second.clone(), side.clone(), "2".repeat(40), "HEAD".into(), "--all".into()];
    let check = |commit: String, expected| {
        let (mirror, heads) = (mirror.clone(), heads.clone());
        async move {
            assert_eq!(mirror.containment(&commit, &heads).await, Ok(expected), "{commit}");
        }
    };
    let unknown = || [UnknownHead, UnknownHead, UnknownHead];
    check(first, [vec![Ancestor, Ancestor, Ancestor], unknown().to_vec()].concat()).await;
    check(second, [vec![No, Ancestor, No], unknown().to_vec()].concat()).await;
    check(side, [vec![No, No, Ancestor], unknown().to_vec()].concat()).await;
    check("3".repeat(40), [vec![No, No, No], unknown().to_vec()].concat()).await;
    check("--all".into(), [vec![No, No, No], unknown().to_vec()].concat()).await;
}

#[tokio::test]
async fn a_pick_counts_and_a_pick_of_a_pick_does_too() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    ground.branch("1-0-stable", &first);
    let pick = ground.pick(&fix);
    // Somebody tidies the message: only the pick itself is named.
    ground.branch("auto-deploy", &first);
    ground.git(&["cherry-pick", "--no-commit", &pick]);
    let pick_of_pick = ground.commit_all(&format!("Fix again\n\n(cherry picked from commit {pick})"));
    ground.branch("other", &first);
    let other = ground.commit("Other");
    let mirror = ground.mirror().await;
    let heads = [pick.clone(), pick_of_pick.clone(), other];
    let found = mirror.containment(&fix, &heads).await.unwrap();
    assert_eq!(found, [Pick(pick), Pick(pick_of_pick), No]);
    // The same from memory.
    assert_eq!(mirror.containment(&fix, &heads).await.unwrap(), found);
}

#[tokio::test]
async fn a_pick_of_a_pick_with_both_lines_counts() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    ground.branch("a", &first);
    let pick = ground.pick(&fix);
    ground.branch("b", &first);
    let both = ground.pick(&pick);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.containment(&fix, std::slice::from_ref(&both)).await, Ok(vec![Pick(both)]));
}

#[tokio::test]
async fn who_only_mentions_a_pick_has_none() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    ground.branch("side", &first);
    ground.commit(&format!("We have no (cherry picked from commit {fix}) here"));
    ground.commit(&format!("Text\n\nSee (cherry picked from commit {fix})"));
    ground.commit(&format!("Text\n\n(cherry picked from commit {})", &fix[..12]));
    let head = ground.commit(&format!("Text\n\n(cherry picked from commit {first})"));
    let mirror = ground.mirror().await;
    assert_eq!(mirror.containment(&fix, &[head]).await, Ok(vec![No]));
}

#[tokio::test]
async fn a_deployed_commit_outlives_its_branch() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    ground.branch("auto-deploy", &first);
    let deployed = ground.pick(&fix);
    ground.checkout("main");
    let mirror = ground.mirror().await;
    ground.git(&["branch", "--quiet", "-D", "auto-deploy"]);
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.containment(&fix, std::slice::from_ref(&deployed)).await, Ok(vec![Pick(deployed)]));
}

#[tokio::test]
async fn what_was_not_contained_may_be_known_after_the_next_fetch() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    let pick = "c".repeat(40);
    ground.branch("b", &first);
    let unknown_way = ground.commit(&format!("Fix\n\n(cherry picked from commit {pick})"));
    let mirror = ground.mirror().await;
    let heads = [unknown_way];
    assert_eq!(mirror.containment(&fix, &heads).await, Ok(vec![No]));
    ground.branch("c", &first);
    let middle = ground.pick(&fix);
    ground.branch("b", "b");
    let head = ground.commit(&format!("Fix\n\n(cherry picked from commit {middle})"));
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.containment(&fix, std::slice::from_ref(&head)).await, Ok(vec![Pick(head)]));
    assert_eq!(mirror.containment(&fix, &heads).await, Ok(vec![No]));
}

fn picked(from: &str) -> String {
    format!("Fix\n\n(cherry picked from commit {from})")
}

#[tokio::test]
async fn as_many_picks_as_may_be_are_followed() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    ground.commit_many("old", &first, &vec![picked(&fix); PICKS_MAX - 1]);
    let last = ground.commit_many("last", &first, &[picked(&fix)]);
    let mirror = ground.mirror().await;
    assert_eq!(mirror.containment(&fix, &last).await, Ok(vec![Pick(last[0].clone())]));
    let beyond = ground.commit_many("beyond", &first, &[picked(&fix)]);
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.containment(&fix, &beyond).await, Ok(vec![No]));
}

#[tokio::test]
async fn picks_of_picks_are_followed_as_deep_as_may_be() {
    let (ground, first) = Ground::with_a_commit();
    let fix = ground.commit("Fix");
    let mut heads = vec![fix.clone()];
    for depth in 0..=PICK_DEPTH_MAX {
        let message = picked(heads.last().unwrap());
        heads.extend(ground.commit_many(&format!("depth-{depth}"), &first, &[message]));
    }
    let mirror = ground.mirror().await;
    let found = mirror.containment(&fix, &heads).await.unwrap();
    assert_eq!(found[PICK_DEPTH_MAX], Pick(heads[PICK_DEPTH_MAX].clone()));
    assert_eq!(found[PICK_DEPTH_MAX + 1], No);
}

#[tokio::test]
async fn as_many_heads_as_may_be_are_asked() {
    let (ground, first) = Ground::with_a_commit();
    let mirror = ground.mirror().await;
    let found = mirror.containment(&first, &vec![first.clone(); HEADS_MAX + 1]).await.unwrap();
    assert_eq!(found[HEADS_MAX - 1], Ancestor);
    assert_eq!(found[HEADS_MAX], UnknownHead);
}
