//! Everything that the server gives out.

use super::plant::{World, exchange};
use super::sieve::Outputs;
use crate::server::ROOT_TOKEN;
use anyhow::{Context, Result, bail};
use std::collections::{HashSet, VecDeque};
use std::path::Path;

/// Reads every GET operation of the OpenAPI document, for everything that was planted; how many answers there were.
pub(super) async fn operations(world: &World, outputs: &mut Outputs) -> Result<usize> {
    let document = world.api.get("/openapi.json").await?;
    let paths = document["paths"].as_object().context("the OpenAPI document has no paths")?;
    let mut count = 0;
    for (template, operations) in paths {
        if operations["get"].is_null() {
            continue;
        }
        for path in filled(template, world) {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {}\r\nPRIVATE-TOKEN: {ROOT_TOKEN}\r\nConnection: close\r\n\r\n",
                world.api.address
            );
            outputs.add("operations", &path, exchange(world.api.address, &request).await?);
            count += 1;
        }
    }
    outputs.add("operations", "/openapi.json", document.to_string().into_bytes());
    Ok(count)
}

/// The addresses that a path of the document stands for.
fn filled(template: &str, world: &World) -> Vec<String> {
    let place = match template {
        _ if template.contains("/projects/") => 0,
        _ if template.contains("/groups/") => 1,
        _ => 2,
    };
    let id = match template {
        _ if template.contains("/projects/") => world.project,
        _ if template.contains("/groups/") => world.group,
        _ if template.contains("/personal_access_tokens/") => world.token,
        _ => world.user,
    };
    let path = template
        .replace("{id}", &id.to_string())
        .replace("{user_id}", &world.user.to_string())
        .replace("{environment}", "production")
        .replace("{name}", "webhooks_failed_callout")
        .replace("{deployment_id}", "1")
        .replace("{kid}", "1");
    if path.contains("{hook_id}") {
        world.hooks[place].iter().map(|hook| path.replace("{hook_id}", &hook.to_string())).collect()
    } else {
        let user = format!("{path}?user=kim");
        if path.ends_with("/callouts") { vec![user] } else { vec![path] }
    }
}

/// Reads every page that links lead to, from the first on; how many there were.
pub(super) async fn pages(world: &World, pages_max: usize, outputs: &mut Outputs) -> Result<usize> {
    let mut seen = HashSet::from(["/".to_owned()]);
    let mut line = VecDeque::from(["/".to_owned()]);
    let mut count = 0;
    while let Some(path) = line.pop_front().filter(|_| count < pages_max) {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            world.api.address, world.cookie
        );
        let answer = exchange(world.api.address, &request).await?;
        count += 1;
        let text = String::from_utf8_lossy(&answer);
        for link in ["href=\"", "src=\"", "action=\""].iter().flat_map(|name| text.split(name).skip(1)) {
            let link = link.split('"').next().unwrap_or_default().replace("&amp;", "&");
            let link = link.split('#').next().unwrap_or_default().to_owned();
            let leads_on = link.starts_with('/') && !link.starts_with("//") && !link.contains("logout");
            if leads_on && seen.insert(link.clone()) {
                line.push_back(link);
            }
        }
        if let Some(to) = text.lines().find_map(|line| line.strip_prefix("location: "))
            && seen.insert(to.to_owned())
        {
            line.push_back(to.to_owned());
        }
        outputs.add("pages", &path, answer);
    }
    if count < 20 {
        bail!("only {count} pages were found: is anybody signed in?");
    }
    Ok(count)
}

/// Reads every file of the data folder but the key itself.
pub(super) fn files(folder: &Path, group: &'static str, outputs: &mut Outputs) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, group, outputs)?;
        } else if path.file_name().is_some_and(|name| name != "data.key") {
            outputs.add(group, &path.display().to_string(), std::fs::read(&path)?);
        }
    }
    Ok(())
}
