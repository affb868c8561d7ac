use wigwag_base::Timestamp;

/// Every word that a banner says, in one language. In the texts, `{hook}`, `{error}`, `{ago}`, `{next}`, `{n}` and so on
/// stand for what is filled in, once: what is filled in is never searched again.
#[derive(Clone, Copy, Debug)]
pub struct Phrases {
    /// Which of a counted phrase's forms goes with a number.
    pub form: fn(u64) -> usize,
    /// What parts the thousands of a number.
    pub thousands: &'static str,
    /// `{n}` seconds, in each form.
    pub seconds: &'static [&'static str],
    /// `{n}` minutes, in each form.
    pub minutes: &'static [&'static str],
    /// `{n}` hours, in each form.
    pub hours: &'static [&'static str],
    /// `{n}` days, in each form.
    pub days: &'static [&'static str],
    /// A few seconds ago.
    pub just_now: &'static str,
    /// `{time}` ago.
    pub ago: &'static str,
    /// In a few seconds, or overdue.
    pub any_moment: &'static str,
    /// In `{time}`.
    pub ahead: &'static str,
    /// A hook without a title, `{id}`.
    pub untitled: &'static str,
    /// The last error `{error}` behind the state; left out where there is none.
    pub because: &'static str,
    /// Title of one paused hook.
    pub paused_title: &'static str,
    /// `{hook}` was paused `{ago}``{because}`.
    pub paused: &'static str,
    /// It is tried again `{next}``{waiting}`.
    pub paused_next: &'static str,
    /// Title of one half-open hook.
    pub half_open_title: &'static str,
    /// `{hook}` was paused `{ago}``{because}`, and the pause is over.
    pub half_open: &'static str,
    /// The next event is the test`{waiting}`.
    pub half_open_next: &'static str,
    /// Title of one disabled hook.
    pub disabled_title: &'static str,
    /// `{hook}` was disabled `{ago}``{because}`.
    pub disabled: &'static str,
    /// What to do`{waiting}`.
    pub disabled_next: &'static str,
    /// `{n}` events wait, in each form; left out where none does.
    pub waiting: &'static [&'static str],
    /// Title of `{n}` failing hooks, in each form.
    pub several_title: &'static [&'static str],
    /// `{n}` others fail too, in each form.
    pub others: &'static [&'static str],
}

impl Phrases {
    /// English.
    pub const ENGLISH: Phrases = Phrases {
        form: |n| usize::from(n != 1),
        thousands: ",",
        seconds: &["{n} second", "{n} seconds"],
        minutes: &["{n} minute", "{n} minutes"],
        hours: &["{n} hour", "{n} hours"],
        days: &["{n} day", "{n} days"],
        just_now: "just now",
        ago: "{time} ago",
        any_moment: "any moment now",
        ahead: "in {time}",
        untitled: "Webhook {id}",
        because: ": {error}",
        paused_title: "Webhook paused",
        paused: "“{hook}” was paused {ago}{because}.",
        paused_next: "It will be tried again {next}{waiting}.",
        half_open_title: "Webhook on trial",
        half_open: "“{hook}” was paused {ago}{because}; the pause is over.",
        half_open_next: "The next event is the test{waiting}.",
        disabled_title: "Webhook disabled",
        disabled: "“{hook}” was disabled {ago}{because}.",
        disabled_next: "Mend its receiver, then test it or enable it again{waiting}.",
        waiting: &["; {n} event waits", "; {n} events wait"],
        several_title: &["{n} webhook is failing", "{n} webhooks are failing"],
        others: &["{n} other webhook is failing too.", "{n} other webhooks are failing too."],
    };

    /// How long ago a time was, rounded down: `12 minutes ago`. A time ahead is `just now`.
    pub fn ago(&self, then: Timestamp, now: Timestamp) -> String {
        let s = now.since(then).as_secs();
        if s < FEW_S { self.just_now.to_owned() } else { fill(self.ago, &[("time", &self.span(s))]) }
    }

