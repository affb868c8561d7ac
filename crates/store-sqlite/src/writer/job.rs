//! One call to the writer.

use super::{Group, Lane};
use crate::error::Outcome;
use tokio::sync::oneshot;
use wigwag_ports::StoreError;

/// How much of a group a call takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Weight {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

/// A call that waits for the writer.
pub(crate) trait Job: Send {
    fn lane(&self) -> Lane;

    /// What it takes; once it was run, what it took.
    fn weight(&self) -> Weight;

    /// Does the work inside the group's transaction and keeps the answer. May run twice, when the group's first try
    /// was rolled back.
    ///
    /// # Errors
    /// The group cannot be committed with this call in it. A refusal that wrote nothing is no error but an answer.
    fn run(&mut self, group: &mut Group<'_>) -> Result<(), StoreError>;

    /// Gives the caller the answer, once it is committed, or the error.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A call of the first lane: a closure in a savepoint of its own.
pub(crate) struct Call<T, F> {
    work: F,
    answer: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Call<T, F> {
    pub(crate) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, receiver) = oneshot::channel();
        let answer = Err(StoreError::Unavailable("was not run".into()));
        (Self { work, answer, reply }, receiver)
    }
}

impl<T: Send, F: FnMut(&mut Group<'_>) -> Outcome<T> + Send> Job for Call<T, F> {
    fn lane(&self) -> Lane {
        Lane::Admin
    }

    fn weight(&self) -> Weight {
        Weight { items: 1, bytes: 1024 }
    }

    fn run(&mut self, group: &mut Group<'_>) -> Result<(), StoreError> {
        group.savepoint()?;
        self.answer = (self.work)(group).map_err(StoreError::from);
        match &self.answer {
            Ok(_) => group.release(),
            // The transaction itself may be lost then.
            Err(error @ (StoreError::Full | StoreError::Fatal(_))) => Err(error.clone()),
            Err(_) => group.undo(),
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        // A caller that went away needs no answer.
        let _ = self.reply.send(committed.and(self.answer));
    }
}
