//! Whoever may only turn off: every way in, every kind of change.

use crate::house::{House, with_token};
use std::collections::BTreeSet;
use wigwag_access::{Principal, Scope};
use wigwag_engine::EngineError;
use wigwag_engine::flags::{FlagChange, Mode, Occasion, TargetNames, UnknownFlag};
use wigwag_flags::{Change, FlagState, Origin, Targets};

const CALLOUT: &str = "webhooks_failed_callout";
const DISABLING: &str = "auto_disabling_web_hooks";

fn off_only(house: &House) -> Principal {
    with_token(&house.mia, &[Scope::FlagsOff, Scope::FlagsRead, Scope::Chat])
}

async fn set(
    house: &House,
    by: &Principal,
    flag: &str,
    change: Change,
    origin: Origin,
) -> Result<(), EngineError> {
    let change = FlagChange {
        environment: "production".into(),
        flag: flag.parse().unwrap(),
        change,
        names: TargetNames::default(),
    };
    let unknown = UnknownFlag::Accept;
    let occasion =
        Occasion { via: "api".into(), origin, reason: None, unknown, mode: Mode::Make, spoken: None };
    house.engine.set_flags(by, vec![change], occasion).await.map(|_| ())
}

fn user(id: i64) -> BTreeSet<wigwag_flags::ActorId> {
    [format!("User:{id}").parse().unwrap()].into()
}

fn users(id: i64) -> Targets {
    Targets { actors: user(id), groups: BTreeSet::new() }
}

/// Half of the actors, and user 5 by name; user 6 opted out.
fn half() -> FlagState {
    FlagState {
        actors: user(5),
        opt_outs: user(6),
        percentage_of_actors: Some("50".parse().unwrap()),
        ..FlagState::default()
    }
}

#[tokio::test]
async fn every_change_by_which_someone_gains_is_refused_and_every_other_is_made() {
    let on = FlagState { boolean: Some(true), ..FlagState::default() };
    let less = FlagState { percentage_of_actors: Some("49.999".parse().unwrap()), ..half() };
    let more = FlagState { percentage_of_actors: Some("50.001".parse().unwrap()), ..half() };
    let cases: [(Option<FlagState>, Change, bool); 20] = [
        (Some(half()), Change::EnableEveryone, false),
        (Some(half()), Change::DisableEveryone, true),
        (Some(half()), Change::DisableKeepTargets, true),
        (Some(half()), Change::Enable(users(7)), false),
        (Some(half()), Change::Disable(users(5)), true),
        (Some(half()), Change::PercentageOfActors("50.001".parse().unwrap()), false),
        (Some(half()), Change::PercentageOfActors("49.999".parse().unwrap()), true),
        (Some(half()), Change::PercentageOfActors("0".parse().unwrap()), true),
        (Some(half()), Change::PercentageOfTime("0.001".parse().unwrap()), false),
        (Some(half()), Change::PercentageOfTime("0".parse().unwrap()), true),
        (Some(half()), Change::OptOut(user(5)), true),
        (Some(half()), Change::RemoveOptOut(user(6)), false),
        (Some(half()), Change::Delete, true),
        (Some(half()), Change::Replace(Some(less)), true),
        (Some(half()), Change::Replace(Some(more)), false),
        (Some(half()), Change::Replace(Some(on.clone())), false),
        (Some(half()), Change::Replace(None), true),
        (
            Some(on.clone()),
            Change::Replace(Some(FlagState { actors: user(9), ..FlagState::default() })),
            true,
        ),
        (None, Change::Enable(users(7)), false),
        (None, Change::DisableEveryone, true),
    ];
    for (before, change, allowed) in cases {
        let house = House::new().await;
        set(&house, &house.as_admin(), CALLOUT, Change::Replace(before.clone()), Origin::Rest).await.unwrap();
        let seen = |house: &House| {
            let flag = house.engine.flag(&house.as_admin(), "production", CALLOUT).unwrap();
            flag.stored.as_deref().cloned()
        };
        let done = set(&house, &off_only(&house), CALLOUT, change.clone(), Origin::Rest).await;
        match done {
            Ok(()) => assert!(allowed, "{before:?} {change:?}"),
            Err(EngineError::Forbidden(_)) => {
                assert!(!allowed, "{before:?} {change:?}");
                assert_eq!(seen(&house), before, "{change:?}");
            }
            Err(other) => panic!("{before:?} {change:?}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_default_that_is_on_counts_as_on() {
    let house = House::new().await;
    let off = off_only(&house);
    // Never set and on by default: the first entry shadows the default, by which nobody gains.
    set(&house, &off, DISABLING, Change::Enable(users(7)), Origin::Rest).await.unwrap();
    set(&house, &off, DISABLING, Change::DisableEveryone, Origin::Rest).await.unwrap();
    for back in [Change::Delete, Change::Replace(None), Change::EnableEveryone] {
        let refused = set(&house, &off, DISABLING, back, Origin::Rest).await;
        assert!(matches!(refused, Err(EngineError::Forbidden(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn the_same_holds_in_chat() {
    let house = House::new().await;
    let off = off_only(&house);
    let check = async |text: &str, done: bool| {
        let reply = house.command_as(&off, text).await;
        assert_eq!(!reply.starts_with("refused"), done, "{text}: {reply}");
        if !done {
            assert!(reply.contains("flags:rw") || reply.contains("Only an admin"), "{text}: {reply}");
        }
    };
    check(&format!("feature set {CALLOUT} true"), false).await;
    check(&format!("feature set {CALLOUT} true --user=rex"), false).await;
    check(&format!("feature set {CALLOUT} 25 --actors"), false).await;
    check(&format!("feature set {CALLOUT} 25 --random --ignore-random-deprecation-check"), false).await;
    house.command(&format!("feature set {CALLOUT} true --dev --production")).await;
    check(&format!("feature set {CALLOUT} opt_out --user=rex"), true).await;
    check(&format!("feature set {CALLOUT} remove_opt_out --user=rex"), false).await;
    check(&format!("feature set {CALLOUT} false"), true).await;
    check(&format!("feature delete {CALLOUT}"), true).await;
    check(&format!("feature set {CALLOUT} false --dev"), true).await;
    check(&format!("feature delete {DISABLING} --dry-run"), true).await;
    check(&format!("feature set {DISABLING} false"), true).await;
    check(&format!("feature delete {DISABLING}"), false).await;
    check(&format!("feature delete {DISABLING} --dry-run"), false).await;
}
