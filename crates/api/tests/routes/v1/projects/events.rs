use crate::world::World;
use serde_json::json;
use wigwag_engine::Settings;
use wigwag_testkit::{Receiver, Server, Setup};

#[tokio::test]
async fn an_event_arrives_byte_for_byte() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    world.hook(&receiver, json!({ "event_types": ["invoice.*"] })).await;
    let payload = "{ \"b\" : 1.50, \"a\":\"\\u00e9\",\"a\":1e400,\n \"big\":123456789012345678901234567890 }";
    let body = format!("{{\"odd\":[],\"type\":\"invoice.paid\",\"payload\": {payload} }}");
    let events = world.v1("/events");
    let answer = world.maintainer.request("POST", &events).body("application/json", body).send().await;
    assert!(answer.expect(202)["id"].is_i64());
    let received = receiver.next().await;
    assert_eq!(received.body, payload);
    assert_eq!(received.header("x-gitlab-event"), "invoice.paid");
    for payload in ["null", "5", "\"text\"", "[]", "{}"] {
        let body = format!("{{\"type\":\"invoice.paid\",\"payload\":{payload}}}");
        world.maintainer.request("POST", &events).body("text/plain", body).send().await.expect(202);
        assert_eq!(receiver.next().await.body, payload);
    }
}

#[tokio::test]
async fn a_repeated_key_sends_nothing_again() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    world.hook(&receiver, json!({})).await;
    let event = json!({ "type": "push", "payload": { "n": 1 }, "idempotency_key": "k1" });
    let first = world.maintainer.post(&world.v1("/events"), event.clone()).await.expect(202);
    receiver.next().await;
    assert_eq!(world.maintainer.post(&world.v1("/events"), event).await.ok(), first);
    let other = json!({ "type": "push", "payload": { "n": 2 }, "idempotency_key": "k1" });
    assert_eq!(world.maintainer.post(&world.v1("/events"), other).await.problem(409), "conflict");
    world.push().await;
    assert_eq!(receiver.next().await.body, "{\"ref\":\"main\"}");
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn a_batch_is_taken_whole_or_not_at_all() {
    let world = World::new().await;
    let send = |body: String| {
        let request = world.maintainer.request("POST", &world.v1("/events"));
        request.body("application/x-ndjson; charset=utf-8", body).send()
    };
    let line = |n: usize| format!("{{\"type\":\"push\",\"payload\":{n}}}");
    let answer = send(format!("{}\n\r\n{}\n", line(1), line(2))).await.expect(202);
    assert_eq!(answer["ids"].as_array().unwrap().len(), 2);
    let check = async |body: String, status: u16, at: Option<usize>, told: &str| {
        let answer = send(body).await;
        answer.problem(status);
        let problem = answer.json();
        assert_eq!(problem["line"].as_u64(), at.map(|line| line as u64), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(told), "{problem}");
    };
    check(format!("{}\n\n{{\"type\":5}}", line(1)), 422, Some(3), "type must be a text").await;
    check(format!("{}\n{{\"type\":\"a b\",\"payload\":1}}", line(1)), 422, Some(2), "type must be").await;
    check(format!("{}\n{{\"type\"", line(1)), 422, Some(2), "not valid JSON").await;
    check(format!("{}\n{{\"type\":\"push\"}}", line(1)), 422, Some(2), "payload is missing").await;
    check("\n \n".into(), 422, None, "holds no event").await;
    let key = |n: usize| format!("{{\"type\":\"push\",\"payload\":{n},\"idempotency_key\":\"k\"}}");
    check(format!("{}\n{}", key(1), key(2)), 409, Some(2), "another event").await;
    let many: Vec<String> = (0..1_001).map(line).collect();
    check(many.join("\n"), 413, None, "at most 1000 events").await;
    assert_eq!(send(many[..1_000].join("\n")).await.expect(202)["ids"].as_array().unwrap().len(), 1_000);
    check(format!("{}\n{}", line(1), " ".repeat(33 << 20)), 413, None, "larger than").await;
}

