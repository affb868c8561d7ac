use wigwag_access::Principal;
use wigwag_engine::{Engine, EngineError};

/// The environment that a request speaks of: the one that it names, or else the caller's own.
pub(crate) fn environment(
    engine: &Engine,
    caller: &Principal,
    named: Option<&str>,
) -> Result<String, EngineError> {
    match named.filter(|name| !name.is_empty()) {
        Some(name) => Ok(name.to_owned()),
        None => engine.environment_of(caller),
    }
}
