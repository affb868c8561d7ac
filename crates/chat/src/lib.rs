//! The chat grammar: one specification per command gives parser, help and completion.
