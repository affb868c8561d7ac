use crate::commands::{FAMILIES, SPECS, family};
use crate::error::{Fault, shown};
use crate::lex::Word;
use crate::lookalike::note;
use crate::nearest::nearest;
use crate::spec::CommandSpec;

/// What `help` is asked about: a command by its words or by its second one alone, several by their first one, or all.
pub(crate) fn topic(words: &[Word]) -> Result<Option<&'static str>, Fault> {
    let Some(first) = words.first() else { return Ok(None) };
    let topic = words.iter().map(|word| word.text.to_lowercase()).collect::<Vec<_>>().join(" ");
    if let Some(spec) = SPECS.iter().find(|spec| spec.name == topic) {
        return Ok(Some(spec.name));
    }
    if let Some((word, _)) = FAMILIES.iter().find(|(word, _)| *word == topic) {
        let mut members = family(word);
        return Ok(match (members.next(), members.next()) {
            (Some(only), None) => Some(only.name),
            _ => Some(word),
        });
    }
    let by_verb: Vec<&CommandSpec> = SPECS.iter().filter(|spec| spec.verb() == Some(&topic)).collect();
    match by_verb.as_slice() {
        [only] => Ok(Some(only.name)),
        [] => Err(unknown(first, &topic)),
        [one, ..] => {
            let names = by_verb.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ");
            let message = format!("`{topic}` is a word of several commands: {names}.");
            Err(Fault::new(first.at, message).suggest(Some(format!("help {}", one.name))))
        }
    }
}

fn unknown(first: &Word, topic: &str) -> Fault {
    let names = SPECS.iter().map(|spec| spec.name).chain(FAMILIES.iter().map(|(word, _)| *word));
    let near = nearest(topic, names).map(|name| format!("help {name}"));
    Fault::new(first.at, format!("There is no command {}.{}", shown(topic), note(topic))).suggest(near)
}
