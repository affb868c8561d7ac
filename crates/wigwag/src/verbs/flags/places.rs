//! What is stored of a flag in each environment, remote ones too, before the code changes under it.

use super::options::EndOptions;
use super::print::{self, state, table};
use crate::exit;
use crate::verbs::client::Client;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

/// A flag in one environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) environment: String,
    /// `on`, `conditional` or `off`.
    pub(super) state: String,
    /// Whether anything is stored; else the default decides.
    pub(super) stored: bool,
}

/// The environments of a flag, as the server has them; none if nobody could be asked and that is accepted.
///
/// # Errors
/// Unless `--accept-change` is given: if nobody can be asked, or if something else is stored somewhere than what
/// `stays` in the code, `on` or `off`.
pub(super) fn checked(options: &EndOptions, stays: &str) -> Result<Vec<Place>> {
    let name = &options.name;
    if options.server.token.is_none() && !options.accept_change {
        let told = "no token to ask what is stored where: set WIGWAG_TOKEN or give --token, or --accept-change to go on \
                    without asking";
        return Err(anyhow!(exit::Usage(told.into())));
    }
    let places = match Client::new(&options.server).and_then(|client| ask(&client, name)) {
        Ok(places) => places,
        Err(error) if options.accept_change => {
            print::aside(&format!("wigwag: nobody was asked what is stored where: {error:#}"));
            return Ok(Vec::new());
        }
        Err(error) => {
            return Err(
                error.context("cannot tell what is stored where; --accept-change goes on without asking")
            );
        }
    };
    let other: Vec<&Place> = places.iter().filter(|place| place.differs(stays)).collect();
    if other.is_empty() || options.accept_change {
        return Ok(places);
    }
    let rows: Vec<Vec<String>> = other.iter().map(|place| place.row()).collect();
    bail!(
        "{name} will be {stays} in the code, but something else is stored here:\n{}Somebody may have meant it. \
         --accept-change goes on all the same",
        table(&["ENVIRONMENT", "STORED"], &rows)
    )
}

/// The environments that know a flag, in deployment order.
fn ask(client: &Client, name: &str) -> Result<Vec<Place>> {
    let rows = client.get("/v1/flags")?;
    let rows = rows.as_array().context("the server's answer is no list of flags")?;
    let Some(row) = rows.iter().find(|row| row["name"] == name) else { return Ok(Vec::new()) };
    let places = row["environments"].as_array().context("the server's answer names no environments")?;
    let place = |place: &Value| {
        Some(Place {
            environment: place["environment"].as_str()?.to_owned(),
            state: place["state"].as_str()?.to_owned(),
            stored: place["stored"].as_bool()?,
        })
    };
    places.iter().map(|one| place(one).context("the server's answer lacks an environment's state")).collect()
}

impl Place {
    fn differs(&self, stays: &str) -> bool {
        self.stored && self.state != stays
    }

    fn row(&self) -> Vec<String> {
        vec![self.environment.clone(), state(&self.state)]
    }

    pub(super) fn as_json(&self, stays: &str) -> Value {
        let Self { environment, state, stored } = self;
        json!({ "environment": environment, "state": state, "stored": stored, "differs": self.differs(stays) })
    }
}

/// The environments where something is stored, in a sentence.
pub(super) fn told(places: &[Place]) -> String {
    let stored: Vec<String> = places
        .iter()
        .filter(|place| place.stored)
        .map(|place| format!("{} ({})", place.environment, state(&place.state)))
        .collect();
    if stored.is_empty() {
        "nothing is stored anywhere".into()
    } else {
        format!("stored in {}", stored.join(", "))
    }
}
