//! Hooks of projects, groups and the system.

use crate::world::World;
use serde_json::{Value, json};
use wigwag_testkit::{Receiver, Reply};

#[tokio::test]
async fn a_hook_is_made_read_changed_listed_and_deleted() {
    let world = World::new().await;
    let input = json!({
        "url": "http://127.0.0.1:9/a?b=c", "name": "CI", "description": "builds", "token": "s3cret-token",
        "signing_token": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "issues_events": true, "push_events": "0",
        "enable_ssl_verification": false, "event_types": ["invoice.*"], "rate_per_minute": 60,
        "while_paused": "drop", "failure_policy": { "threshold": 2, "permanent_at": null },
        "retry_policy": { "delays_s": [1, 2] }, "unknown": { "ignored": true },
    });
    let made = world.maintainer.post(&world.v4("/hooks"), input).await.created();
    let is = |field: &str, value: Value| assert_eq!(made[field], value, "{field}");
    is("url", json!("http://127.0.0.1:9/a?b=c"));
    is("project_id", json!(world.project));
    is("push_events", json!(false));
    is("issues_events", json!(true));
    is("member_events", Value::Null);
    is("token_present", json!(true));
    is("signing_token_present", json!(true));
    is("enable_ssl_verification", json!(false));
    is("alert_status", json!("executable"));
    is("health", json!("healthy"));
    is("event_types", json!(["invoice.*"]));
    is("while_paused", json!("drop"));
    is("rate_per_minute", json!(60));
    is(
        "failure_policy",
        json!({
            "threshold": 2, "first_pause_s": 60, "factor": 2.0, "max_pause_s": 86_400, "permanent_at": null,
        }),
    );
    is("retry_policy", json!({ "delays_s": [1, 2] }));
    assert!(!made.to_string().contains("s3cret") && !made.to_string().contains("MDEyMz"));

    let one = world.v4(&format!("/hooks/{}", made["id"]));
    assert_eq!(world.maintainer.get(&one).await.ok(), made);
    let change =
        json!({ "name": "", "failure_policy": "off", "retry_policy": null, "rate_per_minute": null });
    let changed = world.maintainer.put(&one, change).await.ok();
    assert_eq!((&changed["failure_policy"], &changed["retry_policy"]), (&json!("off"), &Value::Null));
    assert_eq!((&changed["name"], &changed["rate_per_minute"]), (&json!(""), &Value::Null));
    assert_eq!((&changed["token_present"], &changed["issues_events"]), (&json!(true), &json!(true)));
    let moved = world.maintainer.request("PUT", &one).form("url=http://127.0.0.1:9/other").send().await.ok();
    assert_eq!((&moved["token_present"], &moved["signing_token_present"]), (&json!(false), &json!(false)));
    let listed = world.maintainer.get(&world.v4("/hooks")).await;
    assert_eq!((listed.header("x-total"), &listed.ok()[0]["id"]), ("1", &made["id"]));
    world.maintainer.delete(&one).await.done();
    assert_eq!(world.maintainer.get(&one).await.expect(404)["message"], "404 Not found");
}

