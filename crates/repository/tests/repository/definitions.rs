use crate::ground::Ground;
use std::path::{Path, PathBuf};
use wigwag_definitions::FolderSource;
use wigwag_ports::definitions::Definitions;
use wigwag_ports::{DefinitionSource, Repository};
use wigwag_repository::limits::{EXPORTED_BYTES_MAX, EXPORTED_FILE_BYTES_MAX};
use wigwag_repository::{GitRepository, RepositoryConfig};

fn definition(name: &str) -> String {
    format!(
        "---\nname: {name}\nfeature_issue_url: https://git.example/group/project/-/issues/1\nintroduced_by_url: \
         https://git.example/group/project/-/merge_requests/1\nrollout_issue_url: \
         https://git.example/group/project/-/issues/2\nmilestone: '15.2'\ngroup: group::one\ntype: beta\n\
         default_enabled: false\n"
    )
}

fn config(ground: &Ground, folder: &str) -> RepositoryConfig {
    let mut config = ground.config();
    config.flags_folder = Some(folder.into());
    config
}

fn exported(ground: &Ground) -> PathBuf {
    GitRepository::definitions_folder(&config(ground, "x")).unwrap()
}

fn names(definitions: &Definitions) -> Vec<&str> {
    definitions.good.iter().map(|definition| definition.name.as_str()).collect()
}

fn entries(folder: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn definitions_follow_the_default_branch() {
    let ground = Ground::new();
    ground.write("config/feature_flags/beta/one.yml", &definition("one"));
    ground.commit_all("One");
    let source = FolderSource::new(exported(&ground));
    assert!(names(&source.read().await.unwrap()).is_empty());
    let mirror = ground.tried(config(&ground, "config/feature_flags")).await;
    let read = source.read().await.unwrap();
    assert_eq!((names(&read), read.findings.len()), (vec!["one"], 0), "{:?}", read.findings);
    ground.write("config/feature_flags/beta/two.yml", &definition("two"));
    ground.commit_all("Two");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(names(&source.read().await.unwrap()), ["one", "two"]);
    ground.git(&["rm", "--quiet", "config/feature_flags/beta/one.yml"]);
    ground.commit_all("Not one");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(names(&source.read().await.unwrap()), ["two"]);
    // Another head with the same definitions moves nothing.
    let leads_to = std::fs::read_link(exported(&ground)).unwrap();
    ground.commit("Something else");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(std::fs::read_link(exported(&ground)).unwrap(), leads_to);
    assert_eq!(entries(&ground.path("mirror/flags")).len(), 2, "the one before stays for its readers");
}

#[tokio::test]
async fn only_plain_files_of_definitions_are_exported() {
    let ground = Ground::new();
    ground.write("flags/beta/good.yml", &definition("good"));
    ground.write("flags/beta/README.md", "text");
    ground.write("flags/beta/.hidden.yml", "text");
    ground.write("elsewhere/beta/other.yml", &definition("other"));
    std::os::unix::fs::symlink("/etc/passwd", ground.source().join("flags/beta/link.yml")).unwrap();
    std::os::unix::fs::symlink("/etc", ground.source().join("flags/ops")).unwrap();
    ground.git(&["add", "--all"]);
    let commit = "1".repeat(40);
    ground.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},flags/beta/module.yml")]);
    ground.git(&["commit", "--quiet", "--message", "Everything"]);
    ground.tried(config(&ground, "flags/")).await;
    assert_eq!(entries(&exported(&ground)), ["beta"]);
    assert_eq!(entries(&exported(&ground).join("beta")), ["good.yml"]);
}

#[tokio::test]
async fn a_file_that_became_too_long_keeps_its_last_good_version() {
    let ground = Ground::new();
    ground.write("flags/beta/one.yml", &definition("one"));
    ground.write("flags/beta/two.yml", &definition("two"));
    ground.commit_all("Both");
    let mirror = ground.tried(config(&ground, "flags")).await;
    let source = FolderSource::new(exported(&ground));
    assert_eq!(names(&source.read().await.unwrap()), ["one", "two"]);
    let text = definition("one");
    let fitting = format!("{text}#{}", "x".repeat(EXPORTED_FILE_BYTES_MAX - text.len() - 1));
    ground.write("flags/beta/one.yml", &fitting);
    ground.commit_all("As long as may be");
    ground.refresh(&mirror).await.unwrap();
    let exported_file = exported(&ground).join("beta/one.yml");
    assert_eq!(std::fs::read_to_string(&exported_file).unwrap(), fitting);
    ground.write("flags/beta/one.yml", &format!("{fitting}x"));
    ground.commit_all("Too long");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(std::fs::metadata(&exported_file).unwrap().len(), EXPORTED_FILE_BYTES_MAX as u64 + 1);
    let read = source.read().await.unwrap();
    assert_eq!((names(&read), read.findings.len()), (vec!["one", "two"], 1), "{:?}", read.findings);
}

