//! Pages of rows under a filter that is put together from parts.

use crate::codec::int;
use crate::error::Outcome;
use crate::limits::COUNT_MAX;
use rusqlite::{Connection, Row, params_from_iter};
use wigwag_base::{Page, PageOf};

pub(super) use rusqlite::types::Value;

/// A query with its parameters. Its text is made of constants alone; what users write goes into the parameters.
pub(super) struct Listing {
    sql: String,
    values: Vec<Value>,
    order: &'static str,
}

impl Listing {
    /// A query that ends in a condition.
    pub(super) fn new(sql: &str, order: &'static str) -> Self {
        Self { sql: sql.to_owned(), values: Vec::new(), order }
    }

    /// A part of a union.
    pub(super) fn part(sql: &str) -> Self {
        Self::new(sql, "")
    }

    /// An empty union.
    pub(super) fn union(order: &'static str) -> Self {
        Self::new("", order)
    }

    /// Adds a condition.
    pub(super) fn narrow<const N: usize>(&mut self, condition: &'static str, values: [Value; N]) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    /// Adds a part to a union.
    pub(super) fn add(&mut self, part: Listing) {
        if !self.sql.is_empty() {
            self.sql.push_str(" UNION ALL ");
        }
        self.sql.push_str(&part.sql);
        self.values.extend(part.values);
    }

    /// Adds to the front of the parameters those of what the query began with.
    pub(super) fn beginning_with(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.values.splice(0..0, values);
        self
    }

    /// Every row of it.
    pub(super) fn all<T>(
        self,
        connection: &Connection,
        mut read: impl FnMut(&Row<'_>) -> Outcome<T>,
    ) -> Outcome<Vec<T>> {
        let mut statement = connection.prepare_cached(&format!("{} ORDER BY {}", self.sql, self.order))?;
        let mut found = statement.query(params_from_iter(&self.values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(read(row)?);
        }
        Ok(rows)
    }

    /// One page of it; the total stops at [`COUNT_MAX`].
    pub(super) fn page<T>(
        self,
        connection: &Connection,
        page: Page,
        mut read: impl FnMut(&Row<'_>) -> Outcome<T>,
    ) -> Outcome<PageOf<T>> {
        let Self { sql, mut values, order } = self;
        let counting = format!("SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {COUNT_MAX})");
        let total: i64 =
            connection.prepare_cached(&counting)?.query_row(params_from_iter(&values), |row| row.get(0))?;
        values.extend([Value::from(i64::from(page.per_page)), Value::from(int(page.offset()))]);
        let mut statement = connection.prepare_cached(&format!("{sql} ORDER BY {order} LIMIT ? OFFSET ?"))?;
        let mut found = statement.query(params_from_iter(&values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(read(row)?);
        }
        Ok(PageOf { rows, page, total: total.unsigned_abs() })
    }
}
