use crate::house::{House, PAUSED, signed_in, with_token};
use wigwag_access::{Principal, Scope, Source, User};
use wigwag_base::ProjectId;
use wigwag_engine::EngineError;
use wigwag_engine::callouts::Viewer;
use wigwag_hooks::HookScope;
use wigwag_hooks::health::Health;
use wigwag_ports::registry::UserKey;

const FEATURE: &str = "web_hook_disabled";

impl House {
    async fn flag_on(&self) {
        let reply = self.command("feature set webhooks_failed_callout true").await;
        assert!(!reply.starts_with("refused"), "{reply}");
    }

    /// Whether this user sees a banner on a page of `source`.
    async fn sees(&self, user: &User, source: Source, page: &str) -> bool {
        let callouts =
            self.engine.callouts(&signed_in(user), &Viewer::Oneself, source, Some(page)).await.unwrap();
        assert!(callouts.len() <= 1);
        !callouts.is_empty()
    }

    async fn sees_in_shop(&self, user: &User) -> bool {
        self.sees(user, Source::Project(self.shop.id), "/acme/shop").await
    }

    async fn dismisses(&self, user: &User, source: Source) {
        self.engine.dismiss_callout(&signed_in(user), &Viewer::Oneself, source, FEATURE).await.unwrap();
    }
}

#[tokio::test]
async fn those_who_can_mend_it_see_it_where_it_fails_and_nobody_else() {
    let house = House::new().await;
    house.flag_on().await;
    let hook = house.failing_in_shop().await;
    let (shop, blog) = (Source::Project(house.shop.id), Source::Project(house.blog.id));
    let check = async |user: &User, source: Source, page: &str, is: bool| {
        assert_eq!(house.sees(user, source, page).await, is, "{} {source:?} {page}", user.username);
    };
    for (user, may) in [
        (&house.mia, true),
        (&house.olive, true),
        (&house.admin, true),
        (&house.rex, false),
        (&house.stranger, false),
    ] {
        check(user, shop, "/acme/shop", may).await;
        check(user, blog, "/acme/blog", false).await;
        check(user, Source::Group(house.acme.id), "/groups/acme", false).await;
        check(user, shop, "/acme/shop/-/hooks", false).await;
        check(user, shop, "/acme/shop/-/hooks/7/edit?x=1", false).await;
    }
    check(&house.mia, Source::Project(ProjectId(999)), "/", false).await;

    house.moves(&hook, Health::Healthy).await;
    check(&house.mia, shop, "/acme/shop", false).await;
}

#[tokio::test]
async fn a_groups_hooks_concern_its_owners() {
    let house = House::new().await;
    house.flag_on().await;
    let hook = house.hook(HookScope::Group(house.acme.id)).await;
    house.moves(&hook, Health::Disabled).await;
    let acme = Source::Group(house.acme.id);
    assert!(house.sees(&house.olive, acme, "/groups/acme").await);
    assert!(!house.sees(&house.mia, acme, "/groups/acme").await);
    assert!(!house.sees_in_shop(&house.olive).await, "a project's page tells of the project's own hooks");
}

#[tokio::test]
async fn what_it_says() {
    let house = House::new().await;
    house.flag_on().await;
    let hook = house.failing_in_shop().await;
    let shop = Source::Project(house.shop.id);
    let callouts = house.engine.callouts(&signed_in(&house.mia), &Viewer::Oneself, shop, None).await.unwrap();
    let callout = &callouts[0];
    let url = format!("http://127.0.0.1:8080/projects/{}/hooks/{}", house.shop.id, hook.id);
    assert_eq!((callout.url.as_str(), callout.dismissible, callout.hooks.len()), (url.as_str(), true, 1));
    assert!(callout.text.contains("billing.example"), "{}", callout.text);
}

