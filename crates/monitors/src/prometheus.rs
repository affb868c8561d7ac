//! Prometheus: an instant query, each of whose samples is compared with a number.

use crate::ask::{encoded, get, tame};
use crate::compare::Comparison;
use crate::config::SourceConfig;
use crate::limits::{BLOCKERS_MAX, LABELS_SHOWN_MAX, STALE_AFTER};
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;
use wigwag_ports::monitors::{Blocker, SourceAnswer, WhenSilent};
use wigwag_ports::{Egress, ProductionCheck};

pub(crate) struct Prometheus {
    pub(crate) config: SourceConfig,
    pub(crate) egress: Arc<dyn Egress>,
    pub(crate) query: String,
    pub(crate) red_when: Comparison,
    pub(crate) service: String,
}

/// One sample: its labels, when it was taken, its value.
struct Sample {
    labels: String,
    value: f64,
}

#[async_trait]
impl ProductionCheck for Prometheus {
    fn name(&self) -> &str {
        &self.config.name
    }

    fn when_silent(&self) -> WhenSilent {
        self.config.when_silent
    }

    async fn look(&self) -> SourceAnswer {
        match self.samples().await {
            Ok(samples) => self.judge(&samples),
            Err(reason) => SourceAnswer::Silent(reason),
        }
    }
}

impl Prometheus {
    async fn samples(&self) -> Result<Vec<Sample>, String> {
        // The age of each series beside its value: an instant query answers for up to five minutes with what was last
        // scraped, at the time of the question.
        let ages = format!("time() - timestamp({})", self.query);
        let values = self.ask(&self.query).await?;
        // A query that computes has no scrape of its own; then its samples are of now.
        if let Ok(ages) = self.ask(&ages).await
            && let Some(old) = ages.iter().map(|age| age.value).find(|age| *age > STALE_AFTER.as_secs_f64())
        {
            return Err(format!("its newest sample is {old:.0} s old; is the service scraped?"));
        }
        Ok(values)
    }

    async fn ask(&self, query: &str) -> Result<Vec<Sample>, String> {
        let path = format!("/api/v1/query?query={}", encoded(query));
        let headers = self.config.token.iter().map(|t| ("authorization", format!("Bearer {}", t.expose())));
        let told = get(&*self.egress, &self.config, &path, headers.collect()).await?;
        if told["status"] != "success" {
            return Err("it answers something else than a result".into());
        }
        let result = &told["data"]["result"];
        match told["data"]["resultType"].as_str() {
            Some("scalar") => Ok(vec![sample(String::new(), result)?]),
            Some("vector") => {
                let series = result.as_array().ok_or("it answers something else than a result")?;
                if series.is_empty() {
                    return Err("its query finds no series; check it against Prometheus' own page".into());
                }
                series.iter().map(|one| sample(labels(&one["metric"]), &one["value"])).collect()
            }
            _ => Err("its query gives neither a number nor a vector of numbers".into()),
        }
    }

    fn judge(&self, samples: &[Sample]) -> SourceAnswer {
        if samples.iter().any(|sample| sample.value.is_nan()) {
            return SourceAnswer::Silent("its query gives NaN: no request, or a division by zero".into());
        }
        let red = samples.iter().filter(|sample| self.red_when.holds(sample.value));
        let blocker = |sample: &Sample| Blocker {
            what: format!("{} is red: {}{}", self.service, sample.value, sample.labels),
            url: None,
        };
        let blockers: Vec<Blocker> = red.take(BLOCKERS_MAX).map(blocker).collect();
        if blockers.is_empty() { SourceAnswer::Clear } else { SourceAnswer::Blocked(blockers) }
    }
}

/// `[time, "value"]`.
fn sample(labels: String, value: &Value) -> Result<Sample, String> {
    let text = value[1].as_str().ok_or("it answers a sample without a value")?;
    let value = match text {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        text => text.parse().map_err(|_| "it answers a sample that is no number".to_owned())?,
    };
    Ok(Sample { labels, value })
}

/// ` (job=web, zone=a)`, without the metric's own name.
fn labels(metric: &Value) -> String {
    let Some(metric) = metric.as_object() else { return String::new() };
    let shown = metric.iter().filter(|(name, _)| *name != "__name__").take(LABELS_SHOWN_MAX);
    let shown: Vec<String> = shown
        .map(|(name, value)| format!("{}={}", tame(name), tame(value.as_str().unwrap_or_default())))
        .collect();
    if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) }
}
