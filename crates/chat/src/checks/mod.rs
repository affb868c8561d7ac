//! Rules that commands are judged by, as far as they are rules of numbers alone.

mod step;

pub use step::{StepSize, step};
