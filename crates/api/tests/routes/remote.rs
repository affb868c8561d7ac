//! Environments that another Wigwag keeps, on a second server over the network: every route works for them too.

use crate::world::World;
use serde_json::{Value, json};
use wigwag_base::Secret;
use wigwag_engine::{Environment, EnvironmentKind, Remote, Settings, Source};
use wigwag_testkit::{Server, Setup};

const FLAG: &str = "webhooks_failed_callout";

/// `far` keeps the flags; `near` knows its production as `far`'s staging, beside a `dev` of its own.
struct Pair {
    far: World,
    near: World,
}

impl Pair {
    /// `scopes` are those of the token that `near` has.
    async fn with(scopes: &[&str]) -> Self {
        let far = Server::start().await;
        // So that one name has two numbers.
        let other = json!({ "name": "Other", "path": "other" });
        far.root().post("/api/v4/projects", other).await.created();
        let far = World::on(far).await;
        let input = json!({ "name": "near", "scopes": scopes, "environments": ["staging"] });
        let made = far.root.post("/api/v4/users/root/personal_access_tokens", input).await.created();
        let remote = Remote {
            url: format!("http://{}/environments/staging", far.server.address),
            token: Secret::new(made["token"].as_str().unwrap().to_owned()),
        };
        let environment = |name: &str, flags_of: Option<&str>, kind, source| Environment {
            name: name.into(),
            flags_of: flags_of.map(Into::into),
            kind,
            source,
            large_steps: wigwag_engine::LargeSteps::Warn,
        };
        use EnvironmentKind::{NonProduction, Production};
        let environments = vec![
            environment("dev", None, NonProduction, Source::Local),
            environment("canary", Some("production"), Production, Source::Local),
            environment("production", None, Production, Source::Remote(remote)),
        ];
        let settings = Settings { environments, ..Settings::default() };
        let near = World::on(Server::with(Setup { settings, ..Setup::default() }).await).await;
        near.server.engine.look_at_remotes().await;
        Self { far, near }
    }

    async fn new() -> Self {
        Self::with(&["flags:rw"]).await
    }

    async fn far_gates(&self) -> Value {
        self.far.root.get(&far(FLAG)).await.ok()["gates"].clone()
    }

    async fn chat(&self, text: &str) -> String {
        let answer = self.near.root.post("/v1/chatops", json!({ "text": text })).await.ok();
        let mark = if answer["ok"] == true { "" } else { "refused\n" };
        format!("{mark}{}", answer["text"].as_str().unwrap())
    }
}

fn near(flag: &str) -> String {
    format!("/environments/production/api/v4/features/{flag}")
}

fn far(flag: &str) -> String {
    format!("/environments/staging/api/v4/features/{flag}")
}

