//! Faults that the judges of the promises must notice.

/// Names the planted fault, if any.
const VARIABLE: &str = "WIGWAG_PLANTED_FAULT";

/// Whether this fault is planted.
pub(crate) fn planted(fault: &str) -> bool {
    std::env::var_os(VARIABLE).is_some_and(|planted| planted == fault)
}
