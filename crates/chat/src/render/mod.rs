//! A reply as text for a terminal, and as HTML for a page. Chats render it in a crate of their own, from the same data.

mod html;
mod text;

pub use html::html;
pub use text::{Style, text};
