use super::{SHA, report};
use crate::world::World;
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;
use wigwag_chat::{MergeRequestUrl, Version};
use wigwag_engine::Outside;
use wigwag_ports::Repository;
use wigwag_ports::repository::{
    Commit, Containment, Freshness, MergeState, ReleaseTag, RepositoryError, StableBranch,
};
use wigwag_testkit::{Server, Setup};

/// A branch of commits `000...0`, `111...1` and so on to `9`; it knows how far they lie apart, and nothing else. How a
/// real repository is read is shown where it is.
struct Branch;

fn sha(digit: u64) -> String {
    digit.to_string().repeat(40)
}

fn unavailable<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::Unavailable("it only counts".into()))
}

#[async_trait]
impl Repository for Branch {
    fn freshness(&self) -> Freshness {
        Freshness { at: None, problem: None }
    }

    async fn refresh(&self) -> Result<(), RepositoryError> {
        Ok(())
    }

    async fn commit(&self, _: &str) -> Result<Option<Commit>, RepositoryError> {
        unavailable()
    }

    async fn containment(&self, _: &str, _: &[String]) -> Result<Vec<Containment>, RepositoryError> {
        unavailable()
    }

    async fn ahead(&self, older: &str, newer: &str) -> Result<Option<u64>, RepositoryError> {
        let place = |id: &str| (0..10).find(|digit| id == sha(*digit));
        Ok(place(older).zip(place(newer)).map(|(older, newer)| newer.saturating_sub(older)))
    }

    async fn merge_request(&self, _: &MergeRequestUrl) -> Result<MergeState, RepositoryError> {
        unavailable()
    }

    async fn first_tag(&self, _: &str) -> Result<Option<ReleaseTag>, RepositoryError> {
        unavailable()
    }

    async fn in_stable_branch(&self, _: Version, _: &str) -> Result<StableBranch, RepositoryError> {
        unavailable()
    }

    fn is_ours(&self, _: &MergeRequestUrl) -> bool {
        false
    }

    fn projects(&self) -> Vec<String> {
        Vec::new()
    }
}

async fn deployed(world: &World, environment: &str, sha: &str, status: &str) -> Value {
    let mut input = report(environment, status);
    input["sha"] = json!(sha);
    world.root.post("/v1/deployments", input).await.created()
}

/// One environment as the answer tells it.
async fn shown(world: &World, environment: &str) -> Value {
    let current = world.stranger.get("/v1/deployments/current").await.ok();
    let environments = current["environments"].as_array().unwrap();
    environments.iter().find(|one| one["environment"] == environment).unwrap().clone()
}

#[tokio::test]
async fn environments_come_in_deployment_order_with_what_runs_and_what_comes() {
    let world = World::new().await;
    let current = world.stranger.get("/v1/deployments/current").await.ok();
    let names: Vec<&Value> =
        current["environments"].as_array().unwrap().iter().map(|one| &one["environment"]).collect();
    assert_eq!(names, ["dev", "staging-canary", "staging", "production-canary", "production"]);
    let nothing = json!({ "environment": "dev", "current": null, "coming": null, "commits_behind": null });
    assert_eq!(shown(&world, "dev").await, nothing);
    let first = deployed(&world, "staging", SHA, "success").await;
    deployed(&world, "staging", SHA, "failed").await;
    let coming = deployed(&world, "staging", SHA, "running").await;
    let staging = shown(&world, "staging").await;
    assert_eq!((&staging["current"], &staging["coming"]), (&first, &coming));
    assert_eq!(staging["commits_behind"], Value::Null, "no repository is configured");
    let one = format!("/v1/deployments/{}", coming["id"]);
    let done = world.root.put(&one, json!({ "status": "success" })).await.ok();
    let staging = shown(&world, "staging").await;
    assert_eq!((&staging["current"], &staging["coming"]), (&done, &Value::Null));
}

#[tokio::test]
async fn each_is_so_far_behind_the_first_that_runs_anything() {
    let outside = Outside { repository: Some(Arc::new(Branch)), ..Outside::default() };
    let world = World::on(Server::with(Setup { outside, ..Setup::default() }).await).await;
    deployed(&world, "dev", &sha(9), "running").await;
    deployed(&world, "staging-canary", &sha(7), "success").await;
    deployed(&world, "staging", &sha(4), "success").await;
    deployed(&world, "production-canary", SHA, "success").await;
    let check = async |environment: &str, behind: Value| {
        assert_eq!(shown(&world, environment).await["commits_behind"], behind, "{environment}");
    };
    check("dev", Value::Null).await;
    check("staging-canary", json!(0)).await;
    check("staging", json!(3)).await;
    check("production-canary", Value::Null).await;
    check("production", Value::Null).await;
}
