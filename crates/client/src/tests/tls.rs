//! TLS: a server whose authority the machine does not know.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::house::{Scripted, flag, is_live, until, until_lost};
use crate::Client;

/// Puts TLS before `server`; its URL then, and the certificate in PEM.
async fn with_tls(server: &Scripted) -> (String, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let behind = server.url.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut behind = TcpStream::connect(&behind).await.unwrap();
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut behind).await });
            }
        }
    });
    (url, cert.pem())
}

#[tokio::test]
async fn an_authority_counts_if_it_was_given() {
    let mut server = Scripted::start().await;
    let (url, pem) = with_tls(&server).await;
    let client = Client::builder(&url).certificate_authorities(pem).connect();
    let _feed = server.stream().await.accept_with_snapshot("v1", json!([flag("f", true)]));
    until(&client, is_live).await;
    assert!(client.is_enabled("f", &[]));

    let stranger = Client::builder(&url).connect();
    let why = until_lost(&stranger).await;
    assert!(why.starts_with("the server cannot be reached") && why.contains("certificate"), "{why}");
}
