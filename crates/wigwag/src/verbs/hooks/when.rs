//! Times as people type them.

use crate::exit;
use anyhow::{Result, anyhow};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wigwag_base::Timestamp;

/// What the server is told for a time that was typed: how long ago (`12h`) as the time itself, a date or a time as it is.
pub(super) fn time(option: &str, typed: Option<&str>) -> Result<Option<String>> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX));
    typed.map(|typed| at(option, typed, now)).transpose()
}

fn at(option: &str, typed: &str, now: Timestamp) -> Result<String> {
    let told = || format!("{option} is no time: write 2026-01-31, 2026-01-31T22:00:00Z, or 30m, 12h, 7d ago");
    let unit_s = match typed.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ if typed.starts_with(|c: char| c.is_ascii_digit()) => return Ok(typed.to_owned()),
        _ => return Err(anyhow!(exit::Usage(told()))),
    };
    let seconds = typed[..typed.len() - 1].parse::<u64>().ok().and_then(|n| n.checked_mul(unit_s));
    let seconds = seconds.ok_or_else(|| anyhow!(exit::Usage(told())))?;
    Ok((now - Duration::from_secs(seconds)).to_string())
}

#[cfg(test)]
mod tests {
    use super::at;
    use wigwag_base::Timestamp;

    #[test]
    fn how_long_ago_becomes_a_time() {
        let now = Timestamp::from_secs(1_769_900_400);
        let check = |typed: &str, told: &str| assert_eq!(at("--since", typed, now).unwrap(), told, "{typed}");
        check("90s", "2026-01-31T22:58:30.000Z");
        check("30m", "2026-01-31T22:30:00.000Z");
        check("12h", "2026-01-31T11:00:00.000Z");
        check("7d", "2026-01-24T23:00:00.000Z");
        check("2026-01-31", "2026-01-31");
        check("2026-01-31T22:00:00Z", "2026-01-31T22:00:00Z");
        for wrong in ["", "h", "-1h", "1.5h", "soon", "99999999999999999999d", "9999999999999999999d"] {
            let told = at("--since", wrong, now);
            assert!(told.is_err(), "{wrong}: {told:?}");
        }
    }
}
