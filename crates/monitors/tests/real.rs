//! The real Prometheus and the real Alertmanager, each started here on a free port and ended by its own id.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Server, comes_to, egress, look, prometheus, said};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use wigwag_monitors::SourceKind;
use wigwag_ports::egress::{CertificateCheck, Keep, Method, Outgoing};

/// A process that ends with the test.
struct Started {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn ready(started: Started, path: &str) -> Started {
    for _ in 0..600 {
        if get(&format!("{}{path}", started.url)).await == Some(200) {
            return started;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} is not ready", started.url);
}

async fn get(url: &str) -> Option<u16> {
    send(Method::Get, url, "").await
}

async fn send(method: Method, url: &str, body: &'static str) -> Option<u16> {
    let egress = egress();
    let request = Outgoing {
        method,
        target: egress.target(url).unwrap(),
        headers: vec![("content-type", "application/json".into())],
        custom_headers: Vec::new(),
        body: body.into(),
        keep: Keep::Beginning,
        certificate: CertificateCheck::Verify,
        deadline: Duration::from_secs(5),
    };
    egress.send(request).await.ok().map(|answer| answer.status)
}

/// Prometheus that scrapes `exporter` every second.
async fn start_prometheus(exporter: &Server) -> Started {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("prometheus.yml");
    let text = format!(
        "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}\nscrape_configs:\n- job_name: web\n  static_configs:\n  \
         - targets: ['{}']\n",
        exporter.address
    );
    std::fs::write(&config, text).unwrap();
    let port = free_port();
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("prometheus is installed");
    ready(Started { child, url: format!("http://127.0.0.1:{port}"), _folder: folder }, "/-/ready").await
}

#[tokio::test]
async fn prometheus_tells_red_from_green_and_from_nothing() {
    let exporter =
        Server::answering(200, "apdex{zone=\"a\"} 0.99\napdex{zone=\"b\"} 0.5\nrequests_total 0\n").await;
    let prometheus_server = start_prometheus(&exporter).await;
    let url = &prometheus_server.url;
    comes_to(url, prometheus("apdex", "< 0.9"), "blocked: web is red: 0.5 (").await;
    comes_to(url, prometheus("apdex{zone=\"a\"}", "< 0.9"), "clear").await;
    let says = async |query: &str| said(&look(url, prometheus(query, "< 0.9")).await);
    assert_eq!(
        says("no_such_metric").await,
        "silent: its query finds no series; check it against Prometheus' own page"
    );
    assert_eq!(
        says("requests_total / requests_total").await,
        "silent: its query gives NaN: no request, or a division by zero"
    );
    let wrong = says("apdex{").await;
    assert!(wrong.starts_with("silent: it answers 400 (bad_data: "), "{wrong}");
    assert_eq!(says("\"text\"").await, "silent: its query gives neither a number nor a vector of numbers");
    assert_eq!(says("1").await, "clear");
    exporter.says(200, "apdex{zone=\"a\"} 0.1\n");
    comes_to(url, prometheus("apdex{zone=\"a\"}", "< 0.9"), "blocked: web is red: 0.1").await;
    // The service goes away: its series ends, and that is silence, not health.
    exporter.says(500, "");
    comes_to(url, prometheus("apdex", "< 0.9"), "silent: its query finds no series").await;
    drop(prometheus_server);
}

#[tokio::test]
async fn a_prometheus_that_is_down_is_silent() {
    let url = format!("http://127.0.0.1:{}", free_port());
    let down = said(&look(&url, prometheus("up", "< 1")).await);
    assert!(down.starts_with("silent: it is down: connection refused"), "{down}");
}

#[tokio::test]
async fn alertmanager_blocks_by_firing_alerts_with_the_label() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("alertmanager.yml");
    std::fs::write(&config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n").unwrap();
    let port = free_port();
    let child = Command::new("prometheus-alertmanager")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("prometheus-alertmanager is installed");
    let url = format!("http://127.0.0.1:{port}");
    let server = ready(Started { child, url: url.clone(), _folder: folder }, "/-/ready").await;
    let blocks = || SourceKind::Alertmanager { label: "blocks_flags".into(), value: "true".into() };
    comes_to(&url, blocks(), "clear").await;
    let alerts = r#"[
        {"labels": {"alertname": "SiteDown", "blocks_flags": "true"}, "annotations": {"summary": "the site is down"},
         "generatorURL": "http://prometheus.example/graph"},
        {"labels": {"alertname": "DiskFull", "blocks_flags": "false"}},
        {"labels": {"alertname": "Quoted", "blocks_flags": "tr\"ue"}}
    ]"#;
    assert_eq!(send(Method::Post, &format!("{url}/api/v2/alerts"), alerts).await, Some(200));
    comes_to(&url, blocks(), "blocked: SiteDown: the site is down <http://prometheus.example/graph>").await;
    let quoted = SourceKind::Alertmanager { label: "blocks_flags".into(), value: "tr\"ue".into() };
    comes_to(&url, quoted, "blocked: Quoted").await;
    drop(server);
}
