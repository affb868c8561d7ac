//! The checks in their order: what each refuses, what passes over it, and that the way back passes them all.

use crate::world::{Made, World};
use wigwag_engine::ChatSettings;
use wigwag_ports::monitors::WhenSilent;

/// Refused with these words, and nothing is stored.
async fn refused(world: &World, text: &str, words: &[&str]) {
    let rows = world.audit().await.len();
    let told = world.command(text).await;
    assert!(told.starts_with("refused"), "{text}\n{told}");
    for word in words {
        assert!(told.contains(word), "{text}: {word:?} is missing\n{told}");
    }
    assert_eq!(world.audit().await.len(), rows, "{text}: nothing was written");
}

/// Staging has it, so that production may.
async fn staged() -> World {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world
}

#[tokio::test]
async fn names_that_do_not_exist_are_refused_with_the_nearest() {
    let world = World::new().await;
    refused(&world, "feature set stcok true --dev", &["stcok", "stock"]).await;
    refused(&world, "feature set stock true --user=an --dev", &["an", "ann"]).await;
    refused(&world, "feature set stock true --project=shop/none --dev", &["shop/none"]).await;
    refused(&world, "feature set stock true --user=ann,nobody --dev", &["nobody"]).await;
    refused(&world, "feature delete stcok", &["stcok", "stock"]).await;
    refused(&world, "feature set ѕtock true --dev", &["U+0455"]).await;
}

#[tokio::test]
async fn a_number_says_whom_it_counts_and_time_is_asked_for_twice() {
    let world = World::new().await;
    refused(&world, "feature set stock 25 --dev", &["--actors"]).await;
    refused(&world, "feature set stock 25 --actors --user=ann --dev", &["--actors"]).await;
    let option = "--ignore-random-deprecation-check";
    refused(&world, "feature set stock 25 --random --dev", &[option]).await;
    world.done(&format!("feature set stock 25 --random {option} --dev")).await;
    let row = &world.audit().await[0].entry;
    assert!(row.reason.as_deref().is_some_and(|reason| reason.contains(option)), "{row:?}");
    for share in ["0", "100"] {
        world.done(&format!("feature set stock {share} --dev")).await;
    }
}

#[tokio::test]
async fn production_that_is_not_well_refuses_what_goes_on_and_nothing_that_goes_off() {
    let world = staged().await;
    world.source.blocked("Incident 7: payments fail");
    let set = "feature set stock 10 --actors";
    let words = ["health of web", "Incident 7", "https://incidents.example/7", "--ignore-production-check"];
    refused(&world, set, &words).await;
    world.done("feature set slow_lane 1 --actors --dev").await;

    let told = world.command(&format!("{set} --ignore-production-check --reason='for the mend'")).await;
    assert!(told.contains("Passed over: production."), "{told}");
    let row = &world.audit().await[0].entry;
    assert_eq!(row.reason.as_deref(), Some("for the mend --ignore-production-check"));

    let asked = world.source.asked();
    for off in ["feature set stock 5 --actors", "feature set stock 0", "feature set stock false"] {
        world.done(off).await;
    }
    assert_eq!(world.source.asked(), asked, "nobody was asked on the way back");
    world.source.clear();
    world.done(set).await;
}

#[tokio::test]
async fn a_source_that_does_not_answer_refuses_unless_it_may_be_passed() {
    let world = staged().await;
    world.source.silent("the query gave nothing");
    let set = "feature set stock 10 --actors";
    refused(&world, set, &["cannot be asked: the query gave nothing"]).await;
    world.done("feature set stock false").await;

    let world = World::made(Made { when_silent: WhenSilent::Pass, ..Made::default() }).await;
    world.done("feature set stock true --staging").await;
    world.source.silent("the query gave nothing");
    let told = world.command(set).await;
    assert!(told.contains("Mind: health of web cannot be asked: the query gave nothing."), "{told}");
    assert_eq!(world.state("stock", "production").await, "conditional");
    world.source.blocked("Incident 7");
    refused(&world, "feature set stock 20 --actors", &["Incident 7"]).await;
}

#[tokio::test]
async fn every_source_is_asked_once_a_command() {
    let world = World::new().await;
    world.done("feature set checkout true --with-dependencies --staging").await;
    let before = world.source.asked();
    world.done("feature set checkout true --with-dependencies").await;
    assert_eq!(world.source.asked() - before, 1, "three flags, one question");
}

