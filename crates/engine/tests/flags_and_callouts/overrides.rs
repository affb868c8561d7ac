use crate::house::{House, signed_in, with_token};
use wigwag_access::{Principal, Scope, Scopes};
use wigwag_base::{Page, Secret, Timestamp};
use wigwag_engine::flags::{OVERRIDE_BY_HAND, Overridden};
use wigwag_engine::limits::REASON_CHARACTERS_MAX;
use wigwag_engine::{Credential, Engine, EngineError, NewToken, TokenInput};
use wigwag_flags::{FlagState, shipped};
use wigwag_hooks::Switch;
use wigwag_ports::flags::{AuditFilter, Flags};
use wigwag_ports::overrides::{Override, Recorded};

const CALLOUT: &str = shipped::WEBHOOKS_FAILED_CALLOUT;
const DISABLING: &str = shipped::AUTO_DISABLING_WEB_HOOKS;

impl House {
    fn reason_of(&self, engine: &Engine, flag: &str) -> (bool, &'static str) {
        let told = engine.explain_flag(&self.as_admin(), "production", flag, &["Project:1"]).unwrap();
        (told.enabled, told.reason)
    }

    async fn switch_off(&self, principal: &Principal, flag: &str) -> Result<Overridden, EngineError> {
        self.engine.override_flag(principal, "production-canary", flag, Some("it burns".into())).await
    }
}

#[tokio::test]
async fn without_the_store_a_flag_goes_off_at_once_and_the_store_is_told_later() {
    let house = House::new().await;
    house.command(&format!("feature set {CALLOUT} true")).await;
    let off = with_token(&house.stranger, &[Scope::FlagsOff]);
    house.store.shut();
    let done = house.switch_off(&off, CALLOUT).await.unwrap();
    assert_eq!(house.reason_of(&house.engine, CALLOUT), (false, "override"));
    assert_eq!((done.row.environment.as_str(), done.row.recorded), ("production", Recorded::NotYet));
    assert_eq!(done.not_kept, None);

    house.store.open();
    house.engine.record_overrides().await;
    let rows = house.store.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    let entry = &rows[0].entry;
    assert_eq!((entry.via.as_str(), entry.reason.as_deref()), ("override", Some("it burns")));
    assert_eq!((entry.before.as_str(), entry.after.as_str()), ("on for everyone", "off for everyone"));
    let stored = house.store.stored_flags().await.unwrap();
    assert_eq!(stored[0].state, FlagState { boolean: Some(false), ..FlagState::default() });
    assert_eq!(house.file.rows()[0].recorded, Recorded::Yes);
    house.engine.record_overrides().await;
    let again = house.store.audit(AuditFilter::default(), Page::default()).await.unwrap();
    assert_eq!(again.total, 2, "told once");
}

#[tokio::test]
async fn a_store_that_hangs_holds_up_no_override() {
    let house = House::new().await;
    house.command(&format!("feature set {CALLOUT} true")).await;
    let held = house.store.hold_flag_writes().await;
    let done = house.switch_off(&house.as_admin(), CALLOUT).await.unwrap();
    assert_eq!(done.row.recorded, Recorded::NotYet);
    assert_eq!(house.reason_of(&house.engine, CALLOUT), (false, "override"));
    drop(held);
}

#[tokio::test]
async fn an_override_survives_a_restart_and_a_store_that_never_heard_of_it() {
    let house = House::new().await;
    house.command(&format!("feature set {CALLOUT} true")).await;
    house.store.shut();
    house.switch_off(&house.as_admin(), CALLOUT).await.unwrap();
    house.store.open();
    let restarted = house.restarted().await;
    assert_eq!(house.reason_of(&restarted, CALLOUT), (false, "override"));
}

#[tokio::test]
async fn nobody_turns_on_what_is_overridden_until_it_is_lifted() {
    let house = House::new().await;
    let on = format!("feature set {CALLOUT} true");
    house.command(&on).await;
    let off = with_token(&house.stranger, &[Scope::FlagsOff]);
    let done = house.switch_off(&off, CALLOUT).await.unwrap();
    assert_eq!(done.row.recorded, Recorded::Yes, "the store answered");
    let refused = house.command(&on).await;
    assert!(refused.contains("lift the override first"), "{refused}");
    house.engine.lift_override(&off, "production", CALLOUT).await.unwrap();
    assert_eq!(house.reason_of(&house.engine, CALLOUT), (false, "off"), "it stays stored off");
    house.command(&on).await;
    assert_eq!(house.reason_of(&house.engine, CALLOUT), (true, "boolean"));
    assert_eq!(house.file.rows(), []);
    let twice = house.engine.lift_override(&off, "production", CALLOUT).await;
    assert!(matches!(twice, Err(EngineError::NotFound("override"))), "{twice:?}");
}

