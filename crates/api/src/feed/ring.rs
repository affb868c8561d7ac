//! The last messages of one hub, and from where on a stream that comes back goes on.

use crate::limits::FEED_MESSAGES_MAX;
use bytes::Bytes;
use std::collections::VecDeque;

/// One change, as bytes.
#[derive(Clone)]
pub(super) struct Message {
    /// The version before it.
    pub(super) since: String,
    /// For streams of changes.
    pub(super) change: Bytes,
    /// For streams that only say that something changed.
    pub(super) notice: Bytes,
}

/// The last [`FEED_MESSAGES_MAX`] messages, numbered from 0 on.
#[derive(Default)]
pub(super) struct Ring {
    messages: VecDeque<Message>,
    first: u64,
}

/// What a stream gets next.
#[derive(Debug)]
pub(super) enum Next<'r, T> {
    /// Nothing yet.
    Wait,
    /// This.
    Told(&'r T),
    /// It lags so far behind that what it missed is forgotten.
    Lost,
}

impl Ring {
    /// The number that the next message will have.
    pub(super) fn head(&self) -> u64 {
        self.first + self.messages.len() as u64
    }

    pub(super) fn push(&mut self, message: Message) {
        if self.messages.len() == FEED_MESSAGES_MAX {
            self.messages.pop_front();
            self.first += 1;
        }
        self.messages.push_back(message);
    }

    /// The message of this number.
    pub(super) fn get(&self, number: u64) -> Next<'_, Message> {
        let Some(index) = number.checked_sub(self.first) else { return Next::Lost };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        self.messages.get(index).map_or(Next::Wait, Next::Told)
    }

    /// The number of the message that follows `version`, if it is remembered.
    pub(super) fn after(&self, version: &str) -> Option<u64> {
        let index = self.messages.iter().position(|message| message.since == version)?;
        Some(self.first + index as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, Next, Ring};
    use crate::limits::FEED_MESSAGES_MAX;
    use bytes::Bytes;

    fn push(ring: &mut Ring) {
        let since = ring.head().to_string();
        let text = Bytes::from(since.clone());
        ring.push(Message { since, change: text.clone(), notice: text });
    }

    #[test]
    fn the_last_messages_are_remembered() {
        let mut ring = Ring::default();
        assert!(matches!(ring.get(0), Next::Wait));
        for _ in 0..FEED_MESSAGES_MAX {
            push(&mut ring);
        }
        assert!(matches!(ring.get(0), Next::Told(message) if message.change == "0"));
        assert_eq!((ring.after("0"), ring.after("5")), (Some(0), Some(5)));
        push(&mut ring);
        assert!(matches!(ring.get(0), Next::Lost));
        assert!(matches!(ring.get(1), Next::Told(message) if message.change == "1"));
        assert_eq!((ring.after("0"), ring.after("1")), (None, Some(1)));
        let head = ring.head();
        assert_eq!(head, FEED_MESSAGES_MAX as u64 + 1);
        assert!(matches!(ring.get(head), Next::Wait));
        assert!(matches!(ring.get(head - 1), Next::Told(_)));
    }
}
