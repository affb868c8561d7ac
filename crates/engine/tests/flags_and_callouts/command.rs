use crate::house::{House, signed_in, with_token};
use wigwag_access::Scope;
use wigwag_base::Page;
use wigwag_engine::EngineError;
use wigwag_ports::flags::{AuditFilter, Flags};

#[tokio::test]
async fn set_get_and_delete_say_what_was_done_and_how_to_undo_it() {
    let house = House::new().await;
    let mut told = String::new();
    for text in [
        "feature get webhooks_failed_callout --env=staging,production",
        "/chatops run feature set webhooks_failed_callout true --project=acme/shop",
        "feature set webhooks_failed_callout 25 --actors --dev --staging-canary --staging --reason='try it'",
        "feature set webhooks_failed_callout true --dry-run",
        "feature set webhooks_failed_callout true --staging",
        "feature set webhooks_failed_callout false --user=mia --staging",
        "feature set webhooks_failed_callout true",
        "feature get webhooks_failed_callout",
        "feature set auto_disabling_web_hooks false",
        "feature delete webhooks_failed_callout",
        "feature delete webhooks_failed_callout",
        "feature set auto_disabling_web_hooks opt_out --user=mia --dev",
    ] {
        let reply = house.command(text).await;
        told += &format!("> {text}\n{reply}\n\n");
    }
    insta::assert_snapshot!(told, @"
    > feature get webhooks_failed_callout --env=staging,production
    webhooks_failed_callout in staging: off. Never set there, and off by default.
    webhooks_failed_callout in production: off. Never set there, and off by default.
    Definition:
      description    Show a banner on a project's pages when a web-hook of it fails.
      type           beta
      default        off
      group          group::integrations
      milestone      0.1
      depends on     auto_disabling_web_hooks
      introduced by  https://gitlab.com/gitlab-org/gitlab/-/merge_requests/89471

    > /chatops run feature set webhooks_failed_callout true --project=acme/shop
    webhooks_failed_callout in production: off -> conditional.
      actors                 not set -> Project:1
      acme/shop (Project:1)  on because Project:1 is in the list
    Page: http://127.0.0.1:8080/-/flags/webhooks_failed_callout
    To undo:
        feature delete webhooks_failed_callout --env=production

    > feature set webhooks_failed_callout 25 --actors --dev --staging-canary --staging --reason='try it'
    webhooks_failed_callout in dev: off -> conditional.
      percentage of actors  not set -> 25 %
      share of actors       0 % -> 25 %
    To undo:
        feature delete webhooks_failed_callout --env=dev
    webhooks_failed_callout in staging (whose flags staging-canary reads): off -> conditional.
      percentage of actors  not set -> 25 %
      share of actors       0 % -> 25 %
    Page: http://127.0.0.1:8080/-/flags/webhooks_failed_callout
    To undo:
        feature delete webhooks_failed_callout --env=staging

    > feature set webhooks_failed_callout true --dry-run
    webhooks_failed_callout in production: conditional -> on.
      boolean          not set -> true
      actors           Project:1 -> not set
      share of actors  0 % -> 100 %
    Checks:
      names         passed
      random        not needed
      rights        passed
      channel       not needed: From here the role is enough.
      override      passed
      roll-backs    passed
      production    not needed: No source is configured ([[production_checks]]).
      consistency   not needed: There is no environment (none) to be compared with.
      dependencies  passed: On there: auto_disabling_web_hooks.
      step size     warning: From 0 % to 100 % is a large step; up to 10 % is not.
    This was a dry run: nothing was changed.
    This makes it:
        feature set webhooks_failed_callout true --env=production

    > feature set webhooks_failed_callout true --staging
    webhooks_failed_callout in staging: conditional -> on.
      boolean               not set -> true
      percentage of actors  25 % -> not set
      share of actors       25 % -> 100 %
    Page: http://127.0.0.1:8080/-/flags/webhooks_failed_callout
    To undo:
        feature set webhooks_failed_callout false --env=staging
        feature set webhooks_failed_callout 25 --actors --env=staging

    > feature set webhooks_failed_callout false --user=mia --staging
    webhooks_failed_callout in staging: still on.
      mia (User:2)  still on, by boolean (on for everyone); use opt_out to take it from this one
    Nothing changes: that is how it is already.
    Page: http://127.0.0.1:8080/-/flags/webhooks_failed_callout

    > feature set webhooks_failed_callout true
    webhooks_failed_callout in production: conditional -> on.
      boolean          not set -> true
      actors           Project:1 -> not set
      share of actors  0 % -> 100 %
    Mind: From 0 % to 100 % is a large step; up to 10 % is not.
    Page: http://127.0.0.1:8080/-/flags/webhooks_failed_callout
    To undo:
        feature set webhooks_failed_callout false --env=production
        feature set webhooks_failed_callout true --project=1 --env=production

    > feature get webhooks_failed_callout
    webhooks_failed_callout in production: on.
      boolean  true
    Definition:
      description    Show a banner on a project's pages when a web-hook of it fails.
      type           beta
      default        off
      group          group::integrations
      milestone      0.1
      depends on     auto_disabling_web_hooks
      introduced by  https://gitlab.com/gitlab-org/gitlab/-/merge_requests/89471

    > feature set auto_disabling_web_hooks false
    auto_disabling_web_hooks in production: on -> off.
      boolean          not set -> false
      share of actors  100 % -> 0 %
    What depends on it goes dark with it: webhooks_failed_callout.
    Page: http://127.0.0.1:8080/-/flags/auto_disabling_web_hooks
    To undo:
        feature delete auto_disabling_web_hooks --env=production

    > feature delete webhooks_failed_callout
    webhooks_failed_callout in production: on -> off.
      boolean          true -> not set
      share of actors  100 % -> 0 %
    Page: http://127.0.0.1:8080/-/flags/webhooks_failed_callout
    To undo:
        feature set webhooks_failed_callout true --env=production

    > feature delete webhooks_failed_callout
    webhooks_failed_callout in production: still off.
    Nothing changes: that is how it is already.
    Page: http://127.0.0.1:8080/-/flags/webhooks_failed_callout

    > feature set auto_disabling_web_hooks opt_out --user=mia --dev
    auto_disabling_web_hooks in dev: on -> on.
      boolean       not set -> true
      opted out     not set -> User:2
      mia (User:2)  off because User:2 has opted out
    It was on by default and never set: it is stored as on for everyone else, so that they keep it.
    Page: http://127.0.0.1:8080/-/flags/auto_disabling_web_hooks
    To undo:
        feature delete auto_disabling_web_hooks --env=dev
    ");
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let house = House::new().await;
    let mut told = String::new();
    for text in [
        "feature set webhook_failed_callout true",
        "feature get nonsense",
        "feature set webhooks_failed_callout true --project=acme/shopp",
        "feature set webhooks_failed_callout true --feature-group=staff",
        "feature set webhooks_failed_callout 25 --random",
        "feature set webhooks_failed_callout 25",
        "feature set auto_disabling_web_hooks false --staging",
        "feature set webhooks_failed_callout true --dev --staging --production",
        "feature set webhooks_failed_callout true --project=acme/shop --staging",
    ] {
        let reply = house.command(text).await;
        told += &format!("> {text}\n{reply}\n\n");
    }
    insta::assert_snapshot!(told, @r#"
    > feature set webhook_failed_callout true
    refused
    production is refused. The flag "webhook_failed_callout" does not exist; did you mean "webhooks_failed_callout"?

    > feature get nonsense
    refused
    The flag "nonsense" does not exist.

    > feature set webhooks_failed_callout true --project=acme/shopp
    refused
    Project "acme/shopp" does not exist; did you mean "acme/shop"?

    > feature set webhooks_failed_callout true --feature-group=staff
    refused
    production is refused. Value is refused: there is no feature group "staff".

    > feature set webhooks_failed_callout 25 --random
    refused
    production is refused. A percentage of time rolls the dice anew at every call and has caused outages. Use --actors; or, if it must be, add --ignore-random-deprecation-check.

    > feature set webhooks_failed_callout 25
    refused
    25 needs --actors (always the same ones) or --random (by chance).
        feature set webhooks_failed_callout 25
                                            ^
    Did you mean `25 --actors`?

    > feature set auto_disabling_web_hooks false --staging
    auto_disabling_web_hooks in staging: on -> off.
      boolean          not set -> false
      share of actors  100 % -> 0 %
    Page: http://127.0.0.1:8080/-/flags/auto_disabling_web_hooks
    To undo:
        feature delete auto_disabling_web_hooks --env=staging

    > feature set webhooks_failed_callout true --dev --staging --production
    refused
    webhooks_failed_callout in dev: off -> on.
      boolean          not set -> true
      share of actors  0 % -> 100 %
    To undo:
        feature delete webhooks_failed_callout --env=dev
    staging is refused. webhooks_failed_callout depends on auto_disabling_web_hooks, which is not on for everyone there. This turns on both:
        feature set webhooks_failed_callout true --with-dependencies --env=staging
    Done before: dev. Not tried: production.

    > feature set webhooks_failed_callout true --project=acme/shop --staging
    refused
    staging is refused. webhooks_failed_callout depends on auto_disabling_web_hooks, which is not on for every target there. This turns on both:
        feature set webhooks_failed_callout true --project=acme/shop --with-dependencies --env=staging
    "#);
}

#[tokio::test]
async fn the_named_undo_brings_back_what_was() {
    let house = House::new().await;
    let flag = "webhooks_failed_callout";
    let stored = || {
        let view = house.engine.flag(&house.as_admin(), "production", flag).unwrap();
        view.stored.map(|state| (*state).clone())
    };
    for before in [
        &[][..],
        &["true"],
        &["false"],
        &["true --project=acme/shop"],
        &["true --project=acme/shop --user=mia", "opt_out --user=rex"],
        &["25 --actors"],
        &["25 --actors", "5 --random --ignore-random-deprecation-check", "true --group=acme"],
        &["true", "true --user=mia", "opt_out --user=rex"],
    ] {
        for text in [
            "true",
            "false",
            "false --keep-targets",
            "true --user=mia,olive",
            "false --user=mia",
            "opt_out --user=olive",
            "remove_opt_out --user=rex",
            "50 --actors",
            "10 --random --ignore-random-deprecation-check",
            "DELETE",
        ] {
            house.command(&format!("feature delete {flag}")).await;
            for step in before {
                let reply = house.command(&format!("feature set {flag} {step}")).await;
                assert!(!reply.starts_with("refused"), "{step}: {reply}");
            }
            let was = stored();
            let command = match text {
                "DELETE" => format!("feature delete {flag}"),
                _ => format!("feature set {flag} {text}"),
            };
            let reply = house.command(&command).await;
            let case = format!("{before:?} then {text}:\n{reply}");
            let Some((_, undo)) = reply.split_once("To undo:\n") else {
                assert!(reply.starts_with("refused") || stored() == was, "{case}");
                continue;
            };
            for line in undo.lines() {
                let reply = house.command(line).await;
                assert!(!reply.starts_with("refused"), "{case}\n> {line}\n{reply}");
            }
            assert!(same(stored(), was), "{case}");
        }
    }
}

/// Whether two states decide alike: a row without an open boolean is a row without one.
fn same(one: Option<wigwag_flags::FlagState>, other: Option<wigwag_flags::FlagState>) -> bool {
    let plain = |state: wigwag_flags::FlagState| wigwag_flags::FlagState {
        boolean: state.boolean.filter(|on| *on),
        ..state
    };
    one.map(plain) == other.map(plain)
}

#[tokio::test]
async fn any_user_who_may_run_commands_reads_and_writing_takes_more() {
    let house = House::new().await;
    let get = "feature get webhooks_failed_callout";
    let on = "feature set webhooks_failed_callout true";
    let off = "feature set webhooks_failed_callout false";
    let check = async |principal, text: &str, done: bool| {
        let reply = house.command_as(&principal, text).await;
        assert_eq!(!reply.starts_with("refused"), done, "{text}: {reply}");
    };
    let viewer = with_token(&house.mia, &[Scope::Chat]);
    check(viewer.clone(), get, true).await;
    check(viewer.clone(), on, false).await;
    check(viewer, off, false).await;
    check(signed_in(&house.mia), get, true).await;
    check(signed_in(&house.mia), off, false).await;
    check(with_token(&house.mia, &[Scope::Chat, Scope::FlagsOff]), off, true).await;
    check(with_token(&house.mia, &[Scope::Chat, Scope::FlagsOff]), on, false).await;
    check(with_token(&house.mia, &[Scope::Chat, Scope::FlagsWrite]), on, true).await;
    let without = with_token(&house.mia, &[Scope::EventsWrite]);
    let refused = house.engine.run_command(&without, get, None, "cli").await;
    assert!(matches!(refused, Err(EngineError::Forbidden(_))), "{refused:?}");
}

#[tokio::test]
async fn a_channel_is_believed_of_a_gateway_alone() {
    let house = House::new().await;
    let run = async |principal, channel: &str| {
        let text = "feature set webhooks_failed_callout true --project=acme/shop --dev --reason=why";
        house.engine.run_command(&principal, text, Some(channel), "api").await
    };
    let refused = run(with_token(&house.mia, &[Scope::Chat, Scope::FlagsWrite]), "production").await;
    assert!(matches!(refused, Err(EngineError::Forbidden(_))), "{refused:?}");
    let gateway = with_token(&house.mia, &[Scope::ChatGateway, Scope::FlagsWrite]);
    for crooked in ["", "a\nb", &"x".repeat(101)] {
        let refused = run(gateway.clone(), crooked).await;
        assert!(matches!(refused, Err(EngineError::Invalid { field: "channel", .. })), "{refused:?}");
    }
    assert!(run(gateway, "production").await.unwrap().ok);
    let rows = house.store.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    let entry = &rows[0].entry;
    assert_eq!((entry.author.as_str(), entry.via.as_str()), ("mia", "chat:production"));
    assert_eq!(entry.reason.as_deref(), Some("why"));
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_said_in_the_reply() {
    let house = House::new().await;
    house.store.shut();
    let reply = house.command("feature set webhooks_failed_callout true").await;
    assert!(reply.starts_with("refused\nproduction is refused. The store is not available"), "{reply}");
}
