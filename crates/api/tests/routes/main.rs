//! Every route, asked over HTTP on a whole server; the tree of files mirrors the tree of URLs. The client holds every
//! answer against the OpenAPI document.

#![allow(clippy::unwrap_used)]

mod chat;
mod document;
mod embed;
mod ofrep;
mod remote;
mod server;
mod streamed;
mod v1;
mod v4;
mod world;
