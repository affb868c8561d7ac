use crate::errors::Problem;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;
use wigwag_base::Percentage;
use wigwag_flags::{Flag, FlagName, FlagState};
use wigwag_wire::flag_feed;

/// What evaluation needs of a flag.
pub(crate) fn feed_flag(name: &FlagName, flag: &Flag) -> flag_feed::Flag {
    let depends_on = flag.definition.as_ref().map(|definition| definition.depends_on.as_slice());
    flag_feed::Flag {
        name: name.to_string(),
        default_enabled: flag.default_enabled(),
        depends_on: depends_on.unwrap_or_default().iter().map(ToString::to_string).collect(),
        state: flag.state.as_deref().map(feed_state),
    }
}

/// What is stored of a flag.
pub(crate) fn feed_state(state: &FlagState) -> flag_feed::State {
    flag_feed::State {
        boolean: state.boolean,
        actors: state.actors.iter().map(ToString::to_string).collect(),
        opt_outs: state.opt_outs.iter().map(ToString::to_string).collect(),
        percentage_of_actors: state.percentage_of_actors.map(Percentage::as_f64),
        percentage_of_time: state.percentage_of_time.map(Percentage::as_f64),
        groups: state.groups.iter().cloned().collect(),
    }
}

/// A state that is to be stored; the problem names the field that is wrong.
pub(crate) fn flag_state(state: &flag_feed::State) -> Result<FlagState, Problem> {
    Ok(FlagState {
        boolean: state.boolean,
        actors: all("state.actors", &state.actors)?,
        opt_outs: all("state.opt_outs", &state.opt_outs)?,
        percentage_of_actors: share("state.percentage_of_actors", state.percentage_of_actors)?,
        percentage_of_time: share("state.percentage_of_time", state.percentage_of_time)?,
        groups: state.groups.iter().cloned().collect(),
    })
}

fn all<T: FromStr<Err: Display> + Ord>(field: &str, texts: &[String]) -> Result<BTreeSet<T>, Problem> {
    let wrong = |text: &str, error| Problem::invalid(field, &format!("holds {text:?}, which {error}"));
    texts.iter().map(|text| text.parse().map_err(|error: T::Err| wrong(text, error))).collect()
}

fn share(field: &str, share: Option<f64>) -> Result<Option<Percentage>, Problem> {
    let wrong = |error: wigwag_base::PercentageError| Problem::invalid(field, &error.to_string());
    share.map(|share| Percentage::new(share).map_err(wrong)).transpose()
}
