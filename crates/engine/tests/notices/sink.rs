//! A mail server on loopback that takes what it is told to take.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A message as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Arrived {
    /// The envelope's recipient.
    pub(crate) to: String,
    /// Head and body, lines unfolded.
    pub(crate) content: String,
}

impl Arrived {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.content.lines().take_while(|line| !line.is_empty());
        let found = lines
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.content)).1
    }
}

/// What the server does with the next message instead of taking it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Instead {
    /// It answers RCPT with this.
    Refuse(&'static str),
    /// It takes the message and breaks the connection without an answer.
    BreakAfterData,
}

pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    arrived: mpsc::UnboundedReceiver<Arrived>,
    next: Arc<Mutex<VecDeque<Instead>>>,
}

impl Sink {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = mpsc::unbounded_channel();
        let next = Arc::<Mutex<VecDeque<Instead>>>::default();
        let script = next.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sender.clone(), script.clone()));
            }
        });
        Self { address, arrived, next }
    }

    /// What it does with the next messages.
    pub(crate) fn does(&self, instead: &[Instead]) {
        self.next.lock().unwrap().extend(instead);
    }

    /// What arrived and was not looked at, by recipient.
    pub(crate) fn seen(&mut self) -> Vec<Arrived> {
        let mut seen: Vec<Arrived> = std::iter::from_fn(|| self.arrived.try_recv().ok()).collect();
        seen.sort_by(|a, b| a.to.cmp(&b.to));
        seen
    }
}

async fn serve(
    stream: TcpStream,
    arrived: mpsc::UnboundedSender<Arrived>,
    script: Arc<Mutex<VecDeque<Instead>>>,
) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    say(&mut write, "220 sink").await?;
    let mut to = String::new();
    loop {
        let line = lines.next_line().await.ok()??;
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" => say(&mut write, "250-sink\r\n250 8BITMIME").await?,
            "RCPT" => {
                let refused = {
                    let mut script = script.lock().unwrap();
                    match script.front() {
                        Some(Instead::Refuse(answer)) => {
                            let answer = *answer;
                            script.pop_front();
                            Some(answer)
                        }
                        _ => None,
                    }
                };
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                say(&mut write, refused.unwrap_or("250 ok")).await?;
            }
            "DATA" => {
                say(&mut write, "354 go on").await?;
                let content = content(&mut lines).await?;
                let _ = arrived.send(Arrived { to: to.clone(), content });
                if script.lock().unwrap().pop_front() == Some(Instead::BreakAfterData) {
                    return None;
                }
                say(&mut write, "250 taken").await?;
            }
            "QUIT" => {
                say(&mut write, "221 bye").await?;
                return None;
            }
            _ => say(&mut write, "250 ok").await?,
        }
    }
}

/// The lines up to the dot; what was folded is one line again.
async fn content(lines: &mut tokio::io::Lines<BufReader<OwnedReadHalf>>) -> Option<String> {
    let mut content = String::new();
    loop {
        let line = lines.next_line().await.ok()??;
        if line == "." {
            return Some(plain(&content));
        }
        let line = line.strip_prefix('.').unwrap_or(&line);
        let in_head = !content.contains("\n\n");
        match line.strip_prefix([' ', '\t']) {
            Some(rest) if in_head && content.ends_with('\n') => {
                content.pop();
                content.push(' ');
                content.push_str(rest);
            }
            _ => content.push_str(line),
        }
        content.push('\n');
    }
}

/// The same with the body's quoted-printable undone; everything that tests send is ASCII or looked at by its ASCII.
fn plain(content: &str) -> String {
    let Some((head, body)) = content.split_once("\n\n") else { return content.to_owned() };
    let body = body.replace("=\n", "");
    let mut pieces = body.split('=');
    let mut plain = format!("{head}\n\n{}", pieces.next().unwrap_or_default());
    for piece in pieces {
        match piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                plain.push(char::from(byte));
                plain.push_str(&piece[2..]);
            }
            None => {
                plain.push('=');
                plain.push_str(piece);
            }
        }
    }
    plain
}

async fn say(write: &mut OwnedWriteHalf, line: &str) -> Option<()> {
    write.write_all(format!("{line}\r\n").as_bytes()).await.ok()
}
