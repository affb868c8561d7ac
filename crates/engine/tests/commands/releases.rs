//! `auto_deploy status` and `release check` over a real repository: tags, a stable branch, merges that name their merge
//! request, and picks.

use crate::world::{Made, World};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use wigwag_base::Timestamp;
use wigwag_engine::deployments::DeploymentInput;
use wigwag_ports::Clock;
use wigwag_repository::{GitRepository, RepositoryConfig};

const PROJECT: &str = "https://git.example/group/project";

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_700_000_000)
    }
}

/// The repository of a platform, written by this test.
struct Source(TempDir);

impl Source {
    fn git(&self, words: &[&str]) -> String {
        let ended = Command::new("git")
            .args(words)
            .current_dir(self.0.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("LC_ALL", "C")])
            .envs([("GIT_AUTHOR_NAME", "mara"), ("GIT_AUTHOR_EMAIL", "mara@platform.example")])
            .envs([("GIT_COMMITTER_NAME", "mara"), ("GIT_COMMITTER_EMAIL", "mara@platform.example")])
            .envs([("GIT_AUTHOR_DATE", "1690000000 +0000"), ("GIT_COMMITTER_DATE", "1690000000 +0000")])
            .output()
            .unwrap();
        assert!(ended.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8_lossy(&ended.stdout).trim().to_owned()
    }

