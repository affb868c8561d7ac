//! Health by compare-and-set, its timeline and the counters that it raises.

use crate::suite;
use crate::world::{World, at, attempted, health_change, new_hook, success, transition};
use wigwag_access::Source;
use wigwag_base::{AttemptId, HookId, Page, TransitionId};
use wigwag_hooks::health::{Health, PauseReason};
use wigwag_hooks::{Hook, HookScope};
use wigwag_ports::deliveries::{HealthChange, Record, Recorded, Waited};
use wigwag_ports::log::AttemptFilter;

suite!(
    a_change_from_the_version_seen_is_kept,
    a_stale_change_leaves_the_rest,
    one_batch_may_move_a_hook_twice,
    getting_worse_raises_the_counter_of_its_source,
    every_state_comes_back,
);

fn moved(change: HealthChange) -> Record {
    Record { health: Some(change), ..Record::default() }
}

const PAUSED: Health = Health::Paused { until: at(60), reason: PauseReason::Failures };

async fn a_change_from_the_version_seen_is_kept(world: World) {
    let hook = world.project_hook().await;
    let change = health_change(&hook, hook.health.version, PAUSED);
    let told = HealthChange { transition: Some(transition("paused", false)), ..change.clone() };
    let recorded = world.write(vec![moved(told)]).await;
    assert_eq!(recorded, [Recorded::Written { attempt: None, worse_count: None, waited: Waited::No }]);
    assert_eq!((*world).hook(hook.id).await.unwrap().unwrap().health, change.record);
    let timeline = world.timeline(hook.id, 10).await.unwrap();
    assert_eq!(timeline, [(TransitionId(1), transition("paused", false))]);
    assert_eq!(world.timeline(HookId(999), 10).await.unwrap(), []);
}

async fn a_stale_change_leaves_the_rest(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    let gone = Hook { id: HookId(999), ..hook.clone() };
    for (n, (of, seen)) in (1..).zip([(&hook, -1), (&hook, 1), (&gone, 0)]) {
        let change = health_change(of, seen, Health::Disabled);
        let change = HealthChange { transition: Some(transition("disabled", true)), ..change };
        let record = Record {
            health: Some(change),
            settled: Some(event),
            ..attempted(world.attempt(&hook, event, success()))
        };
        assert_eq!(
            world.write(vec![record]).await,
            [Recorded::HealthStale { attempt: Some(AttemptId(n)), waited: Waited::No }]
        );
        assert!((*world).attempt(AttemptId(n)).await.unwrap().is_some());
        assert_eq!(world.unsettled(wigwag_base::EventId(0), 10).await.unwrap(), []);
    }
    assert_eq!((*world).hook(hook.id).await.unwrap().unwrap().health, hook.health);
    assert_eq!(world.timeline(hook.id, 10).await.unwrap(), []);
    assert_eq!(world.worse_counts().await.unwrap(), []);
    assert_eq!((*world).attempts(AttemptFilter::default(), Page::default()).await.unwrap().total, 3);
}

async fn one_batch_may_move_a_hook_twice(world: World) {
    let hook = world.project_hook().await;
    let records = [(0, PAUSED), (1, Health::HalfOpen), (1, Health::Disabled)];
    let records = records.map(|(seen, state)| moved(health_change(&hook, seen, state)));
    let written = Recorded::Written { attempt: None, worse_count: None, waited: Waited::No };
    assert_eq!(
        world.write(records.to_vec()).await,
        [written, written, Recorded::HealthStale { attempt: None, waited: Waited::No }]
    );
    let health = (*world).hook(hook.id).await.unwrap().unwrap().health;
    assert_eq!((health.state, health.version), (Health::HalfOpen, 2));
}

async fn getting_worse_raises_the_counter_of_its_source(world: World) {
    let of_group = world.hook(HookScope::Group(world.group.id)).await;
    let of_system = world.hook(HookScope::System).await;
    let (first, second) = (world.project_hook().await, world.project_hook().await);
    let check = async |hook: &Hook, seen, got_worse, worse_count| {
        let change = health_change(hook, seen, PAUSED);
        let change = HealthChange { transition: Some(transition("paused", got_worse)), ..change };
        let recorded = world.write(vec![moved(change)]).await;
        assert_eq!(recorded, [Recorded::Written { attempt: None, worse_count, waited: Waited::No }]);
    };
    check(&first, 0, true, Some(1)).await;
    check(&first, 1, false, None).await;
    check(&second, 0, true, Some(2)).await;
    check(&of_group, 0, true, Some(1)).await;
    check(&of_system, 0, true, None).await;
    let mut counts = world.worse_counts().await.unwrap();
    counts.sort_unstable();
    let (project, group) = (Source::Project(world.project.id), Source::Group(world.group.id));
    assert_eq!(counts, [(project, 2), (group, 1)]);
    let timeline = world.timeline(first.id, 1).await.unwrap();
    assert_eq!(timeline, [(TransitionId(2), transition("paused", false))]);
}

async fn every_state_comes_back(world: World) {
    let states = [
        Health::Healthy,
        Health::Unhealthy { not_before: None },
        Health::Unhealthy { not_before: Some(at(9)) },
        PAUSED,
        Health::Paused { until: at(5), reason: PauseReason::RetryAfter },
        Health::HalfOpen,
        Health::Disabled,
    ];
    for state in states {
        let scope = HookScope::Project(world.project.id);
        let hook = new_hook(scope);
        let health = health_change(&hook, 41, state).record;
        let hook = world.create_hook(Hook { health, ..hook }, 100, None).await.unwrap();
        assert_eq!((*world).hook(hook.id).await.unwrap(), Some(hook));
    }
    let failing: Vec<_> = world.failing_hooks().await.unwrap().iter().map(|f| f.hook.health.state).collect();
    assert_eq!(failing, states[3..]);
}
