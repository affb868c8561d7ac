use super::bomb;
use crate::receiver::{read, reset};
use std::io;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Receivers that do what nobody should, in order.
pub(super) const ZOO: &[Specimen] = &[
    specimen("closes-at-once", At::Accept, Act::Close),
    specimen("resets-at-once", At::Accept, Act::Reset),
    specimen("never-reads", At::Accept, Act::Hang),
    specimen("tls-stall", At::Tls, Act::Hang),
    specimen(
        "tls-garbage",
        At::Tls,
        Act::Say(b"\x16\x03\x01\xFF\xFF\xFF\xFF\xFF\xFF\x00garbage", Then::Close),
    ),
    specimen("tls-reset", At::Tls, Act::Reset),
    specimen("tls-speaks-plainly", At::Tls, Act::Say(b"HTTP/1.1 200 OK\r\n\r\n", Then::Close)),
    specimen(
        "answers-before-it-reads",
        At::Accept,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Then::Close),
    ),
    specimen("reads-and-is-silent", At::Request, Act::Hang),
    specimen("reads-and-closes", At::Request, Act::Close),
    specimen("reads-and-resets", At::Request, Act::Reset),
    specimen("resets-within-the-head", At::Request, Act::Say(b"HTTP/1.1 200 OK\r\nContent-Le", Then::Reset)),
    specimen("closes-within-the-head", At::Request, Act::Say(b"HTTP/1.1 200 OK\r\nContent-Le", Then::Close)),
    specimen(
        "resets-within-the-body",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nhalf", Then::Reset),
    ),
    specimen(
        "closes-within-the-body",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nhalf", Then::Close),
    ),
    specimen(
        "hangs-within-the-body",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nhalf", Then::Hang),
    ),
    specimen(
        "drips-its-head",
        At::Request,
        Act::Drip(b"H", b"TTP/1.1 200 OK\r\nX-Drip: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ),
    specimen(
        "drips-its-body",
        At::Request,
        Act::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"drip drip drip drip drip drip drip"),
    ),
    specimen("endless-body", At::Request, Act::Flood(b"HTTP/1.1 200 OK\r\n\r\n", &[b'e'; 4096])),
    specimen(
        "endless-chunks",
        At::Request,
        Act::Flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ),
    specimen(
        "endless-trailers",
        At::Request,
        Act::Flood(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-Trailer: and one more\r\n",
        ),
    ),
    specimen(
        "endless-chunk-extension",
        At::Request,
        Act::Flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", &[b'x'; 4096]),
    ),
    specimen(
        "header-bomb",
        At::Request,
        Act::Flood(b"HTTP/1.1 200 OK\r\n", b"X-Header: and one more, and one more\r\n"),
    ),
    specimen("endless-header", At::Request, Act::Flood(b"HTTP/1.1 200 OK\r\nX-Header: ", &[b'h'; 4096])),
    specimen("endless-status-line", At::Request, Act::Flood(b"HTTP/1.1 200 ", &[b's'; 4096])),
    specimen("flood-of-100", At::Request, Act::Flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    specimen("flood-of-103", At::Request, Act::Flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")),
    specimen("great-body", At::Request, Act::Great),
    specimen("gzip-bomb", At::Request, Act::GzipBomb),
    specimen(
        "redirects-to-itself",
        At::Request,
        Act::Say(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n", Then::Serve),
    ),
    specimen(
        "redirects-to-metadata",
        At::Request,
        Act::Say(
            b"HTTP/1.1 307 Go\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
            Then::Serve,
        ),
    ),
    specimen("garbage", At::Request, Act::Say(b"\x00\x01\x02\xFF\xFEnot http at all\r\n\r\n", Then::Close)),
    specimen(
        "speaks-http2",
        At::Request,
        Act::Say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", Then::Hang),
    ),
    specimen(
        "two-lengths",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\nok", Then::Close),
    ),
    specimen(
        "length-without-end",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok", Then::Close),
    ),
    specimen(
        "negative-length",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nok", Then::Close),
    ),
    specimen(
        "chunks-of-garbage",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n", Then::Close),
    ),
    specimen(
        "chunk-without-end",
        At::Request,
        Act::Say(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\nok",
            Then::Close,
        ),
    ),
    specimen(
        "length-and-chunks",
        At::Request,
        Act::Say(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            Then::Close,
        ),
    ),
    specimen(
        "switches-protocols",
        At::Request,
        Act::Say(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", Then::Hang),
    ),
    specimen("status-of-nowhere", At::Request, Act::Say(b"HTTP/1.1 99999 What\r\n\r\n", Then::Close)),
    specimen(
        "status-999",
        At::Request,
        Act::Say(b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", Then::Serve),
    ),
    specimen(
        "nul-in-a-header",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nX-Nul: a\x00b\r\n\r\n", Then::Close),
    ),
    specimen(
        "control-characters",
        At::Request,
        Act::Say(
            b"HTTP/1.1 500 Oh\r\nX-Bell: \x80\xFF\r\nContent-Length: 9\r\n\r\n\x1B[31mred\x07",
            Then::Serve,
        ),
    ),
    specimen(
        "talks-on-when-idle",
        At::Request,
        Act::Say(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
            Then::Serve,
        ),
    ),
    specimen(
        "closes-when-idle",
        At::Request,
        Act::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Then::Close),
    ),
    specimen(
        "waits-for-ever",
        At::Request,
        Act::Say(
            b"HTTP/1.1 503 Later\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n",
            Then::Serve,
        ),
    ),
];

/// A receiver.
pub(super) struct Specimen {
    /// What it is called; its hook too.
    pub(super) name: &'static str,
    at: At,
    act: Act,
}

/// When it acts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// When a connection came, before it reads.
    Accept,
    /// As `Accept`, where TLS is expected.
    Tls,
    /// When it has read a request.
    Request,
}

/// What it does.
enum Act {
    Close,
    Reset,
    Hang,
    Say(&'static [u8], Then),
    /// Says the first at once, of the second a byte a second, and hangs.
    Drip(&'static [u8], &'static [u8]),
    /// Says the first once and the second without end, or nearly.
    Flood(&'static [u8], &'static [u8]),
    GzipBomb,
    /// More than is kept, and than is read.
    Great,
}

/// What it does when it has spoken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Close,
    Reset,
    Hang,
    /// Waits for the next request.
    Serve,
}

const fn specimen(name: &'static str, at: At, act: Act) -> Specimen {
    Specimen { name, at, act }
}

/// Bytes of a body that is too great, and ends.
const GREAT_BYTES: usize = 2 << 20;
/// Bytes of a flood on one connection: far beyond every cap, and no harm to this machine.
const FLOOD_BYTES: usize = 32 << 20;

impl Specimen {
    /// What its hook's URL begins with.
    pub(super) fn scheme(&self) -> &'static str {
        if self.at == At::Tls { "https" } else { "http" }
    }

    /// Receives until the proof ends.
    pub(super) fn let_loose(&'static self, listener: TcpListener) {
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    // Whatever becomes of it is the other side's to bear.
                    let _ = self.meet(stream).await;
                });
            }
        });
    }

    async fn meet(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut rest = Vec::new();
        loop {
            if self.at == At::Request && read(&mut stream, &mut rest).await?.is_none() {
                return Ok(());
            }
            match &self.act {
                Act::Close => return Ok(()),
                Act::Reset => return reset(&stream),
                Act::Hang => return hang(stream).await,
                Act::Say(words, then) => {
                    stream.write_all(words).await?;
                    match then {
                        Then::Close => return Ok(()),
                        Then::Reset => return reset(&stream),
                        Then::Hang => return hang(stream).await,
                        Then::Serve => {}
                    }
                }
                Act::Drip(first, drops) => {
                    stream.write_all(first).await?;
                    for drop in *drops {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        stream.write_all(&[*drop]).await?;
                    }
                    return hang(stream).await;
                }
                Act::Flood(first, wave) => {
                    stream.write_all(first).await?;
                    let waves = wave.repeat((64 << 10) / wave.len());
                    for _ in 0..FLOOD_BYTES / waves.len() {
                        stream.write_all(&waves).await?;
                        // Quick enough for every cap, slow enough for two cores.
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    return hang(stream).await;
                }
                Act::Great => {
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {GREAT_BYTES}\r\n\r\n");
                    stream.write_all(head.as_bytes()).await?;
                    stream.write_all(&vec![b'g'; GREAT_BYTES]).await?;
                }
                Act::GzipBomb => {
                    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
                    let bomb = BOMB.get_or_init(bomb::gzip);
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                        bomb.len()
                    );
                    stream.write_all(head.as_bytes()).await?;
                    stream.write_all(bomb).await?;
                }
            }
        }
    }
}

/// Until the other side goes.
async fn hang(mut stream: TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}
