//! Every limit of the flags, with its unit, its reason and what happens when it is hit.

/// Bytes of a flag's name: the width of the reference's column. A longer name is refused.
pub const FLAG_NAME_BYTES_MAX: usize = 255;

/// Bytes of an actor's id such as `Project:1`: the width of the reference's column. A longer one is refused.
pub const ACTOR_ID_BYTES_MAX: usize = 255;

/// Entries of a flag's actors gate, opt-outs counted: every write copies the set, and whoever lists more than this
/// wants a percentage or a group. A write that would go over it is refused.
pub const ACTORS_MAX: usize = 10_000;

/// Names in a flag's groups gate; each is asked for each actor. A write that would go over it is refused.
pub const GROUPS_MAX: usize = 100;

/// Actors of one call that are sorted on the stack for their common bucket; for more an evaluation allocates. 16 is
/// more than a platform asks for together: a user, a project and the groups above it.
pub const ACTORS_SORTED_ON_STACK_MAX: usize = 16;

/// Slots of flags that were forgotten before a snapshot thinks of giving them back, so that small sets of flags are
/// not numbered anew again and again. Beyond it, it does so when half of the slots were emptied.
pub const FORGOTTEN_SLOTS_MIN: usize = 64;

/// Flags that one definition may depend on. A definition with more is refused.
pub const DEPENDS_ON_MAX: usize = 8;

/// How far dependencies may reach: a flag, what it depends on, what that depends on, and so on, counted in arrows.
/// With [`DEPENDS_ON_MAX`] it bounds the work of one evaluation. Longer chains are refused when definitions load; if
/// one is met all the same, the flag at its end counts as its default.
pub const DEPENDENCY_DEPTH_MAX: usize = 4;

/// Entries of a list that a text names one by one; the others are counted ("and 12 more").
pub const NAMED_IN_WORDS_MAX: usize = 10;