    /// In how long a time will be, rounded up: `in 4 minutes`. A time gone by is `any moment now`.
    pub fn ahead(&self, then: Timestamp, now: Timestamp) -> String {
        let s = u64::try_from(then.since(now).as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
        if s < FEW_S {
            return self.any_moment.to_owned();
        }
        let unit_s = unit_s(s);
        fill(self.ahead, &[("time", &self.span(s.div_ceil(unit_s).saturating_mul(unit_s)))])
    }

    /// A number with its thousands parted: `1,204`.
    pub fn number(&self, n: u64) -> String {
        let digits = n.to_string();
        let mut parted = String::with_capacity(digits.len() * 2);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                parted.push_str(self.thousands);
            }
            parted.push(digit);
        }
        parted
    }

    /// A counted phrase in the form that goes with `n`; the last one if the language has fewer.
    pub(crate) fn counted(&self, forms: &[&'static str], n: u64) -> String {
        let form = forms.get((self.form)(n)).or(forms.last()).copied().unwrap_or_default();
        fill(form, &[("n", &self.number(n))])
    }

    fn span(&self, s: u64) -> String {
        let unit_s = unit_s(s);
        let forms = match unit_s {
            1 => self.seconds,
            MINUTE_S => self.minutes,
            HOUR_S => self.hours,
            _ => self.days,
        };
        self.counted(forms, s / unit_s)
    }
}

/// Less is not worth a number.
const FEW_S: u64 = 10;
const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
const DAY_S: u64 = 24 * HOUR_S;

/// The unit in which a span is told: hours up to two days, since "1 day" hides too much.
const fn unit_s(s: u64) -> u64 {
    match s {
        ..MINUTE_S => 1,
        MINUTE_S..HOUR_S => MINUTE_S,
        HOUR_S..172_800 => HOUR_S,
        172_800.. => DAY_S,
    }
}

/// Fills in the `{names}` in one pass, so that braces in what is filled in stay what they are.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            filled.push('{');
            rest = behind;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::{Phrases, fill};
    use wigwag_base::Timestamp;

    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn times_gone_by_are_told_in_words() {
        let now = Timestamp::from_secs(1_000_000_000);
        let check = |s: i64, text: &str| {
            assert_eq!(Phrases::ENGLISH.ago(Timestamp::from_secs(1_000_000_000 - s), now), text, "{s} s");
        };
        check(-5, "just now");
        check(0, "just now");
        check(9, "just now");
        check(10, "10 seconds ago");
        check(59, "59 seconds ago");
        check(60, "1 minute ago");
        check(12 * MINUTE + 59, "12 minutes ago");
        check(HOUR - 1, "59 minutes ago");
        check(HOUR, "1 hour ago");
        check(2 * DAY - 1, "47 hours ago");
        check(2 * DAY, "2 days ago");
        check(1000 * DAY, "1,000 days ago");
    }

    #[test]
    fn times_ahead_are_rounded_up() {
        let now = Timestamp::from_secs(0);
        let check = |ms: i64, text: &str| {
            assert_eq!(Phrases::ENGLISH.ahead(Timestamp::from_millis(ms), now), text, "{ms} ms");
        };
        check(-5_000, "any moment now");
        check(0, "any moment now");
        check(9_000, "any moment now");
        check(9_001, "in 10 seconds");
        check(59_000, "in 59 seconds");
        check(59_001, "in 1 minute");
        check(61_000, "in 2 minutes");
        check(59 * 60_000 + 1, "in 1 hour");
        check(HOUR * 1000 + 1, "in 2 hours");
        check(DAY * 1000, "in 24 hours");
        check(47 * HOUR * 1000 + 1, "in 2 days");
        check(i64::MAX, "in 106,751,991,168 days");
    }

    #[test]
    fn numbers_part_their_thousands() {
        let check = |n, text: &str| assert_eq!(Phrases::ENGLISH.number(n), text);
        check(0, "0");
        check(999, "999");
        check(1_204, "1,204");
        check(12_345_678, "12,345,678");
        check(u64::MAX, "18,446,744,073,709,551,615");
    }

    #[test]
    fn what_is_filled_in_is_not_searched_again() {
        let check =
            |template: &str, text: &str| assert_eq!(fill(template, &[("a", "{b}"), ("b", "x")]), text);
        check("{a} {b}", "{b} x");
        check("{c} {a", "{c} {a");
        check("}{", "}{");
        check("", "");
    }
}
