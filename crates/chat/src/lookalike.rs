//! Letters of other scripts that look like Latin ones: a name that holds one is another name than it seems.
//!
//! The table holds those of Unicode's confusables (UTS 39) that a keyboard or a copied text brings: Cyrillic, Greek, and
//! the full-width forms.

/// What was found in a name.
pub(crate) struct Lookalike {
    /// Which letter, and what it looks like.
    pub(crate) message: String,
    /// The name with plain letters.
    pub(crate) plain: String,
}

/// Each letter with the one that it looks like.
const PAIRS: [(&str, &str); 4] = [
    ("асеһіјԁкмоԛрѕтпуԝхвнг", "acehijdkmoqpstnywxbhr"),
    ("АВСЕНІЈКМОРЅТХУ", "ABCEHIJKMOPSTXY"),
    ("αεικνορτυχω", "aeiknoptuxw"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
];

/// The first such letter of a name that holds Latin letters as well, or nothing but such letters.
pub(crate) fn find(name: &str) -> Option<Lookalike> {
    let first = name.chars().find(|c| plain(*c).is_some())?;
    let all = name.chars().all(|c| c.is_ascii() || plain(c).is_some());
    if !all {
        // A name in another script is what it seems.
        return None;
    }
    let like = plain(first)?;
    Some(Lookalike {
        message: format!(
            "`{name}` holds the letter {first} (U+{:04X}), which only looks like a Latin {like}.",
            u32::from(first)
        ),
        plain: name.chars().map(|c| plain(c).unwrap_or(c)).collect(),
    })
}

/// The Latin letter that another looks like.
fn plain(c: char) -> Option<char> {
    if let '\u{FF01}'..='\u{FF5E}' = c {
        return char::from_u32(u32::from(c) - 0xFEE0);
    }
    PAIRS.iter().find_map(|(strange, latin)| {
        let at = strange.chars().position(|one| one == c)?;
        latin.chars().nth(at)
    })
}

#[cfg(test)]
mod tests {
    use super::{PAIRS, find};

    #[test]
    fn letters_that_only_look_latin_are_found() {
        let check = |name: &str, is: Option<&str>| {
            assert_eq!(find(name).map(|found| found.plain).as_deref(), is, "{name}");
        };
        check("webhooks_failed_callout", None);
        check("webh\u{43E}oks", Some("webhooks"));
        check("\u{FF57}ebhooks", Some("webhooks"));
        check("\u{3BF}n", Some("on"));
        check("größe", None);
        check("флаг", None);
        for (strange, latin) in PAIRS {
            assert_eq!(strange.chars().count(), latin.chars().count(), "{strange}");
        }
        let told = find("a\u{440}i").unwrap().message;
        assert_eq!(told, "`aрi` holds the letter р (U+0440), which only looks like a Latin p.");
    }
}
