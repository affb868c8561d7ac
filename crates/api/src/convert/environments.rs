use wigwag_engine::EnvironmentKind;
use wigwag_engine::flags::{EnvironmentView, RemoteStatus};
use wigwag_wire::Time;
use wigwag_wire::environments::{Environment, RemoteEnvironment, RemoteFinding};

/// An environment and how it stands with its flags.
pub(crate) fn environment(view: &EnvironmentView) -> Environment {
    Environment {
        name: view.name.clone(),
        production: view.kind == EnvironmentKind::Production,
        flags_of: view.flags_of.clone(),
        remote: view.remote.as_ref().map(remote),
    }
}

fn remote(status: &RemoteStatus) -> RemoteEnvironment {
    let state = match (status.read_at, &status.trouble) {
        (None, _) => "unread",
        (Some(_), Some(_)) => "stale",
        (Some(_), None) => "fresh",
    };
    let finding = |finding: &wigwag_ports::definitions::Finding| RemoteFinding {
        flag: finding.file.clone(),
        field: finding.field.clone(),
        rule: finding.rule.clone(),
    };
    RemoteEnvironment {
        url: status.url.clone(),
        state,
        read_at: status.read_at.map(Time),
        failing_since: status.trouble.as_ref().map(|trouble| Time(trouble.since)),
        error: status.trouble.as_ref().map(|trouble| trouble.reason.clone()),
        findings: status.findings.iter().map(finding).collect(),
    }
}
