//! Running a server: everything is wired here, started in order and stopped in order.

use crate::clock::SystemClock;
use crate::config::{self, Config};
use crate::entropy::SystemEntropy;
use crate::limits::CONNECTIONS_END;
use crate::overrides::{self, NodeOverrides};
use crate::{cli::ServeOptions, connections, data_folder, data_key, exit, outside, terminal};
use anyhow::{Context, Result, anyhow};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wigwag_base::Secret;
use wigwag_definitions::FolderSource;
use wigwag_engine::{Engine, Parts};
use wigwag_ports::maintenance::Maintenance;
use wigwag_ports::{Clock, DefinitionSource, Egress};
use wigwag_repository::GitRepository;

/// Runs until a signal or a fatal error ends it.
pub(crate) fn run(options: ServeOptions) -> Result<()> {
    log_to_stderr();
    let config = config::load(options).map_err(|error| exit::Usage(format!("{error:#}")))?;
    runtime()?.block_on(async {
        // Heard from the beginning: whoever reads that the server listens may stop it at once.
        let signal = signal();
        let server = Server::start(config).await?;
        server.announce();
        let end = tokio::select! {
            reason = server.engine.fatal() => Err(anyhow!(exit::Fatal(reason))),
            () = signal => Ok(()),
        };
        match end {
            Ok(()) => server.stop().await,
            Err(error) => Err(error),
        }
    })
}

/// The runtime that everything runs on.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Libraries that say nothing, however much `WIGWAG_LOG` asks for.
const QUIET: [&str; 3] = ["hickory_resolver=off", "hickory_proto=off", "hickory_net=off"];

/// Errors and warnings go to standard error; `WIGWAG_LOG` says more (`info`, `debug`, `wigwag_engine=debug`).
pub(crate) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WIGWAG_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // The resolver's lines name hosts, and a part of a hook's host may be secret. What matters of them is in the attempt.
    let filter = QUIET.iter().fold(filter, |filter, quiet| match quiet.parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    });
    let colours = terminal::shows_colours(&std::io::stderr());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours);
    let _ = lines.with_writer(std::io::stderr).try_init();
}

/// Listens for SIGINT and SIGTERM from now on; the future ends at the first of them.
pub(crate) fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        let (Ok(mut interrupt), Ok(mut terminate)) = heard else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// A running server.
pub(crate) struct Server {
    /// Its engine.
    pub(crate) engine: Engine,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    made_token: Option<Secret<String>>,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Opens the store, starts the engine and listens. Nothing listens before everything else is ready.
    pub(crate) async fn start(config: Config) -> Result<Self> {
        let listen = config.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!(
                "cannot listen on {listen}; if another process does, stop it or choose another with --listen"
            )
        })?;
        let address = listener.local_addr()?;
        let settings = wigwag_engine::Settings {
            external_url: config.settings.external_url.replace(&listen.to_string(), &address.to_string()),
            ..config.settings
        };
        let egress_config = wigwag_egress::Config {
            allow: config.allow_network,
            listen_addresses: vec![address],
            name_servers: config.name_servers,
            ..wigwag_egress::Config::default()
        };
        let egress: Arc<dyn Egress> = Arc::new(wigwag_egress::Client::new(&egress_config)?);
        let mut outside = config.outside;
        let repository = outside.repository.take();
        // Before anything is written: a wrong setting leaves nothing behind.
        let wired =
            outside::wire(outside, &settings.external_url, &egress, &egress_config, &settings.notices);
        let mut outside = wired.map_err(|error| exit::Usage(format!("{error:#}")))?;
        data_folder::prepare(&config.data)?;
        let entropy = Arc::new(SystemEntropy::new());
        let store = data_key::open_store(&config.data_key, &data_folder::database(&config.data), &*entropy)?;
        let high_water = store.time_high_water(SystemClock::of_machine()).await?;
        let overrides = NodeOverrides::new(overrides::path(&config.data), &settings.environment);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::after(high_water));
        let exported = repository.as_ref().and_then(GitRepository::definitions_folder);
        if let Some(repository) = repository {
            outside.repository = Some(outside::repository(repository, clock.clone())?);
        }
        let root_key = store.root_key().clone();
        let parts = Parts {
            store: Arc::new(store),
            egress,
            clock,
            entropy,
            overrides: Some(Arc::new(overrides)),
            definitions: config.flags.into_iter().chain(exported).map(definitions).collect(),
            settings,
            outside,
            root_key,
        };
        let engine = Engine::start(parts).await?;
        let made_token = engine.ensure_root(config.root_token).await?.made;
        let routes = wigwag_api::router(engine.clone()).merge(wigwag_pages::router(engine.clone()));
        let router = wigwag_api::finish(routes);
        let (stop, stopped) = oneshot::channel::<()>();
        let bounds = connections::Bounds::of_server(engine.settings().delivery_deadline);
        let served = tokio::spawn(connections::serve(listener, router, bounds, stopped));
        Ok(Self { engine, address, made_token, stop, served })
    }

    /// Says that the server is ready, and the token that was made, once.
    #[allow(clippy::print_stdout, reason = "the one line that scripts wait for")]
    pub(crate) fn announce(&self) {
        if let Some(token) = &self.made_token {
            println!("root token (shown once): {}", token.expose());
        }
        println!("listening on http://{}", self.address);
    }

    /// Accepts nothing more, ends what is under way, writes every result, closes the store.
    pub(crate) async fn stop(self) -> Result<()> {
        tracing::info!("stopping: waiting for what is under way");
        let _ = self.stop.send(());
        self.engine.stop().await?;
        let mut served = self.served;
        if tokio::time::timeout(CONNECTIONS_END, &mut served).await.is_err() {
            served.abort();
        }
        Ok(())
    }
}

/// A folder of definitions as the engine asks it.
fn definitions(folder: PathBuf) -> Arc<dyn DefinitionSource> {
    Arc::new(FolderSource::new(folder))
}
