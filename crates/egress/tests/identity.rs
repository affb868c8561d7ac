//! Mutual TLS: a receiver that asks who calls is shown the hook's own certificate, and nobody else's.

#![allow(clippy::unwrap_used)]

mod support;

use bytes::Bytes;
use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd};
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use std::sync::Arc;
use support::{PATIENT, Receiver, client, read_request, shown};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use wigwag_base::Secret;
use wigwag_egress::Client;
use wigwag_ports::egress::{CertificateCheck, Egress as _, Identity, Keep, Method, Outgoing};

fn own(name: &str) -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap()
}

fn read(client: &Client, certified: &CertifiedKey<KeyPair>) -> Arc<Identity> {
    let key = Secret::new(certified.signing_key.serialize_pem());
    client.identity(&certified.cert.pem(), &key).unwrap()
}

/// A receiver that trusts these clients; whoever called, by the first byte of the certificate's SHA-256, comes out of the
/// channel.
async fn receiver(trusted: &[&CertifiedKey<KeyPair>]) -> (Receiver, mpsc::UnboundedReceiver<Vec<u8>>) {
    let mut roots = RootCertStore::empty();
    for one in trusted {
        roots.add(one.cert.der().clone()).unwrap();
    }
    let server = own("localhost");
    let key = PrivateKeyDer::try_from(server.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (callers, called) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |stream, _| {
        let (acceptor, callers) = (acceptor.clone(), callers.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let caller = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
            while read_request(&mut stream).await.is_some() {
                let _ = callers.send(caller.clone());
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                let _ = stream.flush().await;
            }
        }
    })
    .await;
    (receiver, called)
}

async fn post(client: &Client, receiver: &Receiver, identity: Option<Arc<Identity>>) -> String {
    let url = format!("https://localhost:{}/hook", receiver.address.port());
    let request = Outgoing {
        method: Method::Post,
        target: client.target(&url).unwrap(),
        headers: Vec::new(),
        custom_headers: Vec::new(),
        body: Bytes::from_static(b"{}"),
        keep: Keep::Beginning,
        certificate: CertificateCheck::Skip,
        identity,
        deadline: PATIENT,
    };
    shown(&client.send(request).await)
}

#[tokio::test]
async fn a_receiver_that_asks_is_shown_the_certificate_of_each_request() {
    let (one, other, stranger) = (own("one"), own("other"), own("stranger"));
    let (receiver, mut called) = receiver(&[&one, &other]).await;
    let client = client();
    let (ours, theirs) = (read(&client, &one), read(&client, &other));
    assert_eq!(post(&client, &receiver, Some(ours.clone())).await, "200 stored 2 read 2");
    assert_eq!(called.recv().await.unwrap(), one.cert.der().to_vec());
    tokio::task::yield_now().await;
    // The connection that lies idle is not another's, nor nobody's.
    assert_eq!(post(&client, &receiver, Some(theirs)).await, "200 stored 2 read 2");
    assert_eq!(called.recv().await.unwrap(), other.cert.der().to_vec());
    assert_ne!(post(&client, &receiver, None).await, "200 stored 2 read 2");
    assert_ne!(post(&client, &receiver, Some(read(&client, &stranger))).await, "200 stored 2 read 2");
    assert_eq!(post(&client, &receiver, Some(ours)).await, "200 stored 2 read 2");
    assert_eq!(called.recv().await.unwrap(), one.cert.der().to_vec());
    assert!(called.try_recv().is_err());
}

#[test]
fn what_cannot_be_shown_is_refused_with_the_reason_and_without_the_key() {
    let client = client();
    let (one, other) = (own("one"), own("other"));
    let (certificate, key) = (one.cert.pem(), one.signing_key.serialize_pem());
    let check = |certificate: &str, key: &str, expected: &str| {
        let told = client.identity(certificate, &Secret::new(key.to_owned()));
        let told = told.map_or_else(|error| error.to_string(), |own| own.subject.clone());
        assert!(told.starts_with(expected), "{told}\n{expected}");
    };
    check(&certificate, &key, "CN=rcgen self signed cert");
    check(&format!("{certificate}{}", other.cert.pem()), &key, "CN=rcgen self signed cert");
    check(&format!("words before\n{key}{certificate}"), &key, "CN=rcgen self signed cert");
    check("", &key, "must be certificates in PEM, the hook's own first: there is none in it");
    check(&key, &key, "must be certificates in PEM, the hook's own first: there is none in it");
    check(
        "-----BEGIN CERTIFICATE-----\n",
        &key,
        "must be certificates in PEM, the hook's own first: its last",
    );
    check(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        &key,
        "must be certificates in PEM, the hook's own first: it holds something else",
    );
    check(
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
        &key,
        "must be certificates in PEM, the hook's own first: it is not in base64",
    );
    check(
        &certificate,
        "",
        "must be one private key in PEM, PKCS#8, PKCS#1 or SEC1, without a password: there",
    );
    check(&certificate, &certificate, "must be one private key in PEM");
    check(
        &certificate,
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "must be one private key in PEM, PKCS#8, PKCS#1 or SEC1, without a password: it is no RSA",
    );
    check(
        &certificate,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "must be one private key in PEM, PKCS#8, PKCS#1 or SEC1, without a password: there is none",
    );
    check(&certificate, &other.signing_key.serialize_pem(), "is not the key of the certificate");
}

#[test]
fn the_end_of_a_certificate_is_told() {
    let mut params = CertificateParams::new(vec!["one".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2030, 1, 2);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let read = client().identity(&certificate.pem(), &Secret::new(key.serialize_pem())).unwrap();
    assert_eq!(read.expires_at.as_secs(), 1_893_542_400);
    assert!(!format!("{read:?}").contains(&format!("{:?}", key.serialize_der())));
}
