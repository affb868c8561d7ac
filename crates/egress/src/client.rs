//! The client: resolve, judge, reuse or connect, exchange.

use crate::answer::{self, Rest};
use crate::config::{Config, Origin, SetupError};
use crate::connect::{self, Deadline};
use crate::connection::{Connection, Scheme};
use crate::fault::Fault;
use crate::limits::{ANSWER_BYTES_BESIDE_BODY_MAX, JUDGE_DEADLINE};
use crate::names::{Names, Resolved};
use crate::pool::Pool;
use crate::progress::{Phase, Progress};
use crate::rules::Rules;
use crate::tls::Connectors;
use crate::{errors, identity, request, target};
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use wigwag_base::Secret;
use wigwag_ports::egress::{Answer, Egress, EgressError, Identity, IdentityError, Keep, Outgoing, Target};

/// The client of the product; one serves every outgoing request, so that idle connections and resolved names are
/// shared. Used inside a tokio runtime.
pub struct Client {
    config: Config,
    rules: Rules,
    names: Names,
    connectors: Connectors,
    pool: Arc<Pool>,
    fault: Fault,
}

impl Client {
    /// Makes a client.
    ///
    /// # Errors
    /// [`SetupError`] when a root certificate or the resolver's configuration cannot be used.
    pub fn new(config: &Config) -> Result<Self, SetupError> {
        Ok(Self {
            config: config.clone(),
            rules: Rules::new(config),
            names: Names::new(config)?,
            connectors: Connectors::new(config)?,
            pool: Pool::new(),
            fault: Fault::from_environment(),
        })
    }

    /// Judges a place and, where it is one, its address, without asking a name server.
    pub(crate) fn judge_literal(&self, target: &Target) -> Result<(), EgressError> {
        self.rules.judge_place(target)?;
        target.literal.map_or(Ok(()), |literal| self.rules.judge(literal, target.port))
    }

    /// The addresses of a place that may be connected to, for what speaks another protocol than HTTP.
    pub(crate) async fn judged(
        &self,
        target: &Target,
        deadline: Duration,
    ) -> Result<Vec<IpAddr>, EgressError> {
        match tokio::time::timeout(deadline, self.admit(target, deadline)).await {
            Ok(admitted) => Ok(admitted?.addresses().to_vec()),
            Err(_) => Err(self.names.silence(deadline)),
        }
    }

    /// The addresses of `target`, every one judged.
    async fn admit(&self, target: &Target, deadline: Duration) -> Result<Admitted, EgressError> {
        self.rules.judge_place(target)?;
        if let Some(literal) = target.literal {
            self.rules.judge(literal, target.port)?;
            return Ok(Admitted::Literal(literal));
        }
        let resolved = self.names.resolve(&target.host, deadline).await?;
        self.rules.judge_all(&resolved.addresses, target.port)?;
        self.settle(target, resolved, deadline).await
    }

    /// The resolution that was judged is the one that is connected to.
    #[cfg(not(feature = "planted-faults"))]
    async fn settle(&self, _: &Target, judged: Arc<Resolved>, _: Duration) -> Result<Admitted, EgressError> {
        let Fault::None = self.fault;
        Ok(Admitted::Named(judged))
    }

    #[cfg(feature = "planted-faults")]
    async fn settle(
        &self,
        target: &Target,
        judged: Arc<Resolved>,
        deadline: Duration,
    ) -> Result<Admitted, EgressError> {
        match self.fault {
            Fault::None | Fault::ReadEndlessly => Ok(Admitted::Named(judged)),
            Fault::ResolveTwice => {
                Ok(Admitted::Named(self.names.resolve_again(&target.host, deadline).await?))
            }
        }
    }

