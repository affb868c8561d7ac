mod links;
mod outbox;
mod roles;
