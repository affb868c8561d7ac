use crate::house::{House, signed_in};
use wigwag_engine::EngineError;
use wigwag_engine::command::Transport;
use wigwag_engine::flags::{
    FlagChange, FlagWritten, Mode, Occasion, ReachBy, Seen, SeenStep, StateMark, TargetNames, UnknownFlag,
};
use wigwag_flags::{Change, FlagName, FlagState, Origin, Targets};
use wigwag_ports::flags::{AuditFilter, Flags};
use wigwag_ports::registry::Kind;

const CALLOUT: &str = "webhooks_failed_callout";

fn callout() -> FlagName {
    CALLOUT.parse().unwrap()
}

fn share(text: &str) -> Option<FlagState> {
    Some(FlagState { percentage_of_actors: Some(text.parse().unwrap()), ..FlagState::default() })
}

/// If that is still stored.
fn still(mark: StateMark) -> Mode {
    Mode::MakeIfStill(vec![Seen { flag: callout(), mark }])
}

impl House {
    async fn change(&self, change: Change, mode: Mode) -> Result<Vec<FlagWritten>, EngineError> {
        let occasion = Occasion {
            via: "page".into(),
            origin: Origin::Command,
            reason: None,
            unknown: UnknownFlag::Refuse,
            mode,
            spoken: None,
        };
        let change = FlagChange {
            environment: "production".into(),
            flag: callout(),
            change,
            names: TargetNames::default(),
        };
        self.engine.set_flags(&self.as_admin(), vec![change], occasion).await
    }

    fn stored(&self) -> Option<FlagState> {
        let view = self.engine.flag(&self.as_admin(), "production", CALLOUT).unwrap();
        view.stored.as_deref().cloned()
    }

    async fn seen(&self) -> SeenStep {
        let step = self.engine.flag_step(&self.as_admin(), "production-canary", &callout()).await.unwrap();
        SeenStep::from(&step.unwrap())
    }

    async fn undo(&self, seen: SeenStep) -> Result<FlagWritten, EngineError> {
        self.engine
            .undo_flag_from(&self.as_admin(), "production", &callout(), seen, &Transport::direct("page"))
            .await
    }
}

#[tokio::test]
async fn a_change_is_made_only_to_what_was_shown() {
    let house = House::new().await;
    let nothing = still(StateMark::of(None));
    house.change(Change::EnableEveryone, nothing.clone()).await.unwrap();
    let refused = house.change(Change::DisableEveryone, nothing.clone()).await;
    assert!(
        matches!(&refused, Err(EngineError::Conflict(text)) if text.contains("was changed in production")),
        "{refused:?}"
    );
    let on = StateMark::of(house.stored().as_ref());
    house.change(Change::Delete, still(on)).await.unwrap();
    assert_eq!(house.stored(), None);
    // Changed and changed back: what was shown is what is there.
    house.change(Change::EnableEveryone, nothing.clone()).await.unwrap();
}

#[tokio::test]
async fn the_last_change_is_taken_back_exactly_and_twice_puts_it_there_again() {
    let house = House::new().await;
    let many = Targets {
        actors: (1..=300).map(|id| format!("Project:{id}").parse().unwrap()).collect(),
        ..Targets::default()
    };
    assert_eq!(house.engine.flag_step(&house.as_admin(), "production", &callout()).await.unwrap(), None);
    house.change(Change::Enable(many.clone()), Mode::Make).await.unwrap();
    house.change(Change::PercentageOfActors("12.5".parse().unwrap()), Mode::Make).await.unwrap();
    let before = house.stored();
    house.change(Change::DisableEveryone, Mode::Make).await.unwrap();
    house.undo(house.seen().await).await.unwrap();
    assert_eq!(house.stored(), before);
    house.undo(house.seen().await).await.unwrap();
    assert_eq!(house.stored(), Some(FlagState { boolean: Some(false), ..FlagState::default() }));
    let rows = house.store.audit(AuditFilter::default(), wigwag_base::Page::default()).await.unwrap().rows;
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0].entry.via, "page");
    assert_eq!(rows[0].entry.reason.as_deref(), Some("takes the change before it back"));
}

