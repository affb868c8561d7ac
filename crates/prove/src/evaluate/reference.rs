//! The slow, obvious reference: the text of the design, line by line. It shares nothing with the product, not even the
//! checksum.

use super::flags::{Drawn, Stored};
use std::collections::BTreeMap;

/// What is decided, and the word of its reason.
pub(super) type Answer = (bool, &'static str);

/// Whether `name` is enabled for `actors` together.
pub(super) fn decide(flags: &BTreeMap<String, Drawn>, name: &str, actors: &[&str]) -> Answer {
    within(flags, name, actors, &[])
}

fn within(flags: &BTreeMap<String, Drawn>, name: &str, actors: &[&str], above: &[&str]) -> Answer {
    let Some(flag) = flags.get(name) else { return (false, "unknown") };
    if above.contains(&name) {
        return (flag.default_enabled, "default");
    }
    let here: Vec<&str> = above.iter().copied().chain([name]).collect();
    if flag.depends_on.iter().any(|needed| !within(flags, needed, actors, &here).0) {
        return (false, "dependency");
    }
    let Some(stored) = &flag.stored else { return (flag.default_enabled, "default") };
    match open(name, stored, actors) {
        None => (false, "off"),
        Some(_) if actors.iter().any(|actor| stored.opt_outs.iter().any(|out| out == actor)) => {
            (false, "opt_out")
        }
        Some(reason) => (true, reason),
    }
}

fn open(name: &str, stored: &Stored, actors: &[&str]) -> Option<&'static str> {
    if stored.boolean == Some(true) {
        return Some("boolean");
    }
    if actors.iter().any(|actor| stored.actors.iter().any(|listed| listed == actor)) {
        return Some("actors");
    }
    if let (Some(percentage), false) = (stored.percentage_of_actors, actors.is_empty()) {
        let mut sorted = actors.to_vec();
        sorted.sort_unstable();
        let bucket = crc32(format!("{name}{}", sorted.concat()).as_bytes()) % 100_000;
        if f64::from(bucket) < percentage * 1_000.0 {
            return Some("percentage_of_actors");
        }
    }
    // Only 0 and 100 are drawn: what is left to chance cannot be held against anything.
    (stored.percentage_of_time == Some(100.0)).then_some("percentage_of_time")
}

/// CRC-32/ISO-HDLC, a bit at a time.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_checksum_is_that_of_the_design() {
        assert_eq!(crc32(b"webhooks_failed_calloutUser:1"), 3_957_539_149);
        assert_eq!(crc32(b"webhooks_failed_calloutProject:278964"), 2_175_396_767);
        assert_eq!(crc32(b"fProject:1User:5"), 2_394_350_435);
    }
}
