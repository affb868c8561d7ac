//! What comes back to the author: data, shown as text in a terminal, as blocks in a chat, as HTML on a page.

use crate::error::ParseError;
use crate::lex::is_unprintable;

/// The answer to one command.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reply {
    /// Whether the command did what it was to do.
    pub ok: bool,
    /// What to show, in order.
    pub blocks: Vec<Block>,
}

/// One piece of a reply. Its texts are plain: whoever shows them escapes them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Labels with their values, one pair a line.
    Fields(Vec<(String, String)>),
    /// Something to be read letter by letter, or copied, such as a command.
    Code(String),
}

impl Reply {
    /// An answer that all went well, without content yet.
    pub fn done() -> Self {
        Self { ok: true, blocks: Vec::new() }
    }

    /// An answer that something was refused or failed, without content yet.
    pub fn refused() -> Self {
        Self { ok: false, blocks: Vec::new() }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Text(text.into()));
        self
    }

    /// Adds labels with their values.
    #[must_use]
    pub fn fields(mut self, fields: Vec<(String, String)>) -> Self {
        self.blocks.push(Block::Fields(fields));
        self
    }

    /// Adds something to be read letter by letter.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.blocks.push(Block::Code(code.into()));
        self
    }

    /// The reply for a terminal: one block after the other, values aligned, code indented. Control characters that
    /// came from outside are replaced, so that no name can steer the terminal.
    pub fn to_text(&self) -> String {
        let blocks: Vec<String> = self.blocks.iter().map(block_text).collect();
        let steers = |c: char| c != '\n' && is_unprintable(c);
        blocks.join("\n").replace(steers, "\u{FFFD}")
    }
}

fn block_text(block: &Block) -> String {
    match block {
        Block::Text(text) => text.clone(),
        Block::Fields(fields) => {
            let width = fields.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
            let lines: Vec<String> =
                fields.iter().map(|(label, value)| format!("  {label:width$}  {value}")).collect();
            lines.join("\n")
        }
        Block::Code(code) => {
            let lines: Vec<String> = code.lines().map(|line| format!("    {line}")).collect();
            lines.join("\n")
        }
    }
}

impl From<&ParseError> for Reply {
    fn from(error: &ParseError) -> Self {
        let reply = Self::refused().text(error.message.as_str()).code(error.pointed());
        match &error.suggestion {
            Some(meant) => reply.text(format!("Did you mean `{meant}`?")),
            None => reply,
        }
    }
}
