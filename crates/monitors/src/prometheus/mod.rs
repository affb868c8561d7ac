//! Prometheus: an instant query, each of whose samples is compared with a number.
//!
//! ```text
//! query            -> samples, each at the time of the question -\
//! timestamp(query) -> when each was really taken ----------------+-> judge
//! ```
//! An instant query answers with what was scraped up to five minutes ago as if it was of now, so the age is asked
//! beside it, for the same moment. A query that computes something has no sample of its own: there the age is that of
//! the question, and samples that are gone make the query empty.

mod judge;
mod red_when;
mod samples;

use crate::limits::QUERY_BYTES_MAX;
use crate::place::{Kind, Place, TokenHeader};
use crate::source::{Ask, check_name};
use crate::trouble::Trouble;
use async_trait::async_trait;
use judge::{Health, judge};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use samples::{Samples, read};
use std::sync::Arc;
use std::time::SystemTime;
use wigwag_ports::egress::Target;
use wigwag_ports::monitors::SourceAnswer;

/// Prometheus, and what speaks its API.
pub(crate) const PROMETHEUS: Kind = Kind {
    name: "Prometheus",
    token_header: TokenHeader::Bearer,
    headers: &[("accept", "application/json")],
    check: "Check the query",
    narrow: "Narrow the query",
};

/// A query and how its samples are judged.
pub(crate) struct Query {
    target: Arc<Target>,
    /// `timestamp(query)`, as it stands in a URL.
    ages: String,
    health: Health,
}

impl Query {
    /// Checks the settings.
    ///
    /// # Errors
    /// `FIELD: RULE`.
    pub(crate) fn new(place: &Place, query: &str, red_when: &str, service: &str) -> Result<Self, String> {
        if query.trim().is_empty() {
            return Err("query: is missing".into());
        }
        if query.len() > QUERY_BYTES_MAX {
            return Err(format!("query: must have at most {QUERY_BYTES_MAX} bytes"));
        }
        check_name("service", service)?;
        let red_when = red_when.parse().map_err(|rule| format!("red_when: {rule}"))?;
        // The query may end in a comment, which the line break ends.
        let ages = encoded(&format!("timestamp({query}\n)"));
        let query = encoded(query);
        let target = place
            .target(&format!("/api/v1/query?query={query}"))
            .map_err(|error| format!("query: {error}"))?;
        let page = place.page(&format!("/graph?g0.expr={query}&g0.tab=1"));
        Ok(Self { target, ages, health: Health { service: service.to_owned(), red_when, page } })
    }

    /// When the samples were taken, asked for the moment at which `samples` were answered.
    async fn ages(&self, place: &Place, samples: &Samples) -> Result<Option<Samples>, Trouble> {
        let Some(at_s) = samples.vector_at_s() else { return Ok(None) };
        let path = format!("/api/v1/query?query={}&time={at_s:.3}", self.ages);
        let target = place.target(&path)?;
        read(&place.get(target).await?).map(Some)
    }
}

#[async_trait]
impl Ask for Query {
    async fn ask(&self, place: &Place) -> Result<SourceAnswer, Trouble> {
        let samples = read(&place.get(self.target.clone()).await?)?;
        let ages = self.ages(place, &samples).await?;
        judge(&self.health, samples, ages.as_ref(), now_s())
    }
}

/// Seconds since 1970. The machine's own clock: that of the house never runs backwards, and then differs from
/// everybody else's.
fn now_s() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
