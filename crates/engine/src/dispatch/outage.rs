//! Whether it is our own network that is down.
//!
//! ```text
//!   calm -- 20 attempts to 5 hosts within 10 s reached nobody --> ours -- an attempt reaches somebody --> calm
//! ```
//! While it is ours, one request a second goes out to find its end, and nothing counts against a hook.

use crate::limits::{OUTAGE_ATTEMPTS, OUTAGE_FORSAKEN_AFTER, OUTAGE_HOSTS, OUTAGE_TRY_EVERY, OUTAGE_WINDOW};
use std::collections::{HashSet, VecDeque};
use wigwag_base::Timestamp;

/// A receiver's host and port.
pub(super) type HostKey = (String, u16);

/// Whether an attempt came as far as a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// It did, whatever was answered.
    Reached,
    /// The host did not resolve, or nothing could be connected to.
    Unreached,
    /// It was never sent.
    NotTried,
}

/// What the last attempts say of our network.
#[derive(Default)]
pub(super) struct Outage {
    unreached: VecDeque<(Timestamp, HostKey)>,
    state: State,
}

#[derive(Default)]
enum State {
    #[default]
    Calm,
    Ours {
        next_try: Timestamp,
    },
}

/// What an attempt changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// The attempt counts for its hook.
    Counts,
    /// It is our own fault and counts against nobody.
    Ours,
    /// It counts, and an outage is over: everything that waited for its end may go on.
    Over,
}

impl Outage {
    /// Takes note of an attempt.
    pub(super) fn note(&mut self, now: Timestamp, host: impl FnOnce() -> HostKey, reach: Reach) -> Verdict {
        match reach {
            Reach::NotTried => Verdict::Counts,
            Reach::Reached => {
                self.unreached.clear();
                match std::mem::take(&mut self.state) {
                    State::Calm => Verdict::Counts,
                    State::Ours { .. } => Verdict::Over,
                }
            }
            Reach::Unreached => {
                self.note_unreached(now, host());
                match self.state {
                    State::Calm => Verdict::Counts,
                    State::Ours { .. } => Verdict::Ours,
                }
            }
        }
    }

    fn note_unreached(&mut self, now: Timestamp, host: HostKey) {
        self.unreached.push_back((now, host));
        let kept_max = OUTAGE_ATTEMPTS * OUTAGE_HOSTS;
        while self.unreached.len() > kept_max
            || self.unreached.front().is_some_and(|(at, _)| now.since(*at) > OUTAGE_WINDOW)
        {
            self.unreached.pop_front();
        }
        let hosts: HashSet<&HostKey> = self.unreached.iter().map(|(_, host)| host).collect();
        let down = self.unreached.len() >= OUTAGE_ATTEMPTS && hosts.len() >= OUTAGE_HOSTS;
        if down && matches!(self.state, State::Calm) {
            tracing::error!("no receiver can be reached: our own network or name service seems to be down");
            self.state = State::Ours { next_try: now + OUTAGE_TRY_EVERY };
        }
    }

    /// Whether it is ours and, for long, nothing went out that could have found its end.
    pub(super) fn is_forsaken(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Ours { next_try } if now.since(next_try) > OUTAGE_FORSAKEN_AFTER)
    }

    /// Whether a request may go out now, and if not, when the next one may.
    pub(super) fn may_send(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        match &mut self.state {
            State::Ours { next_try } if now < *next_try => Err(*next_try),
            State::Ours { next_try } => {
                *next_try = now + OUTAGE_TRY_EVERY;
                Ok(())
            }
            State::Calm => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OUTAGE_FORSAKEN_AFTER, Outage, Reach, Verdict};
    use std::time::Duration;
    use wigwag_base::Timestamp;

    const START: Timestamp = Timestamp::from_secs(1_000);

    fn host(number: usize) -> (String, u16) {
        (format!("receiver-{number}.example"), 443)
    }

    /// `attempts` that reach nobody, spread over `hosts`, `apart_ms` apart; the last one's verdict.
    fn unreached(attempts: usize, hosts: usize, apart_ms: i64) -> (Outage, Verdict) {
        let mut outage = Outage::default();
        let mut verdict = Verdict::Counts;
        for n in 0..attempts {
            let now = Timestamp::from_millis(START.as_millis() + n as i64 * apart_ms);
            verdict = outage.note(now, || host(n % hosts), Reach::Unreached);
        }
        (outage, verdict)
    }

    #[test]
    fn twenty_attempts_to_five_hosts_in_ten_seconds_are_an_outage_of_ours() {
        assert_eq!(unreached(20, 5, 100).1, Verdict::Ours);
        assert_eq!(unreached(19, 5, 100).1, Verdict::Counts);
        assert_eq!(unreached(50, 4, 100).1, Verdict::Counts);
        assert_eq!(unreached(50, 5, 600).1, Verdict::Counts, "never 20 within 10 s");
    }

    #[test]
    fn one_request_a_second_looks_for_the_end() {
        let (mut outage, _) = unreached(20, 5, 0);
        let next = Timestamp::from_secs(1_001);
        assert_eq!(outage.may_send(START), Err(next));
        assert_eq!(outage.may_send(next), Ok(()));
        assert_eq!(outage.may_send(next), Err(Timestamp::from_secs(1_002)));
        assert_eq!(outage.note(next, || host(1), Reach::NotTried), Verdict::Counts);
        assert_eq!(outage.note(next, || host(1), Reach::Reached), Verdict::Over);
        assert_eq!(outage.may_send(next), Ok(()));
        assert_eq!(outage.note(next, || host(1), Reach::Unreached), Verdict::Counts);
    }

    #[test]
    fn an_outage_whose_end_nobody_looks_for_is_forsaken() {
        let (mut outage, _) = unreached(20, 5, 0);
        let next = Timestamp::from_secs(1_001);
        let last = next + OUTAGE_FORSAKEN_AFTER;
        let after = last + Duration::from_millis(1);
        assert_eq!([last, after].map(|now| outage.is_forsaken(now)), [false, true]);
        assert_eq!(outage.may_send(after), Ok(()));
        assert!(!outage.is_forsaken(after), "somebody tries");
        assert!(!Outage::default().is_forsaken(after), "there is none");
    }
}
