//! Mail: to the one server that the operator named, encrypted as configured, in the words of SMTP.

#![allow(clippy::unwrap_used)]

mod support;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::sync::Arc;
use support::Receiver;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use wigwag_base::{Secret, Timestamp};
use wigwag_egress::{Config, Smtp, SmtpConfig, SmtpTls};
use wigwag_ports::Mailer;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::mail::Mail;

/// What a server answers to a word.
type Answers = &'static [(&'static str, &'static str)];

/// How a server behaves.
#[derive(Clone, Copy, Default)]
struct Ways {
    /// What it answers to a word, if not what is usual.
    answers: Answers,
    /// Whether its connections begin with TLS.
    implicit: bool,
    /// The word after which it says nothing more.
    falls_silent_at: Option<&'static str>,
}

/// A server, the certificate that it shows for `localhost`, and the lines that it heard.
async fn server(ways: Ways) -> (Receiver, Vec<u8>, mpsc::UnboundedReceiver<String>) {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (heard, lines) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |stream, _| {
        let (acceptor, heard) = (acceptor.clone(), heard.clone());
        async move {
            if ways.implicit {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                talk(stream, ways, &heard, true).await;
            } else if let Some(stream) = talk(stream, ways, &heard, true).await {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                talk(stream, ways, &heard, false).await;
            }
        }
    })
    .await;
    (receiver, certified.cert.pem().into_bytes(), lines)
}

/// Talks until the end, or until the client wants to go on in TLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    ways: Ways,
    heard: &mpsc::UnboundedSender<String>,
    greets: bool,
) -> Option<S> {
    let mut stream = BufReader::new(stream);
    if greets {
        stream.write_all(b"220 test\r\n").await.ok()?;
    }
    let mut in_data = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        let _ = heard.send(line.to_owned());
        let word =
            if in_data { if line == "." { "." } else { continue } } else { line.split([' ', ':']).next()? };
        if ways.falls_silent_at == Some(word) {
            std::future::pending::<()>().await;
        }
        let usual = match word {
            "EHLO" => "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN",
            "STARTTLS" => "220 go",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        in_data = word == "DATA";
        let answer =
            ways.answers.iter().find(|(known, _)| *known == word).map_or(usual, |(_, answer)| answer);
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        match (word, answer) {
            ("STARTTLS", "220 go") => return Some(stream.into_inner()),
            ("QUIT", _) => return None,
            _ => {}
        }
    }
}

fn config(port: u16, tls: SmtpTls) -> SmtpConfig {
    SmtpConfig {
        host: "localhost".into(),
        port,
        tls,
        login: None,
        from: "Wigwag <wigwag@example.org>".into(),
        hello: "wigwag.example".into(),
    }
}

fn mail() -> Mail {
    Mail {
        id: "one".into(),
        at: Timestamp::from_secs(1_800_000_000),
        to_name: "Mia".into(),
        to_address: "mia@example.com".into(),
        subject: "hello".into(),
        text: "text".into(),
        html: "<p>text</p>".into(),
        unsubscribe_url: "https://w.example/-/notices/unsubscribe?user=5&key=abc".into(),
    }
}

/// `sent`, `later: WHY` or `never: WHY`.
async fn send(config: SmtpConfig, roots: &[Vec<u8>], mail: &Mail) -> String {
    let egress = Config { extra_roots: roots.to_vec(), ..Config::default() };
    match Smtp::new(config, &egress).unwrap().send(mail).await {
        Ok(()) => "sent".into(),
        Err(ChatOutError::Later { reason, .. }) => format!("later: {reason}"),
        Err(ChatOutError::Never(reason)) => format!("never: {reason}"),
    }
}

fn heard(lines: &mut mpsc::UnboundedReceiver<String>) -> Vec<String> {
    std::iter::from_fn(|| lines.try_recv().ok()).collect()
}

