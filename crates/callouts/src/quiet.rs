use crate::limits::{PAGE_BYTES_MAX, QUIET_PATH_BYTES_MAX, QUIET_PATHS_MAX};
use memchr::memchr2;
use memchr::memmem::Finder;
use std::fmt;

/// Pages that stay quiet: globs over the path of the host platform's page, in which `*` stands for any run of
/// characters, slashes too, and everything else for itself. By default the hooks' own pages, `*/-/hooks*`: whoever is
/// there sees the failing hook anyway.
#[derive(Clone, Debug)]
pub struct QuietPaths(Vec<Glob>);

/// Why quiet paths cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuietPathError {
    /// More than may be configured.
    TooMany,
    /// One is longer than may be.
    TooLong,
    /// One is empty.
    Empty,
}

impl fmt::Display for QuietPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "there may be {QUIET_PATHS_MAX} quiet paths at most"),
            Self::TooLong => write!(f, "a quiet path may have {QUIET_PATH_BYTES_MAX} bytes at most"),
            Self::Empty => f.write_str("a quiet path is empty; write one such as */-/hooks*"),
        }
    }
}

impl std::error::Error for QuietPathError {}

impl Default for QuietPaths {
    fn default() -> Self {
        Self(vec![Glob::new("*/-/hooks*")])
    }
}

impl QuietPaths {
    /// Takes the globs; none at all makes every page a loud one.
    ///
    /// # Errors
    /// [`QuietPathError`] says what is wrong.
    pub fn new<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Self, QuietPathError> {
        let mut taken = Vec::new();
        for glob in globs {
            match glob.len() {
                0 => return Err(QuietPathError::Empty),
                length if length > QUIET_PATH_BYTES_MAX => return Err(QuietPathError::TooLong),
                _ if taken.len() == QUIET_PATHS_MAX => return Err(QuietPathError::TooMany),
                _ => taken.push(Glob::new(glob)),
            }
        }
        Ok(Self(taken))
    }

    /// Whether the page stays quiet. A query or fragment is not looked at, nor what lies beyond the limit. Takes time
    /// in proportion to the page's length and the number of globs, whatever is in them.
    pub fn hold(&self, page: &str) -> bool {
        let page = page.as_bytes();
        let path = &page[..page.len().min(PAGE_BYTES_MAX)];
        let path = memchr2(b'?', b'#', path).map_or(path, |end| &path[..end]);
        self.0.iter().any(|glob| glob.matches(path))
    }
}

/// What lies before, between and behind the stars; bytes, since UTF-8 never finds a character inside another.
#[derive(Clone, Debug)]
enum Glob {
    /// No star.
    Exact(Box<[u8]>),
    /// At least one star.
    Parts { first: Box<[u8]>, middle: Box<[Finder<'static>]>, last: Box<[u8]> },
}

impl Glob {
    fn new(glob: &str) -> Self {
        let Some((first, rest)) = glob.split_once('*') else { return Self::Exact(glob.as_bytes().into()) };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let parts = middle.split('*').filter(|part| !part.is_empty());
        let middle = parts.map(|part| Finder::new(part).into_owned()).collect();
        Self::Parts { first: first.as_bytes().into(), middle, last: last.as_bytes().into() }
    }

    /// Each part is looked for behind the one before it and never again; finding one is linear.
    fn matches(&self, path: &[u8]) -> bool {
        match self {
            Self::Exact(whole) => *path == **whole,
            Self::Parts { first, middle, last } => {
                let Some(rest) = without(path, first, <[u8]>::strip_prefix) else { return false };
                let Some(mut rest) = without(rest, last, <[u8]>::strip_suffix) else { return false };
                for part in middle {
                    let Some(at) = part.find(rest) else { return false };
                    rest = &rest[at + part.needle().len()..];
                }
                true
            }
        }
    }
}

/// The path less one of its ends. An empty end is not compared at all: the address of an empty box is no memory, and
/// some processors take 80 ns to compare nothing there (measured: an AVX-512 masked load whose fault is suppressed).
fn without<'a>(
    path: &'a [u8],
    end: &[u8],
    strip: impl FnOnce(&'a [u8], &[u8]) -> Option<&'a [u8]>,
) -> Option<&'a [u8]> {
    if end.is_empty() { Some(path) } else { strip(path, end) }
}

#[cfg(test)]
mod tests;
