//! The options that name environments: `--NAME` for each, `--env=NAME[,...]`, `--nonproduction`; none is production.

use crate::commands::SPECS;
use crate::error::{Fault, shown};
use crate::limits::ENVIRONMENT_BYTES_MAX;
use crate::lookalike::note;
use crate::names::check_filled_in;
use crate::nearest::nearest;
use crate::spec::{CommandSpec, Holds, OptionSpec, Runs, Takes};

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

/// Why a name cannot be an environment's: it is an option of commands, and a part of addresses.
///
/// # Errors
/// The rule, as the end of a sentence that begins with the name.
pub fn check_environment(name: &str) -> Result<(), String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if name.len() > ENVIRONMENT_BYTES_MAX {
        return Err(format!("is longer than {ENVIRONMENT_BYTES_MAX} characters"));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.bytes().all(allowed) {
        return Err("must begin with a lower-case letter and hold only those, digits, '-' and '_'".into());
    }
    // A command that runs in no environment has options of its own for other things: `--qa`.
    let in_environments = SPECS.iter().filter(|spec| spec.runs == Runs::InEnvironments);
    let mut options = in_environments.flat_map(CommandSpec::all_options).chain(&OPTIONS);
    if name == HELP || options.any(|option| option.name == name) {
        return Err(format!("cannot be one: --{name} is an option of chat commands"));
    }
    Ok(())
}

/// The option of every command that shows its help instead.
const HELP: &str = "help";

/// The two options that every command with environments has.
pub(crate) const OPTIONS: [OptionSpec; 2] = [
    OptionSpec {
        name: "env",
        takes: Takes::List("NAME"),
        holds: Holds::Environment,
        help: "run in these environments",
    },
    OptionSpec::plain("nonproduction", "run in every environment that is not production"),
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
            check_filled_in(name, at)?;
            let near = nearest(name, self.names());
            let names = self.names().collect::<Vec<_>>().join(", ");
            let message =
                format!("There is no environment {}; there are: {names}.{}", shown(name), note(name));
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

    /// The configured ones, in deployment order.
    pub(crate) fn configured(&self) -> &'a [Environment<'a>] {
        self.configured
    }

    fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.configured.iter().map(|environment| environment.name)
    }
}

#[cfg(test)]
mod tests {
    use super::check_environment;
    use crate::limits::ENVIRONMENT_BYTES_MAX;

    #[test]
    fn an_environments_name_is_an_option_and_part_of_an_address() {
        let check = |name: &str, is: &str| {
            assert_eq!(check_environment(name).err().as_deref().unwrap_or("good"), is, "{name}");
        };
        for name in ["dev", "production-canary", "staging_ref", "eu1"] {
            check(name, "good");
        }
        let letters = "must begin with a lower-case letter and hold only those, digits, '-' and '_'";
        for name in ["", "-dev", "1", "Production", "a b", "a/b", "größe", "a,b", "--env"] {
            check(name, letters);
        }
        check("project", "cannot be one: --project is an option of chat commands");
        check("dry-run", "cannot be one: --dry-run is an option of chat commands");
        for option in ["env", "nonproduction", "help", "random", "actors"] {
            check(option, &format!("cannot be one: --{option} is an option of chat commands"));
        }
        let longest = "a".repeat(ENVIRONMENT_BYTES_MAX);
        check(&longest, "good");
        check(&format!("{longest}a"), "is longer than 60 characters");
    }
}
