//! The cases of the benchmark `evaluate`: one flag asked in one way, ours, the client library's and the rival's.

use std::hint::black_box;

pub mod client;
pub mod ours;
pub mod rival;
pub mod world;

/// One way of asking.
pub struct Case {
    /// What is asked, as the table shows it.
    pub name: &'static str,
    /// Asks so many times.
    pub ask: Box<dyn FnMut(u64)>,
}

impl Case {
    fn new<T>(name: &'static str, mut once: impl FnMut() -> T + 'static) -> Self {
        let ask = Box::new(move |times| {
            for _ in 0..times {
                black_box(once());
            }
        });
        Self { name, ask }
    }
}
