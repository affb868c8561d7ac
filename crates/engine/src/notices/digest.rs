//! What a message says: the worst first, so many by name, and of the others how many there are. Pure text.

use super::gather::Entry;
use crate::limits::{
    NOTICE_CHAT_NAMED_MAX, NOTICE_ERROR_CHARACTERS_MAX, NOTICE_MAIL_NAMED_MAX, NOTICE_NAME_CHARACTERS_MAX,
};
use std::cmp::Reverse;
use std::fmt::Write;
use wigwag_base::Timestamp;
use wigwag_hooks::health::TransitionKind;

/// A message in its forms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct MailText {
    /// One line.
    pub(super) subject: String,
    /// Lines.
    pub(super) text: String,
    /// The same as HTML.
    pub(super) html: String,
}

/// The worst first: disabled, then paused, then what works again; more failures before fewer, older before newer.
pub(super) fn sort(entries: &mut [Entry]) {
    entries.sort_by_key(|entry| {
        let rank = match entry.newest.kind {
            TransitionKind::Disabled => 0,
            TransitionKind::Paused | TransitionKind::HalfOpen => 1,
            TransitionKind::Unhealthy => 2,
            TransitionKind::Recovered => 3,
        };
        (rank, Reverse(entry.newest.failures), entry.newest.at, entry.transitions.first().copied())
    });
}

/// A mail about these hooks, sorted; `unsubscribe` ends such mail, `settings` is where one chooses.
pub(super) fn mail(entries: &[Entry], unsubscribe: &str, settings: &str) -> MailText {
    let headline = headline(entries);
    let mut text = format!("{headline}.\n");
    let mut html = format!("<p>{}.</p>\n<ul>\n", escaped(&headline));
    for entry in entries.iter().take(NOTICE_MAIL_NAMED_MAX) {
        let said = said(entry);
        let _ = write!(text, "\n* {said}\n  {}\n", entry.url);
        let _ = writeln!(
            html,
            "<li>{}<br><a href=\"{url}\">{url}</a></li>",
            escaped(&said),
            url = escaped(&entry.url)
        );
    }
    html.push_str("</ul>\n");
    if let Some(more) = more(entries, NOTICE_MAIL_NAMED_MAX) {
        let _ = write!(text, "\n{more}\n");
        let _ = writeln!(html, "<p>{}</p>", escaped(&more));
    }
    let why = "You get this because you may mend these webhooks.";
    let _ = write!(text, "\n-- \n{why}\nNo more such mail: {unsubscribe}\nChoose: {settings}\n");
    let _ = writeln!(
        html,
        "<p><small>{why} <a href=\"{}\">No more such mail</a> · <a href=\"{}\">Choose</a></small></p>",
        escaped(unsubscribe),
        escaped(settings)
    );
    MailText { subject: format!("[Wigwag] {headline}"), text, html }
}

/// A chat message about these hooks, sorted, in the form that Slack's and Mattermost's incoming web-hooks take.
pub(super) fn chat(entries: &[Entry]) -> String {
    let mut text = format!("{}.", chat_escaped(&headline(entries)));
    for entry in entries.iter().take(NOTICE_CHAT_NAMED_MAX) {
        let _ = write!(text, "\n• {} {}", chat_escaped(&said(entry)), entry.url);
    }
    if let Some(more) = more(entries, NOTICE_CHAT_NAMED_MAX) {
        let _ = write!(text, "\n{}", chat_escaped(&more));
    }
    text
}

/// All of it in a line.
fn headline(entries: &[Entry]) -> String {
    if let [only] = entries {
        let place = if only.place.is_empty() {
            "the system".to_owned()
        } else {
            tame(&only.place, NOTICE_NAME_CHARACTERS_MAX)
        };
        return format!("Webhook \"{}\" of {place} {}", title(only), verb(only));
    }
    let well = entries.iter().filter(|entry| entry.is_well()).count();
    match (entries.len() - well, well) {
        (failing, 0) => format!("{failing} webhooks fail"),
        (0, well) => format!("{well} webhooks work again"),
        (1, well) => {
            format!("1 webhook fails, {well} {}", if well == 1 { "works again" } else { "work again" })
        }
        (failing, well) => {
            format!(
                "{failing} webhooks fail, {well} {}",
                if well == 1 { "works again" } else { "work again" }
            )
        }
    }
}

