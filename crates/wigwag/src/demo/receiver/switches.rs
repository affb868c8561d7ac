//! Which service is broken, kept on disk: a receiver that comes back is as it was.

use crate::demo::folder;
use crate::demo::harbor::{PerPlace, Place};
use anyhow::Result;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Where a switch is thrown to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum To {
    /// Every delivery is answered with 500.
    Broken,
    /// Every delivery is taken.
    Mended,
}

/// One switch a service.
pub(crate) struct Switches {
    path: PathBuf,
    thrown: PerPlace<bool>,
}

impl Switches {
    /// Reads them; without a file everything works.
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        let kept: Value = folder::read(&path)?.map_or(Ok(Value::Null), |text| serde_json::from_str(&text))?;
        let thrown = PerPlace(Place::ALL.map(|place| kept[place.slug()].as_bool().unwrap_or(false)));
        Ok(Self { path, thrown })
    }

    /// Whether the service of `place` is broken.
    pub(crate) const fn broken(&self, place: Place) -> bool {
        *self.thrown.of(place)
    }

    /// Throws one; it holds when this returns.
    pub(crate) fn throw(&mut self, place: Place, to: To) -> Result<()> {
        let mut thrown = self.thrown.clone();
        *thrown.of_mut(place) = to == To::Broken;
        let [lighthouse, ferry] = thrown.0;
        folder::write(&self.path, &json!({ "lighthouse": lighthouse, "ferry": ferry }).to_string())?;
        self.thrown = thrown;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Place, Switches, To};

    #[test]
    fn a_switch_stays_as_it_was_thrown() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Switches::open(folder.path().join("switches.json")).unwrap();
        let check = |lighthouse, ferry| {
            assert_eq!(Place::ALL.map(|place| open().broken(place)), [lighthouse, ferry]);
        };
        check(false, false);
        open().throw(Place::Ferry, To::Broken).unwrap();
        check(false, true);
        open().throw(Place::Lighthouse, To::Broken).unwrap();
        open().throw(Place::Ferry, To::Mended).unwrap();
        check(true, false);
    }
}
