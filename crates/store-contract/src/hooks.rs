//! Hooks: fields, scopes, limits, compare-and-set.

use crate::suite;
use crate::world::{
    World, at, attempted, health_change, new_group, new_hook, new_project, success, transition,
};
use std::time::Duration;
use wigwag_access::{Namespace, Source};
use wigwag_base::{GroupId, HookId, Page, ProjectId, Secret, Timestamp};
use wigwag_hooks::health::Health;
use wigwag_hooks::{
    BranchFilter, BranchStrategy, ClientIdentity, DeliveryState, EventGlob, FailurePolicy, Hook, HookScope,
    HookUuid, NamedSecret, Ordering, PolicyChoice, RetryPolicy, SigningKey, Switch, Template, TriggerSet,
    WhilePaused,
};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::HealthChange;
use wigwag_ports::flags::{AuditEntry, AuditFilter};
use wigwag_ports::hooks::FailingHook;
use wigwag_ports::log::AttemptFilter;

suite!(
    every_field_comes_back,
    a_scope_holds_so_many,
    a_scope_must_exist,
    a_project_hears_all_above_it,
    an_edit_names_what_it_saw,
    an_edit_moves_health_with_it,
    an_edit_brings_its_audit_row_or_neither,
    a_deleted_hook_leaves_its_log,
    failing_hooks_tell_what_waits,
);

fn named(name: &str, value: &str) -> NamedSecret {
    NamedSecret { name: name.into(), value: Secret::new(value.into()) }
}

fn full(scope: HookScope) -> Hook {
    let policy = FailurePolicy {
        threshold: 2,
        first_pause: Duration::from_millis(1500),
        factor: 1.1,
        max_pause: Duration::from_secs(3600),
        permanent_at: None,
    };
    Hook {
        uuid: HookUuid([0xab; 16]),
        url: Secret::new("https://user:päss@example.org/{x}?a=b".into()),
        url_variables: vec![named("x", "ä/ö"), named("y", "")],
        redirected_at: Some(at(3)),
        name: "Name'; --".into(),
        description: "two\nlines".into(),
        triggers: TriggerSet(0x003f_ffff),
        event_types: vec![EventGlob::new("invoice.*").unwrap(), EventGlob::new("*").unwrap()],
        token: Some(Secret::new("tökén".into())),
        signing_keys: vec![
            SigningKey::hmac(vec![0; 24]),
            SigningKey { expires_at: Some(at(7)), ..SigningKey::hmac(vec![255; 64]) },
            SigningKey { expires_at: Some(at(9)), ..SigningKey::ed25519([7; 32]) },
        ],
        custom_headers: vec![named("X-Team", "grün, blau")],
        template: Some(Template::parse("{\"a\": \"{{b.0}}\"}").unwrap()),
        branch_filter: BranchFilter { strategy: BranchStrategy::Regex, pattern: "^(main|ü)$".into() },
        certificate_check: Switch::Off,
        enabled: Switch::Off,
        client_identity: Some(ClientIdentity {
            certificate: "-- Zertifikät --".into(),
            key: Secret::new("-- Schlüssel --".into()),
        }),
        ordering: Ordering::Strict,
        rate_per_minute: Some(u32::MAX),
        while_paused: WhilePaused::Drop,
        failure_policy: PolicyChoice::Own(policy),
        retry_policy: Some(RetryPolicy { delays: vec![Duration::ZERO, Duration::from_millis(2500)] }),
        created_at: Timestamp::from_millis(1),
        revision: 5,
        ..new_hook(scope)
    }
}