#[tokio::test]
async fn the_flag_decides_for_the_project_its_groups_and_the_viewer() {
    let house = House::new().await;
    house.failing_in_shop().await;
    let (shop, acme, mia) = (house.shop.id, house.acme.id, house.mia.id);
    let check = async |command: &str, is: bool| {
        let reply = house.command(command).await;
        assert!(!reply.starts_with("refused"), "{command}: {reply}");
        assert_eq!(house.sees_in_shop(&house.mia).await, is, "{command}");
    };
    let set = |rest: &str| format!("feature set webhooks_failed_callout {rest}");
    assert!(!house.sees_in_shop(&house.mia).await, "off by default");
    check(&set("true --staging --dev"), false).await;
    check(&set("true --project=acme/blog"), false).await;
    check(&set(&format!("true --project={shop}")), true).await;
    check(&set("false --project=acme/shop"), false).await;
    check(&set(&format!("true --group={acme}")), true).await;
    check(&set(&format!("opt_out --user={mia}")), false).await;
    check(&set("remove_opt_out --user=mia"), true).await;
    check(&set("false --group=acme"), false).await;
    check(&set("true --user=mia"), true).await;
    assert!(!house.sees_in_shop(&house.olive).await, "on for mia alone");
    check(&set("opt_out --project=acme/shop"), false).await;
    check(&set("true"), true).await;
    check("feature set auto_disabling_web_hooks false", false).await;
    check("feature delete auto_disabling_web_hooks", true).await;
    // A percentage hashes the project alone: everybody on it sees the same.
    let bucket = wigwag_flags::bucket("webhooks_failed_callout", &[&format!("Project:{shop}")]).unwrap();
    let share = |thousandths: u32| format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    check(&set("false"), false).await;
    check(&set(&format!("{} --actors", share(bucket + 1))), true).await;
    assert!(house.sees_in_shop(&house.olive).await);
    check(&set(&format!("{} --actors", share(bucket))), false).await;
    assert!(!house.sees_in_shop(&house.olive).await);
}

#[tokio::test]
async fn a_warm_question_reads_nothing_from_the_store() {
    let house = House::new().await;
    house.flag_on().await;
    house.failing_in_shop().await;
    let (shop, blog) = (Source::Project(house.shop.id), Source::Project(house.blog.id));
    house.store.calls();
    for (user, source) in
        [(&house.mia, blog), (&house.stranger, blog), (&house.mia, Source::Project(ProjectId(999)))]
    {
        assert!(!house.sees(user, source, "/").await);
    }
    assert_eq!(house.store.calls(), 0, "where nothing fails not even the first question reads");

    let platform = with_token(&house.stranger, &[Scope::Callouts]);
    let mia = Viewer::Another(UserKey::Username("mia".into()));
    let ask = async || {
        let asked = house.engine.callouts(&platform, &mia, shop, Some("/acme/shop")).await.unwrap();
        assert_eq!(asked.len(), 1);
        assert!(house.sees_in_shop(&house.olive).await);
        assert!(!house.sees_in_shop(&house.rex).await);
        assert!(!house.sees_in_shop(&house.stranger).await);
    };
    ask().await;
    assert!(house.store.calls() > 0, "the first question of each viewer reads");
    for _ in 0..100 {
        ask().await;
    }
    assert_eq!(house.store.calls(), 0);

    house.store.shut();
    ask().await;
    assert!(!house.sees_in_shop(&house.admin).await, "a viewer who is not known yet sees none, and no error");
}

