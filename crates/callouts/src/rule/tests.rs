use super::{Asked, FlagAnswer, Known, Verdict, Why, show};
use crate::{Change, Dismissals, FailingHook, FailingIndex, FailingState, Feature, QuietPaths, Scope};
use std::cell::Cell;
use std::fmt::Write as _;
use wigwag_base::{GroupId, HookId, ProjectId, Timestamp, UserId};

const ADA: UserId = UserId(5);
const BOB: UserId = UserId(6);
const SHOP: Scope = Scope::Project(ProjectId(1));
const BLOG: Scope = Scope::Project(ProjectId(2));
const TEAM: Scope = Scope::Group(GroupId(1));
const FEATURE: Feature = Feature::WebHookDisabled;
const PAUSED: FailingState = FailingState::Paused { next_try_at: Timestamp::from_secs(60) };
const LEVELS: [Option<i64>; 6] = [None, Some(10), Some(20), Some(30), Some(40), Some(50)];

fn hook(id: i64, state: FailingState) -> FailingHook {
    FailingHook::new(HookId(id), "Billing", state, "", Timestamp::from_secs(0), 0)
}

/// A small platform: what fails, who closed what, as the engine keeps them.
#[derive(Default)]
struct Platform {
    quiet: QuietPaths,
    index: FailingIndex,
    dismissals: Dismissals,
    worse_count: u64,
}

impl Platform {
    fn verdict(&self, user: UserId, scope: Scope, flag: FlagAnswer, level: Option<i64>) -> Result<(), Why> {
        let asked = Asked { user, scope, page: Some("/shop/web"), feature: FEATURE };
        let known = Known { quiet: &self.quiet, index: Some(&self.index), dismissals: &self.dismissals };
        match show(&asked, &known, || flag, || level) {
            Verdict::Shown(_) => Ok(()),
            Verdict::NotShown(why) => Err(why),
        }
    }

    fn sees(&self, user: UserId, scope: Scope) -> bool {
        self.verdict(user, scope, FlagAnswer::On, Some(50)).is_ok()
    }

    /// A transition that the state machine calls a change for the worse.
    fn worse(&mut self, scope: Scope, id: i64, state: FailingState) {
        self.worse_count += 1;
        self.index.apply(Change { scope, hook: hook(id, state), worse_count: Some(self.worse_count) });
    }

    /// Any other transition between failing states.
    fn same(&mut self, scope: Scope, id: i64, state: FailingState) {
        self.index.apply(Change { scope, hook: hook(id, state), worse_count: None });
    }

    fn dismiss(&mut self, user: UserId, scope: Scope) {
        let worse_count = self.index.failing(scope).unwrap().worse_count();
        self.dismissals.note(user, scope, FEATURE, worse_count);
    }
}