#[tokio::test]
async fn hostile_events_are_refused_and_say_where() {
    let world = World::new().await;
    let check = async |body: String, status: u16, told: &str| {
        let request = world.maintainer.request("POST", &world.v1("/events"));
        let answer = request.body("application/json", body.clone()).send().await;
        answer.problem(status);
        assert!(answer.text().contains(told), "{body:.80}: {}", answer.text());
    };
    let event = |payload: &str| format!("{{\"type\":\"push\",\"payload\":{payload}}}");
    let nested = |depth: usize| event(&("[".repeat(depth) + &"]".repeat(depth)));
    check(String::new(), 400, "not valid JSON").await;
    check("{\"type\":\"push\",}".into(), 400, "line 1 column 16").await;
    check(event("{\"a\":01}"), 400, "column").await;
    check(event("1") + "x", 400, "trailing characters").await;
    check("[]".into(), 422, "body must be a JSON object").await;
    check("[\"push\",{\"a\":1},null]".into(), 422, "body must be a JSON object").await;
    check("null".into(), 422, "body must be a JSON object").await;
    check("{\"type\":1,\"payload\":1}".into(), 422, "\"field\":\"type\"").await;
    check("{\"type\":null,\"payload\":1}".into(), 422, "\"field\":\"type\"").await;
    check("{\"type\":\"a\",\"type\":\"b\",\"payload\":1}".into(), 422, "type is there twice").await;
    check("{\"type\":\"a\",\"payload\":1,\"payload\":2}".into(), 422, "payload is there twice").await;
    check(
        "{\"type\":\"a\",\"payload\":1,\"idempotency_key\":5}".into(),
        422,
        "\"field\":\"idempotency_key\"",
    )
    .await;
    check("{\"payload\":1}".into(), 422, "type is missing").await;
    check("{\"type\":\"push\"}".into(), 422, "payload is missing").await;
    check("{\"type\":\"a b\",\"payload\":1}".into(), 422, "type must be").await;
    check("{\"type\":\"a\\r\\nb\",\"payload\":1}".into(), 422, "type must be").await;
    let deep = world.maintainer.request("POST", &world.v1("/events")).body("application/json", nested(64));
    deep.send().await.expect(202);
    check(nested(65), 422, "deeper than 64").await;
    check(nested(100_000), 422, "deeper than 64").await;
    let key = "k".repeat(256);
    check(
        format!("{{\"type\":\"push\",\"payload\":1,\"idempotency_key\":\"{key}\"}}"),
        422,
        "idempotency_key",
    )
    .await;
}

#[tokio::test]
async fn an_event_may_be_as_large_as_the_operator_says() {
    let settings = Settings { event_bytes_max: 1_000, ..Settings::default() };
    let world = World::on(Server::with(Setup { settings, ..Setup::default() }).await).await;
    let send = |bytes: usize| {
        let event = json!({ "type": "push", "payload": "x".repeat(bytes - 2) });
        world.maintainer.request("POST", &world.v1("/events")).json(&event).send()
    };
    send(1_000).await.expect(202);
    assert_eq!(send(1_001).await.problem(413), "too_large");
    assert_eq!(send(100_000).await.problem(413), "too_large");
}

#[tokio::test]
async fn only_who_may_publishes() {
    let world = World::new().await;
    let (events, event) = (world.v1("/events"), json!({ "type": "push", "payload": 1 }));
    assert_eq!(world.root.anonymous().post(&events, event.clone()).await.problem(401), "unauthorized");
    assert_eq!(world.reporter.post(&events, event.clone()).await.problem(403), "forbidden");
    assert_eq!(world.stranger.post(&events, event.clone()).await.problem(404), "not_found");
    assert_eq!(world.root.post("/v1/projects/99/events", event.clone()).await.problem(404), "not_found");
    assert_eq!(world.root.post("/v1/projects/a%2Fb/events", event.clone()).await.problem(404), "not_found");
    let read_only = world.server.token_of("mia", &["read_api"]).await;
    assert_eq!(read_only.post(&events, event.clone()).await.problem(403), "forbidden");
    let publisher = world.server.token_of("mia", &["events:write"]).await;
    publisher.post("/v1/projects/acme%2Fshop/events", event.clone()).await.expect(202);
    let as_mia = world.root.request("POST", &events).header("sudo", "mia").json(&event).send().await;
    as_mia.expect(202);
    let as_rob = world.root.request("POST", &events).header("sudo", "rob").json(&event).send().await;
    assert_eq!(as_rob.problem(403), "forbidden");
}

#[tokio::test]
async fn an_event_tells_what_became_of_it() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let hook = world.hook(&receiver, json!({})).await;
    let deaf = world.hook(&receiver, json!({ "push_events": false })).await;
    let off = world.hook(&receiver, json!({ "enabled": false })).await;
    let event = world.push().await;
    receiver.next().await;
    let path = world.v1(&format!("/events/{event}"));
    let story = loop {
        let story = world.maintainer.get(&path).await.ok();
        if story["hooks"][0]["state"] == "delivered" {
            break story;
        }
    };
    assert_eq!(
        (&story["id"], &story["type"], &story["payload_bytes"]),
        (&json!(event), &json!("push"), &json!(14))
    );
    let told: Vec<_> = story["hooks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["hook_id"], one["state"], one["reason"]]))
        .collect();
    let is = [
        json!([hook, "delivered", null]),
        json!([deaf, "not_wanted", "other_type"]),
        json!([off, "skipped", "switched_off"]),
    ];
    assert_eq!(told, is);
    assert_eq!(world.maintainer.get(&world.v1("/events/999")).await.problem(404), "not_found");
    assert_eq!(world.reporter.get(&path).await.problem(403), "forbidden");
    assert_eq!(world.stranger.get(&path).await.problem(404), "not_found");
}