#[tokio::test]
async fn closed_for_one_user_in_one_place_until_it_gets_worse() {
    let house = House::new().await;
    house.flag_on().await;
    let hook = house.failing_in_shop().await;
    let blog_hook = house.hook(HookScope::Project(house.blog.id)).await;
    house.moves(&blog_hook, PAUSED).await;
    let (shop, blog) = (Source::Project(house.shop.id), Source::Project(house.blog.id));

    house.dismisses(&house.olive, shop).await;
    assert!(!house.sees_in_shop(&house.olive).await);
    assert!(house.sees(&house.olive, blog, "/acme/blog").await, "another project");
    assert!(house.sees_in_shop(&house.mia).await, "another user");

    house.moves(&hook, Health::HalfOpen).await;
    house.moves(&hook, PAUSED).await;
    assert!(!house.sees_in_shop(&house.olive).await, "the same decay");
    let restarted = house.restarted().await;
    let again = restarted.callouts(&signed_in(&house.olive), &Viewer::Oneself, shop, None).await.unwrap();
    assert_eq!(again, [], "a restart keeps it closed");

    house.moves(&hook, Health::Disabled).await;
    assert!(house.sees_in_shop(&house.olive).await, "it got worse");
    house.dismisses(&house.olive, shop).await;
    house.moves(&hook, Health::Healthy).await;
    house.moves(&hook, PAUSED).await;
    assert!(house.sees_in_shop(&house.olive).await, "it failed anew");
    let counts = house.engine.callout_counts();
    // Olive in the blog, Mia in the shop, and Olive there for each time that it got worse.
    assert_eq!((counts.shown, counts.dismissed, counts.failing), (4, 2, 2));
    for _ in 0..3 {
        assert!(house.sees_in_shop(&house.olive).await);
    }
    assert_eq!(house.engine.callout_counts().shown, 4, "who is told of the same again is told once");
}

#[tokio::test]
async fn only_who_could_see_a_banner_closes_one() {
    let house = House::new().await;
    house.flag_on().await;
    let shop = Source::Project(house.shop.id);
    house.dismisses(&house.mia, shop).await;
    house.failing_in_shop().await;
    assert!(house.sees_in_shop(&house.mia).await, "nothing failed then");
    house.store.calls();
    house.dismisses(&house.rex, shop).await;
    house.dismisses(&house.stranger, Source::Project(ProjectId(999))).await;
    assert_eq!(house.engine.callout_counts().dismissed, 0);
    let unknown = house.engine.dismiss_callout(&signed_in(&house.mia), &Viewer::Oneself, shop, "other").await;
    assert_eq!(unknown, Err(EngineError::NotFound("callout")));
}

#[tokio::test]
async fn another_users_callouts_take_the_right_to() {
    let house = House::new().await;
    house.flag_on().await;
    house.failing_in_shop().await;
    let shop = Source::Project(house.shop.id);
    let named = |name: &str| Viewer::Another(UserKey::Username(name.into()));
    let check = async |principal: Principal, viewer: Viewer, is: Result<usize, ()>| {
        let found = house.engine.callouts(&principal, &viewer, shop, None).await;
        let found = match found {
            Ok(callouts) => Ok(callouts.len()),
            Err(EngineError::Forbidden(_)) => Err(()),
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(found, is, "{principal:?} {viewer:?}");
        if found.is_err() {
            let dismissed = house.engine.dismiss_callout(&principal, &viewer, shop, FEATURE).await;
            assert!(matches!(dismissed, Err(EngineError::Forbidden(_))), "{dismissed:?}");
        }
    };
    check(house.as_admin(), named("mia"), Ok(1)).await;
    check(house.as_admin(), named("rex"), Ok(0)).await;
    check(house.as_admin(), named("nobody"), Ok(0)).await;
    check(with_token(&house.stranger, &[Scope::Callouts]), named("mia"), Ok(1)).await;
    check(with_token(&house.stranger, &[Scope::Api]), named("mia"), Err(())).await;
    check(signed_in(&house.rex), named("mia"), Err(())).await;
    check(signed_in(&house.rex), named("nobody"), Err(())).await;
    check(signed_in(&house.mia), named("MIA"), Ok(1)).await;
    check(Principal::of_embed(&house.mia, shop), Viewer::Oneself, Ok(1)).await;
    check(Principal::of_embed(&house.mia, shop), named("olive"), Err(())).await;
}
