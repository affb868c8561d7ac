//! `wigwag flags import`: whoever had a flag elsewhere has it here.

use crate::world::{Ended, Server, World};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use serde_json::{Value, json};
use std::path::Path;
use tokio::net::TcpListener;
use wigwag_testkit::ROOT_TOKEN;

/// Actors whose decisions are compared.
const ACTORS: usize = 2_000;

/// What another product is assumed to answer.
fn assumed(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assumed");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// A server that answers `path` to whoever has the token.
async fn elsewhere(path: &'static str, header: &'static str, token: &'static str, answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |headers: HeaderMap| async move {
        let known = headers.get(header).is_some_and(|given| given == token);
        let refused = || (StatusCode::UNAUTHORIZED, "{\"message\":\"401 Unauthorized\"}").into_response();
        let all = || ([("content-type", "application/json")], answer).into_response();
        let answered: Response = if known { all() } else { refused() };
        answered
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().route(path, get(answer))).await.unwrap() });
    url
}

async fn import(world: &World, server: &Server, words: &[&str]) -> Ended {
    let mut command = world.wigwag(&[&["flags", "import"], words].concat());
    command.env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    Ended::of(command).await
}

/// CRC-32 as zlib has it, bit by bit.
fn crc32(text: &str) -> u32 {
    !text.bytes().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// What the product that the gates come from decides.
fn decided(flag: &str, gates: &[(String, Value)], actor: &str) -> bool {
    let open = |(key, value): &(String, Value)| match key.as_str() {
        "boolean" => *value == json!(true) || *value == json!("true"),
        "actors" => value.as_array().unwrap().contains(&json!(actor)),
        "percentage_of_actors" => {
            let share = value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0.0);
            f64::from(crc32(&format!("{flag}{actor}")) % 100_000) < share * 1_000.0
        }
        "percentage_of_time" => value.as_f64() == Some(100.0),
        _ => false,
    };
    let out = |(key, value): &(String, Value)| {
        key == "actors" && value.as_array().unwrap().contains(&json!(format!("{actor}:opt_out")))
    };
    gates.iter().any(open) && !gates.iter().any(out)
}

/// Asks for many actors, and for those that the gates name, and compares.
async fn same_decisions(server: &Server, flags: &[(String, Vec<(String, Value)>)], separator: char) {
    let named = flags.iter().flat_map(|(_, gates)| gates).filter_map(|(_, value)| value.as_array()).flatten();
    let named = named.filter_map(Value::as_str).map(|id| id.trim_end_matches(":opt_out").to_owned());
    let many = (1..=ACTORS).map(|n| format!("{}{separator}{n}", ["User", "Project", "Group"][n % 3]));
    let (mut on, mut asked) = (0, 0);
    for actor in named.chain(many) {
        let context = json!({ "context": { "targetingKey": actor } });
        let answer = server.root.post("/ofrep/v1/evaluate/flags", context).await.ok();
        let answers = answer["flags"].as_array().unwrap();
        for (flag, gates) in flags {
            let here = answers.iter().find(|answer| answer["key"] == **flag).unwrap();
            assert_eq!(here["value"], decided(flag, gates, &actor), "{flag} for {actor}: {here}");
            on += usize::from(here["value"] == true);
            asked += 1;
        }
    }
    assert!(asked >= ACTORS * flags.len() && on > ACTORS / 10 && asked - on > ACTORS / 10, "{on} of {asked}");
}

