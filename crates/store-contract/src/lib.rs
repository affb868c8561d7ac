//! One behaviour suite for every store: one file per port, each with a `suite` that makes a fresh store for each case.
//!
//! A store runs it from its own tests; a case fails by panicking, as tests do.
// The whole crate is tests.
#![allow(clippy::unwrap_used)]

pub mod callout_outcomes;
pub mod callouts;
pub mod chat_users;
pub mod credentials;
pub mod deliveries;
pub mod deployments;
pub mod flags;
pub mod health;
pub mod hooks;
pub mod hooks_health;
pub mod intake;
pub mod log;
pub mod maintenance;
pub mod notices;
pub mod outbox;
pub mod registry;
pub mod replay;
pub mod rollout_log;
mod world;

use std::any::Any;
use std::sync::Arc;
use wigwag_ports::Store;

/// A fresh, empty store.
pub struct Made {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Dropped after it: its folder, its server.
    pub guard: Box<dyn Any + Send>,
}

/// Runs each case on a store of its own and names it first, so that a failure tells which.
macro_rules! suite {
    ($($case:ident),* $(,)?) => {
        /// Runs every case of this port.
        ///
        /// # Panics
        /// When the store does not behave.
        pub async fn suite(make: impl AsyncFn() -> $crate::Made) {
            $({
                let made = make().await;
                $crate::named(concat!(module_path!(), "::", stringify!($case)), $case($crate::world::World::new(made.store).await)).await;
            })*
        }
    };
}
pub(crate) use suite;

/// Runs one case; when it panics its name is printed too, which one long test would not tell.
async fn named(name: &str, case: impl Future<Output = ()>) {
    struct Told<'a>(&'a str);
    impl Drop for Told<'_> {
        #[allow(clippy::print_stderr)]
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("the case was {}", self.0);
            }
        }
    }
    let _told = Told(name);
    case.await;
}
