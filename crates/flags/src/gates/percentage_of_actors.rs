//! On for a share of actors: each has a bucket that never changes, and the flag is on for the buckets below the
//! percentage.
//!
//! The reference takes `crc32(flag name ++ id) mod 100000 < percentage * 1000`, the product in IEEE double. Its
//! modulo bias stays: mending it would move everyone. The checksum of the name is taken once for each flag and
//! continued with the ids.

use crc32fast::Hasher;
use wigwag_base::Percentage;

use super::Call;
use crate::evaluate::Reason;
use crate::limits::ACTORS_SORTED_ON_STACK_MAX;
use crate::names::FlagName;

/// How many buckets there are: a thousand for each per cent.
pub const BUCKETS: u32 = 100_000;

/// The bucket, from 0 up to but not including [`BUCKETS`], of `actors` taken together: CRC-32/ISO-HDLC (that of
/// zlib) over the flag's name and the ids, sorted by bytes and joined with nothing. `None` without an actor.
pub fn bucket(flag: &str, actors: &[&str]) -> Option<u32> {
    bucket_after(crc32fast::hash(flag.as_bytes()), actors)
}

/// The buckets of one flag for which the gate is open.
pub(super) struct Share {
    name_crc: u32,
    below: f64,
}

impl Share {
    /// `None` for 0 %, which opens for no bucket.
    pub(super) fn of(flag: &FlagName, percentage: Percentage) -> Option<Self> {
        let name_crc = crc32fast::hash(flag.as_str().as_bytes());
        (percentage > Percentage::ZERO).then_some(Self { name_crc, below: percentage.as_f64() * 1000.0 })
    }
}

pub(super) fn open(share: &Share, call: &Call<'_>) -> Option<Reason<'static>> {
    let bucket = bucket_after(share.name_crc, call.actors)?;
    (f64::from(bucket) < share.below).then_some(Reason::PercentageOfActors(bucket))
}

fn bucket_after(name_crc: u32, actors: &[&str]) -> Option<u32> {
    let mut crc = Hasher::new_with_initial(name_crc);
    let mut update = |ids: &[&str]| ids.iter().for_each(|id| crc.update(id.as_bytes()));
    match actors {
        [] => return None,
        [_] => update(actors),
        several if several.len() <= ACTORS_SORTED_ON_STACK_MAX => {
            let mut sorted = [""; ACTORS_SORTED_ON_STACK_MAX];
            let sorted = &mut sorted[..several.len()];
            sorted.copy_from_slice(several);
            sorted.sort_unstable();
            update(sorted);
        }
        many => {
            let mut sorted = many.to_vec();
            sorted.sort_unstable();
            update(&sorted);
        }
    }
    Some(crc.finalize() % BUCKETS)
}
