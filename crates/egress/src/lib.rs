//! The one client for every outgoing request, with the SSRF rules.
//!
//! A URL is parsed once, its host resolved by our own resolver, every answer judged, and the connection opened to
//! exactly the address that was judged; SNI and `Host` keep the name. Nothing here follows a redirect, reads a proxy
//! from the environment, asks for compression or inflates.
//!
//! ```text
//! send -> request::build -> names::resolve -> rules::judge -> pool::take ---------------> exchange -> pool::put
//!                                                         \-> connect (TCP, TLS, driver) -/
//! ```

mod answer;
mod client;
mod config;
mod connect;
mod connection;
mod errors;
mod fault;
mod identity;
mod limits;
mod names;
mod networks;
mod pool;
mod progress;
mod request;
mod rules;
mod smtp;
mod target;
mod tls;

pub use client::Client;
pub use config::{AllowedNetwork, AllowedNetworkError, Config, Origin, SetupError};
pub use smtp::{Smtp, SmtpConfig, SmtpTls};
