//! The networks that no request may reach. Sources: the IANA special-purpose address registries for IPv4 and IPv6
//! (RFC 6890 and its successors), and the metadata services of the large clouds.

use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network and what it is for, in words for the person whose URL points there.
pub(crate) struct Network<N> {
    pub(crate) net: N,
    pub(crate) what: &'static str,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, what: &'static str) -> Network<Ipv4Net> {
    Network { net: Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix), what }
}

const fn v6(segments: [u16; 8], prefix: u8, what: &'static str) -> Network<Ipv6Net> {
    let [a, b, c, d, e, f, g, h] = segments;
    Network { net: Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix), what }
}

/// IPv4 that is forbidden unless the operator opens it.
pub(crate) const FORBIDDEN_V4: &[Network<Ipv4Net>] = &[
    v4(0, 0, 0, 0, 8, "this network"),                         // RFC 791
    v4(10, 0, 0, 0, 8, "private"),                             // RFC 1918
    v4(100, 64, 0, 0, 10, "shared address space of carriers"), // RFC 6598
    v4(127, 0, 0, 0, 8, "loopback"),                           // RFC 1122
    v4(169, 254, 0, 0, 16, "link-local"),                      // RFC 3927
    v4(172, 16, 0, 0, 12, "private"),                          // RFC 1918
    v4(192, 0, 0, 0, 24, "protocol assignments"),              // RFC 6890
    v4(192, 0, 2, 0, 24, "documentation"),                     // RFC 5737
    v4(192, 88, 99, 0, 24, "6to4 relay anycast"),              // RFC 7526
    v4(192, 168, 0, 0, 16, "private"),                         // RFC 1918
    v4(198, 18, 0, 0, 15, "benchmarking"),                     // RFC 2544
    v4(198, 51, 100, 0, 24, "documentation"),                  // RFC 5737
    v4(203, 0, 113, 0, 24, "documentation"),                   // RFC 5737
    v4(224, 0, 0, 0, 4, "multicast"),                          // RFC 5771
    v4(240, 0, 0, 0, 4, "reserved, and broadcast"),            // RFC 1112, RFC 919
    v4(168, 63, 129, 16, 32, "Azure platform services"),       // Azure's virtual public address of the host
];

/// The part of IPv6 that is global unicast (RFC 4291); what lies outside is forbidden unless the operator opens it.
pub(crate) const GLOBAL_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// IPv6 inside of [`GLOBAL_V6`] that is forbidden unless the operator opens it.
pub(crate) const FORBIDDEN_V6: &[Network<Ipv6Net>] = &[
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "protocol assignments, Teredo"), // RFC 2928, RFC 4380
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "documentation"),            // RFC 3849
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, "6to4"),                         // RFC 3056
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "documentation"),                // RFC 9637
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, "AS112 direct delegation"), // RFC 7534
];

/// Names for what lies outside of [`GLOBAL_V6`], only for the text; the first that matches names it.
pub(crate) const NAMED_V6: &[Network<Ipv6Net>] = &[
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback"),     // RFC 4291
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, "NAT64"), // RFC 6052
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "local-use NAT64"), // RFC 8215
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "private"),   // RFC 4193
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "link-local"), // RFC 4291
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "site-local"), // RFC 3879
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "multicast"), // RFC 4291
    v6([0, 0, 0, 0, 0, 0, 0, 0], 0, "not global unicast"), // RFC 4291
];

/// IPv4 metadata services, which no setting opens: who reaches them holds the machine's credentials.
pub(crate) const METADATA_V4: &[Network<Ipv4Net>] = &[
    v4(169, 254, 0, 0, 16, "link-local, cloud metadata"), // AWS, Google, Azure, and most others
    v4(168, 63, 129, 16, 32, "Azure platform services"),
    v4(100, 100, 100, 200, 32, "Alibaba Cloud metadata"),
    v4(192, 0, 0, 192, 32, "Oracle Cloud metadata"),
];

/// IPv6 metadata services, which no setting opens.
pub(crate) const METADATA_V6: &[Network<Ipv6Net>] =
    &[v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, "AWS metadata")];

/// The IPv4 address that an IPv4-mapped IPv6 address stands for (RFC 4291, section 2.5.5.2), and any other as it is.
pub(crate) fn unmapped(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The IPv4 address to which a tunnel or translator would send what goes to `address`: NAT64's well-known prefix
/// (RFC 6052), 6to4 (RFC 3056) and ISATAP (RFC 5214, section 6.1).
pub(crate) fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let from = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match [a, b, c, d, e, f] {
        [0x64, 0xff9b, 0, 0, 0, 0] => Some(from(g, h)),
        [0x2002, high, low, ..] => Some(from(high, low)),
        // The interface identifier's universal and group bits may be set either way.
        [_, _, _, _, eui, 0x5efe] if eui & !0x0300 == 0 => Some(from(g, h)),
        _ => None,
    }
}
