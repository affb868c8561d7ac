//! Grafana: a change is a mark in the charts.

use crate::config::GrafanaConfig;
use crate::limits::{ANNOTATION_CHARS_MAX, GRAFANA_DEADLINE, TAG_CHARS_MAX, TAGS_MAX};
use crate::place::{Kind, Place, TokenHeader};
use crate::text::tame;
use crate::trouble::{Trouble, judge};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::egress::{Method, Target};
use wigwag_ports::monitors::Annotation;
use wigwag_ports::{Annotations, Egress};

const GRAFANA: Kind = Kind {
    name: "Grafana",
    token_header: TokenHeader::Bearer,
    headers: &[("accept", "application/json")],
    check: "Check whether the token may write annotations",
    narrow: "Is this the address of its API?",
};

/// Draws annotations that every dashboard can show by their tags.
pub struct Grafana {
    place: Place,
    target: Arc<Target>,
}

impl Grafana {
    /// Checks the settings.
    ///
    /// # Errors
    /// `FIELD: RULE`.
    pub fn new(config: GrafanaConfig, egress: &dyn Egress) -> Result<Self, String> {
        let place = Place::new(&GRAFANA, &config.url, Some(&config.token), GRAFANA_DEADLINE, egress)?;
        let target = place.target("/api/annotations").map_err(|error| format!("url: {error}"))?;
        Ok(Self { place, target })
    }

    async fn draw(&self, annotation: &Annotation) -> Result<(), Trouble> {
        let tags = annotation.tags.iter().take(TAGS_MAX).map(|tag| tame(tag, TAG_CHARS_MAX));
        let body = json!({
            "time": annotation.at.as_millis(),
            "tags": tags.collect::<Vec<_>>(),
            "text": tame(&annotation.text, ANNOTATION_CHARS_MAX),
        });
        let headers = vec![("content-type", "application/json".to_owned())];
        let answer =
            self.place.send(Method::Post, self.target.clone(), headers, body.to_string().into()).await?;
        match judge(&answer)? {
            Value::Object(_) => Ok(()),
            _ => Err(Trouble::NotA("the answer to an annotation")),
        }
    }
}

#[async_trait]
impl Annotations for Grafana {
    async fn annotate(&self, annotation: &Annotation) -> Result<(), ChatOutError> {
        self.draw(annotation).await.map_err(|trouble| self.error(&trouble))
    }
}

impl Grafana {
    /// Whether trying again may help.
    fn error(&self, trouble: &Trouble) -> ChatOutError {
        let reason = self.place.told(trouble);
        match trouble {
            // People mend a token, and what was to be drawn meanwhile is drawn then.
            Trouble::Down(_) | Trouble::Slow(_) | Trouble::Unauthorised(_) => {
                ChatOutError::Later { reason, after: None }
            }
            Trouble::Limited(_, after) | Trouble::Status(403 | 408 | 500..=599, _, after) => {
                ChatOutError::Later { reason, after: *after }
            }
            Trouble::Unsendable(_)
            | Trouble::Redirects(..)
            | Trouble::Status(..)
            | Trouble::TooLong
            | Trouble::NoJson(_)
            | Trouble::NotA(_)
            | Trouble::Untold(_) => ChatOutError::Never(reason),
        }
    }
}
