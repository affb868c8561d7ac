mod audit;
mod chatops;
mod embed_keys;
mod embed_tokens;
mod environments;
mod flags;
mod groups;
mod hooks;
mod login_links;
mod overrides;
mod projects;

pub(crate) use projects::broken_world;
