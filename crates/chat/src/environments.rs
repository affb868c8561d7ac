//! The options that name environments: `--NAME` for each, `--env=NAME[,...]`, `--nonproduction`; none is production.

use crate::error::Fault;
use crate::nearest::nearest;
use crate::spec::{OptionSpec, Takes};

/// The environment that a command runs in if it names none.
pub(crate) const DEFAULT: &str = "production";

/// A configured environment, as far as the grammar knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Environment<'a> {
    /// Its name, and its option's.
    pub name: &'a str,
    /// Whether it counts as production; `--nonproduction` names all others.
    pub is_production: bool,
}

/// The two options that every command with environments has.
pub(crate) const OPTIONS: [OptionSpec; 2] = [
    OptionSpec::new("env", Takes::List("NAME"), "run in these environments"),
    OptionSpec::new("nonproduction", Takes::Nothing, "run in every environment that is not production"),
];

/// Collects what a command names; gives it out in the configured order, which is that of deployment.
pub(crate) struct Chosen<'a> {
    configured: &'a [Environment<'a>],
    chosen: Vec<bool>,
}

impl<'a> Chosen<'a> {
    pub(crate) fn new(configured: &'a [Environment<'a>]) -> Self {
        Self { configured, chosen: vec![false; configured.len()] }
    }

    /// Chooses one by its name; `at` is where it was named.
    pub(crate) fn choose(&mut self, name: &str, at: usize) -> Result<(), Fault> {
        let Some(index) = self.configured.iter().position(|environment| environment.name == name) else {
            let near = nearest(name, self.names());
            let names = self.names().collect::<Vec<_>>().join(", ");
            let message = format!("There is no environment `{name}`; there are: {names}.");
            return Err(Fault::new(at, message).suggest(near));
        };
        self.chosen[index] = true;
        Ok(())
    }

    /// Chooses all that are not production.
    pub(crate) fn choose_nonproduction(&mut self) {
        for (chosen, environment) in self.chosen.iter_mut().zip(self.configured) {
            *chosen |= !environment.is_production;
        }
    }

    /// What was chosen, else production; `end` is where the command ends.
    pub(crate) fn finish(mut self, end: usize) -> Result<Vec<String>, Fault> {
        if !self.chosen.contains(&true) {
            self.choose(DEFAULT, end)?;
        }
        let named = self.configured.iter().zip(self.chosen).filter(|(_, chosen)| *chosen);
        Ok(named.map(|(environment, _)| environment.name.to_owned()).collect())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.configured.iter().map(|environment| environment.name)
    }
}
