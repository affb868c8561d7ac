//! Receivers on every address of the namespace: they write down who was asked for what, and one path redirects.

use anyhow::Context as _;
use parking_lot::Mutex;
use socket2::{Domain, Socket, Type};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The first byte of a TLS handshake, which these receivers end at once: to have connected is enough.
const TLS_HANDSHAKE: u8 = 0x16;

/// Bytes of a request that are read at most: ours are small.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// A request that arrived: at which address, and its path.
pub(crate) type Arrival = (SocketAddr, String);

/// The arrivals so far.
pub(crate) type Arrivals = Arc<Mutex<Vec<Arrival>>>;

/// Listens on `ports` of every address.
pub(crate) fn listen(ports: &[u16]) -> anyhow::Result<Arrivals> {
    let arrivals = Arrivals::default();
    for port in ports {
        let listener =
            bind(*port).with_context(|| format!("port {port} of the namespace cannot be bound"))?;
        tokio::spawn(accept(listener, Arc::clone(&arrivals)));
    }
    Ok(arrivals)
}

fn bind(port: u16) -> anyhow::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None)?;
    socket.set_only_v6(false)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    Ok(TcpListener::from_std(socket.into())?)
}

async fn accept(listener: TcpListener, arrivals: Arrivals) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&arrivals)));
    }
}

async fn serve(mut stream: TcpStream, arrivals: Arrivals) {
    let Ok(local) = stream.local_addr() else { return };
    let local = SocketAddr::new(canonical(local.ip()), local.port());
    while let Some(path) = request(&mut stream).await {
        let answer = answer(&path);
        arrivals.lock().push((local, path));
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// `/redirect/<status>/<where to>` redirects; everything else is accepted.
fn answer(path: &str) -> String {
    match path.strip_prefix("/redirect/").and_then(|rest| rest.split_once('/')) {
        Some((status, location)) => format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nRefresh: 0; url={location}\r\n\
             Content-Location: {location}\r\nAlt-Svc: h2=\"{location}\"\r\nContent-Length: 0\r\n\r\n"
        ),
        None => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
    }
}

/// The path of the next request, whose body (of a declared length) is read and dropped.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return head.split(' ').nth(1).map(str::to_owned);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(_) if buffer[0] == TLS_HANDSHAKE || bytes.len() > REQUEST_BYTES_MAX => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
