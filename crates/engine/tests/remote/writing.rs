//! Changing what another server keeps.

use crate::common::house::verdict;
use crate::gitlab::{BAD_REQUEST, Reply, SET_PROJECT, UNAUTHORIZED};
use crate::world::{World, occasion};
use std::sync::Arc;
use wigwag_access::{Direction, Scope};
use wigwag_engine::EngineError;
use wigwag_engine::flags::{FlagChange, Mode, Occasion, Seen, StateMark, TargetNames, UnknownFlag};
use wigwag_flags::{Change, FlagState, Note, Targets};

fn on(flag: &str) -> Reply {
    answer(flag, r#"{"key":"boolean","value":true}"#)
}

fn off(flag: &str) -> Reply {
    answer(flag, r#"{"key":"boolean","value":false}"#)
}

fn answer(flag: &str, gates: &str) -> Reply {
    Reply::new(201, format!(r#"{{"name":"{flag}","state":"on","gates":[{gates}],"definition":null}}"#))
}

fn percent(share: &str) -> Change {
    Change::PercentageOfActors(share.parse().unwrap())
}

fn shop() -> (Change, TargetNames) {
    let stand_in = Targets { actors: ["Project:acme/shop".parse().unwrap()].into(), ..Targets::default() };
    let names = TargetNames { projects: vec!["acme/shop".into()], ..TargetNames::default() };
    (Change::Enable(stand_in), names)
}

#[tokio::test]
async fn a_change_is_one_request_and_its_answer_is_the_state() {
    let world = World::new().await;
    world.gitlab.change(Reply::new(201, SET_PROJECT));
    let (change, names) = shop();
    let written = world.change_by(&world.house.root, "new_dashboard", change, names).await.unwrap();
    let body = r#"{"project":"acme/shop","value":"true"}"#;
    assert_eq!(world.gitlab.changes(), [format!("POST /api/v4/features/new_dashboard glpat-secret {body}")]);
    assert_eq!((written.direction, written.remarks.len()), (Direction::OnWard, 0));
    let actors: Vec<String> = written.after.unwrap().actors.iter().map(ToString::to_string).collect();
    assert_eq!(actors, ["Project:42", "Project:4711", "User:7"]);
    assert_eq!(
        world.stored()[0],
        "new_dashboard: actors: Project:42, Project:4711, User:7; opted out: User:8"
    );
    let (before, after) = ("actors: Project:42, User:7", "actors: Project:42, Project:4711, User:7");
    let rest = "; opted out: User:8";
    assert_eq!(world.audit().await, [format!("new_dashboard: {before}{rest} -> {after}{rest}")]);
    world.gitlab.change(Reply::new(204, ""));
    world.change("new_dashboard", Change::Delete).await.unwrap();
    assert_eq!(world.gitlab.changes(), ["DELETE /api/v4/features/new_dashboard glpat-secret"]);
    assert_eq!(world.stored().len(), 4);
}

#[tokio::test]
async fn what_is_so_already_is_not_asked_for_and_force_takes_new_names() {
    let world = World::new().await;
    let written = world.change("old_editor", Change::EnableEveryone).await.unwrap();
    assert_eq!(written.notes, [Note::Unchanged]);
    let unknown = verdict(world.change("old_editr", Change::EnableEveryone).await);
    assert_eq!(unknown, "name \"old_editr\" does not exist; did you mean \"old_editor\"?");
    assert_eq!(world.gitlab.changes(), [""; 0]);
    world.gitlab.change(on("old_editr"));
    let change = FlagChange {
        environment: "production".into(),
        flag: "old_editr".parse().unwrap(),
        change: Change::EnableEveryone,
        names: TargetNames::default(),
    };
    let force = Occasion { unknown: UnknownFlag::Accept, ..occasion() };
    world.engine().set_flags(&world.house.root, vec![change], force).await.unwrap();
    let body = r#"{"force":"true","value":"true"}"#;
    assert_eq!(world.gitlab.changes(), [format!("POST /api/v4/features/old_editr glpat-secret {body}")]);
}

#[tokio::test]
async fn a_refusal_is_told_in_its_words_and_changes_nothing() {
    let world = World::new().await;
    let before = world.stored();
    let check = async |reply: Reply, told: &str| {
        world.gitlab.change(reply);
        let found = verdict(world.change("switched_off", Change::EnableEveryone).await);
        let url = world.gitlab.url();
        assert_eq!(found, told.replace("URL", &format!("the flags of production are kept by {url}")));
        assert_eq!(world.stored(), before);
    };
    check(Reply::new(400, BAD_REQUEST), "value is refused: Project 'acme/shpo' is not found! (URL)").await;
    check(Reply::new(422, "{}"), "value is refused: it says no more (URL)").await;
    let token = "it does not take the token that this server has for it";
    check(Reply::new(401, UNAUTHORIZED), &format!("URL, which answers 401: {token}. Nothing was changed"))
        .await;
    check(Reply::new(429, "").with("retry-after", "17"), "too many, 17 s").await;
    let instead = "Nothing was changed; try again in 2 s";
    check(
        Reply::new(502, "<html>"),
        &format!("URL, which cannot be asked now: it answers 502: it says no more. {instead}"),
    )
    .await;
    assert_eq!(world.audit().await, [""; 0]);
}

#[tokio::test]
async fn a_server_that_is_down_turns_nothing_on_and_says_how_to_turn_off() {
    let mut world = World::new().await;
    world.gitlab.stop().await;
    let told = verdict(world.change("switched_off", Change::EnableEveryone).await);
    assert!(told.contains("which cannot be asked now: connection refused by 127.0.0.1:"), "{told}");
    assert!(told.ends_with("Nothing was changed; try again in 2 s"), "{told}");
    let told = verdict(world.change("old_editor", Change::DisableEveryone).await);
    let instead = "Switch it off there yourself; for those who ask this node, an override does: wigwag flags override \
                   old_editor --environment production; try again in 2 s";
    assert!(told.ends_with(instead), "{told}");
    assert!(world.trouble().starts_with("connection refused"), "it was asked, and shows");
    let overridden =
        world.engine().override_flag(&world.house.root, "production", "old_editor", None).await.unwrap();
    assert_eq!(overridden.row.environment, "production");
    let explained = world.engine().explain_flag(&world.house.root, "canary", "old_editor", &[]).unwrap();
    assert_eq!((explained.enabled, explained.reason), (false, "override"));
    // As soon as that server is back, it is told.
    world.gitlab.start_again().await;
    world.gitlab.asked();
    world.gitlab.change(off("old_editor"));
    world.engine().record_overrides().await;
    let body = r#"{"force":"true","value":"false"}"#;
    let asked = world.gitlab.changes();
    assert!(asked[0].starts_with("POST /api/v4/features/old_editor glpat-secret"), "{asked:?} {body}");
    assert_eq!(world.audit().await[0], "old_editor: on for everyone -> off for everyone");
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_it_open_and_is_audited_so() {
    let world = World::new().await;
    // A connection that lay idle may have been closed meanwhile, so the client tries once more.
    world.gitlab.change(Reply::breaks());
    world.gitlab.change(Reply::breaks());
    let told = verdict(world.change("old_editor", Change::DisableEveryone).await);
    assert!(
        told.contains(
            "whether old_editor was changed is not known until it is read again. Switch it off there"
        ),
        "{told}"
    );
    let audit = world.audit().await;
    assert!(
        audit[0].starts_with("old_editor: on for everyone -> not known: the connection was closed"),
        "{audit:?}"
    );
    assert_eq!(world.stored()[1], "old_editor: on for everyone");
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_told_and_put_right_by_the_next_reading() {
    let world = World::new().await;
    world.gitlab.change(Reply::new(201, "<html>thank you</html>"));
    let written = world.change("old_editor", Change::DisableEveryone).await.unwrap();
    assert!(
        written.remarks[0].starts_with("It was made, but its answer is JSON, but not a feature"),
        "{:?}",
        written.remarks
    );
    assert_eq!(written.after.unwrap().boolean, Some(false));
    let (change, names) = shop();
    world.gitlab.change(Reply::new(201, "{}"));
    let written = world.change_by(&world.house.root, "new_dashboard", change, names).await.unwrap();
    assert_eq!(written.remarks.len(), 1);
    assert_eq!(written.after, written.before, "a stand-in is nobody");
    world.look().await;
    assert_eq!(world.stored()[1], "old_editor: on for everyone", "that is what it says");
}

#[tokio::test]
async fn without_an_audit_log_nothing_is_turned_on_and_turning_off_goes_on() {
    let world = World::new().await;
    let root = &world.house.root;
    world.house.store.shut();
    let told = verdict(world.change("switched_off", Change::EnableEveryone).await);
    assert!(told.starts_with("the audit log cannot be written, so nothing is turned on: "), "{told}");
    assert_eq!(world.gitlab.changes(), [""; 0]);
    world.gitlab.change(off("old_editor"));
    let written = world.change("old_editor", Change::DisableEveryone).await.unwrap();
    assert!(written.remarks[0].contains("the audit log does not have it yet"), "{:?}", written.remarks);
    assert_eq!(world.engine().explain_flag(root, "canary", "old_editor", &[]).unwrap().reason, "off");
    assert_eq!(world.gitlab.changes().len(), 1);
    world.house.store.open();
    world.look().await;
    assert_eq!(world.audit().await, ["old_editor: on for everyone -> off for everyone"]);
    world.look().await;
    assert_eq!(world.audit().await.len(), 1, "once");
    world.gitlab.change(on("switched_off"));
    world.change("switched_off", Change::EnableEveryone).await.unwrap();
    assert_eq!(world.audit().await.len(), 2);
}

#[tokio::test]
async fn who_may_only_turn_off_is_judged_by_what_is_stored_there_now() {
    let world = World::new().await;
    let mia = world.house.user("mia").await;
    let off_only = world.house.with_token(&mia, &[Scope::FlagsOff]).await;
    let by = async |flag: &str, change: Change, names: TargetNames| {
        verdict(world.change_by(&off_only, flag, change, names).await)
    };
    let none = TargetNames::default;
    world.gitlab.change(answer("quick_search", r#"{"key":"percentage_of_actors","value":20}"#));
    assert_eq!(by("quick_search", percent("20"), none()).await, "ok");
    // Somebody took it down to 10 there meanwhile: 20 would bring it back for some.
    let now = r#"[{"name":"quick_search","gates":[{"key":"percentage_of_actors","value":10}]}]"#;
    world.gitlab.features(Reply::new(200, now));
    world.gitlab.asked();
    assert_eq!(by("quick_search", percent("20"), none()).await, "forbidden");
    let (enable, names) = shop();
    assert_eq!(by("new_dashboard", enable, names.clone()).await, "forbidden");
    let user = || ["User:mia".parse().unwrap()].into();
    assert_eq!(by("new_dashboard", Change::RemoveOptOut(user()), names.clone()).await, "forbidden");
    assert_eq!(world.gitlab.changes(), [""; 0]);
    world.gitlab.change(on("pool_size"));
    assert_eq!(by("pool_size", Change::EnableEveryone, none()).await, "ok", "it is on by default");
    world.gitlab.change(Reply::new(201, SET_PROJECT));
    assert_eq!(by("new_dashboard", Change::OptOut(user()), names).await, "ok");
}

#[tokio::test]
async fn who_waits_behind_a_silence_does_not_wait_for_another() {
    let world = Arc::new(World::new().await);
    world.gitlab.features(Reply::hangs());
    let reading = tokio::spawn({
        let world = world.clone();
        async move { world.look().await }
    });
    world.gitlab.was_asked(1).await;
    let told = verdict(world.change("switched_off", Change::EnableEveryone).await);
    assert!(told.contains("it did not answer within 5 s"), "{told}");
    reading.await.unwrap();
    let asked = world.gitlab.asked().iter().filter(|line| line.contains("page=1")).count();
    assert_eq!(asked, 1, "one silence was enough for both");
}

#[tokio::test]
async fn a_reading_that_a_change_overtook_is_not_believed() {
    let world = Arc::new(World::new().await);
    world.gitlab.hold("GET");
    let reading = tokio::spawn({
        let world = world.clone();
        async move { world.look().await }
    });
    world.gitlab.script.held.notified().await;
    world.gitlab.change(off("old_editor"));
    world.change("old_editor", Change::DisableEveryone).await.unwrap();
    world.gitlab.go_on();
    reading.await.unwrap();
    assert_eq!(world.stored()[1], "old_editor: off for everyone", "what was read is older than the change");
}

#[tokio::test]
async fn changes_go_one_by_one_and_only_to_what_was_shown() {
    let world = World::new().await;
    let change = |environment: &str, flag: &str| FlagChange {
        environment: environment.into(),
        flag: flag.parse().unwrap(),
        change: Change::DisableEveryone,
        names: TargetNames::default(),
    };
    let set = async |changes| verdict(world.engine().set_flags(&world.house.root, changes, occasion()).await);
    let two = "which makes one change at a time; ask for this one by itself";
    for other in [change("production", "quick_search"), change("dev", "old_editor")] {
        let told = set(vec![change("production", "old_editor"), other]).await;
        assert!(told.ends_with(two), "{told}");
    }
    world.gitlab.change(off("old_editor"));
    assert_eq!(set(vec![change("canary", "old_editor"), change("production", "old_editor")]).await, "ok");
    assert_eq!(world.gitlab.changes().len(), 1);
    let mark = StateMark::of(Some(&FlagState { boolean: Some(true), ..FlagState::default() }));
    let seen = Seen { flag: "old_editor".parse().unwrap(), mark };
    let still = Occasion { mode: Mode::MakeIfStill(vec![seen]), ..occasion() };
    world.look().await;
    world.gitlab.features(Reply::new(200, r#"[{"name":"old_editor","gates":[]}]"#));
    let asked = vec![change("production", "old_editor")];
    let told = world.engine().set_flags(&world.house.root, asked, still).await.unwrap_err();
    assert!(
        matches!(&told, EngineError::Conflict(text) if text.contains("since you looked at it")),
        "{told}"
    );
}
