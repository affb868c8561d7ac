//! Forbidden literal addresses, and every way we know to write them.

use super::world::{FAMOUS_V4, FORBIDDEN_V4, FORBIDDEN_V6};
use fastrand::Rng;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A forbidden IPv4 address: a famous one, the edge of a network, or one from its inside.
pub(crate) fn forbidden_v4(rng: &mut Rng) -> Ipv4Addr {
    if rng.u8(0..3) == 0 {
        return Ipv4Addr::from(FAMOUS_V4[rng.usize(..FAMOUS_V4.len())]);
    }
    let (first, last) = FORBIDDEN_V4[rng.usize(..FORBIDDEN_V4.len())];
    let (first, last) = (u32::from_be_bytes(first), u32::from_be_bytes(last));
    Ipv4Addr::from(match rng.u8(0..4) {
        0 => first,
        1 => last,
        _ => rng.u32(first..=last),
    })
}

/// A forbidden IPv6 address: of a forbidden prefix, or with a forbidden IPv4 address inside.
pub(crate) fn forbidden_v6(rng: &mut Rng) -> Ipv6Addr {
    if rng.bool() {
        let inner = forbidden_v4(rng);
        return wrapped(rng, inner);
    }
    let prefix = FORBIDDEN_V6[rng.usize(..FORBIDDEN_V6.len())];
    let mut segments = [0; 8];
    for (index, segment) in segments.iter_mut().enumerate() {
        *segment = prefix.get(index).copied().unwrap_or_else(|| rng.u16(..));
    }
    Ipv6Addr::from(segments)
}

/// An IPv6 address that leads to the IPv4 address: mapped, NAT64, 6to4, ISATAP.
pub(crate) fn wrapped(rng: &mut Rng, inner: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = inner.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    Ipv6Addr::from(match rng.u8(0..6) {
        0..=2 => [0, 0, 0, 0, 0, 0xffff, high, low],
        3 => [0x64, 0xff9b, 0, 0, 0, 0, high, low],
        4 => [0x2002, high, low, rng.u16(..), 0, 0, 0, 1],
        _ => {
            let universal = if rng.bool() { 0x200 } else { 0 };
            [0x2600, 0x1f18, rng.u16(..), rng.u16(..), universal, 0x5efe, high, low]
        }
    })
}

/// The IPv4 address as the host of a URL.
pub(crate) fn spelled_v4(rng: &mut Rng, address: Ipv4Addr) -> String {
    let octets = address.octets();
    let number = u32::from(address);
    let [a, b, ..] = octets;
    let plain = match rng.u8(0..8) {
        0 => address.to_string(),
        1 => radix(rng, number),
        2 => format!("{}.{}", radix(rng, a.into()), radix(rng, number & 0x00ff_ffff)),
        3 => format!("{}.{}.{}", radix(rng, a.into()), radix(rng, b.into()), radix(rng, number & 0xffff)),
        _ => octets.map(|octet| radix(rng, octet.into())).join("."),
    };
    match rng.u8(0..8) {
        0 => format!("{plain}."),
        1 => percent_encoded(rng, &plain),
        2 => fullwidth(rng, &plain),
        3 => plain.replace('.', rng.choice(["\u{3002}", "\u{ff0e}", "\u{ff61}", "%2e"]).unwrap_or(".")),
        4 => plain.to_uppercase(),
        _ => plain,
    }
}

/// The IPv6 address as the host of a URL.
pub(crate) fn spelled_v6(rng: &mut Rng, address: Ipv6Addr) -> String {
    let segments = address.segments();
    let text = match rng.u8(0..5) {
        0 => segments.map(|segment| format!("{segment:04X}")).join(":"),
        1 => segments.map(|segment| format!("{segment:x}")).join(":"),
        2 => {
            let head: Vec<String> = segments[..6].iter().map(|segment| format!("{segment:x}")).collect();
            let [.., a, b, c, d] = address.octets();
            format!("{}:{}", head.join(":"), Ipv4Addr::new(a, b, c, d))
        }
        3 => format!("{address}%25{}", rng.choice(["eth0", "lo", "1"]).unwrap_or_default()),
        _ => address.to_string(),
    };
    format!("[{text}]")
}

fn radix(rng: &mut Rng, number: u32) -> String {
    match rng.u8(0..5) {
        0 => format!("0x{number:x}"),
        1 => format!("0X{:0>width$}", format!("{number:X}"), width = rng.usize(1..12)),
        2 => format!("0{number:o}"),
        3 => format!("0{:0>width$}", format!("{number:o}"), width = rng.usize(1..14)),
        _ => number.to_string(),
    }
}

fn percent_encoded(rng: &mut Rng, text: &str) -> String {
    text.bytes()
        .map(|byte| if rng.bool() { format!("%{byte:02x}") } else { char::from(byte).to_string() })
        .collect()
}

fn fullwidth(rng: &mut Rng, text: &str) -> String {
    // The forms from U+FF01 on stand in the order of ASCII from 0x21 on.
    text.chars()
        .map(|plain| match char::from_u32(u32::from(plain) + 0xfee0) {
            Some(wide) if plain.is_ascii_alphanumeric() && rng.bool() => wide,
            _ => plain,
        })
        .collect()
}
