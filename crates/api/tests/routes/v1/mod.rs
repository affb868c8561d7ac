mod audit;
mod callouts;
mod chat;
mod chatops;
mod deployments;
mod embed_keys;
mod embed_tokens;
mod environments;
mod flags;
mod groups;
mod hooks;
mod login_links;
mod notices;
mod overrides;
mod projects;

pub(crate) use deployments::{SHA, report};
pub(crate) use projects::broken_world;
