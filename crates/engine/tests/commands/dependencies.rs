//! What a flag depends on: refused with the command that turns on both, or turned on with it in one transaction.

use crate::world::World;

#[tokio::test]
async fn a_dependency_must_be_fully_on_before_a_share_and_on_for_each_target() {
    let world = World::new().await;
    world.user("mia").await;
    let told = world.command("feature set basket 50 --actors --dev").await;
    assert!(told.starts_with("refused"), "{told}");
    assert!(told.contains("basket depends on stock, which is not on for everyone there"), "{told}");
    assert!(told.contains("feature set basket 50 --actors --with-dependencies --env=dev"), "{told}");

    world.done("feature set stock 50 --actors --dev").await;
    let told = world.command("feature set basket 50 --actors --dev").await;
    assert!(told.starts_with("refused"), "half of a half is a quarter: {told}");

    world.done("feature set stock false --dev").await;
    world.done("feature set stock true --user=mia --dev").await;
    world.done("feature set basket true --user=mia --dev").await;
    let told = world.command("feature set basket true --user=mia,ann --dev").await;
    assert!(told.contains("not on for every target there"), "{told}");
}

#[tokio::test]
async fn dependencies_come_along_in_one_transaction() {
    let world = World::new().await;
    world.user("mia").await;
    world.done("feature set checkout 50 --actors --with-dependencies --dev").await;
    let states = [
        world.state("stock", "dev").await,
        world.state("basket", "dev").await,
        world.state("checkout", "dev").await,
    ];
    assert_eq!(states, ["on", "on", "conditional"], "what is needed is fully on");
    let rows = world.audit().await;
    let flags: Vec<&str> = rows.iter().take(3).map(|row| row.entry.flag.as_deref().unwrap()).collect();
    assert_eq!(flags, ["checkout", "basket", "stock"], "what is needed comes first");
    assert!(rows.iter().take(3).all(|row| row.entry.at == rows[0].entry.at));

    world.done("feature set checkout true --user=mia --with-dependencies --staging").await;
    let told = world.command("feature get stock --staging").await;
    assert!(told.contains("User:"), "for the same one alone: {told}");
}

#[tokio::test]
async fn one_refusal_keeps_all_of_them_off() {
    let world = World::new().await;
    // Staging has the named flag, but not what it needs.
    world.done("feature set checkout true --with-dependencies --staging").await;
    world.done("feature set stock false --staging").await;
    let told = world.command("feature set checkout true --with-dependencies").await;
    assert!(
        told.starts_with("refused") && told.contains("stock: "),
        "a dependency passes the checks itself: {told}"
    );
    for flag in ["stock", "basket", "checkout"] {
        assert_eq!(world.state(flag, "production").await, "off", "{flag}");
    }
}

#[tokio::test]
async fn a_dependency_goes_off_and_names_what_goes_dark() {
    let world = World::new().await;
    world.done("feature set checkout true --with-dependencies --dev").await;
    let told = world.command("feature set basket false --dev").await;
    assert!(!told.starts_with("refused") && told.contains("goes dark with it: checkout"), "{told}");
    assert_eq!(world.state("basket", "dev").await, "off");
}

#[tokio::test]
async fn who_opted_out_of_a_dependency_stays_out_and_holds_up_nobody() {
    let world = World::new().await;
    world.user("mia").await;
    world.done("feature set stock true --dev").await;
    world.done("feature set stock opt_out --user=mia --dev").await;
    let told = world.command("feature set basket 50 --actors --with-dependencies --dev").await;
    assert!(!told.starts_with("refused") && told.contains("Some have opted out of stock"), "{told}");
    assert!(world.command("feature get stock --dev").await.contains("opted out"));
    let told = world.command("feature set basket true --user=mia --dev").await;
    assert!(told.contains("not on for every target there"), "{told}");
}

#[tokio::test]
async fn a_feature_group_gets_what_it_needs_and_nobody_else_does() {
    let world = World::new().await;
    world.user("mia").await;
    let told = world.command("feature set basket true --feature-group=staff --dev").await;
    assert!(told.starts_with("refused") && told.contains("not on for every target there"), "{told}");
    world.done("feature set basket true --feature-group=staff --user=mia --with-dependencies --dev").await;
    assert_eq!(world.state("stock", "dev").await, "conditional", "not for everyone");
    let told = world.command("feature get stock --dev").await;
    assert!(told.contains("staff") && told.contains("User:"), "{told}");
    world.done("feature set basket true --feature-group=staff --dev").await;

    world.done("feature set basket true --feature-group=staff --with-dependencies --staging").await;
    world.done("feature set stock false --staging").await;
    let told = world.command("feature set basket true --feature-group=staff --with-dependencies").await;
    assert!(told.contains("stock: ") && told.contains("not for the feature group staff"), "{told}");
    assert!(
        told.contains("feature set stock true --feature-group=staff --env=staging"),
        "what mends it: {told}"
    );
}