#[tokio::test]
async fn every_route_works_for_an_environment_that_another_server_keeps() {
    let pair = Pair::new().await;
    let (root, ids) = (&pair.near.root, (pair.near.project, pair.far.project));
    assert_ne!(ids.0, ids.1);
    let check = async |input: Value, gates: Value| {
        let set = root.post(&near(FLAG), input.clone()).await.created();
        assert_eq!(set["gates"], gates, "{input}");
        assert_eq!(pair.far_gates().await, gates, "{input}");
        assert_eq!(root.get(&near(FLAG)).await.ok()["gates"], gates, "{input}");
        assert_eq!(
            root.get(&format!("/environments/canary/api/v4/features/{FLAG}")).await.ok()["gates"],
            gates
        );
    };
    let off = json!({ "key": "boolean", "value": false });
    let theirs = format!("Project:{}", ids.1);
    check(json!({ "value": true }), json!([{ "key": "boolean", "value": true }])).await;
    check(json!({ "value": false }), json!([off])).await;
    let listed = |ids: Value| json!([off, { "key": "actors", "value": ids }]);
    check(json!({ "value": true, "project": "acme/shop" }), listed(json!([theirs]))).await;
    let more = json!({ "value": true, "group": "acme", "user": "mia,@rob" });
    root.post(&near(FLAG), more).await.created();
    assert_eq!(pair.far_gates().await[1]["value"].as_array().unwrap().len(), 4);
    check(json!({ "value": false }), json!([off])).await;
    let out = format!("{theirs}:opt_out");
    check(json!({ "value": "opt_out", "project": "acme/shop" }), listed(json!([out]))).await;
    check(json!({ "value": "remove_opt_out", "project": "acme/shop" }), json!([off])).await;
    let share = |key: &str, value: f64| json!([off, { "key": key, "value": value }]);
    let asked = json!({ "value": 12.5, "key": "percentage_of_actors" });
    check(asked, share("percentage_of_actors", 12.5)).await;
    check(json!({ "value": 0 }), json!([off])).await;
    check(json!({ "value": "2.5" }), share("percentage_of_time", 2.5)).await;

    let list = root.get("/environments/production/api/v4/features").await.ok();
    assert_eq!(list, pair.far.root.get("/environments/staging/api/v4/features").await.ok());
    let definitions = "/api/v4/features/definitions";
    let told = root.get(&format!("/environments/production{definitions}")).await.ok();
    assert_eq!(told, pair.far.root.get(&format!("/environments/staging{definitions}")).await.ok());
    root.delete(&near(FLAG)).await.done();
    assert_eq!(pair.far.root.get("/environments/staging/api/v4/features").await.ok(), json!([]));
    assert_eq!(root.get("/environments/production/api/v4/features").await.ok(), json!([]));
    // Nothing of it has touched what is kept here, nor the environments of the other server that are not meant.
    assert_eq!(root.get("/environments/dev/api/v4/features").await.ok(), json!([]));
    assert_eq!(pair.far.root.get("/api/v4/features").await.ok(), json!([]));
}

#[tokio::test]
async fn what_the_other_server_refuses_is_refused_in_its_words() {
    let pair = Pair::new().await;
    let told = async |flag: &str, input: Value, status| {
        let answer = pair.near.root.post(&near(flag), input).await.expect(status);
        answer["message"].as_str().unwrap().to_owned()
    };
    let url = format!("http://{}/environments/staging", pair.far.server.address);
    assert_eq!(
        told(FLAG, json!({ "value": true, "project": "acme/shpo" }), 400).await,
        format!(
            "400 Bad request - project \"acme/shpo\" does not exist; did you mean \"acme/shop\"? (the flags of production are kept by {url})"
        )
    );
    assert!(told("no_such", json!({ "value": true }), 400).await.contains("name \"no_such\" does not exist"));
    assert!(told(FLAG, json!({ "value": 101 }), 400).await.contains("is not between 0 and 100"));
    pair.near.root.post(&near("no_such"), json!({ "value": true, "force": true })).await.created();
    assert_eq!(pair.far.root.get(&far("no_such")).await.ok()["state"], "on");
    let off_only = Pair::with(&["flags:off", "flags:read"]).await;
    let refused = off_only.near.root.post(&near(FLAG), json!({ "value": true })).await.expect(409);
    let why = refused["message"].as_str().unwrap();
    let token =
        "which answers 403: This token may not do that; it takes one with scope api or flags:rw. Nothing was";
    assert!(why.contains(token), "{why}");
    off_only.near.root.post(&near(FLAG), json!({ "value": false })).await.created();
}

#[tokio::test]
async fn what_changes_there_is_seen_here() {
    let pair = Pair::new().await;
    let state = async || pair.near.root.get(&near(FLAG)).await.ok()["state"].clone();
    pair.far.root.post(&far(FLAG), json!({ "value": true })).await.created();
    assert_eq!(state().await, "off", "nobody has looked yet");
    pair.near.server.engine.look_at_remotes().await;
    assert_eq!(state().await, "on");
    let explained = format!("/v1/flags/{FLAG}/explain?environment=canary&actor=User:1");
    assert_eq!(pair.near.root.get(&explained).await.ok()["reason"], "boolean");
    pair.near.server.clock.advance(std::time::Duration::from_secs(90));
    let figures = pair.near.root.get("/metrics").await.text();
    assert!(
        figures.contains("wigwag_remote_flags_age_seconds{environment=\"production\"} 90.0\n"),
        "{figures}"
    );
    // Here it was believed to be off: what is asked for is compared with what is stored there now.
    pair.far.root.delete(&far(FLAG)).await.done();
    pair.near.root.post(&near(FLAG), json!({ "value": 10, "key": "percentage_of_actors" })).await.created();
    assert_eq!(pair.far_gates().await[1]["value"], 10);
}

