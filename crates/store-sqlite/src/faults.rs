//! Faults that the judges of the promises must notice.

/// Names the planted fault, if any.
const VARIABLE: &str = "WIGWAG_PLANTED_FAULT";

/// Whether this fault is planted.
pub(crate) fn planted(fault: &str) -> bool {
    std::env::var_os(VARIABLE).is_some_and(|planted| planted == fault)
}

/// A commit that is acknowledged early comes late: a kill must be able to fall between the two on a quick disk too.
pub(crate) fn linger_before_commit() {
    if planted("acknowledge-early") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
