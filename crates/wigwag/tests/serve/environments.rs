//! Two real servers: one keeps the production that the other knows.

use crate::world::{Ended, Server, World};
use serde_json::{Value, json};
use wigwag_testkit::ROOT_TOKEN;

const FLAG: &str = "webhooks_failed_callout";

fn file(far: &str) -> String {
    format!(
        "[[environments]]\nname = \"dev\"\n\
         [[environments]]\nname = \"canary\"\nflags_of = \"production\"\nproduction = true\n\
         [[environments]]\nname = \"production\"\nproduction = true\nurl = \"{far}\"\ntoken_env = \"FAR_TOKEN\"\n\
         [groups]\nstaff = {{ actors = [\"User:7\"] }}\n"
    )
}

async fn near(world: &World) -> Server {
    let mut command = world.serve(&[]);
    command.env("FAR_TOKEN", ROOT_TOKEN);
    Server::start(command).await
}

async fn run(server: &Server, words: &[&str]) -> Ended {
    let mut command = World::new().wigwag(words);
    command.current_dir("/").env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    Ended::of(command).await
}

async fn chat(server: &Server, words: &[&str]) -> Ended {
    run(server, &[&["chatops", "run", "feature"], words].concat()).await
}

/// How `production` stands, once it is as it shall be.
async fn production(server: &Server, state: &str) -> Value {
    let asked = async {
        loop {
            let all = server.root.get("/v1/environments").await.ok();
            if all[2]["remote"]["state"] == state {
                return all[2]["remote"].clone();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::world::WITHIN, asked).await.expect("the state should have come by now")
}

#[tokio::test]
async fn one_server_keeps_the_flags_of_anothers_production() {
    let (far_world, near_world) = (World::new(), World::new());
    let far = far_world.start().await;
    far.root.post("/api/v4/projects", json!({ "name": "other" })).await.created();
    far.root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
    near_world.write("wigwag.toml", file(&far.url));
    let server = near(&near_world).await;
    server.root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
    assert_eq!(production(&server, "fresh").await["url"], far.url);

    let set = chat(&server, &["set", FLAG, "true", "--project=root/shop", "--dev", "--production"]).await;
    assert!(
        set.printed().contains("root/shop (Project:1)") && set.printed().contains("root/shop (Project:2)")
    );
    let there = far.root.get(&format!("/api/v4/features/{FLAG}")).await.ok();
    assert_eq!(there["gates"][1]["value"], json!(["Project:2"]));
    let here = server.root.get(&format!("/environments/canary/api/v4/features/{FLAG}")).await.ok();
    assert_eq!(here["gates"], there["gates"]);
    let staff = chat(&server, &["set", FLAG, "true", "--feature-group=staff", "--dev"]).await;
    assert!(staff.printed().contains("staff"), "{}", staff.stdout);
    let unknown = chat(&server, &["set", FLAG, "true", "--feature-group=staff"]).await;
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.stdout.contains("there is no feature group \"staff\""),
        "the other server has none: {}",
        unknown.stdout
    );

    // The other server is gone, and then this one starts again.
    far.kill().await;
    server.stop().await;
    let server = near(&near_world).await;
    let stale = production(&server, "stale").await;
    assert!(stale["read_at"].is_string());
    let here = server.root.get(&format!("/environments/canary/api/v4/features/{FLAG}")).await.ok();
    assert_eq!(here["gates"], there["gates"], "it outlives both");
    let get = chat(&server, &["get", FLAG, "--production"]).await;
    assert!(get.printed().contains("its server cannot be asked now"), "{}", get.stdout);
    let on = chat(&server, &["set", FLAG, "true"]).await;
    assert!(
        on.stdout.contains("cannot be asked now") && on.stdout.contains("Nothing was changed"),
        "{}",
        on.stdout
    );
    let off = chat(&server, &["set", FLAG, "false"]).await;
    assert!(
        off.stdout.contains(&format!("wigwag flags override {FLAG} --environment production")),
        "{}",
        off.stdout
    );
    let audit = server.root.get("/v1/audit").await.ok();
    assert_eq!(audit.as_array().unwrap().len(), 3, "what was not done is not in it");
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_made_for_environments() {
    let world = World::new();
    let server = world.start().await;
    let words =
        ["token", "create", "root", "--scope", "flags:off,flags:read", "--environment", "staging,dev"];
    let made = run(&server, &words).await;
    let bound = server.root.with_token(made.printed());
    let token = bound.get("/api/v4/personal_access_tokens/self").await.ok();
    assert_eq!(token["environments"], json!(["dev", "staging"]));
    bound
        .post(&format!("/environments/dev/api/v4/features/{FLAG}"), json!({ "value": false }))
        .await
        .created();
    bound
        .post(&format!("/environments/dev/api/v4/features/{FLAG}"), json!({ "value": true }))
        .await
        .expect(403);
    bound.get("/environments/production/api/v4/features").await.expect(403);
    let wrong = run(&server, &["token", "create", "root", "--environment", "prod"]).await;
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("is not configured; there are dev"), "{}", wrong.stderr);
    server.stop().await;
}
