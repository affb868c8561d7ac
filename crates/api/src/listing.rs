//! One page of a listing, with GitLab's headers.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wigwag_base::{Page, PageOf};
use wigwag_engine::Settings;

/// A page of rows, as `show` writes each, answering the request for `uri`.
pub(crate) fn listing<T, W: Serialize>(
    settings: &Settings,
    uri: &Uri,
    page: PageOf<T>,
    show: impl FnMut(&T) -> W,
) -> Response {
    let rows: Vec<W> = page.rows.iter().map(show).collect();
    paged(settings, uri, page.page, page.total, Json(rows).into_response())
}

/// An answer that holds one page of `total` rows, with the headers that tell of the others.
pub(crate) fn paged(
    settings: &Settings,
    uri: &Uri,
    page: Page,
    total: u64,
    mut response: Response,
) -> Response {
    let Page { number, per_page } = page;
    let pages = total.div_ceil(u64::from(per_page));
    let number = u64::from(number);
    let next = (number < pages).then_some(number + 1);
    let previous = (number > 1).then_some(number - 1);
    let last = pages.max(1);
    let text = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    let links: Vec<String> = [("prev", previous), ("next", next), ("first", Some(1)), ("last", Some(last))]
        .into_iter()
        .filter_map(|(rel, number)| {
            number.map(|number| format!("<{}>; rel=\"{rel}\"", address(settings, uri, number, per_page)))
        })
        .collect();
    let headers = [
        ("x-total", total.to_string()),
        ("x-total-pages", last.to_string()),
        ("x-per-page", per_page.to_string()),
        ("x-page", number.to_string()),
        ("x-next-page", text(next)),
        ("x-prev-page", text(previous)),
        (header::LINK.as_str(), links.join(", ")),
    ];
    for (name, value) in headers {
        // Whatever the query held is percent-encoded here, so it always fits a header.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The same listing, another page.
fn address(settings: &Settings, uri: &Uri, number: u64, per_page: u32) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if name != "page" && name != "per_page" {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("page", &number.to_string()).append_pair("per_page", &per_page.to_string());
    format!("{}{}?{}", settings.external_url, uri.path(), query.finish())
}

#[cfg(test)]
mod tests {
    use super::listing;
    use wigwag_base::{Page, PageOf};
    use wigwag_engine::Settings;

    fn check(number: u32, total: u64, expected: [&str; 4]) {
        let page = PageOf { rows: vec![1, 2], page: Page::new(number, 2), total };
        let uri = "/v1/x?page=9&a=b%0Ac".parse().unwrap();
        let response = listing(&Settings::default(), &uri, page, |row| *row);
        let shown = ["x-total-pages", "x-next-page", "x-prev-page", "link"]
            .map(|name| response.headers()[name].to_str().unwrap().to_owned());
        assert_eq!(shown, expected, "{number} of {total}");
    }

    #[test]
    fn a_page_tells_of_the_others() {
        let at = |number: u32| format!("<http://127.0.0.1:8080/v1/x?a=b%0Ac&page={number}&per_page=2>");
        let (first, second, third) = (at(1), at(2), at(3));
        let link = format!("{second}; rel=\"next\", {first}; rel=\"first\", {third}; rel=\"last\"");
        check(1, 5, ["3", "2", "", &link]);
        let link = format!("{second}; rel=\"prev\", {first}; rel=\"first\", {third}; rel=\"last\"");
        check(3, 5, ["3", "", "2", &link]);
        let link = format!("{first}; rel=\"first\", {first}; rel=\"last\"");
        check(1, 0, ["1", "", "", &link]);
    }
}
