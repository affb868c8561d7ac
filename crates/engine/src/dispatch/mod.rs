//! Decides what goes out when. One task owns all of it: one lane per hook, a fair order over root namespaces and
//! hooks, the limits of node, host and hook, and the health of each hook in memory. It does no IO: it spawns requests
//! and reads, and hands results to the recorder.
//!
//! ```text
//!   intake, recover --Event--> fan out --> lane (queue of fresh events | backlog in the store)
//!                                            |  permit of health, rate, ramp, free slots; fair order
//!                                            v
//!                               request (deliver) --Finished--> health, retry --> recorder --Committed--> lane
//! ```

mod backlog;
mod branches;
mod chain;
mod dispatcher;
mod facts;
mod fair;
mod fan_out;
mod fresh;
mod handle;
mod lane;
mod ordered;
mod outage;
mod outcome;
mod pressure;
mod quiet;
mod ramp;
mod rate;
mod routes;
mod slow;
mod suspects;
mod throttle;
mod timers;

pub(crate) use branches::judged;
pub(crate) use dispatcher::DispatchLoop;
pub(crate) use facts::HookFacts;
pub(crate) use fan_out::root_of;
pub(crate) use handle::{Committed, Finished, Handle, Message};
pub(crate) use lane::{Job, OpenEvent};
pub(crate) use outage::Reach;
pub use throttle::{RateOf, Throttling};
