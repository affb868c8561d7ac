//! Whose hooks are meant.

use crate::verbs::client::segment;
use clap::Args;

/// A project, a group or the system: one of them.
#[derive(Args, Clone)]
#[group(required = true, multiple = false)]
pub(crate) struct Place {
    /// The project, by number or full path
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// The group, by number or full path
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// The system's own hooks
    #[arg(long)]
    system: bool,
}

impl Place {
    /// Where its hooks lie in GitLab's API, behind `/api/v4`, and in ours, behind `/v1`.
    pub(super) fn hooks(&self) -> String {
        match (&self.project, &self.group) {
            (Some(project), _) => format!("/projects/{}/hooks", segment(project)),
            (None, Some(group)) => format!("/groups/{}/hooks", segment(group)),
            (None, None) => "/hooks".into(),
        }
    }

    /// Where deliveries are listed and sent again, behind `/v1`: a project's for whichever hook, others hook by hook, which the
    /// options demand.
    pub(super) fn deliveries(&self, hook: Option<i64>) -> (String, String) {
        if let Some(project) = &self.project {
            let list = format!("/projects/{}/deliveries", segment(project));
            return (list.clone(), list + "/replay");
        }
        let hook = format!("{}/{}", self.hooks(), hook.unwrap_or_default());
        (format!("{hook}/deliveries"), format!("{hook}/replay"))
    }

    /// As options of another command.
    pub(super) fn words(&self) -> String {
        match (&self.project, &self.group) {
            (Some(project), _) => format!("--project {project}"),
            (None, Some(group)) => format!("--group {group}"),
            (None, None) => "--system".into(),
        }
    }
}
