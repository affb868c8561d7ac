//! `wigwag demo`: the main job in a browser, on real requests and a real database. One process runs the real server and
//! a make-believe platform, which talks to it over HTTP alone; the receiver is a process of its own.
//!
//! ```text
//!   browser --> platform --HTTP, tokens--> Wigwag --signed requests, through egress--> receiver
//!      |  banner (component)                  ^                                           |
//!      +--------------------------------------+       platform <--what arrived, switches--+
//! ```
//!
//! Everything that any part knows is on disk before it counts: killed at any moment and started again, the demo goes on
//! where it was.

mod addresses;
mod facts;
mod folder;
mod harbor;
mod http;
mod journal;
mod limits;
mod platform;
mod publish;
pub(crate) mod receiver;
mod setup;
mod stop;
mod story;
mod supervise;
mod watch;
mod world;

use crate::cli::DemoOptions;
use crate::config::Config;
use crate::data_key::KeySource;
use crate::entropy::SystemEntropy;
use crate::exit;
use crate::serve::{self, Server};
use anyhow::{Context, Result, anyhow};
use folder::{Folder, Start, kept_secret};
use harbor::{PerPlace, Place};
use http::Http;
use limits::{FIRST_PAUSE, MAX_PAUSE, PAUSE_FACTOR, PERMANENT_AT, RETRY_DELAYS_S, THRESHOLD};
use platform::Platform;
use publish::Outbox;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use stop::Stop;
use story::Story;
use supervise::Supervised;
use wigwag_base::Secret;
use wigwag_engine::Settings;
use wigwag_hooks::{FailurePolicy, RetryPolicy};
use wigwag_ports::Entropy;
use world::{Beginning, World};

/// Runs until a signal or a fatal error ends it.
pub(crate) fn run(options: DemoOptions) -> Result<()> {
    serve::log_to_stderr();
    let listen = addresses::wigwag(&options.listen)?;
    let start = if options.reset { Start::Anew } else { Start::Continue };
    let folder = Folder::open(&options.data, start)?;
    serve::runtime()?.block_on(async {
        let signal = serve::signal();
        let demo = Demo::start(&folder, listen).await?;
        demo.announce();
        let end = tokio::select! {
            reason = demo.server.engine.fatal() => Err(anyhow!(exit::Fatal(reason))),
            () = signal => Ok(()),
        };
        match end {
            Ok(()) => demo.stop().await,
            Err(error) => Err(error),
        }
    })
}

/// Everything that runs.
struct Demo {
    server: Server,
    receiver: Supervised,
    platform: Platform,
    address: SocketAddr,
    stop: Stop,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Demo {
    async fn start(folder: &Folder, listen: SocketAddr) -> Result<Self> {
        let listener = addresses::platform(listen)?;
        let address = listener.local_addr()?;
        let port = addresses::receiver(folder, listen, address)?;
        let signing_token =
            kept_secret(&folder.receiver(receiver::TOKEN_FILE), || Ok(format!("whsec_{}", random())))?;
        let root_token = kept_secret(&folder.platform("operator-token"), || Ok(random()))?;
        let receiver = Supervised::start(folder, port).await?;
        let server = Server::start(config(folder, listen, address, port, &root_token)?).await?;
        let wigwag = format!("http://{}", server.address);
        let doors = Http::new(format!("http://127.0.0.1:{port}"), signing_token.clone());
        let operator = Http::new(wigwag, root_token);
        let world = tokio::task::block_in_place(|| world(folder, operator, doors, port, &signing_token))
            .context("cannot set up the platform")?;
        let stop = Stop::default();
        let threads = threads(&world, &stop)?;
        let platform = Platform::start(listener, world)?;
        Ok(Self { server, receiver, platform, address, stop, threads })
    }

    #[allow(clippy::print_stdout, reason = "where to look")]
    fn announce(&self) {
        println!("wigwag itself is at http://{}", self.server.address);
        println!("open http://{}", self.address);
    }

    /// First those who ask, then who is asked.
    async fn stop(self) -> Result<()> {
        self.stop.throw();
        self.platform.stop().await;
        for thread in self.threads {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        let stopped = self.server.stop().await;
        self.receiver.stop().await;
        stopped
    }
}

/// The real server, in a hurry: pauses of seconds, and no private network open but the receiver's port.
fn config(
    folder: &Folder,
    listen: SocketAddr,
    platform: SocketAddr,
    receiver: u16,
    root_token: &Secret<String>,
) -> Result<Config> {
    let failure_policy =
        FailurePolicy::new(THRESHOLD, FIRST_PAUSE, PAUSE_FACTOR, MAX_PAUSE, Some(PERMANENT_AT))
            .map_err(|error| anyhow!("{error}"))?;
    let delays = RETRY_DELAYS_S.map(Duration::from_secs).to_vec();
    let settings = Settings {
        external_url: format!("http://{listen}"),
        failure_policy,
        retry_policy: RetryPolicy::new(delays).map_err(|error| anyhow!("{error}"))?,
        embed_origins: vec![format!("http://{platform}"), format!("http://localhost:{}", platform.port())],
        ..Settings::default()
    };
    let network = format!("127.0.0.1/32:{receiver}");
    Ok(Config {
        listen,
        data: folder.wigwag(),
        data_key: KeySource::File(folder.wigwag().join("data.key")),
        flags: None,
        allow_network: vec![network.parse().map_err(|error| anyhow!("{network}: {error}"))?],
        name_servers: None,
        root_token: Some(root_token.clone()),
        settings,
        outside: crate::config::OutsideConfig::default(),
    })
}

/// Finds or makes what the platform needs in Wigwag, and what it knows itself.
fn world(
    folder: &Folder,
    operator: Http,
    doors: Http,
    port: u16,
    signing_token: &Secret<String>,
) -> Result<Arc<World>> {
    let prepared = setup::prepare(&operator, folder, &setup::ReceiverAt { port, signing_token })?;
    let outbox = |place: Place| Outbox::open(place, &folder.platform(&format!("{}.outbox", place.slug())));
    let world = World::new(Beginning {
        platform: prepared.platform,
        operator,
        receiver: doors,
        known: prepared.known,
        outboxes: PerPlace::try_make(outbox)?,
        story: Story::open(folder.platform("story.json"))?,
    });
    watch::look(&world);
    Ok(Arc::new(world))
}

fn threads(world: &Arc<World>, stop: &Stop) -> Result<Vec<thread::JoinHandle<()>>> {
    let mut threads = vec![start_thread("watch", world, stop, watch::watch)?];
    for place in Place::ALL {
        let publish = move |world: &World, stop: &Stop| publish::publish(world, place, stop);
        threads.push(start_thread(place.slug(), world, stop, publish)?);
    }
    Ok(threads)
}

fn start_thread(
    name: &str,
    world: &Arc<World>,
    stop: &Stop,
    work: impl FnOnce(&World, &Stop) + Send + 'static,
) -> Result<thread::JoinHandle<()>> {
    let (world, stop) = (world.clone(), stop.clone());
    let started = thread::Builder::new().name(name.to_owned()).spawn(move || work(&world, &stop));
    started.context("cannot start a thread")
}

/// 64 random characters, which are also base64.
fn random() -> String {
    SystemEntropy::new().secret().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
