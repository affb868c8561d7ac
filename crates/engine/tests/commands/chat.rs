//! A chat in which the test says everything: what it believes and what goes through is set by hand.

use crate::common::ground::number;
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wigwag_chat::{Button, Reply};
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_platform::{
    Asks, Audience, Channel, ChatOutError, ChatRefusal, ChatRequest, Incoming, OnceId,
};
use wigwag_ports::chat_users::ChatUser;

/// Its word.
pub(crate) const NAME: &str = "handchat";

/// What went out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Heard {
    /// A channel's name, or the address of an answer.
    pub(crate) place: String,
    pub(crate) text: String,
}

pub(crate) struct HandChat {
    heard: UnboundedSender<Heard>,
    hears: tokio::sync::Mutex<UnboundedReceiver<Heard>>,
    unheard: tokio::sync::Mutex<Vec<Heard>>,
    /// What becomes of the next posts, in order; then each goes through.
    coming: Mutex<VecDeque<ChatOutError>>,
    /// Places in which nothing goes through.
    failing: Mutex<Vec<String>>,
    /// The buttons of the newest answer.
    buttons: Mutex<Vec<Button>>,
    emails: Mutex<Vec<(String, String)>>,
}

impl HandChat {
    pub(crate) fn new() -> Self {
        let (heard, hears) = unbounded_channel();
        Self {
            heard,
            hears: hears.into(),
            unheard: Vec::new().into(),
            coming: Mutex::default(),
            failing: Mutex::default(),
            buttons: Mutex::default(),
            emails: Mutex::default(),
        }
    }

    /// The next that goes out, whenever that is.
    pub(crate) async fn hears(&self) -> Heard {
        self.hears_at("").await
    }

    /// The next that goes out where the place begins so; what goes out elsewhere meanwhile is still to be heard.
    pub(crate) async fn hears_at(&self, place: &str) -> Heard {
        let is_there = |heard: &Heard| heard.place.starts_with(place);
        let mut unheard = self.unheard.lock().await;
        if let Some(index) = unheard.iter().position(is_there) {
            return unheard.remove(index);
        }
        loop {
            let heard = self.hears.lock().await.recv().await.unwrap();
            if is_there(&heard) {
                return heard;
            }
            unheard.push(heard);
        }
    }

    /// What went out and was not heard yet.
    pub(crate) async fn heard(&self) -> Vec<Heard> {
        let mut all = std::mem::take(&mut *self.unheard.lock().await);
        let mut hears = self.hears.lock().await;
        all.extend(std::iter::from_fn(|| hears.try_recv().ok()));
        all
    }

    /// The next posts fail so.
    pub(crate) fn fails(&self, errors: impl IntoIterator<Item = ChatOutError>) {
        self.coming.lock().unwrap().extend(errors);
    }

    /// Nothing goes through there any more.
    pub(crate) fn fails_in(&self, place: &str) {
        self.failing.lock().unwrap().push(place.to_owned());
    }

    pub(crate) fn buttons(&self) -> Vec<Button> {
        self.buttons.lock().unwrap().clone()
    }

    /// The team's member `id` has this e-mail.
    pub(crate) fn knows(&self, id: &str, email: &str) {
        self.emails.lock().unwrap().push((id.to_owned(), email.to_owned()));
    }

    /// The member is a guest from now on.
    pub(crate) fn forgets(&self, id: &str) {
        self.emails.lock().unwrap().retain(|(known, _)| known != id);
    }

    fn say(&self, place: String, reply: &Reply) -> Result<(), ChatOutError> {
        if let Some(error) = self.coming.lock().unwrap().pop_front() {
            return Err(error);
        }
        if self.failing.lock().unwrap().contains(&place) {
            return Err(ChatOutError::Later { reason: "down".into(), after: None });
        }
        let mark = if reply.ok { "" } else { "refused\n" };
        let _ = self.heard.send(Heard { place, text: format!("{mark}{}", reply.to_text()) });
        Ok(())
    }
}

pub(crate) fn who(id: &str) -> ChatUser {
    ChatUser { platform: NAME.into(), team: "T1".into(), id: id.into() }
}

/// A request as this chat sends it: lines of proof, number, user, channel, kind and text.
pub(crate) fn request(
    proof: &str,
    number: u64,
    user: &str,
    channel: &str,
    (kind, text): (&str, &str),
) -> String {
    format!("{proof}\n{number}\n{user}\n{channel}\n{kind}\n{text}")
}

/// Something said that was never said before.
pub(crate) fn said(user: &str, channel: &str, text: &str) -> String {
    request("proven", number(), user, channel, ("say", text))
}

#[async_trait]
impl ChatPlatform for HandChat {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read(&self, request: &ChatRequest<'_>) -> Result<Incoming, ChatRefusal> {
        let text = std::str::from_utf8(request.body).unwrap();
        let parts: Vec<&str> = text.splitn(6, '\n').collect();
        let [proof, number, user, channel, kind, text] = parts[..] else {
            return Err(ChatRefusal::Unreadable("lines are missing".into()));
        };
        match proof {
            "proven" => {}
            "stale" => return Err(ChatRefusal::Stale("it was signed long ago".into())),
            _ => return Err(ChatRefusal::Forged("the proof is wrong".into())),
        }
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.parse::<u64>().unwrap().to_be_bytes());
        let asks = match kind {
            "press" => Asks::Press { value: text.to_owned() },
            _ => Asks::Command(text.to_owned()),
        };
        Ok(Incoming {
            who: who(user),
            who_name: user.to_owned(),
            channel: Channel { id: String::new(), name: channel.to_owned() },
            asks,
            response_url: Some(format!("answer-to-{number}")),
            once: Some(OnceId { id, for_: Duration::from_secs(600) }),
        })
    }

    fn answer(&self, reply: &Reply, audience: Audience) -> (Bytes, &'static str) {
        *self.buttons.lock().unwrap() = reply.buttons.clone();
        let mark = if reply.ok { "" } else { "refused\n" };
        let whom = if audience == Audience::Channel { "(to the channel) " } else { "" };
        (format!("{mark}{whom}{}", reply.to_text()).into(), "text/plain")
    }

    async fn member_email(&self, who: &ChatUser) -> Result<Option<String>, ChatOutError> {
        if let Some(error) = self.coming.lock().unwrap().pop_front() {
            return Err(error);
        }
        let emails = self.emails.lock().unwrap();
        Ok(emails.iter().find(|(id, _)| *id == who.id).map(|(_, email)| email.clone()))
    }

    fn lists(&self, _: &Channel) -> bool {
        false
    }

    fn serves(&self, channel: &Channel) -> bool {
        channel.name != "#deaf"
    }

    async fn post(&self, channel: &Channel, reply: &Reply) -> Result<(), ChatOutError> {
        self.say(channel.name.clone(), reply)
    }

    async fn respond(&self, url: &str, reply: &Reply, audience: Audience) -> Result<(), ChatOutError> {
        *self.buttons.lock().unwrap() = reply.buttons.clone();
        let whom = if audience == Audience::Channel { ", to the channel" } else { "" };
        self.say(format!("{url}{whom}"), reply)
    }
}
