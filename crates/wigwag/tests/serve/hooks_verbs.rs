//! `wigwag hooks`: what whoever mends a hook does at a terminal.

use crate::world::{Ended, Server, World};
use serde_json::{Value, json};
use wigwag_testkit::{ROOT_TOKEN, Receiver, Reply};

async fn run(server: &Server, words: &[&str]) -> Ended {
    let mut command = World::new().wigwag(&[&["hooks"], words].concat());
    command.current_dir("/").env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    Ended::of(command).await
}

#[track_caller]
fn read(ended: &Ended) -> Value {
    serde_json::from_str(ended.printed()).unwrap()
}

/// A project root/shop whose hook 1 goes to the receiver.
async fn shop() -> (Server, Receiver) {
    let server = World::new().start().await;
    let receiver = Receiver::start().await;
    server.root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
    let hook = json!({ "url": receiver.url(), "name": "billing", "token": "s3cret-token", "event_types": ["invoice.*"],
        "custom_headers": [{ "key": "X-Team", "value": "s3cret-value" }], "retry_policy": { "delays_s": [] } });
    server.root.post("/api/v4/projects/1/hooks", hook).await.created();
    (server, receiver)
}

#[tokio::test]
async fn hooks_are_listed_and_shown_with_their_state() {
    let (server, receiver) = shop().await;
    receiver.replies(Reply::Status(410));
    run(&server, &["list", "--group", "none"]).await.refused(1, &["404"]);
    let listed = run(&server, &["list", "--project", "root/shop"]).await;
    assert!(
        listed.printed().starts_with("ID  HOOK     STATE    WAITING  LAST ERROR\n1   billing  healthy  0"),
        "{listed:?}"
    );
    assert!(listed.printed().ends_with("1 hook, 0 failing"), "{listed:?}");
    let none = run(&server, &["list", "--project", "1", "--failing"]).await;
    assert_eq!(none.printed(), "No hook fails here.");
    assert_eq!(run(&server, &["list", "--system"]).await.printed(), "There are no hooks here.");

    server.publish(json!({ "n": 1 })).await;
    let disabled = async || {
        loop {
            let listed = run(&server, &["list", "--project", "1", "--failing", "--json"]).await;
            if read(&listed)[0]["health"] == "disabled" {
                return;
            }
        }
    };
    tokio::time::timeout(crate::world::WITHIN, disabled()).await.expect("410 disables");
    let shown = run(&server, &["show", "1", "--project", "1"]).await;
    for text in [
        "hook 1 is disabled; mend the receiver, then enable it",
        "push_events, invoice.*",
        "token, header X-Team",
        "410",
        "what was sent: wigwag hooks log 1 --project 1",
    ] {
        assert!(shown.printed().contains(text), "{text:?} is missing in {}", shown.stdout);
    }
    assert_eq!(read(&run(&server, &["show", "1", "--project", "1", "--json"]).await)["id"], 1);
    assert!(!shown.stdout.contains("s3cret"), "{}", shown.stdout);

    let enabled = run(&server, &["enable", "1", "--project", "root/shop"]).await;
    assert_eq!(enabled.printed(), "hook 1 is healthy; what waits for it goes out");
    run(&server, &["enable", "2", "--project", "root/shop"]).await.refused(1, &["hook"]);
    run(&server, &["show", "1"]).await.refused(2, &["--project", "--group", "--system"]);
    run(&server, &["show", "1", "--project", "1", "--system"]).await.refused(2, &["cannot be used with"]);
    server.stop().await;
}

#[tokio::test]
async fn the_log_tells_what_was_sent_and_it_is_sent_again() {
    let (server, mut receiver) = shop().await;
    let test = async |words: &[&str]| run(&server, &[&["test", "1", "--project", "1"], words].concat()).await;
    assert_eq!(test(&[]).await.printed(), "sent push_events: the receiver answered 200");
    let invoice = test(&["--trigger", "invoice.paid", "--json"]).await;
    assert_eq!(read(&invoice)["response_status"], 200);
    receiver.replies(Reply::With(404, ("x-why", "gone".into()), "nothing here".into()));
    test(&[]).await.refused(1, &["the test with push_events failed", "404"]);

    let log = async |words: &[&str]| run(&server, &[&["log", "1", "--project", "1"], words].concat()).await;
    let ids = async |words: &[&str]| -> Vec<i64> {
        let listed = read(&log(&[words, &["--json"]].concat()).await);
        listed.as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(&[]).await, [3, 2, 1]);
    assert_eq!(ids(&["--limit", "2"]).await, [3, 2]);
    assert_eq!(ids(&["--status", "successful"]).await, [2, 1]);
    assert_eq!(ids(&["--status", "404"]).await, [3]);
    assert_eq!(ids(&["--event-type", "invoice.paid"]).await, [2]);
    assert_eq!(ids(&["--since", "1h"]).await, [3, 2, 1]);
    assert!(ids(&["--until", "1h"]).await.is_empty());
    assert!(ids(&["--since", "2990-01-31"]).await.is_empty());
    let listed = log(&[]).await;
    assert!(listed.printed().starts_with("ATTEMPT  AT"), "{listed:?}");
    assert!(listed.printed().contains("404     ") && listed.printed().contains("nothing here"), "{listed:?}");
    let nothing = log(&["--status", "500"]).await;
    assert!(nothing.printed().starts_with("Nothing was sent that fits"), "{nothing:?}");
    log(&["--status", "sometimes"])
        .await
        .refused(2, &["client_failure, server_failure or a code such as 404"]);
    log(&["--since", "soon"]).await.refused(2, &["--since is no time"]);
    log(&["--since", "xh"]).await.refused(2, &["--since is no time"]);
    log(&["--event-type", "a b"]).await.refused(1, &["event_type"]);

    let whole = log(&["--attempt", "3"]).await;
    for text in [
        "attempt 3 at ",
        "REQUEST",
        "X-Gitlab-Event: Push Hook",
        "\"object_kind\": \"push\"",
        "ANSWER",
        "x-why: gone",
        "nothing here",
    ] {
        assert!(whole.printed().contains(text), "{text:?} is missing in {}", whole.stdout);
    }
    assert!(!whole.stdout.contains("s3cret"), "{}", whole.stdout);
    assert_eq!(read(&log(&["--attempt", "3", "--json"]).await)["response_status"], "404");
    log(&["--attempt", "4"]).await.refused(1, &["404"]);

    let again = run(&server, &["resend", "1", "3", "--project", "1"]).await;
    assert_eq!((again.code, again.stderr.as_str()), (Some(1), ""), "the receiver still says 404");
    receiver.replies(Reply::Status(200));
    let again = run(&server, &["resend", "1", "3", "--project", "1"]).await;
    assert_eq!(again.printed(), "sent attempt 3 again: the receiver answered 200");
    let again = run(&server, &["resend", "1", "3", "--project", "1"]).await;
    again.refused(1, &["too many times"]);
    for _ in 0..5 {
        receiver.next().await;
    }
    assert!(receiver.is_quiet());
    server.stop().await;
}

