//! The repository of the platform: a merge request that was merged, and a stable branch that it was picked into.

use std::path::Path;
use std::process::Command;

/// The merge request that the document asks for.
const MESSAGE: &str = "Merge branch 'failed-hooks' into 'master'\n\nShow a banner for failed web-hooks\n\nSee merge request \
                       gitlab-org/gitlab!89471";

/// Makes the repository; gives the merge commit and the newest one.
pub(crate) fn make(folder: &Path) -> (String, String) {
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(folder).args(words).env_clear();
        git.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", folder);
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "mara"),
            ("GIT_AUTHOR_EMAIL", "mara@platform.example"),
            ("GIT_COMMITTER_NAME", "mara"),
            ("GIT_COMMITTER_EMAIL", "mara@platform.example"),
            ("GIT_AUTHOR_DATE", "2022-06-20T12:00:00Z"),
            ("GIT_COMMITTER_DATE", "2022-06-20T12:00:00Z"),
        ] {
            git.env(name, value);
        }
        let output = git.output().expect("git is installed");
        assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let commit = |file: &str, message: &str| {
        std::fs::write(folder.join(file), message).unwrap();
        git(&["add", file]);
        git(&["commit", "--quiet", "-m", message]);
    };
    git(&["init", "--quiet", "--initial-branch=master"]);
    commit("README", "Begin");
    git(&["tag", "v15.1.0-ee"]);
    git(&["branch", "15-2-stable-ee"]);
    git(&["checkout", "--quiet", "-b", "failed-hooks"]);
    commit("banner", "Show a banner for failed web-hooks");
    let feature = git(&["rev-parse", "HEAD"]);
    git(&["checkout", "--quiet", "master"]);
    git(&["merge", "--quiet", "--no-ff", "failed-hooks", "-m", MESSAGE]);
    let merge = git(&["rev-parse", "HEAD"]);
    git(&["checkout", "--quiet", "15-2-stable-ee"]);
    commit("notes", "Notes of 15.2");
    git(&["cherry-pick", "-m", "1", "-x", &merge]);
    git(&["checkout", "--quiet", "master"]);
    commit("later", "Something later");
    assert_ne!(feature, merge);
    (merge, git(&["rev-parse", "HEAD"]))
}
