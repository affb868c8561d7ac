//! Whoever says commands: over a connection of its own, each at its time.

use crate::server::{self, ROOT_TOKEN};
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::Sha256;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What the chat signs with.
pub(super) const SECRET: &str = "a-signing-secret-of-the-benchmark";

/// Which way a command goes.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// As `wigwag chatops run` says it.
    Terminal,
    /// As Slack sends it.
    Chat(Slack),
}

/// A workspace in which root is known.
#[derive(Clone, Debug)]
pub(super) struct Slack;

impl Slack {
    /// Links its user to root by a code.
    pub(super) async fn linked(address: SocketAddr) -> Result<Self> {
        let made = server::ask(address, Method::POST, "/v1/chat/link_codes", String::new()).await?;
        let code = made["code"].as_str().context("a code is made")?;
        let mut speaker = Speaker::new(address, Way::Chat(Self)).await?;
        speaker.run(&format!("link {code}")).await?;
        Ok(Self)
    }
}

/// Somebody with a connection.
pub(super) struct Speaker {
    address: SocketAddr,
    way: Way,
    sender: SendRequest<Full<Bytes>>,
}

impl Speaker {
    pub(super) async fn new(address: SocketAddr, way: Way) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { address, way, sender })
    }

    /// Says each at its time, or as soon as the one before is answered; milliseconds from that time to the answer.
    pub(super) async fn say(mut self, all: Vec<(Instant, String)>) -> Result<(Way, Vec<f64>)> {
        let mut latencies = Vec::with_capacity(all.len());
        for (at, text) in all {
            tokio::time::sleep_until(at).await;
            self.run(&text).await?;
            latencies.push(at.elapsed().as_secs_f64() * 1e3);
        }
        Ok((self.way, latencies))
    }

    async fn run(&mut self, text: &str) -> Result<()> {
        self.sender.ready().await?;
        let request = match self.way {
            Way::Terminal => self.direct(text)?,
            Way::Chat(_) => self.signed(text)?,
        };
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let told = String::from_utf8_lossy(&body);
        ensure!(status.is_success(), "{text}: answered {status}: {told}");
        let value: Value = serde_json::from_slice(&body)?;
        let refused = match self.way {
            Way::Terminal => value["ok"] != true,
            Way::Chat(_) => told.contains("*refused*") || told.contains("takes longer"),
        };
        ensure!(!refused, "{text}: {told}");
        Ok(())
    }

    fn direct(&self, text: &str) -> Result<Request<Full<Bytes>>> {
        let request = Request::post("/v1/chatops")
            .header("Host", self.address.to_string())
            .header("PRIVATE-TOKEN", ROOT_TOKEN)
            .header("Content-Type", "application/json");
        Ok(request.body(Full::new(json!({ "text": text }).to_string().into()))?)
    }

    fn signed(&self, text: &str) -> Result<Request<Full<Bytes>>> {
        static TRIGGER: AtomicU64 = AtomicU64::new(1);
        let trigger = TRIGGER.fetch_add(1, Ordering::Relaxed);
        let text: String =
            text.chars().map(|c| if c == ' ' { "+".to_owned() } else { c.to_string() }).collect();
        let body = format!(
            "team_id=T0BENCH&channel_id=C0PRODUCTION&channel_name=production&user_id=U0ROOT&user_name=root\
             &command=%2Fchatops&text=run+{text}&trigger_id={trigger}"
        );
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
        mac.update(format!("v0:{timestamp}:{body}").as_bytes());
        let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let request = Request::post("/chat/slack")
            .header("Host", self.address.to_string())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("x-slack-request-timestamp", timestamp)
            .header("x-slack-signature", format!("v0={digest}"));
        Ok(request.body(Full::new(body.into()))?)
    }
}
