//! Which events are not settled yet.
//!
//! The mark is not written on the event's row, because that would write the event's page a second time. Each commit
//! adds one row with the ids that it settles; a low-water mark in `meta` says up to which id everything is settled,
//! and rows that lie wholly below it go. Memory holds the unsettled ids, so that the mark can move without a search.

use crate::codec::{push_varint, take_varint};
use crate::error::{Outcome, odd};
use crate::limits::SETTLED_ROWS_MAX;
use crate::meta;
use rusqlite::Connection;
use std::collections::{BTreeSet, HashSet, VecDeque};

/// The unsettled ids and the rows that tell of the settled ones.
#[derive(Default)]
pub(crate) struct Settled {
    unsettled: BTreeSet<i64>,
    /// (row, its greatest id), oldest first.
    rows: VecDeque<(i64, i64)>,
    last_event: i64,
    /// Rows at which the mark is tried again.
    try_at: usize,
}

/// A move of the low-water mark that is part of an open transaction.
#[derive(Clone, Copy)]
pub(crate) struct Move {
    rows: usize,
}

impl Settled {
    /// Rebuilds from the store.
    pub(crate) fn load(connection: &Connection) -> Outcome<Self> {
        let below: i64 = meta::get(connection, meta::SETTLED_BELOW)?.unwrap_or(0);
        let mut settled = Self { try_at: SETTLED_ROWS_MAX, ..Self::default() };
        let mut above = HashSet::new();
        let mut statement = connection.prepare("SELECT id, ids FROM settled ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let ids = decode(row.get_ref(1)?.as_blob().map_err(|_| odd("settled ids"))?)?;
            settled.rows.push_back((row.get(0)?, ids.last().copied().unwrap_or(0)));
            above.extend(ids.into_iter().filter(|id| *id > below));
        }
        let mut statement = connection.prepare("SELECT id FROM events WHERE id > ?1 ORDER BY id")?;
        let mut rows = statement.query([below])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            if !above.contains(&id) {
                settled.unsettled.insert(id);
            }
        }
        let last = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)";
        settled.last_event = connection.query_row(last, [], |row| row.get(0))?;
        Ok(settled)
    }

    /// The newest event.
    pub(crate) fn last_event(&self) -> i64 {
        self.last_event
    }

    /// The unsettled ids above `after`, rising.
    pub(crate) fn above(&self, after: i64, limit: usize) -> Vec<i64> {
        self.unsettled.range(after.saturating_add(1)..).take(limit).copied().collect()
    }

    /// Whether an event's mark is missing.
    pub(crate) fn is_unsettled(&self, id: i64) -> bool {
        self.unsettled.contains(&id)
    }

    /// Whether it is time to move the mark.
    pub(crate) fn wants_move(&self) -> bool {
        self.rows.len() >= self.try_at
    }

    /// Moves the mark inside an open transaction.
    pub(crate) fn write_move(&self, connection: &Connection) -> Outcome<Move> {
        let below = self.unsettled.first().map_or(self.last_event, |id| id - 1);
        let rows = self.rows.iter().take_while(|(_, max)| *max <= below).count();
        if let Some((row, _)) = rows.checked_sub(1).and_then(|last| self.rows.get(last)) {
            connection.prepare_cached("DELETE FROM settled WHERE id <= ?1")?.execute([row])?;
        }
        meta::set(connection, meta::SETTLED_BELOW, below)?;
        Ok(Move { rows })
    }

    /// Writes the mark of `ids` (sorted here) inside an open transaction; returns the row with its greatest id.
    pub(crate) fn write(connection: &Connection, ids: &mut Vec<i64>) -> Outcome<Option<(i64, i64)>> {
        ids.sort_unstable();
        ids.dedup();
        let Some(max) = ids.last().copied() else {
            return Ok(None);
        };
        connection.prepare_cached("INSERT INTO settled (ids) VALUES (?1)")?.execute([encode(ids)])?;
        Ok(Some((connection.last_insert_rowid(), max)))
    }

    /// Takes over what a transaction did, once it is committed.
    pub(crate) fn committed(
        &mut self,
        appended: &[i64],
        settled: &[i64],
        row: Option<(i64, i64)>,
        moved: Option<Move>,
    ) {
        self.unsettled.extend(appended);
        self.last_event = appended.iter().copied().fold(self.last_event, i64::max);
        for id in settled {
            self.unsettled.remove(id);
        }
        if let Some(moved) = moved {
            self.rows.drain(..moved.rows);
            self.try_at = self.rows.len() + SETTLED_ROWS_MAX;
        }
        self.rows.extend(row);
    }
}

/// Differences of sorted ids: a byte each where they lie close.
fn encode(ids: &[i64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ids.len() + 8);
    let mut before = 0;
    for id in ids {
        push_varint(&mut bytes, (id - before).unsigned_abs());
        before = *id;
    }
    bytes
}

fn decode(mut bytes: &[u8]) -> rusqlite::Result<Vec<i64>> {
    let (mut ids, mut before) = (Vec::new(), 0_i64);
    while !bytes.is_empty() {
        let step = take_varint(&mut bytes)?;
        before = i64::try_from(step)
            .ok()
            .and_then(|step| before.checked_add(step))
            .ok_or_else(|| odd("settled ids"))?;
        ids.push(before);
    }
    Ok(ids)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn ids_come_back() {
        for ids in [vec![], vec![1], vec![1, 2, 3, 900, 1 << 40], vec![i64::MAX]] {
            assert_eq!(decode(&encode(&ids)).unwrap(), ids);
        }
        assert_eq!(encode(&(1_000_000..1_000_064).collect::<Vec<_>>()).len(), 66);
    }

    #[test]
    fn damaged_ids_are_refused() {
        for bytes in [&[0x80][..], &[0xff; 11], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]]
        {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
