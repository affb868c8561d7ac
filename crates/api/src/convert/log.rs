use wigwag_hooks::{Delivery, DeliveryState};
use wigwag_ports::flags::{AuditCheck, AuditRow};
use wigwag_wire::{Time, audit, deliveries};

/// A delivery.
pub(crate) fn delivery(delivery: &Delivery) -> deliveries::Delivery {
    let (reason, next_try_at) = match delivery.state {
        DeliveryState::Skipped(reason) | DeliveryState::Expired(reason) => (Some(reason.name()), None),
        DeliveryState::Retrying { due } => (None, Some(Time(due))),
        _ => (None, None),
    };
    deliveries::Delivery {
        event_id: delivery.event.0,
        hook_id: delivery.hook.0,
        project_id: delivery.project.0,
        event_type: delivery.event_type.to_string(),
        accepted_at: Time(delivery.accepted_at),
        state: delivery.state.name(),
        reason,
        next_try_at,
        attempts: delivery.attempts,
    }
}

/// A row of the audit log.
pub(crate) fn audit_row(row: &AuditRow) -> audit::AuditRow {
    let entry = &row.entry;
    audit::AuditRow {
        id: row.id,
        at: Time(entry.at),
        author: entry.author.clone(),
        sudo_by: entry.sudo_by.clone(),
        via: entry.via.clone(),
        flag: entry.flag.clone(),
        environment: entry.environment.clone(),
        before: entry.before.clone(),
        after: entry.after.clone(),
        reason: entry.reason.clone(),
    }
}

/// What the chain came to; where a head was asked for, a chain without it is not whole.
pub(crate) fn audit_verdict(check: &AuditCheck, asked: Option<[u8; 32]>) -> audit::AuditVerdict {
    audit::AuditVerdict {
        rows: check.rows,
        intact: check.broken_at.is_none() && (asked.is_none() || check.kept_at.is_some()),
        head: check.head.iter().map(|byte| format!("{byte:02x}")).collect(),
        broken_at: check.broken_at,
        kept_at: check.kept_at,
    }
}

/// 32 bytes from 64 hexadecimal digits.
pub(crate) fn hash_of_hex(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}
