//! Who is told of changes of health: the cursor, the lines, what came of them, who does not want to be told.

use crate::suite;
use crate::world::{World, at, attempted, failure, health_change, new_user, transition};
use std::time::Duration;
use wigwag_access::{Source, UserRole};
use wigwag_base::{HookId, Page, Timestamp, TransitionId, UserId};
use wigwag_hooks::health::{Health, Transition, TransitionKind};
use wigwag_hooks::{FailureClass, Hook, Switch};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{HealthChange, Record};
use wigwag_ports::notices::{
    BacklogCall, Channel, Line, LineNote, NewNotice, News, NoticeState, OptOut, Owed, Ring, Telling, Told,
    ToldOf,
};
use wigwag_ports::outbox::MessageCame;
use wigwag_ports::registry::NewUser;

suite!(
    changes_wait_behind_the_cursor_with_the_request_that_brought_them,
    the_cursor_moves_from_where_it_was_seen_with_everything_or_nothing,
    a_line_has_one_message_and_what_comes_later_gets_another,
    a_line_rests_after_its_last_message,
    a_retry_keeps_what_waits_and_a_given_up_one_is_seen,
    whoever_heard_that_it_is_worse_is_owed_the_end,
    what_was_not_heard_is_owed_to_nobody,
    whoever_heard_once_is_owed_the_end_whatever_comes_of_later_news,
    what_was_heard_of_an_earlier_failure_does_not_count,
    who_was_told_is_listed_by_hook_and_by_change,
    what_is_to_be_told_outlives_retention,
    a_backlog_is_told_once_until_it_shrank,
    users_say_what_they_do_not_want,
    admins_are_listed_by_id,
);

const MINUTE: Duration = Duration::from_secs(60);

/// Moves a hook to disabled, as so many changes before it did.
async fn changes(world: &World, hook: &Hook, seen_version: i64) -> TransitionId {
    let change = health_change(hook, seen_version, Health::Disabled);
    let change = HealthChange { transition: Some(transition("disabled", true)), ..change };
    world.write(vec![Record { health: Some(change), ..Record::default() }]).await;
    world.timeline(hook.id, 1).await.unwrap()[0].0
}

fn ring(line: Line, s: i64) -> Ring {
    Ring { line, destination: format!("{line:?}"), not_before: at(s), every: MINUTE }
}

fn notice(hook: &Hook, transition: TransitionId, line: Line) -> NewNotice {
    NewNotice { transition, hook: hook.id, line, project: None, news: News::Worse }
}

/// Tells these lines of a change.
async fn tell(world: &World, hook: &Hook, change: TransitionId, lines: &[Line]) {
    let seen = world.untold(0).await.unwrap().cursor;
    let telling = Telling {
        seen,
        upto: change,
        notices: lines.iter().map(|line| notice(hook, change, *line)).collect(),
        recovered: Vec::new(),
        rings: lines.iter().map(|line| ring(*line, 10)).collect(),
        at: at(5),
    };
    world.tell(telling).await.unwrap();
}

/// A hook works again, and that is taken.
async fn tell_recovered(world: &World, hook: &Hook, seen_version: i64) {
    let well = Transition { kind: TransitionKind::Recovered, ..transition("healthy", false) };
    let change = health_change(hook, seen_version, Health::Healthy);
    let change = HealthChange { transition: Some(well), ..change };
    world.write(vec![Record { health: Some(change), ..Record::default() }]).await;
    let telling = Telling {
        seen: world.untold(0).await.unwrap().cursor,
        upto: world.timeline(hook.id, 1).await.unwrap()[0].0,
        notices: Vec::new(),
        recovered: vec![hook.id],
        rings: Vec::new(),
        at: at(5),
    };
    world.tell(telling).await.unwrap();
    assert_eq!(world.owed(hook.id).await.unwrap(), []);
}

/// The line's message: its id and when it is due.
async fn message(world: &World, line: Line) -> Option<(i64, Timestamp)> {
    let waiting = world.waiting_messages(format!("{line:?}"), 10).await.unwrap();
    assert!(waiting.len() <= 1, "{waiting:?}");
    waiting.first().map(|message| (message.id, message.due_at.unwrap()))
}