#[tokio::test]
async fn staging_comes_first_as_much_and_for_the_same() {
    let world = World::new().await;
    world.user("mia").await;
    let option = "--ignore-feature-flag-consistency-check";
    refused(
        &world,
        "feature set stock true",
        &["off in staging", option, "feature set stock true --env=staging"],
    )
    .await;
    refused(&world, "feature set stock true --user=mia", &["off in staging for mia"]).await;

    world.done("feature set stock true --user=mia --staging").await;
    world.done("feature set stock true --user=mia").await;
    refused(&world, "feature set stock true --user=mia,ann", &["off in staging for ann"]).await;
    refused(&world, "feature set stock 10 --actors", &["at 0 % against 10 % here"]).await;

    world.done("feature set stock 10 --actors --staging").await;
    world.done("feature set stock 10 --actors").await;
    refused(&world, "feature set stock 11 --actors", &["at 10 % against 11 % here"]).await;
    let told = world.command(&format!("feature set stock 11 --actors {option}")).await;
    assert!(told.contains("Passed over: consistency."), "{told}");

    world.done("feature set stock true --staging").await;
    world.done("feature set stock true").await;
    let told = world.command("feature set stock false --staging").await;
    assert!(told.contains("Mind: stock is not off in production."), "{told}");
    assert_eq!(world.state("stock", "staging").await, "off", "and is done");
    world.done("feature set stock false").await;
}

#[tokio::test]
async fn without_a_staging_nothing_is_compared_and_that_is_said() {
    let settings = ChatSettings { consistency_environment: "preview".into(), ..Made::default().settings };
    let world = World::made(Made { settings, ..Made::default() }).await;
    let told = world.command("feature set stock 10 --actors --dry-run").await;
    assert!(told.contains("There is no environment preview to be compared with."), "{told}");
    world.done("feature set stock 10 --actors").await;
}

#[tokio::test]
async fn a_large_step_warns_and_is_refused_where_the_flag_says_so() {
    let world = World::new().await;
    for flag in ["stock", "slow_lane"] {
        world.done(&format!("feature set {flag} true --staging")).await;
        world.done(&format!("feature set {flag} 10 --actors")).await;
    }
    let told = world.command("feature set stock 26 --actors").await;
    assert!(told.contains("From 10 % to 26 % is a large step; up to 25 % is not."), "{told}");
    refused(&world, "feature set slow_lane 26 --actors", &["up to 25 %", "--large-step"]).await;
    world.done("feature set slow_lane 25 --actors").await;
    refused(&world, "feature set slow_lane true", &["From 25 % to 100 %"]).await;
    let told = world.command("feature set slow_lane true --large-step --reason='all tried'").await;
    assert!(told.contains("Passed over: step size."), "{told}");
    assert_eq!(world.audit().await[0].entry.reason.as_deref(), Some("all tried --large-step"));
    world.done("feature set slow_lane false").await;
}

#[tokio::test]
async fn what_takes_a_feature_from_nobody_else_is_judged_by_what_comes_of_it() {
    let world = staged().await;
    world.source.blocked("Incident 7");
    // Nothing is stored there: forgetting it changes nothing, and needs no check of production.
    world.done("feature delete stock").await;
    world.source.clear();
    world.done("feature set stock true").await;
    world.source.blocked("Incident 7");
    world.done("feature delete stock").await;
    assert_eq!(world.state("stock", "production").await, "off");
    // Where the default is on, forgetting `false` turns on: that takes the checks.
    world.done("feature set auto_disabling_web_hooks false").await;
    refused(&world, "feature delete auto_disabling_web_hooks", &["Incident 7"]).await;
    world.source.clear();
    world.done("feature delete auto_disabling_web_hooks").await;
}

#[tokio::test]
async fn the_first_refusal_stops_the_environments_behind_it() {
    let world = World::new().await;
    world.source.blocked("Incident 7");
    let told = world.command("feature set stock true --production --dev --staging").await;
    assert!(told.starts_with("refused"), "{told}");
    assert_eq!(
        [world.state("stock", "dev").await, world.state("stock", "staging").await],
        ["on", "on"],
        "in deployment order, whatever order they are named in: {told}"
    );
    assert_eq!(world.state("stock", "production").await, "off");
    assert!(told.contains("Done before: dev, staging."), "{told}");
}

