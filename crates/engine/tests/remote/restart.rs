//! What is known of another server outlives it, and a restart.

use crate::common::house::{House, verdict};
use crate::gitlab::{Gitlab, Reply};
use crate::world::{World, occasion, settings, status, stored};
use std::time::Duration;
use wigwag_engine::Settings;
use wigwag_engine::flags::{FlagChange, Occasion, TargetNames, UnknownFlag};
use wigwag_flags::Change;

#[tokio::test]
async fn the_last_good_flags_are_served_after_a_restart_without_that_server() {
    let mut world = World::new().await;
    let (before, read_at) = (world.stored(), world.status().read_at);
    world.gitlab.stop().await;
    world.house.clock.advance(Duration::from_secs(3_600));
    let again = world.house.restarted().await;
    let root = &world.house.root;
    assert_eq!(stored(&again, root), before);
    let flag = again.flag(root, "canary", "new_dashboard").unwrap();
    assert_eq!((flag.stale_since, flag.definition.unwrap().milestone.as_str()), (read_at, "16.4"));
    again.look_at_remotes().await;
    let status = status(&again, root);
    assert!(status.trouble.unwrap().reason.starts_with("connection refused by 127.0.0.1"));
    assert_eq!((status.read_at, stored(&again, root)), (read_at, before));
}

#[tokio::test]
async fn before_it_was_read_once_nothing_is_known_and_that_is_told() {
    let mut gitlab = Gitlab::start().await;
    gitlab.stop().await;
    let mut world = World::beside(gitlab).await;
    world.look().await;
    let (engine, root) = (world.engine(), &world.house.root);
    let told = verdict(engine.flags(root, "production").map(drop));
    let begins = format!("the flags of production are kept by {} and were never read: ", world.gitlab.url());
    assert!(told.starts_with(&begins), "{told}");
    assert!(engine.explain_flag(root, "canary", "old_editor", &[]).is_err());
    let reply = engine.run_command(root, "feature get old_editor", None, "cli").await.unwrap();
    assert!(!reply.ok && reply.to_text().contains("were never read"), "{}", reply.to_text());
    let dev =
        engine.run_command(root, "feature get webhooks_failed_callout --dev", None, "cli").await.unwrap();
    assert!(dev.ok, "{}", dev.to_text());
    world.gitlab.start_again().await;
    world.look().await;
    assert_eq!(world.stored().len(), 5);
}

#[tokio::test]
async fn a_copy_counts_for_no_other_server() {
    let world = World::new().await;
    let mut other = Gitlab::start().await;
    other.stop().await;
    let again = world.house.restarted_with(settings(&other.url())).await.unwrap();
    let told = verdict(again.flags(&world.house.root, "production").map(drop));
    assert!(told.contains("were never read"), "{told}");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_by_its_url_is_refused_at_the_start() {
    let world = World::unread().await;
    let check = async |url: &str, told: &str| {
        let error = world.house.restarted_with(settings(url)).await.map(drop).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("environments name a server that cannot be asked: {url}: {told}")
        );
    };
    check("ftp://gitlab.example", "the URL's scheme is ftp; use http or https").await;
    check("gitlab.example", "the URL cannot be read: relative URL without a base").await;
    let metadata = "169.254.169.254 is not allowed: it lies in 169.254.0.0/16 (link-local, cloud metadata). Use another address: no \
                    setting opens this one";
    check("http://169.254.169.254", metadata).await;
}

#[tokio::test]
async fn what_was_stored_while_it_was_kept_here_is_not_taken_for_its_state() {
    let world = World::new().await;
    let here = world.house.restarted_with(Settings::default()).await.unwrap();
    let root = &world.house.root;
    let change = FlagChange {
        environment: "production".into(),
        flag: "old_editor".parse().unwrap(),
        change: Change::DisableEveryone,
        names: TargetNames::default(),
    };
    let force = Occasion { unknown: UnknownFlag::Accept, ..occasion() };
    here.set_flags(root, vec![change], force).await.unwrap();
    let again = world.house.restarted_with(settings(&world.gitlab.url())).await.unwrap();
    again.look_at_remotes().await;
    assert_eq!(stored(&again, root)[1], "old_editor: on for everyone");
    let flag = "old_editor".parse().unwrap();
    assert_eq!(
        again.flag_step(root, "production", &flag).await.unwrap(),
        None,
        "nothing of it can be taken back here"
    );
    let here = world.house.restarted_with(Settings::default()).await.unwrap();
    assert_eq!(
        stored(&here, root),
        ["old_editor: off for everyone"],
        "it is kept until it is kept here again"
    );
}

#[tokio::test]
async fn the_servers_own_switches_have_their_defaults_where_another_server_keeps_its_environment() {
    let mut gitlab = Gitlab::start().await;
    let own = Settings { environment: "production".into(), ..settings(&gitlab.url()) };
    gitlab.stop().await;
    let house = House::with(own).await;
    let disabling = || house.engine.flag_board().auto_disabling().is_on();
    assert!(disabling(), "before it was ever read");
    gitlab.start_again().await;
    house.engine.look_at_remotes().await;
    assert_eq!(stored(&house.engine, &house.root).len(), 5);
    assert!(disabling(), "a server that does not know the switch");
    let off = r#"[{"name":"auto_disabling_web_hooks","gates":[{"key":"boolean","value":false}]}]"#;
    gitlab.features(Reply::new(200, off));
    house.engine.look_at_remotes().await;
    assert!(!disabling(), "one that does, and has switched it off");
}
