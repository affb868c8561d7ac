//! Use cases and background loops: intake, dispatch, deliver, record, recover, administer.
