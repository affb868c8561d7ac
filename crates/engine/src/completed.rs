//! Writes that must be told to memory: a caller that goes away must not leave one behind the other.

use crate::EngineError;
use crate::limits::RETRY_AFTER_UNAVAILABLE;
use std::future::Future;

/// Runs `work` (a commit and what memory must learn of it) to its end, even if the caller goes away meanwhile.
///
/// # Errors
/// Those of `work`.
pub(crate) async fn completed<T: Send + 'static>(
    work: impl Future<Output = Result<T, EngineError>> + Send + 'static,
) -> Result<T, EngineError> {
    tokio::spawn(work).await.unwrap_or_else(|_| {
        Err(EngineError::Unavailable {
            reason: "the change was interrupted; see whether it was made".into(),
            retry_after: RETRY_AFTER_UNAVAILABLE,
        })
    })
}
