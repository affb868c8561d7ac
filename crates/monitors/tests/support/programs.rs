//! The real Prometheus and the real Alertmanager, as Debian packages them, each started for one test in a folder of its
//! own on a free port of loopback. What their packages start by themselves is not used and not touched.

use super::{egress, until};
use bytes::Bytes;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use wigwag_ports::Egress;
use wigwag_ports::egress::{CertificateCheck, Keep, Method, Outgoing};

/// How often a program is started on another port, if something else has taken its port.
const STARTS_MAX: usize = 5;

/// A program that runs; ended, by its own process, when it is dropped.
pub struct Program {
    child: Child,
    pub port: u16,
    client: Arc<dyn Egress>,
    _folder: TempDir,
}

impl Program {
    /// A Prometheus with these scrape targets. `web` are its settings for who may ask.
    pub async fn prometheus(scraped: &[&str], web: &str) -> Self {
        let targets: Vec<String> = scraped.iter().map(|target| format!("{target:?}")).collect();
        let config = format!(
            "global: {{scrape_interval: 100ms, scrape_timeout: 100ms}}\nscrape_configs:\n- job_name: web\n  \
             static_configs: [{{targets: [{}]}}]\n",
            targets.join(", ")
        );
        Self::start("prometheus", &[("config.yml", &config), ("web.yml", web)], |folder, port| {
            vec![
                format!("--config.file={}", folder.join("config.yml").display()),
                format!("--web.config.file={}", folder.join("web.yml").display()),
                format!("--storage.tsdb.path={}", folder.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ]
        })
        .await
    }

    /// An Alertmanager that tells nobody.
    pub async fn alertmanager() -> Self {
        let config = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";
        Self::start("prometheus-alertmanager", &[("config.yml", config)], |folder, port| {
            vec![
                format!("--config.file={}", folder.join("config.yml").display()),
                format!("--storage.path={}", folder.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
                "--cluster.listen-address=".to_owned(),
            ]
        })
        .await
    }

    async fn start(
        program: &str,
        files: &[(&str, &str)],
        arguments: impl Fn(&Path, u16) -> Vec<String>,
    ) -> Self {
        for _ in 0..STARTS_MAX {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                fs::write(folder.path().join(name), text).unwrap();
            }
            // Free now; whoever takes it before the program does makes it end, and another one is tried.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let child = Command::new(program)
                .args(arguments(folder.path(), port))
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| {
                    panic!("{program}: {error}; it is in Debian's package {program}, as `cargo xtask test` installs it")
                });
            let client = egress().only(&format!("http://127.0.0.1:{port}")).unwrap();
            let mut started = Self { child, port, client, _folder: folder };
            if started.is_ready().await {
                return started;
            }
        }
        panic!("{program} ended at once, {STARTS_MAX} times");
    }

    /// Whether it serves; false once it has ended.
    async fn is_ready(&mut self) -> bool {
        let mut ended = false;
        until("the program is ready", async || {
            ended = self.child.try_wait().unwrap().is_some();
            // 401: it serves, and asks who this is.
            ended || matches!(self.status(Method::Get, "/-/ready", "").await, Some(200 | 401))
        })
        .await;
        !ended
    }

    /// Ends it.
    pub fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Posts JSON, which must be taken.
    pub async fn post(&self, path: &str, json: String) {
        assert_eq!(self.status(Method::Post, path, &json).await, Some(200), "{path} {json}");
    }

    /// The status of its answer, if there is one.
    async fn status(&self, method: Method, path: &str, body: &str) -> Option<u16> {
        let request = Outgoing {
            method,
            target: self.client.target(&format!("{}{path}", self.url())).unwrap(),
            headers: vec![("content-type", "application/json".into())],
            custom_headers: Vec::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            keep: Keep::Beginning,
            certificate: CertificateCheck::Verify,
            identity: None,
            deadline: Duration::from_secs(10),
        };
        self.client.send(request).await.ok().map(|answer| answer.status)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}
