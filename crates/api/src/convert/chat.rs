use wigwag_engine::chat::{KnownLink, KnownRole};
use wigwag_ports::outbox::Message;
use wigwag_wire::{Time, chat};

/// A link of a chat user.
pub(crate) fn chat_link(known: &KnownLink) -> chat::Link {
    let who = &known.link.who;
    chat::Link {
        platform: who.platform.clone(),
        team: who.team.clone(),
        id: who.id.clone(),
        name: known.link.name.clone(),
        username: known.username.clone(),
        linked_at: Time(known.link.linked_at),
    }
}

/// A role in commands.
pub(crate) fn chat_role(known: &KnownRole) -> chat::Role {
    chat::Role { username: known.username.clone(), role: known.role.as_str() }
}

/// A message of the outbox, without what it says.
pub(crate) fn waiting_message(message: &Message) -> chat::WaitingMessage {
    chat::WaitingMessage {
        id: message.id,
        destination: message.destination.clone(),
        at: Time(message.at),
        due_at: message.due_at.map(Time),
        attempts: message.attempts,
        last_error: message.last_error.clone(),
    }
}
