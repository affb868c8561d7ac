//! What comes back to the author: data, shown as text in a terminal, as blocks in a chat, as HTML on a page.

use crate::error::ParseError;

/// The answer to one command.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reply {
    /// Whether the command did what it was to do.
    pub ok: bool,
    /// What to show, in order.
    pub blocks: Vec<Block>,
    /// What can be pressed, where something can be pressed.
    pub buttons: Vec<Button>,
    /// The command that it answers, where somebody may want to ask again elsewhere: what is too long for a chat is whole on
    /// the console page.
    pub asked: Option<String>,
}

/// Something to press below a reply: it runs a command, judged anew for whoever presses it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Button {
    /// What stands on it: `Apply`, `Undo`.
    pub label: String,
    /// How it looks.
    pub style: ButtonStyle,
    /// What comes back when it is pressed, at most [`BUTTON_BYTES_MAX`](crate::limits::BUTTON_BYTES_MAX) bytes.
    pub value: String,
}

/// How a button looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ButtonStyle {
    /// The one to press.
    Primary,
    /// Takes something back.
    Danger,
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
    /// Rows under headings; each row has as many cells as there are headings.
    Table {
        /// The headings.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Vec<String>>,
    },
}

impl Reply {
    /// An answer that all went well, without content yet.
    pub fn done() -> Self {
        Self { ok: true, ..Self::default() }
    }

    /// An answer that something was refused or failed, without content yet.
    pub fn refused() -> Self {
        Self::default()
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

    /// Adds rows under headings.
    #[must_use]
    pub fn table(mut self, columns: &[&str], rows: Vec<Vec<String>>) -> Self {
        self.blocks.push(Block::Table { columns: columns.iter().map(ToString::to_string).collect(), rows });
        self
    }

    /// Adds something to press.
    #[must_use]
    pub fn button(mut self, label: &str, style: ButtonStyle, value: impl Into<String>) -> Self {
        self.buttons.push(Button { label: label.to_owned(), style, value: value.into() });
        self
    }

    /// The reply for a terminal, without colours; see [`crate::render::text`].
    pub fn to_text(&self) -> String {
        crate::render::text(self, crate::render::Style::Plain)
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
