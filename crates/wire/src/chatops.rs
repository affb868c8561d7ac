//! Chat commands over HTTP: the console's and the command line's way in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A command.
#[derive(Deserialize, ToSchema, Debug)]
pub struct ChatopsInput {
    /// What would be typed in chat: `feature get webhooks_failed_callout`.
    pub text: String,
    /// The channel that it came from; believed from admins and tokens with scope `chat:gateway` only.
    #[serde(default)]
    pub channel: Option<String>,
}

/// What comes back.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct ChatopsReply {
    /// Whether the command did what it was to do.
    pub ok: bool,
    /// The reply for a terminal.
    pub text: String,
    /// The same, in pieces.
    pub blocks: Vec<Block>,
}

/// One piece of a reply; its texts are plain.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text {
        /// The paragraph.
        text: String,
    },
    /// Labels with their values.
    Fields {
        /// In order.
        fields: Vec<Field>,
    },
    /// Something to be read letter by letter, or copied.
    Code {
        /// The text.
        text: String,
    },
    /// Rows under headings.
    Table {
        /// The headings.
        columns: Vec<String>,
        /// The rows, each with a cell for every heading.
        rows: Vec<Vec<String>>,
    },
}

/// A label and its value.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// The label.
    pub label: String,
    /// The value.
    pub value: String,
}

/// What is being typed.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CompletionQuery {
    /// The command so far.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub text: Option<String>,
    /// The byte at which the cursor stands; the end, if it is not given.
    #[serde(deserialize_with = "crate::lenient::number")]
    pub cursor: Option<i64>,
}

/// What could stand there.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Completions {
    /// At most 50.
    pub completions: Vec<Completion>,
}

/// One thing that could stand there.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// The first byte of what it replaces.
    pub start: usize,
    /// The byte behind what it replaces.
    pub end: usize,
    /// What to put there.
    pub text: String,
    /// What it is; may be empty.
    pub help: String,
}
