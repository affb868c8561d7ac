//! Which hooks fail, across projects: everybody sees what may be administered, and nothing else.

use crate::house::{House, PAUSED, signed_in, with_token};
use wigwag_access::{Principal, Scope, SessionLimit, Source, User, Via};
use wigwag_base::{GroupId, Page, Timestamp};
use wigwag_engine::EngineError;
use wigwag_engine::hooks_health::{HealthClass, HealthScope, HooksHealth};
use wigwag_engine::limits::TOLD_PER_HOOK_MAX;
use wigwag_hooks::health::Health;
use wigwag_hooks::{Hook, HookScope};
use wigwag_ports::notices::{Changed, Line, NewNotice, News, Notices, Telling};
use wigwag_ports::registry::PathKey;

impl House {
    async fn health(&self, who: &Principal, scope: HealthScope, class: HealthClass) -> HooksHealth {
        self.engine.hooks_health(who, scope, class, Page::default()).await.unwrap()
    }

    /// A failing hook of the shop, the blog, the group and the system.
    async fn failing_everywhere(&self) -> Vec<Hook> {
        let mut hooks = Vec::new();
        for scope in [
            HookScope::Project(self.shop.id),
            HookScope::Project(self.blog.id),
            HookScope::Group(self.acme.id),
            HookScope::System,
        ] {
            let hook = self.hook(scope).await;
            self.hook(scope).await;
            hooks.push(self.moves(&hook, Health::Disabled).await);
        }
        hooks
    }

    fn people(&self) -> [&User; 5] {
        [&self.admin, &self.olive, &self.mia, &self.rex, &self.stranger]
    }
}

fn ids(found: &HooksHealth) -> Vec<i64> {
    found.hooks.rows.iter().map(|row| row.view.hook.id.0).collect()
}

#[tokio::test]
async fn everybody_is_told_of_the_hooks_that_the_table_of_rights_opens() {
    let house = House::new().await;
    let failing = house.failing_everywhere().await;
    for user in house.people() {
        let who = signed_in(user);
        let mut expected = Vec::new();
        for hook in &failing {
            if house.engine.hook(&who, hook.scope, hook.id).await.is_ok() {
                expected.push(hook.id.0);
            }
        }
        let found = house.health(&who, HealthScope::Mine, HealthClass::Failing).await;
        assert_eq!(ids(&found), expected, "{}", user.username);
        let count = expected.len() as u64;
        assert_eq!((found.failing, found.hooks.total), (count, count), "{}", user.username);
        let all = house.health(&who, HealthScope::Mine, HealthClass::Any).await;
        assert_eq!((all.hooks.total, all.failing), (2 * count, count), "{}", user.username);
    }
    let who = signed_in(&house.mia);
    let found = house.health(&who, HealthScope::Mine, HealthClass::Failing).await;
    let places: Vec<&str> = found.hooks.rows.iter().map(|row| row.place.as_str()).collect();
    assert_eq!((places, found.sentence().as_str()), (vec!["acme/shop"], "1 hook fails"));
}

#[tokio::test]
async fn a_group_is_asked_with_what_lies_below_it_by_those_who_may_open_it() {
    let house = House::new().await;
    house.failing_everywhere().await;
    let acme = || HealthScope::Group(PathKey::FullPath("ACME".into()));
    let count = async |who: &User, scope| {
        let who = signed_in(who);
        let asked = house.engine.hooks_health(&who, scope, HealthClass::Failing, Page::default());
        asked.await.map(|found| found.failing)
    };
    assert_eq!(count(&house.olive, acme()).await, Ok(3));
    assert_eq!(count(&house.admin, acme()).await, Ok(3));
    for hidden in [&house.mia, &house.rex, &house.stranger] {
        assert_eq!(count(hidden, acme()).await, Err(EngineError::NotFound("group")));
    }
    let nowhere = HealthScope::Group(PathKey::Id(GroupId(999)));
    assert_eq!(count(&house.admin, nowhere).await, Err(EngineError::NotFound("group")));
}

