//! `wigwag hooks import`: from one server to another, through GitLab's API.

use crate::world::{Ended, Server, World};
use serde_json::{Value, json};
use wigwag_testkit::ROOT_TOKEN;

/// Two servers with the same groups and projects: one has hooks, the other gets them.
struct Move {
    world: World,
    there: Server,
    here: Server,
}

impl Move {
    async fn new() -> Self {
        let (there, here) = (World::new().start().await, World::new().start().await);
        for server in [&there, &here] {
            let group =
                server.root.post("/api/v4/groups", json!({ "name": "Acme", "path": "acme" })).await.created();
            let shop = json!({ "name": "shop", "namespace_id": group["id"] });
            server.root.post("/api/v4/projects", shop).await.created();
        }
        Self { world: World::new(), there, here }
    }

    /// Runs the verb; the token of the other server comes from the environment.
    async fn import(&self, words: &[&str]) -> Ended {
        let from = ["hooks", "import", "--from-gitlab", &self.there.url];
        let mut command = self.world.wigwag(&[&from, words].concat());
        command.env("WIGWAG_URL", &self.here.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
        command.env("WIGWAG_IMPORT_TOKEN", ROOT_TOKEN);
        Ended::of(command).await
    }

    async fn hook(&self, place: &str, hook: Value) {
        self.there.root.post(&format!("/api/v4{place}/hooks"), hook).await.created();
    }

    async fn hooks(&self, place: &str) -> Value {
        self.here.root.get(&format!("/api/v4{place}/hooks")).await.ok()
    }

    async fn stop(self) {
        self.there.stop().await;
        self.here.stop().await;
    }
}

/// A hook with everything that can be read, and secrets of every kind.
fn full() -> Value {
    json!({
        "url": "http://127.0.0.1:9/{room}/in", "name": "billing", "description": "to the till",
        "url_variables": [{ "key": "room", "value": "s3cret-room" }], "token": "s3cret-token",
        "signing_token": "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0",
        "custom_headers": [{ "key": "X-Team", "value": "s3cret-value" }], "push_events": false,
        "merge_requests_events": true, "enable_ssl_verification": false, "push_events_branch_filter": "release-.*",
        "branch_filter_strategy": "regex", "custom_webhook_template": "{\"n\": {{n}}}", "event_types": ["invoice.*"],
        "rate_per_minute": 30, "while_paused": "drop", "retry_policy": { "delays_s": [7] },
        "failure_policy": { "threshold": 3, "permanent_at": null },
    })
}

#[tokio::test]
async fn every_field_that_can_be_read_comes_along_and_the_rest_is_told() {
    let moved = Move::new().await;
    moved.hook("/projects/1", full()).await;
    moved.hook("/groups/1", json!({ "url": "http://127.0.0.1:9/group", "member_events": true })).await;
    moved.hook("", json!({ "url": "http://u:p@127.0.0.1:9/system" })).await;

    let dry = moved.import(&["--dry-run"]).await;
    assert!(dry.printed().ends_with("2 hooks would be made, 0 here already"), "{dry:?}");
    assert_eq!(moved.hooks("/projects/1").await, json!([]), "a dry run makes nothing");

    let done = moved.import(&[]).await;
    let to_do = "to do: hook 2 in acme/shop: set its secret token; set its signing token; give it the custom headers X-Team \
                 with their values; give {room} of its URL a value, then switch it on\n";
    assert!(done.printed().contains(to_do), "{done:?}");
    assert!(done.printed().ends_with("2 hooks made, 0 here already"), "{done:?}");
    assert!(!done.stdout.contains("s3cret"), "{}", done.stdout);

    let mut here = moved.hooks("/projects/1").await[0].take();
    let mut there = moved.there.root.get("/api/v4/projects/1/hooks").await.ok()[0].take();
    assert_eq!((&here["enabled"], &here["token_present"]), (&json!(false), &json!(false)));
    let differing = [
        "id",
        "created_at",
        "enabled",
        "token_present",
        "signing_token_present",
        "custom_headers",
        "url_variables",
    ];
    for hook in [&mut here, &mut there] {
        for field in differing {
            hook.as_object_mut().unwrap().remove(field);
        }
    }
    assert_eq!(here, there);
    let group = moved.hooks("/groups/1").await[0].take();
    assert_eq!((&group["enabled"], &group["member_events"]), (&json!(true), &json!(true)));
    assert_eq!(moved.hooks("").await, json!([]), "the system's only when they are asked for");

    let again = moved.import(&["--system", "--project", "acme/shop", "--group", "1"]).await;
    assert!(
        again.printed().contains("to do: hook 3 in the system: give its URL the user and the password\n"),
        "{again:?}"
    );
    assert!(again.printed().ends_with("1 hook made, 2 here already"), "{again:?}");
    assert_eq!(moved.hooks("").await[0]["url"], "http://127.0.0.1:9/system");
    let once_more = moved.import(&["--system"]).await;
    assert!(once_more.printed().ends_with("0 hooks made, 1 here already"), "{once_more:?}");

    let on = |value: Value| moved.here.root.put("/api/v4/projects/1/hooks/2", value);
    let refused = on(json!({ "enabled": true })).await.expect(422);
    assert!(refused.to_string().contains("{room}"), "{refused}");
    let test = moved.here.root.post("/api/v4/projects/1/hooks/2/test/push_events", json!({})).await;
    assert!(test.expect(400).to_string().contains("{room}"));
    let room = json!([{ "key": "room", "value": "1" }]);
    assert_eq!(
        on(json!({ "url_variables": room, "enabled": true, "token": "t" })).await.ok()["token_present"],
        true
    );
    moved.stop().await;
}

#[tokio::test]
async fn one_that_fails_stops_no_other_and_is_told_at_the_end() {
    let moved = Move::new().await;
    let lonely = moved.there.root.post("/api/v4/projects", json!({ "name": "lonely" })).await.created();
    moved.hook(&format!("/projects/{}", lonely["id"]), json!({ "url": "http://127.0.0.1:9/lonely" })).await;
    for n in 0..105 {
        let place = if n < 100 { "/projects/1" } else { "/groups/1" };
        moved.hook(place, json!({ "url": format!("http://127.0.0.1:9/{n}"), "token": "t" })).await;
    }
    moved
        .here
        .root
        .post("/api/v4/projects/1/hooks", json!({ "url": "http://127.0.0.1:9/own" }))
        .await
        .created();

    let done = moved.import(&["--json"]).await;
    assert_eq!((done.code, done.stderr.as_str()), (Some(1), ""), "{}", done.stdout);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let outcomes =
        |word: &str| told["hooks"].as_array().unwrap().iter().filter(|hook| hook["outcome"] == word).count();
    assert_eq!((outcomes("made"), outcomes("failed")), (104, 1), "a project has at most 100");
    assert_eq!(told["failed"][0]["place"], "root/lonely");
    assert!(
        told["failed"][0]["reason"].as_str().unwrap().starts_with("there is no project root/lonely here"),
        "{told}"
    );

    let again = moved.import(&["--project", "acme/shop"]).await;
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stdout.contains("failed: http://127.0.0.1:9/99 in acme/shop: "), "{}", again.stdout);
    assert!(again.stdout.ends_with("0 hooks made, 99 here already, 1 failed\n"), "{}", again.stdout);
    let into = moved.import(&["--project", "root/lonely", "--into", "acme/shop", "--off", "--dry-run"]).await;
    assert!(into.printed().contains("root/lonely -> acme/shop"), "{into:?}");
    assert!(into.printed().contains("make, off"), "{into:?}");
    moved.stop().await;
}

