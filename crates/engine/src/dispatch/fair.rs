use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use wigwag_access::Namespace;
use wigwag_base::HookId;

/// Whose turn it is: round robin over root namespaces, then over the hooks of each. A turn is one request, so a noisy
/// namespace, or one with many hooks, gets no more turns than a quiet one.
#[derive(Default)]
pub(super) struct Turns {
    roots: VecDeque<Root>,
    hooks: FxHashMap<Root, VecDeque<HookId>>,
    waiting: FxHashSet<HookId>,
}

/// The root namespace under which a hook's turns are counted; system hooks share one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Root {
    /// A group without a parent, or a user's own namespace.
    Namespace(Namespace),
    /// System hooks.
    System,
    /// A hook whose namespace is not known yet: it was found waiting at start, and no event has come for it since.
    Hook(HookId),
}

impl Turns {
    /// `hook` has something to send and may send it; it queues up once, however often this is said.
    pub(super) fn queue(&mut self, root: Root, hook: HookId) {
        if !self.waiting.insert(hook) {
            return;
        }
        let hooks = self.hooks.entry(root).or_default();
        if hooks.is_empty() {
            self.roots.push_back(root);
        }
        hooks.push_back(hook);
    }

    /// Whether `hook` stands in line.
    pub(super) fn holds(&self, hook: HookId) -> bool {
        self.waiting.contains(&hook)
    }

    /// The hook whose turn it is; its root goes to the end of the line.
    pub(super) fn next(&mut self) -> Option<HookId> {
        let root = self.roots.pop_front()?;
        let hooks = self.hooks.get_mut(&root)?;
        let hook = hooks.pop_front()?;
        self.waiting.remove(&hook);
        if hooks.is_empty() {
            self.hooks.remove(&root);
        } else {
            self.roots.push_back(root);
        }
        Some(hook)
    }
}

#[cfg(test)]
mod tests {
    use super::{Root, Turns};
    use wigwag_access::Namespace;
    use wigwag_base::{GroupId, HookId};

    #[test]
    fn a_namespace_with_many_hooks_gets_every_second_turn_beside_one_other() {
        let root = |id| Root::Namespace(Namespace::Group(GroupId(id)));
        let mut turns = Turns::default();
        for hook in 1..=3 {
            turns.queue(root(1), HookId(hook));
        }
        turns.queue(root(2), HookId(10));
        turns.queue(root(2), HookId(10));
        let mut order = Vec::new();
        while let Some(hook) = turns.next() {
            order.push(hook.0);
            if hook.0 == 10 && order.len() < 6 {
                turns.queue(root(2), hook);
            }
        }
        assert_eq!(order, [1, 10, 2, 10, 3, 10]);
    }
}
