use crate::receiver::{Receive, Reply, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use std::fmt::Write;
use std::time::Duration;

/// Bytes of a body, and of one header, that the product keeps: an echo that a cut goes through.
const BODY_KEPT: usize = 8 * 1024;
const HEADER_KEPT: usize = 1024;

/// How a receiver sends back what it got; its path begins with it.
pub(super) const WAYS: [&str; 7] = ["headers", "body", "json", "encoded", "cut", "redirect", "failure"];

/// Receivers that send back what they got.
#[derive(Default)]
pub(super) struct Echoes {
    heard: Mutex<Vec<u8>>,
}

impl Echoes {
    /// Everything that came.
    pub(super) fn heard(&self) -> Vec<u8> {
        self.heard.lock().clone()
    }
}

impl Receive for Echoes {
    fn receive(&self, request: &Request) -> Reply {
        self.heard.lock().extend([request.head.as_bytes(), &request.body].concat());
        let way = request.path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        let answer = |status, headers: String, body: String| Reply::Answer {
            status,
            headers,
            body: body.into_bytes(),
            after: Duration::ZERO,
        };
        let secret_lines = || request.head.lines().skip(1).filter(|line| line.contains(": "));
        match way {
            "headers" => {
                let headers =
                    secret_lines().fold(format!("X-Path: {}\r\n", request.path), |mut all, line| {
                        let _ = write!(all, "X-Echo-{line}\r\n");
                        all
                    });
                answer(200, headers, String::new())
            }
            "body" => answer(200, String::new(), request.head.clone()),
            "json" => answer(200, String::new(), serde_json::Value::from(request.head.as_str()).to_string()),
            "encoded" => {
                let value = |line: &str| STANDARD.encode(line.split_once(": ").map_or("", |pair| pair.1));
                let values: Vec<String> = secret_lines().map(value).collect();
                answer(200, String::new(), values.join("\n"))
            }
            "cut" => {
                let token = request.header("x-gitlab-token");
                let headers = format!("X-Cut: {}{token}\r\n", "p".repeat(HEADER_KEPT - 16));
                answer(200, headers, format!("{}{token}", "p".repeat(BODY_KEPT - 16)))
            }
            "redirect" => {
                let to =
                    format!("http://{}@elsewhere.example{}", request.header("x-gitlab-token"), request.path);
                answer(302, format!("Location: {to}\r\n"), String::new())
            }
            _ => answer(500, String::new(), format!("no, {}", request.head)),
        }
    }
}
