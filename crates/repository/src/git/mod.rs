//! Calling git: no shell, nobody's configuration, a deadline, bounded output, at most two at once.
//!
//! ```text
//! Call -> (network calls: one at a time) -> one of two turns -> process with its own group -> Ended
//!                                                               `-- too long, too much, dropped: the group is killed
//! ```
//! A question to the mirror reaches no network: whatever object is missing there is missing. So one turn is always free
//! for questions, however long a fetch takes.

mod environment;
mod running;

use crate::limits::{COMMANDS_MAX, COMPLAINT_CHARACTERS_MAX, OUTPUT_BYTES_MAX, QUESTION_DEADLINE};
use crate::source::Source;
use crate::text::tame;
use environment::Environment;
pub(crate) use environment::GLOBAL;
use running::Running;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::Semaphore;
use wigwag_base::Secret;
use wigwag_ports::repository::RepositoryError;

/// One mirror and how git is called in it.
pub(crate) struct Git {
    mirror: PathBuf,
    environment: Environment,
    turns: Semaphore,
    network: Semaphore,
}

/// What a call may reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// The mirror's folder.
    Mirror,
    /// The source too.
    Source,
    /// The source alone: whatever state the mirror is in, it is not looked at.
    SourceAlone,
}

/// One call of git.
pub(crate) struct Call<'a> {
    words: Vec<&'a str>,
    input: Vec<u8>,
    reach: Reach,
    within: Duration,
    output_bytes_max: usize,
}

/// How a git ended.
pub(crate) struct Ended {
    /// Its exit code; -1 if it was ended by a signal.
    pub(crate) code: i32,
    pub(crate) output: Vec<u8>,
    pub(crate) complaint: String,
}

impl<'a> Call<'a> {
    /// A question to the mirror.
    pub(crate) fn new(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            words: words.into_iter().collect(),
            input: Vec::new(),
            reach: Reach::Mirror,
            within: QUESTION_DEADLINE,
            output_bytes_max: OUTPUT_BYTES_MAX,
        }
    }

    /// With more words.
    pub(crate) fn with(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.words.extend(words);
        self
    }

    /// With something else in reach.
    pub(crate) fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// With another deadline, which holds from the asking to the end.
    pub(crate) fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    /// With something to read.
    pub(crate) fn input(self, input: String) -> Self {
        Self { input: input.into_bytes(), ..self }
    }

    /// With another bound for what it prints.
    pub(crate) fn output_bytes_max(self, output_bytes_max: usize) -> Self {
        Self { output_bytes_max, ..self }
    }
}

impl Ended {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

impl Git {
    /// How git is called in `mirror`, with `global` as the file of everybody's configuration.
    pub(crate) fn new(
        mirror: PathBuf,
        global: PathBuf,
        source: &Source,
        token: Option<&Secret<String>>,
    ) -> Self {
        let environment = Environment::new(global, source, token);
        let (turns, network) = (Semaphore::new(COMMANDS_MAX), Semaphore::new(1));
        Self { mirror, environment, turns, network }
    }

    /// The mirror's folder.
    pub(crate) fn mirror(&self) -> &Path {
        &self.mirror
    }

    /// What git prints, if it ends well.
    ///
    /// # Errors
    /// [`RepositoryError`], with what git complains of if it does not end well.
    pub(crate) async fn ask(&self, call: Call<'_>) -> Result<String, RepositoryError> {
        let what = call.words.first().copied().unwrap_or_default().to_owned();
        let ended = self.run(call).await?;
        if ended.code == 0 { Ok(ended.text()) } else { Err(failure(&what, &ended)) }
    }

    /// Runs git to its end, whatever its exit code.
    ///
    /// # Errors
    /// [`RepositoryError`] if git cannot be run, prints too much or takes too long.
    pub(crate) async fn run(&self, call: Call<'_>) -> Result<Ended, RepositoryError> {
        let within = call.within;
        let ended = tokio::time::timeout(within, self.take_turn(call)).await;
        ended.unwrap_or(Err(RepositoryError::TimedOut(within.as_secs())))
    }

    async fn take_turn(&self, call: Call<'_>) -> Result<Ended, RepositoryError> {
        let closed = |_| unavailable("it is closed");
        let _network = match call.reach {
            Reach::Source | Reach::SourceAlone => Some(self.network.acquire().await.map_err(closed)?),
            Reach::Mirror => None,
        };
        let _turn = self.turns.acquire().await.map_err(closed)?;
        let command = self.environment.command(&self.mirror, &call.words, call.reach);
        Running::start(command)?.finish(&call.input, call.output_bytes_max).await
    }
}

/// What git said when it failed, in words for people.
pub(crate) fn failure(what: &str, ended: &Ended) -> RepositoryError {
    let lines = || ended.complaint.lines().map(str::trim).filter(|line| !line.is_empty());
    let of_git = |line: &&str| line.starts_with("fatal: ") || line.starts_with("error: ");
    let said = lines().find(of_git).or_else(|| lines().next_back()).unwrap_or("it says nothing");
    let said = tame(said, COMPLAINT_CHARACTERS_MAX);
    let advice = advice(&ended.complaint);
    unavailable(&format!("git {what} fails: {said}{advice}"))
}

/// What to do about failures that everybody meets.
fn advice(complaint: &str) -> &'static str {
    const KNOWN: [(&str, &str); 5] = [
        ("returned error: 30", "; the server redirects: set the address that it leads to, often with .git"),
        ("could not read Username", "; the server wants a token"),
        ("Authentication failed", "; the server does not take the token"),
        ("Permission denied (publickey", "; the server does not take the key"),
        ("Host key verification failed", "; connect once by hand, so that its key is known"),
    ];
    KNOWN.iter().find(|(part, _)| complaint.contains(part)).map_or("", |(_, advice)| advice)
}

/// Why the mirror cannot say.
pub(crate) fn unavailable(why: &str) -> RepositoryError {
    RepositoryError::Unavailable(format!("the repository cannot be asked: {why}"))
}

#[cfg(test)]
mod tests;
