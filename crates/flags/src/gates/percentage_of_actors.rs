//! On for a share of actors: each has a bucket that never changes, and the flag is on for the buckets below the
//! percentage.
//!
//! The reference takes `crc32(flag name ++ id) mod 100000 < percentage * 1000`, the product in IEEE double. Its
//! modulo bias stays: mending it would move everyone.

use super::Call;
use crate::evaluate::Reason;
use crate::state::FlagState;

/// How many buckets there are: a thousand for each per cent.
pub const BUCKETS: u32 = 100_000;

/// The bucket, from 0 up to but not including [`BUCKETS`], of `actors` taken together: CRC-32/ISO-HDLC (that of
/// zlib) over the flag's name and the ids, sorted by bytes and joined with nothing. `None` without an actor.
pub fn bucket(flag: &str, actors: &[&str]) -> Option<u32> {
    let mut crc = crc32fast::Hasher::new();
    crc.update(flag.as_bytes());
    match actors {
        [] => return None,
        [actor] => crc.update(actor.as_bytes()),
        several => {
            let mut sorted = several.to_vec();
            sorted.sort_unstable();
            sorted.iter().for_each(|actor| crc.update(actor.as_bytes()));
        }
    }
    Some(crc.finalize() % BUCKETS)
}

pub(super) fn open<'s>(state: &'s FlagState, call: &Call<'_>) -> Option<Reason<'s>> {
    let percentage = state.percentage_of_actors?;
    let bucket = bucket(call.flag, call.actors)?;
    (f64::from(bucket) < percentage.as_f64() * 1000.0).then_some(Reason::PercentageOfActors(bucket))
}
