use crate::fields::query_string;
use crate::words::number;
use askama::Template;
use askama::filters::HtmlSafe;
use wigwag_base::PageOf;

/// Links to the pages before and after.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/pager.html")]
pub(crate) struct Pager {
    label: String,
    newer: Option<String>,
    older: Option<String>,
    from: String,
    to: String,
    total: String,
    is_needed: bool,
}

impl HtmlSafe for Pager {}

impl Pager {
    /// For one page of a listing at `href`, whose other fields stay as they are. `anchor` is where the listing begins.
    pub(crate) fn new<T>(
        listing: &PageOf<T>,
        label: &str,
        href: &str,
        fields: &[(&str, &str)],
        anchor: &str,
    ) -> Self {
        let (page, total) = (listing.page, listing.total);
        let first = page.offset() + 1;
        let last = page.offset() + listing.rows.len() as u64;
        let link = |page_number: u32| {
            let page_number = page_number.to_string();
            let all: Vec<(&str, &str)> =
                fields.iter().copied().chain([("page", page_number.as_str())]).collect();
            format!("{href}?{}{anchor}", query_string(&all))
        };
        Self {
            label: label.to_owned(),
            newer: (page.number > 1).then(|| link(page.number - 1)),
            older: (last < total).then(|| link(page.number.saturating_add(1))),
            from: number(first.min(last)),
            to: number(last),
            total: number(total),
            is_needed: total > u64::from(page.per_page) || page.number > 1,
        }
    }
}
