//! What the platform needs in Wigwag, found or made through the API: its users with their roles, the group, the
//! projects, a token of its own, the hooks, and the flag that is on in dev and staging.

use super::folder::{self, Folder};
use super::harbor::{GROUP, PLATFORM, PerPlace, Place, Viewer};
use super::http::{Http, part};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use wigwag_base::Secret;

/// The flag of the banner.
pub(crate) const FLAG: &str = "webhooks_failed_callout";

/// The platform's own user.
const ACCOUNT: &str = "tidewharf";
const OWNER: u8 = 50;

/// A project as Wigwag knows it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    /// The id of the group that it lies in.
    pub(crate) group: i64,
    /// The project's id.
    pub(crate) project: i64,
    /// Its hook's id.
    pub(crate) hook: i64,
}

/// The platform, ready to work.
pub(crate) struct Prepared {
    /// Both projects.
    pub(crate) known: PerPlace<Known>,
    /// Wigwag, by the platform's own token.
    pub(crate) platform: Http,
}

/// The receiver as the hooks name it.
pub(crate) struct ReceiverAt<'a> {
    /// Its port.
    pub(crate) port: u16,
    /// What it checks signatures with.
    pub(crate) signing_token: &'a Secret<String>,
}

/// Finds or makes everything. Running it again changes nothing.
pub(crate) fn prepare(operator: &Http, folder: &Folder, receiver: &ReceiverAt<'_>) -> Result<Prepared> {
    let group = found_or_made(
        operator,
        &format!("/api/v4/groups/{GROUP}"),
        "/api/v4/groups",
        || json!({ "name": "Harbor", "path": GROUP }),
    )?;
    for viewer in Viewer::ALL {
        let user = user(operator, viewer.username(), viewer.name())?;
        member(operator, group, user, viewer.access_level())?;
    }
    let account = user(operator, ACCOUNT, PLATFORM)?;
    member(operator, group, account, OWNER)?;
    let platform = operator.with_token(own_token(operator, folder, account)?);
    let known = PerPlace::try_make(|place| -> Result<Known> {
        let path = format!("/api/v4/projects/{}", part(&place.full_path()));
        let project = found_or_made(
            operator,
            &path,
            "/api/v4/projects",
            || json!({ "name": place.name(), "path": place.slug(), "namespace_id": group }),
        )?;
        Ok(Known { group, project, hook: hook(&platform, place, project, receiver)? })
    })?;
    flag_in_staging(operator, folder)?;
    Ok(Prepared { known, platform })
}

fn found_or_made(http: &Http, at: &str, collection: &str, make: impl FnOnce() -> Value) -> Result<i64> {
    let found = http.get(at)?;
    let thing = match found.status {
        404 => http.post(collection, &make())?,
        _ => found,
    };
    id(&thing.success().with_context(|| format!("cannot find or make {at}"))?)
}

fn user(http: &Http, username: &str, name: &str) -> Result<i64> {
    let found = http.get(&format!("/api/v4/users?username={username}"))?.success()?;
    if let Some(user) = found.as_array().and_then(|users| users.first()) {
        return id(user);
    }
    let email = format!("{username}@tidewharf.example");
    let made = http.post("/api/v4/users", &json!({ "username": username, "name": name, "email": email }))?;
    id(&made.success().with_context(|| format!("cannot make the user {username}"))?)
}

fn member(http: &Http, group: i64, user: i64, level: u8) -> Result<()> {
    let body = json!({ "user_id": user, "access_level": level });
    let answer = http.post(&format!("/api/v4/groups/{group}/members"), &body)?;
    if answer.status == 409 {
        return Ok(());
    }
    answer.success().map(drop).context("cannot add a member")
}

/// The platform's own token: it owns the group, may publish its events and ask for anybody's callouts there. It is told
/// once, so it is kept; where it no longer holds, another is made.
fn own_token(operator: &Http, folder: &Folder, account: i64) -> Result<Secret<String>> {
    let file = folder.platform("token");
    if let Some(kept) = folder::read(&file)?.map(Secret::new)
        && operator.with_token(kept.clone()).get("/api/v4/user")?.status == 200
    {
        return Ok(kept);
    }
    let path = format!("/api/v4/users/{account}/personal_access_tokens");
    let made =
        operator.post(&path, &json!({ "name": "platform", "scopes": ["api", "callouts"] }))?.success()?;
    let text = made["token"].as_str().ok_or_else(|| anyhow!("the answer holds no token"))?;
    folder::write(&file, text)?;
    Ok(Secret::new(text.to_owned()))
}

/// The project's hook: wants every event, signs, points to the receiver, which may have moved to another port.
fn hook(http: &Http, place: Place, project: i64, receiver: &ReceiverAt<'_>) -> Result<i64> {
    let hooks = format!("/api/v4/projects/{project}/hooks");
    let wanted = json!({
        "name": place.hook_name(),
        "description": format!("Made by {PLATFORM} for its make-believe customer."),
        "url": format!("http://127.0.0.1:{}/{}", receiver.port, place.slug()),
        "signing_token": receiver.signing_token.expose(),
        "event_types": ["*"],
        "push_events": false,
    });
    let listed = http.get(&hooks)?.success()?;
    let named = |hook: &&Value| hook["name"] == place.hook_name();
    match listed.as_array().and_then(|listed| listed.iter().find(named)) {
        Some(hook) if hook["url"] == wanted["url"] => id(hook),
        Some(hook) => id(&http.put(&format!("{hooks}/{}", id(hook)?), &wanted)?.success()?),
        None => id(&http.post(&hooks, &wanted)?.success().context("cannot make a hook")?),
    }
}

/// Once, as a team would have done it before: on where no customer is.
fn flag_in_staging(operator: &Http, folder: &Folder) -> Result<()> {
    let done = folder.platform("flag-in-staging");
    if folder::read(&done)?.is_some() {
        return Ok(());
    }
    let text = format!("feature set {FLAG} true --dev --staging");
    let reply = operator.post("/v1/chatops", &json!({ "text": text }))?.success()?;
    if reply["ok"] != true {
        bail!("`{text}` was refused: {}", reply["text"]);
    }
    folder::write(&done, "done")
}

fn id(thing: &Value) -> Result<i64> {
    thing["id"].as_i64().ok_or_else(|| anyhow!("an answer without an id: {thing}"))
}
