use super::{chat, mail, sort, tame};
use crate::limits::{NOTICE_CHAT_NAMED_MAX, NOTICE_MAIL_NAMED_MAX};
use crate::notices::gather::Entry;
use wigwag_base::{ProjectId, Timestamp, TransitionId};
use wigwag_hooks::HookScope;
use wigwag_hooks::health::{Transition, TransitionKind};

const NOON: Timestamp = Timestamp::from_secs(1_800_000_000);

fn entry(title: &str, kind: TransitionKind, failures: u32) -> Entry {
    let to = "";
    let error = Some("The receiver answered 500.".to_owned());
    Entry {
        scope: HookScope::Project(ProjectId(1)),
        title: title.into(),
        place: "acme/web".into(),
        url: "http://w.example/projects/1/hooks/1".into(),
        newest: Transition { kind, from: "", to, at: NOON, failures, error, got_worse: true },
        failed_at: None,
        next_try_at: None,
        transitions: vec![TransitionId(1)],
    }
}

fn told(mut entries: Vec<Entry>) -> String {
    sort(&mut entries);
    let said = mail(&entries, "http://w.example/stop", "http://w.example/choose");
    format!("{}\n\n{}", said.subject, said.text)
}

#[test]
fn one_hook_is_named_in_the_subject() {
    let paused = Entry {
        next_try_at: Some(Timestamp::from_secs(1_800_000_060)),
        ..entry("billing", TransitionKind::Paused, 4)
    };
    insta::assert_snapshot!(told(vec![paused]));
}

#[test]
fn of_several_the_worst_comes_first() {
    let well = Entry { failed_at: Some(NOON), ..entry("c", TransitionKind::Recovered, 5) };
    let of_system = Entry { place: String::new(), ..entry("d", TransitionKind::Disabled, 1) };
    let all =
        vec![well, entry("a", TransitionKind::Paused, 4), entry("b", TransitionKind::Paused, 9), of_system];
    insta::assert_snapshot!(told(all));
}

#[test]
fn of_many_the_worst_are_named_and_the_others_counted() {
    let check = |count: usize, more: Option<&str>| {
        let entries: Vec<Entry> =
            (0..count).map(|n| entry(&format!("hook {n}"), TransitionKind::Paused, 4)).collect();
        let said = mail(&entries, "", "").text;
        assert_eq!(said.matches("is paused since").count(), count.min(NOTICE_MAIL_NAMED_MAX), "{said}");
        assert_eq!(said.lines().find(|line| line.starts_with("And ")), more, "{said}");
    };
    check(NOTICE_MAIL_NAMED_MAX, None);
    check(NOTICE_MAIL_NAMED_MAX + 1, Some("And 1 more that fail."));
    check(1_000, Some("And 980 more that fail."));
    let entries: Vec<Entry> = (0..1_000).map(|_| entry("x", TransitionKind::Disabled, 40)).collect();
    let said = chat(&entries);
    assert!(said.starts_with("1000 webhooks fail.\n• "), "{said}");
    assert_eq!(said.lines().count(), NOTICE_CHAT_NAMED_MAX + 2, "{said}");
    assert!(said.len() < 3_000, "{}", said.len());
}

#[test]
fn what_somebody_typed_breaks_nothing() {
    let name = "a\r\nBcc: all@example.org\u{202e}<!channel> @channel <b>&\" [x](http://evil.example)";
    let said = mail(&[entry(name, TransitionKind::Disabled, 1)], "http://w/?a=1&b=2", "");
    assert!(!said.subject.contains(['\r', '\n', '\u{202e}']), "{}", said.subject);
    assert!(said.html.contains("&lt;b&gt;&amp;&quot;") && !said.html.contains("<b>"), "{}", said.html);
    assert!(said.html.contains("href=\"http://w/?a=1&amp;b=2\""), "{}", said.html);
    let said = chat(&[entry(name, TransitionKind::Disabled, 1)]);
    assert!(!said.contains("<!") && !said.contains("@channel") && !said.contains("[x]"), "{said}");
}

#[test]
fn long_texts_are_cut() {
    for (length, is) in [(9, 9), (10, 10), (11, 10), (500, 10)] {
        let tame = tame(&"é".repeat(length), 10);
        assert_eq!((tame.chars().count(), tame.ends_with('…')), (is, length > 10), "{length}");
    }
}
