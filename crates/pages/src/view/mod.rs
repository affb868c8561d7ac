//! What several pages show alike.

mod badge;
mod body;
mod chart;
mod headline;
mod pages;
mod rows;
mod sentence;
mod when;

pub(crate) use badge::{
    Badge, Icon, attempt_badge, deployment_badge, flag_badge, health_badge, outcome_badge, word_badge,
};
pub(crate) use body::{Body, body};
pub(crate) use chart::{Chart, round_up};
pub(crate) use headline::Headline;
pub(crate) use pages::Pager;
pub(crate) use rows::{AttemptRow, HookRow, answer, attempt_row, hook_row, hook_title};
pub(crate) use sentence::{HealthLines, health_lines};
pub(crate) use when::When;
