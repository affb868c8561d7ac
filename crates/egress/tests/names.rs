//! Names: every answer is judged, answers are believed for their TTL, and a silent name server is our own failure.

#![allow(clippy::unwrap_used)]

mod support;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{PATIENT, Receiver, SHORT, loopback, post, shown};
use tokio::net::UdpSocket;
use wigwag_egress::{Client, Config};
use wigwag_ports::egress::{CertificateCheck, Egress as _, Keep, Method, Outgoing};

/// A name server on loopback: the first label says what it answers, such as `127_0_0_1-fc00ss1-ttl60`, with dots
/// written as `_` and colons as `s`.
struct NameServer {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                counter.fetch_add(1, Ordering::SeqCst);
                if let Some(reply) = reply(&buffer[..length]) {
                    let _ = socket.send_to(&reply, from).await;
                }
            }
        });
        Self { address, asked }
    }

    fn client(&self) -> Client {
        Client::new(&Config { name_servers: Some(vec![self.address]), ..loopback() }).unwrap()
    }
}

fn reply(question: &[u8]) -> Option<Vec<u8>> {
    let query = Message::from_vec(question).unwrap();
    let asked = query.queries[0].clone();
    let label = String::from_utf8(asked.name().iter().next().unwrap().to_vec()).unwrap().to_ascii_lowercase();
    let mut reply = query.into_response();
    match label.as_str() {
        "silent" => return None,
        "absent" => reply.metadata.response_code = ResponseCode::NXDomain,
        "broken" => reply.metadata.response_code = ResponseCode::ServFail,
        "refused" => reply.metadata.response_code = ResponseCode::Refused,
        "empty" => {}
        _ => {
            let (addresses, ttl) = label.split_once("-ttl").unwrap();
            for address in addresses.split('-') {
                let address: IpAddr = address.replace('_', ".").replace('s', ":").parse().unwrap();
                let kind = if address.is_ipv4() { RecordType::A } else { RecordType::AAAA };
                if kind == asked.query_type() {
                    reply.add_answer(Record::from_rdata(
                        asked.name().clone(),
                        ttl.parse().unwrap(),
                        RData::from(address),
                    ));
                }
            }
        }
    }
    Some(reply.to_vec().unwrap())
}

async fn check(label: &str, expected: &str) {
    let server = NameServer::start().await;
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let url = format!("http://{label}.test:{}/", receiver.address.port());
    let client = server.client();
    let deadline = if label == "silent" { SHORT } else { PATIENT };
    assert_eq!(shown(&post(&client, &url, deadline).await), expected, "{label}");
    let judged = client.judge(&client.target(&url).unwrap()).await;
    assert_eq!(judged.is_err(), expected.starts_with("forbidden"), "{label}: {judged:?}");
    assert_eq!(receiver.connections(), usize::from(expected.starts_with("200")), "{label}");
}

#[tokio::test]
async fn one_forbidden_answer_forbids_the_name() {
    check("127_0_0_1-ttl60", "200 stored 0 read 0").await;
    check("ssffffs127_0_0_1-ttl60", "200 stored 0 read 0").await;
    check("127_0_0_1-10_0_0_1-ttl60", "forbidden 10.0.0.0/8").await;
    check("10_0_0_1-127_0_0_1-ttl60", "forbidden 10.0.0.0/8").await;
    check("127_0_0_1-fc00ss1-ttl60", "forbidden fc00::/7").await;
    check("127_0_0_1-ssffffs169_254_169_254-ttl0", "forbidden 169.254.0.0/16").await;
}

#[tokio::test]
async fn a_name_without_an_address_is_the_owners_failure_and_a_dead_name_server_ours() {
    check("absent", "NameNotFound { host: \"absent.test\" }").await;
    check("empty", "NameNotFound { host: \"empty.test\" }").await;
    check("broken", "NameNotFound { host: \"broken.test\" }").await;
    check("refused", "ResolverUnavailable").await;
    check("silent", "ResolverUnavailable").await;
}

#[tokio::test]
async fn a_silent_name_counts_against_its_owner_while_others_are_answered() {
    let server = NameServer::start().await;
    let client = server.client();
    assert!(post(&client, "http://absent.test/", PATIENT).await.is_err());
    let silent = post(&client, "http://silent.test/", SHORT).await;
    assert_eq!(shown(&silent), "timed out resolving");
}

/// Questions (for both families) asked by three requests in a row.
async fn check_asked(label: &str, expected: usize) {
    let server = NameServer::start().await;
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let client = server.client();
    for _ in 0..3 {
        let url = format!("http://{label}.test:{}/", receiver.address.port());
        assert_eq!(shown(&post(&client, &url, PATIENT).await), "200 stored 0 read 0");
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), expected, "{label}");
}

#[tokio::test]
async fn addresses_are_believed_for_their_ttl() {
    check_asked("127_0_0_1-ttl60", 2).await;
    check_asked("127_0_0_1-ttl0", 6).await;
}

#[tokio::test]
async fn a_client_for_one_name_reaches_it_in_a_private_network_and_never_at_metadata() {
    let server = NameServer::start().await;
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let config = Config { name_servers: Some(vec![server.address]), ..Config::default() };
    let strict = Client::new(&config).unwrap();
    let check = async |label: &str, expected: &str| {
        let url = format!("http://{label}.test:{}/", receiver.address.port());
        assert!(shown(&post(&strict, &url, PATIENT).await).starts_with("forbidden"), "{label}");
        let only = strict.only(&url).unwrap();
        let request = Outgoing {
            method: Method::Get,
            target: only.target(&url).unwrap(),
            headers: Vec::new(),
            custom_headers: Vec::new(),
            body: bytes::Bytes::new(),
            keep: Keep::Beginning,
            certificate: CertificateCheck::Verify,
            identity: None,
            deadline: PATIENT,
        };
        assert_eq!(shown(&only.send(request).await), expected, "{label}");
    };
    check("127_0_0_1-ttl60", "200 stored 0 read 0").await;
    check("127_0_0_1-169_254_169_254-ttl60", "forbidden 169.254.0.0/16").await;
}
