//! One YAML file as a definition may be written: one mapping of texts and lists of texts, each with its place.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use crate::text::quoted;

/// What a file holds, in the order written; a field that is there twice is twice in it.
pub(crate) struct Document {
    pub(crate) entries: Vec<Entry>,
}

/// One field with its value.
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) line: usize,
    pub(crate) value: Value,
}

/// What stands behind a field.
pub(crate) enum Value {
    Scalar(Scalar),
    List(Vec<Scalar>),
    /// Something that no field takes; the word for it.
    Other(&'static str),
}

/// A text or what looks like a number, not yet judged.
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) written: Written,
    pub(crate) line: usize,
    /// Where it stands in the file, in bytes, quotes included.
    pub(crate) bytes: Range<usize>,
}

/// How a scalar was written: only a plain one can be meant as a number or a truth value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Plain,
    Quoted,
}

/// Why a file is no document; nothing of it is taken then.
#[derive(Debug)]
pub(crate) struct NoDocument {
    pub(crate) line: usize,
    pub(crate) rule: String,
}

/// Reads one file.
pub(crate) fn read(text: &str) -> Result<Document, NoDocument> {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        Reader { parser: Parser::new_from_str(bare), place: Place::new(text, text.len() - bare.len()) };
    reader.expect_start()?;
    let entries = reader.entries()?;
    reader.expect_end()?;
    Ok(Document { entries })
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    place: Place<'t>,
}

impl<'t> Reader<'t> {
    /// The next event. Anchors, aliases and tags end the reading: nothing here expands anything.
    fn next(&mut self) -> Result<(Event<'t>, Span), NoDocument> {
        let read = self.parser.next_event().unwrap_or_else(|| Ok((Event::StreamEnd, Span::default())));
        let (event, span) = read.map_err(|error| {
            let rule = format!("is not complete, correct YAML: {}", error.info());
            NoDocument { line: error.marker().line(), rule }
        })?;
        let (anchor, tagged) = match &event {
            Event::Alias(id) => (*id, false),
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag.is_some()),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => (*anchor, tag.is_some()),
            _ => (0, false),
        };
        if anchor != 0 {
            return Err(at(span, "uses an anchor or an alias (& or *); write the text out"));
        }
        if tagged {
            return Err(at(span, "uses a tag (!); write a plain text in quotes instead"));
        }
        Ok((event, span))
    }

    fn expect_start(&mut self) -> Result<(), NoDocument> {
        let only_fields = "is not a list of fields such as `name: my_flag`";
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                (Event::MappingStart(..), _) => return Ok(()),
                (Event::StreamEnd, span) => return Err(at(span, "is empty")),
                (Event::Scalar(text, ..), span) if text.is_empty() => return Err(at(span, "is empty")),
                (_, span) => return Err(at(span, only_fields)),
            }
        }
    }

    fn entries(&mut self) -> Result<Vec<Entry>, NoDocument> {
        let mut entries = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (Event::Scalar(key, ..), span) => (key.into_owned(), span.start.line()),
                (_, span) => {
                    return Err(at(span, "has a list or a group of fields where a field's name belongs"));
                }
            };
            let value = self.value()?;
            entries.push(Entry { key, line, value });
        }
    }

    fn value(&mut self) -> Result<Value, NoDocument> {
        match self.next()? {
            (Event::Scalar(text, style, ..), span) => {
                Ok(Value::Scalar(self.scalar(text.into_owned(), style, span)))
            }
            (Event::SequenceStart(..), _) => self.list(),
            (Event::MappingStart(..), _) => {
                self.skip_to_end()?;
                Ok(Value::Other("a group of fields"))
            }
            (_, span) => Err(at(span, "ends in the middle of a field")),
        }
    }

    fn list(&mut self) -> Result<Value, NoDocument> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (Event::Scalar(text, style, ..), span) => {
                    items.push(self.scalar(text.into_owned(), style, span));
                }
                _ => {
                    self.skip_to_end()?;
                    self.skip_to_end()?;
                    return Ok(Value::Other("a list of lists or of groups"));
                }
            }
        }
    }

    /// Reads over what is left of the innermost list or group that is open.
    fn skip_to_end(&mut self) -> Result<(), NoDocument> {
        let mut open = 1_usize;
        while open > 0 {
            match self.next()? {
                (Event::SequenceStart(..) | Event::MappingStart(..), _) => open += 1,
                (Event::SequenceEnd | Event::MappingEnd, _) => open -= 1,
                (Event::StreamEnd, span) => return Err(at(span, "ends in the middle of a field")),
                _ => {}
            }
        }
        Ok(())
    }

    fn expect_end(&mut self) -> Result<(), NoDocument> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (_, span) => {
                    return Err(at(span, "holds several documents (---); one file defines one flag"));
                }
            }
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Span) -> Scalar {
        let written = if style == ScalarStyle::Plain { Written::Plain } else { Written::Quoted };
        let start = self.place.byte(span.start.index());
        let bytes = start..self.place.byte(span.end.index());
        Scalar { text, written, line: span.start.line(), bytes }
    }
}

