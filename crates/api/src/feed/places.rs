use crate::errors::Problem;
use crate::limits::STREAM_RETRY_AFTER;
use axum::http::StatusCode;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use wigwag_base::UserId;

/// How many streams there are, and whose.
pub(crate) struct Places {
    node_max: usize,
    user_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_user: HashMap<UserId, usize>,
}

/// One stream's place, free again when it is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    user: UserId,
}

impl Places {
    pub(crate) fn new(node_max: usize, user_max: usize) -> Self {
        Self { node_max, user_max, taken: Mutex::default() }
    }

    /// One more for `user`.
    ///
    /// # Errors
    /// 503 if the node has no more, 429 if the user has not.
    pub(crate) fn take(self: &Arc<Self>, user: UserId) -> Result<Place, Problem> {
        let mut taken = self.taken.lock();
        if taken.all >= self.node_max {
            let detail = "This node serves as many event streams as it may. Ask another one, or later.";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", detail);
            return Err(problem.later(STREAM_RETRY_AFTER));
        }
        let own = taken.by_user.entry(user).or_default();
        if *own >= self.user_max {
            let detail = "This user has as many event streams on this node as one may. Close some, or use another \
                          user's token.";
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", detail);
            return Err(problem.later(STREAM_RETRY_AFTER));
        }
        *own += 1;
        taken.all += 1;
        Ok(Place { places: self.clone(), user })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        taken.all -= 1;
        if let Some(own) = taken.by_user.get_mut(&self.user) {
            *own -= 1;
            if *own == 0 {
                taken.by_user.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use std::sync::Arc;
    use wigwag_base::UserId;

    #[test]
    fn a_place_is_taken_and_given_back() {
        let places = Arc::new(Places::new(3, 2));
        let (ada, bob) = (UserId(1), UserId(2));
        let taken = [places.take(ada), places.take(ada)];
        assert!(taken.iter().all(Result::is_ok));
        assert!(places.take(ada).is_err(), "a user has two");
        let one = places.take(bob).ok().unwrap();
        assert!(places.take(bob).is_err(), "the node has three");
        drop(one);
        let again = places.take(bob);
        assert!(again.is_ok());
        drop(taken);
        assert!(places.take(ada).is_ok());
        assert_eq!(places.taken.lock().by_user.len(), 1);
    }
}
