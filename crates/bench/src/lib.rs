//! What several of the benchmark's programs share: the cases of `evaluate`, which one program times and another, with
//! an allocator that counts, weighs.

pub mod evaluation;
