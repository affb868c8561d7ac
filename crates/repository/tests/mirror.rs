//! The mirror over real repositories: what contains what, how requests got in, and what a source may do to us.
#![allow(clippy::unwrap_used, missing_docs)]

mod source;

use source::Source;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use wigwag_base::Timestamp;
use wigwag_chat::{MergeRequestUrl, Version};
use wigwag_ports::repository::{Containment, MergeState, RepositoryError, StableBranch};
use wigwag_ports::{Clock, Repository};
use wigwag_repository::{GitRepository, RepositoryConfig};

struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
    }
}

/// A mirror of a source, in a folder of its own.
struct World {
    source: Source,
    repository: Arc<GitRepository>,
    folder: TempDir,
}

impl World {
    async fn of(source: Source) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = open(&source.path(), &folder).unwrap();
        repository.refresh().await.unwrap();
        Self { source, repository, folder }
    }

    async fn refreshed(&self) -> Result<(), RepositoryError> {
        // What was fetched a moment ago is fresh enough: another moment must have come.
        loop {
            let before = self.repository.freshness();
            self.repository.refresh().await?;
            if self.repository.freshness() != before {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
    }
}

fn open(source: &str, folder: &TempDir) -> Result<Arc<GitRepository>, String> {
    let config = RepositoryConfig {
        project_urls: vec!["https://gitlab.example/a/b".into()],
        refresh_every: Duration::from_secs(3_600),
        flags_folder: Some("feature_flags".into()),
        ..RepositoryConfig::new(source.to_owned(), folder.path().join("repository"))
    };
    GitRepository::open(config, Arc::new(MachineClock))
}

fn request(number: u64) -> MergeRequestUrl {
    MergeRequestUrl { server: "https://gitlab.example".into(), project: "a/b".into(), number }
}

#[tokio::test]
async fn a_commit_is_found_by_its_beginning() {
    let source = Source::new();
    let id = source.commit("Show the \u{1b}[2Jbanner");
    let world = World::of(source).await;
    let found = world.repository.commit(&id[..8]).await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.title.as_str()), (id.as_str(), "Show the \u{fffd}[2Jbanner"));
    assert_eq!(found.short_id(), &id[..11]);
    for strange in ["0000000", "abc", "HEAD", "--upload-pack=x", "../x", "", &"f".repeat(41), "main^{commit}"]
    {
        assert_eq!(world.repository.commit(strange).await.unwrap(), None, "{strange}");
    }
}

#[tokio::test]
async fn what_contains_what_by_ancestry_and_by_picks() {
    let source = Source::new();
    let root = source.commit("root");
    source.git(&["branch", "15-2-stable"]);
    source.git(&["branch", "15-1-stable"]);
    let feature = source.commit("feature");
    let later = source.commit("later");
    source.git(&["checkout", "-q", "15-2-stable"]);
    let before = source.commit("before the pick");
    source.git(&["cherry-pick", "-x", &feature]);
    let pick = source.head();
    source.git(&["checkout", "-q", "15-1-stable"]);
    source.commit("of 15.1");
    source.git(&["cherry-pick", "-x", &pick]);
    let pick_of_pick = source.head();
    source.git(&["checkout", "-q", "main"]);
    let world = World::of(source).await;
    let heads = [later.clone(), root.clone(), pick.clone(), before, pick_of_pick.clone(), "e".repeat(40)];
    let found = world.repository.containment(&feature, &heads).await.unwrap();
    use Containment::{Ancestor, No, Pick, UnknownHead};
    assert_eq!(found, [Ancestor, No, Pick(pick.clone()), No, Pick(pick_of_pick), UnknownHead]);
    assert_eq!(world.repository.ahead(&root, &later).await.unwrap(), Some(2));
    assert_eq!(world.repository.ahead(&later, &root).await.unwrap(), Some(0));
    assert_eq!(world.repository.ahead(&root, &"e".repeat(40)).await.unwrap(), None);
    let stable = async |major, minor| {
        world.repository.in_stable_branch(Version { major, minor }, &feature).await.unwrap()
    };
    assert_eq!(stable(15, 2).await, StableBranch::Holds("15-2-stable".into()));
    assert_eq!(stable(15, 1).await, StableBranch::Holds("15-1-stable".into()));
    assert_eq!(stable(15, 3).await, StableBranch::Missing);
}