#[tokio::test]
async fn each_scope_has_its_hooks_and_none_of_the_others() {
    let world = World::new().await;
    let group = format!("/api/v4/groups/{}/hooks", world.group);
    let input =
        json!({ "url": "http://127.0.0.1:9/", "member_events": true, "repository_update_events": true });
    let of_group = world.root.post(&group, input.clone()).await.created();
    assert_eq!((&of_group["group_id"], &of_group["member_events"]), (&json!(world.group), &json!(true)));
    assert_eq!(of_group["repository_update_events"], Value::Null);
    let of_system = world.root.post("/api/v4/hooks", input.clone()).await.created();
    assert_eq!(
        (&of_system["repository_update_events"], &of_system["project_id"]),
        (&json!(true), &Value::Null)
    );
    let id = &of_group["id"];
    world.root.get(&world.v4(&format!("/hooks/{id}"))).await.expect(404);
    world.root.get(&format!("/api/v4/hooks/{id}")).await.expect(404);
    assert_eq!(world.root.get(&format!("{group}/{id}")).await.ok(), of_group);
    world.root.put(&format!("{group}/{id}"), json!({ "name": "x" })).await.ok();
    world.root.put(&format!("/api/v4/hooks/{}", of_system["id"]), json!({ "name": "x" })).await.ok();
    assert_eq!(world.root.get(&group).await.header("x-total"), "1");
    assert_eq!(world.root.get("/api/v4/hooks").await.header("x-total"), "1");
    world.maintainer.get(&group).await.expect(404);
    world.maintainer.get("/api/v4/hooks").await.expect(403);
    world.maintainer.post("/api/v4/hooks", input).await.expect(403);
    world.root.delete(&format!("{group}/{id}")).await.done();
    world.root.delete(&format!("/api/v4/hooks/{}", of_system["id"])).await.done();
}

#[tokio::test]
async fn only_who_may_administers_hooks() {
    let world = World::new().await;
    let hooks = world.v4("/hooks");
    let input = json!({ "url": "http://127.0.0.1:9/" });
    let refused = world.reporter.post(&hooks, input.clone()).await.expect(403);
    assert_eq!(refused["message"], "403 Forbidden");
    assert!(refused["reason"].as_str().unwrap().contains("maintainer"));
    world.reporter.get(&hooks).await.expect(403);
    assert_eq!(world.stranger.get(&hooks).await.expect(404)["message"], "404 Project Not Found");
    world.root.anonymous().get(&hooks).await.expect(401);
    world.server.token_of("mia", &["read_api"]).await.post(&hooks, input.clone()).await.expect(403);
    world.server.token_of("mia", &["hooks:rw"]).await.post(&hooks, input).await.created();
}

