//! The hostile cases: each a URL that a user could set, and the names that it needs.

use super::literals::{forbidden_v4, forbidden_v6, spelled_v4, spelled_v6, wrapped};
use super::names::{self, Named};
use super::world::{DECOYS, LURES, METADATA_V4, OWN, OWN_PORT_ANYWHERE};
use fastrand::Rng;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which client is asked: both know the addresses of their own server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Which {
    /// Nothing is opened.
    Strict,
    /// The operator has opened every network there is.
    Opened,
}

/// One hostile case.
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    pub(crate) url: String,
    pub(crate) which: Which,
    /// How often a request is sent there.
    pub(crate) sends: u32,
    pub(crate) names: Vec<Named>,
}

type Maker = fn(&mut Rng, &str) -> Case;

/// Every kind of case; they take turns, so that each is among the first dozen.
const KINDS: [Maker; 12] = [
    literal_v4, literal_v6, disguised, scheme, straight, chain, mixed, rebinding, redirect, own, metadata,
    local_name,
];

/// The `index`-th case of the seed that `rng` began with.
pub(crate) fn case(rng: &mut Rng, index: u32) -> Case {
    KINDS[index as usize % KINDS.len()](rng, &format!("c{index}.hostile.test"))
}

fn strict(kind: &'static str, url: String, names: Vec<Named>) -> Case {
    Case { kind, url, which: Which::Strict, sends: 1, names }
}

fn literal_v4(rng: &mut Rng, _: &str) -> Case {
    let address = forbidden_v4(rng);
    let host = spelled_v4(rng, address);
    strict("literal IPv4", url(rng, &host), Vec::new())
}

fn literal_v6(rng: &mut Rng, _: &str) -> Case {
    let address = forbidden_v6(rng);
    let host = spelled_v6(rng, address);
    strict("literal IPv6", url(rng, &host), Vec::new())
}

fn disguised(rng: &mut Rng, _: &str) -> Case {
    const FORMS: [&str; 30] = [
        "http://DECOY@HOST/",
        "http://DECOY:80@HOST/",
        "http://DECOY:80:80@HOST/",
        "http://DECOY%40HOST/",
        "http://DECOY\\@HOST/",
        "http://HOST\\@DECOY/",
        "http://DECOY#@HOST/",
        "http://DECOY?@HOST/",
        "http://DECOY/@HOST/",
        "http://HOST#DECOY",
        "http://HOST#@DECOY/",
        "http://HOST?@DECOY/",
        "http://DECOY @HOST/",
        "http://DECOY&@HOST#@DECOY/",
        "http://@HOST/",
        "http://@@HOST/",
        "http://u:p@HOST:8080/",
        "http:HOST/",
        "http:/HOST/",
        "http:\\\\HOST/",
        "http:////HOST/",
        " \u{1}http://HOST/ ",
        "ht\ttp://HO\nST/",
        "hTtP://HOST/",
        "http://HOST%00.DECOY/",
        "http://HOST%2f@DECOY/",
        "http://DECOY\u{0}@HOST/",
        "http://[HOST]/",
        "//HOST/",
        "http://HOST:80\t80/",
    ];
    let address = forbidden_v4(rng);
    let host = spelled_v4(rng, address);
    let form = FORMS[rng.usize(..FORMS.len())];
    // "HO\nST" is put together by the parser; here it has to be written apart.
    let (first, second) = host.split_at(host.char_indices().nth(1).map_or(0, |(at, _)| at));
    let text = form
        .replace("HO\nST", &format!("{first}\n{second}"))
        .replace("HOST", &host)
        .replace("DECOY", &DECOYS[0].to_string());
    strict("disguised", text, Vec::new())
}

fn scheme(rng: &mut Rng, _: &str) -> Case {
    const FORMS: [&str; 12] = [
        "ftp://HOST/",
        "gopher://HOST:6379/_INFO",
        "file://HOST/etc/passwd",
        "dict://HOST:11211/stats",
        "ldap://HOST/",
        "ws://HOST/",
        "wss://HOST/",
        "url:http://HOST/",
        "jar:http://HOST!/",
        "http+unix://HOST/",
        "HOST/",
        "unix:/run/HOST.sock",
    ];
    let address = forbidden_v4(rng);
    let host = spelled_v4(rng, address);
    strict("scheme", FORMS[rng.usize(..FORMS.len())].replace("HOST", &host), Vec::new())
}