#[tokio::test]
async fn mail_is_handed_over_encrypted_as_configured_and_under_the_servers_certificate() {
    for (tls, implicit) in [(SmtpTls::Implicit, true), (SmtpTls::StartTls, false)] {
        let (receiver, root, mut lines) = server(Ways { implicit, ..Ways::default() }).await;
        let config = SmtpConfig {
            login: Some(("user".into(), Secret::new("hunter2".into()))),
            ..config(receiver.address.port(), tls)
        };
        assert_eq!(send(config.clone(), &[root], &mail()).await, "sent");
        let all = heard(&mut lines);
        assert!(all.contains(&"EHLO wigwag.example".to_owned()), "{all:?}");
        assert!(all.iter().any(|line| line.starts_with("AUTH PLAIN")), "{all:?}");
        assert!(all.iter().any(|line| line == "RCPT TO:<mia@example.com>"), "{all:?}");
        // A certificate that nobody vouches for is shown nothing.
        let told = send(config, &[], &mail()).await;
        assert!(told.starts_with("later: ") && told.contains("certificate"), "{told}");
        let all = heard(&mut lines);
        assert!(!all.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{all:?}");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let ways = Ways { answers: &[("EHLO", "250 test")], ..Ways::default() };
    let (receiver, root, mut lines) = server(ways).await;
    let told = send(config(receiver.address.port(), SmtpTls::StartTls), &[root], &mail()).await;
    assert!(told.contains("STARTTLS is not supported"), "{told}");
    assert!(!heard(&mut lines).iter().any(|line| line.starts_with("MAIL")));
}

#[tokio::test]
async fn what_a_server_says_decides_whether_it_is_tried_again() {
    let check = async |answers: Answers, told: &str| {
        let (receiver, _, _lines) = server(Ways { answers, ..Ways::default() }).await;
        let said = send(config(receiver.address.port(), SmtpTls::None), &[], &mail()).await;
        assert!(said.starts_with(told), "{answers:?}: {said}");
    };
    check(&[], "sent").await;
    check(&[("RCPT", "450 later")], "later: ").await;
    check(&[("RCPT", "550 no such user")], "never: ").await;
    check(&[("RCPT", "551 moved")], "never: ").await;
    check(&[("RCPT", "553 odd")], "never: ").await;
    check(&[("RCPT", "550 5.1.1 no such user")], "never: ").await;
    check(&[("RCPT", "550 5.1.2 no such system")], "never: ").await;
    check(&[("RCPT", "501 5.1.3 bad syntax")], "never: ").await;
    check(&[("RCPT", "551 5.1.6 moved")], "never: ").await;
    check(&[("RCPT", "556 5.1.10 takes no mail")], "never: ").await;
    check(&[("RCPT", "550-5.1.1 no such user\r\n550 5.1.1 see the manual")], "never: ").await;
    check(&[(".", "550 5.1.10 no such recipient")], "never: ").await;
    // What operators can mend, which concerns every recipient.
    check(&[("MAIL", "550 no")], "later: ").await;
    check(&[("MAIL", "553 5.7.1 not your address")], "later: ").await;
    check(&[("MAIL", "553 5.1.3 odd")], "later: ").await;
    check(&[("RCPT", "550 5.7.1 relaying denied")], "later: ").await;
    check(&[("RCPT", "553 5.1.8 bad sender")], "later: ").await;
    check(&[("RCPT", "450 5.1.1 later")], "later: ").await;
    check(&[("DATA", "550 no")], "later: ").await;
    check(&[(".", "550 5.7.26 not signed")], "later: ").await;
    check(&[(".", "550 spam")], "later: ").await;
    check(&[("MAIL", "530 sign in first")], "later: ").await;
    check(&[("RCPT", "554 relay denied")], "later: ").await;
    check(&[("DATA", "452 no room")], "later: ").await;
    check(&[(".", "552 too large")], "later: ").await;
    check(&[("EHLO", "garbage")], "later: ").await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_left_in_time() {
    for word in ["EHLO", "MAIL", "RCPT", "DATA", "."] {
        let (receiver, _, _lines) = server(Ways { falls_silent_at: Some(word), ..Ways::default() }).await;
        let told = send(config(receiver.address.port(), SmtpTls::None), &[], &mail()).await;
        assert!(told.starts_with("later: "), "{word}: {told}");
    }
}

#[tokio::test]
async fn nothing_breaks_out_of_a_line() {
    let (receiver, _, mut lines) = server(Ways::default()).await;
    let evil = Mail {
        to_name: "Mia\r\nBcc: all@example.org\r\n\r\nbody".into(),
        subject: "a\r\nBcc: all@example.org\u{0}".into(),
        id: "one\r\nX: y".into(),
        text: "a\n.\nMAIL FROM:<x@example.org>\n".into(),
        ..mail()
    };
    assert_eq!(send(config(receiver.address.port(), SmtpTls::None), &[], &evil).await, "sent");
    let all = heard(&mut lines);
    assert_eq!(
        all.iter().filter(|line| line.starts_with("RCPT") || line.starts_with("MAIL FROM")).count(),
        3,
        "{all:?}"
    );
    assert!(!all.iter().any(|line| line.starts_with("Bcc:") || line.starts_with("X:")), "{all:?}");
    assert!(all.contains(&"..".to_owned()), "a dot is doubled: {all:?}");
    let odd = Mail { to_address: "mia@example.com>\r\nRCPT TO:<all@example.org".into(), ..mail() };
    let told = send(config(receiver.address.port(), SmtpTls::None), &[], &odd).await;
    assert!(told.starts_with("never: "), "{told}");
}

#[tokio::test]
async fn addresses_that_no_setting_opens_are_refused() {
    let refused = |host: &str, egress: &Config| {
        let config = SmtpConfig { host: host.into(), ..config(25, SmtpTls::None) };
        Smtp::new(config, egress).err().unwrap_or_default()
    };
    for host in ["169.254.169.254", "0.0.0.0", "fd00:ec2::254", "localhost/path", "user@localhost", ""] {
        let told = refused(host, &Config::default());
        assert!(told.starts_with("host: "), "{host:?}: {told:?}");
    }
    let own = Config { listen_addresses: vec!["127.0.0.1:25".parse().unwrap()], ..Config::default() };
    assert!(refused("127.0.0.1", &own).contains("this server itself"));
    assert_eq!(refused("10.0.0.7", &Config::default()), "", "the operator's may lie in a private network");
    let from = SmtpConfig { from: "nobody".into(), ..config(25, SmtpTls::None) };
    assert!(Smtp::new(from, &Config::default()).err().unwrap().starts_with("from: "));
}
