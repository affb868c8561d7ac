use wigwag_base::Timestamp;

/// A time as clients write one: `2026-01-31T12:00:00Z`, with an offset, or seconds since 1970.
fn time(text: &str) -> Option<Timestamp> {
    if let Ok(s) = text.parse::<i64>() {
        return Some(Timestamp::from_secs(s));
    }
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// A day (its beginning in UTC) or a time.
pub(crate) fn day_or_time(text: &str) -> Option<Timestamp> {
    match text.parse::<jiff::civil::Date>() {
        Ok(day) if text.len() == "2026-01-31".len() => {
            let start = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
        }
        _ => time(text),
    }
}

#[cfg(test)]
mod tests {
    use super::day_or_time;

    #[test]
    fn days_and_times_are_read() {
        let check = |text: &str, read: Option<&str>| {
            assert_eq!(day_or_time(text).map(|at| at.to_string()).as_deref(), read, "{text}");
        };
        check("2026-01-31", Some("2026-01-31T00:00:00.000Z"));
        check("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00.000Z"));
        check("2026-01-31T12:00:00.5+02:00", Some("2026-01-31T10:00:00.500Z"));
        check("1", Some("1970-01-01T00:00:01.000Z"));
        for wrong in ["", "tomorrow", "2026-02-30", "2026-13-01", "2026-01-31T25:00:00Z", "31.01.2026"] {
            check(wrong, None);
        }
    }
}
