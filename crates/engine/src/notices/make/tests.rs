use super::{is_opted_out, news, once_a_hook};
use wigwag_access::Source;
use wigwag_base::{GroupId, HookId, ProjectId, Timestamp, TransitionId};
use wigwag_hooks::HookScope;
use wigwag_hooks::health::{Transition, TransitionKind};
use wigwag_ports::notices::{Changed, News, OptOut};

fn transition(kind: TransitionKind, got_worse: bool) -> Transition {
    let at = Timestamp::from_secs(0);
    Transition { kind, from: "", to: "", at, failures: 0, error: None, got_worse }
}

fn changed(id: i64, hook: i64) -> Changed {
    let transition = transition(TransitionKind::Paused, true);
    Changed { id: TransitionId(id), hook: HookId(hook), transition, cause: None }
}

#[test]
fn a_pause_that_ran_out_or_began_again_is_no_news() {
    let check = |kind, got_worse, is| assert_eq!(news(&transition(kind, got_worse)), is, "{kind:?}");
    check(TransitionKind::Unhealthy, false, Some(News::Worse));
    check(TransitionKind::Paused, true, Some(News::Worse));
    check(TransitionKind::Paused, false, None);
    check(TransitionKind::HalfOpen, false, None);
    check(TransitionKind::Disabled, true, Some(News::Worse));
    check(TransitionKind::Recovered, false, Some(News::Better));
}

#[test]
fn a_turn_takes_each_hook_once() {
    let check = |hooks: &[i64], taken: usize| {
        let changes: Vec<Changed> = (1..).zip(hooks).map(|(id, hook)| changed(id, *hook)).collect();
        assert_eq!(once_a_hook(&changes).len(), taken, "{hooks:?}");
    };
    check(&[], 0);
    check(&[1, 2, 3], 3);
    check(&[1, 2, 1, 3], 2);
    check(&[1, 1], 1);
}

#[test]
fn an_opt_out_is_of_everything_or_of_one_place() {
    let (project, group) = (HookScope::Project(ProjectId(1)), HookScope::Group(GroupId(1)));
    let of_project = [OptOut::Of(Source::Project(ProjectId(1)))];
    assert!(is_opted_out(&of_project, project));
    assert!(!is_opted_out(&of_project, group) && !is_opted_out(&of_project, HookScope::System));
    assert!(!is_opted_out(&[], project) && is_opted_out(&[OptOut::Everything], HookScope::System));
}
