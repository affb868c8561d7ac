//! The suite that every store passes.

use std::sync::Arc;
use wigwag_store_contract::Made;
use wigwag_store_sqlite::{DataKey, Options, SqliteStore};

async fn make() -> Made {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let options = Options::new(DataKey::new([7; 32]));
    let store = SqliteStore::open(&folder.path().join("wigwag.db"), &options).expect("a new store opens");
    Made { store: Arc::new(store), guard: Box::new(folder) }
}

macro_rules! ports {
    ($($port:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $port() {
                wigwag_store_contract::$port::suite(make).await;
            }
        )*
    };
}

ports!(
    callout_outcomes,
    callouts,
    chat_users,
    credentials,
    deliveries,
    deployments,
    flags,
    health,
    hooks,
    hooks_health,
    intake,
    log,
    maintenance,
    notices,
    outbox,
    registry,
    replay,
    rollout_log
);
