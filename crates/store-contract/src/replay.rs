//! Deliveries that ended and wait once more: whose, of which kinds, with which bytes.

use crate::deliveries::waiting_at;
use crate::suite;
use crate::world::{World, at, attempted, new_event, new_project, put, success};
use bytes::Bytes;
use wigwag_access::Namespace;
use wigwag_base::{EventId, HookId};
use wigwag_hooks::{Attempt, AttemptKind, Delivery, DeliveryState, EndReason, Hook, HookScope, SentBody};
use wigwag_ports::deliveries::{Backlog, DeliveryKey, ReplayFilter, ReplayOf, Replayable};
use wigwag_ports::intake::Appended;

suite!(
    what_ended_waits_once_more,
    of_one_hook_what_ended_of_all_projects_waits_once_more,
    what_recursion_blocked_waits_once_more_by_its_name_alone,
);

async fn what_ended_waits_once_more(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let mut events = Vec::new();
    for n in 0..6 {
        events.push(world.event(&format!("{{\"n\":{n}}}"), n).await);
    }
    let [a, b, c, d, e, f] = events[..] else { unreachable!() };
    let made = Bytes::from_static(b"made by a template");
    let given_up = Delivery { body: made.clone(), ..world.delivery(&hook, a, DeliveryState::GivenUp).await };
    world.write(vec![put(&given_up)]).await;
    world.put(&hook, b, DeliveryState::Skipped(EndReason::HookPaused)).await;
    world.put(&hook, c, DeliveryState::Expired(EndReason::TooOld)).await;
    let sent = Attempt { request_body: SentBody::Own(made.clone()), ..world.attempt(&hook, d, success()) };
    world.write(vec![attempted(sent), attempted(world.attempt(&hook, d, success()))]).await;
    let test = Attempt { kind: AttemptKind::Test, ..world.attempt(&hook, e, success()) };
    world.write(vec![attempted(test)]).await;
    world.put(&hook, f, DeliveryState::Held).await;
    world.put(&other, a, DeliveryState::GivenUp).await;

    let of =
        |hooks: &[&Hook]| ReplayOf::Project(world.project.id, hooks.iter().map(|hook| hook.id).collect());
    let all = |state| ReplayFilter { of: of(&[&hook]), state, event_type: None, since: None, until: None };
    let key = |event, hook: &Hook| DeliveryKey { event, hook: hook.id };
    let start = DeliveryKey { event: EventId(0), hook: HookId(0) };
    let found = async |filter, after, limit| world.replayable(filter, after, limit).await.unwrap();
    assert_eq!(found(all(Replayable::GivenUp), start, 10).await, [key(a, &hook)]);
    assert_eq!(found(all(Replayable::Skipped), start, 10).await, [key(b, &hook)]);
    assert_eq!(found(all(Replayable::Expired), start, 10).await, [key(c, &hook)]);
    assert_eq!(found(all(Replayable::Delivered), start, 10).await, [key(d, &hook)]);
    let both = ReplayFilter { of: of(&[&hook, &other]), ..all(Replayable::GivenUp) };
    assert_eq!(found(both.clone(), start, 10).await, [key(a, &hook), key(a, &other)]);
    assert_eq!(found(both.clone(), start, 1).await, [key(a, &hook)]);
    assert_eq!(found(both.clone(), key(a, &hook), 10).await, [key(a, &other)]);
    for (since, until, event_type, count) in [
        (Some(at(0)), Some(at(1)), Some("push"), 1),
        (Some(at(1)), None, None, 0),
        (None, Some(at(0)), None, 0),
        (None, None, Some("job"), 0),
    ] {
        let narrow =
            ReplayFilter { since, until, event_type: event_type.map(Into::into), ..all(Replayable::GivenUp) };
        assert_eq!(found(narrow, start, 10).await.len(), count, "{since:?} {until:?} {event_type:?}");
    }
    let elsewhere =
        ReplayFilter { of: ReplayOf::Project(wigwag_base::ProjectId(999), vec![hook.id, other.id]), ..both };
    assert_eq!(found(elsewhere, start, 10).await, []);

    let keys: Vec<_> = [a, b, c, d, e, f].map(|event| key(event, &hook)).into();
    let gone = DeliveryKey { event: EventId(999), hook: hook.id };
    assert_eq!(
        world.replay([&keys[..], &[gone]].concat()).await.unwrap(),
        4,
        "a test and what waits are left alone"
    );
    let Backlog { rows, .. } = world.waiting(waiting_at(hook.id, at(0), 10)).await.unwrap();
    let waiting: Vec<_> = rows.iter().map(|row| (row.event, row.state, row.attempts)).collect();
    let pending = |event| (event, DeliveryState::Pending, 0);
    assert_eq!(waiting, [pending(a), pending(b), pending(c), pending(d), (f, DeliveryState::Held, 1)]);
    let bodies: Vec<_> = rows.iter().map(|row| row.body.clone()).collect();
    assert_eq!(&bodies[..2], [made, Bytes::from_static(b"{\"n\":1}")]);
    assert_eq!(bodies[3], Bytes::from_static(b"{\"n\":3}"), "those of the last success");
    assert_eq!(world.replay(keys).await.unwrap(), 0, "nothing waits twice");
    assert_eq!(found(all(Replayable::Delivered), start, 10).await, []);
    world.delete_hook(hook.id).await.unwrap();
    assert_eq!(world.replay(vec![key(a, &hook)]).await.unwrap(), 0, "of a hook that is gone nothing waits");
}

