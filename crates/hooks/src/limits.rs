//! Limits of hooks and events; what lies above is refused with the limit's name and number.

/// Characters of an event's type.
pub const EVENT_TYPE_CHARACTERS_MAX: usize = 128;
