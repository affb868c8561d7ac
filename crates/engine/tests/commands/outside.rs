//! What production says of itself, and charts: both set by hand.

use async_trait::async_trait;
use std::sync::Mutex;
use tokio::sync::watch;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::monitors::{Annotation, Annotations, Blocker, ProductionCheck, SourceAnswer, WhenSilent};

/// A source of the production check.
pub(crate) struct HandSource {
    answer: watch::Sender<Option<SourceAnswer>>,
    when_silent: WhenSilent,
    asked: watch::Sender<usize>,
}

impl HandSource {
    pub(crate) fn new(when_silent: WhenSilent) -> Self {
        Self {
            answer: watch::Sender::new(Some(SourceAnswer::Clear)),
            when_silent,
            asked: watch::Sender::new(0),
        }
    }

    pub(crate) fn clear(&self) {
        self.answer.send_replace(Some(SourceAnswer::Clear));
    }

    pub(crate) fn blocked(&self, what: &str) {
        let blocker = Blocker { what: what.into(), url: Some("https://incidents.example/7".into()) };
        self.answer.send_replace(Some(SourceAnswer::Blocked(vec![blocker])));
    }

    pub(crate) fn silent(&self, why: &str) {
        self.answer.send_replace(Some(SourceAnswer::Silent(why.into())));
    }

    /// It does not answer until it is told what.
    pub(crate) fn hangs(&self) {
        self.answer.send_replace(None);
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    /// Returns when it was asked so often.
    pub(crate) async fn was_asked(&self, times: usize) {
        self.asked.subscribe().wait_for(|asked| *asked >= times).await.unwrap();
    }
}

#[async_trait]
impl ProductionCheck for HandSource {
    fn name(&self) -> &str {
        "health of web"
    }

    fn when_silent(&self) -> WhenSilent {
        self.when_silent
    }

    async fn look(&self) -> SourceAnswer {
        self.asked.send_modify(|asked| *asked += 1);
        let mut answers = self.answer.subscribe();
        let answer = answers.wait_for(Option::is_some).await.unwrap();
        answer.clone().unwrap()
    }
}

/// Charts that keep what is drawn into them.
#[derive(Default)]
pub(crate) struct HandCharts(pub(crate) Mutex<Vec<Annotation>>);

#[async_trait]
impl Annotations for HandCharts {
    async fn annotate(&self, annotation: &Annotation) -> Result<(), ChatOutError> {
        self.0.lock().unwrap().push(annotation.clone());
        Ok(())
    }
}
