//! The proof that no request reaches a forbidden address.
//!
//! The real client runs in a network namespace that has nothing but a loopback interface, on which every address of the
//! world is local: whatever the client connects to is accepted here, and nothing can leave. A packet socket records the
//! destination of every SYN; the kernel's own count of opened connections says whether it missed one. The addresses that
//! may be reached are a short list of the proof's own; it shares no table with the client.
//!
//! ```text
//! egress -> unshare --net -> egress-inside: routes, packet ledger, hostile name server, receivers
//!                                           -> hostile cases and controls through wigwag_egress::Client -> judge
//! ```

mod cases;
mod controls;
mod judge;
mod ledger;
mod literals;
mod names;
mod namespace;
mod receivers;
mod run;
mod world;
mod zone;

pub(crate) use namespace::{InsideOptions, Options, run};
pub(crate) use run::run_inside;
