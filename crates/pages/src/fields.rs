//! The fields of a query or form. A form with checkboxes repeats names, so they are kept in order and asked for by name.

use wigwag_base::{Page, Secret};

/// Names and values as they were sent.
#[derive(Clone, Default, Debug)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`; bytes that are no UTF-8 are replaced.
    pub(crate) fn read(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The first value, trimmed, if there is more than white space in it.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Every value of this name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a checkbox of this name (and value) was ticked.
    pub(crate) fn ticked(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|sent| sent == value)
    }

    /// A value that must not come out again.
    pub(crate) fn secret(&self, name: &str) -> Option<Secret<String>> {
        self.get(name).filter(|value| !value.is_empty()).map(|value| Secret::new(value.to_owned()))
    }

    /// The page asked for by the field `page`.
    pub(crate) fn page(&self, per_page: u32) -> Page {
        Page::new(self.get("page").and_then(|number| number.parse().ok()).unwrap_or(1), per_page)
    }
}

/// A query string of these fields, without those that are empty.
pub(crate) fn query_string(fields: &[(&str, &str)]) -> String {
    let mut encoder = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        encoder.append_pair(name, value);
    }
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::{Fields, query_string};

    #[test]
    fn fields_are_found_by_name_and_repeat() {
        let fields = Fields::read(b"a=1&b=+x+&a=2&c=&token=%73&page=7");
        assert_eq!(fields.get("a"), Some("1"));
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.filled("b"), Some("x"));
        assert_eq!(fields.filled("c"), None);
        assert!(fields.ticked("a", "2") && !fields.ticked("a", "3"));
        assert!(fields.secret("token").is_some() && fields.secret("c").is_none());
        assert_eq!(fields.page(20).number, 7);
        assert_eq!(Fields::read(b"page=0").page(20).number, 1);
        assert_eq!(Fields::read(b"page=-1&page=9").page(20).number, 1);
    }

    #[test]
    fn a_query_leaves_out_what_is_empty() {
        assert_eq!(query_string(&[("status", ""), ("type", "a&b"), ("page", "2")]), "type=a%26b&page=2");
    }
}
