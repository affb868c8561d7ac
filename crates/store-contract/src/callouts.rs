//! Dismissals hold until their source gets worse.

use crate::suite;
use crate::world::{World, health_change, new_user, transition};
use wigwag_access::Source;
use wigwag_base::{GroupId, ProjectId, UserId};
use wigwag_hooks::health::Health;
use wigwag_ports::StoreError;
use wigwag_ports::callouts::Dismissal;
use wigwag_ports::deliveries::{HealthChange, Record};

suite!(a_dismissal_holds_until_it_gets_worse, a_newer_one_replaces_an_older_one, user_and_source_must_exist);

fn dismissal(world: &World, worse_count: u64) -> Dismissal {
    let source = Source::Project(world.project.id);
    Dismissal { user: world.user.id, source, feature: "web_hook_disabled".into(), worse_count }
}

async fn a_dismissal_holds_until_it_gets_worse(world: World) {
    let hook = world.project_hook().await;
    let of_group = Dismissal { source: Source::Group(world.group.id), ..dismissal(&world, 0) };
    world.dismiss(dismissal(&world, 0)).await.unwrap();
    world.dismiss(of_group.clone()).await.unwrap();
    assert_eq!(world.dismissals().await.unwrap().len(), 2);
    let change = health_change(&hook, 0, Health::Disabled);
    let change = HealthChange { transition: Some(transition("disabled", true)), ..change };
    world.write(vec![Record { health: Some(change), ..Record::default() }]).await;
    assert_eq!(world.dismissals().await.unwrap(), [of_group]);
}

async fn a_newer_one_replaces_an_older_one(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap();
    world.dismiss(dismissal(&world, 7)).await.unwrap();
    assert_eq!(world.dismissals().await.unwrap(), [], "of a counter that the source does not have");
    let others = [
        dismissal(&world, 0),
        Dismissal { feature: "other".into(), ..dismissal(&world, 0) },
        Dismissal { user: bob.id, ..dismissal(&world, 0) },
    ];
    for other in &others {
        world.dismiss(other.clone()).await.unwrap();
        world.dismiss(other.clone()).await.unwrap();
    }
    let found = world.dismissals().await.unwrap();
    assert_eq!(found.len(), 3);
    assert!(others.iter().all(|other| found.contains(other)));
}

async fn user_and_source_must_exist(world: World) {
    let check = async |dismissal, what| {
        assert_eq!(world.dismiss(dismissal).await, Err(StoreError::NotFound(what)));
    };
    check(Dismissal { user: UserId(999), ..dismissal(&world, 0) }, "user").await;
    check(Dismissal { source: Source::Project(ProjectId(999)), ..dismissal(&world, 0) }, "project").await;
    check(Dismissal { source: Source::Group(GroupId(999)), ..dismissal(&world, 0) }, "group").await;
    assert_eq!(world.dismissals().await.unwrap(), []);
}
