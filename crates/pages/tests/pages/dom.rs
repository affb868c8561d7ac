//! A page as a browser reads it.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

pub(crate) struct Dom(RcDom);

impl Dom {
    pub(crate) fn read(html: &str) -> Self {
        Self(parse_document(RcDom::default(), ParseOpts::default()).one(html))
    }

    /// Every element of this name, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<Element> {
        Element(self.0.document.clone()).all(name)
    }

    /// Every element.
    pub(crate) fn elements(&self) -> Vec<Element> {
        let mut found = Vec::new();
        collect(&self.0.document, &mut |handle| {
            if matches!(handle.data, NodeData::Element { .. }) {
                found.push(Element(handle.clone()));
            }
        });
        found
    }

    pub(crate) fn heading(&self) -> String {
        self.all("h1").first().map(Element::text).unwrap_or_default()
    }

    /// The text of the main part.
    pub(crate) fn main(&self) -> String {
        self.all("main").first().map(Element::text).unwrap_or_default()
    }

    /// The address of the first link with these words.
    pub(crate) fn link(&self, words: &str) -> Option<String> {
        self.all("a").iter().find(|link| link.text() == words).and_then(|link| link.attribute("href"))
    }

    /// The addresses that forms send to by POST.
    pub(crate) fn posts(&self) -> Vec<String> {
        let is_post = |form: &&Element| form.attribute("method").as_deref() == Some("post");
        self.all("form").iter().filter(is_post).filter_map(|form| form.attribute("action")).collect()
    }

    /// The value of the field with this name.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let is_it = |field: &&Element| field.attribute("name").as_deref() == Some(name);
        self.all("input").iter().find(is_it).and_then(|field| field.attribute("value"))
    }
}

#[derive(Clone)]
pub(crate) struct Element(Handle);

impl Element {
    pub(crate) fn name(&self) -> String {
        match &self.0.data {
            NodeData::Element { name, .. } => name.local.to_string(),
            _ => String::new(),
        }
    }

    /// Every element of this name in it.
    pub(crate) fn all(&self, name: &str) -> Vec<Element> {
        let mut found = Vec::new();
        collect(&self.0, &mut |handle| {
            if matches!(&handle.data, NodeData::Element { name: own, .. } if &*own.local == name) {
                found.push(Element(handle.clone()));
            }
        });
        found
    }

    pub(crate) fn attributes(&self) -> Vec<(String, String)> {
        match &self.0.data {
            NodeData::Element { attrs, .. } => {
                attrs.borrow().iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.attributes().into_iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Its text with runs of white space as single spaces.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        collect(&self.0, &mut |handle| {
            const INLINE: [&str; 7] = ["a", "bdi", "code", "span", "strong", "svg", "time"];
            match &handle.data {
                NodeData::Text { contents } => text.push_str(&contents.borrow()),
                NodeData::Element { name, .. } if !INLINE.contains(&&*name.local) => text.push(' '),
                _ => {}
            }
        });
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn collect(handle: &Handle, take: &mut impl FnMut(&Handle)) {
    take(handle);
    for child in handle.children.borrow().iter() {
        collect(child, take);
    }
}
