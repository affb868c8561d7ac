//! What a request brings, read once: who asks, the parameters, the body.

mod at;
mod body;
mod caller;
mod environment;
mod form;
mod keys;
mod v1;
mod v4;

pub(crate) use at::At;
pub(crate) use body::{BodyError, media_type, read as read_body};
pub(crate) use caller::private_token;
pub(crate) use environment::environment;
pub(crate) use keys::{ProjectRef, group_key, project_key, source_of_group, source_of_project, user_key};
pub(crate) use v1::{Caller, CalloutCaller, FormBody, JsonBody, Paged, Query, broken};
pub(crate) use v4::V4;
