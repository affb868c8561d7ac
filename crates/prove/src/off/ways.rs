//! The ways to switch off, each with something taken away.

use crate::off::disk::Filler;
use crate::off::judge::Trial;
use crate::off::world::{BESIDE, FLAG, World};
use crate::server::ROOT_TOKEN;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::pin::Pin;

/// A try that goes on.
type Trying<'w> = Pin<Box<dyn Future<Output = Result<Trial>> + 'w>>;

/// One way.
pub(super) struct Way {
    /// How, and without what.
    pub(super) name: &'static str,
    /// Switches off and keeps the time.
    pub(super) try_it: for<'w> fn(&'w mut World) -> Trying<'w>,
}

macro_rules! ways {
    ($($name:literal => $run:ident),* $(,)?) => {
        /// Every way, in the order in which each round tries them.
        pub(super) const ALL: &[Way] = &[$(Way { name: $name, try_it: |world| Box::pin($run(world)) }),*];
    };
}

ways! {
    "GitLab's API with a token that can only turn off" => rest,
    "chat command over the API" => chat,
    "terminal: wigwag chatops run, process start included" => terminal,
    "override over the API" => by_override,
    "override, database hanging" => database_hanging,
    "override, database hanging, token never used on this node" => token_never_used,
    "override, disk full, then kill -9 and restart" => disk_full,
    "file in the data folder: no login, no token, no network" => by_hand,
    "file in the data folder, database hanging" => by_hand_while_hanging,
    "terminal: wigwag flags override --data, database hanging" => by_terminal_in_the_folder,
    "override, database hanging, then kill -9 and restart" => survives_a_kill,
    "file in the data folder, server stopped, then started" => while_stopped,
    "server gone for good: the client's own override file" => server_gone,
    "everything gone together" => everything_gone,
}

async fn rest(world: &mut World) -> Result<Trial> {
    world
        .timed(accepted(world, "POST", format!("/api/v4/features/{FLAG}"), json!({ "value": "false" })))
        .await
}

async fn chat(world: &mut World) -> Result<Trial> {
    let command = json!({ "text": format!("feature set {FLAG} false") });
    let run = async {
        let reply = world.must("POST", "/v1/chatops", &command).await?;
        if reply["ok"] == true { Ok(()) } else { bail!("refused: {reply}") }
    };
    world.timed(run).await
}

async fn terminal(world: &mut World) -> Result<Trial> {
    let words = ["chatops", "run", "feature", "set", FLAG, "false"];
    world.timed(world.terminal(&words, ROOT_TOKEN)).await
}

async fn by_override(world: &mut World) -> Result<Trial> {
    let trial = world.timed(overridden(world, world.off_token.clone())).await?;
    world.recorded().await?;
    Ok(trial)
}

async fn database_hanging(world: &mut World) -> Result<Trial> {
    let lock = world.hang_database()?;
    let mut trial = world.timed(overridden(world, world.off_token.clone())).await?;
    trial.broken = untrue_yes(world).await;
    drop(lock);
    world.recorded().await?;
    Ok(trial)
}

async fn token_never_used(world: &mut World) -> Result<Trial> {
    let token = world.token("kim").await?;
    world.kill().await?;
    world.start_again().await?;
    let lock = world.hang_database()?;
    let trial = world.timed(overridden(world, token)).await?;
    drop(lock);
    world.recorded().await?;
    Ok(trial)
}

async fn disk_full(world: &mut World) -> Result<Trial> {
    let filler = Filler::fill(world.disk())?;
    // The room that is kept is enough for more than one.
    overridden_of(world, world.off_token.clone(), BESIDE).await?;
    let mut trial = world.timed(overridden(world, world.off_token.clone())).await?;
    world.kill().await?;
    drop(filler);
    world.start_again().await?;
    trial.broken = on_again(world).await?;
    if trial.broken.is_none() {
        world.recorded().await?;
    }
    Ok(trial)
}

async fn by_hand(world: &mut World) -> Result<Trial> {
    let write = async { edit(world) };
    let trial = world.timed(write).await?;
    world.recorded().await?;
    Ok(trial)
}

async fn by_hand_while_hanging(world: &mut World) -> Result<Trial> {
    let lock = world.hang_database()?;
    // Another override waits for the database already.
    overridden_of(world, world.off_token.clone(), BESIDE).await?;
    let write = async { edit(world) };
    let trial = world.timed(write).await?;
    drop(lock);
    world.recorded().await?;
    Ok(trial)
}

