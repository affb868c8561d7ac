use wigwag_hooks::{Delivery, DeliveryState};
use wigwag_ports::flags::AuditRow;
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
