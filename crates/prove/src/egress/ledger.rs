//! The ledger of connections: the destination of every SYN in this network namespace, and the kernel's count.

use anyhow::{Context as _, bail};
use parking_lot::Mutex;
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::{BTreeMap, HashSet};
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// All packets, of `linux/if_ether.h`.
const ETH_P_ALL: u16 = 0x0003;

/// Room for packets that wait to be counted.
const RECEIVE_BUFFER_BYTES: usize = 32 * 1024 * 1024;

/// How long the last packets may take to be counted.
const SETTLE_TIME_MAX: Duration = Duration::from_secs(5);

/// One SYN; the loopback interface shows each twice, and a repeated one has the same numbers.
type Syn = (SocketAddr, u16, u32);

/// What was seen so far.
#[derive(Clone)]
pub(crate) struct Ledger {
    syns: Arc<Mutex<HashSet<Syn>>>,
    opened_before: u64,
}

impl Ledger {
    /// Starts to record every packet of this network namespace.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let protocol = Protocol::from(i32::from(ETH_P_ALL.to_be()));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol))
            .context("no packet socket can be opened to count connections")?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
        let ledger = Self { syns: Arc::default(), opened_before: opened_by_kernel()? };
        let syns = Arc::clone(&ledger.syns);
        std::thread::spawn(move || record(socket, &syns));
        Ok(ledger)
    }

    /// Connections by destination, once every connection that the kernel opened has been seen.
    pub(crate) fn settle(&self) -> anyhow::Result<BTreeMap<SocketAddr, usize>> {
        let started = Instant::now();
        loop {
            let opened = opened_by_kernel()? - self.opened_before;
            let syns = self.syns.lock();
            if syns.len() as u64 == opened {
                let mut counts = BTreeMap::new();
                for (destination, ..) in syns.iter() {
                    *counts.entry(*destination).or_default() += 1;
                }
                return Ok(counts);
            }
            if started.elapsed() > SETTLE_TIME_MAX {
                bail!(
                    "the kernel opened {opened} connections, but {} were seen: the ledger is wrong",
                    syns.len()
                );
            }
            drop(syns);
            std::thread::yield_now();
        }
    }
}

fn record(mut socket: Socket, syns: &Mutex<HashSet<Syn>>) {
    let mut packet = [0; 2048];
    while let Ok(length) = socket.read(&mut packet) {
        if let Some(syn) = parse(&packet[..length]) {
            syns.lock().insert(syn);
        }
    }
}

/// The SYN in an IP packet, if it is one that opens a connection.
fn parse(packet: &[u8]) -> Option<Syn> {
    const TCP: u8 = 6;
    let (destination, tcp): (IpAddr, &[u8]) = match packet.first()? >> 4 {
        4 if *packet.get(9)? == TCP => {
            let header_bytes = usize::from(packet[0] & 0x0f) * 4;
            let address: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
            (Ipv4Addr::from(address).into(), packet.get(header_bytes..)?)
        }
        6 if *packet.get(6)? == TCP => {
            let address: [u8; 16] = packet.get(24..40)?.try_into().ok()?;
            (Ipv6Addr::from(address).into(), packet.get(40..)?)
        }
        _ => return None,
    };
    let number = |at: usize| Some(u16::from_be_bytes(tcp.get(at..at + 2)?.try_into().ok()?));
    let sequence = u32::from_be_bytes(tcp.get(4..8)?.try_into().ok()?);
    // Of SYN (0x02) and ACK (0x10), the first packet of a connection has SYN alone.
    let opens = tcp.get(13)? & 0x12 == 0x02;
    opens.then_some((SocketAddr::new(destination, number(2)?), number(0)?, sequence))
}

/// Connections that this network namespace has tried to open, by the kernel's own count.
fn opened_by_kernel() -> anyhow::Result<u64> {
    let text =
        std::fs::read_to_string("/proc/self/net/snmp").context("/proc/self/net/snmp cannot be read")?;
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Tcp: "));
    let (names, values) =
        (lines.next().context("no TCP counters")?, lines.next().context("no TCP counters")?);
    let column =
        names.split(' ').position(|name| name == "ActiveOpens").context("no count of opened connections")?;
    Ok(values.split(' ').nth(column).context("no count of opened connections")?.parse()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(packet: &[u8], expected: Option<&str>) {
        let shown =
            parse(packet).map(|(destination, source, sequence)| format!("{destination} {source} {sequence}"));
        assert_eq!(shown.as_deref(), expected);
    }

    fn tcp(flags: u8) -> Vec<u8> {
        [&[0x12, 0x34, 0, 80, 0, 0, 0, 7, 0, 0, 0, 0, 0x50, flags][..], &[0; 6]].concat()
    }

    fn v4(protocol: u8, flags: u8) -> Vec<u8> {
        let mut header = [0; 20];
        header[0] = 0x45;
        header[9] = protocol;
        header[16..].copy_from_slice(&[10, 0, 0, 1]);
        [&header[..], &tcp(flags)].concat()
    }

    fn v6(flags: u8) -> Vec<u8> {
        let mut header = [0; 40];
        header[0] = 0x60;
        header[6] = 6;
        header[39] = 1;
        [&header[..], &tcp(flags)].concat()
    }

    #[test]
    fn a_connections_first_packet_is_seen_and_nothing_else() {
        check(&v4(6, 0x02), Some("10.0.0.1:80 4660 7"));
        check(&v4(6, 0xc2), Some("10.0.0.1:80 4660 7"));
        check(&v6(0x02), Some("[::1]:80 4660 7"));
        check(&v4(6, 0x12), None);
        check(&v4(6, 0x10), None);
        check(&v4(17, 0x02), None);
        check(&v4(6, 0x02)[..30], None);
        check(&[], None);
    }
}
