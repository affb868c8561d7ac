//! A provider for OpenFeature's SDK: its evaluations are those of a [`Client`], in process.
//!
//! | OpenFeature | here |
//! |---|---|
//! | targeting key and the field `actors` together | the actors |
//! | a boolean's value | on or off; all flags are boolean, so other types are `TYPE_MISMATCH` |
//! | variant | `on` or `off` |
//! | reason | see [`Provider`] |
//! | flag metadata | `reason` and `source` in our words; `stale_for_ms` while the knowledge is not live |
//!
//! The field `actors` is a list of ids as a structure ([`actors`] makes it), or text with commas between the ids.
//!
//! ```
//! use open_feature::{EvaluationContext, OpenFeature};
//! use wigwag_client::{Client, openfeature};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let wigwag = Client::builder("http://127.0.0.1:9")
//!     .bootstrap(br#"{"environment": "production", "version": "1", "flags": [
//!         {"name": "new_checkout", "state": {"actors": ["Project:1"]}}
//!     ]}"#)
//!     .connect();
//! let mut api = OpenFeature::singleton_mut().await;
//! api.set_provider(openfeature::Provider::new(wigwag)).await;
//!
//! let context = EvaluationContext::default()
//!     .with_targeting_key("User:5")
//!     .with_custom_field("actors", openfeature::actors(["Project:1"]));
//! let enabled = api.create_client().get_bool_value("new_checkout", Some(&context), None).await;
//! assert_eq!(enabled, Ok(true));
//! # }
//! ```

use std::time::Duration;

use open_feature::provider::{FeatureProvider, ProviderMetadata, ProviderStatus, ResolutionDetails};
use open_feature::{
    EvaluationContext, EvaluationContextFieldValue, EvaluationError, EvaluationErrorCode, EvaluationReason,
    EvaluationResult, FlagMetadata, StructValue, async_trait,
};
use tokio::time::timeout;

use crate::client::Client;
use crate::decision::{Decision, Reason, Source};
use crate::limits::INITIALIZE_TIME_MAX;

/// The context's field that holds further actors.
const ACTORS: &str = "actors";

/// OpenFeature's provider on a client.
///
/// | our reason | OpenFeature's |
/// |---|---|
/// | boolean, default | `STATIC` |
/// | actors, groups | `TARGETING_MATCH` |
/// | a percentage | `SPLIT` |
/// | off, opt-out, dependency, override | `DISABLED` |
/// | any of these but an override, while the stream is lost | `STALE` |
/// | any of these but an override, from a file | `CACHED` |
/// | unknown | the error `FLAG_NOT_FOUND`, and the caller's default |
/// | no snapshot yet | the error `PROVIDER_NOT_READY`, and the caller's default |
pub struct Provider {
    client: Client,
    metadata: ProviderMetadata,
}

impl Provider {
    /// Evaluates with `client`.
    pub fn new(client: Client) -> Self {
        Self { client, metadata: ProviderMetadata::new("wigwag") }
    }

    /// The answer of a flag that is not boolean: there is none.
    fn mismatch<T>(&self, flag: &str) -> EvaluationResult<T> {
        known(self.client.reason_if_unknown(flag))?;
        Err(error(EvaluationErrorCode::TypeMismatch, "every flag is boolean"))
    }
}

/// The value of the context's field `actors`.
pub fn actors<T: Into<String>>(ids: impl IntoIterator<Item = T>) -> EvaluationContextFieldValue {
    EvaluationContextFieldValue::new_struct(ids.into_iter().map(Into::into).collect::<Vec<String>>())
}

#[async_trait]
impl FeatureProvider for Provider {
    /// Waits for the server's first word, yet no longer than 3 s: a program must be able to start without it.
    async fn initialize(&mut self, _context: &EvaluationContext) {
        let _ = timeout(INITIALIZE_TIME_MAX, self.client.ready()).await;
    }

    fn status(&self) -> ProviderStatus {
        match self.client.health().source {
            Source::Live => ProviderStatus::Ready,
            Source::Caller | Source::OverrideFile => ProviderStatus::NotReady,
            Source::Memory | Source::SnapshotFile | Source::Bootstrap => ProviderStatus::STALE,
        }
    }

