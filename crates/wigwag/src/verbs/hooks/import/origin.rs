//! Where hooks come from: whose there are, and what can be read of each.

use super::Failed;
use crate::cli::Server;
use crate::exit;
use crate::limits::TOKEN_FILE_BYTES_MAX;
use crate::verbs::client::{Answered, Client, segment};
use crate::verbs::hooks::options::ImportOptions;
use crate::verbs::hooks::print::tame;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use wigwag_hooks::ScopeKind;

/// The server that hooks come from.
pub(super) struct Origin {
    client: Client,
    url: String,
}

/// A project, a group or the system whose hooks are taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) kind: ScopeKind,
    /// Its full path there; empty for the system.
    pub(super) from: String,
    /// Its full path here; empty for the system.
    pub(super) to: String,
}

impl Place {
    /// What people call it.
    pub(super) fn title(&self) -> String {
        match self.kind {
            ScopeKind::System => "the system".into(),
            _ if self.from == self.to => tame(&self.from),
            _ => tame(&format!("{} -> {}", self.from, self.to)),
        }
    }

    /// `project`, `group` or `system`.
    pub(super) const fn kind_word(&self) -> &'static str {
        match self.kind {
            ScopeKind::Project => "project",
            ScopeKind::Group => "group",
            ScopeKind::System => "system",
        }
    }

    /// The path of the hooks of a place of this kind that has the full path `path`.
    pub(super) fn hooks_path(&self, path: &str) -> String {
        match self.kind {
            ScopeKind::Project => format!("/api/v4/projects/{}/hooks", segment(path)),
            ScopeKind::Group => format!("/api/v4/groups/{}/hooks", segment(path)),
            ScopeKind::System => "/api/v4/hooks".into(),
        }
    }
}

impl Origin {
    /// The server that the options name.
    pub(super) fn new(options: &ImportOptions) -> Result<Self> {
        let token = match &options.token_file {
            Some(file) => Some(token_of(file)?),
            None => options.token.clone(),
        };
        let url = options.from_gitlab.trim_end_matches('/').trim_end_matches("/api/v4").to_owned();
        let server = Server { url: url.clone(), token, json: options.json };
        let client =
            Client::elsewhere(&server, "--token-file", "--from-gitlab says where the hooks come from");
        // The one that verbs name first is the other server's.
        let client = client.map_err(|_| {
            anyhow!(exit::Usage(
                "no token for where the hooks come from: set WIGWAG_IMPORT_TOKEN or give --token-file".into()
            ))
        })?;
        Ok(Self { client, url })
    }

    /// Whose hooks are to be taken. One that cannot be found stops no other.
    pub(super) fn places(&self, options: &ImportOptions, failed: &mut Vec<Failed>) -> Result<Vec<Place>> {
        let named = options.projects.len() + options.groups.len();
        if options.into.is_some() && (named != 1 || options.system) {
            bail!(exit::Usage("--into goes with one --project or one --group".into()));
        }
        let mut places = Vec::new();
        let mut named_one = |kind, name: &String| match self.place(kind, name) {
            Ok(from) => {
                let to = options.into.clone().unwrap_or_else(|| from.clone());
                places.push(Place { kind, from, to });
            }
            Err(error) => failed.push(Failed { place: name.clone(), reason: format!("{error:#}") }),
        };
        options.groups.iter().for_each(|name| named_one(ScopeKind::Group, name));
        options.projects.iter().for_each(|name| named_one(ScopeKind::Project, name));
        if options.system {
            places.push(Place { kind: ScopeKind::System, from: String::new(), to: String::new() });
        }
        if named == 0 && !options.system {
            places.extend(self.all_of(ScopeKind::Group)?);
            places.extend(self.all_of(ScopeKind::Project)?);
        }
        Ok(places)
    }

    /// The full path of what was named.
    fn place(&self, kind: ScopeKind, name: &str) -> Result<String> {
        let (list, field) = listing(kind);
        let found = self.client.get(&format!("/api/v4/{list}/{}", segment(name)));
        let found = found.with_context(|| format!("{} does not show it", self.url))?;
        found[field]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("{} does not answer as GitLab does", self.url))
    }

    /// Everything of a kind whose hooks the token may read.
    fn all_of(&self, kind: ScopeKind) -> Result<Vec<Place>> {
        let (list, field) = listing(kind);
        let level = if kind == ScopeKind::Group { 50 } else { 40 };
        let all = self.client.all(&format!("/api/v4/{list}?min_access_level={level}"));
        let all = all.with_context(|| format!("cannot read the {list} of {}", self.url))?;
        let paths = all.iter().filter_map(|one| one[field].as_str());
        Ok(paths.map(|path| Place { kind, from: path.to_owned(), to: path.to_owned() }).collect())
    }

    /// The hooks of a place, each as it can be read.
    pub(super) fn hooks(&self, place: &Place) -> Result<Vec<Value>> {
        self.client.all(&place.hooks_path(&place.from)).map_err(|error| {
            let advice = match error.downcast_ref::<Answered>().map(|answered| answered.status) {
                Some(401) => ": is the token for it right?",
                Some(403) if place.kind == ScopeKind::Project => {
                    ": the token needs a maintainer's rights there"
                }
                Some(403) => ": the token needs an owner's rights there",
                Some(404) if place.kind == ScopeKind::Group => {
                    ": that server has no hooks of groups, or hides them"
                }
                _ => "",
            };
            anyhow!("cannot read the hooks there: {error:#}{advice}")
        })
    }
}

/// What a kind is listed under, and which field has the full path.
const fn listing(kind: ScopeKind) -> (&'static str, &'static str) {
    match kind {
        ScopeKind::Group => ("groups", "full_path"),
        ScopeKind::Project | ScopeKind::System => ("projects", "path_with_namespace"),
    }
}

/// The token in a file, or on standard input.
fn token_of(file: &Path) -> Result<String> {
    let told = || format!("cannot read the token in {}", file.display());
    let reader: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).with_context(told)?)
    };
    let mut text = String::new();
    reader.take(TOKEN_FILE_BYTES_MAX + 1).read_to_string(&mut text).with_context(told)?;
    if text.len() as u64 > TOKEN_FILE_BYTES_MAX {
        bail!("{} is no token: it is longer than {TOKEN_FILE_BYTES_MAX} bytes", file.display());
    }
    match text.trim() {
        "" => bail!("{} is empty", file.display()),
        token => Ok(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::token_of;
    use crate::limits::TOKEN_FILE_BYTES_MAX;

    #[test]
    fn a_token_is_short() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let of = |text: &str| {
            std::fs::write(&file, text).unwrap();
            token_of(&file).map_err(|error| error.to_string())
        };
        let most = usize::try_from(TOKEN_FILE_BYTES_MAX).unwrap();
        assert_eq!(of("glpat-1\n"), Ok("glpat-1".into()));
        assert_eq!(of(&"x".repeat(most)).unwrap().len(), most);
        assert!(of(&"x".repeat(most + 1)).unwrap_err().ends_with("is longer than 4096 bytes"));
        assert!(of(" \n").unwrap_err().ends_with("is empty"));
    }
}
