//! Where the next page of a list is, as GitLab's headers tell it.

use ureq::http::HeaderMap;

/// The number of the next page. Long lists of GitLab have no totals, and some of its answers the link alone.
pub(super) fn next_page(headers: &HeaderMap) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("x-next-page") {
        Some(number) => number.trim().parse().ok(),
        None => text("link").and_then(next_of_links),
    }
}

/// `<https://.../x?page=3&per_page=100>; rel="next"` among others.
fn next_of_links(links: &str) -> Option<u64> {
    let next = links.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
    let address = next.strip_prefix('<')?.split('>').next()?;
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("page="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::next_page;
    use ureq::http::HeaderMap;

    #[test]
    fn either_header_tells_the_next_page() {
        let check = |headers: &[(&'static str, &'static str)], next: Option<u64>| {
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            assert_eq!(next_page(&headers), next, "{headers:?}");
        };
        let link = "<https://a.example/x?a=b&page=3&per_page=9>; rel=\"next\", <https://a.example/x?page=1>; rel=\"first\"";
        check(&[("x-next-page", "2")], Some(2));
        check(&[("x-next-page", ""), ("link", link)], None);
        check(&[("link", link)], Some(3));
        check(&[("link", "<https://a.example/x?page=1>; rel=\"first\"")], None);
        check(&[("link", "<https://a.example/x?per_page=1>; rel=\"next\"")], None);
        check(&[("x-next-page", "two")], None);
        check(&[], None);
    }
}