#[tokio::test]
async fn wrong_fields_are_told_by_name() {
    let world = World::new().await;
    let check = async |more: Value, status: u16, told: &str| {
        let mut input = json!({ "url": "http://127.0.0.1:9/" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = world.maintainer.post(&world.v4("/hooks"), input.clone()).await;
        assert!(answer.expect(status).to_string().contains(told), "{input}: {}", answer.text());
    };
    check(json!({ "url": null }), 400, r#""error":"url is missing""#).await;
    check(json!({ "url": "ftp://example.com" }), 422, "Invalid url given").await;
    check(json!({ "url": "http://10.0.0.1/" }), 422, "10.0.0.0/8").await;
    check(json!({ "url": "http://169.254.169.254/latest" }), 422, "Invalid url given").await;
    check(json!({ "url": "http://[::ffff:10.0.0.1]/" }), 422, "Invalid url given").await;
    check(json!({ "url": format!("http://127.0.0.1/{}", "x".repeat(2_048)) }), 422, "too long").await;
    check(json!({ "url": format!("http://{}/", world.server.address) }), 422, "Invalid url given").await;
    check(json!({ "name": "a\r\nb" }), 422, "name").await;
    check(json!({ "token": "a\r\nX-Evil: 1" }), 422, "token").await;
    check(json!({ "signing_token": "whsec_short" }), 422, "signing_token").await;
    check(json!({ "push_events": "maybe" }), 400, "push_events is invalid").await;
    check(json!({ "enabled": "maybe" }), 400, "enabled is invalid").await;
    check(json!({ "rate_per_minute": 0 }), 422, "rate_per_minute").await;
    check(json!({ "while_paused": "keep" }), 422, "while_paused").await;
    check(json!({ "event_types": ["a b"] }), 422, "event_types").await;
    check(json!({ "failure_policy": "never" }), 422, "failure_policy").await;
    check(json!({ "failure_policy": { "threshold": 0 } }), 422, "failure_policy.threshold").await;
    check(json!({ "failure_policy": { "factor": "x" } }), 400, "failure_policy").await;
    check(json!({ "retry_policy": { "delays_s": [-1] } }), 422, "retry_policy.delays_s").await;
    check(json!({ "push_events_branch_filter": "a\r\nb" }), 422, "push_events_branch_filter").await;
    check(json!({ "description": "a\u{0}" }), 422, "description").await;
    // What is misspelt must not be taken for "none" or "the instance's".
    check(json!({ "retry_policy": { "delay_s": [60] } }), 400, "retry_policy is invalid: has no field").await;
    for wrong in [json!({}), json!("off"), json!([]), json!([5])] {
        check(json!({ "retry_policy": wrong }), 400, "retry_policy is invalid: must be an object with").await;
    }
    check(json!({ "retry_policy": { "delays_s": ["x"] } }), 400, "must be a list of whole numbers").await;
    check(json!({ "failure_policy": { "bogus": 1 } }), 400, "it may have threshold, first_pause_s").await;
    check(json!({ "failure_policy": [] }), 400, "failure_policy is invalid: must be an object, off").await;
    check(
        json!({ "failure_policy": { "threshold": 1.5 } }),
        400,
        "threshold that is wrong: it must be a whole",
    )
    .await;
    check(json!({ "custom_headers": ["a"] }), 400, "must be an object with key and value").await;
}

#[tokio::test]
async fn a_form_sets_policies_too() {
    let world = World::new().await;
    let form = "url=http://127.0.0.1:9/&retry_policy[delays_s][]=5&retry_policy[delays_s][]=60&failure_policy[threshold]=2";
    let hook = world.maintainer.request("POST", &world.v4("/hooks")).form(form).send().await.created();
    assert_eq!(hook["retry_policy"], json!({ "delays_s": [5, 60] }));
    assert_eq!(hook["failure_policy"]["threshold"], 2);
    // curl --form
    let part = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let form = part("url", "http://127.0.0.1:9/form") + &part("push_events", "false") + "--XX--\r\n";
    let post = || world.maintainer.request("POST", &world.v4("/hooks"));
    let hook = post().body("multipart/form-data; boundary=XX", form.clone()).send().await.created();
    assert_eq!((&hook["url"], &hook["push_events"]), (&json!("http://127.0.0.1:9/form"), &json!(false)));
    let broken = post().body("multipart/form-data; boundary=YY", form).send().await.expect(400);
    assert!(
        broken["error"].as_str().unwrap().starts_with("The request body is no valid multipart form"),
        "{broken}"
    );
}

#[tokio::test]
async fn a_test_tells_what_the_receiver_said() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let hook = world.hook(&receiver, json!({ "token": "t", "event_types": ["invoice.*"] })).await;
    let test = |trigger: &str| world.v4(&format!("/hooks/{hook}/test/{trigger}"));
    let told = world.maintainer.post(&test("push_events"), json!({})).await.created();
    assert_eq!((&told["message"], &told["response_status"]), (&json!("201 Created"), &json!(200)));
    let received = receiver.next().await;
    assert_eq!((received.header("x-gitlab-event"), received.header("x-gitlab-token")), ("Push Hook", "t"));
    receiver.replies(Reply::Status(503));
    let told = world.maintainer.post(&test("invoice.paid"), json!({})).await.expect(422);
    assert_eq!(told["response_status"], 503);
    assert_eq!(receiver.next().await.header("x-gitlab-event"), "invoice.paid");
    let wrong = world.maintainer.post(&test("nonsense"), json!({})).await.expect(400);
    assert!(wrong["error"].as_str().unwrap().starts_with("trigger does not have a valid value"));
    world.reporter.post(&test("push_events"), json!({})).await.expect(403);
    for _ in 0..3 {
        world.maintainer.post(&test("push_events"), json!({})).await.expect(422);
    }
    let often = world.maintainer.post(&test("push_events"), json!({})).await;
    often.expect(429);
    assert_eq!(often.header("retry-after"), "60");
}

#[tokio::test]
async fn group_and_system_hooks_are_tested_too() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let input = json!({ "url": receiver.url() });
    let group = format!("/api/v4/groups/{}/hooks", world.group);
    let id = world.root.post(&group, input.clone()).await.created()["id"].clone();
    world.root.post(&format!("{group}/{id}/test/push_events"), json!({})).await.created();
    receiver.next().await;
    let id = world.root.post("/api/v4/hooks", input).await.created()["id"].clone();
    world.root.post(&format!("/api/v4/hooks/{id}"), json!({})).await.created();
    assert_eq!(receiver.next().await.header("x-gitlab-event"), "System Hook");
    world.root.post(&format!("/api/v4/hooks/{id}/test/push_events"), json!({})).await.created();
}

#[tokio::test]
async fn what_was_sent_is_listed_narrowed_and_for_those_who_may_mend_it() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let hook = world.hook(&receiver, json!({ "token": "s3cret-token" })).await;
    let test = world.v4(&format!("/hooks/{hook}/test/push_events"));
    world.maintainer.post(&test, json!({})).await.created();
    receiver.replies(Reply::With(404, ("x-why", "gone".into()), "nothing here".into()));
    world.maintainer.post(&test, json!({})).await.expect(422);
    let events = |query: &str| world.v4(&format!("/hooks/{hook}/events{query}"));
    let listed = world.maintainer.get(&events("")).await;
    assert_eq!(listed.header("x-total"), "2");
    let listed = listed.ok();
    let newest = &listed[0];
    assert_eq!(
        (&newest["response_status"], &newest["response_body"]),
        (&json!("404"), &json!("nothing here"))
    );
    assert_eq!(
        (&newest["response_headers"]["x-why"], &newest["trigger"]),
        (&json!("gone"), &json!("push_hooks"))
    );
    assert_eq!(newest["request_data"]["object_kind"], "push");
    assert!(newest["execution_duration"].as_f64().unwrap() > 0.0);
    assert!(!listed.to_string().contains("s3cret-token"));
    for (query, ids) in [
        ("?status=successful", vec![&listed[1]["id"]]),
        ("?status=client_failure", vec![&listed[0]["id"]]),
        ("?status=404", vec![&listed[0]["id"]]),
        ("?status=server_failure", vec![]),
        ("?status=", vec![&listed[0]["id"], &listed[1]["id"]]),
        ("?per_page=1&page=2", vec![&listed[1]["id"]]),
        ("?event_type=push&since=2000-01-31", vec![&listed[0]["id"], &listed[1]["id"]]),
        ("?event_type=job", vec![]),
        ("?until=2000-01-31T12:00:00Z", vec![]),
    ] {
        let found = world.maintainer.get(&events(query)).await.ok();
        let found: Vec<&Value> = found.as_array().unwrap().iter().map(|event| &event["id"]).collect();
        assert_eq!(found, ids, "{query}");
    }
    assert_eq!(world.maintainer.get(&events("?per_page=100")).await.header("x-per-page"), "20");
    for wrong in ["status=sometimes", "status=99", "status=600", "since=soon", "until=soon", "event_type=a+b"]
    {
        world.maintainer.get(&events(&format!("?{wrong}"))).await.expect(400);
    }
    let one = events(&format!("/{}", newest["id"]));
    assert_eq!(world.maintainer.get(&one).await.ok(), *newest);
    world.maintainer.get(&events("/999")).await.expect(404);
    world.reporter.get(&one).await.expect(403);
    world.reporter.get(&events("")).await.expect(403);
    let system = world.root.post("/api/v4/hooks", json!({ "url": receiver.url() })).await.created();
    let path = format!("/api/v4/hooks/{}/events", system["id"]);
    assert_eq!(world.root.get(&path).await.ok(), json!([]));
    world.root.get(&format!("/api/v4/groups/{}/hooks/{hook}/events", world.group)).await.expect(404);
}

