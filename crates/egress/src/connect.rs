//! Opens connections to judged addresses, and to nothing else.

use crate::connection::{Connection, Scheme};
use crate::errors;
use crate::limits::CONNECT_ADDRESSES_MAX;
use crate::progress::{Phase, Progress};
use crate::tls::Connectors;
use rustls::pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;
use wigwag_ports::egress::{EgressError, Outgoing, Target};

/// The time a request has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) whole: Duration,
}

/// Opens a connection to the first address that accepts one. Every address was judged by the caller.
pub(crate) async fn open(
    connectors: &Connectors,
    outgoing: &Outgoing,
    scheme: Scheme,
    addresses: &[IpAddr],
    progress: &Progress,
    deadline: Deadline,
) -> Result<Connection, EgressError> {
    let target = &*outgoing.target;
    progress.enter(Phase::Connecting);
    let stream = first_that_accepts(addresses, target.port, deadline).await?;
    let peer = stream.peer_addr().map_err(|_| EgressError::ConnectionLost)?;
    match scheme {
        Scheme::Plain => Connection::start(stream, peer, scheme, &target.host).await,
        Scheme::Tls(check, _) => {
            progress.enter(Phase::Handshaking);
            let name = server_name(target)?;
            let connector = connectors.of(check, outgoing.identity.as_deref())?;
            let connect = connector.connect(name, stream);
            let stream = connect.await.map_err(|error| errors::handshake(&error))?;
            Connection::start(stream, peer, scheme, &target.host).await
        }
    }
    .map_err(|error| errors::exchange(&error))
}

fn server_name(target: &Target) -> Result<ServerName<'static>, EgressError> {
    match target.literal {
        Some(address) => Ok(ServerName::IpAddress(address.into())),
        None => ServerName::try_from(target.host.clone())
            .map_err(|_| EgressError::Tls(format!("{} is no name that a certificate can have", target.host))),
    }
}

async fn first_that_accepts(
    addresses: &[IpAddr],
    port: u16,
    deadline: Deadline,
) -> Result<TcpStream, EgressError> {
    let tried = &addresses[..addresses.len().min(CONNECT_ADDRESSES_MAX)];
    let mut failure = EgressError::NetworkUnreachable;
    for (index, address) in tried.iter().enumerate() {
        let peer = SocketAddr::new(*address, port);
        let left = tried.len() - index;
        let result = if left == 1 {
            tcp(peer).await
        } else {
            // Whoever does not answer uses up its share of the time, not the others'.
            let share =
                deadline.at.saturating_duration_since(Instant::now()) / u32::try_from(left).unwrap_or(1);
            let timed_out =
                EgressError::TimedOut { phase: Phase::Connecting.name(), deadline: deadline.whole };
            tokio::time::timeout(share, tcp(peer)).await.unwrap_or(Err(timed_out))
        };
        match result {
            Ok(stream) => return Ok(stream),
            Err(ours @ EgressError::OutOfResources(_)) => return Err(ours),
            // A family that this machine has no route for says nothing about the receiver.
            Err(EgressError::NetworkUnreachable) => {}
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn tcp(peer: SocketAddr) -> Result<TcpStream, EgressError> {
    let stream = TcpStream::connect(peer).await.map_err(|error| errors::connect(&error, peer))?;
    let reached = stream.peer_addr().map_err(|_| EgressError::ConnectionLost)?;
    if (reached.ip(), reached.port()) != (peer.ip(), peer.port()) {
        return Err(EgressError::Forbidden {
            address: reached.ip(),
            network: reached.to_string(),
            what: "another address than the one that was judged",
            advice: "Tell the operator: something on this machine redirects connections",
        });
    }
    // Requests go out in one write; waiting for more would only delay them.
    stream.set_nodelay(true).map_err(|_| EgressError::ConnectionLost)?;
    Ok(stream)
}
