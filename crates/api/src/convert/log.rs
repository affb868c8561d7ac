use wigwag_engine::{EventStory, Explained, Fate, HookStory};
use wigwag_hooks::DeliveryState;
use wigwag_ports::flags::{AuditCheck, AuditRow};
use wigwag_wire::{Time, audit, deliveries, events};

/// A delivery.
pub(crate) fn delivery(told: &Explained) -> deliveries::Delivery {
    let Explained { delivery, why } = told;
    deliveries::Delivery {
        event_id: delivery.event.0,
        hook_id: delivery.hook.0,
        project_id: delivery.project.0,
        event_type: delivery.event_type.to_string(),
        accepted_at: Time(delivery.accepted_at),
        state: delivery.state.name(),
        reason: why.as_ref().map(|why| why.reason),
        explanation: why.as_ref().map(|why| why.text.clone()),
        waits_until: why.as_ref().and_then(|why| why.until).map(Time),
        next_try_at: match delivery.state {
            DeliveryState::Retrying { due } => Some(Time(due)),
            _ => None,
        },
        attempts: delivery.attempts,
    }
}

/// An event with what became of it.
pub(crate) fn event_story(story: &EventStory) -> events::EventStory {
    let EventStory { event, hooks } = story;
    events::EventStory {
        id: event.id.0,
        project_id: event.project.0,
        event_type: event.event_type.to_string(),
        accepted_at: Time(event.accepted_at),
        payload_bytes: event.payload.len(),
        hooks: hooks.iter().map(hook_story).collect(),
    }
}

fn hook_story(told: &HookStory) -> events::EventHook {
    let not_wanted = |reason, text: &str| ("not_wanted", Some(reason), Some(text.to_owned()), None, 0);
    let (state, reason, explanation, waits_until, attempts) = match &told.fate {
        Fate::Delivery(one) => {
            let shown = delivery(one);
            (shown.state, shown.reason, shown.explanation, shown.waits_until, shown.attempts)
        }
        Fate::MadeLater => not_wanted("made_later", "the hook was made after the event"),
        Fate::OtherType => {
            not_wanted("other_type", "no trigger of the hook, as it is set now, fits this type")
        }
        Fate::OtherBranch => {
            not_wanted("other_branch", "the hook, as it is set now, does not want this branch")
        }
        Fate::Untold => {
            let text = "no delivery is stored: it is under way at this moment, or the hook was set otherwise when the \
                        event came, or the log of it is not kept any more";
            ("unknown", Some("untold"), Some(text.to_owned()), None, 0)
        }
    };
    events::EventHook { hook_id: told.hook.0, state, reason, explanation, waits_until, attempts }
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
