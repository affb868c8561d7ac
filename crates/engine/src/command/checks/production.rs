use super::{Check, Checked, Verdict};
use crate::Engine;
use crate::command::writing::Writing;
use crate::flags::FlagWritten;
use crate::limits::{BLOCKERS_NAMED_MAX, PRODUCTION_CHECK_DEADLINE};
use std::sync::Arc;
use tokio::task::JoinSet;
use wigwag_chat::IgnoredCheck;
use wigwag_ports::ProductionCheck;
use wigwag_ports::monitors::{Blocker, SourceAnswer, WhenSilent};

/// What one source of the production check said.
pub(in crate::command) struct SourceSaid {
    name: String,
    when_silent: WhenSilent,
    answer: SourceAnswer,
}

impl Engine {
    /// Whether production is well enough for something new: every source is asked at once, once a command.
    pub(super) async fn check_production(&self, writing: &Writing<'_>, written: &FlagWritten) -> Checked {
        let said = |verdict, reason: String| Checked::new(Check::Production, verdict, reason);
        if !self.is_production(written) {
            return said(Verdict::NotNeeded, format!("{} is not production.", written.environment));
        }
        let sources = &self.inner.outside.production_checks;
        if sources.is_empty() {
            return said(Verdict::NotNeeded, "No source is configured ([[production_checks]]).".into());
        }
        if writing.ignores(IgnoredCheck::Production) {
            return said(Verdict::PassedOver, "Nobody looked whether production is well.".into());
        }
        let answers = writing.sources.get_or_init(|| ask(sources)).await;
        let (mut refused, mut silent) = (Vec::new(), Vec::new());
        for source in answers {
            match (&source.answer, source.when_silent) {
                (SourceAnswer::Clear, _) => {}
                (SourceAnswer::Blocked(blockers), _) => {
                    refused.push(format!("{}: {}", source.name, named(blockers)));
                }
                (SourceAnswer::Silent(why), WhenSilent::Refuse) => {
                    refused.push(format!("{} cannot be asked: {why}", source.name));
                }
                (SourceAnswer::Silent(why), WhenSilent::Pass) => {
                    silent.push(format!("{} cannot be asked: {why}", source.name));
                }
            }
        }
        if !refused.is_empty() {
            let advice =
                "Wait until that is over, or add --ignore-production-check. Turning off is never refused.";
            return said(Verdict::Refused, format!("{}. {advice}", refused.join("; ")));
        }
        if !silent.is_empty() {
            return said(Verdict::Warned, format!("{}. It goes on all the same.", silent.join("; ")));
        }
        let names: Vec<&str> = answers.iter().map(|source| source.name.as_str()).collect();
        said(Verdict::Passed, format!("Asked: {}.", names.join(", ")))
    }
}

/// Asks every source at once; one that is still silent at the end counts as such.
async fn ask(sources: &[Arc<dyn ProductionCheck>]) -> Vec<SourceSaid> {
    let mut asking = JoinSet::new();
    for (index, source) in sources.iter().enumerate() {
        let source = source.clone();
        asking.spawn(async move {
            let answer = tokio::time::timeout(PRODUCTION_CHECK_DEADLINE, source.look()).await;
            let seconds = PRODUCTION_CHECK_DEADLINE.as_secs();
            let silent = |_| SourceAnswer::Silent(format!("no answer within {seconds} s"));
            (index, answer.unwrap_or_else(silent))
        });
    }
    let broke_off = || SourceAnswer::Silent("asking it broke off".into());
    let mut said: Vec<SourceSaid> = sources
        .iter()
        .map(|source| SourceSaid {
            name: source.name().to_owned(),
            when_silent: source.when_silent(),
            answer: broke_off(),
        })
        .collect();
    while let Some(done) = asking.join_next().await {
        if let Ok((index, answer)) = done {
            said[index].answer = answer;
        }
    }
    said
}

fn named(blockers: &[Blocker]) -> String {
    let name = |blocker: &Blocker| match &blocker.url {
        Some(url) => format!("{} ({url})", blocker.what),
        None => blocker.what.clone(),
    };
    let named: Vec<String> = blockers.iter().take(BLOCKERS_NAMED_MAX).map(name).collect();
    match blockers.len().saturating_sub(BLOCKERS_NAMED_MAX) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::ask;
    use async_trait::async_trait;
    use std::sync::Arc;
    use wigwag_ports::ProductionCheck;
    use wigwag_ports::monitors::{SourceAnswer, WhenSilent};

    struct Hangs;

    #[async_trait]
    impl ProductionCheck for Hangs {
        fn name(&self) -> &str {
            "hangs"
        }

        fn when_silent(&self) -> WhenSilent {
            WhenSilent::Refuse
        }

        async fn look(&self) -> SourceAnswer {
            std::future::pending().await
        }
    }

    struct Panics;

    #[async_trait]
    impl ProductionCheck for Panics {
        fn name(&self) -> &str {
            "panics"
        }

        fn when_silent(&self) -> WhenSilent {
            WhenSilent::Refuse
        }

        async fn look(&self) -> SourceAnswer {
            panic!("a source of this test breaks off")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_hangs_or_breaks_off_is_silent() {
        let said = ask(&[Arc::new(Hangs), Arc::new(Panics)]).await;
        let answers: Vec<_> = said.into_iter().map(|said| said.answer).collect();
        let silent = |why: &str| SourceAnswer::Silent(why.to_owned());
        assert_eq!(answers, [silent("no answer within 10 s"), silent("asking it broke off")]);
    }
}