fn at(span: Span, rule: &str) -> NoDocument {
    NoDocument { line: span.start.line().max(1), rule: rule.into() }
}

/// Turns the parser's places, counted in characters, into bytes; asked in rising order it reads the text once.
struct Place<'t> {
    text: &'t str,
    chars: usize,
    bytes: usize,
}

impl<'t> Place<'t> {
    fn new(text: &'t str, bytes: usize) -> Self {
        Self { text, chars: 0, bytes }
    }

    fn byte(&mut self, chars: usize) -> usize {
        let ahead = chars.saturating_sub(self.chars);
        let rest = &self.text[self.bytes..];
        self.bytes += rest.char_indices().nth(ahead).map_or(rest.len(), |(at, _)| at);
        self.chars += ahead;
        self.bytes
    }
}

impl Value {
    /// What it is, for a finding.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Scalar(scalar) => quoted(&scalar.text),
            Self::List(_) => "a list".into(),
            Self::Other(what) => (*what).into(),
        }
    }
}

impl Scalar {
    /// What a plain scalar is besides text, for the readers of YAML (1.1 of Ruby included) that look at it.
    pub(crate) fn other_than_text(&self) -> Option<&'static str> {
        if self.written == Written::Quoted {
            return None;
        }
        let lower = self.text.to_ascii_lowercase();
        match lower.as_str() {
            "" | "~" | "null" => Some("nothing"),
            "true" | "false" | "yes" | "no" | "on" | "off" => Some("a truth value"),
            number if is_number(number) => Some("a number"),
            _ => None,
        }
    }

    /// Whether it stands for nothing: an empty field.
    pub(crate) fn is_nothing(&self) -> bool {
        self.other_than_text() == Some("nothing")
    }
}

fn is_number(lower: &str) -> bool {
    let unsigned = lower.trim_start_matches(['+', '-']);
    let begins = unsigned.strip_prefix('.').unwrap_or(unsigned);
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    let based = |prefix: &str, radix| {
        let digits = unsigned.strip_prefix(prefix).unwrap_or_default().replace('_', "");
        !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))
    };
    begins.starts_with(|c: char| c.is_ascii_digit())
        && (unsigned.replace('_', "").parse::<f64>().is_ok()
            || based("0x", 16)
            || based("0o", 8)
            || based("0b", 2))
}

#[cfg(test)]
mod tests {
    use super::{Value, Written, read};

    #[test]
    fn texts_keep_their_letters_and_their_places() {
        let text = "---\nname: größe # ü\n\"b\": '15.10'\nlist: [a, \"b\"]\n";
        let document = read(text).map_err(|e| e.rule).unwrap();
        let shown: Vec<_> = document
            .entries
            .iter()
            .flat_map(|entry| match &entry.value {
                Value::Scalar(scalar) => vec![(entry.key.as_str(), entry.line, scalar)],
                Value::List(items) => {
                    items.iter().map(|item| (entry.key.as_str(), entry.line, item)).collect()
                }
                Value::Other(_) => vec![],
            })
            .map(|(key, line, scalar)| {
                let plain = scalar.written == Written::Plain;
                (key, line, scalar.text.as_str(), plain, &text[scalar.bytes.clone()])
            })
            .collect();
        let is = [
            ("name", 2, "größe", true, "größe"),
            ("b", 3, "15.10", false, "'15.10'"),
            ("list", 4, "a", true, "a"),
            ("list", 4, "b", false, "\"b\""),
        ];
        assert_eq!(shown, is);
    }

    #[test]
    fn plain_words_that_are_no_text_are_known() {
        let check = |written: &str, is: Option<&str>| {
            let document = read(&format!("a: {written}\n")).map_err(|e| e.rule).unwrap();
            let Value::Scalar(scalar) = &document.entries[0].value else { panic!("{written}") };
            assert_eq!(scalar.other_than_text(), is, "{written:?}");
        };
        for number in ["15.10", "-1", "1e3", "0x1F", "0o17", "1_000", ".5", ".inf", "+.nan"] {
            check(number, Some("a number"));
            check(&format!("'{number}'"), None);
        }
        for switch in ["true", "False", "yes", "OFF"] {
            check(switch, Some("a truth value"));
        }
        for nothing in ["", "~", "null", "Null"] {
            check(nothing, Some("nothing"));
        }
        for text in ["group::a", "infinity", "7z", "15.10.1", "x", "--", "1.2.3", "0xg", "v1"] {
            check(text, None);
        }
    }
}
