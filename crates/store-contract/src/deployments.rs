//! What runs where.

use crate::suite;
use crate::world::{World, at};
use wigwag_base::{Page, ProjectId};
use wigwag_ports::StoreError;
use wigwag_ports::deployments::{DeploymentFilter, DeploymentStatus, NewDeployment};

suite!(
    a_deployment_comes_back,
    the_newest_success_is_current_and_what_comes_after_it_is_coming,
    each_project_has_its_own_current_one,
    every_filter_narrows,
    what_is_moved_changes_what_runs,
    the_newest_of_an_environment_and_project_stay_and_the_newest_that_succeeded,
);

use DeploymentStatus::{Canceled, Created, Failed, Running, Success};

fn new(environment: &str, sha: &str, status: DeploymentStatus) -> NewDeployment {
    NewDeployment {
        environment: environment.into(),
        sha: sha.repeat(40),
        reference: "main".into(),
        is_tag: false,
        status,
        project: None,
        author: "ada".into(),
        at: at(0),
    }
}

async fn a_deployment_comes_back(world: World) {
    let reported =
        NewDeployment { project: Some(world.project.id), is_tag: true, ..new("dev", "a", Running) };
    let kept = world.record_deployment(reported.clone()).await.unwrap();
    assert_eq!((&kept.reported, kept.updated_at), (&reported, at(0)));
    assert_eq!(world.deployment(kept.id).await.unwrap(), Some(kept.clone()));
    let moved = world.move_deployment(kept.id, Success, at(5)).await.unwrap();
    assert_eq!((moved.reported.status, moved.updated_at, moved.reported.at), (Success, at(5), at(0)));
    assert_eq!(world.deployment(kept.id + 1).await.unwrap(), None);
    let none = world.move_deployment(kept.id + 1, Success, at(5)).await;
    assert_eq!(none, Err(StoreError::NotFound("deployment")));
    let nowhere = NewDeployment { project: Some(ProjectId(999)), ..new("dev", "a", Running) };
    assert_eq!(world.record_deployment(nowhere).await, Err(StoreError::NotFound("project")));
}

async fn the_newest_success_is_current_and_what_comes_after_it_is_coming(world: World) {
    assert_eq!(world.current_deployments().await.unwrap(), []);
    for (environment, sha, status) in [
        ("dev", "a", Success),
        ("dev", "b", Success),
        ("dev", "c", Failed),
        ("dev", "d", Created),
        ("dev", "e", Running),
        ("staging", "a", Running),
        ("staging", "b", Success),
        ("staging", "c", Canceled),
        ("production", "a", Failed),
    ] {
        world.record_deployment(new(environment, sha, status)).await.unwrap();
    }
    let current: Vec<(String, String)> = world
        .current_deployments()
        .await
        .unwrap()
        .into_iter()
        .map(|one| (one.reported.environment, one.reported.sha[..1].to_owned()))
        .collect();
    let is = |environment: &str, sha: &str| (environment.to_owned(), sha.to_owned());
    assert_eq!(current, [is("dev", "b"), is("dev", "e"), is("staging", "b")]);
}

async fn each_project_has_its_own_current_one(world: World) {
    let of_project =
        |sha, status| NewDeployment { project: Some(world.project.id), ..new("dev", sha, status) };
    for one in [new("dev", "a", Success), of_project("b", Success), of_project("c", Running)] {
        world.record_deployment(one).await.unwrap();
    }
    let current = world.current_deployments().await.unwrap();
    let found: String = current.iter().map(|one| &one.reported.sha[..1]).collect();
    assert_eq!(found, "abc");
    assert_eq!(current[0].reported.project, None);
}

async fn every_filter_narrows(world: World) {
    let of_project = NewDeployment { project: Some(world.project.id), ..new("dev", "c", Success) };
    for one in [new("dev", "a", Success), new("staging", "b", Failed), of_project] {
        world.record_deployment(one).await.unwrap();
    }
    let check = async |filter: DeploymentFilter, is: &str| {
        let rows = world.deployments(filter.clone(), Page::default()).await.unwrap().rows;
        let found: String = rows.iter().map(|one| &one.reported.sha[..1]).collect();
        assert_eq!(found, is, "{filter:?}");
    };
    let all = DeploymentFilter::default;
    check(all(), "cba").await;
    check(DeploymentFilter { environment: Some("dev".into()), ..all() }, "ca").await;
    check(DeploymentFilter { of_no_project: true, ..all() }, "ba").await;
    check(DeploymentFilter { status: Some(Failed), ..all() }, "b").await;
    check(DeploymentFilter { project: Some(world.project.id), ..all() }, "c").await;
}

async fn what_is_moved_changes_what_runs(world: World) {
    let mut ids = Vec::new();
    for status in [Success, Running] {
        ids.push(world.record_deployment(new("dev", "a", status)).await.unwrap().id);
    }
    let check = async |status, is: &[i64]| {
        world.move_deployment(ids[1], status, at(1)).await.unwrap();
        let current = world.current_deployments().await.unwrap();
        assert_eq!(current.iter().map(|one| one.id).collect::<Vec<_>>(), is, "{status:?}");
    };
    check(Running, &ids).await;
    check(Success, &ids[1..]).await;
    check(Failed, &ids[..1]).await;
    check(Created, &ids).await;
    check(Canceled, &ids[..1]).await;
}

/// Of one environment and project, as the port says.
const KEPT: usize = 1_000;

async fn the_newest_of_an_environment_and_project_stay_and_the_newest_that_succeeded(world: World) {
    let of_project = |environment: &str, status| NewDeployment {
        project: Some(world.project.id),
        ..new(environment, "a", status)
    };
    let record = async |one| world.record_deployment(one).await.unwrap().id;
    let there = async |id| world.deployment(id).await.unwrap().is_some();
    let (first, ran) = (record(of_project("dev", Failed)).await, record(of_project("dev", Success)).await);
    // Neighbours, one of them newer and running in the same environment.
    let neighbours = [record(of_project("staging", Failed)).await, record(new("dev", "b", Success)).await];
    for _ in 2..KEPT {
        record(of_project("dev", Failed)).await;
    }
    assert!(there(first).await, "the last that is kept");
    record(of_project("dev", Failed)).await;
    assert!(!there(first).await, "one more than are kept");
    record(of_project("dev", Failed)).await;
    assert!(there(ran).await, "it is the newest of its project that succeeded");
    let dev = DeploymentFilter {
        environment: Some("dev".into()),
        project: Some(world.project.id),
        ..DeploymentFilter::default()
    };
    assert_eq!(world.deployments(dev, Page::default()).await.unwrap().total, KEPT as u64 + 1);
    record(of_project("dev", Success)).await;
    assert!(!there(ran).await, "another has succeeded since");
    assert!(there(neighbours[0]).await && there(neighbours[1]).await);
    while world.prune(at(1_000_000)).await.unwrap() > 0 {}
    assert!(there(neighbours[0]).await, "retention leaves deployments alone");
}