async fn waiting(world: &World, line: Line) -> Vec<TransitionId> {
    world.waiting_notices(line, 10).await.unwrap().into_iter().map(|one| one.id).collect()
}

/// Notes that the line's message came to this at that second.
async fn note(world: &World, line: Line, s: i64, came: MessageCame, note: LineNote) {
    let (message, _) = message(world, line).await.unwrap();
    world.note_line(LineNote { message, came, ring: ring(line, s), at: at(s), ..note }).await.unwrap();
}

fn nothing() -> LineNote {
    LineNote {
        message: 0,
        came: MessageCame::Sent,
        sent: Vec::new(),
        failed: Vec::new(),
        withheld: Vec::new(),
        ring: ring(Line::Chat, 0),
        at: at(0),
    }
}

async fn changes_wait_behind_the_cursor_with_the_request_that_brought_them(world: World) {
    let hook = world.project_hook().await;
    let none = world.untold(10).await.unwrap();
    assert_eq!((none.cursor, none.changes.len()), (TransitionId(0), 0));
    let event = world.event("{}", 0).await;
    let attempt = world.attempt(&hook, event, failure(FailureClass::ServerError, 500));
    let change = health_change(&hook, 0, Health::Disabled);
    let change = HealthChange { transition: Some(transition("disabled", true)), ..change };
    world.write(vec![Record { health: Some(change), ..attempted(attempt) }]).await;
    changes(&world, &hook, 1).await;
    let found = world.untold(10).await.unwrap().changes;
    assert_eq!(
        found.iter().map(|one| (one.id.0, one.hook)).collect::<Vec<_>>(),
        [(1, hook.id), (2, hook.id)]
    );
    assert_eq!(found[0].transition, transition("disabled", true));
    let cause = found[0].cause.clone().unwrap();
    assert_eq!((cause.event_type.as_str(), cause.project), ("push", Some(world.project.id)));
    assert_eq!(found[1].cause, None, "no request brought it");
    assert_eq!(world.untold(1).await.unwrap().changes.len(), 1);
    tell(&world, &hook, found[0].id, &[]).await;
    let rest = world.untold(10).await.unwrap();
    assert_eq!((rest.cursor, rest.changes.len()), (TransitionId(1), 1));
}

async fn the_cursor_moves_from_where_it_was_seen_with_everything_or_nothing(world: World) {
    let hook = world.project_hook().await;
    let change = changes(&world, &hook, 0).await;
    let telling = Telling {
        seen: TransitionId(7),
        upto: change,
        notices: vec![notice(&hook, change, Line::Chat)],
        recovered: Vec::new(),
        rings: vec![ring(Line::Chat, 0)],
        at: at(0),
    };
    assert_eq!(world.tell(telling.clone()).await, Err(StoreError::Stale));
    assert_eq!((waiting(&world, Line::Chat).await, message(&world, Line::Chat).await), (vec![], None));
    assert_eq!(world.untold(10).await.unwrap().changes.len(), 1);
    let telling = Telling { seen: TransitionId(0), ..telling };
    world.tell(telling.clone()).await.unwrap();
    assert_eq!(world.tell(telling).await, Err(StoreError::Stale), "once");
    assert_eq!(waiting(&world, Line::Chat).await, [change]);
}

async fn a_line_has_one_message_and_what_comes_later_gets_another(world: World) {
    let hook = world.project_hook().await;
    let (mail, other) = (Line::Mail(world.user.id), Line::Mail(UserId(77)));
    let first = changes(&world, &hook, 0).await;
    tell(&world, &hook, first, &[mail, Line::Chat]).await;
    let kept = message(&world, mail).await;
    assert_eq!(kept.unwrap().1, at(10));
    let second = changes(&world, &hook, 1).await;
    tell(&world, &hook, second, &[mail]).await;
    assert_eq!(message(&world, mail).await, kept, "one message for all that waits");
    assert_eq!(message(&world, other).await, None);
    assert_eq!(waiting(&world, mail).await, [first, second]);
    assert_eq!(world.waiting_notices(mail, 1).await.unwrap().len(), 1);

    note(&world, mail, 20, MessageCame::Sent, LineNote { sent: vec![first], ..nothing() }).await;
    assert_eq!(waiting(&world, mail).await, [second], "what came while it was sent");
    assert_eq!(message(&world, mail).await.unwrap().1, at(80));
    note(&world, mail, 90, MessageCame::Sent, LineNote { sent: vec![second], ..nothing() }).await;
    assert_eq!((waiting(&world, mail).await, message(&world, mail).await), (vec![], None));
    assert_eq!(waiting(&world, Line::Chat).await, [first], "another line is not touched");
}

