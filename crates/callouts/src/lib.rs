//! When a banner shows, to whom, and what it says. Pure: what fails, who closed what, the flag's answer and the
//! viewer's level come in as values; nothing here reads a clock or a store.

mod callout;
mod dismissals;
mod failing;
mod index;
pub mod limits;
mod phrases;
mod plain;
mod quiet;
mod rule;
mod scope;

pub use callout::{Callout, CalloutHook, Tone, callout};
pub use dismissals::Dismissals;
pub use failing::{Failing, FailingHook, FailingState};
pub use index::{Change, FailingIndex};
pub use phrases::Phrases;
pub use quiet::{QuietPathError, QuietPaths};
pub use rule::{Asked, FlagAnswer, Known, Verdict, Why, show};
pub use scope::{Feature, Scope};
