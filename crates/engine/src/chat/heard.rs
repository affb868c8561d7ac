//! What a chat knows of a command that was given in it: who said it where, and what came of it there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wigwag_ports::chat_platform::{Audience, Channel};

/// A command that was given in a chat.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The chat's word.
    pub(crate) platform: &'static str,
    /// The channel.
    pub(crate) channel: Channel,
    /// Who said it, for the audit log: the chat's own name and id.
    pub(crate) who: String,
    done: Arc<Done>,
}

/// What came of it.
#[derive(Default, Debug)]
struct Done {
    /// Something was changed, or said where others hear it.
    anything: AtomicBool,
    /// A message about it is kept for the very channel in which it was given.
    told_here: AtomicBool,
}

impl Heard {
    pub(crate) fn new(platform: &'static str, channel: Channel, who: String) -> Self {
        Self { platform, channel, who, done: Arc::default() }
    }

    /// Something was done about which the channel is told, or is not.
    pub(crate) fn note(&self, told_here: bool) {
        self.done.anything.store(true, Ordering::Relaxed);
        self.done.told_here.fetch_or(told_here, Ordering::Relaxed);
    }

    /// Who sees the answer: what was changed concerns the channel, unless a message tells it there anyway; a question or a
    /// refusal concerns whoever asked. What was done in part was done.
    pub(crate) fn audience(&self) -> Audience {
        let told_here = self.done.told_here.load(Ordering::Relaxed);
        if self.done.anything.load(Ordering::Relaxed) && !told_here {
            Audience::Channel
        } else {
            Audience::Asker
        }
    }
}
