//! Faults that the judges of the promises must notice.

use wigwag_hooks::{Outcome, Response};
use wigwag_ports::deliveries::{DeliveryChange, Record};

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

/// What a failure made wait is called delivered.
pub(crate) fn claim_delivered(record: &Record) -> Record {
    let mut record = record.clone();
    if planted("claim-delivered")
        && let Some(DeliveryChange::Put(delivery)) = &record.delivery
    {
        let (hook, event) = (delivery.hook, delivery.event);
        record.delivery = Some(DeliveryChange::Delivered { hook, event });
        if let Some(attempt) = &mut record.attempt {
            let response = Response { status: 200, headers: Vec::new(), body: Default::default() };
            attempt.outcome = Outcome::Success(response);
        }
    }
    record
}