#[tokio::test]
async fn what_was_sent_is_shown_byte_for_byte_and_a_page_of_it_is_bounded() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let hook = world.hook(&receiver, json!({})).await;
    let events = world.v4(&format!("/hooks/{hook}/events?per_page=20"));
    let payload = r#"{"z":1.10,"a":12345678901234567890123,"a":{"y":1E2,"b":[]}}"#;
    let publish = async |payload: &str| {
        let body = format!("{{\"type\":\"push\",\"payload\":{payload}}}");
        let request = world.maintainer.request("POST", &world.v1("/events"));
        request.body("application/json", body).send().await.expect(202);
    };
    publish(payload).await;
    receiver.next().await;
    let shown = async |count: usize| loop {
        let found = world.maintainer.get(&events).await;
        if found.ok().as_array().unwrap().len() == count {
            return found;
        }
        tokio::task::yield_now().await;
    };
    let text = shown(1).await.text();
    assert!(text.contains(&format!("\"request_data\":{payload}")), "{text}");
    for _ in 0..6 {
        publish(&format!("\"{}\"", "x".repeat(900 << 10))).await;
        receiver.next().await;
    }
    let found = shown(7).await;
    assert!(found.text().len() < (5 << 20), "{}", found.text().len());
    let found = found.ok();
    let with_body = found.as_array().unwrap().iter().filter(|event| !event["request_data"].is_null());
    assert_eq!(with_body.count(), 5, "the fifth goes beyond 4 MiB");
}

