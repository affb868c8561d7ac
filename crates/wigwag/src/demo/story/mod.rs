//! The guided story: chapters of marks, each of which is ticked by what really happens and by nothing else.

mod chapters;
mod marks;
mod progress;

pub(crate) use chapters::{CHAPTERS, Chapter, Step};
pub(crate) use marks::{Mark, Page, View};
pub(crate) use progress::Story;
