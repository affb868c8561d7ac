//! Grafana: every change is a mark in the charts.

use crate::ask::said;
use crate::limits::ANSWER_BYTES_MAX;
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::egress::{CertificateCheck, EgressError, Keep, Method, Outgoing};
use wigwag_ports::monitors::Annotation;
use wigwag_ports::{Annotations, Egress};

/// How long Grafana has for one answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// The longest that its wish to be asked later is granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// What the operator set.
#[derive(Clone, Debug)]
pub struct GrafanaConfig {
    /// Where it is, without a slash at its end.
    pub url: String,
    /// A service account's token that may write annotations.
    pub token: Secret<String>,
}

/// Grafana's annotations.
pub struct Grafana {
    config: GrafanaConfig,
    egress: Arc<dyn Egress>,
}

impl Grafana {
    /// Grafana as the operator set it.
    ///
    /// # Errors
    /// Why its URL cannot be asked.
    pub fn new(config: GrafanaConfig, egress: &dyn Egress) -> Result<Self, String> {
        let egress = egress.only(&config.url).map_err(|error| format!("url: {error}"))?;
        Ok(Self { config, egress })
    }
}

#[async_trait]
impl Annotations for Grafana {
    async fn annotate(&self, annotation: &Annotation) -> Result<(), ChatOutError> {
        let url = format!("{}/api/annotations", self.config.url.trim_end_matches('/'));
        let body = json!({
            "time": annotation.at.as_millis(), "tags": annotation.tags, "text": annotation.text,
        });
        let never = |error: EgressError| ChatOutError::Never(error.to_string());
        let request = Outgoing {
            method: Method::Post,
            target: self.egress.target(&url).map_err(never)?,
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("accept", "application/json".to_owned()),
                ("authorization", format!("Bearer {}", self.config.token.expose())),
            ],
            custom_headers: Vec::new(),
            body: Bytes::from(body.to_string()),
            keep: Keep::Whole(ANSWER_BYTES_MAX),
            certificate: CertificateCheck::Verify,
            deadline: DEADLINE,
        };
        let later = |reason: String, after| ChatOutError::Later { reason, after };
        let answer = self.egress.send(request).await.map_err(|error| later(error.to_string(), None))?;
        let told = said(&answer.body).map_or(String::new(), |said| format!(" ({said})"));
        match answer.status {
            200..=299 => Ok(()),
            429 => {
                let header = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
                let seconds = header.and_then(|(_, value)| value.trim().parse().ok());
                let after = seconds.map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
                Err(later("Grafana answers 429: too many requests".into(), after))
            }
            status @ 500..=599 => Err(later(format!("Grafana answers {status}{told}"), None)),
            401 | 403 => Err(ChatOutError::Never(format!(
                "Grafana answers {}{told}: check the token; it must be one that may write annotations",
                answer.status
            ))),
            status => Err(ChatOutError::Never(format!("Grafana answers {status}{told}"))),
        }
    }
}