#[tokio::test]
async fn changes_are_audited_on_both_servers() {
    let pair = Pair::new().await;
    pair.near.root.post(&near(FLAG), json!({ "value": true, "project": "acme/shop" })).await.created();
    let row = |audit: Value| {
        let row = &audit[0];
        let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        [field("author"), field("via"), field("environment"), field("before"), field("after")].join(" | ")
    };
    let near = row(pair.near.root.get("/v1/audit").await.ok());
    let after = format!("actors: Project:{}", pair.far.project);
    assert_eq!(near, format!("root | api | production | never set (off by default) | {after}"));
    let far = row(pair.far.root.get("/v1/audit").await.ok());
    assert_eq!(far, format!("root | api | staging | never set (off by default) | {after}"));
    assert_eq!(pair.near.root.get("/v1/audit/verify").await.ok()["intact"], true);
}

#[tokio::test]
async fn a_chat_command_names_its_targets_to_each_server_by_name() {
    let pair = Pair::new().await;
    let reply = pair.chat(&format!("feature set {FLAG} true --project=acme/shop --dev --production")).await;
    let (here, there) = (pair.near.project, pair.far.project);
    assert!(reply.contains(&format!("acme/shop (Project:{here})")), "{reply}");
    assert!(reply.contains(&format!("acme/shop (Project:{there})")), "{reply}");
    assert!(reply.contains(&format!("feature delete {FLAG} --env=production")), "{reply}");
    assert_eq!(pair.far_gates().await[1]["value"], json!([format!("Project:{there}")]));
    let tried = pair.chat(&format!("feature set {FLAG} opt_out --user=mia --dry-run")).await;
    assert!(tried.contains("Who that is in production is known to http://127.0.0.1:"), "{tried}");
    assert!(tried.contains("opted out  not set -> User:mia"), "{tried}");
    assert_eq!(pair.far_gates().await.as_array().unwrap().len(), 2, "it was a dry run");
    let undo = pair.chat(&format!("feature set {FLAG} false --project={there}")).await;
    assert!(undo.contains("conditional -> off"), "{undo}");
    assert_eq!(pair.far_gates().await, json!([{ "key": "boolean", "value": false }]));
}

#[tokio::test]
async fn the_first_refusal_stops_the_environments_behind_it() {
    let pair = Pair::new().await;
    let reply = pair.chat(&format!("feature set {FLAG} true --user=nobody --dev --production")).await;
    assert!(reply.starts_with("refused\nUser \"nobody\" does not exist"), "{reply}");
    let keep = pair.chat(&format!("feature set {FLAG} 25 --actors --dev --production")).await;
    assert!(!keep.starts_with("refused"), "{keep}");
    pair.chat(&format!("feature set {FLAG} true --project=acme/shop --production")).await;
    let keep = pair.chat(&format!("feature set {FLAG} false --keep-targets --dev --production")).await;
    assert!(keep.starts_with("refused\n") && keep.contains("Done before: dev"), "{keep}");
    assert!(keep.contains("it cannot keep targets while everyone else is turned off"), "{keep}");
    assert_eq!(pair.far_gates().await.as_array().unwrap().len(), 3, "nothing was done there");
}

#[tokio::test]
async fn a_default_that_is_on_is_not_taken_from_everyone_by_naming_one() {
    let pair = Pair::new().await;
    let flag = "auto_disabling_web_hooks";
    let reply = pair.chat(&format!("feature set {flag} opt_out --user=mia")).await;
    assert!(
        reply.contains("This would take auto_disabling_web_hooks from everyone who is not named"),
        "{reply}"
    );
    assert!(reply.contains(&format!("feature set {flag} true --env=production")), "{reply}");
    assert_eq!(pair.far.root.get("/environments/staging/api/v4/features").await.ok(), json!([]));
    pair.chat(&format!("feature set {flag} true --env=production")).await;
    let reply = pair.chat(&format!("feature set {flag} opt_out --user=mia")).await;
    assert!(reply.contains("opted out     not set -> User:2"), "{reply}");
}
