//! One open connection: its handle for requests, and the task that drives it.

use crate::limits::{ANSWER_BYTES_BESIDE_BODY_MAX, ANSWER_HEAD_BYTES_MAX, READ_BUFFER_BYTES_MAX};
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::AbortHandle;
use wigwag_ports::egress::CertificateCheck;

/// What tells one [`wigwag_ports::egress::Identity`] from another.
pub(crate) type Fingerprint = [u8; 32];

/// How a connection is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Scheme {
    /// http.
    Plain,
    /// https, with the certificate checked or not, and by whose certificate the client shows itself.
    Tls(CertificateCheck, Option<Fingerprint>),
}

/// A connection to a judged address. Dropping it closes the socket at once, whatever the receiver is doing.
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    pub(crate) peer: SocketAddr,
    pub(crate) scheme: Scheme,
    pub(crate) host: Box<str>,
    counts: Arc<Counts>,
    driver: AbortHandle,
}

impl Connection {
    /// Takes over a connected stream and starts its driver: one task for the life of the connection.
    pub(crate) async fn start<S>(
        stream: S,
        peer: SocketAddr,
        scheme: Scheme,
        host: &str,
    ) -> hyper::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let counts = Arc::new(Counts {
            reads: AtomicU64::new(0),
            bytes_left: AtomicU64::new(ANSWER_BYTES_BESIDE_BODY_MAX),
        });
        let watched = Watched { stream, counts: Arc::clone(&counts) };
        let (sender, connection) = Builder::new()
            .max_buf_size(READ_BUFFER_BYTES_MAX)
            .max_header_size(ANSWER_HEAD_BYTES_MAX)
            .handshake(TokioIo::new(watched))
            .await?;
        // Its error reaches the request it broke.
        let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok(Self { sender, peer, scheme, host: host.into(), counts, driver })
    }

    /// How often bytes have come in: unchanged means that not one byte of an answer has been seen.
    pub(crate) fn reads(&self) -> u64 {
        self.counts.reads.load(Ordering::Relaxed)
    }

    /// An answer begins, of which so many bytes may come in, head and everything between the body's parts included.
    pub(crate) fn allow(&self, bytes: u64) {
        self.counts.bytes_left.store(bytes, Ordering::Relaxed);
    }

    /// Whether more of an answer came than was allowed.
    pub(crate) fn is_overrun(&self) -> bool {
        self.counts.bytes_left.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What came in, and what may still.
struct Counts {
    reads: AtomicU64,
    bytes_left: AtomicU64,
}

/// A stream that counts its reads, and ends with an error where more comes than was allowed: neither a flood of heads nor
/// one of one-byte chunks keeps us busy until the deadline.
struct Watched<S> {
    stream: S,
    counts: Arc<Counts>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let came = (buf.filled().len() - before) as u64;
        if came == 0 {
            return polled;
        }
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        let left = self.counts.bytes_left.load(Ordering::Relaxed).saturating_sub(came);
        self.counts.bytes_left.store(left, Ordering::Relaxed);
        if left == 0 { Poll::Ready(Err(io::Error::from(io::ErrorKind::FileTooLarge))) } else { polled }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
