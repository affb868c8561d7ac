use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::{Folder, Looked};
use crate::limits::{FINDINGS_MAX, FOLDER_BYTES_MAX, STAMP_BELIEVED_AFTER};

struct World {
    tree: TempDir,
    folder: Folder,
    now: SystemTime,
}

impl World {
    fn new() -> Self {
        let tree = tempfile::tempdir().unwrap();
        let folder = Folder::new(tree.path());
        Self { tree, folder, now: SystemTime::now() }
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn flag(&self, name: &str, milestone: &str) -> PathBuf {
        let text = format!(
            "name: {name}\ntype: beta\ndefault_enabled: false\nmilestone: '{milestone}'\ngroup: g\n\
             introduced_by_url: https://a.example\n"
        );
        self.write(&format!("beta/{name}.yml"), &text)
    }

    fn look(&mut self) -> Looked {
        self.folder.look_at(self.now, FOLDER_BYTES_MAX)
    }

    /// Files have been left alone for long enough.
    fn later(&mut self) {
        self.now += STAMP_BELIEVED_AFTER + Duration::from_secs(60);
    }
}

#[test]
fn files_are_read_until_their_stamp_is_believed_and_then_when_it_changes() {
    let mut world = World::new();
    world.flag("a", "1.0");
    world.flag("b", "1.0");
    let first = world.look();
    assert_eq!((first.files, first.read, first.changed.map(|all| all.good.len())), (2, 2, Some(2)));
    let again = world.look();
    assert_eq!((again.read, again.changed), (2, None), "a change within the same tick would not show");
    world.later();
    assert_eq!(world.look().read, 2);
    assert_eq!(world.look().read, 0);
    world.flag("b", "1.1");
    let edited = world.look();
    assert_eq!(
        (edited.read, edited.changed.map(|all| all.good[1].milestone.clone())),
        (1, Some("1.1".into()))
    );
}

#[test]
fn a_change_with_a_forged_time_and_the_same_length_is_seen() {
    let mut world = World::new();
    let path = world.flag("a", "1.0");
    world.later();
    world.look();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    world.flag("a", "1.1");
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    assert_eq!(world.look().changed.map(|all| all.good[0].milestone.clone()), Some("1.1".into()));
}

#[test]
fn only_a_difference_is_given() {
    let mut world = World::new();
    world.flag("a", "1.0");
    assert!(world.look().changed.is_some());
    world.write("beta/notes.txt", "nothing to do with it");
    world.write("beta/a.yml.swp", "nor this");
    assert_eq!(world.look().changed, None);
    world.flag("a", "1.0");
    assert_eq!(world.look().changed, None, "the same text anew");
}

#[test]
fn files_beyond_the_bytes_of_all_are_not_read_and_keep_what_they_were() {
    let mut world = World::new();
    let length = fs::metadata(world.flag("a", "1.0")).unwrap().len();
    world.flag("b", "1.0");
    let of = |looked: Looked| looked.changed.map(|all| (all.good.len(), all.findings.len()));
    assert_eq!(of(world.folder.look_at(world.now, 2 * length)), Some((2, 0)));
    world.flag("b", "1.1");
    let looked = world.folder.look_at(world.now, 2 * length - 1).changed.unwrap();
    assert_eq!((looked.good.len(), looked.good[1].milestone.as_str()), (2, "1.0"));
    assert_eq!(looked.findings[0].file, "beta/b.yml");
    assert_eq!(of(world.folder.look_at(world.now, 2 * length)), Some((2, 0)));
}

#[test]
fn findings_are_counted_beyond_a_limit() {
    let told = |files: usize| {
        let mut world = World::new();
        (0..files).for_each(|n| drop(world.write(&format!("beta/f{n}.yml"), "[")));
        world.look().changed.unwrap().findings
    };
    let all = told(FINDINGS_MAX);
    assert_eq!((all.len(), all.last().map(|f| f.file.starts_with("beta/f"))), (FINDINGS_MAX, Some(true)));
    let more = told(FINDINGS_MAX + 1);
    assert_eq!(more.len(), FINDINGS_MAX + 1);
    assert_eq!(more.last().unwrap().rule, "and 1 more findings, which are not shown");
}