#[tokio::test]
async fn requests_are_merged_open_or_unknown() {
    let source = Source::new();
    source.commit("root");
    let merged = source.merge("x", "Merge branch 'x' into 'main'\n\nSee merge request a/b!12");
    source.commit("As said in See merge request a/b!1, this is prose");
    let squashed = source.commit("Show it (#7)");
    let pulled = source.merge("y", "Merge pull request #8 from ann/y");
    let fast = source.commit("fast-forward");
    source.git(&["update-ref", "refs/merge-requests/20/head", &fast]);
    source.git(&["checkout", "-q", "-b", "open"]);
    let open = source.commit("open");
    source.git(&["update-ref", "refs/merge-requests/21/head", &open]);
    source.git(&["checkout", "-q", "main"]);
    let world = World::of(source).await;
    let check = async |number: u64, is: Option<&str>| {
        let state = world.repository.merge_request(&request(number)).await.unwrap();
        match (state, is) {
            (MergeState::Merged(commit), Some(is)) if commit.id == is => {}
            (MergeState::Open, Some("open")) | (MergeState::Unknown, None) => {}
            (other, _) => panic!("!{number}: {other:?}"),
        }
    };
    check(12, Some(&merged)).await;
    check(7, Some(&squashed)).await;
    check(8, Some(&pulled)).await;
    check(20, Some(&fast)).await;
    check(21, Some("open")).await;
    check(1, None).await;
    check(120, None).await;
    assert!(world.repository.is_ours(&request(1)));
    let other = MergeRequestUrl { project: "a/c".into(), ..request(1) };
    assert!(!world.repository.is_ours(&other));
}

#[tokio::test]
async fn the_first_release_is_the_lowest_version() {
    let source = Source::new();
    source.commit("root");
    source.git(&["branch", "15-2-stable-ee"]);
    let feature = source.commit("feature");
    source.git(&["tag", "v15.3.0-ee"]);
    let untagged = source.commit("untagged");
    source.git(&["checkout", "-q", "15-2-stable-ee"]);
    source.commit("of 15.2");
    source.git(&["tag", "v15.2.0-ee"]);
    source.git(&["cherry-pick", "-x", &feature]);
    source.git(&["tag", "v15.2.1-ee"]);
    source.git(&["checkout", "-q", "main"]);
    let world = World::of(source).await;
    let first = async |id: &str| world.repository.first_tag(id).await.unwrap().map(|tag| tag.name);
    assert_eq!(first(&feature).await.as_deref(), Some("v15.2.1-ee"), "by its pick");
    assert_eq!(first(&untagged).await, None);
}

#[tokio::test]
async fn a_source_that_goes_away_is_told_and_outlived() {
    let source = Source::new();
    let first = source.commit("first");
    let world = World::of(source).await;
    let away = format!("{}-away", world.source.path());
    std::fs::rename(world.source.path(), &away).unwrap();
    assert!(world.refreshed().await.is_err());
    let freshness = world.repository.freshness();
    assert!(freshness.at.is_some() && freshness.problem.is_some(), "{freshness:?}");
    assert!(world.repository.commit(&first).await.unwrap().is_some(), "what is known stays");
    std::fs::rename(&away, world.source.path()).unwrap();
    let second = world.source.commit("second");
    world.refreshed().await.unwrap();
    assert_eq!(world.repository.freshness().problem, None);
    assert!(world.repository.commit(&second).await.unwrap().is_some());
}

#[tokio::test]
async fn a_damaged_mirror_is_made_anew() {
    let source = Source::new();
    let id = source.commit("first");
    let world = World::of(source).await;
    let mirror = world.folder.path().join("repository/mirror.git");
    std::fs::write(mirror.join("HEAD"), "nonsense").unwrap();
    world.refreshed().await.unwrap();
    assert!(world.repository.commit(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_folder_belongs_to_one_mirror() {
    let source = Source::new();
    source.commit("first");
    let world = World::of(source).await;
    let refused = open(&world.source.path(), &world.folder).err().unwrap();
    assert!(refused.contains("in use"), "{refused}");
    let empty = tempfile::tempdir().unwrap();
    assert!(open("--upload-pack=x", &empty).is_err());
}

#[tokio::test]
async fn flag_definitions_come_with_the_head() {
    let source = Source::new();
    source.write("feature_flags/beta/f.yml", "name: f\n");
    source.write("feature_flags/README.md", "no definition\n");
    std::os::unix::fs::symlink("/etc/passwd", source.file("feature_flags/beta/evil.yml")).unwrap();
    source.commit("flags");
    let world = World::of(source).await;
    let folder = world.folder.path().join("repository/feature_flags");
    let within = async |file: &str, is: Option<&str>| {
        let path = folder.join(file);
        for _ in 0..2_000 {
            let found = std::fs::read_to_string(&path).ok();
            if found.as_deref() == is && folder.join("beta/f.yml").exists() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{file} should be {is:?}");
    };
    within("beta/f.yml", Some("name: f\n")).await;
    within("README.md", None).await;
    within("beta/evil.yml", None).await;
}
