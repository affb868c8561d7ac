//! Limits of the registry; what lies above is refused with the limit's name and number.

/// Characters of a username, a path or one part of it.
pub const PATH_CHARACTERS_MAX: usize = 255;
/// Characters of a display name.
pub const NAME_CHARACTERS_MAX: usize = 255;
/// Groups inside groups, as GitLab's.
pub const GROUP_DEPTH_MAX: usize = 20;
