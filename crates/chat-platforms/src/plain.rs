//! Texts made fit for a chat.

use crate::limits::COMMAND_IN_LINK_MAX;
use wigwag_chat::Reply;

/// Without what only steers how text is shown, and with line ends alone as control characters.
pub(crate) fn tame(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    text.replace(steers, "\u{FFFD}")
}

/// The first so many characters, with an ellipsis if there were more.
pub(crate) fn cut(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    text.chars().take(characters_max.saturating_sub(1)).chain(['…']).collect()
}

/// Where the whole of a reply is: the console page, with the command in its box.
pub(crate) fn whole_at(reply: &Reply, external_url: &str) -> String {
    let console = format!("{external_url}/-/console");
    let Some(command) = &reply.asked else { return console };
    let text: String = url::form_urlencoded::byte_serialize(command.as_bytes()).collect();
    if text.len() > COMMAND_IN_LINK_MAX { console } else { format!("{console}?text={text}") }
}

/// Rows under headings as lines of equal columns.
pub(crate) fn aligned(columns: &[String], rows: &[Vec<String>]) -> String {
    let one_line = |text: &str| tame(text).replace('\n', " ");
    let cell = |row: &[String], index: usize| row.get(index).map(|text| one_line(text)).unwrap_or_default();
    let width = |index: usize| {
        let all = rows.iter().map(|row| cell(row, index).chars().count());
        all.chain([columns[index].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &[String]| {
        let cells = widths.iter().enumerate().map(|(index, width)| format!("{:width$}", cell(row, index)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let lines: Vec<String> = std::iter::once(line(columns)).chain(rows.iter().map(|row| line(row))).collect();
    lines.join("\n")
}
