use std::time::Duration;
use wigwag_base::Timestamp;

/// Counts requests, of a hook or of a namespace, in windows of one minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RateWindow {
    began: Timestamp,
    sent: u32,
}

const WINDOW: Duration = Duration::from_secs(60);

impl Default for RateWindow {
    fn default() -> Self {
        Self { began: Timestamp::from_millis(0), sent: 0 }
    }
}

impl RateWindow {
    /// `None` if another request may go out now, else when one may.
    pub(super) fn wait_until(&self, limit: Option<u32>, now: Timestamp) -> Option<Timestamp> {
        let limit = limit?;
        let ends = self.began + WINDOW;
        (now < ends && self.sent >= limit).then_some(ends)
    }

    /// Whether nothing of it counts any more.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.began + WINDOW
    }

    /// A request goes out.
    pub(super) fn sent(&mut self, now: Timestamp) {
        if self.is_over(now) {
            *self = Self { began: now, sent: 0 };
        }
        self.sent = self.sent.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::RateWindow;
    use wigwag_base::Timestamp;

    #[test]
    fn lets_the_limit_through_in_each_minute() {
        let (mut window, start) = (RateWindow::default(), Timestamp::from_secs(1_000));
        for _ in 0..2 {
            assert_eq!(window.wait_until(Some(2), start), None);
            window.sent(start);
        }
        let next = Timestamp::from_secs(1_060);
        assert_eq!(window.wait_until(Some(2), start), Some(next));
        assert_eq!(window.wait_until(None, start), None);
        assert_eq!(window.wait_until(Some(2), next), None);
    }
}