async fn by_terminal_in_the_folder(world: &mut World) -> Result<Trial> {
    let lock = world.hang_database()?;
    let data = world.data().display().to_string();
    let trial = world.timed(world.terminal(&["flags", "override", FLAG, "--data", &data], "")).await?;
    drop(lock);
    world.recorded().await?;
    Ok(trial)
}

async fn survives_a_kill(world: &mut World) -> Result<Trial> {
    let lock = world.hang_database()?;
    let mut trial = world.timed(overridden(world, world.off_token.clone())).await?;
    world.kill().await?;
    drop(lock);
    world.start_again().await?;
    trial.broken = on_again(world).await?;
    if trial.broken.is_none() {
        world.recorded().await?;
    }
    Ok(trial)
}

async fn while_stopped(world: &mut World) -> Result<Trial> {
    world.kill().await?;
    edit(world)?;
    world.start_again().await?;
    let broken = on_again(world).await?;
    let trial = world.timed(async { Ok(()) }).await?;
    world.recorded().await?;
    // When the client comes back to a server that was away is the client's matter.
    Ok(Trial { broken, client: None, ..trial })
}

async fn server_gone(world: &mut World) -> Result<Trial> {
    world.kill().await?;
    let file = world.client_overrides();
    let mut trial = world.timed_at_client(|| Ok(std::fs::write(&file, format!("{FLAG}\n"))?)).await?;
    world.restart_client().await;
    if world.client_says().0 {
        trial.broken = Some("after its restart the client says on".into());
    }
    Ok(trial)
}

async fn everything_gone(world: &mut World) -> Result<Trial> {
    let lock = world.hang_database()?;
    let filler = Filler::fill(world.disk())?;
    let mut trial = world.timed(overridden(world, world.off_token.clone())).await?;
    drop(filler);
    world.kill().await?;
    let file = world.client_overrides();
    let at_client = world.timed_at_client(|| Ok(std::fs::write(&file, format!("{FLAG}\n"))?)).await?;
    if at_client.client > trial.client {
        trial.client = at_client.client;
    }
    world.restart_client().await;
    if world.client_says().0 {
        trial.broken = Some("after its restart the client says on".into());
    }
    drop(lock);
    Ok(trial)
}

/// A request that must be answered with 2xx, by whoever can only turn off.
async fn accepted(world: &World, method: &str, path: String, body: Value) -> Result<()> {
    let answer = world.ask(method, &path, &world.off_token, &body).await?;
    if (200..300).contains(&answer.status) { Ok(()) } else { bail!("{}: {}", answer.status, answer.body) }
}

async fn overridden(world: &World, token: String) -> Result<()> {
    overridden_of(world, token, FLAG).await
}

async fn overridden_of(world: &World, token: String, flag: &str) -> Result<()> {
    let path = format!("/v1/flags/{flag}/override");
    let answer = world.ask("PUT", &path, &token, &json!({ "reason": "the proof" })).await?;
    if answer.status == 200 { Ok(()) } else { bail!("{}: {}", answer.status, answer.body) }
}

/// What an editor would write into the node's own file.
fn edit(world: &World) -> Result<()> {
    let text = json!({ "overrides": [{ "flag": FLAG }] }).to_string();
    let draft = world.data().join("draft");
    std::fs::write(&draft, text)?;
    Ok(std::fs::rename(draft, world.data().join("overrides.json"))?)
}

/// Turning on must not be said to have been done while nothing can be written.
async fn untrue_yes(world: &World) -> Option<String> {
    // Another value each time: nobody could say yes because it is so already.
    let share = json!({ "value": world.next_share(), "key": "percentage_of_actors", "force": true });
    let answer = world.ask("POST", "/api/v4/features/proof_of_a_yes", ROOT_TOKEN, &share).await.ok()?;
    let yes = (200..300).contains(&answer.status);
    yes.then(|| {
        format!("a change was acknowledged with {} while the database hung: {}", answer.status, answer.body)
    })
}

/// The first answer after a start.
async fn on_again(world: &World) -> Result<Option<String>> {
    let (enabled, reason) = world.node_says().await?;
    Ok(enabled.then(|| format!("it came back on after the restart ({reason})")))
}
