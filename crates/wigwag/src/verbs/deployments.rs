//! `wigwag deployments`: what runs where.

use super::chat::{print, text};
use super::client::Client;
use crate::cli::{DeploymentsOptions, DeploymentsVerb};
use anyhow::Result;
use serde_json::{Value, json};
use wigwag_chat::Reply;

/// Shows, or reports.
pub(crate) fn run(options: DeploymentsOptions) -> Result<()> {
    match options.verb {
        None => {
            let server = options.server;
            let answer = Client::new(&server)?.get("/v1/deployments/current")?;
            print(&server, &answer, running)
        }
        Some(DeploymentsVerb::Report { server, environment, sha, reference, status, tag }) => {
            let body = json!({ "environment": environment, "sha": sha, "ref": reference, "status": status, "tag": tag });
            let answer = Client::new(&server)?.post("/v1/deployments", &body)?;
            print(&server, &answer, |answer| {
                format!(
                    "{} in {}: {} (deployment {})",
                    short(&answer["sha"]),
                    text(&answer["environment"]),
                    text(&answer["status"]),
                    text(&answer["id"])
                )
            })
        }
    }
}

fn running(answer: &Value) -> String {
    let empty = Vec::new();
    let environments = answer["environments"].as_array().unwrap_or(&empty);
    let row = |one: &Value| {
        let (current, coming) = (&one["current"], &one["coming"]);
        let coming = match coming {
            Value::Null => String::new(),
            coming => format!("{} ({})", short(&coming["sha"]), text(&coming["status"])),
        };
        let behind = one["commits_behind"].as_u64().map(|count| count.to_string()).unwrap_or_default();
        vec![
            text(&one["environment"]),
            if current.is_null() { "nothing yet".into() } else { short(&current["sha"]) },
            text(&current["ref"]),
            text(&current["updated_at"]),
            behind,
            coming,
        ]
    };
    let columns = ["environment", "commit", "ref", "since", "commits behind", "coming"];
    Reply::done().table(&columns, environments.iter().map(row).collect()).to_text()
}

fn short(sha: &Value) -> String {
    text(sha).chars().take(11).collect()
}
