use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Arrived {
    pub(crate) id: String,
    /// The event's chain.
    pub(crate) chain: String,
    /// Path and query.
    pub(crate) path: String,
    /// The headers that a hook's owner may have set: those whose names begin with `x-own-`, and `authorization`.
    pub(crate) own: Vec<String>,
    pub(crate) body: Bytes,
}

/// A receiver on a free port. It answers with `status`, once its gate lets it.
pub(crate) struct Receiver {
    pub(crate) url: String,
    arrivals: mpsc::UnboundedReceiver<Arrived>,
    status: Arc<AtomicU16>,
    next: Arc<Mutex<VecDeque<u16>>>,
    says: Arc<Mutex<Says>>,
    gate: Arc<Semaphore>,
}

/// The headers and the body of an answer.
type Says = (Vec<(&'static str, String)>, Bytes);

#[derive(Clone)]
struct Behaviour {
    arrivals: mpsc::UnboundedSender<Arrived>,
    status: Arc<AtomicU16>,
    next: Arc<Mutex<VecDeque<u16>>>,
    says: Arc<Mutex<Says>>,
    gate: Arc<Semaphore>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, arrivals) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(200));
        let gate = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let (next, says) = (Arc::default(), Arc::default());
        let behaviour = Behaviour {
            arrivals: sender,
            status: status.clone(),
            next: Arc::clone(&next),
            says: Arc::clone(&says),
            gate: gate.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let behaviour = behaviour.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(behaviour.clone(), request));
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { url, arrivals, status, next, says, gate }
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The next requests get these answers, one each, before the usual one.
    pub(crate) fn answer_next_with(&self, statuses: &[u16]) {
        self.next.lock().unwrap().extend(statuses);
    }

    /// Every answer has these headers and this body.
    pub(crate) fn say(&self, headers: &[(&'static str, &str)], body: impl Into<Bytes>) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        *self.says.lock().unwrap() = (headers, body.into());
    }

    /// Requests arrive and get no answer until [`Receiver::open`].
    pub(crate) fn close(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn open(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) async fn next(&mut self) -> Arrived {
        self.arrivals.recv().await.unwrap()
    }

    /// What has arrived and was not looked at.
    pub(crate) fn seen(&mut self) -> Vec<Arrived> {
        std::iter::from_fn(|| self.arrivals.try_recv().ok()).collect()
    }
}

async fn answer(
    behaviour: Behaviour,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // Requests that are no deliveries have neither.
    let header = |name: &str| {
        request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let (id, chain) = (header("idempotency-key"), header("x-gitlab-event-uuid"));
    let path = request.uri().path_and_query().unwrap().to_string();
    let own = request
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-own-") || name.as_str() == "authorization");
    let own = own.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let _ = behaviour.arrivals.send(Arrived { id, chain, path, own, body });
    let _permit = behaviour.gate.acquire().await.unwrap();
    let next = behaviour.next.lock().unwrap().pop_front();
    let status = next.unwrap_or_else(|| behaviour.status.load(Ordering::SeqCst));
    let (headers, body) = behaviour.says.lock().unwrap().clone();
    let response = headers
        .into_iter()
        .fold(Response::builder().status(status), |response, (name, value)| response.header(name, value));
    Ok(response.body(Full::new(body)).unwrap())
}
