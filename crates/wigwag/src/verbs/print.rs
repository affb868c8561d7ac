//! What verbs print: text that ends well when nobody reads on, tables, colour on terminals alone.

pub(super) use super::tame::{tame, tame_lines};
use anyhow::Result;
use serde_json::Value;
use std::io::{self, IsTerminal};

/// Prints a text and a line's end.
pub(super) fn text(text: &str) -> Result<()> {
    super::say::line(text)
}

/// Prints JSON.
pub(super) fn json(value: &Value) -> Result<()> {
    text(&super::tame::json(value))
}

/// Says something beside the result.
#[allow(clippy::print_stderr, reason = "it is not what was asked for, so it does not belong into the result")]
pub(super) fn aside(text: &str) {
    eprintln!("{text}");
}

/// How something stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A heading.
    Bold,
    /// What needs no attention.
    Dim,
    /// What is wrong, or off.
    Red,
    /// What is on.
    Green,
    /// What is in between.
    Yellow,
}

/// A text in its style, if standard output is a terminal and `NO_COLOR` is not set.
pub(super) fn styled(text: &str, style: Style) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    if plain || !io::stdout().is_terminal() {
        return text.to_owned();
    }
    let code = match style {
        Style::Bold => "1",
        Style::Dim => "2",
        Style::Red => "31",
        Style::Green => "32",
        Style::Yellow => "33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// A flag's state in its colour.
pub(super) fn state(word: &str) -> String {
    let style = match word {
        "on" => Style::Green,
        "off" => Style::Red,
        "conditional" => Style::Yellow,
        _ => Style::Dim,
    };
    styled(word, style)
}

/// `1 file`, `2 files`.
pub(super) fn counted(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

/// Rows under headings, each column as wide as its widest cell.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let headings: Vec<String> = headings.iter().map(|heading| styled(heading, Style::Bold)).collect();
    let all = || std::iter::once(&headings).chain(rows);
    let widths: Vec<usize> =
        (0..headings.len()).map(|at| all().map(|row| width(&row[at])).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells =
            row.iter().zip(&widths).map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide - width(cell))));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    all().map(line).collect()
}

/// Characters that are seen, colours left out.
fn width(cell: &str) -> usize {
    let mut parts = cell.split('\u{1b}');
    let plain = parts.next().map_or(0, |part| part.chars().count());
    let coloured = |part: &str| part.split_once('m').map_or(0, |(_, seen)| seen.chars().count());
    plain + parts.map(coloured).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::{table, width};

    #[test]
    fn columns_line_up_whatever_their_colour() {
        let rows = [["größe", "\u{1b}[32mon\u{1b}[0m", "x"], ["b", "off", ""]]
            .map(|row| row.map(str::to_owned).to_vec());
        let is = "NAME   STATE  BY\ngröße  \u{1b}[32mon\u{1b}[0m     x\nb      off\n";
        assert_eq!(table(&["NAME", "STATE", "BY"], &rows), is);
        assert_eq!(width("\u{1b}[1mab\u{1b}[0mc"), 3);
    }
}
