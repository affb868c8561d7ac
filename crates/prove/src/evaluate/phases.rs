//! The phases, each taking something more away.

use super::Extent;
use super::flags::{Drawn, draw, question, state, write_definitions};
use super::hostile::{Hostile, KINDS};
use super::judge::{Phase, judge};
use super::reference::{Answer, decide};
use super::watcher::Watcher;
use crate::http::ask;
use crate::server::{Launcher, ROOT_TOKEN};
use crate::verdict::Verdict;
use anyhow::{Context, Result, bail};
use fastrand::Rng;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wigwag_client::{Client, Source};

/// What must become so, becomes so within this time, or the proof cannot be run.
const SETTLES_WITHIN: Duration = Duration::from_secs(30);
/// When a second request comes, the client is done with the answer to the first.
const REQUESTS_PER_NONSENSE: usize = 2;
/// Decisions after each damage; a file that was wrongly trusted shows in far fewer.
const DECISIONS_PER_DAMAGE: u32 = 40;

/// The program with the client, its files, and what the reference knows.
struct Program {
    address: SocketAddr,
    folder: PathBuf,
    flags: BTreeMap<String, Drawn>,
    names: Vec<String>,
    random: Rng,
}

pub(super) async fn run(binary: Option<&Path>, seed: u64, extent: Extent) -> Result<Verdict> {
    let begun = Instant::now();
    let folder = tempfile::tempdir()?;
    let mut random = Rng::with_seed(seed);
    let flags = draw(&mut random, extent.flags);
    let definitions = folder.path().join("feature_flags");
    write_definitions(&definitions, &flags)?;
    let options = ["--flags", definitions.to_str().context("a temporary path is text")?];
    let launcher = Launcher::new(binary, folder.path(), &options, None)?;
    let server = launcher.start().await?;
    store(launcher.address(), &flags).await?;
    let names = flags.keys().cloned().collect();
    let mut program =
        Program { address: launcher.address(), folder: folder.path().to_owned(), flags, names, random };

    let client = program.client(None);
    until("the client to be live", || client.decide(&program.names[0], &[]).source == Source::Live).await?;
    let watcher = Watcher::start(client.clone(), &program.names);
    let mut phases = vec![program.phase("live", &client, Source::Live, extent.decisions)];
    until("the snapshot file", || program.snapshot_file().exists()).await?;
    let bootstrap = program.folder.join("bootstrap");
    fs::copy(program.snapshot_file(), &bootstrap)?;

    server.kill().await?;
    until("the stream to be lost", || client.decide(&program.names[0], &[]).source == Source::Memory).await?;
    phases.push(program.phase("server killed: from memory", &client, Source::Memory, extent.decisions));
    client.shutdown().await;

    let client = program.client(None);
    watcher.now_watch(client.clone());
    let name = "program started again: from the snapshot file";
    phases.push(program.phase(name, &client, Source::SnapshotFile, extent.decisions));
    client.shutdown().await;

    phases.push(program.lied_to(&watcher, seed, extent.decisions).await?);
    phases.push(program.damaged(&watcher, &bootstrap, extent.damages).await?);
    fs::write(program.snapshot_file(), "damaged")?;
    let client = program.client(None);
    watcher.now_watch(client.clone());
    phases.push(program.defaults(&client, extent.decisions));
    client.shutdown().await;

    let server = launcher.start().await?;
    let client = program.client(None);
    watcher.now_watch(client.clone());
    until("the client to be live again", || client.decide(&program.names[0], &[]).source == Source::Live)
        .await?;
    phases.push(program.phase("server back: live", &client, Source::Live, extent.decisions));
    client.shutdown().await;
    server.stop().await?;
    Ok(judge(&phases, &watcher.end(), begun.elapsed()))
}

/// Stores what was drawn.
async fn store(address: SocketAddr, flags: &BTreeMap<String, Drawn>) -> Result<()> {
    for (name, flag) in flags {
        let Some(stored) = &flag.stored else { continue };
        let path = format!("/v1/flags/{name}/state");
        let answer = ask(address, "PUT", &path, ROOT_TOKEN, &state(stored), SETTLES_WITHIN).await?;
        if !(200..300).contains(&answer.status) {
            bail!("{path} answered {}: {}", answer.status, answer.body);
        }
    }
    // Whether a definition was taken shows in the answers; here only that all were read.
    let known = ask(address, "GET", "/v1/flags/snapshot", ROOT_TOKEN, &Value::Null, SETTLES_WITHIN).await?;
    let count = known.body["flags"].as_array().map_or(0, Vec::len);
    if count < flags.len() {
        bail!("the server knows {count} of {} flags", flags.len());
    }
    Ok(())
}

impl Program {
    fn snapshot_file(&self) -> PathBuf {
        self.folder.join("snapshot")
    }

    fn client(&self, bootstrap: Option<&Path>) -> Client {
        let mut builder = Client::builder(format!("http://{}", self.address))
            .token(ROOT_TOKEN)
            .environment("production")
            .snapshot_file(self.snapshot_file())
            .without_exposures();
        if let Some(bootstrap) = bootstrap {
            builder = builder.bootstrap(bootstrap);
        }
        builder.connect()
    }

