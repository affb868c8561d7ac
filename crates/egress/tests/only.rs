//! A client for one server that the operator named: that one wherever it lies, and nothing else.

#![allow(clippy::unwrap_used)]

mod support;

use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use support::{PATIENT, Receiver, client, read_request, shown};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use wigwag_egress::{Client, Config};
use wigwag_ports::egress::{Answer, CertificateCheck, Egress, EgressError, Keep, Method, Outgoing};

const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

async fn ask(
    client: &dyn Egress,
    url: &str,
    method: Method,
    body: &'static str,
    keep: Keep,
) -> Result<Answer, EgressError> {
    let request = Outgoing {
        method,
        target: client.target(url)?,
        headers: vec![("private-token", "secret".to_owned())],
        custom_headers: Vec::new(),
        body: Bytes::from_static(body.as_bytes()),
        keep,
        certificate: CertificateCheck::Verify,
        identity: None,
        deadline: PATIENT,
    };
    client.send(request).await
}

async fn get(client: &dyn Egress, url: &str) -> Result<Answer, EgressError> {
    ask(client, url, Method::Get, "", Keep::Beginning).await
}

/// What a strict client says to a client for `url` alone.
fn only(url: &str, own: &[SocketAddr]) -> Result<Arc<dyn Egress>, EgressError> {
    let config = Config { listen_addresses: own.to_vec(), ..Config::default() };
    Client::new(&config).unwrap().only(url)
}

#[tokio::test]
async fn a_private_server_is_reached_and_no_other_place() {
    let (named, other) = (Receiver::answering(EMPTY).await, Receiver::answering(EMPTY).await);
    let client = only(&named.url(), &[]).unwrap();
    assert_eq!(shown(&get(&*client, &named.url()).await), "200 stored 0 read 0");
    let port = named.address.port();
    for elsewhere in [
        other.url(),
        format!("http://127.0.0.2:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        "http://10.0.0.1/".to_owned(),
        "https://example.com/".to_owned(),
    ] {
        let refused = get(&*client, &elsewhere).await;
        let text = format!("BadUrl(\"only 127.0.0.1 port {port} is reached from here\")");
        assert_eq!(shown(&refused), text, "{elsewhere}");
    }
    // A target that another client made does not get past it either.
    let target = support::client().target(&other.url()).unwrap();
    let smuggled = Outgoing {
        method: Method::Get,
        target,
        headers: Vec::new(),
        custom_headers: Vec::new(),
        body: Bytes::new(),
        keep: Keep::Beginning,
        certificate: CertificateCheck::Verify,
        identity: None,
        deadline: PATIENT,
    };
    assert!(matches!(client.send(smuggled).await, Err(EgressError::BadUrl(_))));
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn neither_metadata_nor_this_server_is_ever_reached() {
    let refusal = |url: &str, own: &[SocketAddr]| match only(url, own) {
        Ok(_) => "made".to_owned(),
        Err(EgressError::Forbidden { network, .. }) => format!("forbidden {network}"),
        Err(other) => other.to_string(),
    };
    assert_eq!(refusal("http://169.254.169.254/", &[]), "forbidden 169.254.0.0/16");
    assert_eq!(refusal("http://0.0.0.0/", &[]), "forbidden 0.0.0.0");
    assert_eq!(refusal("http://10.1.2.3/", &[]), "made");
    let own: SocketAddr = "127.0.0.1:4321".parse().unwrap();
    assert_eq!(refusal("http://127.0.0.1:4321/", &[own]), "forbidden 127.0.0.1:4321");
    assert_eq!(refusal("http://127.0.0.1:4322/", &[own]), "made");
    assert_eq!(refusal("ftp://10.1.2.3/", &[]), "the URL's scheme is ftp; use http or https");
}

#[tokio::test]
async fn methods_go_out_as_they_are_asked_for() {
    let (heard, mut requests) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |mut stream, _| {
        let heard = heard.clone();
        async move {
            while let Some(request) = read_request(&mut stream).await {
                heard.send(request).unwrap();
                let _ = stream.write_all(EMPTY.as_bytes()).await;
            }
        }
    })
    .await;
    let (client, url) = (client(), receiver.url());
    let mut check = async |method, body, begins: &str, ends: &str| {
        ask(&client, &url, method, body, Keep::Beginning).await.unwrap();
        let request = requests.recv().await.unwrap();
        assert!(request.starts_with(begins) && request.ends_with(ends), "{request}");
        assert!(request.contains("private-token: secret\r\n"), "{request}");
        request.contains("content-length")
    };
    assert!(!check(Method::Get, "", "GET /hook HTTP/1.1\r\n", "\r\n\r\n").await);
    assert!(!check(Method::Delete, "", "DELETE /hook HTTP/1.1\r\n", "\r\n\r\n").await);
    assert!(check(Method::Post, "value=1", "POST /hook HTTP/1.1\r\n", "\r\n\r\nvalue=1").await);
}

#[tokio::test]
async fn a_whole_body_is_kept_up_to_its_bound_and_a_longer_one_shows() {
    for (length, expected) in [
        (0, "200 stored 0 read 0"),
        (20_000, "200 stored 20000 read 20000"),
        (20_001, "200 stored 20000 read 20001"),
        (9_999_999, "200 stored 20000 read 20001"),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "b".repeat(length));
        let receiver = Receiver::answering(answer).await;
        let answer = ask(&client(), &receiver.url(), Method::Get, "", Keep::Whole(20_000)).await;
        assert_eq!(shown(&answer), expected, "{length}");
    }
}
