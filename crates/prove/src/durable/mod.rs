//! The promise `durable`: an event acknowledged with 202 is never lost, whenever the server is killed; every repetition
//! of a request has the same id and the same bytes.
//!
//! The server is the product's own binary in a process of its own, killed with SIGKILL at random times under load. The
//! ledger shares no code with it: the load writes down what was acknowledged, the receiver what arrived, and the judge
//! holds the one against the other.

mod judge;
mod ledger;
mod load;
mod setup;
mod sink;

use crate::server::Launcher;
use crate::verdict::{Expected, Verdict};
use anyhow::{Context, Result, bail};
use clap::Args;
use ledger::Ledger;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// How often the server is killed
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// How many events must be acknowledged
    #[arg(long, default_value_t = 50_000)]
    events: u64,
    /// The long form: 400 kills, 1,000,000 events
    #[arg(long)]
    long: bool,
    /// Seed of the times of the kills
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<std::path::PathBuf>,
    /// Plants a fault in the server, which must be built with the feature planted-faults: acknowledge-early, skip-recovery
    #[arg(long, alias = "plant")]
    fault: Option<String>,
    /// Ends with 0 only if the judge turns red
    #[arg(long)]
    expect_red: bool,
}

/// Connections that post at the same time.
const POSTERS: usize = 32;
/// Events that are enough to see a planted fault.
const EVENTS_WITH_FAULT: u64 = 3_000;
/// How long the receiver may take to see everything once the killing is over.
const SETTLE: Duration = Duration::from_secs(90);
/// A server lives this long at least and at most before it is killed.
const LIFE_MS: std::ops::Range<u64> = 80..1_600;

/// Runs the proof and prints its figures.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let verdict = runtime.block_on(prove(options))?;
    Ok(verdict.exit_code(if options.expect_red { Expected::Red } else { Expected::Green }))
}

async fn prove(options: &Options) -> Result<Verdict> {
    let (kills, events) = match (&options.fault, options.long) {
        // A planted fault shows itself at the first kills, and need not be waited for any longer.
        (Some(_), _) => (options.kills, options.events.min(EVENTS_WITH_FAULT)),
        (None, true) => (400, 1_000_000),
        (None, false) => (options.kills, options.events),
    };
    let folder = tempfile::tempdir()?;
    let ledger = Arc::new(Ledger::default());
    let sink = sink::start(ledger.clone()).await?;
    let opened = format!("127.0.0.1/32:{}", sink.port());
    let serve = ["--allow-network", &opened];
    let launcher = Launcher::new(options.binary.as_deref(), folder.path(), &serve, options.fault.clone())?;
    let mut server = launcher.start().await?;
    let projects = setup::make(&server, sink).await?;
    println!(
        "seed {}; replay: cargo xtask prove durable --seed {} --kills {kills} --events {events}",
        options.seed, options.seed
    );
    let begun = Instant::now();
    let load = load::start(ledger.clone(), launcher.address(), projects, POSTERS);
    let mut random = fastrand::Rng::with_seed(options.seed);
    let mut killed = 0;
    while killed < kills || ledger.acknowledged() < events {
        tokio::time::sleep(Duration::from_millis(random.u64(LIFE_MS))).await;
        if killed < kills {
            server.kill().await?;
            killed += 1;
            server = launcher.start().await.context("the server does not start again after a kill")?;
        } else if begun.elapsed() > Duration::from_secs(1_200 + u64::from(kills) * 4) {
            bail!(
                "only {} events were acknowledged in {} s",
                ledger.acknowledged(),
                begun.elapsed().as_secs()
            );
        }
    }
    load.stop().await;
    let waited = Instant::now();
    while ledger.missing() > 0 && waited.elapsed() < SETTLE {
        // A planted fault never settles; what has not come within some seconds of silence does not come.
        if options.fault.is_some() && ledger.silent_for() > Duration::from_secs(8) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.stop().await?;
    Ok(judge::judge(&ledger, killed, begun.elapsed()))
}

#[cfg(test)]
mod tests {
    use super::ledger::Ledger;
    use super::{Verdict, judge};
    use std::time::Duration;

    fn ledger(acknowledged: &[u64], arrived: &[(u64, &str, &[u8])]) -> Ledger {
        let ledger = Ledger::default();
        for number in acknowledged {
            ledger.note_acknowledged(*number);
        }
        for (number, id, body) in arrived {
            ledger.note_arrived(Some(*number), id, body);
        }
        ledger
    }

    #[test]
    fn the_judge_sees_a_lost_event_another_id_and_other_bytes() {
        let check = |ledger: Ledger, verdict| assert_eq!(judge::judge(&ledger, 1, Duration::ZERO), verdict);
        check(ledger(&[1, 2], &[(1, "a", b"x"), (2, "b", b"y"), (2, "b", b"y")]), Verdict::Green);
        check(ledger(&[1], &[(1, "a", b"x"), (9, "z", b"unknown outcome")]), Verdict::Green);
        check(ledger(&[1, 2], &[(1, "a", b"x")]), Verdict::Red);
        check(ledger(&[1], &[(1, "a", b"x"), (1, "b", b"x")]), Verdict::Red);
        check(ledger(&[1], &[(1, "a", b"x"), (1, "a", b"y")]), Verdict::Red);
        check(ledger(&[], &[]), Verdict::Red);
    }
}
