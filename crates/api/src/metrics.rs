//! What Prometheus reads: requests by route, and what banners do.

use crate::limits::EVALUATION_SERIES_MAX;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::Response;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::convert::Infallible;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tower::{Layer, Service};
use wigwag_engine::Engine;
use wigwag_engine::watch::CalloutCounts;

mod callouts;
mod remotes;

/// Upper bounds of the buckets, in seconds: from an answer out of memory to one that waited for a receiver.
const BUCKETS_S: [f64; 10] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 2.0, 10.0];

/// The figures of one node.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Routed, Histogram, fn() -> Histogram>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: Route,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Routed {
    method: &'static str,
    route: Route,
}

/// The route that a request matched; shared, for every request is counted under one.
#[derive(Clone, Debug)]
struct Route(MatchedPath);

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.0.as_str().encode(encoder)
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Evaluated {
    flag: String,
    environment: String,
    decision: &'static str,
    reason: &'static str,
}

/// The flag of rows that have none of their own; no flag can be named so.
const OTHERS: &str = "(others)";

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("wigwag");
        let requests = Family::default();
        let durations: Family<Routed, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS_S));
        registry.register("http_requests", "Requests answered, by route and status.", requests.clone());
        let help = "Time to the head of the answer, by route.";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, durations.clone());
        Self { registry, requests, durations }
    }

    fn observe(&self, method: &'static str, route: Route, status: u16, took: Duration) {
        let routed = Routed { method, route };
        self.durations.get_or_create(&routed).observe(took.as_secs_f64());
        let answered = Answered { method, route: routed.route, status };
        self.requests.get_or_create(&answered).inc();
    }

    /// All figures in the OpenMetrics text format.
    pub(crate) fn text(&self, callouts: CalloutCounts, engine: &Engine) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes whatever is written");
        let end = "# EOF\n";
        text.truncate(text.len() - if text.ends_with(end) { end.len() } else { 0 });
        let mut now = Registry::with_prefix("wigwag");
        let gauge = |value: u64| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        now.register("hooks_failing", "Hooks of projects and groups that fail now.", gauge(callouts.failing));
        now.register(
            "callouts_shown",
            "Banners shown, once to a user until it got worse.",
            gauge(callouts.shown),
        );
        now.register("callouts_followed", "Banners whose button was used.", gauge(callouts.followed));
        now.register("callouts_dismissed", "Banners that were closed.", gauge(callouts.dismissed));
        callouts::register(&mut now, engine);
        let evaluations = evaluations(engine);
        now.register("flag_evaluations", "Decisions of flags, by reason.", evaluations);
        let help = "Since the flags that another server keeps were read.";
        now.register_with_unit("remote_flags_age", help, Unit::Seconds, remotes::ages(engine));
        encode(&mut text, &now).expect("a string takes whatever is written");
        text
    }
}

/// What flags decided. Of more than [`EVALUATION_SERIES_MAX`] rows the least are told together, as flag `(others)`.
fn evaluations(engine: &Engine) -> Family<Evaluated, Counter> {
    let mut rows: Vec<(Evaluated, u64)> = Vec::new();
    engine.for_each_exposure(|environment, flag, exposed| {
        let labels = Evaluated {
            flag: flag.to_owned(),
            environment: environment.to_owned(),
            decision: if exposed.enabled { "on" } else { "off" },
            reason: exposed.reason,
        };
        rows.push((labels, exposed.count));
    });
    rows.sort_unstable_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others = rows.split_off(rows.len().min(EVALUATION_SERIES_MAX));
    let others = others.into_iter().map(|(of, count)| (Evaluated { flag: OTHERS.to_owned(), ..of }, count));
    let family: Family<Evaluated, Counter> = Family::default();
    for (labels, count) in rows.into_iter().chain(others) {
        family.get_or_create(&labels).inc_by(count);
    }
    family
}

/// Counts each request and its time under the route that it matched.
#[derive(Clone)]
pub(crate) struct Observe(pub(crate) Arc<Metrics>);

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { metrics: self.0.clone(), inner }
    }
}

/// A route that is observed.
#[derive(Clone)]
pub(crate) struct Observed<S> {
    metrics: Arc<Metrics>,
    inner: S,
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let began = Instant::now();
        let method = method_label(request.method());
        let route = request.extensions().get::<MatchedPath>().cloned();
        let (answering, metrics) = (self.inner.call(request), self.metrics.clone());
        Box::pin(async move {
            let response = answering.await?;
            if let Some(route) = route.map(Route) {
                metrics.observe(method, route, response.status().as_u16(), began.elapsed());
            }
            Ok(response)
        })
    }
}

/// Methods are the caller's to choose; labels are not.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}
