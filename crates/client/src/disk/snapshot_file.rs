//! The last good snapshot on the disk, so that a program that starts while the server is away knows its flags.
//!
//! A line that says what follows, then the snapshot's JSON as `GET /v1/flags/snapshot` gives it. The checksum (CRC-32,
//! that of zlib) is over everything in the line before it, the line's end, and the JSON:
//!
//! ```text
//! wigwag-snapshot 1 saved_ms=1767225600000 length=4711 asked=production crc32=89abcdef
//! {"environment":"production","version":...
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::file;
use crate::feed::Known;
use crate::limits::{SNAPSHOT_FILE_BYTES_MAX, SNAPSHOT_FILE_EVERY};
use crate::shared::Shared;
use crate::stop::Stopping;
use crate::view::WhenRight;

/// How the line begins; the number is the form's version.
const FORM: &str = "wigwag-snapshot 1";

/// A snapshot from a file.
pub(crate) struct Saved {
    pub(crate) known: Known,
    /// When it was saved; a plain JSON does not say.
    pub(crate) right: Option<WhenRight>,
}

/// Reads the snapshot file; `None` if there is none. `asked` is the environment that the program asks for.
///
/// # Errors
/// Why it is ignored.
pub(crate) fn read_snapshot_file(path: &Path, asked: Option<&str>) -> Result<Option<Saved>, String> {
    match file::read(path, SNAPSHOT_FILE_BYTES_MAX) {
        Ok(bytes) => parse(&bytes, Some(asked.unwrap_or_default())).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// Reads a bootstrap: a snapshot file, or the plain JSON of a snapshot. Whoever names one knows its environment.
///
/// # Errors
/// Why it is ignored.
pub(crate) fn read_bootstrap(bytes: &[u8]) -> Result<Saved, String> {
    if bytes.starts_with(FORM.as_bytes()) {
        return parse(bytes, None);
    }
    let known = Known::read(bytes, None).map_err(|error| error.to_string())?;
    Ok(Saved { known, right: None })
}

/// Reads the bytes of the file that a bootstrap lies in.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn read_bootstrap_file(path: &Path) -> Result<Saved, String> {
    let bytes = file::read(path, SNAPSHOT_FILE_BYTES_MAX).map_err(|error| error.to_string())?;
    read_bootstrap(&bytes)
}

/// Writes each new snapshot to the file, the newest one at the end.
pub(crate) async fn keep_saved(
    shared: &Shared,
    path: PathBuf,
    asked: Option<String>,
    mut stopping: Stopping,
) {
    let asked = asked.unwrap_or_default();
    let mut news: watch::Receiver<Option<Arc<Known>>> = shared.to_save.subscribe();
    loop {
        let stopped = tokio::select! {
            biased;
            news = news.changed() => news.is_err(),
            () = stopping.wait() => true,
        };
        if stopped {
            return;
        }
        let Some(known) = news.borrow_and_update().clone() else { continue };
        let (path, asked) = (path.clone(), asked.clone());
        let written = spawn_blocking(move || write(&path, &asked, &known, now_ms())).await;
        let trouble = match written {
            Ok(written) => written.err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(trouble) = &trouble {
            tracing::warn!("the snapshot file could not be written: {trouble}");
        }
        shared.set_health(|health| health.snapshot_file = trouble);
        tokio::select! {
            () = sleep(SNAPSHOT_FILE_EVERY) => {}
            () = stopping.wait() => {}
        }
    }
}

fn write(path: &Path, asked: &str, known: &Known, saved_ms: u64) -> std::io::Result<()> {
    let json = known.write();
    let start = start(saved_ms, json.len(), asked);
    let line = format!("{start} crc32={:08x}\n", checksum(&start, &json));
    file::replace(path, &[line.as_bytes(), &json])
}

fn start(saved_ms: u64, length: usize, asked: &str) -> String {
    format!("{FORM} saved_ms={saved_ms} length={length} asked={}", encoded(asked))
}

/// Without a space, which ends a field.
fn encoded(environment: &str) -> String {
    utf8_percent_encode(environment, NON_ALPHANUMERIC).to_string()
}

/// A fault that the judge of `prove evaluate` must notice.
fn trusted_by_fault() -> bool {
    cfg!(feature = "planted-faults")
        && std::env::var_os("WIGWAG_PLANTED_FAULT").is_some_and(|fault| fault == "trust-snapshot-file")
}

fn checksum(start: &str, json: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(start.as_bytes());
    crc.update(b"\n");
    crc.update(json);
    crc.finalize()
}

fn parse(bytes: &[u8], asked: Option<&str>) -> Result<Saved, String> {
    let broken = || "it is damaged, or was not written to its end".to_owned();
    let end = memchr::memchr(b'\n', bytes).ok_or_else(broken)?;
    let line = std::str::from_utf8(&bytes[..end]).map_err(|_| broken())?;
    let json = &bytes[end + 1..];
    if !line.starts_with(FORM) {
        return Err("it is no snapshot file of a form that is known here".to_owned());
    }
    let (start, crc) = line.rsplit_once(" crc32=").ok_or_else(broken)?;
    if u32::from_str_radix(crc, 16).ok() != Some(checksum(start, json)) && !trusted_by_fault() {
        return Err(broken());
    }
    let field = |name: &str| start.split(' ').find_map(|field| field.strip_prefix(name)).unwrap_or_default();
    let saved_as = field("asked=");
    if asked.is_some_and(|asked| encoded(asked) != saved_as) {
        return Err("it is of another environment than the one that is asked for".to_owned());
    }
    let known = Known::read(json, None).map_err(|error| error.to_string())?;
    let saved_ms = field("saved_ms=").parse().map_err(|_| broken())?;
    let age = Duration::from_millis(now_ms().saturating_sub(saved_ms));
    Ok(Saved { known, right: Some(WhenRight { age, at: Instant::now() }) })
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const JSON: &str =
        r#"{"environment":"production","version":"e-1","flags":[{"name":"f","default_enabled":true}]}"#;

    fn written(path: &Path) -> Vec<u8> {
        let known = Known::read(JSON.as_bytes(), None).unwrap();
        write(path, "staging canary", &known, now_ms() - 60_000).unwrap();
        fs::read(path).unwrap()
    }

    fn read(path: &Path) -> Result<Option<Saved>, String> {
        read_snapshot_file(path, Some("staging canary"))
    }

    #[test]
    fn what_was_written_is_read_with_its_age() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flags");
        assert!(read(&path).unwrap().is_none());
        let bytes = written(&path);
        let saved = read(&path).unwrap().unwrap();
        assert_eq!(saved.known.version, "e-1");
        assert!(saved.right.unwrap().age >= Duration::from_secs(60));
        assert!(read_bootstrap(&bytes).unwrap().right.is_some());
        assert!(read_bootstrap(JSON.as_bytes()).unwrap().right.is_none());
        for other in [None, Some("staging"), Some("staging%20canary")] {
            assert!(read_snapshot_file(&path, other).err().unwrap().contains("of another environment"));
        }
    }

    #[test]
    fn a_file_that_ends_anywhere_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flags");
        let bytes = written(&path);
        for end in 0..bytes.len() {
            fs::write(&path, &bytes[..end]).unwrap();
            assert!(read(&path).is_err(), "cut off after {end} bytes");
        }
        fs::write(&path, &bytes).unwrap();
        assert!(read(&path).is_ok());
    }

    #[test]
    fn a_file_with_any_bit_turned_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flags");
        let bytes = written(&path);
        // The case of a checksum's digits does not matter.
        let checksum = memchr::memmem::find(&bytes, b"crc32=").unwrap() + 6;
        let matters = |at: usize, bit: u8| !(checksum..checksum + 8).contains(&at) || bit != 5;
        for at in 0..bytes.len() {
            for bit in (0..8).filter(|bit| matters(at, *bit)) {
                let mut turned = bytes.clone();
                turned[at] ^= 1 << bit;
                fs::write(&path, &turned).unwrap();
                assert!(read(&path).is_err(), "bit {bit} of byte {at}");
            }
        }
        fs::write(&path, [&bytes[..], b"more"].concat()).unwrap();
        assert!(read(&path).is_err());
    }

    #[test]
    fn what_is_no_file_of_ours_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).err().unwrap().contains("not a plain file"));
        let path = folder.path().join("flags");
        for bytes in [&b""[..], b"\n", b"{}\n", b"wigwag-snapshot 2 crc32=00000000\n{}", b"\xff\xff\n"] {
            fs::write(&path, bytes).unwrap();
            assert!(read(&path).is_err());
        }
        let of_length = |bytes: u64| {
            fs::File::create(&path).unwrap().set_len(bytes).unwrap();
            read(&path).err().unwrap()
        };
        assert!(of_length(SNAPSHOT_FILE_BYTES_MAX).contains("damaged"));
        assert!(of_length(SNAPSHOT_FILE_BYTES_MAX + 1).contains("larger than"));
    }
}
