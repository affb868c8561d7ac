use crate::house::{House, signed_in, with_token};
use std::collections::BTreeSet;
use wigwag_access::{Principal, Scope};
use wigwag_base::Page;
use wigwag_engine::EngineError;
use wigwag_engine::flags::{FlagBoard, FlagChange, FlagWritten, Mode, Occasion, TargetNames, UnknownFlag};
use wigwag_flags::{Change, FlagState, Origin, State, Targets};
use wigwag_hooks::Switch;
use wigwag_ports::flags::{AuditFilter, FlagWrite, Flags};

const CALLOUT: &str = "webhooks_failed_callout";
const DISABLING: &str = "auto_disabling_web_hooks";

fn occasion() -> Occasion {
    Occasion {
        via: "api".into(),
        origin: Origin::Rest,
        reason: Some("because".into()),
        unknown: UnknownFlag::Refuse,
        mode: Mode::Make,
        spoken: None,
    }
}

fn change(environment: &str, flag: &str, change: Change) -> FlagChange {
    FlagChange {
        environment: environment.into(),
        flag: flag.parse().unwrap(),
        change,
        names: TargetNames::default(),
    }
}

fn targets(actors: &[&str]) -> Targets {
    Targets { actors: actors.iter().map(|id| id.parse().unwrap()).collect(), groups: BTreeSet::new() }
}

impl House {
    async fn set(
        &self,
        principal: &Principal,
        changes: Vec<FlagChange>,
    ) -> Result<Vec<FlagWritten>, EngineError> {
        self.engine.set_flags(principal, changes, occasion()).await
    }

    fn state(&self, environment: &str, flag: &str) -> State {
        self.engine.flag(&self.as_admin(), environment, flag).unwrap().state()
    }
}

#[tokio::test]
async fn a_write_shows_at_once_is_audited_and_survives_a_restart() {
    let house = House::new().await;
    let mut rings = house.engine.flag_board().changed();
    rings.mark_unchanged();
    let written =
        house.set(&house.as_admin(), vec![change("production", CALLOUT, Change::EnableEveryone)]).await;
    assert_eq!(written.unwrap()[0].after, Some(FlagState { boolean: Some(true), ..FlagState::default() }));
    assert_eq!(house.state("production", CALLOUT), State::On);
    assert!(rings.has_changed().unwrap());
    assert_eq!(house.state("staging", CALLOUT), State::Off);

    let rows = house.store.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    let entry = &rows[0].entry;
    assert_eq!((rows.len(), entry.author.as_str(), entry.via.as_str()), (1, "ann", "api"));
    assert_eq!((entry.flag.as_deref(), entry.environment.as_deref()), (Some(CALLOUT), Some("production")));
    assert_eq!(
        (entry.before.as_str(), entry.after.as_str()),
        ("never set (off by default)", "on for everyone")
    );
    assert_eq!(entry.reason.as_deref(), Some("because"));

    let board = FlagBoard::load(&*house.store, &Default::default()).await.unwrap();
    let snapshot = board.of("production-canary").unwrap();
    assert!(snapshot.is_enabled(CALLOUT, &[], || 0.5).enabled);
}

#[tokio::test]
async fn an_environment_with_flags_of_is_written_once_in_its_base() {
    let house = House::new().await;
    let enable = |environment| change(environment, CALLOUT, Change::EnableEveryone);
    let written = house
        .set(&house.as_admin(), vec![enable("staging-canary"), enable("dev"), enable("staging")])
        .await
        .unwrap();
    let places: Vec<_> = written.iter().map(|one| (one.environment.as_str(), one.named.join("+"))).collect();
    assert_eq!(places, [("staging", "staging-canary+staging".to_owned()), ("dev", "dev".to_owned())]);
    assert_eq!(house.state("staging-canary", CALLOUT), State::On);
    let rows = house.store.audit(AuditFilter::default(), Page::default()).await.unwrap();
    assert_eq!(rows.total, 2);

    let both = vec![enable("staging-canary"), change("staging", CALLOUT, Change::DisableEveryone)];
    let refused = house.set(&house.as_admin(), both).await;
    assert!(matches!(refused, Err(EngineError::Conflict(_))), "{refused:?}");
}

