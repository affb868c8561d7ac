//! The delivery log: filters, pages, bodies, figures.

use crate::suite;
use crate::world::{World, at, attempted, event_type, failure, new_project, success};
use bytes::Bytes;
use std::time::Duration;
use wigwag_access::Namespace;
use wigwag_base::{AttemptId, EventId, HookId, Page, Timestamp};
use wigwag_hooks::{
    Attempt, AttemptKind, Delivery, DeliveryState, EndReason, Failure, FailureClass, HookScope, NewEvent,
    Outcome, Response, SentBody,
};
use wigwag_ports::log::{AttemptFilter, DeliveryFilter, Figures, StatusClass};

suite!(
    attempts_come_back_whole,
    a_body_that_is_the_payload_is_filled_in,
    every_filter_of_attempts_narrows,
    past_attempts_leave_out_what_is_large,
    pages_hold_what_they_say,
    deliveries_are_rows_and_successes,
    every_filter_of_deliveries_narrows,
    figures_count_slices,
);

async fn attempts_come_back_whole(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    let response = Response {
        status: 299,
        headers: vec![("x-a".into(), String::new()), ("x-a".into(), "ü\t".into())],
        body: Bytes::from_static(b"\0\xff"),
    };
    let mut outcomes = vec![Outcome::Success(response.clone()), success()];
    outcomes.extend(FailureClass::ALL.map(|class| failure(class, 0)));
    outcomes.push(Outcome::Failure(Failure {
        class: FailureClass::ServerError,
        text: String::new(),
        response: Some(response),
        retry_after: Some(Duration::from_millis(90_500)),
    }));
    for (n, outcome) in (1..).zip(outcomes) {
        let attempt = Attempt {
            kind: AttemptKind::ALL[n as usize % AttemptKind::ALL.len()],
            request_headers: vec![("x-b".into(), "[masked]".into())],
            request_body: SentBody::Own(Bytes::from_static(b"rendered")),
            started_at: Timestamp::from_millis(n),
            ..world.attempt(&hook, event, outcome)
        };
        world.write(vec![attempted(attempt.clone())]).await;
        let id = AttemptId(n);
        assert_eq!((*world).attempt(id).await.unwrap(), Some(Attempt { id, ..attempt }));
    }
    let test = Attempt {
        event: None,
        project: None,
        kind: AttemptKind::Test,
        ..world.attempt(&hook, event, success())
    };
    world.write(vec![attempted(test.clone())]).await;
    let newest = (*world).attempts(AttemptFilter::default(), Page::new(1, 1)).await.unwrap().rows.remove(0);
    assert_eq!(newest, Attempt { id: newest.id, ..test });
    assert_eq!((*world).attempt(AttemptId(999)).await.unwrap(), None);
}

async fn a_body_that_is_the_payload_is_filled_in(world: World) {
    let hook = world.project_hook().await;
    let payload = "{\"payload\":1}";
    let event = world.event(payload, 0).await;
    let own = |body: &'static str| SentBody::Own(Bytes::from_static(body.as_bytes()));
    let mut id = 0;
    let mut check = async |sent: SentBody, of: Option<EventId>, kept: SentBody| {
        id += 1;
        let attempt = world.attempt(&hook, event, failure(FailureClass::BadRequest, 0));
        world.write(vec![attempted(Attempt { request_body: sent, event: of, ..attempt })]).await;
        let attempt = (*world).attempt(AttemptId(id)).await.unwrap().unwrap();
        assert_eq!(attempt.request_body, kept);
        let listed = (*world).attempts(AttemptFilter::default(), Page::new(1, 1)).await.unwrap().rows;
        assert_eq!(listed[0].request_body, SentBody::Payload, "a list has no bodies");
    };
    check(SentBody::Payload, Some(event), own(payload)).await;
    check(own(payload), Some(event), own(payload)).await;
    check(own("{}"), Some(event), own("{}")).await;
    check(SentBody::Unmade, Some(event), SentBody::Unmade).await;
    check(own(payload), None, own(payload)).await;
    check(SentBody::Unmade, None, SentBody::Unmade).await;
}

