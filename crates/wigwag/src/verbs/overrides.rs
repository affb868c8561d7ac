//! `wigwag flags override`: the switch that works when nothing else does. It asks the server, or changes the file in its
//! data folder.

use super::client::{Client, segment};
use super::tame::{self, tame, tame_lines};
use crate::cli::OverrideOptions;
use crate::overrides::{path, row, rows, write_rows};
use crate::verbs::say;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::path::Path;
use wigwag_flags::FlagName;
use wigwag_wire::flag_feed::Override;

/// Lists, sets or lifts.
pub(crate) fn run(options: &OverrideOptions) -> Result<()> {
    match &options.data {
        Some(folder) => in_file(options, folder),
        None => at_server(options),
    }
}

fn at_server(options: &OverrideOptions) -> Result<()> {
    let client = Client::new(&options.server)?;
    let Some(name) = options.name.as_deref().filter(|_| !options.list) else {
        let list: Vec<Override> = serde_json::from_value(client.get("/v1/flags/overrides")?)
            .context("the server's answer is not a list of overrides")?;
        return print_list(&list, options.server.json);
    };
    let route = format!("/v1/flags/{}/override", segment(name));
    if options.lift {
        let query = options
            .environment
            .as_deref()
            .map_or_else(String::new, |one| format!("?environment={}", segment(one)));
        client.delete(&format!("{route}{query}"))?;
        return print(
            options,
            &json!({ "lifted": name }),
            &format!("{name}: the override is lifted; what is stored decides"),
        );
    }
    let body = json!({ "environment": options.environment, "reason": options.reason });
    let answer = client.put(&route, &body)?;
    let mut text =
        format!("{name} is off in {} on this node", answer["environment"].as_str().unwrap_or_default());
    text += match answer["recorded"] == true {
        true => "; stored off, and in the audit log",
        false => "; the database does not answer yet and will be told",
    };
    if let Some(problem) = answer["not_kept"].as_str() {
        text += &format!("\nIT DOES NOT SURVIVE A RESTART: {problem}");
    }
    print(options, &answer, &text)
}

/// The file is changed whole; a running server notices within a moment. A row without an environment is of the server's
/// own, whichever that is.
fn in_file(options: &OverrideOptions, folder: &Path) -> Result<()> {
    let file = path(folder);
    if !folder.is_dir() {
        bail!("{} is no data folder; give the one that the server was started with", folder.display());
    }
    let environment = options.environment.clone().unwrap_or_default();
    let mut kept: Vec<Override> =
        rows(&file, "").map_err(|error| anyhow!("{error}"))?.iter().map(row).collect();
    let Some(name) = options.name.as_deref().filter(|_| !options.list) else {
        return print_list(&kept, options.server.json);
    };
    let flag: FlagName = name.parse().map_err(|error| anyhow!("{name:?} is no flag's name: it {error}"))?;
    let same = |one: &Override| one.flag == flag.as_str() && one.environment == environment;
    let there = kept.iter().any(same);
    let place = if environment.is_empty() { "the server's own environment" } else { &environment };
    let text = if options.lift {
        if !there {
            // The server writes its rows with the environment that it took a row without one for.
            bail!("{name} is not overridden in {place}; --list shows where it is, --environment names one");
        }
        kept.retain(|one| !same(one));
        format!("{name}: the override is lifted; what is stored decides")
    } else {
        if !there {
            kept.push(Override {
                flag: name.to_owned(),
                environment: environment.clone(),
                author: std::env::var("USER").unwrap_or_default(),
                reason: options.reason.clone(),
                since_ms: crate::clock::SystemClock::of_machine().as_millis(),
                ..Override::default()
            });
        }
        format!(
            "{name} is off in {place}, if the server knows these names: written to {}. A running server takes it up at \
             once; `wigwag flags get {name}` shows it",
            file.display()
        )
    };
    write_rows(&file, kept).with_context(|| {
        format!("cannot write {}; run this as the user of the server, or as root", file.display())
    })?;
    print(
        options,
        &json!({ "flag": name, "environment": options.environment, "lifted": options.lift }),
        &text,
    )
}

fn print(options: &OverrideOptions, answer: &Value, text: &str) -> Result<()> {
    if options.server.json {
        say::line(&tame::json(answer))?;
    } else {
        say::line(&tame_lines(text))?;
    }
    Ok(())
}

fn print_list(list: &[Override], json: bool) -> Result<()> {
    if json {
        say::line(&tame::json(&serde_json::to_value(list)?))?;
        return Ok(());
    }
    if list.is_empty() {
        say::line("nothing is overridden")?;
    }
    for one in list {
        let known = if one.recorded { "recorded" } else { "not recorded yet" };
        let why = one.reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
        let place =
            if one.environment.is_empty() { "the server's own environment" } else { &one.environment };
        say::line(&tame(&format!("{} in {place}, by {}, {known}{why}", one.flag, one.author)))?;
    }
    Ok(())
}