async fn a_line_rests_after_its_last_message(world: World) {
    let hook = world.project_hook().await;
    let first = changes(&world, &hook, 0).await;
    tell(&world, &hook, first, &[Line::Chat]).await;
    let withheld = LineNote { withheld: vec![first], ..nothing() };
    note(&world, Line::Chat, 20, MessageCame::Sent, withheld).await;
    let second = changes(&world, &hook, 1).await;
    tell(&world, &hook, second, &[Line::Chat]).await;
    assert_eq!(message(&world, Line::Chat).await.unwrap().1, at(10), "nothing went out before");
    note(&world, Line::Chat, 20, MessageCame::Sent, LineNote { sent: vec![second], ..nothing() }).await;
    let third = changes(&world, &hook, 2).await;
    tell(&world, &hook, third, &[Line::Chat]).await;
    assert_eq!(message(&world, Line::Chat).await.unwrap().1, at(80));
}

async fn a_retry_keeps_what_waits_and_a_given_up_one_is_seen(world: World) {
    let hook = world.project_hook().await;
    let first = changes(&world, &hook, 0).await;
    tell(&world, &hook, first, &[Line::Chat]).await;
    let retry = MessageCame::Retry { due_at: at(30), error: "down".into() };
    note(&world, Line::Chat, 20, retry, nothing()).await;
    assert_eq!(message(&world, Line::Chat).await.unwrap().1, at(30));
    assert_eq!(waiting(&world, Line::Chat).await, [first]);
    let given_up = MessageCame::GivenUp { error: "still down".into() };
    note(&world, Line::Chat, 40, given_up, LineNote { failed: vec![first], ..nothing() }).await;
    assert_eq!((waiting(&world, Line::Chat).await, message(&world, Line::Chat).await), (vec![], None));
    let [kept] = &world.messages(Page::default()).await.unwrap().rows[..] else { panic!("it is gone") };
    assert_eq!((kept.due_at, kept.last_error.as_deref(), kept.attempts), (None, Some("still down"), 2));
    let second = changes(&world, &hook, 1).await;
    tell(&world, &hook, second, &[Line::Chat]).await;
    assert!(message(&world, Line::Chat).await.is_some(), "the next one is tried");
}

async fn whoever_heard_that_it_is_worse_is_owed_the_end(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let first = changes(&world, &hook, 0).await;
    let of_other = changes(&world, &other, 0).await;
    let project = Some(world.project.id);
    let telling = Telling {
        seen: TransitionId(0),
        upto: of_other,
        notices: vec![
            NewNotice { project, ..notice(&hook, first, Line::Events) },
            notice(&hook, first, Line::Chat),
            notice(&other, of_other, Line::Chat),
            NewNotice { news: News::Better, ..notice(&other, of_other, Line::Mail(world.user.id)) },
        ],
        recovered: Vec::new(),
        rings: Vec::new(),
        at: at(0),
    };
    world.tell(telling.clone()).await.unwrap();
    let mut owed = world.owed(hook.id).await.unwrap();
    owed.sort_by_key(|one| one.line);
    assert_eq!(owed, [Owed { line: Line::Chat, project: None }, Owed { line: Line::Events, project }]);
    assert_eq!(world.owed(other.id).await.unwrap(), [Owed { line: Line::Chat, project: None }]);
    let telling = Telling { seen: of_other, notices: Vec::new(), recovered: vec![hook.id], ..telling };
    world.tell(telling).await.unwrap();
    assert_eq!(world.owed(hook.id).await.unwrap(), []);
    assert_eq!(world.owed(other.id).await.unwrap().len(), 1);
    world.delete_hook(other.id).await.unwrap();
    assert_eq!(world.owed(other.id).await.unwrap(), []);
}

