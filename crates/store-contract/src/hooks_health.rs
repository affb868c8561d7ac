//! Hooks by their health, wherever they hang, for those who may administer them.

use crate::suite;
use crate::world::{World, at, health_change, new_group, new_project, new_user};
use wigwag_access::{AccessLevel, Group, Membership, Namespace, Source, User};
use wigwag_base::{GroupId, HookId, Page};
use wigwag_hooks::health::{Health, HealthRecord, PauseReason};
use wigwag_hooks::{Hook, HookScope, Switch};
use wigwag_ports::deliveries::{HealthChange, Record};
use wigwag_ports::hooks::{HealthClass, HealthFilter, LevelReach, Reach};
use wigwag_ports::registry::MemberCall;

suite!(a_reach_is_where_levels_are_high_enough, a_class_holds_what_does_so, the_longest_come_first_in_pages);

const DISABLED: Health = Health::Disabled;

fn reach(user: &User) -> Reach {
    let of = LevelReach {
        user: user.id,
        project_level_min: AccessLevel::Maintainer,
        group_level_min: AccessLevel::Owner,
    };
    Reach { of: Some(of), below: None }
}

impl World {
    async fn member(&self, username: &str, source: Source, level: AccessLevel) -> User {
        let user = self.create_user(new_user(username)).await.unwrap();
        self.members(MemberCall::Add(Membership { user: user.id, source, level })).await.unwrap();
        user
    }

    async fn becomes(&self, hook: &Hook, state: Health, since_s: i64) {
        let change = health_change(hook, 0, state);
        let record = HealthRecord { since: at(since_s), ..change.record.clone() };
        let change = HealthChange { record, ..change };
        self.write(vec![Record { health: Some(change), ..Record::default() }]).await;
    }

    /// Ids and places of the hooks of a class, and how many there are.
    async fn found(&self, reach: Reach, class: HealthClass, page: Page) -> (Vec<(i64, String)>, u64) {
        let found = self.hooks_by_health(HealthFilter { reach, class }, page).await.unwrap();
        (found.rows.iter().map(|row| (row.hook.id.0, row.place.clone())).collect(), found.total)
    }
}

/// A group `acme/team` in the world's group, with a project `deep`, a hook in every place, all of them disabled.
async fn furnish(world: &World) -> (Group, User, Vec<Hook>) {
    let team = world.create_group(new_group("team", Some(world.group.id), world.user.id)).await.unwrap();
    let deep = world.create_project(new_project("deep", Namespace::Group(team.id))).await.unwrap();
    let loner = world.create_user(new_user("loner")).await.unwrap();
    let own = world.create_project(new_project("own", Namespace::User(loner.id))).await.unwrap();
    let scopes = [
        HookScope::Project(world.project.id),
        HookScope::Project(deep.id),
        HookScope::Project(own.id),
        HookScope::Group(world.group.id),
        HookScope::Group(team.id),
        HookScope::System,
    ];
    let mut hooks = Vec::new();
    for scope in scopes {
        let hook = world.hook(scope).await;
        world.becomes(&hook, DISABLED, 0).await;
        hooks.push(hook);
    }
    (team, loner, hooks)
}