#[tokio::test]
async fn lifting_what_the_store_never_heard_of_takes_the_right_to_turn_on() {
    let house = House::new().await;
    house.command(&format!("feature set {CALLOUT} true")).await;
    let off = with_token(&house.stranger, &[Scope::FlagsOff]);
    house.store.shut();
    house.switch_off(&off, CALLOUT).await.unwrap();
    let refused = house.engine.lift_override(&off, "production", CALLOUT).await;
    assert!(matches!(refused, Err(EngineError::Forbidden(_))), "{refused:?}");
    house.engine.lift_override(&signed_in(&house.admin), "production", CALLOUT).await.unwrap();
    assert_eq!(house.reason_of(&house.engine, CALLOUT), (true, "boolean"));
}

#[tokio::test]
async fn a_full_disk_is_told_and_stops_nothing() {
    let house = House::new().await;
    house.command(&format!("feature set {CALLOUT} true")).await;
    house.file.break_it();
    let done = house.switch_off(&house.as_admin(), CALLOUT).await.unwrap();
    assert_eq!(done.not_kept.as_deref(), Some("the disk is full"));
    assert_eq!(house.reason_of(&house.engine, CALLOUT), (false, "override"));
    let lifted = house.engine.lift_override(&house.as_admin(), "production", CALLOUT).await;
    assert!(matches!(lifted, Err(EngineError::Unavailable { .. })), "{lifted:?}");
    assert_eq!(house.reason_of(&house.engine, CALLOUT), (false, "override"), "what cannot be kept stays");
}

#[tokio::test]
async fn a_row_written_by_hand_counts_and_a_broken_file_changes_nothing() {
    let house = House::new().await;
    let by_hand = Override {
        flag: DISABLING.parse().unwrap(),
        environment: "production".into(),
        author: OVERRIDE_BY_HAND.into(),
        reason: None,
        since: Timestamp::from_secs(0),
        recorded: Recorded::NotYet,
    };
    assert_eq!(house.engine.flag_board().auto_disabling(), Switch::On);
    house.file.edit(vec![by_hand]);
    house.engine.look_at_overrides().await.unwrap();
    assert_eq!(house.engine.flag_board().auto_disabling(), Switch::Off);
    assert_eq!(house.engine.overrides(&house.as_admin()).unwrap()[0].author, OVERRIDE_BY_HAND);
    house.file.break_it();
    assert!(house.engine.look_at_overrides().await.is_err());
    assert_eq!(house.engine.flag_board().auto_disabling(), Switch::Off);
}

#[tokio::test]
async fn a_row_for_an_environment_that_reads_anothers_flags_is_of_that_one() {
    let house = House::new().await;
    house.command(&format!("feature set {CALLOUT} true --staging")).await;
    let row = |environment: &str| Override {
        flag: CALLOUT.parse().unwrap(),
        environment: environment.into(),
        author: OVERRIDE_BY_HAND.into(),
        reason: None,
        since: Timestamp::from_secs(0),
        recorded: Recorded::NotYet,
    };
    // One that cannot be recorded holds up no other.
    house.file.edit(vec![row("moon"), row("staging-canary")]);
    house.engine.look_at_overrides().await.unwrap();
    house.engine.record_overrides().await;
    let known = house.engine.overrides(&house.as_admin()).unwrap();
    assert_eq!((known[1].environment.as_str(), known[1].recorded), ("staging", Recorded::Yes));
    house.engine.lift_override(&house.as_admin(), "staging-canary", CALLOUT).await.unwrap();
    let left = house.engine.overrides(&house.as_admin()).unwrap();
    assert_eq!((left.len(), left[0].environment.as_str()), (1, "moon"), "it is left for whoever wrote it");
}

