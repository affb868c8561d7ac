use askama::Template;
use askama::filters::HtmlSafe;
use wigwag_base::Timestamp;
use wigwag_callouts::Phrases;

/// A time as people tell it, with the exact one for who asks.
#[derive(Template, Clone, Debug)]
#[template(source = r#"<time datetime="{{ iso }}" title="{{ exact }}">{{ relative }}</time>"#, ext = "html")]
pub(crate) struct When {
    iso: String,
    exact: String,
    relative: String,
}

impl HtmlSafe for When {}

impl When {
    /// A time gone by (`12 minutes ago`) or ahead (`in 4 minutes`).
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        let phrases = Phrases::ENGLISH;
        Self::told(at, if at > now { phrases.ahead(at, now) } else { phrases.ago(at, now) })
    }

    /// A time with words of its own.
    pub(crate) fn told(at: Timestamp, relative: String) -> Self {
        let iso = at.to_string();
        let exact = iso.split_once('.').map_or(iso.as_str(), |(whole, _)| whole).replace('T', " ");
        Self { exact: format!("{exact} UTC"), iso, relative }
    }

    /// The hour and minute, `14:45`.
    pub(crate) fn clock(at: Timestamp) -> String {
        at.to_string().split_once('T').and_then(|(_, time)| time.get(..5)).unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::When;
    use wigwag_base::Timestamp;

    #[test]
    fn times_are_relative_and_exact() {
        let now = Timestamp::from_secs(1_900_000_000);
        let check = |s: i64, html: &str| {
            assert_eq!(When::new(Timestamp::from_secs(1_900_000_000 + s), now).to_string(), html)
        };
        check(
            -720,
            r#"<time datetime="2030-03-17T17:34:40.000Z" title="2030-03-17 17:34:40 UTC">12 minutes ago</time>"#,
        );
        check(
            240,
            r#"<time datetime="2030-03-17T17:50:40.000Z" title="2030-03-17 17:50:40 UTC">in 4 minutes</time>"#,
        );
        assert_eq!(When::clock(now), "17:46");
    }
}
