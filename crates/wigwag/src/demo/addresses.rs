//! Which ports the demo takes. Wigwag's is given; the platform takes the next free one; the receiver keeps its own over
//! restarts, because it stands in the hooks' URLs.

use super::folder::{self, Folder};
use super::limits::{PORT_FREED_WITHIN, PORTS_TRIED};
use crate::exit;
use anyhow::{Result, anyhow, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

/// Between two looks at a port that is to become free.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Reads `--listen`. Whoever opens the demo is signed in, so it stays on this machine.
pub(crate) fn wigwag(listen: &str) -> Result<SocketAddr> {
    let usage = |text: String| anyhow!(exit::Usage(text));
    let address: SocketAddr = listen.parse().map_err(|_| {
        usage(format!("--listen: {listen:?} is no address; write ADDRESS:PORT such as 127.0.0.1:8080"))
    })?;
    if !address.ip().is_loopback() {
        return Err(usage(format!(
            "--listen: the demo signs in whoever opens it, so it listens on this machine alone, such as on 127.0.0.1:{}; \
             use `wigwag serve` to serve others",
            address.port()
        )));
    }
    Ok(address)
}

/// Listens for the platform on the first free port behind Wigwag's.
pub(crate) fn platform(wigwag: SocketAddr) -> Result<TcpListener> {
    let ports: Vec<u16> = match wigwag.port() {
        0 => vec![0],
        port => (1..=PORTS_TRIED).filter_map(|step| port.checked_add(step)).collect(),
    };
    let bound = ports.into_iter().find_map(|port| listen(SocketAddr::new(wigwag.ip(), port)).ok());
    let Some(listener) = bound else {
        bail!("no port behind {wigwag} is free for the demo's platform; choose another place with --listen")
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The receiver's port: the one of the last run if it is or becomes free, else another.
pub(crate) fn receiver(folder: &Folder, wigwag: SocketAddr, platform: SocketAddr) -> Result<u16> {
    let file = folder.receiver("port");
    let last = folder::read(&file)?.and_then(|text| text.parse::<u16>().ok());
    let taken = [wigwag.port(), platform.port()];
    if let Some(port) = last.filter(|port| !taken.contains(port) && becomes_free(*port)) {
        return Ok(port);
    }
    let behind = (1..=PORTS_TRIED).filter_map(|step| platform.port().checked_add(step));
    let free = behind.chain([0]).find_map(|port| {
        let bound = listen(local(port)).ok()?;
        bound.local_addr().ok().map(|address| address.port())
    });
    let Some(port) = free.filter(|port| !taken.contains(port)) else {
        bail!("no port behind {platform} is free for the demo's receiver; choose another place with --listen")
    };
    folder::write(&file, &port.to_string())?;
    Ok(port)
}

fn becomes_free(port: u16) -> bool {
    let until = Instant::now() + PORT_FREED_WITHIN;
    loop {
        match listen(local(port)) {
            Ok(_) => return true,
            Err(_) if Instant::now() >= until => return false,
            Err(_) => std::thread::sleep(LOOK_AGAIN_AFTER),
        }
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// The standard library lets a port be taken again as soon as nobody listens on it any more.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{platform, receiver, wigwag};
    use crate::demo::folder::{Folder, Start};
    use std::net::TcpListener;

    #[test]
    fn the_demo_stays_on_this_machine() {
        let check = |listen: &str, refusal: &str| {
            let error = wigwag(listen).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(refusal) && error.is_empty() == refusal.is_empty(), "{listen}: {error}");
        };
        check("127.0.0.1:8080", "");
        check("[::1]:8080", "");
        check("0.0.0.0:8080", "on this machine alone");
        check("192.0.2.1:80", "on this machine alone");
        check("8080", "is no address");
        check("localhost", "is no address");
    }

    #[test]
    fn what_is_taken_is_passed_over_and_the_receiver_keeps_its_port() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), Start::Continue).unwrap();
        let ours = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let first = platform(ours).unwrap();
        let second = platform(ours).unwrap();
        let (first, second) = (first.local_addr().unwrap(), second.local_addr().unwrap());
        assert!(ours.port() < first.port() && first.port() < second.port());
        let port = receiver(&folder, ours, first).unwrap();
        assert_eq!(receiver(&folder, ours, first).unwrap(), port);
    }
}
