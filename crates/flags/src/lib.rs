//! Feature flags: definitions, gates, evaluation with its reason.