#[tokio::test]
async fn rights_go_by_the_direction_of_the_change() {
    let house = House::new().await;
    let share = |text: &str| Change::PercentageOfActors(text.parse().unwrap());
    let check = async |principal: &Principal, change_to: Change, is: &str| {
        let found = match house.set(principal, vec![change("production", CALLOUT, change_to.clone())]).await {
            Ok(_) => "done".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(found.starts_with(is), "{change_to:?}: {found}");
    };
    let (admin, off) = (house.as_admin(), with_token(&house.stranger, &[Scope::FlagsOff]));
    let refused = "Only an admin may do that";
    check(&off, Change::EnableEveryone, refused).await;
    check(&off, share("0.001"), refused).await;
    check(&off, Change::DisableEveryone, "done").await;
    check(&admin, share("25"), "done").await;
    check(&off, share("26"), refused).await;
    check(&off, share("10"), "done").await;
    check(&admin, Change::Enable(targets(&["User:1", "User:2"])), "done").await;
    check(&off, Change::Enable(targets(&["User:3"])), refused).await;
    check(&off, Change::Disable(targets(&["User:1"])), "done").await;
    check(&off, Change::OptOut(targets(&["User:2"]).actors), "done").await;
    check(&off, Change::RemoveOptOut(targets(&["User:2"]).actors), refused).await;
    check(&off, Change::Delete, "done").await;
    let on = with_token(&house.stranger, &[Scope::FlagsWrite]);
    check(&on, Change::EnableEveryone, "done").await;
    for nobody in [signed_in(&house.mia), with_token(&house.stranger, &[Scope::FlagsRead, Scope::Api])] {
        check(&nobody, Change::DisableEveryone, refused).await;
    }
    // A default that is on: forgetting a stored "off" turns it on for everyone.
    let of_disabling = |to| vec![change("production", DISABLING, to)];
    house.set(&off, of_disabling(Change::DisableEveryone)).await.unwrap();
    assert!(house.set(&off, of_disabling(Change::Delete)).await.is_err());
}

#[tokio::test]
async fn reading_takes_the_right_to() {
    let house = House::new().await;
    let may = |principal: Principal| house.engine.flags(&principal, "production").is_ok();
    assert!(may(house.as_admin()));
    assert!(may(with_token(&house.stranger, &[Scope::FlagsRead])));
    assert!(!may(signed_in(&house.mia)));
    assert!(!may(with_token(&house.mia, &[Scope::Chat])));
}

#[tokio::test]
async fn an_unknown_name_is_refused_with_the_nearest() {
    let house = House::new().await;
    let error =
        |result: Result<_, EngineError>| result.map(|_: Vec<FlagWritten>| ()).unwrap_err().to_string();
    let typo = change("production", "webhook_failed_callout", Change::EnableEveryone);
    let found = error(house.set(&house.as_admin(), vec![typo.clone()]).await);
    assert_eq!(
        found,
        r#"name "webhook_failed_callout" does not exist; did you mean "webhooks_failed_callout"?"#
    );
    let nowhere = change("prod", CALLOUT, Change::EnableEveryone);
    assert_eq!(
        error(house.set(&house.as_admin(), vec![nowhere]).await),
        r#"environment "prod" is not configured"#
    );
    let forced = Occasion { unknown: UnknownFlag::Accept, ..occasion() };
    house.engine.set_flags(&house.as_admin(), vec![typo], forced).await.unwrap();
    assert_eq!(house.state("production", "webhook_failed_callout"), State::On);

    let target = async |names: TargetNames| match house.engine.flag_targets(&names).await {
        Ok(targets) => targets.actors.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    };
    let name = |name: &str| vec![name.to_owned()];
    let check =
        async |names: TargetNames, is: String| assert_eq!(target(names.clone()).await, is, "{names:?}");
    let (shop, acme, mia) = (house.shop.id, house.acme.id, house.mia.id);
    let none = TargetNames::default;
    check(TargetNames { projects: name("acme/shop"), ..none() }, format!("Project:{shop}")).await;
    check(TargetNames { projects: name("ACME/Shop"), ..none() }, format!("Project:{shop}")).await;
    check(TargetNames { projects: name(&shop.to_string()), ..none() }, format!("Project:{shop}")).await;
    check(TargetNames { groups: name("acme"), ..none() }, format!("Group:{acme}")).await;
    check(TargetNames { namespaces: name("acme"), ..none() }, format!("Group:{acme}")).await;
    check(TargetNames { namespaces: name("mia"), ..none() }, format!("User:{mia}")).await;
    check(TargetNames { users: name("@mia"), ..none() }, format!("User:{mia}")).await;
    check(TargetNames { actors: name("Tenant:7"), ..none() }, "Tenant:7".into()).await;
    let shopp = r#"project "acme/shopp" does not exist; did you mean "acme/shop"?"#;
    check(TargetNames { projects: name("acme/shopp"), ..none() }, shopp.into()).await;
    check(
        TargetNames { users: name("mai"), ..none() },
        r#"user "mai" does not exist; did you mean "mia"?"#.into(),
    )
    .await;
    check(TargetNames { groups: name("999"), ..none() }, r#"group "999" does not exist"#.into()).await;
    let crooked = TargetNames { repositories: name("a b"), ..none() };
    assert!(target(crooked).await.starts_with("repository \"Repository:a b\" is not of the form"));
}

#[tokio::test]
async fn a_write_of_another_node_is_not_lost() {
    let house = House::new().await;
    let flag = || CALLOUT.parse().unwrap();
    let other = |seen_version, state: Option<FlagState>| {
        let write = FlagWrite { environment: "production".into(), name: flag(), seen_version, after: state };
        house.store.write_flags(vec![write], Vec::new(), Vec::new())
    };
    let listed = |actors: &[&str]| FlagState { actors: targets(actors).actors, ..FlagState::default() };
    let enable = |actor: &str| vec![change("production", CALLOUT, Change::Enable(targets(&[actor])))];
    other(0, Some(listed(&["User:1"]))).await.unwrap();
    let written = house.set(&house.as_admin(), enable("User:2")).await.unwrap();
    assert_eq!(written[0].after, Some(listed(&["User:1", "User:2"])));
    // Deleted and set again: the version goes on rising, and no write is taken for an older one.
    for _ in 0..2 {
        house.set(&house.as_admin(), vec![change("production", CALLOUT, Change::Delete)]).await.unwrap();
        let written = house.set(&house.as_admin(), enable("User:3")).await.unwrap();
        assert_eq!(written[0].after, Some(listed(&["User:3"])));
        let written = house.set(&house.as_admin(), enable("User:4")).await.unwrap();
        assert_eq!(written[0].after, Some(listed(&["User:3", "User:4"])));
    }
}

#[tokio::test]
async fn without_the_store_evaluation_goes_on_and_writes_say_so() {
    let house = House::new().await;
    let enable = || vec![change("production", CALLOUT, Change::EnableEveryone)];
    house.set(&house.as_admin(), enable()).await.unwrap();
    house.store.shut();
    let off =
        house.set(&house.as_admin(), vec![change("production", CALLOUT, Change::DisableEveryone)]).await;
    assert!(matches!(off, Err(EngineError::Unavailable { .. })), "{off:?}");
    assert_eq!(house.state("production", CALLOUT), State::On);
    house.store.open();
    house.set(&house.as_admin(), vec![change("production", CALLOUT, Change::DisableEveryone)]).await.unwrap();
    assert_eq!(house.state("production", CALLOUT), State::Off);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_memory_behind_the_store() {
    let house = House::new().await;
    let mut rings = house.engine.flag_board().changed();
    rings.mark_unchanged();
    let held = house.store.hold_flag_writes().await;
    let (engine, admin) = (house.engine.clone(), house.as_admin());
    let caller = tokio::spawn(async move {
        let changes = vec![change("production", CALLOUT, Change::EnableEveryone)];
        engine.set_flags(&admin, changes, occasion()).await
    });
    house.store.arrived.acquire().await.unwrap().forget();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    drop(held);
    rings.changed().await.unwrap();
    assert_eq!(house.state("production", CALLOUT), State::On);
}

#[tokio::test]
async fn trying_changes_nothing_and_nothing_changed_writes_nothing() {
    let house = House::new().await;
    let enable = || vec![change("production", CALLOUT, Change::EnableEveryone)];
    let dry = Occasion { mode: Mode::Try, ..occasion() };
    let tried = house.engine.set_flags(&house.as_admin(), enable(), dry).await.unwrap();
    assert_eq!(tried[0].after, Some(FlagState { boolean: Some(true), ..FlagState::default() }));
    assert_eq!(house.state("production", CALLOUT), State::Off);
    house.set(&house.as_admin(), enable()).await.unwrap();
    house.set(&house.as_admin(), enable()).await.unwrap();
    assert_eq!(house.store.audit(AuditFilter::default(), Page::default()).await.unwrap().total, 1);
}

#[tokio::test]
async fn the_switch_for_disabling_follows_its_flag() {
    let house = House::new().await;
    let switch = || house.engine.flag_board().auto_disabling();
    let set = async |environment: &str, to: Change| {
        house.set(&house.as_admin(), vec![change(environment, DISABLING, to)]).await.unwrap();
    };
    assert_eq!(switch(), Switch::On);
    set("staging", Change::DisableEveryone).await;
    assert_eq!(switch(), Switch::On);
    set("production-canary", Change::DisableEveryone).await;
    assert_eq!(switch(), Switch::Off);
    set("production", Change::Delete).await;
    assert_eq!(switch(), Switch::On);
}

#[tokio::test]
async fn an_explanation_names_gate_and_bucket() {
    let house = House::new().await;
    let share = Change::PercentageOfActors("3.034".parse().unwrap());
    house.set(&house.as_admin(), vec![change("production", CALLOUT, share)]).await.unwrap();
    let explained =
        house.engine.explain_flag(&house.as_admin(), "production", CALLOUT, &["Project:1"]).unwrap();
    assert_eq!(
        (explained.enabled, explained.gate, explained.bucket),
        (true, Some("percentage_of_actors"), Some(3_033))
    );
    let unknown = house.engine.explain_flag(&house.as_admin(), "production", "nonsense", &[]).unwrap();
    assert_eq!((unknown.enabled, unknown.reason), (false, "unknown"));
    assert!(house.engine.explain_flag(&signed_in(&house.mia), "production", CALLOUT, &[]).is_err());
}
