//! Who one is in the registry.

/// Links the chat user who says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The code, as `wigwag chat link` prints it.
    pub code: String,
}