async fn every_field_comes_back(world: World) {
    let scopes = [HookScope::Project(world.project.id), HookScope::Group(world.group.id), HookScope::System];
    for scope in scopes {
        let own = FailurePolicy { permanent_at: Some(40), ..FailurePolicy::REFERENCE };
        let off = Hook { failure_policy: PolicyChoice::Off, ..full(scope) };
        let none = Hook { retry_policy: Some(RetryPolicy { delays: Vec::new() }), ..full(scope) };
        let reference = Hook { failure_policy: PolicyChoice::Own(own), ..full(scope) };
        let mut made = Vec::new();
        for hook in [full(scope), new_hook(scope), off, none, reference] {
            let kept = world.create_hook(hook.clone(), 100, None).await.unwrap();
            assert_eq!(kept, Hook { id: kept.id, ..hook });
            assert_eq!((*world).hook(kept.id).await.unwrap().as_ref(), Some(&kept));
            made.push(kept);
        }
        let page = world.hooks_of(scope, Page::new(1, 3)).await.unwrap();
        assert_eq!((&page.rows[..], page.total), (&made[..3], 5));
        let kept = &made[1];
        let edited = Hook { id: kept.id, revision: kept.revision, uuid: kept.uuid, ..full(scope) };
        let edited = Hook { created_at: kept.created_at, ..edited };
        let now = world.update_hook(edited.clone(), None, None).await.unwrap();
        assert_eq!(now, Hook { revision: kept.revision + 1, ..edited });
    }
    assert_eq!((*world).hook(HookId(999)).await.unwrap(), None);
}

async fn a_scope_holds_so_many(world: World) {
    let (of_project, of_group) = (HookScope::Project(world.project.id), HookScope::Group(world.group.id));
    for _ in 0..2 {
        world.create_hook(new_hook(of_project), 2, None).await.unwrap();
    }
    let refused = world.create_hook(new_hook(of_project), 2, None).await;
    assert!(matches!(&refused, Err(StoreError::LimitReached(text)) if text.contains('2')), "{refused:?}");
    world.create_hook(new_hook(of_group), 2, None).await.unwrap();
    assert_eq!(world.hooks_of(of_project, Page::default()).await.unwrap().total, 2);
}

async fn a_scope_must_exist(world: World) {
    for (scope, what) in
        [(HookScope::Project(ProjectId(999)), "project"), (HookScope::Group(GroupId(999)), "group")]
    {
        assert_eq!(world.create_hook(new_hook(scope), 9, None).await, Err(StoreError::NotFound(what)));
        assert_eq!(world.hooks_of(scope, Page::default()).await.unwrap().total, 0);
    }
    assert_eq!(world.hooks_for(ProjectId(999)).await, Err(StoreError::NotFound("project")));
}

async fn a_project_hears_all_above_it(world: World) {
    let sub = world.create_group(new_group("sub", Some(world.group.id), world.user.id)).await.unwrap();
    let aside = world.create_group(new_group("aside", Some(world.group.id), world.user.id)).await.unwrap();
    let deep = world.create_project(new_project("deep", Namespace::Group(sub.id))).await.unwrap();
    let own = world.create_project(new_project("own", Namespace::User(world.user.id))).await.unwrap();
    let mut hooks = Vec::new();
    for scope in [
        HookScope::System,
        HookScope::Group(world.group.id),
        HookScope::Group(sub.id),
        HookScope::Group(aside.id),
        HookScope::Project(deep.id),
        HookScope::Project(own.id),
        HookScope::Project(world.project.id),
    ] {
        hooks.push(world.hook(scope).await);
    }
    let check = async |project, heard: &[usize]| {
        let found = world.hooks_for(project).await.unwrap();
        let expected: Vec<Hook> = heard.iter().map(|n| hooks[*n].clone()).collect();
        assert_eq!(found, expected);
    };
    check(deep.id, &[0, 1, 2, 4]).await;
    check(own.id, &[0, 5]).await;
    check(world.project.id, &[0, 1, 6]).await;
}

