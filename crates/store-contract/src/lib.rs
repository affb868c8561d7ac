//! One behaviour suite for every store.
