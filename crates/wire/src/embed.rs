//! What a banner in a platform's page asks for.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An embed token to mint: for one user, in one project or group.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct EmbedTokenInput {
    /// The viewer's username.
    #[serde(deserialize_with = "lenient::text")]
    pub user: Option<String>,
    /// The project, by id or full path.
    #[serde(deserialize_with = "lenient::text")]
    pub project: Option<String>,
    /// The group instead, by id or full path.
    #[serde(deserialize_with = "lenient::text")]
    pub group: Option<String>,
}

/// A minted token.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct EmbedToken {
    /// What the page gives to the banner.
    pub token: String,
    /// From when on it is refused.
    pub expires_at: Time,
}

/// A token in the address, for a server that includes the fragment.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct EmbedQuery {
    /// The embed token.
    #[serde(deserialize_with = "lenient::text")]
    pub token: Option<String>,
    /// The path of the page that the viewer is on.
    #[serde(deserialize_with = "lenient::text")]
    pub page: Option<String>,
}

/// The page that a viewer is on.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct EmbedPage {
    /// Its path.
    #[serde(deserialize_with = "lenient::text")]
    pub page: Option<String>,
}

/// The close button of the included fragment.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct EmbedDismissInput {
    /// The embed token.
    #[serde(deserialize_with = "lenient::text")]
    pub token: Option<String>,
    /// Which callout: `web_hook_disabled`.
    #[serde(deserialize_with = "lenient::text")]
    pub feature_name: Option<String>,
}

/// The banner's button: an embed token for a session on the hook's page.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct EmbedSessionInput {
    /// The embed token, good for this once.
    #[serde(deserialize_with = "lenient::text")]
    pub token: Option<String>,
    /// The hook whose page to open; the list of hooks if missing.
    #[serde(deserialize_with = "lenient::number")]
    pub hook_id: Option<i64>,
}

/// A key with which a platform signs embed tokens.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct EmbedKey {
    /// The `kid` of the tokens' header.
    pub kid: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// A new key.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct NewEmbedKey {
    /// The `kid` of the tokens' header.
    pub kid: String,
    /// The private half, PKCS#8 in PEM; told this once.
    pub private_key: String,
}