async fn what_was_not_heard_is_owed_to_nobody(world: World) {
    let hook = world.project_hook().await;
    let first = changes(&world, &hook, 0).await;
    let second = changes(&world, &hook, 1).await;
    tell(&world, &hook, first, &[Line::Chat]).await;
    tell(&world, &hook, second, &[Line::Chat]).await;
    let check = async |s, withheld: TransitionId, left: usize| {
        note(&world, Line::Chat, s, MessageCame::Sent, LineNote { withheld: vec![withheld], ..nothing() })
            .await;
        assert_eq!(world.owed(hook.id).await.unwrap().len(), left, "{withheld}");
    };
    check(20, first, 1).await;
    check(30, second, 0).await;
}

async fn whoever_heard_once_is_owed_the_end_whatever_comes_of_later_news(world: World) {
    let hook = world.project_hook().await;
    let check = async |seen_version, s, came, of: fn(TransitionId) -> LineNote, left: usize| {
        let change = changes(&world, &hook, seen_version).await;
        tell(&world, &hook, change, &[Line::Chat]).await;
        note(&world, Line::Chat, s, came, of(change)).await;
        assert_eq!(world.owed(hook.id).await.unwrap().len(), left, "{change}");
    };
    let given_up = || MessageCame::GivenUp { error: "down".into() };
    let failed = |change| LineNote { failed: vec![change], ..nothing() };
    check(0, 100, given_up(), failed, 0).await;
    check(1, 200, MessageCame::Sent, |change| LineNote { sent: vec![change], ..nothing() }, 1).await;
    check(2, 300, MessageCame::Sent, |change| LineNote { withheld: vec![change], ..nothing() }, 1).await;
    check(3, 400, given_up(), failed, 1).await;
    tell_recovered(&world, &hook, 4).await;
    check(5, 500, given_up(), failed, 0).await;
}

async fn what_was_heard_of_an_earlier_failure_does_not_count(world: World) {
    let hook = world.project_hook().await;
    let first = changes(&world, &hook, 0).await;
    tell(&world, &hook, first, &[Line::Chat]).await;
    tell_recovered(&world, &hook, 1).await;
    let second = changes(&world, &hook, 2).await;
    tell(&world, &hook, second, &[Line::Chat]).await;
    note(&world, Line::Chat, 20, MessageCame::Sent, LineNote { sent: vec![first], ..nothing() }).await;
    assert_eq!(world.owed(hook.id).await.unwrap().len(), 1);
    note(&world, Line::Chat, 90, MessageCame::Sent, LineNote { withheld: vec![second], ..nothing() }).await;
    assert_eq!(world.owed(hook.id).await.unwrap(), []);
}

async fn who_was_told_is_listed_by_hook_and_by_change(world: World) {
    let (hook, other) = (world.project_hook().await, world.project_hook().await);
    let mail = Line::Mail(world.user.id);
    let first = changes(&world, &hook, 0).await;
    tell(&world, &hook, first, &[mail, Line::Chat]).await;
    let second = changes(&world, &other, 0).await;
    tell(&world, &other, second, &[Line::Events]).await;
    note(&world, mail, 20, MessageCame::Sent, LineNote { sent: vec![first], ..nothing() }).await;
    let told = |transition, hook: &Hook, channel, user, state, s| Told {
        transition,
        hook: hook.id,
        channel,
        user,
        state,
        at: at(s),
    };
    let by_mail = told(first, &hook, Channel::Mail, Some(world.user.id), NoticeState::Sent, 20);
    let by_chat = told(first, &hook, Channel::Chat, None, NoticeState::Waiting, 5);
    let as_event = told(second, &other, Channel::Events, None, NoticeState::Waiting, 5);
    let hooks = ToldOf::Hooks(vec![hook.id, other.id, hook.id, HookId(999)]);
    assert_eq!(world.told(hooks.clone(), 10).await.unwrap(), [as_event, by_mail, by_chat], "newest first");
    assert_eq!(world.told(hooks, 1).await.unwrap(), [as_event]);
    assert_eq!(world.told(ToldOf::Hooks(vec![hook.id]), 10).await.unwrap(), [by_mail, by_chat]);
    assert_eq!(world.told(ToldOf::Transitions(vec![second]), 10).await.unwrap(), [as_event]);
    assert_eq!(world.told(ToldOf::Transitions(Vec::new()), 10).await.unwrap(), []);
}

