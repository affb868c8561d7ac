use super::{Callout, callout};
use crate::limits::{HOOKS_LISTED_MAX, TEXT_CHARACTERS_MAX};
use crate::{Failing, FailingHook, FailingIndex, FailingState, Phrases, Scope};
use std::fmt::Write as _;
use wigwag_base::{HookId, ProjectId, Timestamp};

const SHOP: Scope = Scope::Project(ProjectId(1));
const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const ERROR: &str = "The receiver answered 404 Not Found. Check the path, then press Test.";

fn paused(in_s: i64) -> FailingState {
    FailingState::Paused { next_try_at: Timestamp::from_secs(1_000_000 + in_s) }
}

fn hook(id: i64, title: &str, state: FailingState, error: &str, since_s: i64, waiting: u64) -> FailingHook {
    FailingHook::new(HookId(id), title, state, error, Timestamp::from_secs(1_000_000 - since_s), waiting)
}

fn banner(hooks: impl IntoIterator<Item = FailingHook>) -> Callout {
    let index = FailingIndex::rebuilt(hooks.into_iter().map(|hook| (SHOP, hook)), []);
    let url = |id| format!("/projects/1/hooks/{id}");
    callout(SHOP, index.failing(SHOP).unwrap(), &Phrases::ENGLISH, NOW, url).unwrap()
}

