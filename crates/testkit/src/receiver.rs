use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long a test waits for a delivery before it fails.
const ARRIVES_WITHIN: Duration = Duration::from_secs(15);

/// What a receiver does with the next requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// Answers this status.
    Status(u16),
    /// Answers this status with a header and a body.
    With(u16, (&'static str, String), String),
    /// Takes the request and never answers.
    Hang,
    /// Takes the request and answers 200 once it is released.
    Wait,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// Path and query.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Received {
    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A receiver of hooks on loopback.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    arrived: mpsc::UnboundedReceiver<Received>,
    served: JoinHandle<()>,
}

struct Shared {
    reply: Mutex<Reply>,
    arrivals: mpsc::UnboundedSender<Received>,
    released: watch::Sender<bool>,
}

impl Receiver {
    /// Starts one that answers 200.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let reply = Mutex::new(Reply::Status(200));
        let shared = Arc::new(Shared { reply, arrivals, released: watch::Sender::new(false) });
        let router = Router::new().fallback(receive).with_state(shared.clone());
        let served = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self { address, shared, arrived, served }
    }

    /// Where it listens: `http://127.0.0.1:PORT/hook`.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What it does from now on.
    pub fn replies(&self, reply: Reply) {
        *self.shared.reply.lock() = reply;
    }

    /// Lets every request be answered that [`Reply::Wait`] keeps waiting, now and later.
    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }

    /// The next request that arrives, or arrived and was not taken yet.
    ///
    /// # Panics
    /// If none does.
    pub async fn next(&mut self) -> Received {
        let arrived = tokio::time::timeout(ARRIVES_WITHIN, self.arrived.recv()).await;
        arrived.expect("a delivery should have arrived").expect("the receiver runs")
    }

    /// A request that arrived and was not taken yet, if there is one.
    pub fn lies_here(&mut self) -> Option<Received> {
        self.arrived.try_recv().ok()
    }

    /// Whether nothing lies here that was not taken yet.
    pub fn is_quiet(&mut self) -> bool {
        self.lies_here().is_none()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.served.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let reply = shared.reply.lock().clone();
    let _ = shared.arrivals.send(Received { uri, headers, body });
    match reply {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::With(status, header, body) => {
            (StatusCode::from_u16(status).unwrap(), [header], body).into_response()
        }
        Reply::Hang => std::future::pending().await,
        Reply::Wait => {
            let released = shared.released.subscribe().wait_for(|released| *released).await.is_ok();
            if released { StatusCode::OK.into_response() } else { std::future::pending().await }
        }
    }
}