    async fn exchange(
        &self,
        outgoing: &Outgoing,
        progress: &Progress,
        deadline: Deadline,
    ) -> Result<Answer, EgressError> {
        let target = &*outgoing.target;
        let mut request = request::build(outgoing)?;
        let admitted = self.admit(target, deadline.whole).await?;
        let addresses = admitted.addresses();
        let scheme = match target.tls {
            true => Scheme::Tls(outgoing.certificate, outgoing.identity.as_ref().map(|own| own.fingerprint)),
            false => Scheme::Plain,
        };
        if let Some(connection) = self.reusable(target, scheme, addresses) {
            match self.run(connection, request, outgoing.keep, progress).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Other(error)) => return Err(error),
                Err(Failure::Silent(_)) => request = request::build(outgoing)?,
            }
        }
        let connection =
            connect::open(&self.connectors, outgoing, scheme, addresses, progress, deadline).await?;
        self.run(connection, request, outgoing.keep, progress).await.map_err(Failure::into_error)
    }

    fn reusable(&self, target: &Target, scheme: Scheme, addresses: &[IpAddr]) -> Option<Connection> {
        addresses
            .iter()
            .find_map(|address| self.pool.take(SocketAddr::new(*address, target.port), scheme, &target.host))
    }

    async fn run(
        &self,
        mut connection: Connection,
        request: Request<Full<Bytes>>,
        keep: Keep,
        progress: &Progress,
    ) -> Result<Answer, Failure> {
        progress.enter(Phase::Waiting);
        let reads = connection.reads();
        connection.allow(answer::body_bytes_max(keep) + ANSWER_BYTES_BESIDE_BODY_MAX);
        let response = match connection.sender.send_request(request).await {
            Ok(response) => response,
            Err(_) if connection.is_overrun() => return Err(Failure::Other(too_much())),
            Err(failed) => {
                return Err(match errors::exchange(&failed) {
                    lost @ EgressError::ConnectionLost if connection.reads() == reads => {
                        Failure::Silent(lost)
                    }
                    error => Failure::Other(error),
                });
            }
        };
        progress.enter(Phase::Reading);
        let read = answer::read(response, keep, || connection.is_overrun()).await;
        let (answer, rest) = read.map_err(|error| {
            Failure::Other(if connection.is_overrun() { too_much() } else { errors::exchange(&error) })
        })?;
        if rest == Rest::Nothing {
            self.pool.put(connection);
        }
        Ok(answer)
    }
}

#[async_trait]
impl Egress for Client {
    fn target(&self, url: &str) -> Result<Arc<Target>, EgressError> {
        let target = target::parse(url)?;
        self.judge_literal(&target)?;
        Ok(Arc::new(target))
    }

    fn only(&self, url: &str) -> Result<Arc<dyn Egress>, EgressError> {
        let Target { host, port, .. } = target::parse(url)?;
        let config = Config { only: Some(Origin { host, port }), ..self.config.clone() };
        let client = Self::new(&config).map_err(|error| EgressError::BadUrl(error.to_string()))?;
        client.target(url)?;
        Ok(Arc::new(client))
    }

    fn identity(&self, certificate: &str, key: &Secret<String>) -> Result<Arc<Identity>, IdentityError> {
        identity::read(certificate, key).map(Arc::new)
    }

    async fn judge(&self, target: &Target) -> Result<(), EgressError> {
        match tokio::time::timeout(JUDGE_DEADLINE, self.admit(target, JUDGE_DEADLINE)).await {
            Ok(Err(refused @ EgressError::Forbidden { .. })) => Err(refused),
            _ => Ok(()),
        }
    }

    async fn send(&self, request: Outgoing) -> Result<Answer, EgressError> {
        let started = Instant::now();
        let deadline = Deadline { at: started + request.deadline, whole: request.deadline };
        let progress = Progress::new();
        match tokio::time::timeout_at(deadline.at, self.exchange(&request, &progress, deadline)).await {
            Ok(Ok(mut answer)) => {
                answer.duration = started.elapsed();
                Ok(answer)
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(match progress.phase() {
                Phase::Resolving => self.names.silence(request.deadline),
                phase => EgressError::TimedOut { phase: phase.name(), deadline: request.deadline },
            }),
        }
    }
}

fn too_much() -> EgressError {
    EgressError::Protocol("it brings far more bytes than an answer has".to_owned())
}

/// Addresses that may be connected to.
enum Admitted {
    Literal(IpAddr),
    Named(Arc<Resolved>),
}

impl Admitted {
    fn addresses(&self) -> &[IpAddr] {
        match self {
            Self::Literal(address) => std::slice::from_ref(address),
            Self::Named(resolved) => &resolved.addresses,
        }
    }
}

/// Why a connection gave no answer.
enum Failure {
    /// It closed before a byte of the answer came. If it had lain idle, the receiver most likely closed it meanwhile,
    /// and the request may be sent once more: deliveries are at least once.
    Silent(EgressError),
    /// Anything else.
    Other(EgressError),
}

impl Failure {
    fn into_error(self) -> EgressError {
        match self {
            Self::Silent(error) | Self::Other(error) => error,
        }
    }
}
