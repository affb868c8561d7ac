//! The public JSON contract.
