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
    /// Something was changed, or said where others hear it, and no message is kept that tells this channel of it.
    untold: AtomicBool,
}

impl Heard {
    pub(crate) fn new(platform: &'static str, channel: Channel, who: String) -> Self {
        Self { platform, channel, who, done: Arc::default() }
    }

    /// Something was done and kept, of which the channel is told by a message, or is not.
    pub(crate) fn note(&self, told_here: bool) {
        self.done.untold.fetch_or(!told_here, Ordering::Relaxed);
    }

    /// Who sees the answer: what was changed concerns the channel, unless messages tell all of it there anyway; a question
    /// or a refusal concerns whoever asked. What was done in part was done.
    pub(crate) fn audience(&self) -> Audience {
        if self.done.untold.load(Ordering::Relaxed) { Audience::Channel } else { Audience::Asker }
    }
}
