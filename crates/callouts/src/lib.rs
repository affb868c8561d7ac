//! When a banner shows, to whom, and what it says.
