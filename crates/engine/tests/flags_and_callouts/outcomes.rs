//! What banners did and led to: counted, written now and then, and whole again after a restart.

use crate::house::{House, PAUSED, signed_in};
use std::time::Duration;
use wigwag_access::{Source, User};
use wigwag_engine::callouts::Viewer;
use wigwag_engine::{Engine, EngineError};
use wigwag_hooks::health::Health;
use wigwag_hooks::{Hook, HookScope, Switch};
use wigwag_ports::callout_outcomes::OutcomeFigures;
use wigwag_ports::hooks::Hooks;

const DAY: Duration = Duration::from_secs(86_400);

impl House {
    async fn sees_banner(&self, engine: &Engine, user: &User, source: Source) {
        let seen = engine.callouts(&signed_in(user), &Viewer::Oneself, source, None).await.unwrap();
        assert_eq!(seen.len(), 1);
    }

    async fn outcomes(&self, engine: &Engine) -> OutcomeFigures {
        engine.callout_outcomes(&self.as_admin(), None).await.unwrap().figures
    }

    /// Works since now.
    async fn recovers(&self, hook: &Hook) {
        self.moves_since(hook, Health::Healthy, self.engine.now()).await;
    }
}

async fn with_banner() -> (House, Source) {
    let house = House::new().await;
    house.command("feature set webhooks_failed_callout true").await;
    let shop = Source::Project(house.shop.id);
    (house, shop)
}

#[tokio::test]
async fn what_became_of_the_hooks_that_a_banner_told_of() {
    let (house, shop) = with_banner().await;
    let mut hooks = Vec::new();
    for _ in 0..5 {
        hooks.push(house.failing_in_shop().await);
    }
    let unseen = house.hook(HookScope::Project(house.blog.id)).await;
    house.moves(&unseen, PAUSED).await;
    assert_eq!(house.outcomes(&house.engine).await, OutcomeFigures::default());
    house.sees_banner(&house.engine, &house.mia, shop).await;
    house.sees_banner(&house.engine, &house.mia, shop).await;
    house.sees_banner(&house.engine, &house.olive, shop).await;
    house.engine.watch().followed();
    let mia = signed_in(&house.mia);
    let closed = house.engine.dismiss_callout(&mia, &Viewer::Oneself, shop, "web_hook_disabled");
    closed.await.unwrap();
    let figures = house.outcomes(&house.engine).await;
    assert_eq!((figures.shown, figures.followed, figures.dismissed, figures.open), (2, 1, 1, 5));

    house.clock().advance(Duration::from_secs(600));
    house.recovers(&hooks[0]).await;
    house.clock().advance(Duration::from_secs(600));
    house.recovers(&hooks[1]).await;
    house.recovers(&unseen).await;
    house.engine.delete_hook(&house.as_admin(), hooks[2].scope, hooks[2].id).await.unwrap();
    let off = house.store.hook(hooks[3].id).await.unwrap().unwrap();
    house.engine.watch().hook_moved(
        &Hook { enabled: Switch::Off, revision: off.revision + 1, ..off },
        0,
        None,
    );
    let figures = house.outcomes(&house.engine).await;
    assert_eq!((figures.mended, figures.deleted, figures.switched_off, figures.open), (2, 1, 1, 1));
    assert_eq!(figures.mend_median, Some(Duration::from_secs(600)));
    assert_eq!((figures.mend_p90, figures.ignored), (Some(Duration::from_secs(1_200)), 0));

    house.clock().advance(7 * DAY - Duration::from_secs(1_201));
    assert_eq!(house.outcomes(&house.engine).await.ignored, 0);
    house.clock().advance(Duration::from_secs(1));
    assert_eq!(house.outcomes(&house.engine).await.ignored, 1);
    let counts = house.engine.episode_counts();
    assert_eq!((counts.open, counts.ignored, counts.endings.mended), (1, 1, 2));
}

#[tokio::test]
async fn a_page_view_writes_nothing_and_a_restart_finds_out_what_ended() {
    let (house, shop) = with_banner().await;
    let hook = house.failing_in_shop().await;
    house.sees_banner(&house.engine, &house.mia, shop).await;
    house.store.calls();
    house.sees_banner(&house.engine, &house.mia, shop).await;
    assert_eq!(house.store.calls(), 0);
    // Nothing was asked for that would write it.
    let other = house.restarted().await;
    assert_eq!(house.outcomes(&other).await.open, 0);
    house.outcomes(&house.engine).await;
    let other = house.restarted().await;
    let figures = house.outcomes(&other).await;
    assert_eq!((figures.shown, figures.open), (1, 1));
    // It is mended while this one looks: the next start finds out.
    house.clock().advance(Duration::from_secs(60));
    house.recovers(&hook).await;
    let next = house.restarted().await;
    let figures = house.outcomes(&next).await;
    assert_eq!((figures.mended, figures.mend_median), (1, Some(Duration::from_secs(60))));
}

#[tokio::test]
async fn outcomes_are_an_admins() {
    let (house, _) = with_banner().await;
    for user in [&house.olive, &house.mia, &house.stranger] {
        let asked = house.engine.callout_outcomes(&signed_in(user), None).await;
        assert!(matches!(asked, Err(EngineError::Forbidden(_))), "{asked:?}");
    }
}
