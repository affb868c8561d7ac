//! Hooks, events, deliveries, attempts and the health machine.