async fn an_edit_names_what_it_saw(world: World) {
    let hook = world.project_hook().await;
    let edit = |name: &str, revision| Hook { name: name.into(), revision, ..hook.clone() };
    let moved = Hook { health: health_change(&hook, 0, Health::Disabled).record, ..edit("a", 0) };
    let now = world.update_hook(moved, None, None).await.unwrap();
    assert_eq!(now, edit("a", 1), "health moves only by a change");
    assert_eq!(world.update_hook(edit("b", 0), None, None).await, Err(StoreError::Stale));
    assert_eq!(world.update_hook(edit("b", 2), None, None).await, Err(StoreError::Stale));
    assert_eq!(world.update_hook(edit("c", 1), None, None).await.unwrap(), edit("c", 2));
    let nowhere = Hook { id: HookId(999), ..hook.clone() };
    assert_eq!(world.update_hook(nowhere, None, None).await, Err(StoreError::NotFound("hook")));
}

async fn an_edit_moves_health_with_it(world: World) {
    let hook = world.project_hook().await;
    let disabled = health_change(&hook, 0, Health::Disabled);
    let told = HealthChange { transition: Some(transition("disabled", true)), ..disabled.clone() };
    let stale = HealthChange { seen_version: 9, ..told.clone() };
    let edit = Hook { name: "a".into(), ..hook.clone() };
    assert_eq!(world.update_hook(edit.clone(), Some(stale), None).await, Err(StoreError::Stale));
    assert_eq!((*world).hook(hook.id).await.unwrap(), Some(hook.clone()));
    let now = world.update_hook(edit.clone(), Some(told), None).await.unwrap();
    assert_eq!(now, Hook { health: disabled.record, revision: 1, ..edit });
    assert_eq!(world.worse_counts().await.unwrap(), [(Source::Project(world.project.id), 1)]);
    assert_eq!(world.timeline(hook.id, 9).await.unwrap().len(), 1);
}

async fn a_deleted_hook_leaves_its_log(world: World) {
    let hook = world.project_hook().await;
    let event = world.event("{}", 0).await;
    world.write(vec![attempted(world.attempt(&hook, event, success()))]).await;
    world.delete_hook(hook.id).await.unwrap();
    assert_eq!((*world).hook(hook.id).await.unwrap(), None);
    assert_eq!(world.delete_hook(hook.id).await, Err(StoreError::NotFound("hook")));
    let filter = AttemptFilter { hook: Some(hook.id), ..AttemptFilter::default() };
    assert_eq!((*world).attempts(filter, Page::default()).await.unwrap().total, 1);
    assert!(world.project_hook().await.id > hook.id, "ids are never given out twice");
}

async fn failing_hooks_tell_what_waits(world: World) {
    let (hook, well) = (world.project_hook().await, world.project_hook().await);
    let change = health_change(&hook, 0, Health::Disabled);
    world.update_hook(hook.clone(), Some(change.clone()), None).await.unwrap();
    for n in 0..3 {
        let event = world.event("{}", n).await;
        world.put(&hook, event, DeliveryState::Held).await;
        world.put(&well, event, DeliveryState::Held).await;
    }
    let failing = FailingHook { hook: Hook { health: change.record, revision: 1, ..hook }, waiting: 3 };
    assert_eq!(world.failing_hooks().await.unwrap(), [failing]);
}

async fn an_edit_brings_its_audit_row_or_neither(world: World) {
    let row = |after: &str| AuditEntry {
        at: at(0),
        author: "ada".into(),
        sudo_by: None,
        via: "api".into(),
        flag: None,
        environment: None,
        before: "checks certificates".into(),
        after: after.into(),
        reason: None,
    };
    let scope = HookScope::Project(world.project.id);
    let made = world.create_hook(new_hook(scope), 1, Some(row("made"))).await.unwrap();
    assert!(world.create_hook(new_hook(scope), 1, Some(row("one too many"))).await.is_err());
    let edited = world.update_hook(made.clone(), None, Some(row("edited"))).await.unwrap();
    assert_eq!(world.update_hook(made, None, Some(row("stale"))).await, Err(StoreError::Stale));
    world.update_hook(edited, None, None).await.unwrap();
    let rows = world.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    let after: Vec<_> = rows.iter().map(|row| row.entry.after.as_str()).collect();
    assert_eq!(after, ["edited", "made"]);
}
