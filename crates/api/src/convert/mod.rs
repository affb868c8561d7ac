//! From the engine's values to the public contract.

mod callouts;
mod chat;
mod deployments;
mod environments;
mod features;
mod flag_feed;
mod history;
mod hook_fields;
mod hooks;
mod hooks_health;
mod log;
mod registry;
mod times;

pub(crate) use callouts::{callout_outcomes, callouts};
pub(crate) use chat::{chat_link, chat_role, waiting_message};
pub(crate) use deployments::{deployment, gitlab_deployment};
pub(crate) use environments::environment;
pub(crate) use features::{definition, feature, flag_override};
pub(crate) use flag_feed::{feed_flag, feed_state, flag_state};
pub(crate) use history::{hook_change, policy_dry_run};
pub(crate) use hook_fields::{hook_fields, tried_policy};
pub(crate) use hooks::{hook, hook_event, test_result};
pub(crate) use hooks_health::hook_health;
pub(crate) use log::{audit_row, audit_verdict, delivery, event_story, hash_of_hex};
pub(crate) use registry::{group, member, project, token, user};
pub(crate) use times::day_or_time;