fn straight(rng: &mut Rng, name: &str) -> Case {
    let named = names::straight(rng, name);
    strict("forbidden name", named_url(rng, name), vec![named])
}

fn chain(rng: &mut Rng, name: &str) -> Case {
    let chain = names::chain(rng, name);
    strict("chain of aliases", named_url(rng, name), chain)
}

fn mixed(rng: &mut Rng, name: &str) -> Case {
    let named = names::mixed(rng, name);
    strict("mixed answer", named_url(rng, name), vec![named])
}

fn rebinding(rng: &mut Rng, name: &str) -> Case {
    let named = names::rebinding(rng, name);
    Case { sends: 5, ..strict("rebinding", named_url(rng, name), vec![named]) }
}

fn redirect(rng: &mut Rng, name: &str) -> Case {
    let host = match rng.u8(0..3) {
        0 => forbidden_v4(rng).to_string(),
        1 => format!("[{}]", forbidden_v6(rng)),
        _ => name.to_owned(),
    };
    let status = rng.choice([301, 302, 303, 307, 308, 300, 305]).unwrap_or(302);
    let named = names::straight(rng, name);
    strict("redirect", format!("http://{}/redirect/{status}/http://{host}:8080/x", DECOYS[0]), vec![named])
}

fn own(rng: &mut Rng, name: &str) -> Case {
    let lure = LURES[rng.usize(..LURES.len())];
    let (address, port) = if rng.bool() { (OWN.ip(), OWN.port()) } else { (lure, OWN_PORT_ANYWHERE) };
    let host = match (rng.bool(), address) {
        (true, _) => names::spelled(rng, name),
        (false, IpAddr::V4(v4)) if rng.bool() => format!("[{}]", v4.to_ipv6_mapped()),
        (false, IpAddr::V4(v4)) => spelled_v4(rng, v4),
        (false, IpAddr::V6(v6)) => spelled_v6(rng, v6),
    };
    let scheme = if rng.bool() { "http" } else { "https" };
    let named = names::with_addresses(name, &[address]);
    strict("own address", format!("{scheme}://{host}:{port}/"), vec![named])
}

fn metadata(rng: &mut Rng, name: &str) -> Case {
    let v4 = Ipv4Addr::from(METADATA_V4[rng.usize(..METADATA_V4.len())]);
    let v6 = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    let (host, addresses) = match rng.u8(0..8) {
        0 => ("[::]".to_owned(), Vec::new()),
        1 => (spelled_v4(rng, Ipv4Addr::UNSPECIFIED), Vec::new()),
        2 => (spelled_v6(rng, v6), Vec::new()),
        3 => {
            let address = wrapped(rng, v4);
            (spelled_v6(rng, address), Vec::new())
        }
        4 => (names::spelled(rng, name), vec![IpAddr::V6(wrapped(rng, v4))]),
        5 => (names::spelled(rng, name), vec![IpAddr::V4(Ipv4Addr::new(10, 9, 9, 9)), IpAddr::V4(v4)]),
        6 => (names::spelled(rng, name), vec![IpAddr::V6(v6)]),
        _ => (spelled_v4(rng, v4), Vec::new()),
    };
    let names = vec![names::with_addresses(name, &addresses)];
    Case { kind: "metadata", url: url(rng, &host), which: Which::Opened, sends: 1, names }
}

fn local_name(rng: &mut Rng, _: &str) -> Case {
    const NAMES: [&str; 8] = [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.b.localhost",
        "\u{ff4c}ocalhost",
        "loc%61lhost",
        "ip6-localhost",
        "localhost.localdomain",
    ];
    let host = NAMES[rng.usize(..NAMES.len())];
    strict("name of this machine", url(rng, host), Vec::new())
}

fn named_url(rng: &mut Rng, name: &str) -> String {
    let host = names::spelled(rng, name);
    url(rng, &host)
}

fn url(rng: &mut Rng, host: &str) -> String {
    const PORTS: [&str; 12] =
        ["", "", "", ":80", ":443", ":8080", ":22", ":25", ":6379", ":2375", ":65535", ":08080"];
    let scheme = if rng.u8(0..4) == 0 { "https" } else { "http" };
    let port = PORTS[rng.usize(..PORTS.len())];
    let path = rng.choice(["/", "", "/hook", "/latest/meta-data/", "?x=1", "/a/../b"]).unwrap_or_default();
    format!("{scheme}://{host}{port}{path}")
}
