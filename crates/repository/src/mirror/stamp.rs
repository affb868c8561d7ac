//! What a mirror remembers beyond our life: when it was brought up to date, and from where.

use std::io::Write;
use std::path::Path;
use wigwag_base::Timestamp;

/// Written after each time, read at start. What cannot be read says nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    pub(super) at: Timestamp,
    pub(super) source: String,
}

impl Stamp {
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join("state")).ok()?;
        let (at, source) = text.strip_suffix('\n')?.split_once('\n')?;
        Some(Self { at: Timestamp::from_millis(at.parse().ok()?), source: source.to_owned() })
    }

    pub(super) fn write(&self, folder: &Path) -> std::io::Result<()> {
        let next = folder.join("state.next");
        let mut file = std::fs::File::create(&next)?;
        write!(file, "{}\n{}\n", self.at.as_millis(), self.source)?;
        std::fs::rename(next, folder.join("state"))
    }

    /// A mirror that is made anew was never brought up to date.
    pub(super) fn remove(folder: &Path) {
        let _ = std::fs::remove_file(folder.join("state"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_is_broken_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Stamp::read(folder.path()), None);
        let stamp = Stamp { at: Timestamp::from_millis(17), source: "/srv/git/a b".into() };
        stamp.write(folder.path()).unwrap();
        assert_eq!(Stamp::read(folder.path()), Some(stamp));
        for broken in ["", "17", "x\n/srv\n", "17\n/srv"] {
            std::fs::write(folder.path().join("state"), broken).unwrap();
            assert_eq!(Stamp::read(folder.path()), None, "{broken:?}");
        }
    }
}
