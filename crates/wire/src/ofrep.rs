//! The OpenFeature Remote Evaluation Protocol, version 0.3.0: any OpenFeature SDK asks by these shapes.
//!
//! Names are the protocol's, so fields are written in its camel case. Flags here are always boolean.

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use utoipa::ToSchema;

/// For whom to evaluate. Fields of the context that are not named here are the application's, and are ignored.
#[derive(Deserialize, ToSchema, Default, Debug)]
pub struct EvaluationInput<'a> {
    /// For whom.
    #[serde(borrow, default)]
    pub context: Option<EvaluationContext<'a>>,
}

/// Who is asked about: `targetingKey` and `actors` together.
#[derive(ToSchema, Default, Debug)]
pub struct EvaluationContext<'a> {
    /// An actor's id, such as `User:5`.
    #[schema(rename = "targetingKey")]
    pub targeting_key: Option<Text<'a>>,
    /// Further ids, such as `Project:1`.
    pub actors: Option<Vec<Text<'a>>>,
}

// By hand, because what is derived takes a list too.
impl<'de: 'a, 'a> Deserialize<'de> for EvaluationContext<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = EvaluationContext<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut context = EvaluationContext::default();
                while let Some(Text(name)) = map.next_key()? {
                    match &*name {
                        "targetingKey" => context.targeting_key = map.next_value()?,
                        "actors" => context.actors = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(context)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A text that is borrowed from the request where it can be.
#[derive(Deserialize, ToSchema, Clone, PartialEq, Eq, Debug)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// What a flag decided.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Evaluation<'a> {
    /// The flag.
    pub key: &'a str,
    /// The decision.
    pub value: bool,
    /// The protocol's word for why: `STATIC`, `TARGETING_MATCH`, `SPLIT`, `DISABLED` or `UNKNOWN`.
    pub reason: &'static str,
    /// `on` or `off`.
    pub variant: &'static str,
    /// What the protocol has no field for.
    pub metadata: EvaluationMetadata,
}

/// Why, in our own words.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct EvaluationMetadata {
    /// The reason's stable word, such as `boolean`, `actors`, `default`, `opt_out`, `override`.
    pub reason: &'static str,
    /// The actors' bucket, 0 to 99,999, where a percentage of actors decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<u32>,
}

/// What every flag decided.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct BulkEvaluation<'a> {
    /// Every flag that is defined or stored.
    pub flags: Vec<Evaluation<'a>>,
    /// Where to hear that something changed.
    #[serde(rename = "eventStreams", skip_serializing_if = "Vec::is_empty")]
    pub event_streams: Vec<EventStream>,
    /// What it was made of.
    pub metadata: BulkMetadata,
}

/// What a bulk evaluation was made of.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct BulkMetadata {
    /// The environment.
    pub environment: String,
    /// The version of its flags.
    pub version: String,
}

/// Where to hear that something changed.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct EventStream {
    /// `sse`: server-sent events.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its address, to be kept as a secret: whoever has it hears when flags change.
    pub endpoint: EventStreamEndpoint,
    /// After how many seconds in the background a client should hang up.
    #[serde(rename = "inactivityDelaySec")]
    pub inactivity_delay_s: u64,
}

/// An address below the one that the client asks anyway.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct EventStreamEndpoint {
    /// Path and query.
    #[serde(rename = "requestUri")]
    pub request_uri: String,
}

/// Why there is no evaluation.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct EvaluationFailure<'a> {
    /// The flag, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'a str>,
    /// The protocol's word: `FLAG_NOT_FOUND`, `PARSE_ERROR`, `INVALID_CONTEXT` or `GENERAL`.
    #[serde(rename = "errorCode")]
    pub error_code: &'static str,
    /// What happened and what to do.
    #[serde(rename = "errorDetails")]
    pub error_details: String,
}

/// What a message of the event stream says: ask again.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct StreamMessage<'a> {
    /// `refetchEvaluation`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The version of the flags; clients hand it on as `flagConfigEtag` when they ask again.
    pub etag: &'a str,
}

/// What a client that was told of a change says when it asks again.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[into_params(parameter_in = Query)]
pub struct RefetchQuery {
    /// The version that it was told of.
    #[serde(default, rename = "flagConfigEtag")]
    pub flag_config_etag: Option<String>,
}

/// Which event stream to open.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// The ticket of the address that the bulk evaluation gave.
    #[serde(default)]
    pub ticket: Option<String>,
}