#[test]
fn the_text_names_hook_state_error_and_time_and_what_comes_next() {
    let mut texts = String::new();
    let mut say = |hooks: Vec<FailingHook>| {
        let banner = banner(hooks);
        let _ =
            writeln!(texts, "[{}] {} -> {}\n{}\n", banner.tone.name(), banner.title, banner.url, banner.text);
    };
    let billing = |state, since_s, waiting| hook(1, "Billing", state, ERROR, since_s, waiting);
    say(vec![billing(paused(240), 750, 1_204)]);
    say(vec![billing(paused(0), 3, 0)]);
    say(vec![billing(FailingState::HalfOpen, 120, 1)]);
    say(vec![billing(FailingState::Disabled, 300_000, 12)]);
    say(vec![hook(2, "hooks.example.com:8443", FailingState::Disabled, "", 60, 0)]);
    say(vec![hook(3, "", FailingState::HalfOpen, "", 60, 0)]);
    say(vec![
        billing(paused(240), 750, 3),
        hook(4, "Chat", FailingState::Disabled, "DNS: no such host.", 7_200, 0),
    ]);
    say(vec![
        billing(paused(240), 750, 3),
        hook(5, "CI", paused(60), ERROR, 800, 0),
        hook(6, "QA", paused(9), ERROR, 1, 0),
    ]);
    insta::assert_snapshot!(texts, @r"
    [warning] Webhook paused -> /projects/1/hooks/1
    “Billing” was paused 12 minutes ago: the receiver answered 404 Not Found. It will be tried again in 4 minutes; 1,204 events wait.

    [warning] Webhook paused -> /projects/1/hooks/1
    “Billing” was paused just now: the receiver answered 404 Not Found. It will be tried again any moment now.

    [warning] Webhook on trial -> /projects/1/hooks/1
    “Billing” was paused 2 minutes ago: the receiver answered 404 Not Found; the pause is over. The next event is the test; 1 event waits.

    [danger] Webhook disabled -> /projects/1/hooks/1
    “Billing” was disabled 3 days ago: the receiver answered 404 Not Found. Mend its receiver, then test it or enable it again; 12 events wait.

    [danger] Webhook disabled -> /projects/1/hooks/2
    “hooks.example.com:8443” was disabled 1 minute ago. Mend its receiver, then test it or enable it again.

    [warning] Webhook on trial -> /projects/1/hooks/3
    “Webhook 3” was paused 1 minute ago; the pause is over. The next event is the test.

    [danger] 2 webhooks are failing -> /projects/1/hooks/4
    “Chat” was disabled 2 hours ago: DNS: no such host. Mend its receiver, then test it or enable it again. 1 other webhook is failing too.

    [warning] 3 webhooks are failing -> /projects/1/hooks/5
    “CI” was paused 13 minutes ago: the receiver answered 404 Not Found. It will be tried again in 1 minute. 2 other webhooks are failing too.
    ");
}

#[test]
fn the_hooks_are_listed_for_platforms_that_write_their_own_words() {
    let banner = banner([
        hook(1, "Billing", paused(240), ERROR, 750, 3),
        hook(2, "CI", FailingState::HalfOpen, "", 60, 0),
        hook(4, "Chat", FailingState::Disabled, "DNS", 7_200, 0),
    ]);
    let mut list = String::new();
    for hook in &banner.hooks {
        let next = hook.next_try_at.map(|at| at.as_secs());
        let (id, name, health, alert, waiting) =
            (hook.id, &hook.name, hook.health, hook.alert_status, hook.waiting);
        let _ = writeln!(list, "{id} {name} {health} {alert} {next:?} {waiting} {:?}", hook.last_error);
    }
    insta::assert_snapshot!(list, @r#"
    4 Chat disabled disabled None 0 "DNS"
    1 Billing paused temporarily_disabled Some(1000240) 3 "The receiver answered 404 Not Found. Check the path, then press Test."
    2 CI half_open executable None 0 ""
    "#);
    assert_eq!((banner.feature.name(), banner.dismissible), ("web_hook_disabled", true));
}

#[test]
fn what_strangers_wrote_stays_text_on_one_line() {
    let hostile = "<script>\u{202e}{error}\r\n\0{hook}</script>”";
    let text = banner([hook(1, hostile, paused(60), "{ago}\u{200b} <b>\n{waiting}", 60, 0)]).text;
    assert_eq!(
        text,
        "“<script>{error} {hook}</script>”” was paused 1 minute ago: {ago} <b> {waiting}. It will be tried again in 1 \
         minute."
    );
}

#[test]
fn the_text_is_bounded_whatever_is_in_it() {
    let long = "W".repeat(100_000);
    for state in [paused(i64::MAX / 2_000), FailingState::HalfOpen, FailingState::Disabled] {
        let hooks = (0..=HOOKS_LISTED_MAX as i64).map(|id| hook(id, &long, state, &long, 900_000, u64::MAX));
        let banner = banner(hooks);
        let characters = banner.text.chars().count();
        assert!(characters <= TEXT_CHARACTERS_MAX, "{characters} characters: {}", banner.text);
        assert_eq!(banner.hooks.len(), HOOKS_LISTED_MAX);
        assert_eq!(banner.title, "101 webhooks are failing");
    }
}

#[test]
fn nothing_failing_says_nothing() {
    let none = callout(SHOP, &Failing::default(), &Phrases::ENGLISH, NOW, |_| panic!("no page is needed"));
    assert_eq!(none, None);
}

#[test]
fn another_language_needs_other_phrases_only() {
    let german = Phrases {
        minutes: &["{n} Minute", "{n} Minuten"],
        ago: "vor {time}",
        ahead: "in {time}",
        paused: "„{hook}“ pausiert seit {ago}{because}.",
        paused_next: "Nächster Versuch {next}{waiting}.",
        waiting: &["; {n} Ereignis wartet", "; {n} Ereignisse warten"],
        thousands: ".",
        ..Phrases::ENGLISH
    };
    let index = FailingIndex::rebuilt([(SHOP, hook(1, "Kasse", paused(60), "HTTP 404", 720, 1_204))], []);
    let banner = callout(SHOP, index.failing(SHOP).unwrap(), &german, NOW, |_| String::new()).unwrap();
    assert_eq!(
        banner.text,
        "„Kasse“ pausiert seit vor 12 Minuten: HTTP 404. Nächster Versuch in 1 Minute; 1.204 Ereignisse warten."
    );
}
