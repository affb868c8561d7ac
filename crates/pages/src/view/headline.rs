use askama::Template;
use askama::filters::HtmlSafe;

/// The state in one sentence, whose number leads to what it counts.
#[derive(Template, Clone, PartialEq, Eq, Debug)]
#[template(
    source = r#"{% if href.is_empty() %}{{ rest }}{% else %}<span><a href="{{ href }}">{{ counted }}</a>{{ rest }}</span>{% endif %}"#,
    ext = "html"
)]
pub(crate) struct Headline {
    /// `3 hooks`; empty if nothing is counted.
    pub(crate) counted: String,
    /// Where they are.
    pub(crate) href: &'static str,
    /// What goes on behind it.
    pub(crate) rest: String,
}

impl HtmlSafe for Headline {}

impl Headline {
    /// A sentence that counts nothing.
    pub(crate) fn plain(text: &str) -> Self {
        Self { counted: String::new(), href: "", rest: text.to_owned() }
    }

    /// Without the link.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.counted, self.rest)
    }
}
