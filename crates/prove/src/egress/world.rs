//! The addresses of the proof's little world: which may be reached, and which never.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where the hostile name server listens. Questions to it are datagrams, which the ledger of SYNs does not count.
pub(crate) const NAME_SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 53)), 53);

/// Ports with a receiver, on every address.
pub(crate) const RECEIVER_PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Public addresses that a hostile case may reach: the honest half of a rebinding name, the host that a confusing URL
/// really names, the receiver that redirects.
pub(crate) const DECOYS: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(9, 9, 9, 10)), IpAddr::V6(Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, 0x10))];

/// Public addresses beside forbidden ones in one answer: the whole answer must be refused, so these are never reached.
pub(crate) const LURES: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888)),
];

/// A public address that the client is told is its own server's.
pub(crate) const OWN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(45, 33, 32, 156)), 8080);

/// The port that the client is told its own server listens on with every address of the machine: here, of the world.
pub(crate) const OWN_PORT_ANYWHERE: u16 = 8443;

/// First and last address of the IPv4 networks that must not be reached.
pub(crate) const FORBIDDEN_V4: [([u8; 4], [u8; 4]); 16] = [
    ([0, 0, 0, 0], [0, 255, 255, 255]),
    ([10, 0, 0, 0], [10, 255, 255, 255]),
    ([100, 64, 0, 0], [100, 127, 255, 255]),
    ([127, 0, 0, 0], [127, 255, 255, 255]),
    ([169, 254, 0, 0], [169, 254, 255, 255]),
    ([172, 16, 0, 0], [172, 31, 255, 255]),
    ([192, 0, 0, 0], [192, 0, 0, 255]),
    ([192, 0, 2, 0], [192, 0, 2, 255]),
    ([192, 88, 99, 0], [192, 88, 99, 255]),
    ([192, 168, 0, 0], [192, 168, 255, 255]),
    ([198, 18, 0, 0], [198, 19, 255, 255]),
    ([198, 51, 100, 0], [198, 51, 100, 255]),
    ([203, 0, 113, 0], [203, 0, 113, 255]),
    ([224, 0, 0, 0], [239, 255, 255, 255]),
    ([240, 0, 0, 0], [255, 255, 255, 255]),
    ([168, 63, 129, 16], [168, 63, 129, 16]),
];

/// IPv4 addresses that are worth more attention than a random one.
pub(crate) const FAMOUS_V4: [[u8; 4]; 10] = [
    [127, 0, 0, 1],
    [0, 0, 0, 0],
    [10, 0, 0, 1],
    [172, 17, 0, 1],
    [192, 168, 1, 1],
    [169, 254, 169, 254],
    [169, 254, 170, 2],
    [100, 100, 100, 200],
    [192, 0, 0, 192],
    [168, 63, 129, 16],
];

/// Prefixes of IPv6 (the first segments; the rest is drawn) that must not be reached.
pub(crate) const FORBIDDEN_V6: [&[u16]; 21] = [
    &[0, 0, 0, 0, 0, 0, 0, 0],
    &[0, 0, 0, 0, 0, 0, 0, 1],
    &[0, 0, 0, 0, 0, 0],
    &[0x64, 0xff9b, 0, 0, 0, 0],
    &[0x64, 0xff9b, 1],
    &[0x100, 0, 0, 0],
    &[0x1fff],
    &[0x2001, 0],
    &[0x2001, 0x1ff],
    &[0x2001, 0xdb8],
    &[0x2002],
    &[0x3fff, 0x0abc],
    &[0x2620, 0x4f, 0x8000],
    &[0x4000],
    &[0x5f00],
    &[0xfc00],
    &[0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254],
    &[0xfd12],
    &[0xfe80, 0, 0, 0],
    &[0xfec0],
    &[0xff02, 0, 0, 0, 0, 0, 0],
];

/// Metadata services, which stay closed when the operator opens everything.
pub(crate) const METADATA_V4: [[u8; 4]; 6] = [
    [169, 254, 169, 254],
    [169, 254, 170, 2],
    [169, 254, 0, 1],
    [168, 63, 129, 16],
    [100, 100, 100, 200],
    [192, 0, 0, 192],
];