async fn what_is_to_be_told_outlives_retention(world: World) {
    let hook = world.project_hook().await;
    let first = changes(&world, &hook, 0).await;
    let second = changes(&world, &hook, 1).await;
    tell(&world, &hook, first, &[Line::Chat]).await;
    let prune = async |s| while world.prune(at(s)).await.unwrap() > 0 {};
    prune(1_000).await;
    assert_eq!(waiting(&world, Line::Chat).await, [first], "it waits");
    assert_eq!(world.untold(10).await.unwrap().changes.len(), 1, "nobody looked at it");
    note(&world, Line::Chat, 20, MessageCame::Sent, LineNote { sent: vec![first], ..nothing() }).await;
    tell(&world, &hook, second, &[]).await;
    prune(20).await;
    assert_eq!(world.timeline(hook.id, 10).await.unwrap().len(), 0);
    assert_eq!(world.told(ToldOf::Hooks(vec![hook.id]), 10).await.unwrap().len(), 1, "told at that time");
    prune(21).await;
    assert_eq!(world.told(ToldOf::Hooks(vec![hook.id]), 10).await.unwrap(), []);
    assert_eq!(world.owed(hook.id).await.unwrap().len(), 1, "however long it fails");
}

async fn a_backlog_is_told_once_until_it_shrank(world: World) {
    let hook = world.project_hook().await;
    let check = async |call, untold: Option<i64>| {
        assert_eq!(world.backlog(hook.id, call).await.unwrap(), untold.map(at), "{call:?}");
    };
    check(BacklogCall::Shrank, None).await;
    check(BacklogCall::Grew(at(1)), Some(1)).await;
    check(BacklogCall::Grew(at(2)), Some(1)).await;
    check(BacklogCall::Told, None).await;
    check(BacklogCall::Grew(at(3)), None).await;
    assert_eq!(world.backlogs().await.unwrap(), [hook.id]);
    check(BacklogCall::Shrank, None).await;
    check(BacklogCall::Grew(at(4)), Some(4)).await;
    world.delete_hook(hook.id).await.unwrap();
    check(BacklogCall::Grew(at(5)), None).await;
    assert_eq!(world.backlogs().await.unwrap(), []);
}

async fn users_say_what_they_do_not_want(world: World) {
    let user = world.user.id;
    let of = |source| OptOut::Of(source);
    let all = [OptOut::Everything, of(Source::Project(world.project.id)), of(Source::Group(world.group.id))];
    for what in all {
        world.set_opt_out(user, what, Switch::On).await.unwrap();
        world.set_opt_out(user, what, Switch::On).await.unwrap();
    }
    let mut found = world.opt_outs(user).await.unwrap();
    found.sort_unstable();
    let mut expected = all;
    expected.sort_unstable();
    assert_eq!(found, expected);
    for what in &all[..2] {
        world.set_opt_out(user, *what, Switch::Off).await.unwrap();
    }
    assert_eq!(world.opt_outs(user).await.unwrap(), all[2..]);
    assert_eq!(world.opt_outs(UserId(999)).await.unwrap(), []);
    let nobody = world.set_opt_out(UserId(999), OptOut::Everything, Switch::On).await;
    assert_eq!(nobody, Err(StoreError::NotFound("user")));
}

async fn admins_are_listed_by_id(world: World) {
    let admin = |name| NewUser { role: UserRole::Admin, ..new_user(name) };
    let mut admins = Vec::new();
    for name in ["root", "ann", "bea"] {
        admins.push(world.create_user(admin(name)).await.unwrap().id);
    }
    assert_eq!(world.admins(10).await.unwrap(), admins);
    assert_eq!(world.admins(2).await.unwrap(), admins[..2]);
}