#[tokio::test]
async fn many_are_sent_again_after_a_count() {
    let (server, mut receiver) = shop().await;
    receiver.replies(Reply::Status(500));
    for n in 0..2 {
        server.publish(json!({ "n": n })).await;
        receiver.next().await;
    }
    let replay =
        async |words: &[&str]| run(&server, &[&["replay", "--project", "root/shop"], words].concat()).await;
    let given_up = async || loop {
        let counted = replay(&["--dry-run", "--json"]).await;
        if read(&counted)["would"]["count"] == 2 {
            return;
        }
    };
    tokio::time::timeout(crate::world::WITHIN, given_up()).await.expect("without retries they are given up");
    let counted = replay(&["--dry-run", "--state", "given_up", "--since", "1h"]).await;
    assert_eq!(counted.printed(), "2 deliveries would be sent again");
    for narrow in [&["--hook", "1", "--state", "expired,skipped"], &["--event-type", "job", "--until", "1h"]]
    {
        assert_eq!(replay(narrow).await.printed(), "0 deliveries would be sent again", "{narrow:?}");
    }
    replay(&["--hook", "2"]).await.refused(1, &["hook_id"]);
    replay(&["--state", "lost"]).await.refused(2, &["given_up"]);
    let asked = replay(&[]).await;
    asked
        .refused(1, &["2 deliveries would be sent again", "Nothing was sent. --yes goes on without asking."]);
    assert!(receiver.is_quiet());

    receiver.replies(Reply::Status(200));
    let done = replay(&["--yes"]).await;
    let told =
        "2 deliveries would be sent again\n2 deliveries wait once more and go out as their hooks allow";
    assert_eq!(done.printed(), told);
    // Both may be under way at once.
    let mut arrived = [receiver.next().await.body, receiver.next().await.body];
    arrived.sort();
    assert_eq!(arrived.map(|body| String::from_utf8(body.to_vec()).unwrap()), ["{\"n\":0}", "{\"n\":1}"]);
    server.stop().await;
}

#[tokio::test]
async fn a_groups_hook_tells_what_became_of_its_events_and_sends_them_again() {
    let (server, mut receiver) = shop().await;
    let group = server.root.post("/api/v4/groups", json!({ "name": "Acme", "path": "acme" })).await.created();
    let project = json!({ "name": "site", "namespace_id": group["id"] });
    let project = server.root.post("/api/v4/projects", project).await.created()["id"].clone();
    let hook = json!({ "url": receiver.url(), "enabled": false, "event_types": ["*"] });
    let hook = server.root.post("/api/v4/groups/acme/hooks", hook).await.created()["id"].to_string();
    let event = json!({ "type": "invoice.paid", "payload": { "n": 1 } });
    server.root.post(&format!("/v1/projects/{project}/events"), event).await.expect(202);
    let on_group =
        async |words: &[&str]| run(&server, &[words, &["--group", "acme", "--hook", &hook]].concat()).await;
    let listed = || on_group(&["deliveries", "--state", "skipped", "--json"]);
    let written = async || while read(&listed().await) == json!([]) {};
    tokio::time::timeout(crate::world::WITHIN, written()).await.expect("it is kept");
    let told = on_group(&["deliveries"]).await;
    for text in ["invoice.paid", "skipped", "switched off", "1 delivery"] {
        assert!(told.printed().contains(text), "{text:?} is missing in {}", told.stdout);
    }
    assert!(
        on_group(&["deliveries", "--since", "1h", "--until", "30m"])
            .await
            .printed()
            .starts_with("No delivery fits")
    );
    let of_project =
        run(&server, &["deliveries", "--project", "acme/site", "--event-type", "invoice.paid"]).await;
    assert!(of_project.printed().contains("switched off"), "{of_project:?}");
    on_group(&["deliveries", "--state", "lost"]).await.refused(2, &["given_up"]);
    run(&server, &["deliveries", "--group", "acme"]).await.refused(2, &["--hook"]);
    run(&server, &["replay", "--system"]).await.refused(2, &["--hook"]);

    let path = format!("/api/v4/groups/acme/hooks/{hook}");
    server.root.put(&path, json!({ "enabled": true })).await.ok();
    assert_eq!(on_group(&["replay", "--dry-run"]).await.printed(), "1 delivery would be sent again");
    on_group(&["replay", "--yes"]).await.printed();
    assert_eq!(receiver.next().await.body, "{\"n\":1}");
    server.stop().await;
}
