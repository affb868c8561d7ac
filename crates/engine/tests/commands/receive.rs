//! Requests of a chat: proven, new, and from somebody; else refused, written down, and without any effect.

use crate::chat::request;
use crate::common::ground::number;
use crate::world::{World, sends_to};
use std::time::Duration;
use wigwag_access::ChatRole;
use wigwag_ports::flags::{AuditFilter, Flags};

const SET: (&str, &str) = ("say", "run feature set stock true --dev");

#[tokio::test]
async fn forged_and_stale_requests_are_written_down_once_a_minute() {
    let world = World::new().await;
    for proof in ["forged", "stale", "forged"] {
        let (status, text) = world.sends(&request(proof, number(), "dora", "#general", SET)).await;
        assert_eq!(status, 401, "{text}");
    }
    let rows = world.audit().await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].entry.after, "a request was refused: the proof is wrong");
    world.clock.advance(Duration::from_secs(60));
    world.sends(&request("forged", number(), "dora", "#general", SET)).await;
    let rows = world.audit().await;
    assert_eq!(rows.len(), 2);
    assert!(rows[0].entry.after.contains("(2 more before it)"), "{rows:?}");
    assert_eq!(world.state("stock", "dev").await, "off");
}

#[tokio::test]
async fn a_request_is_answered_once_on_every_node_and_after_a_restart() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    let once = request("proven", number(), "dora", "#general", SET);
    assert_eq!(world.sends(&once).await.0, 200);
    assert_eq!(world.state("stock", "dev").await, "on");
    world.done("feature set stock false --dev").await;
    let another = world.another().await;
    for engine in [&world.engine, &another] {
        let (status, text) = sends_to(engine, &once).await;
        assert_eq!(status, 401, "{text}");
        assert!(text.contains("replay is refused"), "{text}");
    }
    assert_eq!(world.state("stock", "dev").await, "off");
    assert!(world.audit().await[0].entry.after.contains("replay"), "{:?}", world.audit().await);
}

#[tokio::test]
async fn of_many_at_once_one_runs() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    let once = request("proven", number(), "dora", "#general", SET);
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (engine, once) = (world.engine.clone(), once.clone());
        sending.spawn(async move { sends_to(&engine, &once).await.0 });
    }
    let statuses = sending.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn refused_commands_are_written_down_with_who_said_them_where_and_why() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world.person("vera", ChatRole::Viewer).await;
    world.person("rita", ChatRole::Release).await;
    for (who, channel, text, why) in [
        ("stranger", "#general", "feature set stock true --dev", "nobody knows who says it"),
        ("vera", "#general", "feature set stock true --dev", "role"),
        ("vera", "#general", "rollout rollback stock", "role"),
        ("rita", "#general", "feature set stock true", "Production is changed in #production"),
        ("rita", "#general", "link aaaaa-aaaaa", "it is none, or has ended"),
    ] {
        world.clock.advance(Duration::from_secs(60));
        assert!(world.says(who, channel, text).await.starts_with("refused"), "{who}: {text}");
        let row = &world.audit().await[0].entry;
        assert_eq!(
            (row.author.as_str(), row.via.as_str()),
            (&*format!("{who} (handchat {who})"), "chat:handchat:#general")
        );
        assert!(row.after.contains("was refused: ") && row.after.contains(why), "{row:?}");
    }
    // The same again within the minute fills no log, and hides nobody else.
    world.clock.advance(Duration::from_secs(60));
    let rows = world.audit().await.len();
    for who in ["vera", "vera", "stranger", "vera", "another stranger"] {
        world.says(who, "#general", "feature set stock true --dev").await;
    }
    let told = world.audit().await;
    let authors: Vec<&str> = told[..told.len() - rows].iter().map(|row| row.entry.author.as_str()).collect();
    let of = |who: &str| format!("{who} (handchat {who})");
    assert_eq!(authors, [of("another stranger"), of("stranger"), of("vera")]);
}

#[tokio::test]
async fn a_gateways_refusals_are_written_down_too() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    let set = "feature set stock 10 --actors";
    world.engine.run_command(&world.as_admin(), set, Some("#general"), "api").await.unwrap();
    let row = &world.audit().await[0].entry;
    assert_eq!((row.author.as_str(), row.via.as_str()), ("ann", "chat:#general"));
    assert!(row.after.contains("Production is changed in #production"), "{row:?}");
}

#[tokio::test]
async fn of_many_commands_at_once_none_is_lost() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world.done("feature set stock 0.001 --actors").await;
    let mut saying = tokio::task::JoinSet::new();
    for number in 2..=200_u32 {
        let (engine, admin) = (world.engine.clone(), world.as_admin());
        saying.spawn(async move {
            let text = format!("feature set stock {}.{:03} --actors", number / 1_000, number % 1_000);
            let reply = engine.run_command(&admin, &text, None, "cli").await.unwrap();
            assert!(reply.ok, "{}", reply.to_text());
        });
    }
    saying.join_all().await;
    let mut rows = Vec::new();
    for page in 1..=3 {
        let page = wigwag_base::Page::new(page, 100);
        rows.extend(world.store.audit(AuditFilter::default(), page).await.unwrap().rows);
    }
    rows.retain(|row| row.entry.environment.as_deref() == Some("production"));
    assert_eq!(rows.len(), 200);
    for pair in rows.windows(2) {
        assert_eq!(pair[0].entry.before, pair[1].entry.after, "each begins where the one before ended");
    }
    let told = world.command("feature get stock").await;
    let share = rows[0].entry.after.trim_end_matches(" of actors");
    assert!(told.contains(share), "{share:?} is the last: {told}");
}

#[tokio::test]
async fn what_cannot_be_read_and_chats_that_are_not_there_are_refused() {
    let world = World::new().await;
    assert_eq!(world.sends("proven").await.0, 400);
    let answer = world.engine.receive_chat("icq", &[], b"").await;
    assert_eq!(answer.status, 404);
    assert!(String::from_utf8_lossy(&answer.body).contains("[chat.icq]"), "{answer:?}");
}

#[tokio::test]
async fn nonsense_of_every_kind_changes_nothing_and_says_what_is_wrong() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    let rows = world.audit().await.len();
    let long = "x".repeat(100 * 1024);
    let many: Vec<String> = (0..5_000).map(|number| format!("a{number}")).collect();
    for (text, words) in [
        ("feature set stock \"true --dev", "quote"),
        ("feature set stock true --nope --dev", "--nope"),
        ("feature set stock true false --dev", "false"),
        ("feature set stock 25% --actors --dev", "25%"),
        ("feature set stock 25.1234 --actors --dev", "25.1234"),
        ("feature set st\u{7}ock true --dev", "U+0007"),
        ("feature set stоck true --dev", "U+043E"),
        (&format!("feature set {long} true --dev"), ""),
        (&long, ""),
        (&format!("feature set stock true --dev --user={}", many.join(",")), ""),
        ("", ""),
    ] {
        let told = world.says("dora", "#general", text).await;
        let shown = text.chars().take(60).collect::<String>();
        assert!(told.starts_with("refused") || text.is_empty(), "{shown}: {told}");
        assert!(told.contains(words), "{shown}: {told}");
        assert!(told.len() < 4_000, "{shown}: an answer of {} bytes", told.len());
    }
    assert_eq!(world.audit().await.len(), rows);
    assert_eq!(world.state("stock", "dev").await, "off");
}