#[tokio::test]
async fn a_folder_that_is_gone_leaves_the_last_definitions() {
    let ground = Ground::new();
    ground.write("flags/beta/one.yml", &definition("one"));
    ground.commit_all("One");
    let mirror = ground.tried(config(&ground, "flags")).await;
    ground.git(&["rm", "--quiet", "-r", "flags"]);
    ground.commit("Moved away");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(mirror.freshness().problem, None);
    assert_eq!(entries(&exported(&ground).join("beta")), ["one.yml"]);
}

#[tokio::test]
async fn definitions_outlive_a_restart_without_the_source() {
    let ground = Ground::new();
    ground.write("flags/beta/one.yml", &definition("one"));
    ground.commit_all("One");
    drop(ground.tried(config(&ground, "flags")).await);
    std::fs::rename(ground.source(), ground.path("away")).unwrap();
    ground.tried(config(&ground, "flags")).await;
    assert_eq!(entries(&exported(&ground).join("beta")), ["one.yml"]);
}

#[tokio::test]
async fn a_whole_code_base_gives_what_lies_in_its_folders_of_flags() {
    let ground = Ground::new();
    ground.write("config/feature_flags/beta/one.yml", &definition("one"));
    ground.write("ee/config/feature_flags/beta/two.yml", &definition("two"));
    ground.write("ci/main.yml", "jobs: []");
    ground.commit_all("Everything");
    ground.tried(config(&ground, ".")).await;
    assert_eq!(entries(&exported(&ground)), ["config", "ee"]);
    let read = FolderSource::new(exported(&ground)).read().await.unwrap();
    assert_eq!((names(&read), read.findings.len()), (vec!["one", "two"], 0), "{:?}", read.findings);
}

#[tokio::test]
async fn a_partial_mirror_fetches_the_contents_of_definitions_alone() {
    let ground = Ground::new();
    ground.git(&["config", "uploadpack.allowFilter", "true"]);
    ground.write("flags/beta/one.yml", &definition("one"));
    ground.write("other.txt", "not fetched");
    let head = ground.commit_all("One");
    let mut config = config(&ground, "flags");
    config.source = format!("file://{}", ground.source().display());
    let mirror = ground.tried(config).await;
    assert_eq!(mirror.freshness().problem, None);
    assert_eq!(mirror.commit(&head).await.unwrap().unwrap().title, "One");
    assert_eq!(std::fs::read_to_string(exported(&ground).join("beta/one.yml")).unwrap(), definition("one"));
    let missing = |path: &str| {
        let id = ground.git(&["rev-parse", &format!("HEAD:{path}")]);
        let folder = ground.path("mirror/mirror.git");
        let folder = folder.to_str().unwrap();
        // The mirror promises nothing to whoever does not say so: what is missing is missing.
        let listed = ground.git(&["--git-dir", folder, "cat-file", "--batch-all-objects", "--batch-check"]);
        !listed.contains(&id)
    };
    assert!(!missing("flags/beta/one.yml"));
    assert!(missing("other.txt"));
    // An id that nobody has is not asked for at the source.
    assert_eq!(mirror.commit(&"5".repeat(40)).await, Ok(None));
    ground.write("flags/beta/two.yml", &definition("two"));
    ground.commit_all("Two");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(entries(&exported(&ground).join("beta")), ["one.yml", "two.yml"]);
}

#[tokio::test]
async fn definitions_that_are_too_long_together_leave_the_last_ones() {
    let ground = Ground::new();
    let long = "x".repeat(EXPORTED_FILE_BYTES_MAX);
    let fitting = EXPORTED_BYTES_MAX / EXPORTED_FILE_BYTES_MAX;
    for number in 0..fitting {
        ground.write(&format!("flags/beta/f{number}.yml"), &long);
    }
    ground.commit_all("As many as may be");
    let mirror = ground.tried(config(&ground, "flags")).await;
    assert_eq!(entries(&exported(&ground).join("beta")).len(), fitting);
    ground.write("flags/beta/one_more.yml", "x");
    ground.commit_all("One more");
    ground.refresh(&mirror).await.unwrap();
    assert_eq!(entries(&exported(&ground).join("beta")).len(), fitting);
}

#[tokio::test]
async fn an_export_that_broke_off_is_made_again() {
    let ground = Ground::new();
    ground.write("flags/beta/one.yml", &definition("one"));
    ground.commit_all("One");
    drop(ground.tried(config(&ground, "flags")).await);
    let link = exported(&ground);
    std::fs::create_dir_all(ground.path("mirror/flags/next/half")).unwrap();
    std::fs::write(ground.path("mirror/feature_flags.next"), "x").unwrap();
    // A folder where the link belongs gives way to it.
    std::fs::remove_file(&link).unwrap();
    std::fs::create_dir_all(link.join("old")).unwrap();
    ground.tried(config(&ground, "flags")).await;
    assert!(link.is_symlink());
    assert_eq!(entries(&link.join("beta")), ["one.yml"]);
}
