//! Commits whose message says something.

use crate::git::{Call, Git};
use crate::limits::MENTIONS_MAX;
use std::time::Duration;
use wigwag_base::Timestamp;
use wigwag_ports::repository::RepositoryError;

/// A commit's whole message, as it was written: by whom, nobody knows.
pub(crate) struct Message {
    /// The commit's full id.
    pub(crate) id: String,
    pub(crate) text: String,
}

/// Where commits are looked for, and how far back.
pub(crate) struct Search<'a> {
    /// What is walked from and what is left out, as git takes it: `HEAD`, `--branches`, full ids, `^` and a full id.
    pub(crate) from: Vec<&'a str>,
    /// Nothing that was committed before is looked at.
    pub(crate) since: Option<Timestamp>,
    /// How long it may take.
    pub(crate) within: Duration,
}

/// The newest commits whose message holds one of `texts`, in any case of letters, the oldest of them first. Whether it
/// stands where it means something is the caller's to see.
pub(crate) async fn mentioning(
    git: &Git,
    search: &Search<'_>,
    texts: &[String],
) -> Result<Vec<Message>, RepositoryError> {
    let since = search.since.map(|since| format!("--max-age={}", since.as_secs().max(0)));
    let greps: Vec<String> = texts.iter().map(|text| format!("--grep={text}")).collect();
    let count = format!("--max-count={MENTIONS_MAX}");
    let fixed =
        ["log", "-z", "--format=%H%n%B", "--no-show-signature", "--fixed-strings", "--regexp-ignore-case"];
    let call = Call::new(fixed)
        .with([count.as_str()])
        .with(since.as_deref())
        .with(greps.iter().map(String::as_str))
        .with(search.from.iter().copied())
        .within(search.within);
    let told = git.ask(call).await?;
    // No message holds a NUL.
    let one = |one: &str| {
        let (id, text) = one.split_once('\n')?;
        Some(Message { id: id.to_owned(), text: text.to_owned() })
    };
    Ok(told.split('\0').filter_map(one).rev().collect())
}
