//! Who and what there is on the make-believe platform: a group with two projects, and two people who look at them.

/// The platform's name.
pub(crate) const PLATFORM: &str = "Tidewharf";

/// The group of both projects.
pub(crate) const GROUP: &str = "harbor";

/// One of the two projects.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Place {
    /// harbor/lighthouse, whose receiver breaks first.
    Lighthouse,
    /// harbor/ferry.
    Ferry,
}

impl Place {
    /// Both, in the order in which they are shown.
    pub(crate) const ALL: [Place; 2] = [Self::Lighthouse, Self::Ferry];

    /// Its part of a path.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Lighthouse => "lighthouse",
            Self::Ferry => "ferry",
        }
    }

    /// What people call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lighthouse => "Lighthouse",
            Self::Ferry => "Ferry",
        }
    }

    /// What its hook is called.
    pub(crate) const fn hook_name(self) -> &'static str {
        match self {
            Self::Lighthouse => "Keeper's log",
            Self::Ferry => "Ticket office",
        }
    }

    /// The whole path: `harbor/lighthouse`.
    pub(crate) fn full_path(self) -> String {
        format!("{GROUP}/{}", self.slug())
    }

    /// By its part of a path.
    pub(crate) fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.slug() == slug)
    }
}

/// One thing for each project.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PerPlace<T>(pub(crate) [T; 2]);

impl<T> PerPlace<T> {
    /// Makes both.
    pub(crate) fn try_make<E>(mut make: impl FnMut(Place) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self([make(Place::Lighthouse)?, make(Place::Ferry)?]))
    }

    /// The one of `place`.
    pub(crate) const fn of(&self, place: Place) -> &T {
        &self.0[place as usize]
    }

    /// The one of `place`, to be changed.
    pub(crate) const fn of_mut(&mut self, place: Place) -> &mut T {
        &mut self.0[place as usize]
    }
}

/// Who looks at the platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Viewer {
    /// May mend hooks, so the banner is for her.
    Maintainer,
    /// May only read.
    Reporter,
}

impl Viewer {
    /// Both.
    pub(crate) const ALL: [Viewer; 2] = [Self::Maintainer, Self::Reporter];

    /// The username.
    pub(crate) const fn username(self) -> &'static str {
        match self {
            Self::Maintainer => "mara",
            Self::Reporter => "remi",
        }
    }

    /// The first name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Maintainer => "Mara",
            Self::Reporter => "Remi",
        }
    }

    /// The role in words.
    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::Maintainer => "maintainer",
            Self::Reporter => "reporter",
        }
    }

    /// The access level in the group.
    pub(crate) const fn access_level(self) -> u8 {
        match self {
            Self::Maintainer => 40,
            Self::Reporter => 20,
        }
    }

    /// By username.
    pub(crate) fn find(username: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|viewer| viewer.username() == username)
    }
}