#[tokio::test]
async fn a_dry_run_asks_everything_and_changes_nothing() {
    let world = World::new().await;
    world.source.blocked("Incident 7");
    let rows = world.audit().await.len();
    let told = world.command("feature set checkout 50 --actors --dry-run").await;
    assert_eq!(world.audit().await.len(), rows);
    insta::assert_snapshot!(told, @"
    refused
    checkout in production: off -> conditional.
      percentage of actors  not set -> 50 %
      share of actors       0 % -> 50 %
    Checks:
      names         passed
      random        not needed
      rights        passed
      channel       not needed: From here the role is enough.
      override      passed
      roll-backs    passed
      production    refused: health of web: Incident 7 (https://incidents.example/7). Wait until that is over, or add --ignore-production-check. Turning off is never refused.
      consistency   refused: checkout is off in staging, at 0 % against 50 % here. Turn it on there first, or add --ignore-feature-flag-consistency-check.
      dependencies  refused: checkout depends on basket, which is not on for everyone there. This turns on both:
      step size     warning: From 0 % to 50 % is a large step; up to 10 % is not.
        feature set checkout 50 --actors --env=staging
        feature set checkout 50 --actors --with-dependencies --env=production
    This was a dry run: nothing was changed.
    ");
}

#[tokio::test]
async fn a_dry_run_of_several_environments_counts_those_before_as_done() {
    let world = World::new().await;
    world.user("mia").await;
    for set in ["feature set stock 10 --actors", "feature set stock true --user=mia"] {
        let told = world.command(&format!("{set} --production --staging --dry-run")).await;
        assert!(!told.starts_with("refused"), "{told}");
        assert_eq!(world.state("stock", "staging").await, "off");
        world.done(&format!("{set} --production --staging")).await;
        world.done("feature set stock false --production --staging").await;
    }
    let told = world.command("feature set stock 10 --actors --production --dry-run").await;
    assert!(told.starts_with("refused"), "alone it is refused: {told}");
}

#[tokio::test]
async fn what_is_taken_back_is_judged_by_what_comes_of_it() {
    let world = World::new().await;
    world.person("rita", wigwag_access::ChatRole::Release).await;
    world.done("feature set stock 25 --actors --staging").await;
    world.done("feature set stock 25 --actors --large-step").await;
    world.says("rita", "#production", "feature set stock false").await;
    let undo = world.button("Undo");
    world.source.blocked("Incident 7");
    let told = world.presses("rita", "#production", &undo).await;
    assert!(told.contains("Incident 7"), "{told}");
    world.source.clear();
    let told = world.presses("rita", "#production", &undo).await;
    assert!(
        told.contains("stock in production: off -> conditional"),
        "a quarter of staging is enough: {told}"
    );
}

#[tokio::test]
async fn who_lost_the_role_while_production_was_asked_changes_nothing() {
    let world = World::made(Made::hurried()).await;
    world.done("feature set stock true --staging").await;
    world.person("rita", wigwag_access::ChatRole::Release).await;
    world.quiet().await;
    world.source.hangs();
    let asked = world.source.asked();
    let told = world.says("rita", "#production", "feature set stock 10 --actors").await;
    assert!(told.contains("The result follows here"), "{told}");
    world.source.was_asked(asked + 1).await;
    let viewer = wigwag_access::ChatRole::Viewer;
    world.engine.set_chat_role(&world.as_admin(), "rita", viewer, "api").await.unwrap();
    world.source.clear();
    assert!(world.answer().await.starts_with("refused"));
    assert_eq!(world.state("stock", "production").await, "off");
}

#[tokio::test]
async fn what_is_passed_over_of_one_flag_is_told_beside_what_is_warned_of_another() {
    let world = World::new().await;
    for flag in ["slow_lane", "stock"] {
        world.done(&format!("feature set {flag} true --staging")).await;
    }
    world.done("feature set narrow true --with-dependencies --staging").await;
    let told = world.command("feature set narrow true --with-dependencies --large-step").await;
    assert!(told.contains("Passed over: step size."), "{told}");
    assert!(told.contains("stock: From 0 % to 100 %"), "{told}");
}

#[tokio::test]
async fn what_was_not_judged_is_not_made() {
    let world = World::made(Made::hurried()).await;
    world.done("feature set stock true --staging").await;
    world.done("feature set slow_lane true --staging").await;
    world.done("feature set slow_lane 40 --actors --large-step").await;
    world.person("rita", wigwag_access::ChatRole::Release).await;
    world.quiet().await;

    // Both wait for the same source; meanwhile one flag is rolled back, and the other goes back to nothing.
    world.source.hangs();
    let asked = world.source.asked();
    for set in [
        "feature set stock true --ignore-feature-flag-consistency-check",
        "feature set slow_lane 100 --actors --ignore-feature-flag-consistency-check",
    ] {
        let told = world.says("rita", "#production", set).await;
        assert!(told.contains("The result follows here"), "{told}");
    }
    world.source.was_asked(asked + 2).await;
    world.done("rollout rollback stock --reason='carts vanish'").await;
    world.done("feature set slow_lane 0").await;
    world.source.clear();
    let mut answers = vec![world.answer().await, world.answer().await];
    answers.sort();
    assert!(answers[0].contains("From 0 % to 100 % is a large step"), "{answers:?}");
    assert!(answers[1].contains("rolled back by ann"), "{answers:?}");
    assert_eq!(world.state("stock", "production").await, "off");
    assert_eq!(world.state("slow_lane", "production").await, "off");
}
