//! What was found behind a command's words, before it is made a command.

use crate::lex::Word;

/// What was found behind a command's words.
pub(crate) struct Parsed {
    /// As many as the specification asks for.
    pub(crate) arguments: Vec<Word>,
    /// In the order they were written.
    pub(crate) options: Vec<Given>,
    /// In deployment order; never empty for a command that runs in environments.
    pub(crate) environments: Vec<String>,
}

/// One option that was written.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    /// What stood behind it; empty if it takes nothing.
    pub(crate) value: String,
    /// The byte at which the option begins.
    pub(crate) at: usize,
    /// The byte at which its value begins.
    pub(crate) value_at: usize,
}

impl Parsed {
    /// The first option of this name.
    pub(crate) fn option(&self, name: &str) -> Option<&Given> {
        self.options.iter().find(|given| given.name == name)
    }

    /// Whether such an option stands there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.option(name).is_some()
    }

    /// The arguments from this one on as one text: a single one without its quotes, several as they were written.
    pub(crate) fn text_from(&self, first: usize) -> String {
        match &self.arguments[first..] {
            [only] => only.text.clone(),
            several => several.iter().map(|word| word.raw.as_str()).collect::<Vec<_>>().join(" "),
        }
    }
}

impl Given {
    /// The parts of a list, each with the byte at which it stands.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&str, usize)> {
        items(&self.value, self.value_at)
    }
}

/// What lies between the commas of a list that stands at byte `at`, each with the byte at which it stands.
pub(crate) fn items(list: &str, at: usize) -> impl Iterator<Item = (&str, usize)> {
    let mut begin = at;
    list.split(',').map(move |part| {
        let at = begin + part.len() - part.trim_start().len();
        begin += part.len() + 1;
        (part.trim(), at)
    })
}
