use super::{CANARY, FLAG_ACTIONS, PRODUCTION, bound, bound_to, everything, project, sign, token};
use crate::action::Direction::{OffWard, OnWard};
use crate::may::{Thing, may};
use crate::{AccessLevel, Action, EnvironmentKind, Principal, Scope};
use std::fmt::Write as _;

#[test]
fn a_token_bound_to_environments_reaches_their_flags_and_nothing_else() {
    let mut table = String::from("bound to               production canary staging\n");
    let staging =
        Thing::Environment { name: "staging", base: "staging", kind: EnvironmentKind::NonProduction };
    let bindings: [&[&str]; 5] =
        [&[], &["production"], &["production-canary"], &["production-canary", "staging"], &["Production"]];
    for bound in bindings {
        let signs = [PRODUCTION, CANARY, staging].map(|thing| {
            let sign = |action: &Action| sign(may(&bound_to(bound), *action, thing));
            FLAG_ACTIONS.iter().map(sign).collect::<String>()
        });
        let _ = writeln!(table, "{bound:?} {}", signs.join(" "));
    }
    insta::assert_snapshot!(table, @r#"
    bound to               production canary staging
    [] vvvvv vvvvv vvvvv
    ["production"] yyyyy yyyyy vvvvv
    ["production-canary"] vvvvv yrrrr vvvvv
    ["production-canary", "staging"] vvvvv yrrrr yyyyy
    ["Production"] vvvvv vvvvv vvvvv
    "#);
    for (action, thing) in
        everything().into_iter().filter(|(_, thing)| !matches!(thing, Thing::Environment { .. }))
    {
        let self_service = matches!(action, Action::ReadSelf | Action::RevokeSelf);
        let decision = may(&bound_to(&["production", "staging", "dev"]), action, thing);
        assert_eq!(decision.is_allowed(), self_service, "{action:?}");
    }
    // The binding narrows what the scopes open, and widens nothing.
    let reader = Principal { via: token(&[Scope::FlagsRead]), ..bound_to(&["production"]) };
    assert!(may(&reader, Action::ReadFlags, PRODUCTION).is_allowed());
    assert!(!may(&reader, Action::WriteFlags(OffWard), PRODUCTION).is_allowed());
    let switch = Principal { via: token(&[Scope::FlagsOff]), ..bound_to(&["production"]) };
    assert!(may(&switch, Action::WriteFlags(OffWard), PRODUCTION).is_allowed());
    assert!(!may(&switch, Action::WriteFlags(OnWard), PRODUCTION).is_allowed());
    let both = Principal { via: bound(&[Scope::Api]), ..bound_to(&["production"]) };
    assert!(!may(&both, Action::ReadFlags, PRODUCTION).is_allowed());
    assert!(!may(&both, Action::ReadProject, project(Some(AccessLevel::Owner))).is_allowed());
}