#[tokio::test]
async fn everybody_keeps_what_gitlab_gave_them() {
    let (world, home) = (World::new(), World::new());
    let server = home.start().await;
    let fixture = assumed("gitlab-features.json");
    let url = elsewhere("/api/v4/features", "private-token", "glpat-1", fixture.clone()).await;
    let from = ["--from-gitlab", &url, "--token", "glpat-1"];

    let dry = import(&world, &server, &[&from[..], &["--dry-run"]].concat()).await;
    assert_eq!(dry.code, Some(1), "{dry:?}");
    assert!(
        dry.stdout.contains("generated_flag_16") && dry.stdout.contains("32.639 % of actors"),
        "{}",
        dry.stdout
    );
    assert!(
        dry.stdout.ends_with("6 flags would be taken over, 0 as they are, 1 left out\n"),
        "{}",
        dry.stdout
    );
    let unknown =
        "for_a_group_that_nobody_has is left out: there is no feature group \"gitlab_team_members\" here\n";
    assert!(dry.stdout.contains(unknown), "{}", dry.stdout);
    assert_eq!(server.root.get("/api/v4/features").await.ok(), json!([]), "a dry run stores nothing");

    let done = import(&world, &server, &from).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    let told = "for_a_group_that_nobody_has is left out: ";
    assert!(done.stdout.contains(told) && done.stdout.contains("gitlab_team_members"), "{}", done.stdout);
    assert!(done.stdout.ends_with("6 flags taken over, 0 as they are, 1 left out\n"), "{}", done.stdout);

    let all: Vec<Value> = serde_json::from_str(&fixture).unwrap();
    let taken = all.iter().filter(|flag| flag["name"] != "for_a_group_that_nobody_has");
    let gate = |gate: &Value| (gate["key"].as_str().unwrap().to_owned(), gate["value"].clone());
    let gates = |flag: &Value| flag["gates"].as_array().unwrap().iter().map(gate).collect();
    let flags: Vec<_> = taken.map(|flag| (flag["name"].as_str().unwrap().to_owned(), gates(flag))).collect();
    assert_eq!((crc32("webhooks_failed_calloutUser:1"), flags.len()), (3_957_539_149, 6));
    same_decisions(&server, &flags, ':').await;

    let audit = server.root.get("/v1/audit").await.ok();
    let reason = audit[0]["reason"].as_str().unwrap().to_owned();
    assert_eq!(reason, format!("imported from {url}"));
    let again = import(&world, &server, &from).await;
    assert!(again.stdout.ends_with("0 flags taken over, 6 as they are, 1 left out\n"), "{}", again.stdout);
    server.stop().await;
}

