//! Wigwag's own flags are defined by files as everybody's are, in `feature_flags/` of the code base. The pure crate that
//! ships them reads no files: it holds the same, and this test holds the two together.

use std::fs;
use std::path::Path;

use wigwag_flags::{Definition, shipped};

#[test]
fn the_files_of_our_own_flags_say_what_is_shipped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../feature_flags");
    let mut read: Vec<Definition> = Vec::new();
    for kind in fs::read_dir(&folder).unwrap() {
        let kind = kind.unwrap();
        let kind_name = kind.file_name().into_string().unwrap();
        for file in fs::read_dir(kind.path()).unwrap() {
            let path = file.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let bytes = fs::read(&path).unwrap();
            read.push(crate::parse::file(Some(&kind_name), stem, &bytes).unwrap().definition);
        }
    }
    read.sort_by(|a, b| a.name.cmp(&b.name));
    let mut shipped = shipped::definitions();
    shipped.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(read, shipped);
}
