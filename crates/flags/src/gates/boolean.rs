//! On for everyone.

use crate::evaluate::Reason;

pub(super) fn open(boolean: Option<bool>) -> Option<Reason<'static>> {
    (boolean == Some(true)).then_some(Reason::Boolean)
}
