//! Reports of exposures: what was counted goes to the server now and then, and is kept, added up, while it is away.
//!
//! A report whose answer is lost is sent again, so that a count may arrive twice but none is lost to a bad network.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use wigwag_wire::flag_feed::{Exposure, Exposures};

use crate::http::Http;
use crate::limits::{EXPOSURES_KEPT_MAX, EXPOSURES_PER_REQUEST_MAX, REPORT_TIME_MAX, SHUTDOWN_TIME_MAX};
use crate::shared::{Counted, Shared};
use crate::stop::Stopping;
use crate::trouble::Trouble;

/// Reports every so often until the client stops, and then once more.
pub(crate) async fn keep_reporting(
    shared: &Shared,
    http: &Http,
    environment: Option<String>,
    every: Duration,
    mut stopping: Stopping,
) {
    let mut reporter = Reporter { environment, kept: Kept::default() };
    let mut wait = every;
    loop {
        tokio::select! {
            () = sleep(wait) => {}
            () = stopping.wait() => {
                let _ = timeout(SHUTDOWN_TIME_MAX, reporter.report(shared, http)).await;
                return;
            }
        }
        // A stop does not break it off: what arrives is not sent twice then.
        let reported = reporter.report(shared, http).await;
        wait = reported.err().and_then(|trouble| trouble.retry_after()).unwrap_or_default().max(every);
    }
}

struct Reporter {
    environment: Option<String>,
    kept: Kept,
}

impl Reporter {
    /// Sends all that is kept, in as many requests as it takes; stops at the first that fails.
    async fn report(&mut self, shared: &Shared, http: &Http) -> Result<(), Trouble> {
        self.kept.add(shared.take_counts());
        loop {
            let some = self.kept.some();
            if some.is_empty() {
                return Ok(());
            }
            let sent = match timeout(REPORT_TIME_MAX, http.report(self.json(&some))).await {
                Ok(sent) => sent,
                Err(_) => Err(Trouble::AnswerTimeout),
            };
            let why = sent.as_ref().err().map(ToString::to_string);
            if let Some(why) = why.as_ref().filter(|_| shared.health.borrow().exposures.is_none()) {
                tracing::warn!("counts of flag decisions could not be reported: {why}");
            }
            shared.set_health(|health| health.exposures = why);
            match sent {
                Ok(()) => {
                    self.kept.remove(&some);
                    shared.reached.notify_waiters();
                }
                Err(trouble) => {
                    if is_refused_for_good(&trouble) {
                        self.kept.remove(&some);
                    }
                    return Err(trouble);
                }
            }
        }
    }

    fn json(&self, counts: &[(Counted, u64)]) -> Vec<u8> {
        let exposure = |(counted, count): &(Counted, u64)| Exposure {
            flag: counted.flag.to_string(),
            enabled: counted.enabled,
            reason: counted.reason.as_str().to_owned(),
            count: *count,
        };
        let exposures = counts.iter().map(exposure).collect();
        let report = Exposures { environment: self.environment.clone(), exposures };
        serde_json::to_vec(&report).expect("text and whole numbers are always JSON")
    }
}

/// Whether the same counts would be refused for ever: the server does not take this request as it is.
const fn is_refused_for_good(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Refused { status: 400 | 413 | 422, .. })
}

/// Counts that no server took yet.
#[derive(Default)]
struct Kept(HashMap<Counted, u64>);

impl Kept {
    /// Adds to what is kept; what is new beyond the bound is dropped.
    fn add(&mut self, counts: Vec<(Counted, u64)>) {
        for (counted, count) in counts {
            if let Some(kept) = self.0.get_mut(&counted) {
                *kept = kept.saturating_add(count);
            } else if self.0.len() < EXPOSURES_KEPT_MAX {
                self.0.insert(counted, count);
            }
        }
    }

    /// As much as one request holds.
    fn some(&self) -> Vec<(Counted, u64)> {
        self.0
            .iter()
            .take(EXPOSURES_PER_REQUEST_MAX)
            .map(|(counted, count)| (counted.clone(), *count))
            .collect()
    }

    /// Forgets what arrived.
    fn remove(&mut self, counts: &[(Counted, u64)]) {
        for (counted, _) in counts {
            self.0.remove(counted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Reason;

    fn counted(flag: usize) -> Counted {
        Counted { flag: format!("flag_{flag}").into(), enabled: true, reason: Reason::Boolean }
    }

    #[test]
    fn counts_add_up_and_are_bounded() {
        let mut kept = Kept::default();
        kept.add((0..EXPOSURES_KEPT_MAX).map(|flag| (counted(flag), 1)).collect());
        kept.add(vec![(counted(0), u64::MAX), (counted(EXPOSURES_KEPT_MAX), 1), (counted(1), 2)]);
        assert_eq!(kept.0.len(), EXPOSURES_KEPT_MAX);
        assert_eq!((kept.0[&counted(0)], kept.0[&counted(1)]), (u64::MAX, 3));
    }

    #[test]
    fn a_request_holds_so_many_and_the_next_holds_the_rest() {
        let mut kept = Kept::default();
        kept.add((0..=EXPOSURES_PER_REQUEST_MAX).map(|flag| (counted(flag), 1)).collect());
        let some = kept.some();
        assert_eq!(some.len(), EXPOSURES_PER_REQUEST_MAX);
        kept.remove(&some);
        assert_eq!(kept.some().len(), 1);
    }
}
