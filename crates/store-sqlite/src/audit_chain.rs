//! The chain of hashes over the audit log: a row that is changed or taken out breaks every hash after it.

use sha2::{Digest, Sha256};
use wigwag_ports::flags::AuditEntry;

/// The hash before the first row.
pub(crate) const START: [u8; 32] = [0; 32];

/// SHA-256 over the hash before, the row's id, its time and its fields, each with its length in front and a mark
/// whether it is there at all.
pub(crate) fn link(before: &[u8; 32], id: i64, entry: &AuditEntry) -> [u8; 32] {
    let AuditEntry { at, author, sudo_by, via, flag, environment, before: was, after, reason } = entry;
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(id.to_be_bytes());
    hash.update(at.as_millis().to_be_bytes());
    let fields = [Some(author), sudo_by.as_ref(), Some(via), flag.as_ref(), environment.as_ref()];
    for field in fields.into_iter().chain([Some(was), Some(after), reason.as_ref()]) {
        match field {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
    }
    hash.finalize().into()
}
