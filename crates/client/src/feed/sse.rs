//! Server-sent events from bytes that come in any pieces, as the HTML standard parses them, but with bounds and without
//! mercy: what is not UTF-8 or too large ends the stream.

use crate::limits::FIELD_BYTES_MAX;

/// One event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    /// Its type; `message` if it bears none.
    pub(crate) name: String,
    /// The last id that the stream gave, up to this event.
    pub(crate) id: Option<String>,
    /// Its data lines, joined by line feeds.
    pub(crate) data: String,
}

/// What a blank line or a comment brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    Event(Event),
    /// A comment, or a block without data: a sign of life.
    Alive,
}

/// Why the bytes are no event stream of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum SseError {
    #[error("an event is larger than {bytes_max} bytes")]
    EventTooLarge { bytes_max: usize },
    #[error("a line without data is longer than {FIELD_BYTES_MAX} bytes")]
    LineTooLong,
    #[error("a line is not UTF-8")]
    NotText,
}

/// Begins with the first byte of a stream; after an error it is of no more use.
pub(crate) struct Parser {
    bytes_max: usize,
    /// The line under way.
    line: Vec<u8>,
    /// The last byte ended a line by itself; a line feed after it belongs to it.
    after_return: bool,
    /// The first line may bear a byte order mark.
    past_first_line: bool,
    name: String,
    id: Option<String>,
    data: Option<Vec<u8>>,
}

impl Parser {
    /// Of a stream whose events, names and all, have up to `bytes_max` bytes.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            line: Vec::new(),
            after_return: false,
            past_first_line: false,
            name: String::new(),
            id: None,
            data: None,
        }
    }

    /// Takes the next bytes and gives `items` what they complete.
    ///
    /// # Errors
    /// [`SseError`], as soon as a bound is passed; nothing more is kept than it allows.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], items: &mut Vec<Item>) -> Result<(), SseError> {
        while let Some(first) = bytes.first() {
            if std::mem::take(&mut self.after_return) && *first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = memchr::memchr2(b'\n', b'\r', bytes);
            self.lengthen(&bytes[..end.unwrap_or(bytes.len())])?;
            let Some(end) = end else { return Ok(()) };
            self.after_return = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            items.extend(self.end_line()?);
        }
        Ok(())
    }

    fn lengthen(&mut self, bytes: &[u8]) -> Result<(), SseError> {
        self.line.extend_from_slice(bytes);
        let room = self.bytes_max.saturating_sub(self.data.as_ref().map_or(0, Vec::len));
        let (max, error) = match self.line.starts_with(b"data") || room <= FIELD_BYTES_MAX {
            true => (room, SseError::EventTooLarge { bytes_max: self.bytes_max }),
            false => (FIELD_BYTES_MAX, SseError::LineTooLong),
        };
        if self.line.len() > max { Err(error) } else { Ok(()) }
    }

    fn end_line(&mut self) -> Result<Option<Item>, SseError> {
        let mut line = std::mem::take(&mut self.line);
        if !std::mem::replace(&mut self.past_first_line, true) && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        if line.is_empty() {
            return self.end_event();
        }
        let colon = memchr::memchr(b':', &line).unwrap_or(line.len());
        if colon == 0 {
            return text(line).map(|_| Some(Item::Alive));
        }
        let after = (colon + 1).min(line.len());
        let value = after + usize::from(line.get(after) == Some(&b' '));
        let field = &line[..colon];
        if field == b"data" {
            line.drain(..value);
            self.add_data(line);
        } else if field == b"event" {
            self.name = text(line.split_off(value))?;
        } else if field == b"id" {
            let id = text(line.split_off(value))?;
            self.id = (!id.contains('\0')).then_some(id).or(self.id.take());
        } else {
            text(line)?;
        }
        Ok(None)
    }

    /// The first line of data is taken as it is, because it may be a snapshot of many megabytes.
    fn add_data(&mut self, line: Vec<u8>) {
        match &mut self.data {
            None => self.data = Some(line),
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(&line);
            }
        }
    }

    fn end_event(&mut self) -> Result<Option<Item>, SseError> {
        let name = std::mem::take(&mut self.name);
        let Some(data) = self.data.take() else { return Ok(Some(Item::Alive)) };
        let name = if name.is_empty() { "message".to_owned() } else { name };
        Ok(Some(Item::Event(Event { name, id: self.id.clone(), data: text(data)? })))
    }
}