#[tokio::test]
async fn the_first_change_is_taken_back_to_never_set() {
    let house = House::new().await;
    house.change(Change::EnableEveryone, Mode::Make).await.unwrap();
    house.undo(house.seen().await).await.unwrap();
    assert_eq!(house.stored(), None);
    house.undo(house.seen().await).await.unwrap();
    assert_eq!(house.stored(), Some(FlagState { boolean: Some(true), ..FlagState::default() }));
}

#[tokio::test]
async fn what_was_changed_since_is_not_taken_back() {
    let house = House::new().await;
    house.change(Change::PercentageOfActors("10".parse().unwrap()), Mode::Make).await.unwrap();
    let seen = house.seen().await;
    house.change(Change::PercentageOfActors("20".parse().unwrap()), Mode::Make).await.unwrap();
    let refused = house.undo(seen).await;
    assert!(matches!(&refused, Err(EngineError::Conflict(text)) if text.contains("since")), "{refused:?}");
    assert_eq!(house.stored(), share("20"));
    // The same state again, reached by another step: that one would be taken back, which nobody asked for.
    house.change(Change::PercentageOfActors("10".parse().unwrap()), Mode::Make).await.unwrap();
    assert!(house.undo(seen).await.is_err());
    assert_eq!(house.stored(), share("10"));
}

#[tokio::test]
async fn who_may_not_turn_on_may_not_take_a_turning_off_back() {
    let house = House::new().await;
    house.change(Change::EnableEveryone, Mode::Make).await.unwrap();
    house.change(Change::DisableEveryone, Mode::Make).await.unwrap();
    let seen = house.seen().await;
    let by = async |principal| {
        house
            .engine
            .undo_flag_from(&principal, "production", &callout(), seen, &Transport::direct("page"))
            .await
            .unwrap_err()
    };
    assert!(matches!(by(signed_in(&house.mia)).await, EngineError::Forbidden(_)));
    let off_only = crate::house::with_token(&house.mia, &[wigwag_access::Scope::FlagsOff]);
    assert!(matches!(by(off_only).await, EngineError::Forbidden(_)));
    assert_eq!(house.stored(), Some(FlagState { boolean: Some(false), ..FlagState::default() }));
}

#[tokio::test]
async fn each_one_is_asked_what_a_change_means() {
    let house = House::new().await;
    let reach = async |environment: &str, after, kind| {
        let reach = house.engine.flag_reach(&house.as_admin(), environment, &callout(), after, kind).await;
        let reach = reach.unwrap();
        assert_eq!(reach.by, ReachBy::Counting);
        [reach.total, reach.before, reach.after, reach.gain, reach.lose]
    };
    let on = Some(FlagState { boolean: Some(true), ..FlagState::default() });
    let one = Some(FlagState {
        actors: [format!("Project:{}", house.shop.id).parse().unwrap()].into(),
        ..FlagState::default()
    });
    assert_eq!(reach("production", on.clone(), Kind::User).await, [5, 0, 5, 5, 0]);
    assert_eq!(reach("production", one.clone(), Kind::Project).await, [2, 0, 1, 1, 0]);
    assert_eq!(reach("production", one.clone(), Kind::Group).await, [1, 0, 0, 0, 0]);
    house.change(Change::EnableEveryone, Mode::Make).await.unwrap();
    assert_eq!(reach("production-canary", one, Kind::Project).await, [2, 2, 1, 0, 1]);
    assert_eq!(reach("production", None, Kind::Project).await, [2, 2, 0, 0, 2]);
    assert_eq!(reach("staging", on, Kind::Project).await, [2, 0, 2, 2, 0]);
    let mia = signed_in(&house.mia);
    let by_mia = house.engine.flag_reach(&mia, "production", &callout(), None, Kind::User).await;
    assert!(matches!(by_mia, Err(EngineError::Forbidden(_))));
}
