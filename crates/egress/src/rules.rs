//! Whether a request may go to an address: forbidden networks, what the operator opened, and what nothing opens.
//!
//! ```text
//! unmap IPv4 -> unspecified, metadata or our own listen address? -> never
//!            -> opened by the operator, or the one place that this client is for? -> yes, if the IPv4 inside a tunnel's address may be reached too
//!            -> in a forbidden network?  -> no
//!            -> ISATAP?                  -> as its IPv4
//!            -> yes
//! ```

use crate::config::{AllowedNetwork, Config, Origin};
use crate::networks::{
    FORBIDDEN_V4, FORBIDDEN_V6, GLOBAL_V6, METADATA_V4, METADATA_V6, NAMED_V6, embedded_v4, unmapped,
};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use wigwag_ports::egress::{EgressError, Target};

const OPENABLE: &str = "Use a public address, or ask the operator to open this network with --allow-network";
const NEVER: &str = "Use another address: no setting opens this one";

/// The rules of one client.
pub(crate) struct Rules {
    allow: Vec<AllowedNetwork>,
    only: Option<Origin>,
    own: Vec<SocketAddr>,
}

impl Rules {
    pub(crate) fn new(config: &Config) -> Self {
        let own = config
            .listen_addresses
            .iter()
            .map(|own| SocketAddr::new(unmapped(own.ip()), own.port()))
            .collect();
        Self { allow: config.allow.clone(), only: config.only.clone(), own }
    }

    /// Whether this client is for the target's place; most are for every place.
    pub(crate) fn judge_place(&self, target: &Target) -> Result<(), EgressError> {
        match &self.only {
            Some(only) if (only.host.as_str(), only.port) != (target.host.as_str(), target.port) => {
                let text = format!("only {} port {} is reached from here", only.host, only.port);
                Err(EgressError::BadUrl(text))
            }
            _ => Ok(()),
        }
    }

    /// Judges every address; the first forbidden one forbids all of them.
    pub(crate) fn judge_all(&self, addresses: &[IpAddr], port: u16) -> Result<(), EgressError> {
        addresses.iter().try_for_each(|address| self.judge(*address, port))
    }

    /// Judges one address and port.
    pub(crate) fn judge(&self, address: IpAddr, port: u16) -> Result<(), EgressError> {
        let address = unmapped(address);
        if let Some((network, what)) = never_opened(address) {
            return Err(EgressError::Forbidden { address, network, what, advice: NEVER });
        }
        if self.is_own(address, port) {
            let network = SocketAddr::new(address, port).to_string();
            return Err(EgressError::Forbidden {
                address,
                network,
                what: "this server itself",
                advice: NEVER,
            });
        }
        if !self.is_opened(address, port)
            && let Some((network, what)) = forbidden(address)
        {
            return Err(EgressError::Forbidden { address, network, what, advice: OPENABLE });
        }
        match address {
            IpAddr::V6(v6) => embedded_v4(v6).map_or(Ok(()), |inner| self.judge(IpAddr::V4(inner), port)),
            IpAddr::V4(_) => Ok(()),
        }
    }

    fn is_opened(&self, address: IpAddr, port: u16) -> bool {
        let opened = |allowed: &AllowedNetwork| {
            allowed.port.is_none_or(|open| open == port) && allowed.net.contains(&address)
        };
        self.only.is_some() || self.allow.iter().any(opened)
    }

    fn is_own(&self, address: IpAddr, port: u16) -> bool {
        self.own.iter().any(|own| {
            own.port() == port
                && (own.ip() == address || (own.ip().is_unspecified() && is_of_this_machine(address)))
        })
    }
}

/// The network that no setting opens, if `address` lies in one.
fn never_opened(address: IpAddr) -> Option<(String, &'static str)> {
    if address.is_unspecified() {
        return Some((address.to_string(), "this machine"));
    }
    match address {
        IpAddr::V4(v4) => named(METADATA_V4.iter().find(|network| network.net.contains(&v4))),
        IpAddr::V6(v6) => named(METADATA_V6.iter().find(|network| network.net.contains(&v6))),
    }
}

