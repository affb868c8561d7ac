//! `wigwag flags list`: every flag, with its state in each environment.

use super::options::{ListOptions, StateWord};
use super::places::unread;
use super::print::{self, Style, counted, state, styled, table, tame};
use crate::verbs::client::Client;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::Value;

/// Lists what fits all that is asked for.
pub(super) fn run(options: &ListOptions) -> Result<()> {
    let client = Client::new(&options.server)?;
    let mut answer = client.get("/v1/flags")?;
    let unread = unread(&answer)?;
    let Value::Array(mut rows) = answer["flags"].take() else {
        bail!("the server's answer is no list of flags");
    };
    for (environment, why) in &unread {
        print::aside(&format!("wigwag: not read: {}: {}", tame(environment), tame(why)));
    }
    let environments = environments(&rows);
    let columns = match &options.environment {
        Some(one) if unread.iter().any(|(environment, _)| environment == one) => {
            bail!("the flags of {one} could not be read")
        }
        Some(one) if !environments.contains(one) && !rows.is_empty() => {
            let near = wigwag_chat::nearest(one, environments.iter().map(String::as_str));
            bail!(
                "there is no environment {one:?} with flags; {}",
                match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("there are {}", environments.join(", ")),
                }
            );
        }
        Some(one) => vec![one.clone()],
        None => environments,
    };
    rows.retain(|row| fits(row, options, &columns));
    if client.json() {
        for row in &mut rows {
            let places =
                row["environments"].as_array_mut().context("the server's answer names no environments")?;
            places.retain(|place| columns.iter().any(|column| place["environment"] == *column));
        }
        return print::json(&Value::Array(rows));
    }
    let mut text = String::new();
    if !rows.is_empty() {
        let headings: Vec<&str> =
            ["FLAG", "TYPE"].into_iter().chain(columns.iter().map(String::as_str)).collect();
        let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row, &columns)).collect();
        text = table(&headings, &cells);
    }
    text += &counted(rows.len(), "flag");
    if rows.iter().any(|row| !row["past_life"].is_null()) {
        text += "; ! has outlived its type (`wigwag flags stale`)";
    }
    print::text(&text)
}

/// The environments that appear, in the order of their deployment.
fn environments(rows: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let longest = rows.iter().filter_map(|row| row["environments"].as_array()).max_by_key(|all| all.len());
    let all = longest.into_iter().chain(rows.iter().filter_map(|row| row["environments"].as_array()));
    for name in all.flatten().filter_map(|place| place["environment"].as_str()) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn place<'r>(row: &'r Value, environment: &str) -> Option<&'r Value> {
    row["environments"].as_array()?.iter().find(|place| place["environment"] == environment)
}

fn fits(row: &Value, options: &ListOptions, columns: &[String]) -> bool {
    let named = options
        .matching
        .as_deref()
        .is_none_or(|text| row["name"].as_str().is_some_and(|name| name.contains(text)));
    let wanted = |state: StateWord| {
        state.to_possible_value().is_some_and(|value| {
            columns
                .iter()
                .filter_map(|column| place(row, column))
                .any(|place| place["state"] == value.get_name())
        })
    };
    named && options.state.is_none_or(wanted)
}

fn cells(row: &Value, columns: &[String]) -> Vec<String> {
    let text = |value: &Value| tame(value.as_str().unwrap_or_default());
    let mark = if row["past_life"].is_null() { "" } else { " !" };
    let kind =
        if row["definition"].is_null() { "not defined".into() } else { text(&row["definition"]["type"]) };
    let in_environment = |column: &String| match place(row, column) {
        None => styled("-", Style::Dim),
        Some(place) if place["overridden"] == true => styled("off by override", Style::Red),
        Some(place) if place["stored"] == true => state(&text(&place["state"])),
        Some(place) => styled(&format!("{} by default", text(&place["state"])), Style::Dim),
    };
    [format!("{}{mark}", text(&row["name"])), kind]
        .into_iter()
        .chain(columns.iter().map(in_environment))
        .collect()
}
