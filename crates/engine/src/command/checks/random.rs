use super::{Check, Checked, Verdict};
use crate::command::writing::Writing;
use wigwag_chat::{IgnoredCheck, ShareOf, Value};

/// A percentage of time re-rolls at every call: a page may show two answers at once.
pub(super) fn check(writing: &Writing<'_>) -> Checked {
    let said = |verdict, reason: &str| Checked::new(Check::Random, verdict, reason);
    let asked = writing.asked.as_ref();
    if !asked.is_some_and(|asked| matches!(asked.set.value, Value::Share(_, ShareOf::Time))) {
        return said(Verdict::NotNeeded, "");
    }
    if writing.ignores(IgnoredCheck::RandomDeprecation) {
        return said(Verdict::PassedOver, "A percentage of time rolls the dice anew at every call.");
    }
    let why = "A percentage of time rolls the dice anew at every call and has caused outages. Use --actors; or, if it must \
               be, add --ignore-random-deprecation-check.";
    said(Verdict::Refused, why)
}
