use crate::errors::Problem;
use crate::limits::STREAM_RETRY_AFTER;
use axum::http::StatusCode;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
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

/// Why there is no place for a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Crowded {
    /// The node has as many as it may.
    Node,
    /// The user has as many as one may.
    User,
}

impl Crowded {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Node => StatusCode::SERVICE_UNAVAILABLE,
            Self::User => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

impl fmt::Display for Crowded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "This node serves as many event streams as it may. Ask another one, or later.",
            Self::User => {
                "This user has as many event streams on this node as one may. Close some, or use another user's token."
            }
        })
    }
}

impl From<Crowded> for Problem {
    fn from(crowded: Crowded) -> Self {
        Self::new(crowded.status(), "too_many_streams", crowded.to_string()).later(STREAM_RETRY_AFTER)
    }
}

impl Places {
    pub(crate) fn new(node_max: usize, user_max: usize) -> Self {
        Self { node_max, user_max, taken: Mutex::default() }
    }

    /// One more for `user`.
    ///
    /// # Errors
    /// [`Crowded`] says whose limit is reached.
    pub(crate) fn take(self: &Arc<Self>, user: UserId) -> Result<Place, Crowded> {
        let mut taken = self.taken.lock();
        let own = taken.by_user.get(&user).copied().unwrap_or(0);
        if taken.all >= self.node_max {
            return Err(Crowded::Node);
        }
        if own >= self.user_max {
            return Err(Crowded::User);
        }
        taken.by_user.insert(user, own + 1);
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
    use super::{Crowded, Places};
    use std::sync::Arc;
    use wigwag_base::UserId;

    #[test]
    fn a_place_is_taken_and_given_back() {
        let places = Arc::new(Places::new(3, 2));
        let (ada, bob) = (UserId(1), UserId(2));
        let taken = [places.take(ada), places.take(ada)];
        assert!(taken.iter().all(Result::is_ok));
        assert_eq!(places.take(ada).err(), Some(Crowded::User));
        let one = places.take(bob).ok().unwrap();
        assert_eq!(places.take(bob).err(), Some(Crowded::Node));
        drop(one);
        let again = places.take(bob);
        assert!(again.is_ok());
        drop(taken);
        assert!(places.take(ada).is_ok());
        assert_eq!(places.taken.lock().by_user.len(), 1);
    }
}