async fn every_filter_of_attempts_narrows(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let (event, next) = (world.event("{}", 0).await, world.event("{}", 1).await);
    let write = async |hook, event, outcome, change: fn(&mut Attempt)| {
        let mut attempt = world.attempt(hook, event, outcome);
        change(&mut attempt);
        world.write(vec![attempted(attempt)]).await;
    };
    write(&hook, event, success(), |_| {}).await;
    write(&hook, event, failure(FailureClass::ClientError, 404), |a| a.event_type = event_type("job")).await;
    write(&other, event, failure(FailureClass::ServerError, 503), |a| a.started_at = at(50)).await;
    write(&other, next, failure(FailureClass::Timeout, 0), |_| {}).await;
    write(&hook, next, failure(FailureClass::Redirect, 301), |a| a.kind = AttemptKind::Retry).await;
    let check = async |filter, ids: &[i64]| {
        let page = (*world).attempts(filter, Page::default()).await.unwrap();
        let found: Vec<_> = page.rows.iter().map(|attempt| attempt.id.0).collect();
        assert_eq!((&found[..], page.total), (ids, ids.len() as u64));
    };
    let all = AttemptFilter::default;
    check(all(), &[5, 4, 3, 2, 1]).await;
    check(AttemptFilter { hook: Some(hook.id), ..all() }, &[5, 2, 1]).await;
    check(AttemptFilter { event: Some(event), ..all() }, &[3, 2, 1]).await;
    check(AttemptFilter { event: Some(EventId(999)), ..all() }, &[]).await;
    check(AttemptFilter { event_type: Some("job".into()), ..all() }, &[2]).await;
    check(AttemptFilter { since: Some(at(50)), ..all() }, &[3]).await;
    check(AttemptFilter { until: Some(at(50)), ..all() }, &[5, 4, 2, 1]).await;
    let status = |class| AttemptFilter { status: Some(class), ..all() };
    check(status(StatusClass::Successful), &[1]).await;
    check(status(StatusClass::ClientFailure), &[2]).await;
    check(status(StatusClass::ServerFailure), &[4, 3]).await;
    check(status(StatusClass::Code(301)), &[5]).await;
    check(AttemptFilter { hook: Some(other.id), ..status(StatusClass::Successful) }, &[]).await;
}

