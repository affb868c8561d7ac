//! Commands, broken in thousands of ways: nothing panics, what is accepted prints as itself, and what is refused is
//! safe to show.

use super::*;
use wigwag_chat::render::{Style, html, text};
use wigwag_chat::{Names, TargetKind, complete};

/// What is broken.
const SEEDS: &[&str] = &[
    "/chatops run feature set --project=acme/shop,acme/blog new_nav true --dev --staging",
    "feature set new_nav 25.5 --actors --reason=\"it's time\" --env=staging,production",
    "feature set new_nav opt_out --user=@ann --dry-run --nonproduction",
    "feature list --match 'web hook' --staging",
    "/chatops gitlab run auto_deploy status 1a2b3c4d5e6f https://gitlab.example/a/b/-/merge_requests/7",
    "release check https://gitlab.example/a/b/-/merge_requests/7 15.2",
    "rollout announce new_nav --at=`Tuesday` --text “it comes” --to=team,#frontend",
    "rollout note new_nav it “works” on staging --qa",
    "hooks failing --group=acme",
    "link abcde-fghjk",
    "help rollout announce",
];

/// What it is broken with.
const PIECES: &[&str] = &[
    " ",
    "  ",
    "\"",
    "'",
    "`",
    "“",
    "”",
    "‘",
    "’",
    "-",
    "--",
    "—",
    "–",
    "=",
    ",",
    "%",
    "<",
    ">",
    "@",
    "#",
    "\n",
    "\u{0}",
    "\u{1b}[31m",
    "\u{202E}",
    "\u{AD}",
    "\u{E0041}",
    "а",
    "日本",
    "\u{301}",
    "0",
    "100",
    "1e9",
    "true",
    "--env=",
    "--help",
    "--qa",
    "--reason",
    "/chatops",
    "run",
    "help",
    "feature",
    "production",
    "\\",
    "://",
    "&amp;",
];

/// How many are broken: some seconds unoptimised.
const ROUNDS: usize = 15_000;

struct Hostile;

impl Names for Hostile {
    fn flags(&self, _: &str) -> Vec<String> {
        PIECES.iter().map(ToString::to_string).collect()
    }

    fn targets(&self, _: TargetKind, prefix: &str) -> Vec<String> {
        vec![format!("{prefix}\u{1b}"), format!("{prefix}x"), "--dev".into(), String::new()]
    }
}

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (end.max(1) as u64)).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

fn broken(numbers: &mut Numbers) -> String {
    let mut chars: Vec<char> = numbers.of(SEEDS).chars().collect();
    for _ in 0..=numbers.below(5) {
        let at = numbers.below(chars.len() + 1);
        match numbers.below(4) {
            0 => drop(chars.splice(at..at, numbers.of(PIECES).chars())),
            1 if at < chars.len() => drop(chars.remove(at)),
            2 => chars.truncate(at.max(3)),
            _ => {
                let other: Vec<char> = numbers.of(SEEDS).chars().collect();
                let from = numbers.below(other.len());
                drop(chars.splice(at..at, other[from..].iter().take(12).copied()));
            }
        }
    }
    chars.into_iter().collect()
}

/// Whether it is a command all the same.
fn check_broken(text_of: &str, cursor: usize) -> bool {
    let parsed = parse(text_of, &ENVIRONMENTS);
    let is_command = parsed.is_ok();
    match parsed {
        Ok(command) => {
            let printed = command.to_string();
            assert_eq!(parse(&printed, &ENVIRONMENTS).as_ref(), Ok(&command), "{text_of:?} -> {printed:?}");
        }
        Err(error) => {
            assert!(error.column <= error.line.chars().count(), "{text_of:?}");
            let reply = Reply::from(&error);
            let shown = text(&reply, Style::Plain);
            assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{text_of:?} -> {shown:?}");
            assert!(shown.len() < 2_000, "{text_of:?} -> {shown:?}");
            let marks = html(&reply).replace("<p>", "").replace("<pre class=\"command\" data-copy>", "");
            assert!(!marks.replace("<a href=\"http", "").contains("<b"), "{text_of:?} -> {marks:?}");
        }
    }
    for found in complete(text_of, cursor, &ENVIRONMENTS, &Hostile) {
        let whole = format!("{}{}{}", &text_of[..found.start], found.text, &text_of[found.end..]);
        assert!(found.start <= found.end && whole.len() >= found.text.len(), "{text_of:?}");
        assert!(!found.text.contains(|c: char| c.is_control() || c.is_whitespace()), "{:?}", found.text);
    }
    is_command
}

#[test]
fn broken_commands_are_refused_or_are_commands() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut commands = 0;
    for _ in 0..ROUNDS {
        let text = broken(&mut numbers);
        commands += usize::from(check_broken(&text, numbers.below(text.len() + 2)));
    }
    assert!((ROUNDS / 20..ROUNDS / 2).contains(&commands), "{commands} of {ROUNDS} were commands");
}