#[tokio::test]
async fn everybody_keeps_what_flipper_gave_them() {
    let (world, home) = (World::new(), World::new());
    let server = home.start().await;
    let fixture = assumed("flipper-export.json");
    world.write("export.json", &fixture);
    let done = import(&world, &server, &["--from-flipper", "export.json", "--json"]).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    let outcomes: Vec<_> = told["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| (flag["name"].clone(), flag["outcome"].clone()))
        .collect();
    let is = [
        ("Größe", "left_out"),
        ("google_analytics", "taken_over"),
        ("plausible", "taken_over"),
        ("search", "taken_over"),
    ];
    assert_eq!(outcomes, is.map(|(name, outcome)| (json!(name), json!(outcome))));

    let all: Value = serde_json::from_str(&fixture).unwrap();
    let gates = |(name, gates): (&String, &Value)| {
        (
            name.clone(),
            gates.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        )
    };
    let taken = all["features"].as_object().unwrap().iter().filter(|(name, _)| *name != "Größe");
    let flags: Vec<(String, Vec<(String, Value)>)> = taken.map(gates).collect();
    same_decisions(&server, &flags, ';').await;
    let again = import(&world, &server, &["--from-flipper", "export.json"]).await;
    assert!(again.stdout.ends_with("0 flags taken over, 3 as they are, 1 left out\n"), "{}", again.stdout);
    server.stop().await;
}

#[tokio::test]
async fn what_flipper_decides_by_rules_is_left_out_whole() {
    let (world, home) = (World::new(), World::new());
    let server = home.start().await;
    let url =
        elsewhere("/flipper/api/features", "authorization", "Bearer t", assumed("flipper-features.json"))
            .await;
    let url = format!("{url}/flipper/api");
    let from = ["--from-flipper", url.as_str(), "--token", "t", "--environment", "staging"];
    let done = import(&world, &server, &from).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(
        done.stdout.contains("by_plan is left out: there is no gate \"expression\" here\n"),
        "{}",
        done.stdout
    );
    let staging = server.root.get("/environments/staging/api/v4/features").await.ok();
    assert_eq!((staging[0]["name"].as_str(), staging.as_array().map(Vec::len)), (Some("search"), Some(1)));
    assert_eq!(server.root.get("/api/v4/features").await.ok(), json!([]), "only where it was to go");
    server.stop().await;
}

#[tokio::test]
async fn what_is_stored_here_is_replaced_only_on_demand() {
    let (world, home) = (World::new(), World::new());
    let server = home.start().await;
    let fixture = json!([{ "name": "f", "gates": [{ "key": "boolean", "value": true }] }]).to_string();
    let url = elsewhere("/api/v4/features", "private-token", "t", fixture).await;
    let from = ["--from-gitlab", &url, "--token", "t"];
    server
        .root
        .post("/api/v4/features/f", json!({ "value": 25, "key": "percentage_of_actors", "force": true }))
        .await
        .created();
    let left = import(&world, &server, &from).await;
    assert_eq!(left.code, Some(1), "{left:?}");
    assert!(
        left.stdout.contains("1 left because something else is stored here (--replace takes them over)"),
        "{}",
        left.stdout
    );
    assert_eq!(server.root.get("/api/v4/features/f").await.ok()["state"], "conditional");
    let replaced = import(&world, &server, &[&from[..], &["--replace"]].concat()).await;
    assert!(replaced.printed().contains("1 flag taken over"), "{replaced:?}");
    assert_eq!(server.root.get("/api/v4/features/f").await.ok()["state"], "on");
    server.stop().await;
}

#[tokio::test]
async fn what_is_listed_twice_is_taken_once_or_told() {
    let (world, home) = (World::new(), World::new());
    let server = home.start().await;
    let flag =
        |name: &str, value: bool| json!({ "name": name, "gates": [{ "key": "boolean", "value": value }] });
    let all = json!([flag("same", true), flag("other", true), flag("same", true), flag("other", false)]);
    let url = elsewhere("/api/v4/features", "private-token", "t", all.to_string()).await;
    let done = import(&world, &server, &["--from-gitlab", &url, "--token", "t"]).await;
    assert_eq!(done.code, Some(1), "{done:?}");
    let told = "other is left out: it is listed several times, with different gates\n1 flag taken over, 0 as they are, 1 left out\n";
    assert!(done.stdout.ends_with(told), "{}", done.stdout);
    assert_eq!(server.root.get("/api/v4/features").await.ok().as_array().map(Vec::len), Some(1));
    server.stop().await;
}

#[tokio::test]
async fn nonsense_is_refused_and_nothing_is_stored() {
    let (world, home) = (World::new(), World::new());
    let server = home.start().await;
    let html = elsewhere("/api/v4/features", "private-token", "t", "<html>".into()).await;
    let other = elsewhere("/api/v4/features", "private-token", "t", "{\"features\":[]}".into()).await;
    world.write("broken.json", "{\"version\":1,\"features\":{");
    world.write("new.json", "{\"version\":2,\"features\":{}}");
    world.write("good.json", assumed("flipper-export.json"));
    for (words, told) in [
        (["--from-gitlab", &html, "--token", "t"].as_slice(), "does not answer with JSON"),
        (
            &["--from-gitlab", &other, "--token", "t"],
            "does not answer as GitLab does: this is no list of features",
        ),
        (&["--from-gitlab", &html], "does not let us in: give --token"),
        (&["--from-gitlab", "http://127.0.0.1:1"], "no answer from http://127.0.0.1:1/api/v4/features"),
        (&["--from-flipper", &format!("{html}/elsewhere")], "/elsewhere/features answers 404"),
        (&["--from-flipper", "no-such.json"], "cannot read no-such.json"),
        (&["--from-flipper", "broken.json"], "broken.json is no JSON"),
        (&["--from-flipper", "new.json"], "an export of version 2 is not known; version 1 is"),
        (&["--from-flipper", "good.json", "--environment", "moon"], "cannot tell what is stored here now"),
    ] {
        import(&world, &server, words).await.refused(1, &[told]);
    }
    import(&world, &server, &[]).await.refused(2, &["--from-gitlab"]);
    let nowhere = world.wigwag(&["flags", "import", "--from-flipper", "new.json"]);
    Ended::of(nowhere).await.refused(2, &["no token: set WIGWAG_TOKEN or give --wigwag-token"]);
    assert_eq!(server.root.get("/api/v4/features").await.ok(), json!([]));
    server.stop().await;
}
