//! What the engine asks of the outside: small traits by intent, and their errors. Adapters implement them.

pub mod egress;