#[test]
fn the_right_person_sees_it_in_the_right_place_and_nobody_else() {
    let mut table = String::from("columns: no member, guest, reporter, developer, maintainer, owner\n");
    for (scope, fails) in [(SHOP, "its hook"), (BLOG, "only another project's hook"), (TEAM, "its hook")] {
        for state in [PAUSED, FailingState::HalfOpen, FailingState::Disabled] {
            let mut platform = Platform::default();
            platform.worse(if scope == BLOG { SHOP } else { scope }, 1, state);
            for flag in [FlagAnswer::On, FlagAnswer::Off, FlagAnswer::Unknown] {
                let signs: String = LEVELS
                    .map(|level| match platform.verdict(ADA, scope, flag, level) {
                        Ok(()) => 'Y',
                        Err(Why::NoRight) => 'r',
                        Err(Why::FlagOff | Why::FlagUnknown) => 'f',
                        Err(Why::NothingFails) => '.',
                        Err(why) => panic!("{why:?}"),
                    })
                    .iter()
                    .collect();
                let _ = writeln!(table, "{signs} {scope}, {fails} {}, flag {flag:?}", state.health());
            }
        }
    }
    insta::assert_snapshot!(table, @r"
    columns: no member, guest, reporter, developer, maintainer, owner
    rrrrYY Project:1, its hook paused, flag On
    ffffff Project:1, its hook paused, flag Off
    ffffff Project:1, its hook paused, flag Unknown
    rrrrYY Project:1, its hook half_open, flag On
    ffffff Project:1, its hook half_open, flag Off
    ffffff Project:1, its hook half_open, flag Unknown
    rrrrYY Project:1, its hook disabled, flag On
    ffffff Project:1, its hook disabled, flag Off
    ffffff Project:1, its hook disabled, flag Unknown
    ...... Project:2, only another project's hook paused, flag On
    ...... Project:2, only another project's hook paused, flag Off
    ...... Project:2, only another project's hook paused, flag Unknown
    ...... Project:2, only another project's hook half_open, flag On
    ...... Project:2, only another project's hook half_open, flag Off
    ...... Project:2, only another project's hook half_open, flag Unknown
    ...... Project:2, only another project's hook disabled, flag On
    ...... Project:2, only another project's hook disabled, flag Off
    ...... Project:2, only another project's hook disabled, flag Unknown
    rrrrrY Group:1, its hook paused, flag On
    ffffff Group:1, its hook paused, flag Off
    ffffff Group:1, its hook paused, flag Unknown
    rrrrrY Group:1, its hook half_open, flag On
    ffffff Group:1, its hook half_open, flag Off
    ffffff Group:1, its hook half_open, flag Unknown
    rrrrrY Group:1, its hook disabled, flag On
    ffffff Group:1, its hook disabled, flag Off
    ffffff Group:1, its hook disabled, flag Unknown
    ");
}

#[test]
fn a_projects_hook_is_no_matter_of_its_groups_page_nor_the_other_way_round() {
    let mut platform = Platform::default();
    platform.worse(SHOP, 1, PAUSED);
    assert_eq!(platform.verdict(ADA, TEAM, FlagAnswer::On, Some(50)), Err(Why::NothingFails));
    platform.index.remove(SHOP, HookId(1));
    platform.worse(TEAM, 2, PAUSED);
    assert_eq!(platform.verdict(ADA, SHOP, FlagAnswer::On, Some(50)), Err(Why::NothingFails));
}

/// Which of the costly questions were asked, and the answer.
fn turns(page: Option<&str>, index: Option<&FailingIndex>, flag: FlagAnswer, level: Option<i64>) -> String {
    let (flag_asked, level_asked) = (Cell::new(""), Cell::new(""));
    let quiet = QuietPaths::default();
    let dismissals = Dismissals::default();
    let verdict = show(
        &Asked { user: ADA, scope: SHOP, page, feature: FEATURE },
        &Known { quiet: &quiet, index, dismissals: &dismissals },
        || {
            flag_asked.set("flag, ");
            flag
        },
        || {
            level_asked.set("level, ");
            level
        },
    );
    let verdict = match verdict {
        Verdict::Shown(_) => "Shown".to_owned(),
        Verdict::NotShown(why) => format!("{why:?}"),
    };
    format!("{}{}{verdict}", flag_asked.get(), level_asked.get())
}

#[test]
fn nothing_is_asked_before_its_turn() {
    let failing = FailingIndex::rebuilt([(SHOP, hook(1, PAUSED))], []);
    let nothing = FailingIndex::default();
    let check = |page, index, flag, level, expected: &str| {
        assert_eq!(turns(page, index, flag, level), expected, "{page:?} {flag:?} {level:?}");
    };
    let (hooks_page, page) = (Some("/shop/web/-/hooks"), Some("/shop/web"));
    check(hooks_page, Some(&failing), FlagAnswer::On, Some(50), "QuietPage");
    check(hooks_page, None, FlagAnswer::On, Some(50), "QuietPage");
    check(page, None, FlagAnswer::On, Some(50), "IndexUnknown");
    check(page, Some(&nothing), FlagAnswer::On, Some(50), "NothingFails");
    check(page, Some(&failing), FlagAnswer::Off, Some(50), "flag, FlagOff");
    check(page, Some(&failing), FlagAnswer::Unknown, Some(50), "flag, FlagUnknown");
    check(page, Some(&failing), FlagAnswer::On, Some(30), "flag, level, NoRight");
    check(page, Some(&failing), FlagAnswer::On, None, "flag, level, NoRight");
    check(page, Some(&failing), FlagAnswer::On, Some(40), "flag, level, Shown");
    check(None, Some(&failing), FlagAnswer::On, Some(40), "flag, level, Shown");
}

#[test]
fn a_dismissal_is_one_persons_in_one_place() {
    let mut platform = Platform::default();
    platform.worse(SHOP, 1, PAUSED);
    platform.worse(BLOG, 2, PAUSED);
    platform.dismiss(ADA, SHOP);
    assert_eq!(platform.verdict(ADA, SHOP, FlagAnswer::On, Some(40)), Err(Why::Dismissed));
    assert!(platform.sees(ADA, BLOG));
    assert!(platform.sees(BOB, SHOP));
}

#[test]
fn a_dismissed_banner_comes_back_when_a_hook_gets_worse_and_only_then() {
    let mut platform = Platform::default();
    platform.worse(SHOP, 1, PAUSED);
    platform.dismiss(ADA, SHOP);
    for _ in 0..35 {
        platform.same(SHOP, 1, FailingState::HalfOpen);
        assert!(!platform.sees(ADA, SHOP), "half open after the pause");
        platform.same(SHOP, 1, PAUSED);
        assert!(!platform.sees(ADA, SHOP), "the same decay");
    }
    platform.worse(SHOP, 1, FailingState::Disabled);
    assert!(platform.sees(ADA, SHOP), "disabled");
    platform.dismiss(ADA, SHOP);
    assert!(!platform.sees(ADA, SHOP), "dismissed again");
    platform.worse(SHOP, 2, PAUSED);
    assert!(platform.sees(ADA, SHOP), "another hook of the project fails");
    platform.dismiss(ADA, SHOP);
    platform.index.remove(SHOP, HookId(2));
    assert!(!platform.sees(ADA, SHOP), "that one recovered, the first still fails");
}

#[test]
fn a_hook_that_recovered_and_fails_again_brings_the_banner_back() {
    let mut platform = Platform::default();
    platform.worse(SHOP, 1, PAUSED);
    platform.dismiss(ADA, SHOP);
    platform.index.remove(SHOP, HookId(1));
    assert_eq!(platform.verdict(ADA, SHOP, FlagAnswer::On, Some(40)), Err(Why::NothingFails));
    platform.worse(SHOP, 1, PAUSED);
    assert!(platform.sees(ADA, SHOP));
}

#[test]
fn a_late_or_repeated_dismissal_closes_nothing_new() {
    let mut platform = Platform::default();
    platform.worse(SHOP, 1, PAUSED);
    platform.worse(SHOP, 1, FailingState::Disabled);
    platform.dismissals.note(ADA, SHOP, FEATURE, 1);
    assert!(platform.sees(ADA, SHOP), "it was the banner before that was closed");
    platform.dismissals.note(ADA, SHOP, FEATURE, 2);
    platform.dismissals.note(ADA, SHOP, FEATURE, 1);
    assert!(!platform.sees(ADA, SHOP));
}

#[test]
fn what_was_closed_is_forgotten_with_its_scope() {
    let mut platform = Platform::default();
    platform.worse(SHOP, 1, PAUSED);
    platform.worse(BLOG, 2, PAUSED);
    platform.dismiss(ADA, SHOP);
    platform.dismiss(ADA, BLOG);
    platform.dismissals.forget(SHOP);
    assert!(platform.sees(ADA, SHOP));
    assert!(!platform.sees(ADA, BLOG));
    assert_eq!(platform.dismissals.count(), 1);
}
