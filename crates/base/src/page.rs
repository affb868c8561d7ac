/// Which page of a listing is asked for: `number` from 1, `per_page` from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// The page, from 1.
    pub number: u32,
    /// Rows a page.
    pub per_page: u32,
}

impl Page {
    /// Rows a page where none is asked for, as GitLab's API.
    pub const PER_PAGE_DEFAULT: u32 = 20;
    /// The most rows a page, as GitLab's API; more is cut to this.
    pub const PER_PAGE_MAX: u32 = 100;

    /// The page asked for, with both numbers brought into their range.
    pub fn new(number: u32, per_page: u32) -> Self {
        Self { number: number.max(1), per_page: per_page.clamp(1, Self::PER_PAGE_MAX) }
    }

    /// Rows that lie before this page.
    pub fn offset(self) -> u64 {
        u64::from(self.number - 1) * u64::from(self.per_page)
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { number: 1, per_page: Self::PER_PAGE_DEFAULT }
    }
}

/// One page of a listing and the number of rows on all pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageOf<T> {
    /// The rows of this page, in the listing's order.
    pub rows: Vec<T>,
    /// The page that these rows are.
    pub page: Page,
    /// Rows on all pages.
    pub total: u64,
}
