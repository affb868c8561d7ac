//! Who changed what, from the audit log; the last change of each environment can be taken back.

use crate::ask::Ask;
use crate::limits::CHANGES_PER_PAGE;
use crate::page::flags::places::Place;
use crate::page::flags::{VIA, href};
use crate::view::{Pager, When};
use wigwag_engine::EngineError;
use wigwag_engine::flags::{SeenStep, in_words};
use wigwag_flags::{Definition, FlagName};
use wigwag_ports::flags::{AuditFilter, AuditRow};

/// One change, as lists show it.
#[derive(Clone, Debug)]
pub(crate) struct ChangeRow {
    pub(crate) id: String,
    pub(crate) at: When,
    /// The flag's name and page, if a flag was changed.
    pub(crate) flag: Option<(String, String)>,
    pub(crate) environment: String,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) author: String,
    pub(crate) via: String,
    pub(crate) reason: Option<String>,
    /// What the button to take it back sends: the marks of the states before and after.
    pub(crate) undo: Option<(String, String)>,
}

/// A row of the audit log.
pub(crate) fn change_row(ask: &Ask, row: AuditRow) -> ChangeRow {
    let entry = row.entry;
    ChangeRow {
        id: row.id.to_string(),
        at: When::new(entry.at, ask.now),
        flag: entry.flag.map(|name| (name.clone(), href(&name))),
        environment: entry.environment.unwrap_or_default(),
        before: entry.before,
        after: entry.after,
        author: match entry.sudo_by {
            Some(admin) => format!("{admin} as {}", entry.author),
            None => entry.author,
        },
        via: via_words(&entry.via),
        reason: entry.reason.filter(|reason| !reason.is_empty()),
        undo: None,
    }
}

/// Where from, as a phrase.
fn via_words(via: &str) -> String {
    match via {
        VIA => "a page".into(),
        "api" => "the API".into(),
        "cli" => "the command line".into(),
        "console" => "the console".into(),
        "override" => "an override".into(),
        other => match other.strip_prefix("chat:") {
            Some(channel) => format!("chat, {channel}"),
            None => other.to_owned(),
        },
    }
}

/// The changes of one flag, newest first, and the links to older ones.
pub(crate) struct History {
    pub(crate) rows: Vec<ChangeRow>,
    pub(crate) pager: Pager,
}

/// Reads the changes of one flag; `None` if the log cannot be read now: the flag's page is there all the same.
///
/// # Errors
/// As the engine's, but for the store's absence.
pub(crate) async fn history(
    ask: &Ask,
    flag: &FlagName,
    definition: Option<&Definition>,
    places: &[Place],
) -> Result<Option<History>, EngineError> {
    match read(ask, flag, definition, places).await {
        Err(EngineError::Unavailable { .. }) => Ok(None),
        read => read.map(Some),
    }
}

async fn read(
    ask: &Ask,
    flag: &FlagName,
    definition: Option<&Definition>,
    places: &[Place],
) -> Result<History, EngineError> {
    let filter = AuditFilter { flag: Some(flag.to_string()), ..AuditFilter::default() };
    let listing = ask.engine.audit(&ask.principal, filter, ask.query.page(CHANGES_PER_PAGE)).await?;
    let pager = Pager::new(&listing, "Pages of changes", &href(flag.as_str()), &[], "#history");
    let is_first = listing.page.number == 1;
    let mut rows: Vec<ChangeRow> = listing.rows.into_iter().map(|row| change_row(ask, row)).collect();
    if is_first {
        // What another server keeps is taken back there: here is no step of it.
        for place in places.iter().filter(|place| place.remote.is_none()) {
            offer_undo(ask, flag, definition, place, &mut rows).await?;
        }
    }
    Ok(History { rows, pager })
}

/// Puts the button on the row of what `place` stores since its last step.
async fn offer_undo(
    ask: &Ask,
    flag: &FlagName,
    definition: Option<&Definition>,
    place: &Place,
    rows: &mut [ChangeRow],
) -> Result<(), EngineError> {
    let Some(step) = ask.engine.flag_step(&ask.principal, &place.name, flag).await? else { return Ok(()) };
    let before = in_words(definition, step.before.as_ref());
    let after = in_words(definition, step.after.as_ref());
    let is_this = |row: &&mut ChangeRow| row.environment == place.name;
    if let Some(row) = rows.iter_mut().find(is_this)
        && row.before == before
        && row.after == after
    {
        let seen = SeenStep::from(&step);
        row.undo = Some((seen.before.to_string(), seen.after.to_string()));
    }
    Ok(())
}
