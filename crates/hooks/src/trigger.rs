/// One of the forge's events that a hook can want.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Trigger {
    /// `push_events`, event type `push`; the only one on by default.
    Push,
}

/// The triggers of a hook, as bits in the order of [`Trigger`]; the bits are stored, so their order is fixed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TriggerSet(pub u32);

/// A pattern over event types such as `invoice.*`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EventGlob(String);

impl EventGlob {
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
