use crate::lex::is_unprintable;
use crate::reply::{Block, Reply};

/// The reply as a piece of HTML: everything that came from outside is escaped, and addresses are links. It needs no script
/// and no style of its own; the classes are the page's (`facts`, `command`, `cards`).
pub fn html(reply: &Reply) -> String {
    let mut out = String::new();
    for block in &reply.blocks {
        match block {
            Block::Text(text) => out += &format!("<p>{}</p>", lines(text)),
            Block::Fields(fields) => {
                out += "<dl class=\"facts\">";
                for (label, value) in fields {
                    out += &format!("<div><dt>{}</dt><dd>{}</dd></div>", escaped(label), lines(value));
                }
                out += "</dl>";
            }
            Block::Code(code) => {
                out += &format!("<pre class=\"command\" data-copy>{}</pre>", escaped(code));
            }
            Block::Table { columns, rows } => out += &table(columns, rows),
        }
    }
    out
}

fn table(columns: &[String], rows: &[Vec<String>]) -> String {
    let heads: String =
        columns.iter().map(|column| format!("<th scope=\"col\">{}</th>", escaped(column))).collect();
    let row = |row: &Vec<String>| {
        let cell = |(column, cell): (&String, &String)| {
            format!("<td data-label=\"{}\">{}</td>", escaped(column), lines(cell))
        };
        format!("<tr>{}</tr>", columns.iter().zip(row).map(cell).collect::<String>())
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<table class=\"cards\"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c if c != '\n' && is_unprintable(c) => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// The text with its addresses as links, each of its lines on one of its own.
fn lines(text: &str) -> String {
    text.lines().map(linked).collect::<Vec<_>>().join("<br>")
}

/// The text with each address as a link to it.
fn linked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = [rest.find("https://"), rest.find("http://")].into_iter().flatten().min() {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| c.is_whitespace() || "<>\"')".contains(c)).unwrap_or(from.len());
        let url = from[..end].trim_end_matches(['.', ',', ';', ':']);
        let (url, behind) = from.split_at(url.len());
        out += &escaped(before);
        match url.split_once("://") {
            Some((_, host)) if !host.is_empty() => {
                out += &format!("<a href=\"{0}\" rel=\"noopener\">{0}</a>", escaped(url));
            }
            _ => out += &escaped(url),
        }
        rest = behind;
    }
    out + &escaped(rest)
}
