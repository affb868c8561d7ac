//! What the layers below say, in the words of [`EgressError`].

use std::io;
use std::net::SocketAddr;
use wigwag_ports::egress::EgressError;

// Numbers of Linux (asm-generic/errno.h) that `io::ErrorKind` has no stable name for.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const ENOBUFS: i32 = 105;

/// Whether the failure is for want of something on this machine.
pub(crate) fn exhausted(error: &io::Error) -> Option<EgressError> {
    match error.raw_os_error() {
        Some(EMFILE | ENFILE) => return Some(EgressError::OutOfResources("file descriptors")),
        Some(ENOBUFS) => return Some(EgressError::OutOfResources("memory")),
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::OutOfMemory => Some(EgressError::OutOfResources("memory")),
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse => {
            Some(EgressError::OutOfResources("local ports"))
        }
        _ => None,
    }
}

/// Why no TCP connection came about.
pub(crate) fn connect(error: &io::Error, peer: SocketAddr) -> EgressError {
    if let Some(ours) = exhausted(error) {
        return ours;
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => EgressError::Refused(peer.to_string()),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => EgressError::NetworkUnreachable,
        // A packet filter of this machine.
        io::ErrorKind::PermissionDenied => EgressError::NetworkUnreachable,
        io::ErrorKind::HostUnreachable | io::ErrorKind::TimedOut => {
            EgressError::HostUnreachable(peer.to_string())
        }
        _ => EgressError::ConnectionLost,
    }
}

/// Why the TLS handshake failed.
pub(crate) fn handshake(error: &io::Error) -> EgressError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)) => EgressError::NoTls,
        Some(reason) => EgressError::Tls(reason.to_string()),
        None => EgressError::ConnectionLost,
    }
}

/// Why hyper gave up an exchange.
pub(crate) fn exchange(error: &hyper::Error) -> EgressError {
    if error.is_parse_too_large() {
        return EgressError::Protocol("its head has too many headers or is too large".to_owned());
    }
    if error.is_parse() {
        return EgressError::Protocol(with_cause(error));
    }
    match cause::<io::Error>(error) {
        Some(broken)
            if broken.kind() == io::ErrorKind::InvalidInput
                || broken.kind() == io::ErrorKind::InvalidData =>
        {
            // hyper's chunk decoder reports through the IO error kind.
            EgressError::Protocol(broken.to_string())
        }
        Some(broken) => exhausted(broken).unwrap_or(EgressError::ConnectionLost),
        None => EgressError::ConnectionLost,
    }
}

fn with_cause(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn cause<E: std::error::Error + 'static>(error: &hyper::Error) -> Option<&E> {
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(errno: i32, expected: &str) {
        let error = connect(&io::Error::from_raw_os_error(errno), SocketAddr::from(([8, 8, 4, 4], 80)));
        let side = if error.is_ours() { "ours" } else { "theirs" };
        assert_eq!(format!("{side}: {error}"), expected, "errno {errno}");
    }

    #[test]
    fn what_is_our_own_failure_counts_against_nobody() {
        check(12, "ours: this machine is out of memory");
        check(23, "ours: this machine is out of file descriptors");
        check(24, "ours: this machine is out of file descriptors");
        check(98, "ours: this machine is out of local ports");
        check(99, "ours: this machine is out of local ports");
        check(100, "ours: the network is unreachable from this machine");
        check(101, "ours: the network is unreachable from this machine");
        check(104, "theirs: the connection was closed before the answer was complete");
        check(105, "ours: this machine is out of memory");
        check(110, "theirs: no way to the host 8.8.4.4:80. Is the receiver's machine running?");
        check(111, "theirs: connection refused by 8.8.4.4:80. Is the receiver running, and on this port?");
        check(113, "theirs: no way to the host 8.8.4.4:80. Is the receiver's machine running?");
    }
}
