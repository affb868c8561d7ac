//! What of a hook's secrets may stand in what is kept of answers and errors: nothing.
//!
//! All forms in which a secret is commonly repeated are looked for at once, in one pass over the text as it came. What
//! stands in their place is not searched again, and the result is never longer than what may be kept.

mod forms;

use crate::limits::{RESPONSE_BODY_BYTES_MAX, RESPONSE_HEADER_BYTES_MAX};
use crate::{Hook, Response};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use bytes::Bytes;
use std::borrow::Cow;
use std::sync::Arc;

/// Shortest text that is masked: a shorter one stands in too many words that are no secret.
const MASKED_BYTES_MIN: usize = 4;

/// A text that must not be shown, in lower case, and what is shown instead.
#[derive(Clone, PartialEq, Eq)]
struct Form {
    text: Vec<u8>,
    mask: Arc<str>,
}

/// The secrets of one revision of a hook, prepared for being found.
pub struct Masks {
    forms: Vec<Form>,
    /// None where there is nothing to find.
    finder: Option<AhoCorasick>,
}

/// A part of a text that is a secret's, and the form that it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    start: usize,
    end: usize,
    form: usize,
}

impl Masks {
    /// Prepares the secrets of a hook; `host` is the one that requests go to, as it stands in errors.
    pub fn new(hook: &Hook, host: Option<&str>) -> Self {
        let forms = forms::of(hook, host);
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .ascii_case_insensitive(true)
            .build(forms.iter().map(|form| &form.text));
        // It fails for gigabytes of forms, which there cannot be.
        Self { finder: finder.ok().filter(|_| !forms.is_empty()), forms }
    }

    /// One that finds nothing.
    pub const fn none() -> Self {
        Self { forms: Vec::new(), finder: None }
    }

    /// A text of which at most `bytes_max` may be kept, with every secret masked. One of that length was cut there: what it
    /// ends with may be the beginning of a secret, and is masked too.
    pub fn text<'a>(&self, text: &'a str, bytes_max: usize) -> Cow<'a, str> {
        // Where the cut went through a character, a mark stands for it.
        let end = text.trim_end_matches(char::REPLACEMENT_CHARACTER).len();
        match self.masked(text.as_bytes(), end, bytes_max) {
            Some(masked) => {
                let mut masked = String::from_utf8_lossy(&masked).into_owned();
                masked.truncate(masked.floor_char_boundary(bytes_max));
                Cow::Owned(masked)
            }
            None => Cow::Borrowed(text),
        }
    }

    /// An answer as it may be kept.
    pub fn response(&self, response: Response) -> Response {
        let Response { status, headers, body } = response;
        let text = |text: String| match self.text(&text, RESPONSE_HEADER_BYTES_MAX) {
            Cow::Borrowed(_) => text,
            Cow::Owned(masked) => masked,
        };
        let headers = headers.into_iter().map(|(name, value)| (text(name), text(value))).collect();
        let body = match self.masked(&body, body.len(), RESPONSE_BODY_BYTES_MAX) {
            Some(mut masked) => {
                masked.truncate(RESPONSE_BODY_BYTES_MAX);
                Bytes::from(masked)
            }
            None => body,
        };
        Response { status, headers, body }
    }

    /// The bytes with every secret masked; `None` if there is none in them. Nothing is allocated then, unless they were
    /// cut. The cut part ends at `end`.
    fn masked(&self, bytes: &[u8], end: usize, bytes_max: usize) -> Option<Vec<u8>> {
        let finder = self.finder.as_ref()?;
        let cut = if bytes.len() >= bytes_max { self.begun(&bytes[..end]) } else { None };
        if cut.is_none() && !finder.is_match(bytes) {
            return None;
        }
        let mut spans: Vec<Span> = Vec::new();
        let found = finder.find_overlapping_iter(bytes);
        let found =
            found.map(|one| Span { start: one.start(), end: one.end(), form: one.pattern().as_usize() });
        for span in found.chain(cut) {
            join(&mut spans, span);
        }
        let mut masked = Vec::with_capacity(bytes.len().min(bytes_max));
        let mut from = 0;
        for Span { start, end, form } in spans {
            masked.extend_from_slice(&bytes[from..start]);
            masked.extend_from_slice(self.forms[form].mask.as_bytes());
            from = end;
            if masked.len() >= bytes_max {
                return Some(masked);
            }
        }
        masked.extend_from_slice(&bytes[from..]);
        Some(masked)
    }

    /// The longest end of these bytes that a secret begins with.
    fn begun(&self, bytes: &[u8]) -> Option<Span> {
        let overlaps = self.forms.iter().enumerate().map(|(form, Form { text, .. })| {
            let length = overlap(text, bytes);
            Span { start: bytes.len() - length, end: bytes.len(), form }
        });
        overlaps.min_by_key(|span| span.start).filter(|span| span.end - span.start >= MASKED_BYTES_MIN)
    }
}

/// Adds a span that ends behind all others. Those that it overlaps become one with it, under the name of the longest.
fn join(spans: &mut Vec<Span>, mut span: Span) {
    let mut longest = span.end - span.start;
    while let Some(last) = spans.pop_if(|last| last.end > span.start) {
        if last.end - last.start > longest {
            longest = last.end - last.start;
            span.form = last.form;
        }
        span.start = span.start.min(last.start);
        span.end = span.end.max(last.end);
    }
    spans.push(span);
}

/// How long the longest end of `bytes` is that a text in lower case begins with, short of all of it (Knuth, Morris and
/// Pratt).
fn overlap(text: &[u8], bytes: &[u8]) -> usize {
    let step = |back: &[usize], mut length: usize, byte: u8| {
        while length > 0 && text[length] != byte {
            length = back[length - 1];
        }
        if text[length] == byte { length + 1 } else { 0 }
    };
    let mut back = Vec::with_capacity(text.len());
    back.push(0);
    for at in 1..text.len() {
        let length = step(&back, back[at - 1], text[at]);
        back.push(length);
    }
    let tail = &bytes[bytes.len().saturating_sub(text.len() - 1)..];
    tail.iter().fold(0, |length, byte| step(&back, length, byte.to_ascii_lowercase()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
