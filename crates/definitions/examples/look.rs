//! What it costs to look at a folder of definitions once a second:
//! `cargo run --release -p wigwag-definitions --example look [FILES]`

#![allow(clippy::print_stdout, reason = "the figures are what was asked for")]

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};
use wigwag_definitions::Folder;
use wigwag_definitions::limits::STAMP_BELIEVED_AFTER;

/// Looks of each kind; the median of them is printed.
const LOOKS: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    let files: usize = std::env::args().nth(1).map_or(Ok(5_000), |text| text.parse())?;
    let tree = tempfile::tempdir()?;
    let folder = tree.path().join("feature_flags/beta");
    fs::create_dir_all(&folder)?;
    for n in 0..files {
        fs::write(folder.join(format!("flag_{n}.yml")), definition(n))?;
    }
    println!("first look, {files} files read: {:?}", timed(&mut Folder::new(tree.path())));
    let mut known = Folder::new(tree.path());
    known.look();
    println!("look while the files are new: {:?}", median(|| timed(&mut known)));
    // The only way to files that are not new.
    std::thread::sleep(STAMP_BELIEVED_AFTER + Duration::from_millis(100));
    known.look();
    println!("look, nothing changed: {:?}", median(|| timed(&mut known)));
    let mut n = 0;
    let one = || {
        n += 1;
        let edited = definition(n).replace("'15.10'", &format!("'15.{n}'"));
        fs::write(folder.join(format!("flag_{n}.yml")), edited).map(|()| timed(&mut known))
    };
    let mut times = std::iter::repeat_with(one).take(LOOKS).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    println!("look, one file changed: {:?}", times[LOOKS / 2]);
    Ok(())
}

fn timed(folder: &mut Folder) -> Duration {
    let start = Instant::now();
    folder.look();
    start.elapsed()
}

fn median(look: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = std::iter::repeat_with(look).take(LOOKS).collect();
    times.sort_unstable();
    times[LOOKS / 2]
}

fn definition(n: usize) -> String {
    let needs =
        n.checked_sub(1).filter(|_| !n.is_multiple_of(4)).map_or(String::new(), |n| format!("flag_{n}"));
    format!(
        "---\nname: flag_{n}\ndescription: Makes feature {n} available to everyone who asks for it.\n\
         feature_issue_url: https://platform.example/issues/{n}\n\
         introduced_by_url: https://platform.example/merge_requests/{n}\nrollout_issue_url:\nmilestone: '15.10'\n\
         type: beta\ngroup: group::a\ndefault_enabled: false\ndepends_on: [{needs}]\n"
    )
}
