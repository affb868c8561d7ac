//! What the operator chooses about outgoing requests.

use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// How a [`crate::Client`] is set up.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Networks that are opened although they are not public (`--allow-network`).
    pub allow: Vec<AllowedNetwork>,
    /// The addresses that this server listens on: never reached by a hook, whatever is opened. An unspecified address
    /// (`0.0.0.0`, `::`) stands for every address of this machine.
    pub listen_addresses: Vec<SocketAddr>,
    /// The name servers to ask; `None` takes the system's (`/etc/resolv.conf`, else 127.0.0.1 as libc does).
    pub name_servers: Option<Vec<SocketAddr>>,
    /// The one host and port that may be reached, wherever they lie; then nothing else may, and `allow` does not count.
    pub only: Option<Origin>,
    /// PEM texts of certificates that are trusted beside the public roots.
    pub extra_roots: Vec<Vec<u8>>,
}

/// Where one server is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The host as it stands in a target: lower case, IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// A network that the operator opens, on one port or on all: `10.0.0.0/8`, `10.1.2.3:8080`, `fd00::/8:443`,
/// `[::1]:8080`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllowedNetwork {
    /// The network.
    pub net: IpNet,
    /// The port, or every port.
    pub port: Option<u16>,
}

/// The text is no network; says what one looks like.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{0:?} is no network. Write CIDR or CIDR:PORT, such as 10.0.0.0/8, 192.168.1.7:8080, fd00::/8 or [::1]:8080"
)]
pub struct AllowedNetworkError(String);

impl FromStr for AllowedNetwork {
    type Err = AllowedNetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_allowed(text.trim()).ok_or_else(|| AllowedNetworkError(text.to_owned()))
    }
}

impl std::fmt::Display for AllowedNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.net),
            None => write!(f, "{}", self.net),
        }
    }
}

fn parse_allowed(text: &str) -> Option<AllowedNetwork> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(AllowedNetwork {
            net: canonical(IpNet::from(address.ip()))?,
            port: Some(address.port()),
        });
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(AllowedNetwork { net: canonical(IpNet::from(address))?, port: None });
    }
    let (address, rest) = text.split_once('/')?;
    let (prefix, port) = match rest.split_once(':') {
        Some((prefix, port)) => (prefix, Some(port.parse().ok()?)),
        None => (rest, None),
    };
    let address: IpAddr = address.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    let net = canonical(IpNet::new(address, prefix.parse().ok()?).ok()?)?;
    Some(AllowedNetwork { net, port })
}

/// Addresses are judged unmapped, so a network of IPv4-mapped addresses would open nothing: it is no network here.
fn canonical(net: IpNet) -> Option<IpNet> {
    match net {
        IpNet::V6(v6) if v6.addr().to_ipv4_mapped().is_some() => None,
        other => Some(other.trunc()),
    }
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A root certificate cannot be read.
    #[error("a root certificate is no valid PEM: {0}. Give a file with BEGIN CERTIFICATE blocks")]
    Root(String),
    /// The resolver cannot be made.
    #[error("the name resolver cannot be set up: {0}. Check /etc/resolv.conf or the name servers given")]
    Resolver(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = text.parse::<AllowedNetwork>().map_or_else(|_| "error".to_owned(), |net| net.to_string());
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn networks_are_read_with_and_without_a_port() {
        check("10.0.0.0/8", "10.0.0.0/8");
        check("10.1.2.3/8", "10.0.0.0/8");
        check("10.0.0.0/8:8080", "10.0.0.0/8:8080");
        check("10.1.2.3", "10.1.2.3/32");
        check("10.1.2.3:80", "10.1.2.3/32:80");
        check("fd00::/8", "fd00::/8");
        check("fd00::/8:443", "fd00::/8:443");
        check("[fd00::]/8:443", "fd00::/8:443");
        check("::1", "::1/128");
        check("[::1]:80", "::1/128:80");
        check(" 127.0.0.0/8 ", "127.0.0.0/8");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "all", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/8:", "10.0.0.0/8:65536", "::ffff:0:0/96"]
        {
            check(text, "error");
        }
    }
}