const fn verb_of(kind: TransitionKind) -> &'static str {
    match kind {
        TransitionKind::Unhealthy => "fails",
        TransitionKind::Paused | TransitionKind::HalfOpen => "is paused",
        TransitionKind::Disabled => "is disabled",
        TransitionKind::Recovered => "works again",
    }
}

fn verb(entry: &Entry) -> &'static str {
    verb_of(entry.newest.kind)
}

/// One hook in a sentence or two.
fn said(entry: &Entry) -> String {
    let place = if entry.place.is_empty() {
        String::new()
    } else {
        format!(" of {}", tame(&entry.place, NOTICE_NAME_CHARACTERS_MAX))
    };
    let mut said = format!("\"{}\"{place} {} since {}", title(entry), verb(entry), time(entry.newest.at));
    let failures = entry.newest.failures;
    if failures > 0 {
        let in_a_row = if failures == 1 { "failure".to_owned() } else { "failures in a row".to_owned() };
        let _ = write!(said, ", after {failures} {in_a_row}");
    }
    if let Some(at) = entry.failed_at {
        let _ = write!(said, " (it failed at {})", time(at));
    }
    if let Some(error) = entry.newest.error.as_deref().filter(|error| !error.is_empty()) {
        let before = if entry.is_well() { ". Its last error was" } else { "" };
        let _ = write!(said, "{before}: {}", tame(error, NOTICE_ERROR_CHARACTERS_MAX).trim_end_matches('.'));
    }
    said.push('.');
    match (entry.newest.kind, entry.next_try_at) {
        (TransitionKind::Disabled, _) => {
            said.push_str(" Mend its receiver, then test it or enable it again.")
        }
        (_, Some(at)) => {
            let _ = write!(said, " It is tried again at {}.", time(at));
        }
        _ => {}
    }
    said
}

fn more(entries: &[Entry], named: usize) -> Option<String> {
    let rest = entries.get(named..).filter(|rest| !rest.is_empty())?;
    let well = rest.iter().filter(|entry| entry.is_well()).count();
    Some(match (rest.len() - well, well) {
        (failing, 0) => format!("And {failing} more that fail."),
        (0, well) => format!("And {well} more that work again."),
        (failing, well) => format!("And {failing} more that fail, {well} more that work again."),
    })
}

fn title(entry: &Entry) -> String {
    tame(&entry.title, NOTICE_NAME_CHARACTERS_MAX)
}

/// To the minute, in UTC: people read it.
fn time(at: Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('T') {
        Some((day, time)) => format!("{day} {} UTC", time.get(..5).unwrap_or(time)),
        None => text,
    }
}

/// Text that somebody else wrote: one line, no longer than this, nothing that turns letters around.
pub(super) fn tame(text: &str, characters_max: usize) -> String {
    let is_odd = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut tame: String = text
        .chars()
        .map(|letter| if is_odd(letter) { ' ' } else { letter })
        .take(characters_max + 1)
        .collect();
    if tame.chars().count() > characters_max {
        tame = tame.chars().take(characters_max - 1).chain(['…']).collect();
    }
    tame.trim().to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Nothing in it is a link, a mention or a mark.
fn chat_escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // A word that calls everybody in a channel, a link with another text, code and the like: parted by a letter without width.
    ['@', '[', '`', '*', '_', '~']
        .into_iter()
        .fold(text, |text, mark| text.replace(mark, &format!("{mark}\u{200b}")))
}

#[cfg(test)]
mod tests;
