//! Who is who on the other server: by path or username, since its ids are its own.

use super::place::RemotePlace;
use super::server::{RemoteError, RemoteServer};
use bytes::Bytes;
use serde_json::Value;
use wigwag_chat::{Target, TargetKind};
use wigwag_flags::ActorId;
use wigwag_ports::egress::Method;

impl RemotePlace {
    /// The actor that a target is there; `None` if nobody of that name is there.
    ///
    /// # Errors
    /// Why it could not be told, as the end of a sentence.
    pub(crate) async fn actor_of(&self, target: &Target) -> Result<Option<ActorId>, String> {
        let name = target.name.as_str();
        match target.kind {
            TargetKind::Project => self.server.numbered("projects", "Project", name).await,
            TargetKind::Group => self.server.numbered("groups", "Group", name).await,
            TargetKind::User => self.server.user(name).await,
            TargetKind::Namespace => match self.server.numbered("groups", "Group", name).await? {
                Some(group) => Ok(Some(group)),
                None => self.server.user(name).await,
            },
            TargetKind::Repository => actor("Repository", name).map(Some),
            TargetKind::FeatureGroup => Ok(None),
        }
    }
}

impl RemoteServer {
    /// The actor of a project or group.
    async fn numbered(&self, list: &str, kind: &str, path: &str) -> Result<Option<ActorId>, String> {
        let told = self.look_up(&format!("/{list}/{}", encoded(path))).await?;
        told.and_then(|value| value["id"].as_i64()).map(|id| actor(kind, &id.to_string())).transpose()
    }

    async fn user(&self, username: &str) -> Result<Option<ActorId>, String> {
        let told = self.look_up(&format!("/users?username={}", encoded(username))).await?;
        let id = told.and_then(|value| value[0]["id"].as_i64());
        id.map(|id| actor("User", &id.to_string())).transpose()
    }

    /// One answer below `/api/v4`; `None` for 404.
    async fn look_up(&self, path: &str) -> Result<Option<Value>, String> {
        let path = format!("/api/v4{path}");
        match self.ask(Method::Get, &path, Vec::new(), Bytes::new()).await {
            Ok(answer) => serde_json::from_slice(&answer.body)
                .map(Some)
                .map_err(|_| "its server answers something else than JSON".into()),
            Err(RemoteError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn actor(kind: &str, id: &str) -> Result<ActorId, String> {
    format!("{kind}:{id}").parse().map_err(|error| format!("{id:?} {error}"))
}

/// A name as one segment of an address.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let encode = |byte: u8| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") };
    name.trim_start_matches('@').bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_name_is_one_segment() {
        assert_eq!(encoded("a/b c"), "a%2Fb%20c");
        assert_eq!(encoded("@mära&x=1"), "m%C3%A4ra%26x%3D1");
    }
}
