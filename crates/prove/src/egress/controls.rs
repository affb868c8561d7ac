//! The controls: requests that must arrive. They show that the way is open and that the ledger counts.

use super::cases::Which;
use super::names::{self, Named};
use std::net::{IpAddr, SocketAddr};

/// One request that must arrive.
pub(crate) struct Control {
    /// The URL without its path, which names the control.
    pub(crate) origin: &'static str,
    pub(crate) which: Which,
    /// Where it must arrive.
    pub(crate) reaches: SocketAddr,
    pub(crate) names: Vec<Named>,
}

/// Literal addresses, in honest and in odd spellings, some right beside a forbidden network.
const LITERALS: [(&str, &str); 14] = [
    ("http://8.8.4.4", "8.8.4.4:80"),
    ("http://8.8.4.4.:8080", "8.8.4.4:8080"),
    ("http://134743044", "8.8.4.4:80"),
    ("http://0x8.0x8.0x4.04", "8.8.4.4:80"),
    ("http://user:password@8.8.4.4", "8.8.4.4:80"),
    ("http://[::ffff:8.8.4.4]", "8.8.4.4:80"),
    ("http://[2606:4700:4700::1111]:8080", "[2606:4700:4700::1111]:8080"),
    ("http://[2600::5efe:8.8.4.4]", "[2600::5efe:808:404]:80"),
    ("http://[2001:200::1]", "[2001:200::1]:80"),
    ("http://9.255.255.255", "9.255.255.255:80"),
    ("http://100.128.0.0", "100.128.0.0:80"),
    ("http://172.32.0.0", "172.32.0.0:80"),
    ("http://192.167.255.255", "192.167.255.255:80"),
    ("http://223.255.255.254", "223.255.255.254:80"),
];

/// Names, with the addresses they have; the first is the one that must be reached.
const NAMED: [(&str, &str, &[&str]); 6] = [
    ("http://control-a.test", "control-a.test", &["8.8.4.4"]),
    ("http://CONTROL-aaaa.test:8080", "control-aaaa.test", &["2606:4700:4700::1111"]),
    ("http://control-both.test.", "control-both.test", &["8.8.4.4", "2606:4700:4700::1111"]),
    ("http://control-mapped.test", "control-mapped.test", &["::ffff:8.8.4.4"]),
    ("http://control_many.test", "control_many.test", &["8.8.4.4", "8.8.4.4", "1.1.1.1", "1.0.0.1"]),
    ("http://xn--bcher-kva.test", "xn--bcher-kva.test", &["1.1.1.1"]),
];

/// What the client whose operator has opened everything may reach.
const OPENED: [(&str, &str); 4] = [
    ("http://10.1.1.1:8080", "10.1.1.1:8080"),
    ("http://127.0.0.2:8080", "127.0.0.2:8080"),
    ("http://[fd00::1]", "[fd00::1]:80"),
    ("http://control-private.test", "192.168.7.7:80"),
];

/// Every control.
pub(crate) fn all() -> Vec<Control> {
    let literal = |which| move |(origin, reaches): &(&'static str, &str)| control(which, origin, reaches);
    let mut controls: Vec<Control> = LITERALS.iter().map(literal(Which::Strict)).collect();
    controls.extend(OPENED.iter().map(literal(Which::Opened)));
    controls.extend(NAMED.iter().map(|(origin, name, addresses)| {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| ip(text)).collect();
        let port = if origin.ends_with(":8080") { 8080 } else { 80 };
        let reaches = SocketAddr::new(addresses[0].to_canonical(), port);
        Control {
            origin,
            which: Which::Strict,
            reaches,
            names: vec![names::with_addresses(name, &addresses)],
        }
    }));
    controls
}

fn control(which: Which, origin: &'static str, reaches: &str) -> Control {
    let reaches: SocketAddr = reaches.parse().expect("the address of a control is written above");
    let names = vec![names::with_addresses("control-private.test", &[ip("192.168.7.7")])];
    Control { origin, which, reaches, names }
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("the address of a control is written above")
}
