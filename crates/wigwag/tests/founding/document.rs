//! The lines of the founding document that are given in chat, in its order, with their placeholders filled.

use std::path::Path;

/// The lines as they stand there. The document itself is kept beside the project, not in it; where it is at hand, the
/// lines are held against it.
const LINES: &str = include_str!("commands.txt");

/// Where the document is kept.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/seed/rollout-issue.txt");

pub(crate) fn commands(merge_commit: &str) -> Vec<String> {
    let lines: Vec<&str> = LINES.lines().collect();
    if Path::new(DOCUMENT).exists() {
        let document = std::fs::read_to_string(DOCUMENT).unwrap();
        let found: Vec<&str> =
            document.lines().filter_map(|line| Some(&line[line.find("/chatops run")?..])).collect();
        assert_eq!(found, lines, "the document says something else");
    }
    let filled = lines.into_iter().map(|line| {
        line.trim()
            .replace("<merge-commit-of-your-feature>", merge_commit)
            .replace("<your-username>", "mara")
            .replace("<rollout-percentage>", "10")
    });
    let commands: Vec<String> = filled.collect();
    assert!(commands.iter().all(|command| !command.contains('<')), "a placeholder is left: {commands:?}");
    commands
}
