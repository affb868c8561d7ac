//! Flag definitions from a folder of YAML files.
//!
//! ```text
//! files::walk -> names and stamps -> Folder::look (what has changed is read) -> parse::file -> relations::settle
//! ```
//! A definition is a file `<type>/<name>.yml`, at any depth. If folders called `feature_flags` lie in the folder (a
//! code base with `config/feature_flags` and `ee/config/feature_flags`), only what they hold counts. Hidden files and
//! folders are left alone.
//!
//! Whatever is wrong is a finding with file, line, field and rule; the rest loads all the same. Of a file that went
//! bad the last good version stays, also if it is bad only together with others: a dependency that is gone, a cycle.
//! A removed file removes its flag. A folder that cannot be read changes nothing.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod document;
mod edit;
mod fields;
mod files;
mod folder;
pub mod limits;
#[cfg(test)]
mod own;
mod parse;
mod relations;
mod source;
mod text;

pub use edit::{EditError, turn_on_by_default};
pub use folder::{Folder, Looked};
pub use source::FolderSource;
