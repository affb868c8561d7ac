//! The hostile name server: each name has its own script of answers.

use anyhow::Context as _;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::CNAME;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::net::UdpSocket;

/// What a name answers.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The answers to the first, second, ... question for one record type; the last one stays.
    pub(crate) steps: Vec<Answer>,
    /// The time to live of every record.
    pub(crate) ttl: u32,
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The addresses of the type asked for.
    Addresses(Vec<IpAddr>),
    /// All addresses, whatever type is asked for.
    Crossed(Vec<IpAddr>),
    /// Another name, with that name's own answer beside it.
    Alias(String),
    /// Another name, for which the client has to ask again.
    BareAlias(String),
}

/// Every name's script, and how often each was asked.
#[derive(Clone, Default)]
pub(crate) struct Zone {
    names: Arc<Mutex<HashMap<String, Entry>>>,
}

struct Entry {
    script: Script,
    asked: HashMap<RecordType, usize>,
}

impl Zone {
    /// Adds a name; the root's dot is left away.
    pub(crate) fn add(&self, name: &str, script: Script) {
        self.names.lock().insert(name.to_owned(), Entry { script, asked: HashMap::new() });
    }

    /// Answers until the runtime ends.
    pub(crate) async fn serve(self, socket: UdpSocket) {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            // What cannot be read is no question; the client asks again.
            if let Ok(reply) = self.reply(&buffer[..length]) {
                let _ = socket.send_to(&reply, from).await;
            }
        }
    }

    fn reply(&self, question: &[u8]) -> anyhow::Result<Vec<u8>> {
        let message = Message::from_vec(question)?;
        let query = message.queries.first().context("a question asks for something")?.clone();
        let mut reply = message.into_response();
        let mut records = Vec::new();
        if !self.fill(query.name(), query.query_type(), &mut records, 0)? {
            reply.metadata.response_code = ResponseCode::NXDomain;
        }
        for record in records {
            reply.add_answer(record);
        }
        Ok(reply.to_vec()?)
    }

    /// Adds the records of `name`; `false` when there is no such name.
    fn fill(
        &self,
        name: &Name,
        kind: RecordType,
        records: &mut Vec<Record>,
        depth: usize,
    ) -> anyhow::Result<bool> {
        let Some((answer, ttl)) = self.next(name, kind) else { return Ok(depth > 0) };
        let own = |address: &&IpAddr| (kind == RecordType::A) == address.is_ipv4();
        let record = |data: RData| Record::from_rdata(name.clone(), ttl, data);
        match answer {
            Answer::Addresses(addresses) => {
                records.extend(addresses.iter().filter(own).map(|address| record(RData::from(*address))));
            }
            Answer::Crossed(addresses) => {
                records.extend(addresses.iter().map(|address| record(RData::from(*address))));
            }
            Answer::BareAlias(other) => records.push(record(RData::CNAME(CNAME(Name::from_ascii(other)?)))),
            Answer::Alias(other) => {
                let other = Name::from_ascii(other)?;
                records.push(record(RData::CNAME(CNAME(other.clone()))));
                if depth < 8 {
                    self.fill(&other, kind, records, depth + 1)?;
                }
            }
        }
        Ok(true)
    }

    fn next(&self, name: &Name, kind: RecordType) -> Option<(Answer, u32)> {
        let key = name.to_ascii().to_ascii_lowercase();
        let mut names = self.names.lock();
        let entry = names.get_mut(key.trim_end_matches('.'))?;
        let asked = entry.asked.entry(kind).or_default();
        let step = (*asked).min(entry.script.steps.len() - 1);
        *asked += 1;
        Some((entry.script.steps[step].clone(), entry.script.ttl))
    }
}
