//! How records lie in rows: words as small numbers, one file per kind of record.

pub(crate) mod attempt;
pub(crate) mod chat;
pub(crate) mod credential;
pub(crate) mod delivery;
pub(crate) mod deployment;
pub(crate) mod flag;
pub(crate) mod health;
pub(crate) mod hook;
pub(crate) mod notice;
pub(crate) mod registry;
pub(crate) mod rollout;

use crate::error::odd;
use rusqlite::{Result, Row};
use wigwag_base::Timestamp;

/// Declares the stored number of each value of a type, both ways. The numbers are stored: they never change.
macro_rules! codes {
    ($encode:ident, $decode:ident, $type:ty { $($value:path = $code:literal),* $(,)? }) => {
        pub(crate) const fn $encode(value: $type) -> i64 {
            match value { $($value => $code),* }
        }

        pub(crate) fn $decode(code: i64) -> rusqlite::Result<$type> {
            match code {
                $($code => Ok($value),)*
                _ => Err($crate::error::odd(stringify!($type))),
            }
        }
    };
}
pub(crate) use codes;

/// LEB128.
pub(crate) fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Takes a LEB128 number off the front.
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Result<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or_else(|| odd("number"))?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if part << shift >> shift != part {
            return Err(odd("number"));
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(odd("number"))
}

/// Takes a text with its length in front.
pub(crate) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8]> {
    let length = usize::try_from(take_varint(bytes)?).map_err(|_| odd("length"))?;
    let (head, rest) = bytes.split_at_checked(length).ok_or_else(|| odd("length"))?;
    *bytes = rest;
    Ok(head)
}

/// Pushes a text with its length in front.
pub(crate) fn push_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    push_varint(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// A column that is a time.
pub(crate) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp> {
    Ok(Timestamp::from_millis(row.get(column)?))
}

/// A column that is a time or NULL.
pub(crate) fn time_if_any(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

/// A column that is a count.
pub(crate) fn count(row: &Row<'_>, column: &str) -> Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| odd("count"))
}

/// A number of ours as SQLite keeps it; above its range the greatest that it can keep.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{push_bytes, push_varint, take_bytes, take_varint};

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            push_varint(&mut bytes, value);
            let mut rest = &bytes[..];
            assert_eq!(take_varint(&mut rest).unwrap(), value);
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let mut bytes = Vec::new();
        push_bytes(&mut bytes, b"abc");
        for cut in 0..bytes.len() {
            assert!(take_bytes(&mut &bytes[..cut]).is_err(), "{cut}");
        }
        assert_eq!(take_bytes(&mut &bytes[..]).unwrap(), b"abc");
    }
}
