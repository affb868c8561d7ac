//! Style, script and icon, compiled in and served under an address that holds a hash of their content: browsers keep
//! them for good and never show an old one.

use crate::limits::ASSET_AGE;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// One file.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 4] = [
    Asset {
        name: "wigwag.css",
        content_type: "text/css; charset=utf-8",
        content: concat!(
            include_str!("../assets/base.css"),
            include_str!("../assets/parts.css"),
            include_str!("../assets/pages.css"),
        ),
    },
    Asset {
        name: "wigwag.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../assets/wigwag.js"),
    },
    Asset {
        name: "console.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../assets/console.js"),
    },
    Asset {
        name: "wigwag.svg",
        content_type: "image/svg+xml",
        content: include_str!("../assets/wigwag.svg"),
    },
];

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::new();
    for asset in &ASSETS {
        hasher.update(asset.content.as_bytes());
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
});

/// Where a page finds one.
pub(crate) fn address(name: &str) -> String {
    format!("/-/assets/{}/{name}", *HASH)
}

/// Serves one. An old address gets the present content, but no browser keeps it.
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = match hash == *HASH {
        true => format!("public, max-age={}, immutable", ASSET_AGE.as_secs()),
        false => "no-cache".to_owned(),
    };
    let headers = [(header::CONTENT_TYPE, asset.content_type.to_owned()), (header::CACHE_CONTROL, keep)];
    (headers, asset.content).into_response()
}