#[tokio::test]
async fn the_instance_is_an_admins_and_a_credential_of_one_place_asks_for_no_other() {
    let house = House::new().await;
    house.failing_everywhere().await;
    let ask = async |who: Principal, scope| {
        let asked = house.engine.hooks_health(&who, scope, HealthClass::Failing, Page::default());
        match asked.await {
            Ok(found) => found.failing.to_string(),
            Err(EngineError::Forbidden(_)) => "forbidden".to_owned(),
            Err(other) => other.to_string(),
        }
    };
    assert_eq!(ask(signed_in(&house.admin), HealthScope::Instance).await, "4");
    assert_eq!(ask(signed_in(&house.olive), HealthScope::Instance).await, "forbidden");
    assert_eq!(ask(with_token(&house.mia, &[Scope::ReadApi]), HealthScope::Mine).await, "1");
    assert_eq!(ask(with_token(&house.mia, &[Scope::Callouts]), HealthScope::Mine).await, "forbidden");
    let shop = Source::Project(house.shop.id);
    let by_button = Principal::of_session(&house.mia, SessionLimit::HookPages(shop));
    assert_eq!(ask(by_button, HealthScope::Mine).await, "forbidden");
    let embed = Principal { via: Via::Embed(shop), ..signed_in(&house.mia) };
    assert_eq!(ask(embed, HealthScope::Mine).await, "forbidden");
    let scopes = [Scope::Api].into_iter().collect();
    let via = Via::Token { id: None, scopes, project: Some(house.shop.id) };
    assert_eq!(ask(Principal { via, ..signed_in(&house.mia) }, HealthScope::Mine).await, "forbidden");
}

#[tokio::test]
async fn where_nothing_fails_nothing_is_read_and_healthy_hooks_cost_nothing() {
    let house = House::new().await;
    let who = signed_in(&house.olive);
    house.store.calls();
    let found = house.health(&who, HealthScope::Mine, HealthClass::Failing).await;
    assert_eq!((found.sentence().as_str(), house.store.calls()), ("No hook fails", 0));
    let hook = house.failing_in_shop().await;
    let ask = async || house.health(&who, HealthScope::Mine, HealthClass::Failing).await;
    assert_eq!(ids(&ask().await), [hook.id.0]);
    house.store.calls();
    ask().await;
    let calls = house.store.calls();
    for _ in 0..50 {
        house.hook(HookScope::Project(house.shop.id)).await;
    }
    ask().await;
    house.store.calls();
    ask().await;
    assert_eq!(house.store.calls(), calls);
    house.moves(&hook, Health::Healthy).await;
    assert_eq!(ask().await.failing, 0);
    house.moves(&hook, PAUSED).await;
    assert_eq!(ask().await.failing, 1);
}

#[tokio::test]
async fn a_hook_tells_who_was_told_of_it_the_newest_first() {
    let house = House::new().await;
    let hook = house.failing_in_shop().await;
    for _ in 0..6 {
        house.moves(&hook, Health::Healthy).await;
        house.moves(&hook, PAUSED).await;
    }
    let told = async || {
        let found = house.health(&signed_in(&house.mia), HealthScope::Mine, HealthClass::Failing).await;
        found.hooks.rows.into_iter().next().unwrap().told
    };
    assert_eq!(told().await, []);
    let untold = house.store.untold(100).await.unwrap();
    let last = untold.changes.last().unwrap().id;
    let notice = |change: &Changed, line| NewNotice {
        transition: change.id,
        hook: hook.id,
        line,
        project: None,
        news: News::Worse,
    };
    let tell = async |count: usize| {
        let notices =
            untold.changes.iter().rev().take(count).map(|one| notice(one, Line::Mail(house.mia.id)));
        let telling = Telling {
            seen: house.store.untold(1).await.unwrap().cursor,
            upto: last,
            notices: notices.collect(),
            recovered: Vec::new(),
            rings: Vec::new(),
            at: Timestamp::from_secs(7),
        };
        house.store.tell(telling).await.unwrap();
        told().await.len()
    };
    assert_eq!(tell(TOLD_PER_HOOK_MAX).await, TOLD_PER_HOOK_MAX);
    assert_eq!(tell(TOLD_PER_HOOK_MAX + 1).await, TOLD_PER_HOOK_MAX);
    let whom = &told().await[0];
    assert_eq!((whom.username.as_deref(), whom.channel.name()), (Some("mia"), "mail"));
    assert_eq!((whom.state.name(), whom.at), ("waiting", Timestamp::from_secs(7)));
}
