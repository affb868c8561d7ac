use crate::lex::is_unprintable;
use crate::reply::{Block, Reply};

/// Whether a terminal shows colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Letters alone: for files, pipes, and whoever asked for no colours.
    Plain,
    /// With ANSI colours.
    Coloured,
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";

/// The reply for a terminal: one block after the other, values aligned, code indented. Control characters that came from
/// outside are replaced, so that no name can steer the terminal.
pub fn text(reply: &Reply, style: Style) -> String {
    let mut lines = Vec::new();
    for (index, block) in reply.blocks.iter().enumerate() {
        match block {
            Block::Text(text) => {
                let colour = match (index, reply.ok) {
                    (0, true) => GREEN,
                    (0, false) => RED,
                    _ => "",
                };
                lines.push(painted(&tame(text), colour, style));
            }
            Block::Fields(fields) => {
                let width = fields.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
                lines.extend(fields.iter().map(|(label, value)| {
                    let label = painted(&format!("{:width$}", tame(label)), DIM, style);
                    let value = tame(value).replace('\n', &format!("\n{:1$}", "", width + 4));
                    format!("  {label}  {value}").trim_end().to_owned()
                }));
            }
            Block::Code(code) => {
                lines.extend(code.lines().map(|line| format!("    {}", painted(&tame(line), BOLD, style))));
            }
            Block::Table { columns, rows } => lines.extend(table(columns, rows, style)),
        }
    }
    lines.join("\n")
}

/// Cells under each other; the last column is as wide as it is.
fn table(columns: &[String], rows: &[Vec<String>], style: Style) -> Vec<String> {
    let cell = |row: &[String], index: usize| row.get(index).map(|text| one_line(text)).unwrap_or_default();
    let widest = |index: usize| {
        let widths = rows.iter().map(|row| cell(row, index).chars().count());
        widths.chain([columns[index].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(widest).collect();
    let line = |row: &[String]| {
        let cells = widths.iter().enumerate().map(|(index, width)| format!("{:width$}", cell(row, index)));
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    };
    let head = painted(&line(columns), BOLD, style);
    std::iter::once(head).chain(rows.iter().map(|row| line(row))).collect()
}

fn painted(text: &str, colour: &str, style: Style) -> String {
    match style {
        Style::Coloured if !colour.is_empty() && !text.is_empty() => {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        }
        Style::Plain | Style::Coloured => text.to_owned(),
    }
}

fn tame(text: &str) -> String {
    text.replace(|c: char| c != '\n' && is_unprintable(c), "\u{FFFD}")
}

fn one_line(text: &str) -> String {
    tame(text).replace('\n', " ")
}
