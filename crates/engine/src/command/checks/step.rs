use super::{Check, Checked, Verdict};
use crate::command::writing::Writing;
use crate::flags::{FlagWritten, share};
use crate::{Engine, LargeSteps};
use wigwag_base::Percentage;
use wigwag_chat::checks::{StepSize, step};

impl Engine {
    /// Not too many get it at once: production alone, by the share of actors; those who are listed do not count.
    pub(super) fn check_step(&self, writing: &Writing<'_>, written: &FlagWritten) -> Checked {
        let said = |verdict, reason: String| Checked::new(Check::StepSize, verdict, reason);
        if !self.is_production(written) {
            return said(Verdict::NotNeeded, format!("{} is not production.", written.environment));
        }
        let definition = written.definition.as_deref();
        let before = widest(share(definition, written.before.as_ref()), written.before.as_ref());
        let after = widest(share(definition, written.after.as_ref()), written.after.as_ref());
        let StepSize::Large { allowed_to } = step(before, after) else {
            return said(Verdict::Passed, String::new());
        };
        let what = format!("From {before} % to {after} % is a large step; up to {allowed_to} % is not.");
        let is_large = writing.asked.as_ref().is_some_and(|asked| asked.set.large_step);
        match self.large_steps(written) {
            LargeSteps::Warn => said(Verdict::Warned, what),
            LargeSteps::Refuse if is_large => said(Verdict::PassedOver, what),
            LargeSteps::Refuse => {
                said(Verdict::Refused, format!("{what} Take a smaller one, or add --large-step."))
            }
        }
    }

    /// What becomes of a large step: the strictest of what the environment and the flag say.
    fn large_steps(&self, written: &FlagWritten) -> LargeSteps {
        let flag_refuses = written
            .definition
            .as_deref()
            .is_some_and(|definition| definition.large_steps == Some(wigwag_flags::LargeStepPolicy::Refuse));
        let reads = |one: &&crate::Environment| {
            self.inner.flags.base_of(&one.name) == Some(written.environment.as_str())
        };
        let mut places = self.inner.settings.environments.iter().filter(reads);
        if flag_refuses || places.any(|one| one.large_steps == LargeSteps::Refuse) {
            LargeSteps::Refuse
        } else {
            LargeSteps::Warn
        }
    }
}

/// The share that has it at one moment: a percentage of time counts like one of actors.
fn widest(share: Percentage, state: Option<&wigwag_flags::FlagState>) -> Percentage {
    match state.and_then(|state| state.percentage_of_time) {
        Some(time) if time > share => time,
        _ => share,
    }
}
