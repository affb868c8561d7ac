//! Slack's own marks in what people typed, turned back into what they typed.

/// `<https://a|label>`, `<#C1|name>`, `<@U1|name>` and the three entities.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out += &rest[..at];
        rest = &rest[at..];
        match rest.find('>') {
            Some(end) => {
                out += &mark(&rest[1..end]);
                rest = &rest[end + 1..];
            }
            None => break,
        }
    }
    out += rest;
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// What stands between the angles.
fn mark(inside: &str) -> String {
    let (what, label) = inside.split_once('|').map_or((inside, None), |(what, label)| (what, Some(label)));
    let named =
        |sign: &str, id: &str| format!("{sign}{}", label.filter(|label| !label.is_empty()).unwrap_or(id));
    match (what.strip_prefix('@'), what.strip_prefix('#')) {
        (Some(id), _) => named("@", id),
        (_, Some(id)) => named("#", id),
        _ if what.starts_with("mailto:") => label.unwrap_or(&what["mailto:".len()..]).to_owned(),
        _ => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn marks_are_what_was_typed() {
        let check = |text: &str, is: &str| assert_eq!(unescape(text), is, "{text}");
        check("run feature get f", "run feature get f");
        check("check <https://a.example/b|a.example> 15.2", "check https://a.example/b 15.2");
        check("--to=<#C1|team> --user=<@U1|ann> <@U2>", "--to=#team --user=@ann @U2");
        check("a &amp;&lt;b&gt;", "a &<b>");
        check("&amp;lt;", "&lt;");
        check("a < b", "a < b");
        check("<", "<");
    }
}