#[tokio::test]
async fn overrides_that_come_together_are_all_active_and_all_kept() {
    let house = House::new().await;
    for round in 0..20 {
        let all = [CALLOUT, DISABLING]
            .into_iter()
            .flat_map(|flag| ["dev", "staging", "production"].map(|at| (flag, at)));
        let asked = all.map(|(flag, at)| {
            let (engine, admin) = (house.engine.clone(), house.as_admin());
            tokio::spawn(async move { engine.override_flag(&admin, at, flag, None).await.unwrap() })
        });
        for one in asked.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        for (flag, at) in
            [(CALLOUT, "dev"), (DISABLING, "staging"), (DISABLING, "production"), (CALLOUT, "staging")]
        {
            let snapshot = house.engine.flag_board().of(at).unwrap();
            assert!(snapshot.overridden(flag), "round {round}: {flag} in {at}");
        }
        assert_eq!(house.file.rows().len(), 6);
        for flag in [CALLOUT, DISABLING] {
            for at in ["dev", "staging", "production"] {
                house.engine.lift_override(&house.as_admin(), at, flag).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_row_added_by_hand_is_not_overwritten_by_what_memory_adds() {
    let house = House::new().await;
    house.switch_off(&house.as_admin(), CALLOUT).await.unwrap();
    let mut edited = house.file.rows();
    edited.push(Override {
        flag: DISABLING.parse().unwrap(),
        environment: "dev".into(),
        ..edited[0].clone()
    });
    house.file.edit(edited);
    house.engine.override_flag(&house.as_admin(), "staging", CALLOUT, None).await.unwrap();
    let rows = house.file.rows();
    let mut places: Vec<_> = rows.iter().map(|row| (row.flag.as_str(), row.environment.as_str())).collect();
    places.sort_unstable();
    assert_eq!(places, [(DISABLING, "dev"), (CALLOUT, "production"), (CALLOUT, "staging")]);
    // What is taken out by hand is lifted, and what is lifted does not come back with an older edit.
    house.file.edit(rows.into_iter().filter(|row| row.environment != "dev").collect());
    house.engine.look_at_overrides().await.unwrap();
    assert_eq!(house.engine.overrides(&house.as_admin()).unwrap().len(), 2);
}

#[tokio::test]
async fn a_reason_is_bounded_and_plain() {
    let house = House::new().await;
    let check = async |reason: &str| {
        let reason = Some(reason.to_owned());
        house.engine.override_flag(&house.as_admin(), "production", CALLOUT, reason).await.map(drop)
    };
    for bad in ["two\nlines", "red \u{1b}[31m", &"x".repeat(REASON_CHARACTERS_MAX + 1)] {
        let refused = check(bad).await;
        assert!(matches!(refused, Err(EngineError::Invalid { field: "reason", .. })), "{bad:?}");
    }
    assert_eq!(house.engine.overrides(&house.as_admin()).unwrap(), []);
    check(&"ü".repeat(REASON_CHARACTERS_MAX)).await.unwrap();
}

#[tokio::test]
async fn a_token_that_was_never_used_opens_without_the_store() {
    let house = House::new().await;
    let input = TokenInput {
        name: "kill switch".into(),
        scopes: Scopes::NONE.with(Scope::FlagsOff).with(Scope::FlagsRead),
        expires_at: None,
        project: None,
        environments: None,
    };
    let reads =
        TokenInput { name: "reads".into(), scopes: Scopes::NONE.with(Scope::FlagsRead), ..input.clone() };
    let token = house.engine.create_token(&house.as_admin(), house.admin.id, input).await.unwrap();
    let reads = house.engine.create_token(&house.as_admin(), house.admin.id, reads).await.unwrap();
    let restarted = house.restarted().await;
    house.store.shut();
    let shown = |token: &NewToken| Credential::PrivateToken(Secret::new(token.text.expose().to_owned()));
    let known = restarted.authenticate(&shown(&token)).await.unwrap();
    restarted.override_flag(&known, "production", CALLOUT, None).await.unwrap();
    let other = restarted.authenticate(&shown(&reads)).await;
    assert!(matches!(other, Err(EngineError::Unavailable { .. })), "the store is what is gone: {other:?}");
}

#[tokio::test]
async fn what_does_not_exist_is_not_overridden_and_who_may_not_is_told() {
    let house = House::new().await;
    let unknown = house.switch_off(&house.as_admin(), "webhooks_failed_calout").await.unwrap_err();
    assert!(unknown.to_string().contains("did you mean \"webhooks_failed_callout\""), "{unknown}");
    let read = with_token(&house.stranger, &[Scope::FlagsRead]);
    let refused = house.switch_off(&read, CALLOUT).await;
    assert!(matches!(refused, Err(EngineError::Forbidden(_))), "{refused:?}");
    let nowhere = house.engine.override_flag(&house.as_admin(), "moon", CALLOUT, None).await;
    assert!(matches!(nowhere, Err(EngineError::NotFound("environment"))), "{nowhere:?}");
    assert_eq!(house.engine.overrides(&house.as_admin()).unwrap(), []);
}

#[tokio::test]
async fn a_node_does_not_start_while_nobody_knows_what_was_switched_off() {
    let house = House::new().await;
    house.file.break_it();
    let refused = house.start_again().await;
    let Err(EngineError::Invalid { field: "overrides", rule }) = refused else { panic!("it started") };
    assert!(rule.contains("the disk is full"), "{rule}");
}
