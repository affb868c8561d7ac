//! How errors read: GitLab's shapes under `/api/v4`, RFC 9457 problem documents under `/v1`.

use serde::Serialize;
use utoipa::ToSchema;

/// GitLab's usual error: a message, which is a text or a map from fields to what is wrong with them.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Message {
    /// `404 Project Not Found`, or `{"path": ["has already been taken"]}`.
    #[schema(value_type = Object, schema_with = anything)]
    pub message: serde_json::Value,
    /// What would help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// GitLab's error for a parameter.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct ErrorText {
    /// `url is missing`.
    pub error: String,
}

/// Either of GitLab's error shapes.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
#[serde(untagged)]
pub enum V4Error {
    /// A message.
    Message(Message),
    /// A parameter's error.
    Error(ErrorText),
}

/// What went wrong and what to do (RFC 9457, `application/problem+json`).
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// `urn:wigwag:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do, for people.
    pub detail: String,
    /// The stable word for programs.
    pub code: String,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The line of a batch that is wrong, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

fn anything() -> utoipa::openapi::schema::Schema {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::AnyValue)
        .build()
        .into()
}
