//! What git gets to see: its arguments, its settings and the few variables that it may know.

use super::Reach;
use crate::source::Source;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;
use wigwag_base::Secret;

/// Variables of our own environment that git may see: where programs, keys and certificates lie.
const HANDED_ON: [&str; 8] =
    ["PATH", "HOME", "USER", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"];

/// Settings that hold whatever a repository's own file says.
const SETTINGS: [(&str, &str); 15] = [
    // Nothing of a repository is run.
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("credential.helper", ""),
    // A server does not choose where else we go.
    ("http.followRedirects", "false"),
    ("transfer.bundleURI", "false"),
    ("fetch.recurseSubmodules", "false"),
    // A connection that says nothing for a minute is over: bytes a second, seconds.
    ("http.lowSpeedLimit", "1"),
    ("http.lowSpeedTime", "60"),
    ("protocol.version", "2"),
    // Ancestry is read from a file of its own, which makes it a matter of milliseconds.
    ("fetch.writeCommitGraph", "true"),
    // What many fetches leave behind is packed while a fetch ends. Commits that ran somewhere outlive their branch.
    ("gc.auto", "6700"),
    ("gc.autoPackLimit", "50"),
    ("gc.autoDetach", "false"),
    ("gc.pruneExpire", "90.days.ago"),
    // A fetch does not tidy by itself.
    ("maintenance.auto", "false"),
];

/// How every git is called.
pub(super) struct Environment {
    program: OsString,
    /// The file of everybody's configuration, which is ours.
    global: PathBuf,
    transport: &'static str,
    settings: Vec<(String, Secret<String>)>,
    /// What is added where the source is in reach.
    of_source: Vec<(String, Secret<String>)>,
}

impl Environment {
    pub(super) fn new(global: PathBuf, source: &Source, token: Option<&Secret<String>>) -> Self {
        let named = |name: &str, value: &str| (name.to_owned(), Secret::new(value.to_owned()));
        let settings = SETTINGS.map(|(name, value)| named(name, value)).to_vec();
        let mut of_source = vec![named("remote.origin.url", &source.text)];
        if source.may_be_partial() {
            // Only a fetch knows that contents were promised: a question takes what is missing as missing.
            of_source.push(named("remote.origin.promisor", "true"));
            of_source.push(named("remote.origin.partialCloneFilter", "blob:none"));
        }
        if let Some((token, name)) = token.zip(source.header_setting()) {
            // Servers look at the password alone; this name is the one that GitLab documents.
            let basic = BASE64_STANDARD.encode(format!("oauth2:{}", token.expose()));
            of_source.push(named(&name, &format!("Authorization: Basic {basic}")));
        }
        let transport = source.transport.as_str();
        Self { program: "git".into(), global, transport, settings, of_source }
    }

    /// The same with another program.
    #[cfg(test)]
    pub(super) fn with_program(self, program: &str) -> Self {
        Self { program: program.into(), ..self }
    }

    /// A git in `mirror`, ready to start. What it is told beyond `words` is told by the environment: arguments are seen
    /// by everybody on the machine.
    pub(super) fn command(&self, mirror: &Path, words: &[&str], reach: Reach) -> Command {
        let mut command = Command::new(&self.program);
        let mirror = if reach == Reach::SourceAlone { Path::new("/dev/null") } else { mirror };
        command.arg("--git-dir").arg(mirror).args(["--no-pager", "--literal-pathspecs"]).args(words);
        command.env_clear();
        for name in HANDED_ON {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        let (transport, of_source) = match reach {
            Reach::Mirror => ("none", &[][..]),
            Reach::Source | Reach::SourceAlone => (self.transport, self.of_source.as_slice()),
        };
        command.envs(self.fixed(transport));
        command.env("GIT_CONFIG_COUNT", (self.settings.len() + of_source.len()).to_string());
        for (index, (name, value)) in self.settings.iter().chain(of_source).enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{index}"), value.expose());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        command
    }

    fn fixed<'a>(&'a self, transport: &'a str) -> [(&'static str, &'a OsStr); 10] {
        [
            ("GIT_CONFIG_NOSYSTEM", OsStr::new("1")),
            ("GIT_CONFIG_GLOBAL", self.global.as_os_str()),
            ("GIT_ATTR_NOSYSTEM", OsStr::new("1")),
            ("GIT_TERMINAL_PROMPT", OsStr::new("0")),
            // The only words that go through a shell, which git starts for it; they are always these.
            ("GIT_SSH_COMMAND", OsStr::new("ssh -oBatchMode=yes -oConnectTimeout=20")),
            ("GIT_SSH_VARIANT", OsStr::new("ssh")),
            ("GIT_ALLOW_PROTOCOL", OsStr::new(transport)),
            ("GIT_NO_REPLACE_OBJECTS", OsStr::new("1")),
            ("GIT_OPTIONAL_LOCKS", OsStr::new("0")),
            ("LC_ALL", OsStr::new("C")),
        ]
    }
}

/// What stands in the file of everybody's configuration. Whose folders are trusted is read from there alone, also by the
/// git that serves a source on this machine: it was named by the operator, whoever owns it.
pub(crate) const GLOBAL: &str = "[safe]\n\tdirectory = *\n";
