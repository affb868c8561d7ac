//! Makes the network namespace and starts the proof in it.

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use std::process::{Command, ExitCode, Stdio};

/// Cases of the short form, which runs within the tests.
const CASES_SHORT: u32 = 512;

/// Cases of the long form.
const CASES_LONG: u32 = 5000;

/// The way `wigwag-prove egress` is called.
#[derive(Args)]
pub(crate) struct Options {
    /// How many hostile cases [default: 512, with --long 5000].
    #[arg(long)]
    cases: Option<u32>,
    /// The seed of the cases, to replay a run [default: a new one].
    #[arg(long)]
    seed: Option<u64>,
    /// The long form.
    #[arg(long)]
    long: bool,
    /// Plants a fault in the client (needs a build with the feature `planted-faults`).
    #[arg(long, visible_alias = "fault")]
    plant: Option<Fault>,
    /// Succeeds only if the judge turns red.
    #[arg(long)]
    expect_red: bool,
}

/// A fault that can be planted.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Fault {
    /// Judges one resolution of a name and connects to a second one.
    ResolveTwice,
}

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::ResolveTwice => "resolve-twice",
        }
    }
}

/// What is handed into the namespace.
#[derive(Args)]
pub(crate) struct InsideOptions {
    #[arg(long)]
    pub(crate) cases: u32,
    #[arg(long)]
    pub(crate) seed: u64,
    #[arg(long)]
    pub(crate) expect_red: bool,
    /// The name of the network namespace that must have been left.
    #[arg(long)]
    outside: String,
    /// The planted fault, for the words of replaying.
    #[arg(long)]
    pub(crate) plant: Option<String>,
}

/// Starts the proof inside a new network namespace.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if options.plant.is_some() && !cfg!(feature = "planted-faults") {
        bail!("this build can plant no fault; build it with --features planted-faults");
    }
    let cases = options.cases.unwrap_or(if options.long { CASES_LONG } else { CASES_SHORT });
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    let program = std::env::current_exe().context("the path of this program is unknown")?;
    let mut command = Command::new("unshare");
    command.args(unshare_options()?).arg("--").arg(program).arg("egress-inside");
    command.args(["--cases", &cases.to_string(), "--seed", &seed.to_string(), "--outside", &current()?]);
    if options.expect_red {
        command.arg("--expect-red");
    }
    command.env_remove("WIGWAG_PLANTED_FAULT");
    if let Some(fault) = options.plant {
        command.env("WIGWAG_PLANTED_FAULT", fault.name()).args(["--plant", fault.name()]);
    }
    let status = command.status().context("unshare could not be started")?;
    match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(code) => Ok(ExitCode::from(code)),
        None => bail!("the proof was ended by a signal: {status}"),
    }
}

/// As root, or by a user namespace of our own.
fn unshare_options() -> anyhow::Result<Vec<&'static str>> {
    let mut said = String::new();
    for options in [vec!["--net"], vec!["--user", "--map-root-user", "--net"]] {
        let tried = Command::new("unshare")
            .args(&options)
            .args(["--", "ip", "link", "set", "lo", "up"])
            .stdin(Stdio::null())
            .output()
            .context("unshare (of util-linux) could not be started")?;
        if tried.status.success() {
            return Ok(options);
        }
        said.push_str(String::from_utf8_lossy(&tried.stderr).trim());
        said.push_str("; ");
    }
    bail!(
        "no network namespace can be made here, and without one this proof would send requests into the world. Run it \
         as root, with unshare (util-linux) and ip (iproute2) installed. They said: {said}"
    )
}

fn current() -> anyhow::Result<String> {
    let link = std::fs::read_link("/proc/self/ns/net").context("/proc/self/ns/net cannot be read")?;
    Ok(link.to_string_lossy().into_owned())
}

/// Makes every address local on the loopback interface of the namespace we are in.
///
/// # Errors
/// When it is not a namespace of its own, or has an interface that leads out of it.
pub(crate) fn furnish(options: &InsideOptions) -> anyhow::Result<()> {
    if current()? == options.outside {
        bail!("this is still the network namespace outside; call `wigwag-prove egress`");
    }
    let links = ip(&["-o", "link", "show", "up"])?;
    if links.lines().any(|line| !line.contains(" lo:")) {
        bail!("the namespace has an interface that may lead out of it: {links}");
    }
    ip(&["link", "set", "lo", "up"])?;
    ip(&["-4", "route", "add", "local", "default", "dev", "lo"])?;
    ip(&["-6", "route", "add", "local", "default", "dev", "lo"])?;
    Ok(())
}

fn ip(arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("ip").args(arguments).output().context("ip (iproute2) could not be started")?;
    if !output.status.success() {
        bail!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