#[tokio::test]
async fn what_cannot_be_asked_says_what_to_do() {
    let moved = Move::new().await;
    moved.world.write("token", format!("{ROOT_TOKEN}\n"));
    let from_file = |url: &str, words: &[&str]| {
        let from = ["hooks", "import", "--from-gitlab", url];
        let mut command = moved.world.wigwag(&[&from, words].concat());
        command.env("WIGWAG_URL", &moved.here.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
        Ended::of(command)
    };
    let there = moved.there.url.as_str();
    let done = from_file(there, &["--token-file", "token"]).await;
    assert_eq!(done.printed(), "0 hooks made, 0 here already");
    from_file(there, &[])
        .await
        .refused(2, &["no token for where the hooks come from: set WIGWAG_IMPORT_TOKEN"]);
    from_file(there, &["--token-file", "none"]).await.refused(1, &["cannot read the token in none"]);
    from_file(there, &["--token", "wrong"]).await.refused(1, &["cannot read the groups of", "401"]);
    let nowhere = from_file("http://127.0.0.1:1", &["--token", "t"]).await;
    nowhere.refused(1, &["no answer from http://127.0.0.1:1; --from-gitlab says where the hooks come from"]);
    let into = from_file(there, &["--token-file", "token", "--into", "acme/shop"]).await;
    into.refused(2, &["--into goes with one --project or one --group"]);
    let missing = from_file(there, &["--token-file", "token", "--project", "no/such"]).await;
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.stdout.contains("failed: no/such: ") && missing.stdout.contains("404"), "{missing:?}");
    moved.stop().await;
}
