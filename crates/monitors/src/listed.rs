//! What stands in the way, up to as much as a reply holds.

use crate::limits::BLOCKERS_MAX;
use wigwag_ports::monitors::Blocker;

/// The first of `count` ones, and how many there are beside.
pub(crate) fn listed(mut first: Vec<Blocker>, count: usize) -> Vec<Blocker> {
    first.truncate(BLOCKERS_MAX);
    let more = count.saturating_sub(first.len());
    if more > 0 {
        first.push(Blocker { what: format!("and {more} more"), url: None });
    }
    first
}

#[cfg(test)]
mod tests {
    use super::listed;
    use crate::limits::BLOCKERS_MAX;
    use wigwag_ports::monitors::Blocker;

    #[test]
    fn what_is_too_much_is_counted() {
        let check = |count: usize, shown: usize, last: &str| {
            let all = (1..=count).map(|n| Blocker { what: n.to_string(), url: None }).collect();
            let listed = listed(all, count);
            assert_eq!((listed.len(), listed.last().unwrap().what.as_str()), (shown, last));
        };
        check(BLOCKERS_MAX, BLOCKERS_MAX, &BLOCKERS_MAX.to_string());
        check(BLOCKERS_MAX + 1, BLOCKERS_MAX + 1, "and 1 more");
        check(10_000, BLOCKERS_MAX + 1, "and 9980 more");
    }
}
