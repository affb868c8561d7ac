//! That nothing is missing: the judge reads the public API, and the receiver's own count.

use crate::server;
use anyhow::{Context, Result, ensure};
use hyper::Method;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Rows of a page.
const PAGE: usize = 100;

/// How long the outbox has to say everything.
const TOLD_WITHIN: Duration = Duration::from_secs(60);

/// Each of `values`, which were stored in some order with the last one last, has a row of its own in the audit log; each
/// row begins where the one before ended; the log's chain is whole; what is stored is the last value; and each change was
/// told.
pub(super) async fn everything(
    address: SocketAddr,
    heard_at: SocketAddr,
    flag: &str,
    values: &[String],
) -> Result<()> {
    let rows = rows(address, flag).await?;
    ensure!(rows.len() == values.len(), "{} commands, {} audit rows", values.len(), rows.len());
    let mut left: BTreeSet<String> = values.iter().map(|value| words(value)).collect();
    for pair in rows.windows(2) {
        ensure!(
            pair[1].0 == pair[0].1,
            "a row begins with {:?} where the one before ends with {:?}",
            pair[1].0,
            pair[0].1
        );
    }
    for (_, after) in &rows {
        ensure!(left.remove(after), "{after:?} was not asked for, or twice");
    }
    let last = values.last().context("there are values")?;
    ensure!(
        rows.last().is_some_and(|(_, after)| *after == words(last)),
        "the last row is not the last command's"
    );
    let verified = server::ask(address, Method::GET, "/v1/audit/verify", String::new()).await?;
    ensure!(verified["intact"] == true, "the audit log's chain: {verified}");
    let stored =
        server::ask(address, Method::GET, &format!("/api/v4/features/{flag}"), String::new()).await?;
    let gates = stored["gates"].to_string();
    let share: f64 = last.parse()?;
    ensure!(gates.contains(&format!(r#""key":"percentage_of_actors","value":{share}"#)), "stored is {gates}");
    told(address, heard_at, values.len()).await
}

/// What stood before and after, of each row about production, oldest first.
async fn rows(address: SocketAddr, flag: &str) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for page in 1.. {
        let path = format!("/v1/audit?flag={flag}&per_page={PAGE}&page={page}");
        let found = server::ask(address, Method::GET, &path, String::new()).await?;
        let found = found.as_array().context("a list")?;
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let here = found.iter().filter(|row| row["environment"] == "production");
        all.extend(here.map(|row| (text(row, "before"), text(row, "after"))));
        if found.len() < PAGE {
            break;
        }
    }
    all.reverse();
    // The first made the flag.
    Ok(all.split_off(1))
}

/// As the audit log says it.
fn words(value: &str) -> String {
    let share: f64 = value.parse().unwrap_or(f64::NAN);
    format!("off for everyone; {share} % of actors")
}

/// Waits until nothing is left to be said; the receiver heard as many messages as there were changes, and no more.
async fn told(address: SocketAddr, heard_at: SocketAddr, changes: usize) -> Result<()> {
    // The change that made the flag was told as well.
    let expected = changes as u64 + 1;
    let begun = Instant::now();
    loop {
        let left = server::ask(address, Method::GET, "/v1/chat/outbox?per_page=1", String::new()).await?;
        let is_empty = left.as_array().context("a list")?.is_empty();
        // Asked for behind the outbox: what it has let go has arrived.
        let seen = server::ask(heard_at, Method::GET, "/", String::new()).await?;
        let count = seen["count"].as_u64().unwrap_or_default();
        if is_empty {
            ensure!(count == expected, "{expected} changes, {count} messages");
            return Ok(());
        }
        ensure!(begun.elapsed() < TOLD_WITHIN, "{expected} changes, {count} messages");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
