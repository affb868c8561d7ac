//! Where the repository comes from: judged before git sees it, so that it is a path or a URL and nothing else.

use url::{Host, Url};

/// A source that git may be given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Source {
    /// As git takes it; a path is absolute.
    pub(crate) text: String,
    /// The one transport that git may use for it.
    pub(crate) transport: Transport,
    /// `https://host:port` of what is asked over HTTP.
    origin: Option<String>,
    /// Whether it is HTTP that others can read on its way.
    exposure: Exposure,
}

/// How git reaches a source, as its GIT_ALLOW_PROTOCOL names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Transport {
    File,
    Https,
    Http,
    Ssh,
    Git,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exposure {
    Hidden,
    Open,
}

impl Transport {
    const ALL: [Transport; 5] = [Self::File, Self::Https, Self::Http, Self::Ssh, Self::Git];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Git => "git",
        }
    }
}

impl Source {
    /// Reads what the operator wrote; what is wrong with it otherwise.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
            return Err(format!("{text:?} is neither a path nor a URL"));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Self::url(text, scheme);
        }
        if is_host_and_path(text) {
            return Ok(Self::plain(text.to_owned(), Transport::Ssh));
        }
        let is_path = text.starts_with(['/', '.']) || !text.contains(':');
        let path = std::path::absolute(text).ok().and_then(|path| path.to_str().map(str::to_owned));
        let path = path.filter(|_| is_path).ok_or_else(|| {
            format!("{text:?} is neither a path nor a URL; write ./ before a path with a colon")
        })?;
        Ok(Self::plain(path, Transport::File))
    }

    fn plain(text: String, transport: Transport) -> Self {
        Self { text, transport, origin: None, exposure: Exposure::Hidden }
    }

    fn url(text: &str, scheme: &str) -> Result<Self, String> {
        let known = Transport::ALL.into_iter().find(|one| one.as_str() == scheme);
        let transport =
            known.ok_or_else(|| format!("{scheme:?} is none of https, http, ssh, git and file"))?;
        let url = Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
        if url.password().is_some() {
            return Err("a password in the URL would be seen by others; give a token instead".into());
        }
        let asked = matches!(transport, Transport::Http | Transport::Https);
        if url.host().is_none() && transport != Transport::File {
            return Err("the URL names no host".into());
        }
        let origin = asked.then(|| url.origin().ascii_serialization());
        let hidden = transport != Transport::Http || is_loopback(&url);
        let exposure = if hidden { Exposure::Hidden } else { Exposure::Open };
        Ok(Self { text: text.to_owned(), transport, origin, exposure })
    }

    /// Whether a token may be sent; why not otherwise.
    pub(crate) fn check_token(&self) -> Result<(), String> {
        match (&self.origin, self.exposure) {
            (Some(_), Exposure::Hidden) => Ok(()),
            _ => Err("a token is sent over https alone; take it away, or set an https source".into()),
        }
    }

    /// The name of git's setting that adds a header to requests to this source, and to no other server.
    pub(crate) fn header_setting(&self) -> Option<String> {
        self.origin.as_ref().map(|origin| format!("http.{origin}/.extraHeader"))
    }

    /// Whether a server may send less than everything: it does so over a connection.
    pub(crate) fn may_be_partial(&self) -> bool {
        self.transport != Transport::File || self.text.starts_with("file://")
    }
}

/// `user@host:path`: no slash before the colon, and none of what could be an option of ssh.
fn is_host_and_path(text: &str) -> bool {
    let Some((host, path)) = text.split_once(':') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    let name = host.rsplit('@').next().unwrap_or_default();
    let safe = !host.is_empty() && host.chars().all(plain) && !name.is_empty() && !name.starts_with('-');
    safe && !path.is_empty() && !path.starts_with([':', '-'])
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_urls_have_their_transport() {
        let check = |text: &str, expected| {
            assert_eq!(Source::parse(text).unwrap().transport, expected, "{text}");
        };
        check("/srv/git/project.git", Transport::File);
        check("./a:b", Transport::File);
        check("project", Transport::File);
        check("file:///srv/git/project.git", Transport::File);
        check("https://git.example/group/project.git", Transport::Https);
        check("http://git.example:8080/project", Transport::Http);
        check("ssh://git@git.example:22/project", Transport::Ssh);
        check("git@git.example:group/project.git", Transport::Ssh);
        check("git://git.example/project", Transport::Git);
    }

    #[test]
    fn whatever_else_is_refused() {
        let check = |text: &str| assert!(Source::parse(text).is_err(), "{text:?}");
        check("");
        check("--upload-pack=touch x");
        check("ext::sh -c touch% x");
        check("fd::17");
        check("ftp://git.example/project");
        check("ext://x");
        check("https://");
        check("https://user:word@git.example/project");
        check("-oProxyCommand=x:y");
        check("a@-oProxyCommand=x:y");
        check("https://git.example/a\nb");
    }

    #[test]
    fn a_relative_path_becomes_absolute() {
        let source = Source::parse("some/project").unwrap();
        assert!(source.text.starts_with('/') && source.text.ends_with("/some/project"), "{}", source.text);
    }

    #[test]
    fn a_header_goes_to_the_source_alone() {
        let setting = |text: &str| Source::parse(text).unwrap().header_setting();
        let expected = "http.https://git.example/.extraHeader";
        assert_eq!(setting("https://git.example/group/project").as_deref(), Some(expected));
        assert_eq!(setting("/srv/git"), None);
    }
}
