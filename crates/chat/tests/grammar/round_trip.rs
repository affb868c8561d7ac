//! Every command prints as what parses to the same, whether it was made of words or of data.

use super::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use wigwag_chat::{
    Audiences, AutoDeployStatus, FeatureDelete, FeatureGet, FeatureList, FeatureSet, HooksFailing,
    IgnoredCheck, Link, ReleaseCheck, Rollout, RolloutVerb, ShareOf, Target, TargetKind, Value,
};

fn names() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_][a-zA-Z0-9_/.:@=#%-]{0,30}"
}

/// Texts of any letters and quotes, as far as a command holds them.
fn texts() -> impl Strategy<Value = String> {
    let letters = "[ a-zA-Z0-9äß日ж\u{3000}\"'`“”‘’<>=,.%—–-]{1,40}";
    letters.prop_filter("not blank, and one kind of quote is free", |text: &String| {
        let free = ["\"", "'", "`", "”", "’"].iter().any(|quote| !text.contains(quote));
        !text.trim().is_empty() && free
    })
}

fn environments() -> impl Strategy<Value = Vec<String>> {
    let names: Vec<String> = ENVIRONMENTS.iter().map(|environment| environment.name.to_owned()).collect();
    subsequence(names, 1..=ENVIRONMENTS.len())
}

fn targets(kinds: Vec<TargetKind>) -> impl Strategy<Value = Vec<Target>> {
    let of_kind = |kind: TargetKind| {
        let names = vec("[a-z0-9_][a-zA-Z0-9_/.@=-]{0,20}", 0..4);
        names.prop_map(move |mut names| {
            names.sort();
            names.dedup();
            names.into_iter().map(|name| Target { kind, name }).collect::<Vec<_>>()
        })
    };
    kinds.into_iter().map(of_kind).collect::<Vec<_>>().prop_map(|each| each.concat())
}

/// A value with targets that go with it, and whether targets may be kept.
fn values() -> impl Strategy<Value = (Value, Vec<Target>, bool)> {
    let all = TargetKind::ALL.to_vec();
    let who: Vec<TargetKind> = all.iter().copied().filter(|kind| *kind != TargetKind::FeatureGroup).collect();
    let share =
        (1_u32..100_000, select(vec![ShareOf::Actors, ShareOf::Time])).prop_map(|(thousandths, of)| {
            let share = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000).parse().unwrap();
            (Value::Share(share, of), Vec::new(), false)
        });
    let switched = (select(vec![Value::On, Value::Off]), targets(all)).prop_map(|(v, t)| (v, t, false));
    let opted = (select(vec![Value::OptOut, Value::RemoveOptOut]), targets(who))
        .prop_filter("an opt-out has targets", |(_, targets)| !targets.is_empty())
        .prop_map(|(value, targets)| (value, targets, false));
    prop_oneof![share, switched, opted, Just((Value::Off, Vec::new(), true))]
}

fn feature_commands() -> impl Strategy<Value = Command> {
    let set = (
        names(),
        values(),
        subsequence(IgnoredCheck::ALL.to_vec(), 0..=3),
        any::<[bool; 3]>(),
        option::of(texts()),
        environments(),
    )
        .prop_map(|(name, (value, targets, keep_targets), ignored, flags, reason, environments)| {
            let [with_dependencies, large_step, dry_run] = flags;
            Command::FeatureSet(FeatureSet {
                name,
                value,
                targets,
                ignored,
                keep_targets,
                with_dependencies,
                large_step,
                dry_run,
                reason,
                environments,
            })
        });
    let get = (names(), environments())
        .prop_map(|(name, environments)| Command::FeatureGet(FeatureGet { name, environments }));
    let list = (option::of(texts()), environments())
        .prop_map(|(matching, environments)| Command::FeatureList(FeatureList { matching, environments }));
    let delete = (names(), any::<bool>(), option::of(texts()), environments()).prop_map(
        |(name, dry_run, reason, environments)| {
            Command::FeatureDelete(FeatureDelete { name, dry_run, reason, environments })
        },
    );
    prop_oneof![set, get, list, delete]
}

fn rollout_commands() -> impl Strategy<Value = Command> {
    let plain = select(vec![
        RolloutVerb::Start,
        RolloutVerb::Status,
        RolloutVerb::Next,
        RolloutVerb::Pause,
        RolloutVerb::Resume,
        RolloutVerb::Tick,
        RolloutVerb::Approve,
        RolloutVerb::Release,
        RolloutVerb::Cleanup,
        RolloutVerb::Close,
    ]);
    let channels = vec("#[a-z][a-z0-9_-]{0,12}", 1..5).prop_map(|mut channels| {
        channels.push("support".into());
        channels.sort();
        channels.dedup();
        Audiences::Some(channels)
    });
    let whom = prop_oneof![Just(Audiences::All), channels];
    let announce = (option::of(texts()), option::of(texts()), whom, any::<bool>())
        .prop_map(|(at, text, audiences, dry_run)| RolloutVerb::Announce { at, text, audiences, dry_run });
    let verbs = prop_oneof![
        plain,
        option::of(texts()).prop_map(|reason| RolloutVerb::Ack { reason }),
        option::of(texts()).prop_map(|reason| RolloutVerb::Rollback { reason }),
        (texts(), any::<bool>()).prop_map(|(text, qa)| RolloutVerb::Note { text, qa }),
        announce,
    ];
    (names(), verbs).prop_map(|(name, verb)| Command::Rollout(Rollout { name, verb }))
}

fn questions() -> impl Strategy<Value = Command> {
    let commits = vec("[0-9a-f]{7,64}", 0..limits::COMMITS_MAX).prop_map(|mut ids| {
        ids.sort();
        ids.dedup();
        match ids.is_empty() {
            true => AutoDeployStatus::Everywhere,
            false => AutoDeployStatus::Commits(ids),
        }
    });
    let merge_request = texts().prop_map(|text| AutoDeployStatus::MergeRequest(format!("https://{text}")));
    let place = prop_oneof![
        Just((None, None)),
        names().prop_map(|project| (Some(project), None)),
        names().prop_map(|group| (None, Some(group))),
    ];
    let topics = vec![
        None,
        Some("feature"),
        Some("rollout"),
        Some("feature set"),
        Some("hooks failing"),
        Some("help"),
    ];
    prop_oneof![
        prop_oneof![commits, merge_request].prop_map(Command::AutoDeployStatus),
        (texts(), option::of(texts()))
            .prop_map(|(url, version)| Command::ReleaseCheck(ReleaseCheck { url, version })),
        place.prop_map(|(project, group)| Command::HooksFailing(HooksFailing { project, group })),
        "[a-zA-Z0-9-]{1,64}"
            .prop_filter("no option", |code| !code.starts_with('-'))
            .prop_map(|code| Command::Link(Link { code })),
        select(topics).prop_map(Command::Help),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_command_prints_as_what_parses_to_it(
        command in prop_oneof![feature_commands(), rollout_commands(), questions()],
    ) {
        let printed = command.to_string();
        prop_assume!(printed.len() <= limits::TEXT_BYTES_MAX);
        let again = parse(&printed, &ENVIRONMENTS);
        prop_assert_eq!(again.as_ref(), Ok(&command), "{}", printed);
    }

    #[test]
    fn any_text_is_a_command_or_an_error_within_its_line(text in any::<String>()) {
        if let Err(error) = parse(&text, &ENVIRONMENTS) {
            prop_assert!(error.column <= error.line.chars().count());
        }
    }
}
