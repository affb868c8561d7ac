//! A disk of a few megabytes that fills up.

use crate::world::{Ended, Server, WITHIN, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use wigwag_testkit::{Receiver, Reply};

/// Between two looks at whether there is room again.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A small disk in memory, gone when it is dropped. Mounting needs root, or `CAP_SYS_ADMIN`.
struct Disk {
    folder: PathBuf,
}

impl Disk {
    fn mount(folder: PathBuf) -> Self {
        std::fs::create_dir(&folder).unwrap();
        let mut mount = Command::new("mount");
        let mounted =
            mount.args(["-t", "tmpfs", "-o", "size=6m", "wigwag-test"]).arg(&folder).status().unwrap();
        assert!(mounted.success(), "this test mounts a tmpfs; run it as root or with CAP_SYS_ADMIN");
        Self { folder }
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    /// Takes every byte that is left.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.filler()).unwrap();
        while filler.write_all(&[7; 4_096]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

async fn publish(server: &Server, n: usize) -> wigwag_testkit::Answer {
    let event = json!({ "type": "push", "payload": { "n": n, "fill": "x".repeat(20_000) } });
    server.root.post("/v1/projects/1/events", event).await
}

fn serve(world: &World, data: &Path) -> tokio::process::Command {
    world.serve(&["--data", data.to_str().unwrap()])
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_the_service_resumes_by_itself() {
    let world = World::new();
    let disk = Disk::mount(world.path("disk"));
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Wait);
    let server = Server::start(serve(&world, &disk.folder.join("data"))).await;
    server.hook(&receiver).await;
    let mut acknowledged = BTreeSet::new();
    for n in 0..5 {
        publish(&server, n).await.expect(202);
        acknowledged.insert(n);
    }
    disk.fill();
    let mut n = 5;
    let refused = loop {
        let answer = publish(&server, n).await;
        if answer.status != 202 {
            break answer;
        }
        acknowledged.insert(n);
        n += 1;
    };
    assert_eq!(refused.problem(503), "unavailable", "{}", refused.text());
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    assert!(refused.text().contains("disk"), "{}", refused.text());
    // Results have no room either; they wait.
    receiver.release();
    disk.make_room();
    let resumed = async {
        while publish(&server, n).await.status != 202 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(WITHIN, resumed).await.expect("it should have resumed");
    acknowledged.insert(n);
    let mut arrived = BTreeSet::new();
    while arrived.len() < acknowledged.len() {
        let body: Value = serde_json::from_slice(&receiver.next().await.body).unwrap();
        assert!(arrived.insert(usize::try_from(body["n"].as_u64().unwrap()).unwrap()), "{body} came twice");
    }
    assert_eq!(arrived, acknowledged);
    server.stop().await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn a_first_start_without_room_leaves_nothing_in_the_way_of_the_next() {
    let world = World::new();
    let disk = Disk::mount(world.path("disk"));
    let data = disk.folder.join("data");
    disk.fill();
    Ended::of(serve(&world, &data)).await.refused(1, &["wigwag: ", "make room"]);
    disk.make_room();
    Server::start(serve(&world, &data)).await.stop().await;
    disk.fill();
    Ended::of(serve(&world, &data)).await.refused(1, &["wigwag: ", "make room"]);
    disk.make_room();
    Server::start(serve(&world, &data)).await.stop().await;
}