#[tokio::test]
async fn a_batch_with_a_chain_goes_out_whole() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    world.hook(&receiver, json!({})).await;
    let line = "{\"type\":\"push\",\"payload\":{}}\n";
    let chain = ("x-gitlab-event-uuid", "07070707-0707-0707-0707-070707070707");
    let request = world.maintainer.request("POST", &world.v1("/events")).header(chain.0, chain.1);
    request.body("application/x-ndjson", line.repeat(3)).send().await.expect(202);
    for _ in 0..3 {
        assert_eq!(receiver.next().await.header(chain.0), chain.1);
    }
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_an_internal_error() {
    let world = World::new().await;
    let url = json!({ "url": "http://127.0.0.1:9/nobody" });
    let hook = world.maintainer.post(&world.v4("/hooks"), url).await.created()["id"].clone();
    let test = world.v4(&format!("/hooks/{hook}/test/push_events"));
    world.maintainer.post(&test, json!({})).await.expect(422);
    let listed = world.maintainer.get(&world.v4(&format!("/hooks/{hook}/events"))).await.ok();
    assert_eq!(listed[0]["response_status"], "internal error");
    assert_eq!(listed[0]["response_headers"], json!({}));
    assert!(listed[0]["response_body"].as_str().unwrap().contains("refused"), "{listed}");
}

#[tokio::test]
async fn what_was_sent_is_sent_again() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let hook = world.hook(&receiver, json!({})).await;
    world.maintainer.post(&world.v4(&format!("/hooks/{hook}/test/push_events")), json!({})).await.created();
    let events = world.v4(&format!("/hooks/{hook}/events"));
    let resend = format!("{events}/{}/resend", world.maintainer.get(&events).await.ok()[0]["id"]);
    let again = world.maintainer.post(&resend, json!({})).await.created();
    assert_eq!(again, json!({ "response_status": 200 }));
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!(
        (first.header("idempotency-key"), &first.body),
        (second.header("idempotency-key"), &second.body)
    );
    receiver.replies(Reply::Status(503));
    assert_eq!(world.maintainer.post(&resend, json!({})).await.created()["response_status"], 503);
    assert_eq!(world.maintainer.get(&events).await.header("x-total"), "3");

    world.reporter.post(&resend, json!({})).await.expect(403);
    world.maintainer.post(&format!("{events}/999/resend"), json!({})).await.expect(404);
    world.root.post(&format!("/api/v4/hooks/{hook}/events/1/resend"), json!({})).await.expect(404);
    world
        .root
        .post(&format!("/api/v4/groups/{}/hooks/{hook}/events/1/resend", world.group), json!({}))
        .await
        .expect(404);
    let one = world.v4(&format!("/hooks/{hook}"));
    world.maintainer.put(&one, json!({ "url": "http://127.0.0.1:9/elsewhere" })).await.ok();
    let refused = world.maintainer.post(&resend, json!({})).await.expect(422);
    assert!(refused["message"].as_str().unwrap().starts_with("url has changed since"), "{refused}");
    world.maintainer.put(&one, json!({ "url": receiver.url() })).await.ok();
    for _ in 0..2 {
        world.maintainer.post(&resend, json!({})).await.created();
    }
    let limited = world.maintainer.post(&resend, json!({})).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after").is_empty()), (429, false));
}

