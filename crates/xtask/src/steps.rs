//! Steps that run one after the other and stop at the first failure, with a closing table of what each took.

use anyhow::Result;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a step ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// It did its work.
    Passed,
    /// It did its work but for a part, which the table names.
    PassedBut(String),
    /// It failed, for this reason.
    Failed(String),
    /// A step before it failed.
    NotReached,
}

/// What a step answers when it does not fail.
pub(crate) enum Done {
    /// The work is done.
    Passed,
    /// The work is done but for a part, which is named aloud.
    PassedBut(String),
}

/// One line of the closing table.
pub(crate) struct Line {
    name: String,
    ending: Ending,
    took: Duration,
}

/// The run so far.
#[derive(Default)]
pub(crate) struct Steps {
    lines: Vec<Line>,
}

impl Steps {
    /// Runs one step under its headline, unless a step before it failed.
    pub(crate) fn run(&mut self, name: &str, work: impl FnOnce() -> Result<Done>) {
        if self.failed().is_some() {
            return self.add(name, Ending::NotReached, Duration::ZERO);
        }
        println!("\n== {name}");
        let begun = Instant::now();
        let ending = match work() {
            Ok(Done::Passed) => Ending::Passed,
            Ok(Done::PassedBut(part)) => Ending::PassedBut(part),
            Err(error) => Ending::Failed(format!("{error:#}")),
        };
        if let Ending::Failed(reason) = &ending {
            println!("== {name} FAILED: {reason}");
        }
        self.add(name, ending, begun.elapsed());
    }

    /// Prints the table and the final line; the exit code says whether every step passed.
    pub(crate) fn close(&self) -> ExitCode {
        println!("\n{}", self.table());
        println!("{}", self.verdict());
        if self.failed().is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn add(&mut self, name: &str, ending: Ending, took: Duration) {
        self.lines.push(Line { name: name.to_owned(), ending, took });
    }

    fn failed(&self) -> Option<&Line> {
        self.lines.iter().find(|line| matches!(line.ending, Ending::Failed(_)))
    }

    fn table(&self) -> String {
        let width = self.lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        let mut table = String::new();
        for line in &self.lines {
            let ending = match &line.ending {
                Ending::Passed => "passed".to_owned(),
                Ending::PassedBut(part) => format!("passed, but {part}"),
                Ending::Failed(_) => "FAILED".to_owned(),
                Ending::NotReached => "not reached".to_owned(),
            };
            let took = duration(line.took);
            writeln!(table, "  {:width$}  {took:>8}  {ending}", line.name)
                .expect("writing to a string cannot fail");
        }
        table
    }

    fn verdict(&self) -> String {
        let took = duration(self.lines.iter().map(|line| line.took).sum());
        let partly = self.lines.iter().filter(|line| matches!(line.ending, Ending::PassedBut(_))).count();
        let all = self.lines.len();
        match self.failed() {
            Some(Line { name, ending: Ending::Failed(reason), .. }) => {
                format!("FAILED at step `{name}`: {reason}")
            }
            _ if partly > 0 => {
                format!("All {all} steps passed in {took}; {partly} left a part out (see the table).")
            }
            _ => format!("All {all} steps passed in {took}."),
        }
    }
}

fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0..=59 => format!("{:.1} s", took.as_secs_f64()),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(endings: &[(&str, Ending)], verdict: &str) {
        let mut steps = Steps::default();
        for (name, ending) in endings {
            steps.add(name, ending.clone(), Duration::from_secs(61));
        }
        assert_eq!(steps.verdict(), verdict);
    }

    #[test]
    fn the_final_line_says_what_happened() {
        let partly = || Ending::PassedBut("advisories were skipped".to_owned());
        let failed = || Ending::Failed("3 findings".to_owned());
        check(&[("tidy", Ending::Passed), ("build", Ending::Passed)], "All 2 steps passed in 2 min 02 s.");
        let left_out = "All 2 steps passed in 2 min 02 s; 1 left a part out (see the table).";
        check(&[("tidy", partly()), ("build", Ending::Passed)], left_out);
        check(&[("tidy", failed()), ("build", Ending::NotReached)], "FAILED at step `tidy`: 3 findings");
    }

    #[test]
    fn nothing_runs_after_a_failure() {
        let mut steps = Steps::default();
        steps.run("first", || anyhow::bail!("broken"));
        steps.run("second", || panic!("ran after a failure"));
        assert_eq!(steps.lines[1].ending, Ending::NotReached);
    }
}
