//! Letters that only look Latin: a name with a Cyrillic `о` is another name, and nobody could see why it is not found.
//! The table holds those of Unicode's confusables (UTS 39) that a keyboard or a copied text brings (Cyrillic, Greek, the
//! full-width forms), and those that are taken for a Latin letter amid Latin ones.

/// What was found in a name.
pub(crate) struct Lookalike {
    /// Where the letter stands, in bytes.
    pub(crate) at: usize,
    /// Which letter, and what it looks like.
    pub(crate) message: String,
    /// The name with plain letters.
    pub(crate) plain: String,
}

/// Each letter with the one that it cannot be told from.
const SAME: [(&str, &str); 4] = [
    ("асеһіјԁоԛрѕуԝхӏ", "acehijdoqpsywxl"),
    ("АВСЕНІЈКМОРЅТХҮ", "ABCEHIJKMOPSTXY"),
    ("ανορυι", "avopui"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
];

/// Each letter with the one that it is taken for among Latin ones.
const LIKE: [(&str, &str); 2] = [("кмтпвнгУ", "kmtnbhrY"), ("εικτχω", "eiktxw")];

/// The first such letter of a name that holds Latin letters as well, or nothing but letters that cannot be told from them.
pub(crate) fn find(name: &str) -> Option<Lookalike> {
    let (at, first) = name.char_indices().find(|(_, c)| plain(*c).is_some())?;
    let has_latin = name.contains(|c: char| c.is_ascii_alphabetic());
    let is_meant = |c: char| !c.is_ascii() && if has_latin { plain(c).is_none() } else { same(c).is_none() };
    if name.contains(is_meant) {
        // A name in another script is what it seems.
        return None;
    }
    let message = format!("{} holds{}", crate::error::shown(name), described(first, plain(first)?));
    Some(Lookalike { at, message, plain: name.chars().map(|c| plain(c).unwrap_or(c)).collect() })
}

/// A sentence on the first such letter of a word that was not understood, with a space before it; empty without one.
pub(crate) fn note(word: &str) -> String {
    let found = word.chars().find_map(|c| Some((c, plain(c)?)));
    found.map_or_else(String::new, |(c, like)| format!(" It holds{}", described(c, like)))
}

fn described(letter: char, like: char) -> String {
    format!(" the letter {letter} (U+{:04X}), which only looks like a Latin {like}.", u32::from(letter))
}

/// The Latin letter that another looks like.
fn plain(c: char) -> Option<char> {
    same(c).or_else(|| paired(c, &LIKE))
}

fn same(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => paired(c, &SAME),
    }
}

fn paired(c: char, pairs: &[(&str, &str)]) -> Option<char> {
    pairs.iter().find_map(|(strange, latin)| {
        let at = strange.chars().position(|one| one == c)?;
        latin.chars().nth(at)
    })
}

#[cfg(test)]
mod tests {
    use super::{LIKE, SAME, find, note};

    #[test]
    fn letters_that_only_look_latin_are_found() {
        let check = |name: &str, is: Option<(usize, &str)>| {
            let found = find(name);
            let found = found.as_ref().map(|found| (found.at, found.plain.as_str()));
            assert_eq!(found, is, "{name}");
        };
        check("webhooks_failed_callout", None);
        check("webh\u{43E}oks", Some((4, "webhooks")));
        check("\u{FF57}ebhooks", Some((0, "webhooks")));
        check("\u{3BF}n", Some((0, "on")));
        check("\u{43A}ey", Some((0, "key")));
        check("\u{441}\u{43E}\u{440}", Some((0, "cop")));
        check("größe", None);
        check("флаг", None);
        check("антон", None);
        for (strange, latin) in SAME.iter().chain(&LIKE) {
            assert_eq!(strange.chars().count(), latin.chars().count(), "{strange}");
            assert!(latin.is_ascii() && strange.chars().all(|c| !c.is_ascii()), "{strange}");
        }
        let told = find("a\u{440}i").unwrap().message;
        assert_eq!(told, "`aрi` holds the letter р (U+0440), which only looks like a Latin p.");
        assert_eq!(note("g\u{435}t"), " It holds the letter е (U+0435), which only looks like a Latin e.");
        assert_eq!(note("get"), "");
    }
}