async fn of_one_hook_what_ended_of_all_projects_waits_once_more(world: World) {
    let namespace = Namespace::User(world.user.id);
    let elsewhere = world.create_project(new_project("elsewhere", namespace)).await.unwrap().id;
    let (hook, other) = (world.hook(HookScope::System).await, world.hook(HookScope::System).await);
    let mut events = Vec::new();
    for project in [world.project.id, elsewhere, world.project.id, elsewhere, elsewhere] {
        let Appended::New(event) = world.append(vec![new_event(project, "{}")]).await.unwrap()[0] else {
            panic!("it is new");
        };
        events.push((project, event));
    }
    for (at, state) in [(0, DeliveryState::GivenUp), (1, DeliveryState::GivenUp), (4, DeliveryState::Held)] {
        let (project, event) = events[at];
        for hook in [&hook, &other] {
            let delivery = world.delivery(hook, event, state).await;
            world.write(vec![put(&Delivery { project, ..delivery })]).await;
        }
    }
    for (project, event) in &events[2..4] {
        for hook in [&hook, &other] {
            let sent = world.attempt(hook, *event, success());
            world.write(vec![attempted(Attempt { project: Some(*project), ..sent })]).await;
        }
    }
    let found = async |state, after: DeliveryKey, limit| {
        let of = ReplayOf::Hook(hook.id);
        let filter = ReplayFilter { of, state, event_type: None, since: None, until: None };
        world.replayable(filter, after, limit).await.unwrap()
    };
    let key = |at: usize| DeliveryKey { event: events[at].1, hook: hook.id };
    let start = DeliveryKey { event: EventId(0), hook: HookId(0) };
    for (state, keys) in
        [(Replayable::GivenUp, vec![key(0), key(1)]), (Replayable::Delivered, vec![key(2), key(3)])]
    {
        assert_eq!(found(state, start, 10).await, keys, "{state:?}");
        assert_eq!(found(state, start, 1).await, keys[..1], "{state:?}");
        assert_eq!(found(state, keys[0], 10).await, keys[1..], "{state:?}");
        assert_eq!(found(state, keys[1], 10).await, [], "{state:?}");
    }
    assert_eq!(found(Replayable::Expired, start, 10).await, []);
    assert_eq!(world.replay((0..5).map(key).collect()).await.unwrap(), 4, "one waits already");
    assert_eq!(found(Replayable::Delivered, start, 10).await, []);
}

async fn what_recursion_blocked_waits_once_more_by_its_name_alone(world: World) {
    let hook = world.project_hook().await;
    let mut events = Vec::new();
    for reason in [
        EndReason::Recursion,
        EndReason::ChainFull,
        EndReason::SwitchedOff,
        EndReason::HookPaused,
        EndReason::HookDisabled,
    ] {
        let event = world.event("{}", 0).await;
        world.put(&hook, event, DeliveryState::Skipped(reason)).await;
        events.push(event);
    }
    let start = DeliveryKey { event: EventId(0), hook: HookId(0) };
    for (state, expected) in [
        (Replayable::Recursion, events[..2].to_vec()),
        (Replayable::Skipped, events[2..].to_vec()),
        (Replayable::Expired, vec![]),
    ] {
        let of = ReplayOf::Project(world.project.id, vec![hook.id]);
        let filter = ReplayFilter { of, state, event_type: None, since: None, until: None };
        let found = world.replayable(filter, start, 10).await.unwrap();
        assert_eq!(found.iter().map(|key| key.event).collect::<Vec<_>>(), expected, "{state:?}");
    }
}
