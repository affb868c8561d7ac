//! A URL, parsed once (WHATWG) into where a request goes.

use crate::limits::URL_BYTES_MAX;
use crate::networks::unmapped;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::http::uri::PathAndQuery;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use url::{Host, Url};
use wigwag_base::Secret;
use wigwag_ports::egress::{EgressError, Target};

/// Parses `text` and refuses what can be sent to by nobody. Judges no address.
pub(crate) fn parse(text: &str) -> Result<Target, EgressError> {
    if text.len() > URL_BYTES_MAX {
        return Err(bad(format!("the URL is longer than {URL_BYTES_MAX} bytes")));
    }
    let url = Url::parse(text).map_err(|error| bad(format!("the URL cannot be read: {error}")))?;
    let tls = match url.scheme() {
        "https" => true,
        "http" => false,
        other => return Err(bad(format!("the URL's scheme is {other}; use http or https"))),
    };
    if url.fragment().is_some() {
        return Err(bad("the URL has a fragment (#...), which no request can carry; remove it".to_owned()));
    }
    let (host, literal) = match url.host() {
        Some(Host::Domain(name)) if !name.is_empty() && name != "." => (name.to_ascii_lowercase(), None),
        Some(Host::Ipv4(address)) => (address.to_string(), Some(IpAddr::V4(address))),
        Some(Host::Ipv6(address)) => (address.to_string(), Some(unmapped(IpAddr::V6(address)))),
        _ => return Err(bad("the URL has no host".to_owned())),
    };
    let port = match url.port_or_known_default() {
        Some(port) if port != 0 => port,
        _ => return Err(bad("the URL's port is 0; use 1 to 65535".to_owned())),
    };
    Ok(Target {
        tls,
        authority: authority(&url),
        host,
        literal,
        port,
        path_and_query: path_and_query(&url)?,
        basic_auth: basic_auth(&url),
    })
}

fn bad(text: String) -> EgressError {
    EgressError::BadUrl(text)
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn path_and_query(url: &Url) -> Result<String, EgressError> {
    let text = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    match text.parse::<PathAndQuery>() {
        Ok(parsed) if parsed.as_str() == text => Ok(text),
        _ => Err(bad(
            "the URL's path or query holds a character that cannot be sent; percent-encode it".to_owned()
        )),
    }
}

fn basic_auth(url: &Url) -> Option<Secret<String>> {
    let (name, password) = (url.username(), url.password());
    if name.is_empty() && password.is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(name).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(password.unwrap_or_default()));
    Some(Secret::new(format!("Basic {}", STANDARD.encode(pair))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = match parse(text) {
            Ok(target) => format!(
                "{} {} {} {}{}{}",
                if target.tls { "tls" } else { "plain" },
                target.authority,
                target.port,
                target.path_and_query,
                target.literal.map_or_else(String::new, |ip| format!(" literal {ip}")),
                target.basic_auth.map_or_else(String::new, |auth| format!(" {}", auth.expose())),
            ),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn a_url_is_taken_apart() {
        check("https://Example.COM", "tls example.com 443 /");
        check("http://example.com:8080/a b?q=1", "plain example.com:8080 8080 /a%20b?q=1");
        check("https://example.com:443/", "tls example.com 443 /");
        check("https://bücher.example/", "tls xn--bcher-kva.example 443 /");
        check("https://u%40x:p%3aw@example.com/h", "tls example.com 443 /h Basic dUB4OnA6dw==");
        check("https://u@example.com/", "tls example.com 443 / Basic dTo=");
        check("https://example.com./", "tls example.com. 443 /");
    }

    #[test]
    fn every_way_to_write_a_literal_address_is_seen() {
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0X7F.1/",
            "http://0177.0.0.01/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７。０.0.1/",
            "http:127.0.0.1",
            "http:\\\\127.0.0.1\\",
            "\thttp://127.0\n.0.1/ ",
        ] {
            check(text, "plain 127.0.0.1 80 / literal 127.0.0.1");
        }
        check("http://8.8.8.8@127.0.0.1/", "plain 127.0.0.1 80 / literal 127.0.0.1 Basic OC44LjguODo=");
        check("http://[::1]:81/", "plain [::1]:81 81 / literal ::1");
        check("http://[::ffff:127.0.0.1]/", "plain [::ffff:7f00:1] 80 / literal 127.0.0.1");
        check("http://[::ffff:7f00:1]/", "plain [::ffff:7f00:1] 80 / literal 127.0.0.1");
    }

    #[test]
    fn what_nobody_can_send_to_is_refused() {
        check("ftp://example.com/", "error: the URL's scheme is ftp; use http or https");
        check("javascript:alert(1)", "error: the URL's scheme is javascript; use http or https");
        check("file:///etc/passwd", "error: the URL's scheme is file; use http or https");
        check(
            "https://example.com/#x",
            "error: the URL has a fragment (#...), which no request can carry; remove it",
        );
        check("https://", "error: the URL cannot be read: empty host");
        check("https://./", "error: the URL has no host");
        check("example.com/hook", "error: the URL cannot be read: relative URL without a base");
        check("http://example.com:0/", "error: the URL's port is 0; use 1 to 65535");
        check("http://example.com:65536/", "error: the URL cannot be read: invalid port number");
        check("http://[fe80::1%25eth0]/", "error: the URL cannot be read: invalid IPv6 address");
        check("http://[fe80::1%eth0]/", "error: the URL cannot be read: invalid IPv6 address");
        check("http://1.2.3.4.5/", "error: the URL cannot be read: invalid IPv4 address");
        check("http://256.0.0.1/", "error: the URL cannot be read: invalid IPv4 address");
        check("http://exa mple.com/", "error: the URL cannot be read: invalid international domain name");
    }

    #[test]
    fn a_url_of_the_longest_length_is_accepted_and_one_byte_more_refused() {
        let longest = format!("https://example.com/{}", "a".repeat(URL_BYTES_MAX - 20));
        assert_eq!(longest.len(), URL_BYTES_MAX);
        assert!(parse(&longest).is_ok());
        check(&format!("{longest}a"), "error: the URL is longer than 8192 bytes");
    }
}
