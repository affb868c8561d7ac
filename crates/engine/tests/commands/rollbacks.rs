//! Rolling back: open to all who may write, everywhere at once; what was rolled back waits for somebody who knows.

use crate::world::World;
use wigwag_access::ChatRole;

#[tokio::test]
async fn a_roll_back_turns_off_everywhere_whatever_production_says() {
    let world = World::new().await;
    world.done("feature set stock true --dev --staging").await;
    world.done("feature set stock true").await;
    world.person("dora", ChatRole::Developer).await;
    world.source.blocked("Incident 7");
    let asked = world.source.asked();
    let told = world.says("dora", "#general", "rollout rollback stock --reason='carts vanish'").await;
    assert!(!told.starts_with("refused"), "{told}");
    for environment in ["dev", "staging", "production"] {
        assert_eq!(world.state("stock", environment).await, "off", "{environment}: {told}");
    }
    assert_eq!(world.source.asked(), asked);
    let told = world.command("feature get stock --production").await;
    assert!(told.contains("boolean  false"), "it stores false, so that no default brings it back: {told}");
}

#[tokio::test]
async fn what_was_rolled_back_stays_off_until_somebody_acknowledges() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world.done("feature set stock true").await;
    world.done("rollout rollback stock --reason='carts vanish'").await;
    world.person("dora", ChatRole::Developer).await;
    world.person("rita", ChatRole::Release).await;

    let everything = "--ignore-production-check --ignore-feature-flag-consistency-check --large-step";
    let set = format!("feature set stock true {everything}");
    let told = world.says("rita", "#production", &set).await;
    assert!(told.starts_with("refused"), "no option passes over it: {told}");
    assert!(told.contains("carts vanish") && told.contains("rollout ack stock"), "{told}");
    let told = world.says("dora", "#general", "rollout ack stock").await;
    assert!(told.starts_with("refused"), "who may not turn it on cannot say that it may be: {told}");
    let told = world.says("rita", "#general", "rollout ack stock --reason=mended").await;
    assert!(!told.starts_with("refused"), "{told}");
    assert!(!world.says("rita", "#production", &set).await.starts_with("refused"));
    let told = world.command("rollout ack stock").await;
    assert!(told.contains("No roll-back of stock waits"), "{told}");
}

#[tokio::test]
async fn a_roll_back_is_told_and_its_reason_never_too_long() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    world.done("feature set stock true --dev").await;
    world.quiet().await;
    let reason = "x".repeat(2_000);
    let told = world.says("dora", "#production", &format!("rollout rollback stock --reason={reason}")).await;
    assert!(!told.starts_with("refused"), "{told}");
    assert_eq!(world.state("stock", "dev").await, "off");
    assert!(world.hears_at("#production").await.contains("dora rolled stock back"));
}

#[tokio::test]
async fn announcements_notes_and_results_are_kept_told_and_audited() {
    let world = World::new().await;
    world.done("rollout announce checkout --at='2026-12-01 10:00 UTC'").await;
    world.done("rollout note checkout 'watching the carts'").await;
    world.done("rollout note checkout --qa 'all paths tried'").await;
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(world.chat.hears().await);
    }
    heard.sort_by(|a, b| (&a.place, &a.text).cmp(&(&b.place, &b.text)));
    let told: Vec<String> = heard.iter().map(|heard| format!("{}: {}", heard.place, heard.text)).collect();
    insta::assert_snapshot!(told.join("\n---\n"), @"
    #checkout: Announcement by ann:
    checkout will be enabled 2026-12-01 10:00 UTC. What checkout does. Now: off in dev, off in staging, off in production. Questions go to ann; http://127.0.0.1:8080/-/flags/checkout
    ---
    #checkout: QA result of checkout, by ann:
    all paths tried
    ---
    #checkout: ann on checkout:
    watching the carts
    ---
    #production: Announcement by ann:
    checkout will be enabled 2026-12-01 10:00 UTC. What checkout does. Now: off in dev, off in staging, off in production. Questions go to ann; http://127.0.0.1:8080/-/flags/checkout
    ");
    let rows = world.audit().await;
    assert_eq!(rows.iter().filter(|row| row.entry.flag.as_deref() == Some("checkout")).count(), 3);
    let status = world.command("rollout status checkout").await;
    for text in ["watching the carts", "all paths tried", "2026-12-01"] {
        assert!(status.contains(text), "{status}");
    }
}

#[tokio::test]
async fn a_text_fills_a_template_once() {
    let world = World::new().await;
    let told =
        world.command("rollout announce checkout --text='{flag} {flag} {nothing} {author}' --dry-run").await;
    assert!(told.contains("checkout checkout {nothing} ann"), "{told}");
    assert!(world.chat.heard().await.is_empty());
    let told = world.command("rollout announce checkout --to=nowhere").await;
    assert!(told.starts_with("refused") && told.contains("team, production, support"), "{told}");
}
