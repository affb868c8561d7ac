//! Against the real Prometheus, which scrapes an exporter that the test serves.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use support::programs::Program;
use support::server::{Reply, Server};
use support::{built, look, prometheus, shown, until};
use wigwag_base::Secret;
use wigwag_monitors::SourceConfig;

/// An exporter whose figures a test changes, and the Prometheus that scrapes it.
struct World {
    figures: Arc<Mutex<String>>,
    exporter: Server,
    prometheus: Program,
}

impl World {
    async fn new(figures: &str) -> Self {
        let figures = Arc::new(Mutex::new(figures.to_owned()));
        let served = figures.clone();
        let exporter = Server::start(move |_| {
            Reply::text(served.lock().unwrap().clone()).with("content-type", "text/plain; version=0.0.4")
        })
        .await;
        let prometheus = Program::prometheus(&[&exporter.address.to_string()], "").await;
        Self { figures, exporter, prometheus }
    }

    fn now_is(&self, figures: &str) {
        *self.figures.lock().unwrap() = figures.to_owned();
    }

    fn source(&self, query: &str, red_when: &str) -> SourceConfig {
        prometheus(&self.prometheus.url(), query, red_when)
    }

    /// Returns once the source says something that begins so; its whole answer.
    async fn says(&self, query: &str, red_when: &str, begin: &str) -> String {
        let source = built(self.source(query, red_when));
        let mut said = String::new();
        until(&format!("{query} {red_when}: {begin}"), async || {
            said = shown(source.look().await);
            said.starts_with(begin)
        })
        .await;
        said
    }
}

#[tokio::test]
async fn a_red_service_blocks_until_it_is_green_again() {
    let world = World::new("healthy{zone=\"a\"} 1\nhealthy{zone=\"b\"} 1\n").await;
    world.says("healthy", "< 1", "clear").await;
    world.now_is("healthy{zone=\"a\"} 1\nhealthy{zone=\"b\"} 0.25\n");
    let said = world.says("healthy", "< 1", "web is red").await;
    let expected = format!(
        "web is red: 0.25 (instance=\"{}\", job=\"web\", zone=\"b\"), and that is < 1 \
         <{}/graph?g0.expr=healthy&g0.tab=1>",
        world.exporter.address,
        world.prometheus.url()
    );
    assert_eq!(said, expected);
    world.now_is("healthy{zone=\"a\"} 1\nhealthy{zone=\"b\"} 1\n");
    world.says("healthy", "< 1", "clear").await;
}

#[tokio::test]
async fn a_canary_blocks_while_it_is_drained() {
    let world = World::new("canary_weight 5\n").await;
    world.says("sum(canary_weight)", "== 0", "clear").await;
    world.now_is("canary_weight 0\n");
    world.says("sum(canary_weight)", "== 0", "web is red: 0, and that is == 0").await;
    // With a comment, a line break and quotes, as people write queries.
    let query = "canary_weight{job=\"web\"} # what the canary\n + 0 # takes";
    world.says(query, "== 0", "web is red: 0 (instance=").await;
    world.says("scalar(canary_weight)", "== 0", "web is red: 0, and").await;
}

#[tokio::test]
async fn what_prometheus_cannot_tell_is_silent() {
    let world = World::new("errors 0\nrequests 0\n").await;
    let ended = |s: u64| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        (since - Duration::from_secs(s)).as_millis()
    };
    world.says("errors", "> 0", "clear").await;
    let at = format!("silent: Prometheus at 127.0.0.1:{}", world.prometheus.port);
    let check = async |query: &str, expected: &str| {
        let said = world.says(query, ">= 0.05", &at).await;
        assert!(said[at.len()..].starts_with(expected), "{said}");
    };
    check("absent_metric", " has no series for its query. Check that the service is scraped").await;
    check("errors / requests", " has no number (instance=").await;
    check("errors{", " answers 400 (bad_data: ").await;
    // Two series that differ in nothing but their names, which a computation takes away.
    check("{__name__=~\"errors|requests\"} + 0", " answers 422 (execution: ").await;
    check("{__name__=~\"errors|requests\"}", " answers 422 (execution: ").await;
    check("errors[1m]", " answers with a matrix").await;
    check("\"text\"", " answers with a string").await;
    // An exporter that tells its own times, and has none of now. Prometheus itself serves them for five minutes.
    world.now_is(&format!("late 0 {}\n", ended(240)));
    let said = world.says("late", ">= 0.05", &format!("{at} has a sample (")).await;
    assert!(said.contains(" that is stale: 24") && said.contains(" s old. Check that"), "{said}");
}

#[tokio::test]
async fn infinity_is_a_number() {
    let world = World::new("errors 1\nrequests 0\n").await;
    world.says("errors / requests", ">= 0.05", "web is red: +Inf (").await;
    world.says("- errors / requests", ">= 0.05", "clear").await;
}

#[tokio::test]
async fn a_target_that_goes_away_is_silent_and_so_is_prometheus_itself() {
    let World { exporter, mut prometheus, .. } = World::new("healthy 1\n").await;
    let source = built(support::prometheus(&prometheus.url(), "healthy", "< 1"));
    until("it is scraped", async || shown(source.look().await) == "clear").await;
    drop(exporter);
    let up = built(support::prometheus(&prometheus.url(), "up", "< 1"));
    until("the target is missed", async || shown(up.look().await).starts_with("web is red: 0 (")).await;
    let said = shown(source.look().await);
    assert!(said.contains("has no series for its query"), "{said}");
    prometheus.stop();
    let expected = format!(
        "silent: Prometheus at 127.0.0.1:{} does not answer: nothing listens there. Check that it runs and can be \
         reached from here",
        prometheus.port
    );
    assert_eq!(shown(source.look().await), expected);
}

#[tokio::test]
async fn credentials_are_asked_for_and_never_shown() {
    // The password is "secret", as bcrypt.
    let web = "basic_auth_users:\n  ann: $2b$04$w.NfOYxE9JuoRB4F0lhvruSqxJWkOM7OwpgWIH.S066QnKL97xhti\n";
    let prometheus = Program::prometheus(&[], web).await;
    let (at, port) = (format!("silent: Prometheus at 127.0.0.1:{}", prometheus.port), prometheus.port);
    let check = async |credentials: &str, token: Option<&str>, expected: &str| {
        let url = format!("http://{credentials}127.0.0.1:{port}");
        let token = token.map(|token| Secret::new(token.to_owned()));
        let said = look(SourceConfig { token, ..support::prometheus(&url, "vector(0)", "> 0") }).await;
        assert_eq!(said, expected);
    };
    // It asks who this is before it is ready, and answers nobody else until then.
    let known = || support::prometheus(&format!("http://ann:secret@127.0.0.1:{port}"), "vector(0)", "> 0");
    until("it is ready", async || look(known()).await == "clear").await;
    let refused = format!("{at} answers 401: it does not take what it is shown. Check the token");
    check("ann:secret@", None, "clear").await;
    check("ann:wrong@", None, &refused).await;
    check("", None, &refused).await;
    check("", Some("wrong"), &refused).await;
    let said =
        look(support::prometheus(&format!("http://ann:secret@127.0.0.1:{port}"), "vector(1)", "> 0")).await;
    assert_eq!(
        said,
        format!(
            "web is red: 1, and that is > 0 <http://127.0.0.1:{port}/graph?g0.expr=vector%281%29&g0.tab=1>"
        )
    );
}
