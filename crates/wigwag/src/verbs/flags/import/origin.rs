//! Where flags come from: another server or a file.

use super::gates::Incoming;
use super::shapes::{flipper, gitlab};
use crate::limits::IMPORT_BYTES_MAX;
use crate::verbs::flags::options::ImportOptions;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::Read;
use std::time::Duration;

/// A list of all flags takes no longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Every flag of where the options say.
pub(super) fn read(options: &ImportOptions) -> Result<Vec<Incoming>> {
    let token = options.token.as_deref();
    if let Some(url) = &options.from_gitlab {
        let url = format!("{}/api/v4/features", url.trim_end_matches('/').trim_end_matches("/api/v4"));
        let headers = token.map(|token| ("PRIVATE-TOKEN", token.to_owned()));
        return gitlab(&fetch(&url, headers.as_slice())?)
            .with_context(|| format!("{url} does not answer as GitLab does"));
    }
    let from = options.from_flipper.as_deref().unwrap_or_default();
    if !is_url(from) {
        return file(from);
    }
    let url = format!("{}/features", from.trim_end_matches('/').trim_end_matches("/features"));
    let headers = token.map(|token| {
        [("Authorization", format!("Bearer {token}")), ("Flipper-Cloud-Token", token.to_owned())]
    });
    let document = fetch(&url, headers.as_ref().map_or(&[], |both| both))?;
    flipper(&document).with_context(|| format!("{url} does not answer as Flipper does"))
}

fn is_url(from: &str) -> bool {
    from.starts_with("http://") || from.starts_with("https://")
}

/// Flipper's export.
fn file(path: &str) -> Result<Vec<Incoming>> {
    let told = || format!("cannot read {path}");
    let mut text = String::new();
    let file = std::fs::File::open(path).with_context(told)?;
    file.take(IMPORT_BYTES_MAX + 1).read_to_string(&mut text).with_context(told)?;
    if text.len() as u64 > IMPORT_BYTES_MAX {
        bail!("{path} is longer than {IMPORT_BYTES_MAX} bytes");
    }
    let document = serde_json::from_str(&text).with_context(|| format!("{path} is no JSON"))?;
    flipper(&document).with_context(|| format!("{path} is no export of Flipper"))
}

fn fetch(url: &str, headers: &[(&str, String)]) -> Result<Value> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_WITHIN))
        .http_status_as_error(false)
        .max_redirects(0)
        .build();
    let mut request = ureq::Agent::from(config).get(url).header("Accept", "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let mut answer = request.call().with_context(|| format!("no answer from {url}"))?;
    match answer.status().as_u16() {
        200 => {}
        301..=308 => {
            let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
            bail!("{url} leads to {to}; give the address that it leads to");
        }
        401 | 403 => bail!("{url} does not let us in: give --token of somebody who may read all flags"),
        status => bail!("{url} answers {status}"),
    }
    let body = answer.body_mut().with_config().limit(IMPORT_BYTES_MAX).read_to_string();
    let text = body.with_context(|| {
        format!("the answer of {url} broke off or is longer than {IMPORT_BYTES_MAX} bytes")
    })?;
    serde_json::from_str(&text).with_context(|| format!("{url} does not answer with JSON"))
}

#[cfg(test)]
mod tests {
    use super::file;
    use crate::limits::IMPORT_BYTES_MAX;

    #[test]
    fn long_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.json");
        let of_length = |bytes: u64| {
            std::fs::File::create(&path).unwrap().set_len(bytes).unwrap();
            file(path.to_str().unwrap()).unwrap_err().to_string()
        };
        assert!(of_length(IMPORT_BYTES_MAX).ends_with("export.json is no JSON"));
        assert!(of_length(IMPORT_BYTES_MAX + 1).ends_with("export.json is longer than 67108864 bytes"));
    }
}
