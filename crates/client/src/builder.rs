//! What a client is told before it starts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use wigwag_base::Secret;

use crate::client::Client;
use crate::decision::Source;
use crate::disk::{
    OverrideFile, Saved, read_bootstrap, read_bootstrap_file, read_snapshot_file, watch_override_file,
};
use crate::health::Connection;
use crate::http::Server;
use crate::limits::{EXPOSURES_EVERY, EXPOSURES_EVERY_MIN};
use crate::shared::Shared;
use crate::stop::Stop;
use crate::worker::Work;

/// What a client is told before it starts; begun by [`Client::builder`](crate::Client::builder). Everything but the
/// URL may be left out.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before connect"]
pub struct Builder {
    server: Server,
    snapshot_file: Option<PathBuf>,
    bootstrap: Option<Bootstrap>,
    override_file: Option<PathBuf>,
    exposures_every: Option<Duration>,
}

/// Where the flags come from as long as nothing else is known.
#[derive(Clone, Debug)]
pub enum Bootstrap {
    /// The JSON of `GET /v1/flags/snapshot`, or the bytes of a snapshot file.
    Bytes(Vec<u8>),
    /// The file that holds these.
    File(PathBuf),
}

impl From<Vec<u8>> for Bootstrap {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Bootstrap {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Bootstrap {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<PathBuf> for Bootstrap {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Bootstrap {
    fn from(path: &Path) -> Self {
        Self::File(path.to_path_buf())
    }
}

impl Builder {
    pub(crate) fn new(url: String) -> Self {
        let server = Server { url, token: None, authorities: None, environment: None };
        let exposures_every = Some(EXPOSURES_EVERY);
        Self { server, snapshot_file: None, bootstrap: None, override_file: None, exposures_every }
    }

    /// Who the program is to the server: a token of scope `flags:read`.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.server.token = Some(Secret::new(token.into()));
        self
    }

    /// Whose flags: an environment's name. Without one it is the token's, or else the server's own.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.server.environment = Some(environment.into());
        self
    }

    /// Certificate authorities, in PEM, to trust besides the machine's.
    pub fn certificate_authorities(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.server.authorities = Some(pem.into());
        self
    }

    /// Keeps the last good snapshot in this file, and begins with it if the server is away when the program starts. One
    /// file belongs to one program; its folder must exist and be writable. A file that is damaged, or of another
    /// environment, is ignored and overwritten.
    pub fn snapshot_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.snapshot_file = Some(path.into());
        self
    }

    /// Begins with this snapshot if there is no snapshot file: bytes that were built in, or a file that came with the
    /// program. Either the JSON of `GET /v1/flags/snapshot` or a copy of a snapshot file.
    pub fn bootstrap(mut self, bootstrap: impl Into<Bootstrap>) -> Self {
        self.bootstrap = Some(bootstrap.into());
        self
    }

    /// Switches off at once what this file names, whether the server is there or not; it can switch nothing on. It need
    /// not exist, and is looked at every 50 ms: a flag's name on each line, or the JSON that a server keeps its own
    /// overrides in (`{"overrides": [{"flag": "new_checkout"}]}`).
    pub fn override_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.override_file = Some(path.into());
        self
    }

    /// How often the counts of decisions are reported; every 10 s unless set, every 100 ms at most.
    pub fn report_exposures_every(mut self, every: Duration) -> Self {
        self.exposures_every = Some(every.max(EXPOSURES_EVERY_MIN));
        self
    }

    /// Keeps the counts of decisions to itself.
    pub fn without_exposures(mut self) -> Self {
        self.exposures_every = None;
        self
    }

    /// Starts the client. Reads what files there are, and waits for nothing else: the stream is opened beside the
    /// program, and answers come from the files or the caller's defaults until it is there. It never fails; what is
    /// wrong is in [`Client::health`](crate::Client::health) and in the log.
    pub fn connect(self) -> Client {
        let (client, work) = self.prepare();
        let shared = work.shared.clone();
        if let Err(error) = work.start() {
            let why = format!("the machine gives no thread: {error}");
            tracing::error!("flags come from no server: {why}");
            shared.lose(Connection::Stopped { why });
        }
        client
    }

    /// The client, and what must run beside it.
    pub(crate) fn prepare(self) -> (Client, Work) {
        let shared = Arc::new(Shared::new());
        let (stop, stopping) = Stop::new();
        let (done, ended) = watch::channel(());
        self.begin_with_files(&shared);
        let watching = self.watch_overrides(&shared);
        let work = Work {
            shared: shared.clone(),
            server: self.server,
            snapshot_file: self.snapshot_file,
            exposures_every: self.exposures_every,
            stopping,
            done,
        };
        (Client::new(shared, stop, ended, watching), work)
    }

    fn begin_with_files(&self, shared: &Shared) {
        let asked = self.server.environment.as_deref();
        let from_file = self.snapshot_file.as_ref().and_then(|path| {
            let read = read_snapshot_file(path, asked);
            read.unwrap_or_else(|why| ignored(shared, "the snapshot file is ignored", &why))
        });
        let begin = |saved: Saved, source| shared.begin_with(saved.known, source, saved.right);
        if let Some(saved) = from_file {
            return begin(saved, Source::SnapshotFile);
        }
        let read = match &self.bootstrap {
            Some(Bootstrap::Bytes(bytes)) => read_bootstrap(bytes).map(Some),
            Some(Bootstrap::File(path)) => read_bootstrap_file(path).map(Some),
            None => Ok(None),
        };
        let bootstrap = read.unwrap_or_else(|why| ignored(shared, "the bootstrap is ignored", &why));
        if let Some(saved) = bootstrap {
            begin(saved, Source::Bootstrap);
        }
    }

    /// Looks at the override file once, so that it holds from the first decision on, and then beside the program. The
    /// sender keeps that going.
    fn watch_overrides(&self, shared: &Arc<Shared>) -> Option<mpsc::Sender<()>> {
        let mut file = OverrideFile::new(self.override_file.clone()?, self.server.environment.clone());
        file.look(shared);
        let (watching, gone) = mpsc::channel();
        let theirs = shared.clone();
        let watch = move || watch_override_file(file, theirs, &gone);
        if let Err(error) = thread::Builder::new().name("wigwag-overrides".to_owned()).spawn(watch) {
            let why = format!("it is not watched, the machine gives no thread: {error}");
            tracing::error!("the override file: {why}");
            shared.set_health(|health| health.override_file = Some(why));
        }
        Some(watching)
    }
}

fn ignored<T>(shared: &Shared, what: &str, why: &str) -> Option<T> {
    tracing::warn!("{what}: {why}");
    shared.set_health(|health| health.snapshot_file = Some(format!("{what}: {why}")));
    None
}
