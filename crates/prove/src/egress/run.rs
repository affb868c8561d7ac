//! Runs the cases and the controls inside the namespace.

use super::cases::{Case, Which, case};
use super::controls::{self, Control};
use super::judge::{self, Figures, judge};
use super::ledger::Ledger;
use super::namespace::{InsideOptions, furnish};
use super::world::{NAME_SERVER, OWN, OWN_PORT_ANYWHERE, RECEIVER_PORTS};
use super::zone::Zone;
use super::{names::Named, receivers};
use crate::verdict::{Expected, Verdict};
use anyhow::Context as _;
use bytes::Bytes;
use fastrand::Rng;
use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use wigwag_egress::{Client, Config};
use wigwag_ports::egress::{CertificateCheck, Egress as _, EgressError, Keep, Method, Outgoing};

/// The time of one request: everything here answers at once.
const DEADLINE: Duration = Duration::from_secs(3);

/// How many forbidden destinations and suspicious cases are named when the judge is red.
const NAMED_MAX: usize = 20;

/// Runs the proof in the namespace we were started in.
pub(crate) fn run_inside(options: &InsideOptions) -> anyhow::Result<ExitCode> {
    furnish(options)?;
    let ledger = Ledger::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let started = Instant::now();
    let figures = runtime.block_on(prove(options, &ledger))?;
    let verdict = figures.verdict();
    println!("took {:.1} s", started.elapsed().as_secs_f64());
    let expected = if options.expect_red { Expected::Red } else { Expected::Green };
    println!(
        "judge: {}",
        match verdict {
            Verdict::Green => "green",
            Verdict::Red => "RED",
            Verdict::Void => "void: controls did not arrive, so nothing is proved",
        }
    );
    Ok(verdict.exit_code(expected))
}

struct World {
    zone: Zone,
    strict: Client,
    opened: Client,
}

async fn prove(options: &InsideOptions, ledger: &Ledger) -> anyhow::Result<Figures> {
    let zone = Zone::default();
    let socket = UdpSocket::bind(NAME_SERVER).await.context("the name server's port cannot be bound")?;
    tokio::spawn(zone.clone().serve(socket));
    let arrivals = receivers::listen(&RECEIVER_PORTS)?;
    let world = World { zone, strict: client(&[])?, opened: client(&["0.0.0.0/0", "::/0"])? };
    let controls = controls::all();
    let mut tally = Tally::default();
    let mut rng = Rng::with_seed(options.seed);
    for index in 0..options.cases {
        world.run_due_controls(&controls, index, options.cases).await?;
        tally.add(index, world.run_case(case(&mut rng, index)).await);
    }
    let connections = ledger.settle()?;
    let figures = judge(&connections, &arrivals.lock(), &controls);
    report(options, &figures, &tally);
    Ok(figures)
}

fn client(allow: &[&str]) -> anyhow::Result<Client> {
    let allow = allow.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    let anywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, OWN_PORT_ANYWHERE));
    Ok(Client::new(&Config {
        allow,
        only: None,
        listen_addresses: vec![OWN, anywhere],
        name_servers: Some(vec![NAME_SERVER]),
        extra_roots: Vec::new(),
    })?)
}

impl World {
    /// Spreads the controls over the run, so that they also show that the way stays open.
    async fn run_due_controls(&self, controls: &[Control], index: u32, cases: u32) -> anyhow::Result<()> {
        for (number, control) in controls.iter().enumerate() {
            if number * cases.max(1) as usize / controls.len() != index as usize {
                continue;
            }
            self.publish(&control.names);
            let url = format!("{}{}", control.origin, judge::path(number));
            // Whether it arrived is for the receiver to say.
            let _ = self.send(control.which, &url).await;
        }
        Ok(())
    }

    async fn run_case(&self, case: Case) -> Ran {
        self.publish(&case.names);
        let mut outcomes = Vec::new();
        for _ in 0..case.sends {
            outcomes.push(self.send(case.which, &case.url).await);
        }
        Ran { kind: case.kind, url: case.url, outcomes }
    }

