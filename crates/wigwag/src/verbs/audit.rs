//! `wigwag audit`: whether the log is what was written.

use super::client::{Client, segment};
use super::tame::{self, tame};
use crate::cli::AuditVerb;
use crate::exit;
use crate::verbs::say;
use anyhow::Result;

/// Exit code 1 says that the chain is broken.
pub(crate) fn run(verb: AuditVerb) -> Result<()> {
    let AuditVerb::Verify { server, head } = verb;
    let client = Client::new(&server)?;
    let query = head.as_deref().map_or_else(String::new, |head| format!("?head={}", segment(head)));
    let verdict = client.get(&format!("/v1/audit/verify{query}"))?;
    let intact = verdict["intact"] == true;
    if client.json() {
        say::line(&tame::json(&verdict))?;
    } else {
        let rows = &verdict["rows"];
        let found = match (verdict["broken_at"].as_i64(), &head) {
            (Some(id), _) => {
                format!("BROKEN at row {id}: it is not what was written. {rows} rows before it are")
            }
            (None, Some(_)) if !intact => {
                format!("CUT OFF OR WRITTEN ANEW: {rows} rows follow from each other, none has that head")
            }
            (None, _) => format!("intact: {rows} rows, each follows from the one before"),
        };
        say::line(&format!("{found}\nhead {}", tame(verdict["head"].as_str().unwrap_or_default())))?;
    }
    if intact { Ok(()) } else { Err(exit::Refused.into()) }
}