    fn metadata(&self) -> &ProviderMetadata {
        &self.metadata
    }

    async fn resolve_bool_value(
        &self,
        flag: &str,
        context: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<bool>> {
        let actors = actors_of(context)?;
        let actors: Vec<&str> = actors.iter().map(String::as_str).collect();
        let decision = self.client.decide(flag, &actors);
        known(Some(decision.reason))?;
        Ok(ResolutionDetails {
            value: decision.enabled,
            variant: Some(if decision.enabled { "on" } else { "off" }.to_owned()),
            reason: Some(reason(&decision)),
            flag_metadata: Some(metadata(&decision)),
        })
    }

    async fn resolve_int_value(
        &self,
        flag: &str,
        _context: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<i64>> {
        self.mismatch(flag)
    }

    async fn resolve_float_value(
        &self,
        flag: &str,
        _context: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<f64>> {
        self.mismatch(flag)
    }

    async fn resolve_string_value(
        &self,
        flag: &str,
        _context: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<String>> {
        self.mismatch(flag)
    }

    async fn resolve_struct_value(
        &self,
        flag: &str,
        _context: &EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<StructValue>> {
        self.mismatch(flag)
    }
}

/// The targeting key and the field `actors` together; empty ids are left out.
fn actors_of(context: &EvaluationContext) -> EvaluationResult<Vec<String>> {
    let mut actors: Vec<String> = context.targeting_key.iter().cloned().collect();
    let wrong = || {
        let says = "actors is neither a list of texts nor text with commas";
        error(EvaluationErrorCode::InvalidContext, says)
    };
    match context.custom_fields.get(ACTORS) {
        None => {}
        Some(EvaluationContextFieldValue::String(ids)) => {
            actors.extend(ids.split(',').map(|id| id.trim().to_owned()));
        }
        Some(EvaluationContextFieldValue::Struct(list)) => {
            actors.extend(list.downcast_ref::<Vec<String>>().ok_or_else(wrong)?.iter().cloned());
        }
        Some(_) => return Err(wrong()),
    }
    actors.retain(|id| !id.is_empty());
    Ok(actors)
}

fn error(code: EvaluationErrorCode, says: &str) -> EvaluationError {
    EvaluationError { code, message: Some(says.to_owned()) }
}

fn known(reason: Option<Reason>) -> EvaluationResult<()> {
    match reason {
        Some(Reason::NotReady) => {
            Err(error(EvaluationErrorCode::ProviderNotReady, "there is no snapshot yet"))
        }
        Some(Reason::Unknown) => Err(error(EvaluationErrorCode::FlagNotFound, "there is no such flag")),
        _ => Ok(()),
    }
}

fn reason(decision: &Decision) -> EvaluationReason {
    match (decision.reason, decision.source) {
        (Reason::Override, _) => EvaluationReason::Disabled,
        (_, Source::Memory) => EvaluationReason::Other("STALE".to_owned()),
        (_, Source::SnapshotFile | Source::Bootstrap) => EvaluationReason::Cached,
        (Reason::Boolean | Reason::Default, _) => EvaluationReason::Static,
        (Reason::Actors | Reason::Groups, _) => EvaluationReason::TargetingMatch,
        (Reason::PercentageOfActors | Reason::PercentageOfTime, _) => EvaluationReason::Split,
        (Reason::Off | Reason::OptOut | Reason::Dependency, _) => EvaluationReason::Disabled,
        (Reason::NotReady | Reason::Unknown, _) => EvaluationReason::Unknown,
    }
}

fn metadata(decision: &Decision) -> FlagMetadata {
    let metadata = FlagMetadata::default()
        .with_value("reason", decision.reason.as_str())
        .with_value("source", decision.source.as_str());
    let ms = |age: Duration| i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    match decision.stale_for {
        Some(age) => metadata.with_value("stale_for_ms", ms(age)),
        None => metadata,
    }
}
