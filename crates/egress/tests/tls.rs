//! TLS: the certificate is checked against the roots and the name, or not at all where the owner says so.

#![allow(clippy::unwrap_used)]

mod support;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::sync::Arc;
use support::{PATIENT, Receiver, SHORT, client, loopback, post, post_with, read_request, shown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use wigwag_egress::{Client, Config};
use wigwag_ports::egress::CertificateCheck::{Skip, Verify};

/// A receiver with a certificate for `localhost`, the certificate as PEM, and the names that clients asked for.
async fn receiver() -> (Receiver, Vec<u8>, mpsc::UnboundedReceiver<Option<String>>) {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (names, asked_for) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |stream, _| {
        let (acceptor, names) = (acceptor.clone(), names.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let _ = names.send(stream.get_ref().1.server_name().map(str::to_owned));
            while read_request(&mut stream).await.is_some() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                let _ = stream.flush().await;
            }
        }
    })
    .await;
    (receiver, certified.cert.pem().into_bytes(), asked_for)
}

fn url(receiver: &Receiver, host: &str) -> String {
    format!("https://{host}:{}/hook", receiver.address.port())
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_unless_the_owner_skips_the_check() {
    let (receiver, _, _) = receiver().await;
    let (client, url) = (client(), url(&receiver, "localhost"));
    assert_eq!(shown(&post_with(&client, &url, PATIENT, Verify).await), "tls");
    assert_eq!(shown(&post_with(&client, &url, PATIENT, Skip).await), "200 stored 2 read 2");
    // Neither the kept connection nor the session of the unchecked request serves the checked one.
    tokio::task::yield_now().await;
    assert_eq!(shown(&post_with(&client, &url, PATIENT, Verify).await), "tls");
}

#[tokio::test]
async fn the_operators_root_is_trusted_for_the_name_only() {
    let (receiver, root, mut asked_for) = receiver().await;
    let client = Client::new(&Config { extra_roots: vec![root], ..loopback() }).unwrap();
    assert_eq!(shown(&post(&client, &url(&receiver, "localhost"), PATIENT).await), "200 stored 2 read 2");
    assert_eq!(asked_for.recv().await.unwrap().as_deref(), Some("localhost"));
    assert_eq!(shown(&post(&client, &url(&receiver, "127.0.0.1"), PATIENT).await), "tls");
    assert_eq!(shown(&post(&client, &url(&receiver, "a.localhost"), PATIENT).await), "tls");
}

#[tokio::test]
async fn a_receiver_without_tls_is_told_apart_from_one_that_stalls() {
    let plain = Receiver::start(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    assert_eq!(shown(&post(&client(), &url(&plain, "127.0.0.1"), PATIENT).await), "no tls");
    let stalled = Receiver::start(|mut stream, _| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    assert_eq!(shown(&post(&client(), &url(&stalled, "127.0.0.1"), SHORT).await), "timed out TLS handshake");
    let closing = Receiver::start(|_, _| async {}).await;
    assert_eq!(shown(&post(&client(), &url(&closing, "127.0.0.1"), PATIENT).await), "ConnectionLost");
}

#[test]
fn a_root_that_is_none_is_refused_at_the_start() {
    for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not a certificate"] {
        let config = Config { extra_roots: vec![pem.as_bytes().to_vec()], ..loopback() };
        assert!(Client::new(&config).is_err(), "{pem}");
    }
}
