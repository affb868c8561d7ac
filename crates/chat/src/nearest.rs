//! "Did you mean": the candidate that a mistyped word is closest to.

/// The candidate that differs least from `word`, if it differs in no more than a third of its letters (one at
/// least). Of equally close ones the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let near = |candidate: &&str| {
        let edits = strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
        (edits <= (candidate.chars().count() / 3).max(1)).then_some(edits)
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if let Some(edits) = near(&candidate)
            && best.is_none_or(|(fewest, _)| edits < fewest)
        {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_closest_and_nothing_far() {
        let check = |word: &str, is: Option<&str>| {
            assert_eq!(nearest(word, ["project", "production", "group", "dev"]), is, "{word}");
        };
        check("projetc", Some("project"));
        check("PROJECT", Some("project"));
        check("prduction", Some("production"));
        check("dve", Some("dev"));
        check("d", None);
        check("elephant", None);
        check("", None);
    }
}
