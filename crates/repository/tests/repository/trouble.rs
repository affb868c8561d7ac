//! Servers that are no help: what they say is told without what must not be told.

use crate::ground::Ground;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use wigwag_base::Secret;
use wigwag_ports::Repository;
use wigwag_repository::RepositoryConfig;

const TOKEN: &str = "planted-secret";

/// `oauth2:planted-secret`.
const ENCODED: &str = "b2F1dGgyOnBsYW50ZWQtc2VjcmV0";

/// A server that answers everything alike.
struct Server {
    url: String,
    /// Every head that it got.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/group/project", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let notes = heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while stream.read_line(&mut head).is_ok_and(|bytes| bytes > 2) {}
                notes.lock().unwrap().push(head);
                let _ = stream.get_mut().write_all(answer.as_bytes());
            }
        });
        Self { url, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join("")
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
}

async fn problem(ground: &Ground, server: &Server) -> String {
    let mut config = RepositoryConfig::new(server.url.clone(), ground.path("mirror"));
    config.token = Some(Secret::new(TOKEN.into()));
    let mirror = ground.tried(config).await;
    let problem = mirror.freshness().problem.unwrap();
    assert!(!problem.contains(TOKEN) && !problem.contains(ENCODED), "{problem}");
    problem
}

#[tokio::test]
async fn a_token_is_sent_to_the_source_and_shown_to_nobody() {
    let ground = Ground::new();
    let server = Server::start(answer("403 Forbidden", "", "no"));
    let said = problem(&ground, &server).await;
    assert!(said.contains("returned error: 403"), "{said}");
    assert!(server.heard().contains(&format!("Authorization: Basic {ENCODED}")), "{}", server.heard());
}

#[tokio::test]
async fn a_server_that_wants_another_token_is_told() {
    let ground = Ground::new();
    let server = Server::start(answer("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", ""));
    let said = problem(&ground, &server).await;
    assert!(said.ends_with("; the server wants a token"), "{said}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_no_token_along() {
    let ground = Ground::new();
    let elsewhere = Server::start(answer("200 OK", "", "x"));
    let location = format!("Location: {}/info/refs?service=git-upload-pack\r\n", elsewhere.url);
    let server = Server::start(answer("301 Moved Permanently", &location, ""));
    let said = problem(&ground, &server).await;
    assert!(said.contains("the server redirects: set the address"), "{said}");
    assert_eq!(elsewhere.heard(), "");
}

#[tokio::test]
async fn a_server_that_talks_nonsense_is_told_in_one_tame_line() {
    let ground = Ground::new();
    let body = format!("\u{1b}[2J{}", "nonsense\n".repeat(100_000));
    let kind = "Content-Type: application/x-git-upload-pack-advertisement\r\n";
    for server in [
        Server::start(answer("200 OK", "", &body)),
        Server::start(answer("200 OK", kind, &body)),
        Server::start("nonsense".repeat(10_000)),
    ] {
        let said = problem(&ground, &server).await;
        assert!(said.len() < 500 && !said.chars().any(char::is_control), "{said:?}");
    }
}

#[tokio::test]
async fn a_source_that_is_no_source_is_refused_before_git_sees_it() {
    let ground = Ground::new();
    let check = |source: &str| {
        let config = RepositoryConfig::new(source.into(), ground.path("mirror"));
        let refused = wigwag_repository::GitRepository::open(config, ground.clock.clone());
        let said = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.starts_with("source: "), "{source}: {said}");
    };
    check("--upload-pack=touch x");
    check("ext::sh -c touch% x");
    check("https://user:word@git.example/project");
    check("");
    assert!(!ground.path("mirror").exists());
}
