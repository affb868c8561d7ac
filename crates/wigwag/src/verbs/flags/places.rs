//! What is stored of a flag in each environment, remote ones too, before the code changes under it.

use super::options::EndOptions;
use super::print::{state, table, tame};
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
    /// As the server has them.
    Known(Seen),
    /// Nobody could be asked; why.
    Unknown(String),
}

/// What a server told.
pub(super) struct Seen {
    /// The environments that know the flag, in deployment order.
    pub(super) places: Vec<Place>,
    /// Environments that could not be read, each with the reason.
    pub(super) unread: Vec<(String, String)>,
}

/// Asks the server what is stored where.
pub(super) fn asked(options: &EndOptions) -> Stored {
    let places = Client::new(&options.server).and_then(|client| ask(&client, &options.name));
    places.map_or_else(|error| Stored::Unknown(format!("{error:#}")), Stored::Known)
}

/// Whether what is stored lets the code change.
///
/// # Errors
/// Unless `--accept-change` is given: if nobody can be asked, if an environment could not be read, or if something else is
/// stored somewhere than what `stays` in the code, `on` or `off`.
pub(super) fn checked(options: &EndOptions, stored: Stored, stays: &str) -> Result<Stored> {
    if options.accept_change {
        return Ok(stored);
    }
    match &stored {
        Stored::Unknown(why) => {
            let told =
                format!("cannot tell what is stored where: {why}; --accept-change goes on without asking");
            if options.server.token.is_none() { Err(anyhow!(exit::Usage(told))) } else { Err(anyhow!(told)) }
        }
        Stored::Known(seen) if stored.differs(stays) => bail!(
            "{} will be {stays} in the code, but something else is stored here:\n{}Somebody may have meant it. \
             --accept-change goes on all the same",
            options.name,
            other(seen, stays)
        ),
        Stored::Known(Seen { unread, .. }) if !unread.is_empty() => {
            let rows: Vec<Vec<String>> =
                unread.iter().map(|(environment, why)| vec![tame(environment), tame(why)]).collect();
            bail!(
                "cannot tell what is stored of {} here:\n{}--accept-change goes on without having seen it",
                options.name,
                table(&["ENVIRONMENT", "NOT READ"], &rows)
            )
        }
        Stored::Known(_) => Ok(stored),
    }
}

/// A table of what is stored otherwise than `stays`.
pub(super) fn other(seen: &Seen, stays: &str) -> String {
    let other = seen.places.iter().filter(|place| place.differs(stays));
    let rows: Vec<Vec<String>> =
        other.map(|place| vec![tame(&place.environment), state(&tame(&place.state))]).collect();
    table(&["ENVIRONMENT", "STORED"], &rows)
}

/// The environments that could not be read, each with the reason.
///
/// # Errors
/// If the answer to `GET /v1/flags` does not name them.
pub(super) fn unread(answer: &Value) -> Result<Vec<(String, String)>> {
    let told = "the server's answer does not say what it could not read";
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let one = |one: &Value| Some((text(&one["environment"])?, text(&one["reason"])?));
    let all = answer["unread"].as_array().context(told)?;
    all.iter().map(|unread| one(unread).context(told)).collect()
}

fn ask(client: &Client, name: &str) -> Result<Seen> {
    let answer = client.get("/v1/flags")?;
    let rows = answer["flags"].as_array().context("the server's answer is no list of flags")?;
    let unread = unread(&answer)?;
    let Some(row) = rows.iter().find(|row| row["name"] == name) else {
        return Ok(Seen { places: Vec::new(), unread });
    };
    let places = row["environments"].as_array().context("the server's answer names no environments")?;
    let place = |place: &Value| {
        Some(Place {
            environment: place["environment"].as_str()?.to_owned(),
            state: place["state"].as_str()?.to_owned(),
            stored: place["stored"].as_bool()?,
        })
    };
    let told = "the server's answer lacks an environment's state";
    let places = places.iter().map(|one| place(one).context(told)).collect::<Result<_>>()?;
    Ok(Seen { places, unread })
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
            Self::Known(Seen { places, .. }) => {
                places.iter().filter(|place| place.stored).map(|place| place.environment.as_str()).collect()
            }
            Self::Unknown(_) => Vec::new(),
        }
    }

    /// Whether something else is stored somewhere than `stays`.
    pub(super) fn differs(&self, stays: &str) -> bool {
        matches!(self, Self::Known(seen) if seen.places.iter().any(|place| place.differs(stays)))
    }

    /// All of it in a sentence.
    pub(super) fn told(&self) -> String {
        let Self::Known(Seen { places, unread }) = self else {
            return "what is stored where was not asked".into();
        };
        let stored: Vec<String> = places
            .iter()
            .filter(|place| place.stored)
            .map(|place| format!("{} ({})", tame(&place.environment), state(&tame(&place.state))))
            .collect();
        let unread: Vec<String> = unread.iter().map(|(environment, _)| tame(environment)).collect();
        match (stored.is_empty(), unread.is_empty()) {
            (true, true) => "nothing is stored anywhere".into(),
            (true, false) => {
                format!("nothing is stored where it could be read; not read: {}", unread.join(", "))
            }
            (false, true) => format!("stored in {}", stored.join(", ")),
            (false, false) => format!("stored in {}; not read: {}", stored.join(", "), unread.join(", ")),
        }
    }

    /// The environments; null if they are not known.
    pub(super) fn as_json(&self, stays: &str) -> Value {
        let Self::Known(Seen { places, .. }) = self else { return Value::Null };
        let one = |place: &Place| {
            let Place { environment, state, stored } = place;
            json!({ "environment": environment, "state": state, "stored": stored, "differs": place.differs(stays) })
        };
        places.iter().map(one).collect()
    }

    /// The environments that could not be read; null if nobody could be asked.
    pub(super) fn unread_as_json(&self) -> Value {
        let Self::Known(Seen { unread, .. }) = self else { return Value::Null };
        unread.iter().map(|(environment, why)| json!({ "environment": environment, "reason": why })).collect()
    }
}