async fn past_attempts_leave_out_what_is_large(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let event = world.event("{}", 0).await;
    let asked_to_wait = match failure(FailureClass::ServerError, 503) {
        Outcome::Failure(failure) => {
            Outcome::Failure(Failure { retry_after: Some(Duration::from_secs(7)), ..failure })
        }
        success @ Outcome::Success(_) => success,
    };
    let all = [
        (&hook, success(), AttemptKind::First),
        (&hook, asked_to_wait, AttemptKind::Retry),
        (&other, success(), AttemptKind::First),
        (&hook, failure(FailureClass::Timeout, 0), AttemptKind::Probe),
        (&hook, success(), AttemptKind::Test),
    ];
    for (s, (hook, outcome, kind)) in (1..).zip(all) {
        let body = SentBody::Own(Bytes::from_static(b"rendered"));
        let attempt =
            Attempt { kind, request_body: body, started_at: at(s), ..world.attempt(hook, event, outcome) };
        world.write(vec![attempted(attempt)]).await;
    }
    let ids = async |hook: HookId, since, limit| {
        let found = world.past_attempts(hook, since, limit).await.unwrap();
        found.iter().map(|attempt| attempt.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(hook.id, None, 9).await, [5, 4, 2, 1]);
    assert_eq!(ids(hook.id, None, 2).await, [5, 4]);
    assert_eq!(ids(hook.id, Some(at(2)), 9).await, [5, 4, 2]);
    assert_eq!(ids(hook.id, Some(at(9)), 9).await, [0; 0]);
    assert_eq!(ids(HookId(999), None, 9).await, [0; 0]);
    let found = world.past_attempts(hook.id, None, 9).await.unwrap();
    let waits = &found[2];
    assert_eq!((waits.event, waits.kind, waits.started_at), (Some(event), AttemptKind::Retry, at(2)));
    assert_eq!(waits.duration, Duration::from_micros(1234));
    let response = Response { status: 503, headers: Vec::new(), body: Bytes::new() };
    let expected = Failure {
        class: FailureClass::ServerError,
        text: "it failed; try again".into(),
        response: Some(response),
        retry_after: Some(Duration::from_secs(7)),
    };
    assert_eq!(waits.outcome, Outcome::Failure(expected));
}

async fn pages_hold_what_they_say(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    let records = (0..45).map(|_| attempted(world.attempt(&hook, event, success())));
    world.write(records.collect()).await;
    for (number, first, rows) in [(1, 45, 20), (2, 25, 20), (3, 5, 5), (4, 0, 0), (u32::MAX, 0, 0)] {
        let page = (*world).attempts(AttemptFilter::default(), Page::new(number, 20)).await.unwrap();
        let found = page.rows.first().map_or(0, |attempt| attempt.id.0);
        assert_eq!((found, page.rows.len(), page.total, page.page.number), (first, rows, 45, number));
    }
}

fn of(world: &World) -> DeliveryFilter {
    DeliveryFilter { project: Some(world.project.id), ..DeliveryFilter::default() }
}

async fn deliveries_are_rows_and_successes(world: World) {
    let (hook, other) = (world.project_hook().await, world.hook(HookScope::System).await);
    let (a, b, c) = (world.event("a", 0).await, world.event("b", 1).await, world.event("c", 2).await);
    // Twice delivered (a crash between), delivered at the third attempt, and one resent after it was given up.
    for event in [a, a] {
        world.write(vec![attempted(world.attempt(&hook, event, success()))]).await;
    }
    for (kind, outcome) in [
        (AttemptKind::First, failure(FailureClass::Timeout, 0)),
        (AttemptKind::Retry, failure(FailureClass::Timeout, 0)),
        (AttemptKind::Retry, success()),
    ] {
        let attempt = Attempt { kind, ..world.attempt(&hook, b, outcome) };
        world.write(vec![attempted(attempt)]).await;
    }
    let lost = world.put(&other, b, DeliveryState::GivenUp).await;
    world.write(vec![attempted(world.attempt(&other, b, failure(FailureClass::Timeout, 0)))]).await;
    let held = world.put(&hook, c, DeliveryState::Held).await;
    let page = (*world).deliveries(of(&world), Page::default()).await.unwrap();
    let seen: Vec<_> = page.rows.iter().map(|row| (row.event, row.hook, row.state, row.attempts)).collect();
    let delivered = DeliveryState::Delivered;
    assert_eq!(
        seen,
        [
            (c, hook.id, held.state, 1),
            (b, other.id, lost.state, 1),
            (b, hook.id, delivered, 3),
            (a, hook.id, delivered, 2)
        ]
    );
    assert_eq!(page.total, 4);
    let bodiless = Delivery { body: Bytes::new(), ..held };
    assert_eq!(page.rows[0], bodiless, "the listing leaves bodies out");
    let second = (*world).deliveries(of(&world), Page::new(2, 3)).await.unwrap();
    assert_eq!(second.rows, page.rows[3..]);
}

async fn every_filter_of_deliveries_narrows(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let elsewhere = world.create_project(new_project("x", Namespace::User(world.user.id))).await.unwrap();
    let states = [
        DeliveryState::Pending,
        DeliveryState::Retrying { due: at(9) },
        DeliveryState::Held,
        DeliveryState::GivenUp,
        DeliveryState::Skipped(EndReason::HookPaused),
        DeliveryState::Skipped(EndReason::SwitchedOff),
        DeliveryState::Expired(EndReason::TooOld),
        DeliveryState::Expired(EndReason::TooMany),
        DeliveryState::Cancelled,
    ];
    for (n, state) in (0..).zip(states) {
        let event = world.event("{}", n).await;
        world.put(&hook, event, state).await;
    }
    let job = NewEvent {
        event_type: event_type("job"),
        accepted_at: at(99),
        ..crate::world::new_event(world.project.id, "{}")
    };
    let foreign = NewEvent { project: elsewhere.id, ..job.clone() };
    world.append(vec![job, foreign]).await.unwrap();
    let last = world.unsettled(EventId(0), 100).await.unwrap().pop().unwrap().event;
    let event = EventId(last.id.0 - 1);
    world.write(vec![attempted(world.attempt(&other, event, success()))]).await;
    let stranger = Attempt { project: Some(elsewhere.id), ..world.attempt(&hook, last.id, success()) };
    world.write(vec![attempted(stranger)]).await;
    world.put(&other, last.id, DeliveryState::Held).await;
    let check = async |filter, count: u64| {
        let page = (*world).deliveries(filter, Page::default()).await.unwrap();
        assert_eq!((page.rows.len() as u64, page.total), (count, count), "{:?}", page.rows);
    };
    check(of(&world), 10).await;
    for (word, count) in [
        ("pending", 1),
        ("retrying", 1),
        ("held", 1),
        ("given_up", 1),
        ("skipped", 2),
        ("expired", 2),
        ("cancelled", 1),
        ("delivered", 1),
        ("in_flight", 0),
        ("nonsense", 0),
    ] {
        check(DeliveryFilter { state: Some(word), ..of(&world) }, count).await;
    }
    check(DeliveryFilter { hook: Some(hook.id), ..of(&world) }, 9).await;
    check(DeliveryFilter { hook: Some(HookId(999)), ..of(&world) }, 0).await;
    check(DeliveryFilter { event_type: Some("job".into()), ..of(&world) }, 1).await;
    check(DeliveryFilter { since: Some(at(8)), ..of(&world) }, 2).await;
    check(DeliveryFilter { until: Some(at(8)), ..of(&world) }, 8).await;
    check(DeliveryFilter { hook: Some(hook.id), ..DeliveryFilter::default() }, 10).await;
    check(DeliveryFilter { event: Some(event), ..of(&world) }, 1).await;
    check(DeliveryFilter { event: Some(last.id), ..of(&world) }, 0).await;
    check(DeliveryFilter { event: Some(last.id), project: Some(elsewhere.id), ..of(&world) }, 2).await;
    let of_hook = |hook| DeliveryFilter { hook: Some(hook), ..DeliveryFilter::default() };
    check(DeliveryFilter { event: Some(last.id), ..of_hook(hook.id) }, 1).await;
    check(DeliveryFilter { event: Some(event), ..of_hook(other.id) }, 1).await;
    check(DeliveryFilter { event: Some(event), ..of_hook(hook.id) }, 0).await;
    check(DeliveryFilter { project: Some(elsewhere.id), ..of(&world) }, 2).await;
}

async fn figures_count_slices(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    let minute = Duration::from_secs(60);
    let times = [(-70, true), (0, true), (59, false), (60, true), (61, true), (300, false)];
    for (s, good) in times {
        let outcome = if good { success() } else { failure(FailureClass::Tls, 0) };
        let attempt = Attempt { started_at: at(s), ..world.attempt(&hook, event, outcome) };
        world.write(vec![attempted(attempt)]).await;
    }
    let figures = |s, succeeded, failed| Figures { from: at(s), succeeded, failed };
    let found = (*world).figures(at(0), minute).await.unwrap();
    assert_eq!(found, [figures(0, 1, 1), figures(60, 2, 0), figures(300, 0, 1)]);
    assert_eq!((*world).figures(at(0), minute * 60).await.unwrap(), [figures(0, 3, 2)]);
    assert_eq!((*world).figures(at(1000), minute).await.unwrap(), []);
}