fn text(bytes: Vec<u8>) -> Result<String, SseError> {
    String::from_utf8(bytes).map_err(|_| SseError::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each item as text, then the error if there is one; `bytes` come in pieces that end at `cuts`.
    fn read(bytes: &[u8], cuts: &[usize]) -> Vec<String> {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let (mut parser, mut items, mut error) = (Parser::new(BYTES_MAX), Vec::new(), None);
        for piece in cuts.windows(2) {
            if error.is_none() {
                error = parser.feed(&bytes[piece[0]..piece[1]], &mut items).err();
            }
        }
        let said = items.iter().map(|item| match item {
            Item::Alive => "alive".to_owned(),
            Item::Event(Event { name, id, data }) => format!("{name} {id:?} {data:?}"),
        });
        said.chain(error.map(|error| error.to_string())).collect()
    }

    const BYTES_MAX: usize = 6_000;

    fn check(bytes: &str, items: &[&str]) {
        assert_eq!(read(bytes.as_bytes(), &[]), items, "{bytes:?}");
    }

    #[test]
    fn events_are_those_of_the_standard() {
        check("data: one\n\n", &[r#"message None "one""#]);
        check("event: change\nid: 7\ndata:{\ndata: }\n\n", &[r#"change Some("7") "{\n}""#]);
        check(
            "id: 7\n\ndata: a\n\ndata: b\n\n",
            &["alive", r#"message Some("7") "a""#, r#"message Some("7") "b""#],
        );
        check("id: 7\ndata: a\n\nid\ndata: b\n\n", &[r#"message Some("7") "a""#, r#"message Some("") "b""#]);
        check("id: 7\nid: 8\0\ndata\n\n", &[r#"message Some("7") """#]);
        check("data:  two spaces\r\n\r\n", &[r#"message None " two spaces""#]);
        check("data: a\r\rdata: b\r\r", &[r#"message None "a""#, r#"message None "b""#]);
        check(": still here\n\n:\nretry: 1000\n\n", &["alive", "alive", "alive", "alive"]);
        check("\u{feff}data: a\n\n", &[r#"message None "a""#]);
        check("retry: 10\ncolour: red\nevent: lonely\n\ndata: a\n\n", &["alive", r#"message None "a""#]);
        check("data: never ended\n", &[]);
    }

    #[test]
    fn what_is_too_large_or_no_text_ends_the_stream() {
        let of = |bytes: usize| format!("data:{}\n\n", "x".repeat(bytes - 5));
        assert_eq!(read(of(BYTES_MAX).as_bytes(), &[]).len(), 1);
        let too_large = "an event is larger than 6000 bytes";
        check(&of(BYTES_MAX + 1), &[too_large]);
        check(&"data: ten bytes\n".repeat(600), &[too_large]);
        let comment = |bytes: usize| format!(":{}\n", "x".repeat(bytes - 1));
        check(&comment(FIELD_BYTES_MAX), &["alive"]);
        check(&comment(FIELD_BYTES_MAX + 1), &["a line without data is longer than 4096 bytes"]);
        for bytes in [&b"data: \xff\n\n"[..], b":\xff\n", b"x: \xff\n", b"event: \xff\n"] {
            assert_eq!(read(bytes, &[]), ["a line is not UTF-8"]);
        }
    }

    /// Bytes that look much like a stream.
    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(&b"\n"[..]),
            Just(&b"\r"[..]),
            Just(&b"\r\n"[..]),
            Just(&b"data"[..]),
            Just(&b"event"[..]),
            Just(&b"id"[..]),
            Just(&b": "[..]),
            Just(&b":"[..]),
            Just(&b"\xEF\xBB\xBF"[..]),
            Just("grün".as_bytes()),
            Just(&b"\xff"[..]),
            Just(&[b'x'; 1500][..]),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn pieces_of_any_size_give_the_same_events(bytes in stream(), cuts: Vec<usize>) {
            prop_assert_eq!(read(&bytes, &cuts), read(&bytes, &[]));
        }

        #[test]
        fn one_byte_at_a_time_gives_the_same_events(bytes in stream()) {
            let cuts: Vec<usize> = (0..bytes.len()).collect();
            prop_assert_eq!(read(&bytes, &cuts), read(&bytes, &[]));
        }

        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, cuts: Vec<usize>) {
            read(&bytes, &cuts);
        }
    }
}