async fn a_reach_is_where_levels_are_high_enough(world: World) {
    let (team, loner, hooks) = furnish(&world).await;
    let (acme, web) = (Source::Group(world.group.id), Source::Project(world.project.id));
    let maintains = world.member("bob", acme, AccessLevel::Maintainer).await;
    let owns = world.member("amy", Source::Group(team.id), AccessLevel::Owner).await;
    let develops = world.member("pat", acme, AccessLevel::Developer).await;
    let one = world.member("eve", web, AccessLevel::Maintainer).await;
    // Twice a maintainer of the same project: by its group and by itself.
    let twice = Membership { user: maintains.id, source: web, level: AccessLevel::Owner };
    world.members(MemberCall::Add(twice)).await.unwrap();
    let check = async |reach: Reach, expected: &[usize]| {
        let ids: Vec<HookId> = expected.iter().map(|index| hooks[*index].id).collect();
        assert_eq!(world.failing_within(reach).await.unwrap(), ids);
        for class in [HealthClass::Failing, HealthClass::Any] {
            let (found, total) = world.found(reach, class, Page::default()).await;
            let found: Vec<HookId> = found.iter().map(|(id, _)| HookId(*id)).collect();
            assert_eq!((found, total), (ids.clone(), ids.len() as u64), "{class:?}");
        }
        assert_eq!(world.found(reach, HealthClass::Unhealthy, Page::default()).await, (Vec::new(), 0));
    };
    check(Reach::default(), &[0, 1, 2, 3, 4, 5]).await;
    check(reach(&maintains), &[0, 1]).await;
    check(reach(&owns), &[1, 4]).await;
    check(reach(&world.user), &[0, 1, 3, 4]).await;
    check(reach(&develops), &[]).await;
    check(reach(&one), &[0]).await;
    check(reach(&loner), &[2]).await;
    let below = |of: Reach, group: GroupId| Reach { below: Some(group), ..of };
    check(below(Reach::default(), world.group.id), &[0, 1, 3, 4]).await;
    check(below(Reach::default(), team.id), &[1, 4]).await;
    check(below(reach(&maintains), team.id), &[1]).await;
    check(below(reach(&one), team.id), &[]).await;
    check(below(Reach::default(), GroupId(999)), &[]).await;
    let (found, _) = world.found(Reach::default(), HealthClass::Failing, Page::default()).await;
    let places: Vec<&str> = found.iter().map(|(_, place)| place.as_str()).collect();
    assert_eq!(places, ["acme/web", "acme/team/deep", "loner/own", "acme", "acme/team", ""]);
}

async fn a_class_holds_what_does_so(world: World) {
    let states = [
        Health::Healthy,
        Health::Unhealthy { not_before: None },
        Health::Paused { until: at(9), reason: PauseReason::Failures },
        Health::HalfOpen,
        DISABLED,
    ];
    let mut ids = Vec::new();
    for state in states {
        let hook = world.project_hook().await;
        if state != Health::Healthy {
            world.becomes(&hook, state, 0).await;
        }
        ids.push(hook.id.0);
    }
    // Switched off: nobody waits for it.
    for state in [Health::Unhealthy { not_before: None }, DISABLED] {
        let hook = world.project_hook().await;
        world.becomes(&hook, state, 0).await;
        let off = Hook { enabled: Switch::Off, ..hook.clone() };
        world.update_hook(off, None, None).await.unwrap();
        ids.push(hook.id.0);
    }
    for reach in [Reach::default(), reach(&world.user)] {
        let check = async |class, expected: &[i64]| {
            let (found, total) = world.found(reach, class, Page::default()).await;
            let found: Vec<i64> = found.into_iter().map(|(id, _)| id).collect();
            assert_eq!((found.as_slice(), total), (expected, expected.len() as u64), "{class:?}");
        };
        check(HealthClass::Failing, &ids[2..5]).await;
        check(HealthClass::Unhealthy, &ids[1..2]).await;
        check(HealthClass::Any, &ids).await;
    }
}

async fn the_longest_come_first_in_pages(world: World) {
    let mut hooks = Vec::new();
    for since_s in [30, 10, 20] {
        let hook = world.project_hook().await;
        world.becomes(&hook, DISABLED, since_s).await;
        hooks.push(hook);
    }
    let page = async |number| {
        let filter = HealthFilter { reach: reach(&world.user), class: HealthClass::Failing };
        world.hooks_by_health(filter, Page::new(number, 2)).await.unwrap()
    };
    let ids = |page: &wigwag_base::PageOf<wigwag_ports::hooks::PlacedHook>| {
        page.rows.iter().map(|row| row.hook.id).collect::<Vec<_>>()
    };
    let (first, second) = (page(1).await, page(2).await);
    assert_eq!((ids(&first), first.total), (vec![hooks[1].id, hooks[2].id], 3));
    assert_eq!((ids(&second), second.total), (vec![hooks[0].id], 3));
    assert_eq!(ids(&page(3).await), []);
}