    /// Merges a branch of one commit by merge request `number`; the merge commit.
    fn merged(&self, number: u32) -> String {
        let (file, branch) = (format!("file-{number}"), format!("branch-{number}"));
        self.git(&["checkout", "--quiet", "-b", &branch, "main"]);
        std::fs::write(self.0.path().join(&file), &branch).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", &format!("Work {number}")]);
        self.git(&["checkout", "--quiet", "main"]);
        let message =
            format!("Merge branch '{branch}' into 'main'\n\nSee merge request group/project!{number}");
        self.git(&["merge", "--quiet", "--no-ff", "-m", &message, &branch]);
        self.git(&["branch", "--quiet", "-D", &branch]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A world upon a repository whose merge requests stand in every way there is.
struct Releases {
    world: World,
    /// The merge commits of 1 (released), 2 (picked), 3 (deployed) and 4 (merged last).
    merges: [String; 4],
    pick: String,
    _source: Source,
    _mirror: TempDir,
}

async fn releases() -> Releases {
    let source = Source(TempDir::new().unwrap());
    source.git(&["init", "--quiet", "--initial-branch=main"]);
    source.git(&["commit", "--quiet", "--allow-empty", "-m", "Begin"]);
    let released = source.merged(1);
    source.git(&["tag", "v15.1.0-ee"]);
    source.git(&["branch", "15-2-stable-ee"]);
    let picked = source.merged(2);
    source.git(&["checkout", "--quiet", "15-2-stable-ee"]);
    source.git(&["cherry-pick", "-m", "1", "-x", &picked]);
    let pick = source.git(&["rev-parse", "HEAD"]);
    source.git(&["checkout", "--quiet", "main"]);
    let deployed = source.merged(3);
    let last = source.merged(4);
    // One that is open: its ref alone tells of it.
    source.git(&["checkout", "--quiet", "-b", "open", "main"]);
    source.git(&["commit", "--quiet", "--allow-empty", "-m", "Not merged"]);
    source.git(&["update-ref", "refs/merge-requests/5/head", "HEAD"]);
    source.git(&["checkout", "--quiet", "main"]);
    source.git(&["branch", "--quiet", "-D", "open"]);

    let mirror = TempDir::new().unwrap();
    let path = source.path().to_str().unwrap().to_owned();
    let mut config = RepositoryConfig::new(path, mirror.path().join("mirror"));
    config.project_urls = vec![PROJECT.to_owned()];
    config.refresh_every = Duration::from_secs(3_600);
    let repository = GitRepository::open(config, Arc::new(StoppedClock)).unwrap();
    repository.tries().wait_for(|tries| *tries > 0).await.unwrap();
    let world = World::made(Made { repository: Some(repository), ..Made::default() }).await;
    Releases { world, merges: [released, picked, deployed, last], pick, _source: source, _mirror: mirror }
}

impl Releases {
    async fn deploys(&self, environment: &str, sha: &str) {
        let input = DeploymentInput {
            environment: environment.into(),
            sha: sha.into(),
            reference: "main".into(),
            is_tag: false,
            status: "success".into(),
            project: None,
        };
        self.world.engine.record_deployment(&self.world.as_admin(), input).await.unwrap();
    }

    async fn check(&self, words: &str) -> String {
        self.world.command(&format!("release check {words}")).await
    }
}

fn request(number: u32) -> String {
    format!("{PROJECT}/-/merge_requests/{number}")
}

#[tokio::test]
async fn release_check_gives_each_of_its_eleven_answers() {
    let releases = releases().await;
    let mut told = String::new();
    releases.deploys("production", &releases.merges[2]).await;
    for words in [
        format!("{} fifteen", request(1)),
        "https://git.example/group/project/-/issues/1".into(),
        "https://git.example/another/project/-/merge_requests/1".into(),
        request(99),
        request(5),
        request(1),
        request(4),
        format!("{} 15.2", request(2)),
        format!("{} 15.2", request(3)),
        format!("{} 15.3", request(3)),
        format!("{} 15.3", request(4)),
    ] {
        told += &format!("> {words}\n{}\n\n", releases.check(&words).await.trim_end());
    }
    insta::assert_snapshot!(told, @"
    > https://git.example/group/project/-/merge_requests/1 fifteen
    refused
    `fifteen` is no version; write it as X.Y, such as 15.2.

    > https://git.example/group/project/-/issues/1
    refused
    `https://git.example/group/project/-/issues/1` is no address of a merge request; it looks like https://gitlab.example/group/project/-/merge_requests/123.

    > https://git.example/another/project/-/merge_requests/1
    refused
    https://git.example/another/project is not the project whose repository is known here.

    > https://git.example/group/project/-/merge_requests/99
    refused
    There is no merge request !99 in group/project.

    > https://git.example/group/project/-/merge_requests/5
    !5 of group/project is not merged.

    > https://git.example/group/project/-/merge_requests/1
    It was first released in v15.1.0-ee.

    > https://git.example/group/project/-/merge_requests/4
    !4 is merged and in no tag yet.

    > https://git.example/group/project/-/merge_requests/2 15.2
    It is in the stable branch 15-2-stable-ee and will ship with 15.2.

    > https://git.example/group/project/-/merge_requests/3 15.2
    It is not in the stable branch 15-2-stable-ee and will not ship with 15.2, unless it is picked into it.

    > https://git.example/group/project/-/merge_requests/3 15.3
    It runs in production, and 15.3 has no stable branch yet: it most likely ships with 15.3.

    > https://git.example/group/project/-/merge_requests/4 15.3
    It does not run in production yet, and cannot ship with 15.3 until it does.
    ");
}

#[tokio::test]
async fn auto_deploy_status_tells_what_runs_where_in_its_three_forms() {
    let releases = releases().await;
    assert!(releases.world.command("auto_deploy status").await.contains("POST /v1/deployments"));
    releases.deploys("staging", &releases.merges[3]).await;
    releases.deploys("production", &releases.pick).await;
    let mut told = String::new();
    for words in [
        String::new(),
        format!("{} {}", &releases.merges[1][..11], &releases.merges[3][..8]),
        request(2),
        request(5),
        "0123456789".into(),
    ] {
        let text = releases.world.command(&format!("auto_deploy status {words}")).await;
        told += &format!("> {words}\n{}\n\n", text.trim_end());
    }
    // Ids of commits follow from what is in them, so they are the same everywhere.
    insta::assert_snapshot!(told, @"
    > 
      environment        commit       ref   since                     behind staging  coming
      dev                nothing yet
      staging-canary     nothing yet
      staging            bd51b7900d7  main  1970-01-12T13:46:40.000Z  level
      production-canary  nothing yet
      production         a4e899654aa  main  1970-01-12T13:46:40.000Z  6 commits

    > c27f1dc4244 bd51b790
    c27f1dc4244 Merge branch 'branch-2' into 'main'
      staging     yes, since 1970-01-12T13:46:40.000Z (bd51b7900d7)
      production  yes, as the pick a4e899654aa, since 1970-01-12T13:46:40.000Z (a4e899654aa)
    bd51b7900d7 Merge branch 'branch-4' into 'main'
      staging     yes, since 1970-01-12T13:46:40.000Z (bd51b7900d7)
      production  no

    > https://git.example/group/project/-/merge_requests/2
    !2 of group/project was merged by c27f1dc4244.
    c27f1dc4244 Merge branch 'branch-2' into 'main'
      staging     yes, since 1970-01-12T13:46:40.000Z (bd51b7900d7)
      production  yes, as the pick a4e899654aa, since 1970-01-12T13:46:40.000Z (a4e899654aa)

    > https://git.example/group/project/-/merge_requests/5
    !5 of group/project is not merged.

    > 0123456789
    refused
    No commit of the repository begins with 0123456789.
    ");
}

#[tokio::test]
async fn without_a_repository_it_says_where_to_set_one() {
    let world = World::new().await;
    for text in [format!("release check {}", request(1)), format!("auto_deploy status {}", request(1))] {
        let told = world.command(&text).await;
        assert!(told.starts_with("refused") && told.contains("[repository]"), "{told}");
    }
}
