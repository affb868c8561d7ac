//! What is stored of a flag in each environment, remote ones too, before the code changes under it.

use super::options::EndOptions;
use super::print::{state, table};
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

/// What is known of the environments of a flag.
pub(super) enum Stored {
    /// As the server has them, in deployment order.
    Known(Vec<Place>),
    /// Nobody could be asked; why.
    Unknown(String),
}

/// Asks the server what is stored where.
pub(super) fn asked(options: &EndOptions) -> Stored {
    let places = Client::new(&options.server).and_then(|client| ask(&client, &options.name));
    places.map_or_else(|error| Stored::Unknown(format!("{error:#}")), Stored::Known)
}

/// The same, before something is changed.
///
/// # Errors
/// Unless `--accept-change` is given: if nobody can be asked, or if something else is stored somewhere than what
/// `stays` in the code, `on` or `off`.
pub(super) fn checked(options: &EndOptions, stays: &str) -> Result<Stored> {
    let stored = asked(options);
    if options.accept_change {
        return Ok(stored);
    }
    match &stored {
        Stored::Unknown(why) => {
            let told =
                format!("cannot tell what is stored where: {why}; --accept-change goes on without asking");
            if options.server.token.is_none() { Err(anyhow!(exit::Usage(told))) } else { Err(anyhow!(told)) }
        }
        Stored::Known(places) if places.iter().any(|place| place.differs(stays)) => {
            let other = places.iter().filter(|place| place.differs(stays));
            let rows: Vec<Vec<String>> =
                other.map(|place| vec![place.environment.clone(), state(&place.state)]).collect();
            bail!(
                "{} will be {stays} in the code, but something else is stored here:\n{}Somebody may have meant it. \
                 --accept-change goes on all the same",
                options.name,
                table(&["ENVIRONMENT", "STORED"], &rows)
            )
        }
        Stored::Known(_) => Ok(stored),
    }
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
}

impl Stored {
    /// The environments in which something is stored.
    pub(super) fn environments(&self) -> Vec<&str> {
        match self {
            Self::Known(places) => {
                places.iter().filter(|place| place.stored).map(|place| place.environment.as_str()).collect()
            }
            Self::Unknown(_) => Vec::new(),
        }
    }

    /// All of it in a sentence.
    pub(super) fn told(&self) -> String {
        let Self::Known(places) = self else { return "what is stored where was not asked".into() };
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

    /// The environments; null if they are not known.
    pub(super) fn as_json(&self, stays: &str) -> Value {
        let Self::Known(places) = self else { return Value::Null };
        let one = |place: &Place| {
            let Place { environment, state, stored } = place;
            json!({ "environment": environment, "state": state, "stored": stored, "differs": place.differs(stays) })
        };
        places.iter().map(one).collect()
    }
}
