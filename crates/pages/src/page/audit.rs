//! Who changed what, from where, before and after; and whether the log is still the chain that it was written as.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::limits::CHANGES_PER_PAGE;
use crate::page::flags::{ChangeRow, change_row};
use crate::shell::{Nav, Shell};
use crate::view::Pager;
use crate::words::{count, number};
use askama::Template;
use std::fmt::Write as _;
use std::time::Duration;
use wigwag_engine::EngineError;
use wigwag_ports::flags::{AuditCheck, AuditFilter};

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    headline: String,
    verdict: Option<Verdict>,
    rows: Vec<ChangeRow>,
    pager: Pager,
    flag: String,
    author: String,
    /// Value, words, whether it is chosen.
    spans: Vec<(&'static str, &'static str, bool)>,
    is_filtered: bool,
    kept: String,
}

/// What became of verifying.
struct Verdict {
    is_intact: bool,
    text: String,
    head: String,
}

const SPANS: [(&str, &str, u64); 5] = [
    ("", "all times", 0),
    ("1h", "the last hour", 3_600),
    ("1d", "the last day", 86_400),
    ("7d", "the last week", 604_800),
    ("30d", "the last 30 days", 2_592_000),
];

pub(crate) async fn show(ask: &Ask) -> Outcome {
    let sent = |name: &str| ask.query.filled(name).unwrap_or_default().to_owned();
    let (flag, author) = (sent("flag"), sent("author"));
    let asked = ask.query.get("since").unwrap_or_default();
    let (span, span_words, span_s) =
        SPANS.into_iter().find(|(value, _, _)| *value == asked).unwrap_or(SPANS[0]);
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let filter = AuditFilter {
        since: (span_s > 0).then(|| ask.now - Duration::from_secs(span_s)),
        flag: filled(&flag),
        author: filled(&author),
    };
    let listing = ask.engine.audit(&ask.principal, filter, ask.query.page(CHANGES_PER_PAGE)).await?;
    let fields = [("flag", flag.as_str()), ("author", author.as_str()), ("since", span)];
    let pager = Pager::new(&listing, "Pages of changes", "/-/audit", &fields, "");
    let changes = count(listing.total, "change", "changes");
    let view = AuditPage {
        shell: Shell::of(ask, Nav::Audit),
        headline: if span.is_empty() { changes } else { format!("{changes} in {span_words}") },
        verdict: match ask.query.get("verify") {
            Some(_) => Some(verdict(ask).await?),
            None => None,
        },
        pager,
        rows: listing.rows.into_iter().map(|row| change_row(ask, row)).collect(),
        kept: sent("kept"),
        is_filtered: !(flag.is_empty() && author.is_empty() && span.is_empty()),
        flag,
        author,
        spans: SPANS.map(|(value, words, _)| (value, words, value == span)).to_vec(),
    };
    Ok(page(&view))
}

async fn verdict(ask: &Ask) -> Result<Verdict, EngineError> {
    let sent = ask.query.filled("kept");
    let kept = sent.and_then(hash);
    let AuditCheck { rows, head, broken_at, kept_at } = ask.engine.verify_audit(&ask.principal, kept).await?;
    let chain = match broken_at {
        None => format!("Every one of {} follows from the one before it.", count(rows, "row", "rows")),
        Some(id) => format!(
            "Row {id} does not follow from the one before it: it, or a row before it, was changed or taken out. The {} \
             before it are good.",
            number(rows)
        ),
    };
    let (holds, told) = match (sent, kept, kept_at) {
        (None, _, _) => (true, String::new()),
        (Some(_), None, _) => (false, " What you kept is no hash: it has 64 digits from 0 to f.".to_owned()),
        (Some(_), Some(_), Some(id)) => (true, format!(" The row that you kept the hash of is there: {id}.")),
        (Some(_), Some(_), None) => (
            false,
            " The row that you kept the hash of is not there any more: the log was cut off.".to_owned(),
        ),
    };
    let text = format!("{chain}{told}");
    Ok(Verdict { is_intact: broken_at.is_none() && holds, text, head: hex(&head) })
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::{hash, hex};

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let mut some = [7; 32];
        some[0] = 0xfe;
        assert_eq!(hash(&hex(&some)), Some(some));
        assert_eq!(hash(&hex(&some).to_uppercase()), Some(some));
        for text in ["", "fe", &"g".repeat(64), &"é".repeat(32), &"0".repeat(65)] {
            assert_eq!(hash(text), None, "{text}");
        }
    }
}
