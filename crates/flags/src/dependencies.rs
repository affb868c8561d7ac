//! The rules between definitions: dependencies must not lead back to where they began, nor too far.

use std::collections::HashMap;
use std::fmt;

use crate::definition::Definition;
use crate::limits::DEPENDENCY_DEPTH_MAX;
use crate::names::FlagName;

/// A chain of dependencies that may not be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DependencyError {
    /// The chain comes back to its first flag.
    Cycle(Vec<FlagName>),
    /// The chain has more than [`DEPENDENCY_DEPTH_MAX`] arrows.
    TooDeep(Vec<FlagName>),
}

impl fmt::Display for DependencyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrows = |chain: &[FlagName]| chain.iter().map(FlagName::as_str).collect::<Vec<_>>().join(" -> ");
        match self {
            Self::Cycle(chain) => write!(f, "depends_on leads back to itself: {}", arrows(chain)),
            Self::TooDeep(chain) => {
                write!(f, "depends_on reaches further than {DEPENDENCY_DEPTH_MAX} flags: {}", arrows(chain))
            }
        }
    }
}

impl std::error::Error for DependencyError {}

/// Checks what `definitions` depend on; names without a definition end a chain.
///
/// # Errors
/// The first chain found that is a cycle or too long, beginning with the flag whose definition is to be refused.
pub fn check_dependencies<'a>(
    definitions: impl IntoIterator<Item = &'a Definition>,
) -> Result<(), DependencyError> {
    let all: Vec<&Definition> = definitions.into_iter().collect();
    let by_name: HashMap<&str, &Definition> = all.iter().map(|d| (d.name.as_str(), *d)).collect();
    all.iter().try_for_each(|definition| follow(&by_name, &mut vec![&definition.name]))
}

fn follow<'a>(
    by_name: &HashMap<&str, &'a Definition>,
    chain: &mut Vec<&'a FlagName>,
) -> Result<(), DependencyError> {
    let last = chain.last().and_then(|name| by_name.get(name.as_str()));
    for next in last.map_or(&[][..], |definition| &definition.depends_on) {
        let back = chain.first() == Some(&next);
        chain.push(next);
        let named = || chain.iter().copied().cloned().collect();
        if back {
            return Err(DependencyError::Cycle(named()));
        }
        if chain.len() > DEPENDENCY_DEPTH_MAX + 1 {
            return Err(DependencyError::TooDeep(named()));
        }
        follow(by_name, chain)?;
        chain.pop();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_dependencies;
    use crate::shipped;

    /// `arrows`: `a>b,c` means that a depends on b and c.
    fn check(arrows: &[&str], is: &str) {
        let definitions: Vec<_> = arrows
            .iter()
            .map(|arrow| {
                let (name, needs) = arrow.split_once('>').unwrap();
                let mut definition = shipped::definitions().remove(0);
                definition.name = name.parse().unwrap();
                definition.depends_on = needs.split(',').map(|n| n.parse().unwrap()).collect();
                definition
            })
            .collect();
        let found = check_dependencies(&definitions).map_or_else(|e| e.to_string(), |()| "good".into());
        assert_eq!(found, is);
    }

    #[test]
    fn cycles_and_long_chains_are_refused() {
        check(&["a>b,c", "b>d", "c>d"], "good");
        check(&["a>a"], "depends_on leads back to itself: a -> a");
        check(&["a>b", "b>c", "c>a"], "depends_on leads back to itself: a -> b -> c -> a");
        check(&["a>b", "b>c", "c>d", "d>e"], "good");
        let too_deep = "depends_on reaches further than 4 flags: a -> b -> c -> d -> e -> f";
        check(&["a>b", "b>c", "c>d", "d>e", "e>f"], too_deep);
    }

    #[test]
    fn the_shipped_definitions_are_good() {
        let definitions = shipped::definitions();
        assert!(definitions.iter().all(|d| d.check().is_ok()));
        assert_eq!(check_dependencies(&definitions), Ok(()));
    }
}
