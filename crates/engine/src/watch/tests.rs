use super::Watch;
use wigwag_access::Source;
use wigwag_base::{HookId, ProjectId, Secret, Timestamp, UserId};
use wigwag_callouts::{Feature, QuietPaths, Scope};
use wigwag_hooks::health::{Health, HealthRecord, PauseReason};
use wigwag_hooks::{Hook, HookScope, HookUuid, Switch};

const PROJECT: Scope = Scope::Project(ProjectId(42));
const USER: UserId = UserId(5);

fn watch() -> Watch {
    let (index, dismissals, failing) = Default::default();
    Watch::of(index, dismissals, failing, QuietPaths::default())
}

/// One hook of the project at one moment: `v` its health's version, `r` its revision.
fn hook(id: i64, health: Health, v: i64, r: i64) -> Hook {
    let at = Timestamp::from_secs(0);
    let url = Secret::new("https://example.com/hook".to_owned());
    let health = HealthRecord { state: health, version: v, ..HealthRecord::new(at) };
    let blank = Hook::new(HookScope::Project(ProjectId(42)), HookUuid([0; 16]), url, at);
    Hook { id: HookId(id), name: "Billing".into(), revision: r, health, ..blank }
}

fn off(hook: Hook) -> Hook {
    Hook { enabled: Switch::Off, ..hook }
}

const HEALTHY: Health = Health::Healthy;
const DISABLED: Health = Health::Disabled;
const PAUSED: Health = Health::Paused { until: Timestamp::from_secs(60), reason: PauseReason::Failures };

/// What fails after these pieces of news, in this order: `none`, or the worst one's state and the counter.
fn check(news: &[(&Hook, Option<u64>)], is: &str) {
    let watch = watch();
    for (hook, worse_count) in news {
        watch.hook_moved(hook, 3, *worse_count);
    }
    let known = watch.known.read();
    let found = known.index.failing(PROJECT).map_or("none".to_owned(), |failing| {
        let worst = failing.worst().unwrap();
        format!("{} {}", worst.state().health(), failing.worse_count())
    });
    assert_eq!(found, is);
    assert_eq!(known.failing.len(), known.index.hooks_count());
}

#[test]
fn the_index_follows_a_hook() {
    let paused = hook(7, PAUSED, 5, 1);
    check(&[(&hook(7, HEALTHY, 4, 1), None)], "none");
    check(&[(&hook(7, Health::Unhealthy { not_before: None }, 4, 1), None)], "none");
    check(&[(&paused, Some(1))], "paused 1");
    check(&[(&paused, Some(1)), (&hook(7, Health::HalfOpen, 6, 1), None)], "half_open 1");
    check(&[(&paused, Some(1)), (&hook(7, DISABLED, 7, 1), Some(2))], "disabled 2");
    check(&[(&paused, Some(1)), (&hook(7, HEALTHY, 6, 1), None)], "none");
    check(&[(&paused, Some(1)), (&off(hook(7, PAUSED, 5, 2)), None)], "none");
    check(&[(&off(paused.clone()), Some(1))], "none");
    check(&[(&hook(7, PAUSED, 5, 1), Some(1)), (&hook(8, DISABLED, 3, 1), Some(2))], "disabled 2");
    let system = Hook { scope: HookScope::System, ..hook(7, DISABLED, 5, 1) };
    check(&[(&system, None)], "none");
}

#[test]
fn news_that_was_overtaken_changes_nothing() {
    let paused = hook(7, PAUSED, 5, 1);
    check(&[(&paused, Some(1)), (&hook(7, HEALTHY, 6, 1), None), (&paused, Some(1))], "none");
    check(&[(&hook(7, Health::HalfOpen, 6, 1), None), (&paused, Some(1))], "half_open 1");
    // Switched off at the same moment as a result was recorded, in either order.
    let (switched_off, result) = (off(hook(7, PAUSED, 5, 2)), hook(7, DISABLED, 6, 1));
    check(&[(&paused, Some(1)), (&switched_off, None), (&result, Some(2))], "none");
    check(&[(&paused, Some(1)), (&result, Some(2)), (&switched_off, None)], "none");
    // Renamed at the same moment as it was disabled.
    check(&[(&paused, Some(1)), (&result, Some(2)), (&hook(7, PAUSED, 5, 2), None)], "disabled 2");
}

#[test]
fn a_deleted_hook_never_comes_back() {
    let watch = watch();
    watch.hook_moved(&hook(7, PAUSED, 5, 1), 0, Some(1));
    watch.hook_gone(HookId(7));
    watch.hook_moved(&hook(7, DISABLED, 6, 1), 0, Some(2));
    assert_eq!(watch.counts().failing, 0);
}

#[test]
fn a_dismissal_goes_with_the_last_failing_hook() {
    let watch = watch();
    let noted = || watch.known.read().dismissals.noted(USER, PROJECT, Feature::WebHookDisabled);
    watch.dismissed(USER, PROJECT, Feature::WebHookDisabled, 1);
    assert_eq!(noted(), None, "nothing fails, so there is nothing to close");
    watch.hook_moved(&hook(7, PAUSED, 5, 1), 0, Some(1));
    watch.hook_moved(&hook(8, PAUSED, 5, 1), 0, Some(2));
    watch.dismissed(USER, PROJECT, Feature::WebHookDisabled, 2);
    watch.hook_moved(&hook(7, HEALTHY, 6, 1), 0, None);
    assert_eq!(noted(), Some(2));
    watch.hook_gone(HookId(8));
    assert_eq!((noted(), watch.known.read().dismissals.count()), (None, 0));
}

#[test]
fn whoever_listens_hears_of_each_change_that_shows() {
    let watch = watch();
    let mut rings = watch.subscribe();
    watch.hook_moved(&hook(7, HEALTHY, 1, 1), 0, None);
    watch.hook_moved(&hook(7, PAUSED, 2, 1), 0, Some(1));
    watch.waiting(HookId(7), 9);
    watch.hook_moved(&hook(7, HEALTHY, 3, 1), 0, None);
    watch.hook_moved(&hook(7, PAUSED, 2, 1), 0, Some(1));
    let heard: Vec<_> = std::iter::from_fn(|| rings.try_recv().ok()).collect();
    assert_eq!(heard, [Source::Project(ProjectId(42)); 2]);
}

#[test]
fn the_number_that_waits_is_kept_for_failing_hooks_alone() {
    let watch = watch();
    watch.waiting(HookId(7), 9);
    watch.hook_moved(&hook(7, PAUSED, 5, 1), 3, Some(1));
    let texts = || {
        let known = watch.known.read();
        let failing = known.index.failing(PROJECT).unwrap();
        let url = |_| String::new();
        let now = Timestamp::from_secs(1);
        let callout =
            wigwag_callouts::callout(PROJECT, failing, &wigwag_callouts::Phrases::ENGLISH, now, url);
        callout.unwrap().hooks[0].waiting
    };
    assert_eq!(texts(), 3);
    watch.waiting(HookId(7), 9);
    assert_eq!(texts(), 9);
}