/// The forbidden network that `address` lies in, if any.
fn forbidden(address: IpAddr) -> Option<(String, &'static str)> {
    match address {
        IpAddr::V4(v4) => named(FORBIDDEN_V4.iter().find(|network| network.net.contains(&v4))),
        IpAddr::V6(v6) if GLOBAL_V6.contains(&v6) => {
            named(FORBIDDEN_V6.iter().find(|network| network.net.contains(&v6)))
        }
        IpAddr::V6(v6) => named(NAMED_V6.iter().find(|network| network.net.contains(&v6))),
    }
}

fn named<N: std::fmt::Display>(
    network: Option<&crate::networks::Network<N>>,
) -> Option<(String, &'static str)> {
    network.map(|network| (network.net.to_string(), network.what))
}

/// Whether this machine has the address. A datagram socket that is connected sends nothing, but shows the source
/// address the kernel would use: for an address of its own that is the address itself, or a loopback one where a whole
/// network is routed to this machine. Whoever cannot be asked counts as our own, so that running out of descriptors opens
/// nothing.
fn is_of_this_machine(address: IpAddr) -> bool {
    if address.is_loopback() {
        return true;
    }
    let any = match address {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let source = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, 9))?;
        socket.local_addr()
    });
    match source {
        Ok(source) => source.ip() == address || source.ip().is_loopback(),
        Err(error) => !matches!(
            error.kind(),
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::AddrNotAvailable
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(config: &Config, address: &str, port: u16) -> String {
        match Rules::new(config).judge(address.parse().expect("an address"), port) {
            Ok(()) => "allowed".to_owned(),
            Err(EgressError::Forbidden { network, advice, .. }) if advice == NEVER => {
                format!("never {network}")
            }
            Err(EgressError::Forbidden { network, .. }) => network,
            Err(other) => other.to_string(),
        }
    }

    fn check(address: &str, expected: &str) {
        assert_eq!(verdict(&Config::default(), address, 443), expected, "{address}");
    }

    #[test]
    fn the_table_of_ipv4_holds_at_its_edges() {
        check("0.0.0.0", "never 0.0.0.0");
        check("0.0.0.1", "0.0.0.0/8");
        check("0.255.255.255", "0.0.0.0/8");
        check("1.0.0.0", "allowed");
        check("9.255.255.255", "allowed");
        check("10.0.0.0", "10.0.0.0/8");
        check("10.255.255.255", "10.0.0.0/8");
        check("11.0.0.0", "allowed");
        check("100.63.255.255", "allowed");
        check("100.64.0.0", "100.64.0.0/10");
        check("100.127.255.255", "100.64.0.0/10");
        check("100.128.0.0", "allowed");
        check("100.100.100.200", "never 100.100.100.200/32");
        check("126.255.255.255", "allowed");
        check("127.0.0.0", "127.0.0.0/8");
        check("127.255.255.255", "127.0.0.0/8");
        check("128.0.0.0", "allowed");
        check("168.63.129.15", "allowed");
        check("168.63.129.16", "never 168.63.129.16/32");
        check("169.253.255.255", "allowed");
        check("169.254.169.254", "never 169.254.0.0/16");
        check("169.255.0.0", "allowed");
        check("172.15.255.255", "allowed");
        check("172.16.0.0", "172.16.0.0/12");
        check("172.31.255.255", "172.16.0.0/12");
        check("172.32.0.0", "allowed");
        check("192.0.0.192", "never 192.0.0.192/32");
        check("192.0.0.255", "192.0.0.0/24");
        check("192.0.1.0", "allowed");
        check("192.0.2.1", "192.0.2.0/24");
        check("192.88.99.1", "192.88.99.0/24");
        check("192.167.255.255", "allowed");
        check("192.168.0.0", "192.168.0.0/16");
        check("192.169.0.0", "allowed");
        check("198.17.255.255", "allowed");
        check("198.18.0.0", "198.18.0.0/15");
        check("198.19.255.255", "198.18.0.0/15");
        check("198.20.0.0", "allowed");
        check("198.51.100.9", "198.51.100.0/24");
        check("203.0.113.9", "203.0.113.0/24");
        check("223.255.255.255", "allowed");
        check("224.0.0.0", "224.0.0.0/4");
        check("240.0.0.0", "240.0.0.0/4");
        check("255.255.255.255", "240.0.0.0/4");
    }

    #[test]
    fn of_ipv6_only_global_unicast_is_allowed() {
        check("::", "never ::");
        check("::1", "::1/128");
        check("::10.0.0.1", "::/0");
        check("64:ff9b::808:808", "64:ff9b::/96");
        check("1fff:ffff::", "::/0");
        check("2000::", "allowed");
        check("2001:1ff:ffff::", "2001::/23");
        check("2001:200::", "allowed");
        check("2001:db8::1", "2001:db8::/32");
        check("2001:db9::", "allowed");
        check("2002:808:808::1", "2002::/16");
        check("2620:4f:8000::1", "2620:4f:8000::/48");
        check("2620:4f:8001::1", "allowed");
        check("3fff:fff::1", "3fff::/20");
        check("3fff:1000::1", "allowed");
        check("4000::", "::/0");
        check("fc00::1", "fc00::/7");
        check("fd00:ec2::254", "never fd00:ec2::254/128");
        check("fe80::1", "fe80::/10");
        check("fec0::1", "fec0::/10");
        check("ff02::1", "ff00::/8");
    }

    #[test]
    fn an_ipv4_inside_an_ipv6_is_judged_as_itself() {
        check("::ffff:8.8.8.8", "allowed");
        check("::ffff:10.0.0.1", "10.0.0.0/8");
        check("::ffff:169.254.169.254", "never 169.254.0.0/16");
        check("2600::5efe:8.8.8.8", "allowed");
        check("2600::5efe:10.0.0.1", "10.0.0.0/8");
        check("2600::200:5efe:10.0.0.1", "10.0.0.0/8");
        check("2600::300:5efe:169.254.169.254", "never 169.254.0.0/16");
    }

    fn check_opened(address: &str, port: u16, expected: &str) {
        let config = Config {
            allow: ["127.0.0.0/8:8080", "10.0.0.0/8", "0.0.0.0/0:9", "::/0:9"]
                .map(|text| text.parse().unwrap())
                .into(),
            listen_addresses: vec!["127.0.0.1:8080".parse().unwrap(), "0.0.0.0:9".parse().unwrap()],
            ..Config::default()
        };
        assert_eq!(verdict(&config, address, port), expected, "{address} port {port}");
    }

    #[test]
    fn the_operator_opens_networks_but_neither_metadata_nor_ourselves() {
        check_opened("10.1.2.3", 443, "allowed");
        check_opened("192.168.0.1", 443, "192.168.0.0/16");
        check_opened("127.0.0.2", 8080, "allowed");
        check_opened("127.0.0.2", 8081, "127.0.0.0/8");
        check_opened("127.0.0.1", 8080, "never 127.0.0.1:8080");
        check_opened("::ffff:127.0.0.1", 8080, "never 127.0.0.1:8080");
        check_opened("127.0.0.5", 9, "never 127.0.0.5:9");
        check_opened("::1", 9, "never [::1]:9");
        check_opened("0.0.0.0", 9, "never 0.0.0.0");
        check_opened("::", 9, "never ::");
        check_opened("169.254.169.254", 9, "never 169.254.0.0/16");
        check_opened("100.100.100.200", 9, "never 100.100.100.200/32");
        check_opened("192.0.0.192", 9, "never 192.0.0.192/32");
        check_opened("168.63.129.16", 9, "never 168.63.129.16/32");
        check_opened("fd00:ec2::254", 9, "never fd00:ec2::254/128");
        check_opened("64:ff9b::169.254.169.254", 9, "never 169.254.0.0/16");
        check_opened("2002:a9fe:a9fe::1", 9, "never 169.254.0.0/16");
        check_opened("64:ff9b::8.8.8.8", 9, "allowed");
    }
}