    /// Holds decisions against the reference; each must come from `source`.
    fn phase(&mut self, name: &'static str, client: &Client, source: Source, decisions: u32) -> Phase {
        let mut phase = Phase { name, decisions: 0, wrong: 0, first_wrong: None };
        for _ in 0..decisions {
            let (flag, actors) = question(&mut self.random, &self.names);
            let actors: Vec<&str> = actors.iter().map(String::as_str).collect();
            let answer = decide(&self.flags, &flag, &actors);
            check(&mut phase, client, &flag, &actors, (answer, source));
        }
        phase
    }

    /// Starts the program again and again while something else answers in the server's place.
    async fn lied_to(&mut self, watcher: &Watcher, seed: u64, decisions: u32) -> Result<Phase> {
        let name = "server replaced by nonsense: from the snapshot file";
        let hostile = Hostile::at(self.address, seed).await?;
        let mut all = Phase { name, decisions: 0, wrong: 0, first_wrong: None };
        for kind in 0..KINDS {
            hostile.answer(kind);
            let client = self.client(None);
            watcher.now_watch(client.clone());
            until("the nonsense to be heard", || hostile.answered() >= REQUESTS_PER_NONSENSE).await?;
            let share = decisions / KINDS as u32;
            all.add(&format!("nonsense {kind}"), self.phase(name, &client, Source::SnapshotFile, share));
            client.shutdown().await;
        }
        Ok(all)
    }

    /// Starts the program again and again with a snapshot file that was damaged otherwise; the bootstrap is good.
    async fn damaged(&mut self, watcher: &Watcher, bootstrap: &Path, damages: u32) -> Result<Phase> {
        let name = "snapshot file damaged: from the bootstrap file";
        let good = fs::read(bootstrap)?;
        let mut all = Phase { name, decisions: 0, wrong: 0, first_wrong: None };
        for number in 0..damages {
            let file = self.snapshot_file();
            let _ = fs::remove_file(&file).or_else(|_| fs::remove_dir(&file));
            match damage(&mut self.random, number, &good) {
                Some(bytes) => fs::write(&file, bytes)?,
                None => fs::create_dir(&file)?,
            }
            let client = self.client(Some(bootstrap));
            watcher.now_watch(client.clone());
            let one = self.phase(name, &client, Source::Bootstrap, DECISIONS_PER_DAMAGE);
            all.add(&format!("damage {number}"), one);
            client.shutdown().await;
        }
        let file = self.snapshot_file();
        let _ = fs::remove_file(&file).or_else(|_| fs::remove_dir(&file));
        Ok(all)
    }

    /// Nothing is known: the caller decides, and is told so.
    fn defaults(&mut self, client: &Client, decisions: u32) -> Phase {
        let name = "nothing left: the caller's default";
        let mut phase = Phase { name, decisions: 0, wrong: 0, first_wrong: None };
        for number in 0..decisions {
            let (flag, _) = question(&mut self.random, &self.names);
            let default = number % 2 == 0;
            let found = client.decide_or(&flag, &["User:1"], default);
            phase.decisions += 1;
            if (found.enabled, found.source) != (default, Source::Caller) {
                phase.wrong += 1;
                phase
                    .first_wrong
                    .get_or_insert_with(|| format!("{flag}: {found:?} for the default {default}"));
            }
        }
        phase
    }
}

/// One decision against what it must be. What no snapshot knows is the caller's to decide, whatever the source.
fn check(
    phase: &mut Phase,
    client: &Client,
    flag: &str,
    actors: &[&str],
    (answer, source): (Answer, Source),
) {
    let found = client.decide(flag, actors);
    let source = if answer.1 == "unknown" { Source::Caller } else { source };
    phase.decisions += 1;
    if ((found.enabled, found.reason.as_str()), found.source) != (answer, source) {
        phase.wrong += 1;
        let told = || format!("{flag} for {actors:?}: {found:?}, not {answer:?} from {}", source.as_str());
        phase.first_wrong.get_or_insert_with(told);
    }
}

/// Another damage for each number; `None` is a folder in the file's place.
fn damage(random: &mut Rng, number: u32, good: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = good.to_vec();
    match number % 8 {
        0 => bytes.truncate(random.usize(..good.len())),
        1 | 2 => {
            // One bit, anywhere.
            let at = random.usize(..good.len());
            bytes[at] ^= 1 << random.u8(..8);
        }
        3 => {
            // A word of the JSON turned into another of the same length: it still parses.
            let text = String::from_utf8_lossy(good).replacen("true", "null", 1 + random.usize(..5));
            bytes = text.into_bytes();
        }
        4 => bytes.extend((0..random.usize(1..64)).map(|_| random.u8(..))),
        5 => bytes = (0..random.usize(..4_096)).map(|_| random.u8(..)).collect(),
        6 => {
            let from = random.usize(..good.len());
            bytes[from..].fill(0);
        }
        _ => return None,
    }
    Some(bytes)
}

async fn until(what: &str, is_so: impl Fn() -> bool) -> Result<()> {
    let end = Instant::now() + SETTLES_WITHIN;
    while !is_so() {
        if Instant::now() > end {
            bail!("waited {} s for {what}", SETTLES_WITHIN.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}