#[tokio::test]
async fn owners_say_what_a_request_is() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let input = json!({
        "url": format!("{}/{{key}}", receiver.url()),
        "url_variables": [{ "key": "key", "value": "s3cr3t-part" }],
        "custom_headers": [{ "key": "X-Team", "value": "s3cr3t-team" }, { "key": "X-Other", "value": 7 }],
        "custom_webhook_template": "{\"text\":\"{{object_kind}}\"}",
        "push_events_branch_filter": "main", "branch_filter_strategy": "wildcard",
    });
    let made = world.maintainer.post(&world.v4("/hooks"), input).await.created();
    assert_eq!(made["url"], format!("{}/{{key}}", receiver.url()));
    assert_eq!(made["url_variables"], json!([{ "key": "key" }]));
    assert_eq!(made["custom_headers"], json!([{ "key": "X-Team" }, { "key": "X-Other" }]));
    assert_eq!(made["custom_webhook_template"], "{\"text\":\"{{object_kind}}\"}");
    assert_eq!(
        (&made["push_events_branch_filter"], &made["branch_filter_strategy"]),
        (&json!("main"), &json!("wildcard"))
    );
    let one = world.v4(&format!("/hooks/{}", made["id"]));
    world.maintainer.post(&format!("{one}/test/push_events"), json!({})).await.created();
    let arrived = receiver.next().await;
    assert_eq!((arrived.uri.path(), &arrived.body[..]), ("/hook/s3cr3t-part", &b"{\"text\":\"push\"}"[..]));
    assert_eq!((arrived.header("x-team"), arrived.header("x-other")), ("s3cr3t-team", "7"));
    let events = world.maintainer.get(&format!("{one}/events")).await.ok();
    assert_eq!(events[0]["request_data"], json!({ "text": "push" }));
    assert_eq!(events[0]["request_headers"]["X-Team"], "[REDACTED]");
    assert!(!format!("{made}{events}").contains("s3cr3t"));

    // A client sends back what it read, and nothing is lost.
    let again = world.maintainer.put(&one, made.clone()).await.ok();
    for field in
        ["url", "url_variables", "custom_headers", "custom_webhook_template", "branch_filter_strategy"]
    {
        assert_eq!(again[field], made[field], "{field}");
    }
    world.maintainer.put(&format!("{one}/custom_headers/x-team"), json!({ "value": "new" })).await.done();
    world
        .maintainer
        .request("PUT", &format!("{one}/custom_headers/X-Form"))
        .form("value=a+b")
        .send()
        .await
        .done();
    world.maintainer.delete(&format!("{one}/custom_headers/X-Other")).await.done();
    world.maintainer.post(&format!("{one}/test/push_events"), json!({})).await.created();
    let arrived = receiver.next().await;
    let own = ["x-team", "x-form", "x-other"].map(|name| arrived.header(name).to_owned());
    assert_eq!(own, ["new", "a b", ""]);
    let form = "custom_headers[][key]=X-Form&custom_headers[][value]=c&custom_webhook_template=&push_events_branch_filter=";
    let cleared = world.maintainer.request("PUT", &one).form(form).send().await.ok();
    assert_eq!(
        (&cleared["custom_webhook_template"], &cleared["push_events_branch_filter"]),
        (&json!(""), &json!(""))
    );

    assert_eq!(
        world.maintainer.put(&format!("{one}/custom_headers/X-A"), json!({})).await.expect(400)["error"],
        "value is missing"
    );
    world.maintainer.put(&format!("{one}/custom_headers/Host"), json!({ "value": "x" })).await.expect(422);
    world.maintainer.delete(&format!("{one}/custom_headers/X-Other")).await.expect(404);
    world.maintainer.delete(&format!("{one}/url_variables/other")).await.expect(404);
    let refused = world.maintainer.delete(&format!("{one}/url_variables/key")).await.expect(422);
    assert!(refused["error"].as_str().unwrap().contains("names {key}"), "{refused}");
    world.maintainer.put(&format!("{one}/url_variables/key"), json!({ "value": "elsewhere" })).await.done();
    assert_eq!(world.maintainer.get(&one).await.ok()["custom_headers"], json!([]), "they do not follow");
    world.reporter.put(&format!("{one}/url_variables/key"), json!({ "value": "x" })).await.expect(403);
}

