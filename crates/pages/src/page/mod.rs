//! One page a file.

pub(crate) mod attempt;
pub(crate) mod audit;
pub(crate) mod chat;
pub(crate) mod console;
pub(crate) mod deliveries;
pub(crate) mod deployments;
pub(crate) mod flags;
pub(crate) mod hook;
pub(crate) mod hook_form;
pub(crate) mod hooks;
pub(crate) mod login;
pub(crate) mod notices;
pub(crate) mod overview;
pub(crate) mod place;
pub(crate) mod policy;
pub(crate) mod press;
pub(crate) mod projects;
pub(crate) mod replay;
