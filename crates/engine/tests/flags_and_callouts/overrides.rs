use crate::house::{House, signed_in, with_token};
use wigwag_access::{Principal, Scope};
use wigwag_base::{Page, Timestamp};
use wigwag_engine::flags::{OVERRIDE_BY_HAND, Overridden};
use wigwag_engine::{Engine, EngineError};
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