#[tokio::test]
async fn signing_tokens_are_changed_over_without_a_gap() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let hook =
        world.hook(&receiver, json!({ "signing_token": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz" })).await;
    let tokens = format!("/v1/projects/{}/hooks/{hook}/signing_tokens", world.project);
    let new = world.maintainer.post(&tokens, json!({ "overlap_s": 60 })).await.created();
    assert!(new["token"].as_str().unwrap().starts_with("whsec_"));
    let listed = world.maintainer.get(&tokens).await.ok();
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["id"], &listed[0]["expires_at"]),
        (2, &new["id"], &Value::Null)
    );
    assert!(!listed.to_string().contains("whsec_") && listed[1]["expires_at"].is_string());
    let test = world.v4(&format!("/hooks/{hook}/test/push_events"));
    world.maintainer.post(&test, json!({})).await.created();
    let signatures = receiver.next().await.header("webhook-signature").to_owned();
    assert_eq!(
        signatures.split(' ').filter(|signature| signature.starts_with("v1,")).count(),
        2,
        "{signatures}"
    );
    world.maintainer.delete(&format!("{tokens}/{}", listed[1]["id"].as_str().unwrap())).await.done();
    world.maintainer.post(&test, json!({})).await.created();
    assert_eq!(receiver.next().await.header("webhook-signature").split(' ').count(), 1);
    world.maintainer.delete(&format!("{tokens}/000000000000")).await.expect(404);
    world.maintainer.post(&tokens, json!({ "token": "whsec_x" })).await.expect(422);
    world.maintainer.post(&tokens, json!({ "overlap_s": -1 })).await.expect(422);
    world.maintainer.post(&tokens, json!({ "scheme": "rsa" })).await.expect(422);
    let pair = world.maintainer.post(&tokens, json!({ "scheme": "ed25519" })).await.created();
    assert!(pair["token"].as_str().unwrap().starts_with("whsk_"));
    let listed = world.maintainer.get(&tokens).await.ok();
    assert_eq!((&listed[0]["scheme"], &listed[0]["public_key"]), (&json!("ed25519"), &pair["public_key"]));
    world.maintainer.post(&test, json!({})).await.created();
    let signatures = receiver.next().await.header("webhook-signature").to_owned();
    assert!(signatures.starts_with("v1a,") && signatures.contains(" v1,"), "{signatures}");
    world.reporter.get(&tokens).await.expect(403);
    let system = world.root.post("/api/v4/hooks", json!({ "url": receiver.url() })).await.created();
    let tokens = format!("/v1/hooks/{}/signing_tokens", system["id"]);
    world.root.post(&tokens, json!({})).await.created();
    assert_eq!(world.root.get(&tokens).await.ok().as_array().unwrap().len(), 1);
    let group = format!("/api/v4/groups/{}/hooks", world.group);
    let of_group = world.root.post(&group, json!({ "url": receiver.url() })).await.created();
    let tokens = format!("/v1/groups/{}/hooks/{}/signing_tokens", world.group, of_group["id"]);
    assert_eq!(world.root.get(&tokens).await.ok(), json!([]));
}