    fn publish(&self, names: &[Named]) {
        for (name, script) in names {
            self.zone.add(name, script.clone());
        }
    }

    /// What happens to a URL in the product: it is parsed, judged when the hook is created, and sent to; here it is
    /// sent to even if it was refused before.
    async fn send(&self, which: Which, url: &str) -> Outcome {
        let client = match which {
            Which::Strict => &self.strict,
            Which::Opened => &self.opened,
        };
        let target = match client.target(url) {
            Ok(target) => target,
            Err(error) => return outcome(&error),
        };
        // A verdict on paper; the request itself is what counts.
        let _ = client.judge(&target).await;
        let request = Outgoing {
            method: Method::Post,
            target,
            headers: vec![("content-type", "application/json".to_owned())],
            custom_headers: Vec::new(),
            body: Bytes::from_static(b"{}"),
            keep: Keep::Beginning,
            certificate: CertificateCheck::Skip,
            identity: None,
            deadline: DEADLINE,
        };
        match client.send(request).await {
            Ok(_) => Outcome::Reached,
            Err(error) => outcome(&error),
        }
    }
}

/// What became of one request, as the client tells it: for the figures, not for the judge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Outcome {
    RefusedByForm,
    RefusedByAddress,
    Unresolved,
    Reached,
    Failed,
}

fn outcome(error: &EgressError) -> Outcome {
    match error {
        EgressError::BadUrl(_) => Outcome::RefusedByForm,
        EgressError::Forbidden { .. } => Outcome::RefusedByAddress,
        EgressError::NameNotFound { .. } | EgressError::ResolverUnavailable => Outcome::Unresolved,
        _ => Outcome::Failed,
    }
}

struct Ran {
    kind: &'static str,
    url: String,
    outcomes: Vec<Outcome>,
}

/// The client's own words, counted.
#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<Outcome, usize>,
    by_kind: BTreeMap<&'static str, BTreeMap<Outcome, usize>>,
    suspicious: Vec<String>,
}

impl Tally {
    fn add(&mut self, index: u32, ran: Ran) {
        for outcome in &ran.outcomes {
            *self.outcomes.entry(*outcome).or_default() += 1;
            *self.by_kind.entry(ran.kind).or_default().entry(*outcome).or_default() += 1;
        }
        if ran.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Reached | Outcome::Failed)) {
            self.suspicious.push(format!("case {index} ({}) {:?}: {:?}", ran.kind, ran.url, ran.outcomes));
        }
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }
}

fn report(options: &InsideOptions, figures: &Figures, tally: &Tally) {
    let forbidden: usize = figures.forbidden.iter().map(|(_, count)| count).sum();
    println!(
        "egress: cases {}, forbidden connections {forbidden}, controls {}/{}",
        options.cases,
        figures.controls - figures.lost.len(),
        figures.controls
    );
    println!(
        "requests {}: refused by form {}, by address {}, unresolved {}, reached a decoy {}, failed otherwise {}",
        tally.outcomes.values().sum::<usize>(),
        tally.count(Outcome::RefusedByForm),
        tally.count(Outcome::RefusedByAddress),
        tally.count(Outcome::Unresolved),
        tally.count(Outcome::Reached),
        tally.count(Outcome::Failed),
    );
    for (kind, outcomes) in &tally.by_kind {
        println!("  {kind}: {outcomes:?}");
    }
    println!("connections {}, as many as the kernel opened", figures.connections);
    for (destination, count) in figures.forbidden.iter().take(NAMED_MAX) {
        println!("FORBIDDEN: {count} connections to {destination}");
    }
    for origin in &figures.lost {
        println!("LOST: the control {origin} did not arrive");
    }
    if !figures.forbidden.is_empty() {
        println!("cases that reached something (a decoy is no harm):");
        for case in tally.suspicious.iter().take(NAMED_MAX) {
            println!("  {case}");
        }
    }
    let fault = options.plant.as_ref().map_or_else(String::new, |fault| format!(" --plant {fault}"));
    println!(
        "seed {}; replay: cargo xtask prove egress --cases {} --seed {}{fault}",
        options.seed, options.cases, options.seed
    );
}
